//! Limits: whose counts, and what happens when they contradict each other.

use super::world::{World, bottleneck, finding, json, world};
use crate::{
    assess::{
        Verdict::{self, Critical, Ok, Unknown, Warning},
        is_exhausted,
    },
    signal::SignalId,
};

const CPU: &str = "[signals.'host.cpu']\n";

/// Defaults of 80 % and 90 % with an end at 100 %.
fn usual() -> World {
    world().defaults(&format!("{CPU}warning = '80%'\ncritical = '90%'\nlimit = '100%'"))
}

#[track_caller]
fn check(world: World, value: f64, verdict: Verdict, expected: &str) {
    let assessment = world.flat("host.cpu", value).judge();
    let finding = finding(&assessment, "threshold:host.cpu");
    let reason = json(&finding.reason);
    assert_eq!(finding.verdict, verdict, "{reason}");
    assert!(reason.contains(expected), "no {expected} in {reason}");
}

#[test]
fn a_default_counts_from_its_own_value_on() {
    check(usual(), 0.7999, Ok, r#""at":{"value":0.8,"unit":"ratio"},"origin":{"kind":"default"}"#);
    check(usual(), 0.80, Warning, r#""at":{"value":0.8,"unit":"ratio"},"origin":{"kind":"default"}"#);
    check(usual(), 0.8999, Warning, r#""at":{"value":0.8,"unit":"ratio"}"#);
    check(usual(), 0.90, Critical, r#""at":{"value":0.9,"unit":"ratio"}"#);
}

#[test]
fn an_alert_of_the_roadmap_wins_over_a_default() {
    let alert = || usual().alert("hot", "warning", "{ signal = 'host.cpu', above = '60%' }");
    check(
        alert(),
        0.61,
        Warning,
        r#""at":{"value":0.6,"unit":"ratio"},"origin":{"kind":"alert","id":"hot"}"#,
    );
    // "Above 60 %" does not begin at 60 %: threshold and alert agree.
    check(alert(), 0.60, Ok, "");
    let inclusive = usual().alert("hot", "warning", "{ signal = 'host.cpu', at_least = '60%' }");
    check(inclusive, 0.60, Warning, r#""at":{"value":0.6,"unit":"ratio"}"#);
}

#[test]
fn an_alert_in_the_other_direction_or_on_one_instance_is_no_limit() {
    let idle = usual().alert("idle", "warning", "{ signal = 'host.cpu', below = '10%' }");
    check(idle, 0.05, Ok, r#""origin":{"kind":"default"}"#);
    let stricter = usual().alert("one", "warning", "{ signal = 'host.cpu', instance = 'db', above = '10%' }");
    check(stricter, 0.5, Ok, r#""origin":{"kind":"default"}"#);
}

#[test]
fn the_projects_own_limit_wins_over_both() {
    let own = usual()
        .alert("hot", "warning", "{ signal = 'host.cpu', above = '60%' }")
        .limits(&format!("{CPU}warning = '70%'"));
    check(own, 0.65, Ok, r#""at":{"value":0.7,"unit":"ratio"},"origin":{"kind":"project"}"#);
}

#[test]
fn a_default_that_contradicts_gives_way() {
    let late = || usual().alert("hot", "warning", "{ signal = 'host.cpu', above = '95%' }");
    check(late(), 0.93, Ok, r#""at":{"value":0.95,"unit":"ratio"},"origin":{"kind":"alert","id":"hot"}"#);
    check(late(), 0.96, Warning, r#""at":{"value":0.95,"unit":"ratio"}"#);
}

#[test]
fn a_projects_critical_limit_stands_against_a_weaker_warning() {
    let strict = || {
        usual()
            .alert("hot", "warning", "{ signal = 'host.cpu', above = '80%' }")
            .limits(&format!("{CPU}critical = '70%'"))
    };
    check(strict(), 0.75, Critical, r#""at":{"value":0.7,"unit":"ratio"},"origin":{"kind":"project"}"#);
    check(strict(), 0.65, Ok, r#""at":{"value":0.7,"unit":"ratio"}"#);
}

#[test]
fn a_projects_own_end_is_critical() {
    let small = || usual().limits(&format!("{CPU}limit = '50%'"));
    check(small(), 0.55, Critical, r#""at":{"value":0.5,"unit":"ratio"},"origin":{"kind":"project"}"#);
    check(small(), 0.45, Ok, "");
    let assessment = small().spot("host.cpu", 0.25).judge();
    let cpu = bottleneck(&assessment, "host.cpu");
    assert_eq!(cpu.limit.map(|limit| limit.to_string()).as_deref(), Some("50%"));
    assert!((cpu.headroom.unwrap() - 0.5).abs() < 1e-9);
}

#[test]
fn a_projects_duration_applies_to_all_of_a_signals_limits() {
    let spike = |world: World| {
        let assessment =
            world.minutes("host.cpu", 120, |minute| Some(if minute >= 100 { 0.95 } else { 0.2 })).judge();
        finding(&assessment, "threshold:host.cpu").verdict
    };
    assert_eq!(spike(usual()), Critical);
    assert_eq!(spike(usual().limits(&format!("{CPU}for = '30m'"))), Unknown);
    assert_eq!(spike(usual().limits(&format!("{CPU}critical = '94%'\nfor = '30m'"))), Unknown);
    let alert = "{ signal = 'host.cpu', above = '94%', for = '5m' }";
    let patient = usual().limits(&format!("{CPU}for = '30m'")).alert("hot", "critical", alert);
    assert_eq!(spike(patient), Unknown); // pending
}

#[test]
fn where_less_is_worse_the_limits_lie_the_other_way() {
    let ratio = |value: f64| {
        let cache = world().flat("redis.memory", 0.3).with("maxmemory_policy", "allkeys-lru");
        let assessment = cache.flat("redis.hit_ratio", value).judge();
        finding(&assessment, "threshold:redis.hit_ratio").verdict
    };
    assert_eq!([0.81, 0.80, 0.61, 0.60, 0.1].map(ratio), [Ok, Warning, Warning, Critical, Critical]);
}

#[test]
fn of_two_alerts_that_contradict_each_other_the_critical_one_stands() {
    // Different aggregates, so that the roadmap itself cannot decide.
    let alerts = usual()
        .alert("late", "warning", "{ signal = 'host.cpu', aggregate = 'max', above = '95%' }")
        .alert("early", "critical", "{ signal = 'host.cpu', above = '60%' }");
    check(
        alerts,
        0.70,
        Critical,
        r#""at":{"value":0.6,"unit":"ratio"},"origin":{"kind":"alert","id":"early"}"#,
    );
}

#[test]
fn what_lies_at_its_ceiling_is_exhausted() {
    let cpu = SignalId::find("host.cpu").unwrap();
    let (input, _) = usual().parts();
    let exhausted = [0.989, 0.99, 0.993, 1.0].map(|value| is_exhausted(&input, cpu, value));
    assert_eq!(exhausted, [false, true, true, true]);
    // A critical limit clips nothing: demand beyond it shows.
    let (input, _) = world().defaults(&format!("{CPU}critical = '90%'")).parts();
    assert_eq!([0.895, 0.9].map(|value| is_exhausted(&input, cpu, value)), [false, true]);
    let (input, _) = world().defaults("").parts();
    assert!(!is_exhausted(&input, cpu, 1.0));
}
