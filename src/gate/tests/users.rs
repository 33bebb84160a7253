//! What a change means in users and dates.

use super::*;

fn standing(first: f64, peak: f64, profile: &str) -> Standing {
    let text = format!(
        r#"{{"schema": "scale-advisor/assessment/1", "generated_at": "2026-11-20T00:00:00Z",
        "profile": {{"id": "{profile}", "digest": "{profile}"}},
        "load": {{"unit": "users", "peak": {peak}, "growth_per_month": {{"low": 0.05, "mid": 0.1, "high": 0.15}},
                 "forecast": null}},
        "bottlenecks": [{{"resource": "postgres.connections",
            "saturates_at_load": {{"low": {}, "mid": {first}, "high": {}}},
            "saturates_on": null, "act_by": null}}],
        "findings": []}}"#,
        first * 0.97,
        first * 1.03
    );
    Standing::read(&text).unwrap()
}

#[test]
fn a_loss_of_throughput_is_told_in_users() {
    let side = |values: &[f64]| runs(&[("throughput", "1/s", values)]);
    let mut comparison = of(Baseline::Paired(side(&SLOWER)), side(&BASE));
    comparison.current = Some(standing(1310.0, 900.0, "a"));
    let report = judged(&comparison);
    let consequence = report.consequence.unwrap();
    let candidate = consequence.candidate.load.unwrap().mid;
    assert!((candidate / 1310.0 - 204.0 / 242.0).abs() < 0.01, "{candidate}");
    assert!(
        consequence.because.starts_with("users at saturation fall from 1,310 to 1,1"),
        "{}",
        consequence.because
    );
    assert!(consequence.because.contains("the date moves from "), "{}", consequence.because);
    let strict = GateConfig { min_headroom: Some(0.3), ..GateConfig::default() };
    let report = judge(&comparison, &strict).unwrap();
    assert_eq!(report.consequence.unwrap().verdict, Verdict::Fail, "900 of 1,100 users");
}

#[test]
fn headroom_that_cannot_be_known_does_not_pass() {
    let policy = GateConfig { min_headroom: Some(0.2), ..GateConfig::default() };
    let report = judge(&latencies(&BASE, &BASE), &policy).unwrap();
    assert_eq!((report.outcome, report.missing[0].what.as_str()), (Outcome::Inconclusive, "headroom"));
}

#[test]
fn assessments_of_two_builds_are_compared() {
    let run = |standing: Standing| Run { name: "a".to_owned(), standing: Some(standing), ..Run::default() };
    let outcome = |before, after| {
        let [before, after] = [before, after].map(|first| vec![run(standing(first, 900.0, "a"))]);
        judged(&of(Baseline::Paired(before), after)).outcome
    };
    assert_eq!(outcome(1310.0, 1120.0), Outcome::Fail);
    assert_eq!(outcome(1310.0, 1300.0), Outcome::Pass);
    assert_eq!(outcome(1310.0, 1237.0), Outcome::Inconclusive, "the intervals overlap");
    let [before, after] = ["a", "b"].map(|profile| vec![run(standing(1310.0, 900.0, profile))]);
    let other = judge(&of(Baseline::Paired(before), after), &GateConfig::default());
    assert!(matches!(other, Err(GateError::OtherProfile { .. })));
}

#[test]
fn stepped_tests_tell_the_load_at_saturation() {
    let test = |kappa: f64| {
        let step = |load: f64| {
            let throughput = 100.0 * load / (1.0 + 0.02 * (load - 1.0) + kappa * load * (load - 1.0));
            Step { load, throughput }
        };
        let steps = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 48.0, 64.0].map(step);
        Run::stepped("steps".to_owned(), "csv".to_owned(), steps.to_vec())
    };
    let report = judged(&of(Baseline::Paired(vec![test(4e-4)]), vec![test(6e-4)]));
    let consequence = report.consequence.unwrap();
    assert_eq!(consequence.method, Method::SteppedTests);
    let [before, after] = [consequence.baseline, consequence.candidate].map(|side| side.load.unwrap().mid);
    assert!((before - 49.5).abs() < 0.1 && (after - 40.4).abs() < 0.1, "{before} {after}");
}
