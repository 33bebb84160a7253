//! Phases and their cost: bands, borders, triggers, unknown loads, and bands missed because of spare capacity.

use super::world::{DAY, World, finding, json, next, world};
use crate::{
    assess::{Assessment, CostReason, LoadReason, Outcome, PhaseReason, Verdict},
    roadmap::FactValue,
    signal::{Quantity, Unit},
};

const PHASES: &str = "
[[phases]]
number = 1
title = 'One'
users = [0, 100]
[[phases]]
number = 2
title = 'Two'
users = [100, 500]
cost_per_month = [200, 800]
enter = { signal = 'users.concurrent', at_least = 70, for = '30m' }
[[phases]]
number = 3
title = 'Three'
users = [500, 2000]
cost_per_month = [800, 3000]
[phases.enter]
any = [
    { signal = 'users.concurrent', at_least = 400 },
    { signal = 'queue.job_duration', above = '5s' },
    { signal = 'postgres.query_time', above = '500ms' },
    { fact = 'multi_region', is = true },
]
[[phases]]
number = 4
title = 'Four'
users = [2000]
cost_per_month = [3000]
enter = { any = [{ fact = 'a', is = true }, { fact = 'b', is = true }] }
";

fn tiny() -> World {
    world().phases(PHASES)
}

fn users(load: f64) -> World {
    tiny().flat("users.concurrent", load)
}

fn flag(value: bool) -> FactValue {
    FactValue::Flag(value)
}

#[track_caller]
fn check(world: World, current: u64, recommended: u64, said: &str) -> Assessment {
    let assessment = world.judge();
    let phase = &assessment.phase;
    let reason = json(&phase.reason);
    assert_eq!((phase.current, phase.recommended), (Some(current), Some(recommended)), "{reason}");
    assert!(reason.contains(said), "no `{said}` in: {reason}");
    assessment
}

#[test]
fn the_band_that_holds_the_peak_hour_is_the_phase() {
    check(
        users(0.0),
        1,
        1,
        r#"{"kind":"not_due","at":{"peak":0.0,"unit":"users","estimated_from":null,"phase":1}"#,
    );
    check(users(50.0), 1, 1, r#""peak":50.0"#);
    check(users(99.0), 1, 2, "");
    check(users(100.0), 2, 2, ""); // the upper end belongs to the next phase
    check(users(300.0), 2, 2, r#""triggers":{"phase":3,"holding":0,"unknown":3,"total":4}"#);
    check(users(499.0), 2, 3, r#"{"kind":"load_trigger""#);
    check(users(500.0), 3, 3, "");
    check(users(1_000_000.0), 4, 4, r#"{"kind":"last_phase""#);
}

#[test]
fn the_peak_hour_counts_and_not_the_quiet_night() {
    let world = tiny().minutes("users.concurrent", 1440, |minute| {
        Some(if (600..720).contains(&minute) { 450.0 } else { 20.0 })
    });
    let assessment = world.judge();
    assert_eq!((assessment.load.now, assessment.load.peak), (Some(20.0), Some(450.0)));
    assert_eq!(assessment.phase.current, Some(2));
}

#[test]
fn a_load_trigger_that_holds_is_enough() {
    check(users(450.0), 2, 3, r#"{"kind":"load_trigger","at":{"peak":450.0"#);
    check(users(399.0), 2, 2, "");
    // For 30 minutes: 20 do not do.
    let short = tiny().minutes("users.concurrent", 1440, |minute| {
        Some(if (600..620).contains(&minute) { 90.0 } else { 20.0 })
    });
    check(short, 1, 1, "");
}

#[test]
fn most_of_the_measurable_triggers_are_enough() {
    let slow = || users(300.0).flat("queue.job_duration", 9.0).flat("postgres.query_time", 2.0);
    check(slow(), 2, 3, r#""triggers":{"phase":3,"holding":2,"unknown":1,"total":4}"#);
}

#[test]
fn half_of_the_triggers_or_a_single_one_are_not() {
    let world = users(300.0).flat("queue.job_duration", 9.0).fact("multi_region", flag(true));
    check(world.flat("postgres.query_time", 0.1), 2, 2, r#""holding":2,"#);
    let lonely = tiny().built_for(2).fact("multi_region", flag(true));
    check(lonely, 2, 2, r#""holding":1,"unknown":3,"#);
}

#[test]
fn no_more_than_one_band_beyond_the_load() {
    // Everything that calls for phase 4 holds; the load is in phase 2.
    let eager = users(300.0)
        .flat("queue.job_duration", 9.0)
        .flat("postgres.query_time", 2.0)
        .fact("multi_region", flag(true))
        .fact("a", flag(true))
        .fact("b", flag(true));
    check(eager, 2, 3, "");
    let kept = users(460.0).built_for(3).fact("a", flag(true)).fact("b", flag(true));
    check(kept, 3, 3, r#""begins":500,"down_to":450.0"#);
}

#[test]
fn a_phase_is_kept_down_to_nine_tenths_of_its_band() {
    check(users(450.0).built_for(3), 3, 3, "");
    check(users(449.0).built_for(3), 2, 3, "");
    check(users(520.0).built_for(2), 3, 3, ""); // upwards there is no waiting
}

#[test]
fn an_unknown_load_is_an_unknown_phase() {
    let assessment = tiny().judge();
    assert_eq!((assessment.phase.current, assessment.phase.recommended), (None, None));
    assert_eq!(assessment.phase.reason, PhaseReason::LoadUnknown { load: assessment.load.reason.clone() });
    assert!(matches!(assessment.load.reason, LoadReason::Unknown { .. }), "{:?}", assessment.load.reason);
    assert_eq!((assessment.cost.tier, assessment.cost.next_tier), (None, None));
    check(tiny().built_for(2), 2, 2, r#""at":{"peak":null,"unit":"users","estimated_from":null,"phase":2}"#);
}

#[test]
fn a_load_estimated_from_requests_is_labelled_everywhere() {
    // 75 requests a second at 10 a minute each are 450 users.
    let assessment = check(
        tiny().requests_per_user("10/min").flat("http.requests", 75.0),
        2,
        3,
        r#""peak":450.0,"unit":"users","estimated_from":"http.requests""#,
    );
    let load = &assessment.load;
    assert!(load.estimated && (load.peak.unwrap() - 450.0).abs() < 1e-9);
    let reason = json(&load.reason);
    assert!(reason.contains(r#"{"kind":"estimated","from":"http.requests""#), "{reason}");
    let trigger = &assessment.phase.triggers[0];
    assert_eq!(trigger.verdict, Outcome::True);
    let reason = json(&trigger.reason);
    assert!(reason.contains(r#""caveat":{"kind":"estimated","from":"http.requests"}"#), "{reason}");
    // An estimate is no measurement.
    assert_eq!(assessment.coverage.measured, 1);
    assert!(assessment.coverage.gaps.iter().any(|gap| gap.signal.as_str() == "users.concurrent"));
}

#[test]
fn a_measured_load_wins_over_an_estimate() {
    let both = users(50.0).requests_per_user("10/min").flat("http.requests", 75.0);
    let assessment = check(both, 1, 1, r#""peak":50.0,"unit":"users","estimated_from":null"#);
    assert!(!assessment.load.estimated);
}

#[test]
fn the_cost_tier_follows_the_phase() {
    let bill = |amount| FactValue::Number(Quantity::new(amount, Unit::Count).unwrap());
    let cost = |world: World| world.judge().cost;
    let declared = cost(users(320.0).fact("monthly_cost", bill(640.0)));
    assert_eq!(
        (declared.tier.map(|tier| tier.phase), declared.next_tier.map(|tier| tier.phase)),
        (Some(2), Some(3))
    );
    assert_eq!((declared.actual, declared.per_user), (Some(640.0), Some(2.0)));
    assert_eq!(declared.reason, CostReason::Within);
    assert_eq!(cost(users(320.0).fact("monthly_cost", bill(900.0))).reason, CostReason::Above);
    assert_eq!(cost(users(320.0).fact("monthly_cost", bill(100.0))).reason, CostReason::Below);
    assert_eq!(cost(users(5000.0).fact("monthly_cost", bill(90_000.0))).reason, CostReason::Within);
    assert_eq!(cost(users(5000.0)).next_tier, None);
    assert_eq!(cost(users(320.0)).reason, CostReason::NotDeclared { fact: "monthly_cost".to_owned() });
    assert_eq!(cost(users(50.0)).reason, CostReason::NotStated);
    assert_eq!(cost(tiny()).reason, CostReason::PhaseUnknown);
}

#[test]
fn a_bill_in_another_unit_is_no_bill() {
    let share = FactValue::Number(Quantity::new(0.8, Unit::Ratio).unwrap());
    let cost = users(320.0).fact("monthly_cost", share).judge().cost;
    assert_eq!((cost.actual, cost.per_user), (None, None));
}

#[test]
fn growing_alone_is_not_urgent() {
    assert_eq!(next(&users(450.0).judge()), "");
}

const BAND: &str = "{ signal = 'workers.utilization', aggregate = 'avg', inside = ['60%', '80%'] }";

fn workers(used: f64) -> World {
    world().objective("busy", BAND).flat("workers.utilization", used)
}

#[track_caller]
fn none(assessment: &Assessment) {
    assert!(assessment.savings.is_empty(), "{:#?}", assessment.savings);
}

#[test]
fn idle_workers_are_a_saving_and_no_alarm() {
    let assessment = workers(0.35).out_of(20.0).judge();
    let [saving] = assessment.savings.as_slice() else { panic!("{:#?}", assessment.savings) };
    assert_eq!((saving.id.as_str(), saving.present, saving.needed), ("saving:busy", Some(20), Some(10)));
    assert!((saving.share - 0.5).abs() < 1e-9 && (saving.target.value() - 0.7).abs() < 1e-9);
    assert_eq!(saving.band_from.map(Quantity::value), Some(0.6));
    assert_eq!(finding(&assessment, "objective:busy").verdict, Verdict::Ok);
}

#[test]
fn where_nobody_counted_the_share_is_told() {
    let assessment = workers(0.35).judge();
    let saving = &assessment.savings[0];
    assert_eq!((saving.present, saving.needed), (None, None));
    assert!((saving.share - 0.5).abs() < 1e-9);
}

#[test]
fn within_or_beyond_the_band_nothing_is_saved() {
    none(&workers(0.6).judge());
    none(&workers(0.7).judge());
    let busy = workers(0.95).judge();
    none(&busy);
    assert_eq!(finding(&busy, "objective:busy").verdict, Verdict::Warning);
    none(&world().objective("busy", BAND).judge());
}

#[test]
fn what_the_busy_hour_needs_is_not_idle() {
    let uneven = |peak: f64| {
        let busy_hour = move |minute: i64| Some(if (600..660).contains(&minute) { peak } else { 0.2 });
        world().objective("busy", BAND).minutes("workers.utilization", DAY, busy_hour).judge()
    };
    none(&uneven(0.9));
    none(&uneven(0.7)); // idle at night, but no more than enough by day
    let share = uneven(0.42).savings[0].share;
    assert!((share - 0.4).abs() < 1e-9, "{share}");
}

#[test]
fn the_last_one_is_needed_even_when_idle() {
    none(&workers(0.01).out_of(1.0).judge());
    assert_eq!(workers(0.0).out_of(4.0).judge().savings[0].needed, Some(1));
}

#[test]
fn each_idle_instance_is_told() {
    let two = workers(0.2).of("mail").flat("workers.utilization", 0.7).of("intent");
    let assessment = two.judge();
    let names: Vec<_> = assessment.savings.iter().map(|saving| saving.instance.as_deref()).collect();
    assert_eq!(names, [Some("mail")]);
}
