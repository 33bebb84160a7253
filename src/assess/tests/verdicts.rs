//! Verdicts: alerts, objectives, triggers, refusals, silences, and the verdict when nothing is known.

use chrono::NaiveDate;

use super::world::{World, finding, world};
use crate::{
    assess::{Assessment, FindingReason, Kind, SilenceState, Verdict},
    roadmap::{FactValue, Severity, Silence},
    snapshot::Reason,
};

#[track_caller]
fn check(world: World, verdict: Verdict) {
    let assessment = world.judge();
    assert_eq!(assessment.verdict, verdict, "{:#?}", assessment.findings);
}

#[track_caller]
fn objective(world: World, when_met: &str, verdict: Verdict) {
    let assessment = world.objective("o", when_met).judge();
    let found = finding(&assessment, "objective:o");
    assert_eq!(found.verdict, verdict, "{:?}", found.reason);
    let FindingReason::Condition { statement, .. } = &found.reason else { panic!("{:?}", found.reason) };
    assert_eq!(statement.as_deref(), Some("Target"));
}

#[test]
fn nothing_measured_is_unknown() {
    check(world(), Verdict::Unknown);
    check(world().stack(&["host", "postgres"]), Verdict::Unknown);
}

#[test]
fn measured_and_within_limits_is_ok() {
    check(world().flat("host.cpu", 0.3), Verdict::Ok);
}

#[test]
fn one_unknown_among_good_ones_never_passes() {
    check(world().stack(&["host"]).flat("host.cpu", 0.3), Verdict::Unknown);
    check(world().flat("host.cpu", 0.3).gap("host.memory", Reason::Stopped), Verdict::Unknown);
    let alert = "{ signal = 'queue.depth', above = 100, for = '10m' }";
    check(world().spot("queue.depth", 3.0).alert("deep", "critical", alert), Verdict::Unknown);
}

#[test]
fn a_finding_outweighs_what_is_unknown() {
    check(world().stack(&["host"]).flat("host.cpu", 0.85), Verdict::Warning);
    check(world().stack(&["host"]).flat("host.cpu", 0.95), Verdict::Critical);
}

#[test]
fn an_alert_has_the_severity_it_was_given() {
    let deep = |severity: &str| {
        world().defaults("").flat("queue.depth", 150.0).alert(
            "deep",
            severity,
            "{ signal = 'queue.depth', above = 100 }",
        )
    };
    check(deep("warning"), Verdict::Warning);
    check(deep("critical"), Verdict::Critical);
}

#[test]
fn reasons_to_grow_are_no_faults() {
    let phases = "[[phases]]\nnumber = 1\ntitle = 'A'\nusers = [0, 100]\n\
                  [[phases]]\nnumber = 2\ntitle = 'B'\nusers = [100]\nenter = { fact = 'global', is = true }\n";
    let growing = world().phases(phases).flat("host.cpu", 0.3).fact("global", FactValue::Flag(true));
    let assessment = growing.judge();
    let trigger = finding(&assessment, "trigger:phase-2");
    assert_eq!((trigger.kind, trigger.verdict), (Kind::Trigger, Verdict::Warning));
    assert_eq!(assessment.verdict, Verdict::Ok);
    check(world().phases(phases).flat("host.cpu", 0.3), Verdict::Ok); // an unknown trigger neither
}

#[test]
fn an_objective_that_is_missed_is_a_warning() {
    let latency = |value| world().flat("http.latency", value);
    objective(latency(0.1), "{ signal = 'http.latency', below = '200ms' }", Verdict::Ok);
    objective(latency(0.2), "{ signal = 'http.latency', below = '200ms' }", Verdict::Warning);
    objective(world(), "{ signal = 'http.latency', below = '200ms' }", Verdict::Unknown);
}

#[test]
fn every_instance_must_meet_an_objective() {
    let queues =
        |mail, intent| world().flat("queue.depth", mail).of("mail").flat("queue.depth", intent).of("intent");
    let target = "{ signal = 'queue.depth', below = 50 }";
    objective(queues(10.0, 20.0), target, Verdict::Ok);
    objective(queues(10.0, 60.0), target, Verdict::Warning);
    let assessment = queues(60.0, 90.0).objective("o", target).judge();
    assert_eq!(finding(&assessment, "objective:o").instance.as_deref(), Some("intent"));
}

#[test]
fn a_band_missed_towards_spare_capacity_is_no_fault() {
    let band = "{ signal = 'workers.utilization', aggregate = 'avg', inside = ['60%', '80%'] }";
    let busy = |value| world().defaults("").flat("workers.utilization", value);
    objective(busy(0.7), band, Verdict::Ok);
    objective(busy(0.3), band, Verdict::Ok);
    objective(busy(0.9), band, Verdict::Warning);
    // An idle pool does not hide a busy one, nor does it excuse another target.
    let pools = |idle: &str, full: &str| busy(0.3).of(idle).flat("workers.utilization", 0.95).of(full);
    objective(pools("a", "b"), band, Verdict::Warning);
    objective(pools("b", "a"), band, Verdict::Warning);
    let both = format!("{{ all = [{band}, {{ signal = 'http.latency', below = '200ms' }}] }}");
    objective(busy(0.3).flat("http.latency", 3.0), &both, Verdict::Warning);
}

#[test]
fn a_target_to_exceed_is_missed_below_it() {
    let target = "{ signal = 'http.requests', above = '100/s' }";
    objective(world().flat("http.requests", 150.0), target, Verdict::Ok);
    objective(world().flat("http.requests", 50.0), target, Verdict::Warning);
}

#[test]
fn what_is_declared_absent_misses_no_target() {
    objective(world().absent("queue"), "{ signal = 'queue.depth', below = 50 }", Verdict::Ok);
    let alert = "{ signal = 'queue.depth', above = 100 }";
    let absent = world().absent("queue").flat("queue.depth", 5000.0).flat("host.cpu", 0.1);
    check(absent.alert("deep", "critical", alert), Verdict::Ok);
}

#[test]
fn being_turned_away_is_critical() {
    let assessment = world().flat("host.cpu", 0.1).refused("postgres.connections").judge();
    let refusal = finding(&assessment, "refusal:postgres.connections");
    assert_eq!((refusal.kind, refusal.verdict), (Kind::Refusal, Verdict::Critical));
    let (source, message) = ("test".to_owned(), "no slots left".to_owned());
    assert_eq!(refusal.reason, FindingReason::Refused { source, message });
    assert_eq!(assessment.verdict, Verdict::Critical);
}

#[test]
fn the_worst_findings_come_first() {
    let world =
        world().stack(&["redis"]).flat("host.cpu", 0.85).flat("host.memory", 0.99).flat("queue.depth", 1.0);
    let verdicts: Vec<Verdict> = world.judge().findings.iter().map(|finding| finding.verdict).collect();
    assert!(verdicts.is_sorted_by(|a, b| a >= b), "{verdicts:?}");
    assert_eq!((verdicts.first(), verdicts.last()), (Some(&Verdict::Critical), Some(&Verdict::Ok)));
}

#[test]
fn what_is_silenced_is_shown_and_counts_for_nothing() {
    let full = || world().flat("redis.memory", 0.99).of("a").flat("redis.memory", 0.99).of("b");
    let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
    let silence = |instance: Option<&str>, until| Silence {
        finding: Some("redis.memory".to_owned()),
        instance: instance.map(str::to_owned),
        up_to: None,
        until,
        reason: "ordered".to_owned(),
    };
    let judged = |silences: &[Silence]| {
        let assessment =
            silences.iter().fold(full(), |world, silence| world.silence(silence.clone())).judge();
        let text = serde_json::to_string(&assessment).unwrap();
        assert_eq!(Assessment::from_json(&text).unwrap(), assessment);
        let silenced = assessment.silenced.unwrap();
        let states: Vec<SilenceState> = silenced.silences.iter().map(|outcome| outcome.state).collect();
        (assessment.verdict, silenced.verdict, states)
    };
    let (all, others, states) = judged(&[silence(None, day(20))]);
    assert_eq!((all, states), (Verdict::Critical, vec![SilenceState::Used]));
    assert!(others < Verdict::Warning, "{others:?}");
    let (_, others, _) = judged(&[silence(Some("a"), day(20))]);
    assert_eq!(others, Verdict::Critical);
    let (_, others, states) = judged(&[silence(None, day(19)), silence(Some("c"), day(30))]);
    assert_eq!((others, states), (Verdict::Critical, vec![SilenceState::Expired, SilenceState::Unused]));
    let warning = Silence { up_to: Some(Severity::Warning), ..silence(None, day(30)) };
    let (_, others, states) = judged(std::slice::from_ref(&warning));
    assert_eq!((others, states), (Verdict::Critical, vec![SilenceState::Exceeded]));
    let (_, others, _) = judged(&[Silence { up_to: Some(Severity::Critical), ..warning }]);
    assert!(others < Verdict::Warning, "{others:?}");
    assert_eq!(full().judge().silenced, None);
}
