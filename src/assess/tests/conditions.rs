//! Conditions: comparisons, aggregates, facts, three-valued logic, instances, durations.

use super::world::{World, finding, json, now, world};
use crate::{
    assess::{
        Outcome::{self, False, True, Unknown},
        Verdict,
    },
    roadmap::FactValue,
    signal::{Quantity, Unit},
    snapshot::Reason,
};

/// Evaluates a condition in a world, and gives the reason.
#[track_caller]
fn check(world: World, condition: &str, expected: Outcome) -> String {
    let assessment = world.decision(condition).judge();
    let decision = &assessment.decisions[0];
    let reason = json(&decision.reason);
    assert_eq!(decision.verdict, expected, "{condition}: {reason}");
    reason
}

#[track_caller]
fn says(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "no `{word}` in: {text}");
    }
}

fn number(value: f64, unit: Unit) -> FactValue {
    FactValue::Number(Quantity::new(value, unit).unwrap())
}

#[test]
fn each_comparison_has_its_border() {
    let cases = [
        ("above = 100", [False, False, True]),
        ("at_least = 100", [False, True, True]),
        ("below = 100", [True, False, False]),
        ("is = 100", [False, True, False]),
        ("inside = [100, 200]", [False, True, True]),
        ("outside = [99.5, 100.5]", [True, False, True]),
    ];
    for (comparison, expected) in cases {
        for (value, outcome) in [99.0, 100.0, 101.0].into_iter().zip(expected) {
            let condition = format!("{{ signal = 'queue.depth', {comparison} }}");
            check(world().spot("queue.depth", value), &condition, outcome);
        }
    }
}

#[test]
fn each_aggregate_makes_its_own_number() {
    // 1, 2, … 100, and 4 at the end.
    let series = || {
        world()
            .minutes("queue.depth", 100, |minute| Some(if minute == 100 { 4.0 } else { minute as f64 + 1.0 }))
    };
    let cases = [
        ("last", 4.0),
        ("avg", 5054.0 / 101.0),
        ("min", 1.0),
        ("max", 100.0),
        ("p50", 50.0),
        ("p90", 90.0),
        ("p95", 95.0),
        ("p99", 99.0),
    ];
    for (aggregate, value) in cases {
        let near = |side: &str, limit: f64| {
            format!("{{ signal = 'queue.depth', aggregate = '{aggregate}', {side} = {limit:.6} }}")
        };
        check(series(), &near("above", value - 0.001), True);
        let reason = check(series(), &near("above", value + 0.001), False);
        says(&reason, &["queue.depth", aggregate, r#""holds":false"#]);
    }
}

#[test]
fn a_signal_without_an_aggregate_uses_the_catalogues() {
    // queue.depth is averaged, so that one spike does not count.
    let spike =
        || world().minutes("queue.depth", 100, |minute| Some(if minute == 50 { 5000.0 } else { 1.0 }));
    check(spike(), "{ signal = 'queue.depth', above = 100 }", False);
    check(spike(), "{ signal = 'queue.depth', aggregate = 'max', above = 100 }", True);
}

#[test]
fn what_was_not_measured_is_unknown_and_says_why() {
    let condition = "{ signal = 'queue.depth', below = 100 }";
    says(&check(world(), condition, Unknown), &[r#""kind":"not_configured""#]);
    for reason in [Reason::NotFinite, Reason::Empty, Reason::NeverExisted, Reason::Stopped, Reason::Partial] {
        let reason = check(world().gap("queue.depth", reason), condition, Unknown);
        says(&reason, &["test", "it was not there"]);
    }
}

#[test]
fn numbers_too_large_to_calculate_with_are_unknown() {
    let huge = || world().minutes("queue.depth", 10, |_| Some(f64::MAX));
    says(&check(huge(), "{ signal = 'queue.depth', above = 100 }", Unknown), &[r#""kind":"not_finite""#]);
    check(huge(), "{ signal = 'queue.depth', aggregate = 'max', above = 100 }", True);
}

#[test]
fn facts_are_compared_with_what_is_declared() {
    let team = |value| world().fact("team_size", value);
    check(team(number(11.0, Unit::Count)), "{ fact = 'team_size', above = 10 }", True);
    check(team(number(10.0, Unit::Count)), "{ fact = 'team_size', above = 10 }", False);
    check(world().fact("global", FactValue::Flag(true)), "{ fact = 'global', is = true }", True);
    check(world().fact("global", FactValue::Flag(false)), "{ fact = 'global', is = true }", False);
    let word = || world().fact("complexity", FactValue::Text("high".to_owned()));
    check(word(), "{ fact = 'complexity', is = 'high' }", True);
    check(word(), "{ fact = 'complexity', is = 'low' }", False);
}

#[test]
fn an_undeclared_fact_is_unknown_and_says_where_to_declare_it() {
    let reason = check(world(), "{ fact = 'team_size', above = 10 }", Unknown);
    says(&reason, &[r#""kind":"fact_not_declared","fact":"team_size""#]);
}

#[test]
fn a_fact_of_another_kind_is_unknown_and_not_false() {
    let word = FactValue::Text("twelve".to_owned());
    let reason = check(world().fact("team_size", word), "{ fact = 'team_size', above = 10 }", Unknown);
    says(&reason, &[r#""declared":"twelve""#, r#""comparable":false"#]);
    // 0.999 is a count, 99.9 % a share.
    let sla = number(0.999, Unit::Count);
    check(world().fact("sla", sla), "{ fact = 'sla', at_least = '99.9%' }", Unknown);
    check(world().fact("global", number(1.0, Unit::Count)), "{ fact = 'global', is = true }", Unknown);
}

#[test]
fn any_and_all_follow_kleene() {
    let parts = [
        ("{ fact = 'yes', is = true }", True),
        ("{ fact = 'no', is = true }", False),
        ("{ fact = 'undeclared', is = true }", Unknown),
    ];
    let declared = || world().fact("yes", FactValue::Flag(true)).fact("no", FactValue::Flag(false));
    for (first, left) in parts {
        for (second, right) in parts {
            let any = if left == True || right == True {
                True
            } else if left == Unknown || right == Unknown {
                Unknown
            } else {
                False
            };
            let all = if left == False || right == False {
                False
            } else if left == Unknown || right == Unknown {
                Unknown
            } else {
                True
            };
            check(declared(), &format!("{{ any = [{first}, {second}] }}"), any);
            check(declared(), &format!("{{ all = [{first}, {second}] }}"), all);
        }
    }
}

#[test]
fn the_reason_names_every_part_that_decided() {
    let both = "{ any = [{ fact = 'yes', is = true }, { signal = 'queue.depth', above = 1 }] }";
    let reason = check(world().fact("yes", FactValue::Flag(true)).spot("queue.depth", 5.0), both, True);
    says(&reason, &[r#""fact":"yes""#, r#""signal":"queue.depth","value":{"value":5.0"#]);
}

#[test]
fn the_worst_instance_decides_and_is_named() {
    let queues = || {
        world()
            .spot("queue.depth", 3.0)
            .of("mail")
            .spot("queue.depth", 700.0)
            .of("intent")
            .spot("queue.depth", 300.0)
            .of("model")
    };
    says(
        &check(queues(), "{ signal = 'queue.depth', above = 100 }", True),
        &[r#""instance":"intent","value":{"value":700.0"#],
    );
    says(
        &check(queues(), "{ signal = 'queue.depth', above = 1000 }", False),
        &[r#""instance":"intent","value":{"value":700.0"#],
    );
    says(
        &check(queues(), "{ signal = 'queue.depth', below = 10 }", True),
        &[r#""instance":"mail","value":{"value":3.0"#],
    );
    says(
        &check(queues(), "{ signal = 'queue.depth', instance = 'mail', above = 100 }", False),
        &[r#""instance":"mail""#],
    );
}

#[test]
fn an_instance_that_is_not_there_is_unknown_and_those_that_are_named() {
    let world = world().spot("queue.depth", 3.0).of("mail");
    let reason = check(world, "{ signal = 'queue.depth', instance = 'intent', above = 100 }", Unknown);
    says(&reason, &[r#""instance":"intent","measured":["mail"]"#]);
}

#[test]
fn one_instance_without_history_leaves_a_duration_unknown() {
    let condition = "{ signal = 'queue.depth', above = 100, for = '10m' }";
    let mail = || world().flat("queue.depth", 3.0).of("mail");
    check(mail(), condition, False);
    says(
        &check(mail().spot("queue.depth", 700.0).of("intent"), condition, Unknown),
        &[r#""instance":"intent""#, r#""kind":"one_sample""#],
    );
    // The same queue, read once more: its history shows more.
    check(mail().spot("queue.depth", 700.0).of("mail"), condition, False);
}

#[test]
fn of_a_server_with_two_names_the_history_is_judged() {
    let condition = "{ signal = 'postgres.connections', above = '80%', for = '5m' }";
    let history = || world().flat("postgres.connections", 0.75).of("db:9187");
    let reading = |value| history().spot("postgres.connections", value).read_by("server").of("10.0.0.7:5432");
    check(reading(0.81), condition, False);
    // A reading that contradicts the history may be of another server.
    check(reading(0.95), condition, Unknown);
}

#[test]
fn what_is_declared_absent_fulfils_no_condition() {
    let world = || world().absent("queue").spot("queue.depth", 5000.0);
    says(
        &check(world(), "{ signal = 'queue.depth', above = 100 }", False),
        &[r#""kind":"absent","system":"queue""#],
    );
    check(world(), "{ signal = 'queue.depth', below = 10000 }", False);
}

#[test]
fn a_single_reading_shows_no_duration() {
    let condition = "{ signal = 'queue.depth', above = 100, for = '10m' }";
    says(&check(world().spot("queue.depth", 5000.0), condition, Unknown), &[r#""kind":"one_sample""#]);
    says(&check(world().spot("queue.depth", 0.0), condition, Unknown), &[r#""kind":"one_sample""#]);
}

#[test]
fn a_breach_counts_from_exactly_its_duration_on() {
    let condition = "{ signal = 'queue.depth', above = 100, for = '5m' }";
    let judge =
        |picture, expected| check(world().picture("queue.depth", picture, 1.0, 150.0), condition, expected);
    says(
        &judge("....######....", True),
        &[r#""longest_seconds":300.0"#, "16:31", r#""required_seconds":300.0"#, r#""value":{"value":150.0,"#],
    );
    says(&judge("....#####.....", False), &[r#""longest_seconds":240.0"#]);
    says(&judge("..............", False), &[r#""began":null"#]);
    judge("....### ##....", True); // one scrape missing
    judge("..##    ##....", Unknown); // too many
    judge("..###.###.....", False);
    says(&judge("........######", True), &[r#""current_seconds":300.0"#]);
}

#[test]
fn the_evidence_of_a_duration_is_told_in_numbers() {
    let alert = "{ signal = 'queue.depth', above = 100, for = '5m' }";
    let world = world().picture("queue.depth", "..#######..##", 1.0, 150.0).alert("deep", "warning", alert);
    let assessment = world.judge();
    let sustained = finding(&assessment, "alert:deep").sustained.clone().unwrap();
    let seconds = [sustained.required_seconds, sustained.longest_seconds, sustained.current_seconds];
    assert_eq!(seconds.map(|seconds| seconds.to_string()), ["300", "360", "60"]);
    assert_eq!(sustained.began, Some(now() - chrono::TimeDelta::minutes(10)));
}

#[test]
fn below_for_a_time_tells_the_lowest_value() {
    let condition = "{ signal = 'redis.hit_ratio', below = '60%', for = '5m' }";
    let low = world().picture("redis.hit_ratio", "...########", 0.99, 0.3);
    says(&check(low, condition, True), &[r#""value":{"value":0.3,"#]);
}

#[test]
fn what_is_over_within_the_first_hour_misses_no_objective_yet() {
    let objective = "{ signal = 'queue.depth', aggregate = 'avg', below = 50 }";
    let verdict = |length: i64, busy: i64, last: f64| {
        let depth = move |minute| Some(if minute < busy { 900.0 } else { last });
        let world = world().minutes("queue.depth", length, depth).of("mail").objective("depth", objective);
        finding(&world.judge(), "objective:depth").verdict
    };
    assert_eq!(verdict(10, 5, 0.0), Verdict::Unknown);
    // It is not over, or enough is known for the average to decide.
    assert_eq!(verdict(10, 5, 60.0), Verdict::Warning);
    assert_eq!(verdict(180, 90, 0.0), Verdict::Warning);
}

#[test]
fn a_single_reading_of_what_fluctuates_proves_no_trouble() {
    let busy = "{ signal = 'host.cpu', aggregate = 'p95', above = '70%' }";
    let reason = check(world().spot("host.cpu", 0.99), busy, Unknown);
    says(&reason, &["one_sample"]);
    check(world().flat("host.cpu", 0.99), busy, True);
    // What does not fluctuate is as it was read, and so is what is far from trouble.
    check(world().spot("host.disk_space", 0.99), "{ signal = 'host.disk_space', above = '70%' }", True);
    check(world().spot("host.cpu", 0.3), busy, False);
    let objective = |value: f64| {
        let world =
            world().spot("host.cpu", value).objective("cpu", "{ signal = 'host.cpu', below = '70%' }");
        finding(&world.judge(), "objective:cpu").verdict
    };
    assert_eq!((objective(0.99), objective(0.3)), (Verdict::Unknown, Verdict::Ok));
}
