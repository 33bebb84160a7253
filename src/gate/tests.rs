//! The verdicts, rule by rule.

mod users;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::*;

const BASE: [f64; 5] = [200.0, 205.0, 203.0, 208.0, 206.0];
const SLOWER: [f64; 5] = [240.0, 242.0, 239.0, 246.0, 244.0];

fn now() -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn runs(values: &[(&str, &str, &[f64])]) -> Vec<Run> {
    let count = values.iter().map(|(_, _, values)| values.len()).max().unwrap_or(0);
    let run = |index: usize| {
        let of = values.iter().filter_map(|(metric, unit, values)| {
            let value = Value { value: *values.get(index)?, unit: (*unit).to_owned() };
            Some(((*metric).to_owned(), value))
        });
        Run { name: format!("run {index}"), values: of.collect(), ..Run::default() }
    };
    (0..count).map(run).collect()
}

fn of(baseline: Baseline, candidate: Vec<Run>) -> Comparison {
    Comparison {
        now: now(),
        baseline,
        stored: None,
        candidate,
        objectives: Vec::new(),
        required: Vec::new(),
        required_signals: Vec::new(),
        current: None,
        profile: None,
    }
}

fn latencies(before: &[f64], after: &[f64]) -> Comparison {
    let side = |values| runs(&[("latency_p95", "ms", values)]);
    of(Baseline::Paired(side(before)), side(after))
}

#[track_caller]
fn judged(comparison: &Comparison) -> GateReport {
    judge(comparison, &GateConfig::default()).unwrap()
}

#[test]
fn a_real_loss_fails_and_says_how_much() {
    let report = judged(&latencies(&BASE, &SLOWER));
    assert_eq!(report.outcome, Outcome::Fail);
    let metric = &report.metrics[0];
    assert!((metric.p.unwrap() - 1.0 / 252.0).abs() < 1e-12 && metric.p == metric.p_holm);
    assert!((metric.shift.unwrap().mid - 38.0).abs() < 1e-9);
    assert_eq!(
        metric.because,
        "p95 latency rose by 18.5% (16.6% to 20%), more than the 5% allowed: 205 ms → 242 ms, 5 runs each, p = 0.004"
    );
}

#[test]
fn the_same_passes_and_so_does_an_improvement() {
    assert_eq!(judged(&latencies(&BASE, &BASE)).outcome, Outcome::Pass);
    let better = judged(&latencies(&SLOWER, &BASE));
    assert_eq!(better.outcome, Outcome::Pass);
    let because = &better.metrics[0].because;
    assert!(because.starts_with("p95 latency fell by ") && because.contains("which is a gain:"), "{because}");
    assert_eq!(judged(&latencies(&[7.0; 5], &[7.0; 5])).outcome, Outcome::Pass);
}

#[test]
fn the_direction_turns_the_verdict() {
    let side = |values: &[f64]| runs(&[("throughput", "1/s", values)]);
    let slower = of(Baseline::Paired(side(&SLOWER)), side(&BASE));
    assert_eq!(judged(&slower).outcome, Outcome::Fail);
    let faster = of(Baseline::Paired(side(&BASE)), side(&SLOWER));
    assert_eq!(judged(&faster).outcome, Outcome::Pass);
}

#[test]
fn too_few_runs_settle_nothing() {
    let report = judged(&latencies(&BASE[..3], &SLOWER[..3]));
    assert_eq!(report.outcome, Outcome::Inconclusive);
    let metric = &report.metrics[0];
    assert_eq!((metric.p, metric.shift, metric.runs_needed), (None, None, Some(1)));
    assert!(metric.because.contains("only absolute limits count"), "{}", metric.because);
}

#[test]
fn noise_is_inconclusive_and_says_how_many_runs_more() {
    let noisy = latencies(&[180.0, 220.0, 200.0, 240.0, 170.0], &[190.0, 230.0, 205.0, 250.0, 168.0]);
    let report = judged(&noisy);
    assert_eq!(report.outcome, Outcome::Inconclusive);
    let metric = &report.metrics[0];
    assert_eq!(metric.verdict, Verdict::Inconclusive);
    assert_eq!(
        metric.runs_needed.is_some(),
        metric.because.contains(" more runs a side"),
        "{}",
        metric.because
    );
}

#[test]
fn several_metrics_ask_for_more_runs() {
    let side = |values: &[f64]| {
        let names = ["latency_p95", "a", "b", "c", "d", "e", "f"];
        runs(&names.map(|name| (name, "ms", values)))
    };
    let mut policy = GateConfig::default();
    policy.directions.extend(["a", "b", "c", "d", "e", "f"].map(|name| (name.to_owned(), Better::Lower)));
    let five = judge(&of(Baseline::Paired(side(&BASE)), side(&SLOWER)), &policy).unwrap();
    assert_eq!(five.outcome, Outcome::Inconclusive, "7/252 is above 2.5%");
    assert_eq!(five.metrics[0].runs_needed, Some(1));
    assert!(five.metrics[0].because.contains("so few runs cannot show"), "{}", five.metrics[0].because);
    let more = |values: &[f64; 5]| [values.as_slice(), &[values[1] + 0.5]].concat();
    let six = judge(&of(Baseline::Paired(side(&more(&BASE))), side(&more(&SLOWER))), &policy).unwrap();
    assert_eq!(six.outcome, Outcome::Fail);
}

#[test]
fn margins_and_floors_allow_what_they_say() {
    let comparison = latencies(&BASE, &SLOWER);
    let outcome = |policy: GateConfig| judge(&comparison, &policy).unwrap().outcome;
    let margins = BTreeMap::from([("latency_p95".to_owned(), 0.25)]);
    assert_eq!(outcome(GateConfig { margins, ..GateConfig::default() }), Outcome::Pass);
    let floor = |text: &str| {
        let quantity = crate::signal::parse_quantity(text).unwrap();
        BTreeMap::from([("latency_p95".to_owned(), Floor::Quantity(quantity))])
    };
    assert_eq!(outcome(GateConfig { floors: floor("50ms"), ..GateConfig::default() }), Outcome::Pass);
    assert_eq!(outcome(GateConfig { floors: floor("20ms"), ..GateConfig::default() }), Outcome::Fail);
    let wrong = judge(&comparison, &GateConfig { floors: floor("1MB"), ..GateConfig::default() });
    assert!(matches!(wrong, Err(GateError::FloorUnit { .. })), "{wrong:?}");
}

#[test]
fn a_few_errors_are_less_than_the_floor() {
    let side = |unit: &str, values: &[f64]| runs(&[(ERRORS, unit, values)]);
    for (unit, one) in [("%", 1.0), ("ratio", 0.01), ("", 0.01)] {
        let [none, some, more] = [0.0, 0.05, 2.0].map(|share| side(unit, &[share * one; 5]));
        assert_eq!(judged(&of(Baseline::Paired(none.clone()), some)).outcome, Outcome::Pass, "{unit}");
        assert_eq!(judged(&of(Baseline::Paired(none), more)).outcome, Outcome::Fail, "{unit}");
    }
}

#[test]
fn names_that_nothing_has_are_errors() {
    let directions = BTreeMap::from([("latency_p59".to_owned(), Better::Lower)]);
    let error =
        judge(&latencies(&BASE, &BASE), &GateConfig { directions, ..GateConfig::default() }).unwrap_err();
    assert!(error.to_string().ends_with("did you mean `latency_p95`?"), "{error}");
    let directions = BTreeMap::from([("throughput".to_owned(), Better::Higher)]);
    let report =
        judge(&latencies(&BASE, &BASE), &GateConfig { directions, ..GateConfig::default() }).unwrap();
    assert_eq!(report.outcome, Outcome::Inconclusive, "known, named, and not measured");
    assert_eq!(report.missing[0].what, "throughput");
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let side = |unit: &str, values: &[f64]| runs(&[("latency_p95", unit, values)]);
    let mixed = of(Baseline::Paired(side("ms", &BASE)), side("seconds", &BASE));
    assert!(matches!(judge(&mixed, &GateConfig::default()), Err(GateError::MixedUnits { .. })));
    let other = of(Baseline::Paired(runs(&[("a", "", &BASE)])), runs(&[("b", "", &BASE)]));
    assert!(matches!(judge(&other, &GateConfig::default()), Err(GateError::NothingInCommon { .. })));
    let undirected = of(Baseline::Paired(runs(&[("a", "", &BASE)])), runs(&[("a", "", &BASE)]));
    assert!(matches!(judge(&undirected, &GateConfig::default()), Err(GateError::NoDirections { .. })));
    let idle = of(Baseline::Missing(String::new()), runs(&[("throughput", "1/s", &[0.0])]));
    assert!(matches!(judge(&idle, &GateConfig::default()), Err(GateError::NoRequests { .. })));
    let failed = of(Baseline::Missing(String::new()), runs(&[(ERRORS, "%", &[100.0])]));
    assert!(matches!(judge(&failed, &GateConfig::default()), Err(GateError::AllFailed { .. })));
    let none = of(Baseline::Missing(String::new()), Vec::new());
    assert!(matches!(judge(&none, &GateConfig::default()), Err(GateError::NoCandidate)));
}

#[test]
fn a_run_that_lacks_a_metric_is_missing() {
    let mut comparison = latencies(&BASE, &BASE);
    comparison.candidate.push(Run { name: "crashed".to_owned(), ..Run::default() });
    let policy = GateConfig {
        directions: BTreeMap::from([("latency_p95".to_owned(), Better::Lower)]),
        ..GateConfig::default()
    };
    let report = judge(&comparison, &policy).unwrap();
    assert_eq!(report.outcome, Outcome::Inconclusive);
    assert!(report.missing[0].because.contains("crashed"), "{:?}", report.missing);
}

#[test]
fn no_baseline_is_an_outcome_of_its_own() {
    let alone = of(Baseline::Missing("nothing is stored".to_owned()), runs(&[("latency_p95", "ms", &BASE)]));
    let report = judged(&alone);
    assert_eq!((report.outcome, report.missing[0].what.as_str()), (Outcome::NoBaseline, "baseline"));
}

#[test]
fn tools_own_limits_count_without_a_baseline() {
    let mut alone = of(Baseline::Missing(String::new()), runs(&[("latency_p95", "ms", &BASE[..1])]));
    alone.candidate[0].thresholds = vec![OwnThreshold { name: "p(95)<150".to_owned(), passed: false }];
    let report = judged(&alone);
    assert_eq!((report.outcome, report.objectives[0].broken), (Outcome::Fail, 1));
}

#[test]
fn accepted_failures_pass_until_their_day() {
    let comparison = latencies(&BASE, &SLOWER);
    let until = |day| GateConfig {
        acknowledge: vec![Acknowledgement {
            id: "metric:latency_p95".to_owned(),
            reason: "known".to_owned(),
            until: NaiveDate::from_ymd_opt(2026, 11, day).unwrap(),
            owner: "team".to_owned(),
        }],
        ..GateConfig::default()
    };
    assert_eq!(judge(&comparison, &until(20)).unwrap().outcome, Outcome::Pass);
    assert_eq!(judge(&comparison, &until(19)).unwrap().outcome, Outcome::Fail);
    let unused = latencies(&BASE, &BASE);
    assert_eq!(judge(&unused, &until(20)).unwrap().outcome, Outcome::Pass);
    let strict = GateConfig { fail_on: FailOn::Warning, ..until(20) };
    assert_eq!(judge(&unused, &strict).unwrap().outcome, Outcome::Fail, "an unused one is a warning");
}

#[test]
fn the_order_of_runs_and_metrics_does_not_matter() {
    let comparison = latencies(&BASE, &SLOWER);
    let mut turned = comparison.clone();
    turned.candidate.reverse();
    assert_eq!(judged(&comparison).metrics, judged(&turned).metrics);
}

#[test]
fn a_history_predicts_further_runs() {
    let history: Vec<f64> = (0..30).map(|run| 200.0 + f64::from(run * 7 % 11) - 5.0).collect();
    let against = |after: &[f64]| {
        let side = |values: &[f64]| runs(&[("latency_p95", "ms", values)]);
        judged(&of(Baseline::History(side(&history)), side(after)))
    };
    assert_eq!(against(&[240.0]).outcome, Outcome::Fail);
    assert_eq!(against(&[201.0]).outcome, Outcome::Pass);
    assert!(against(&[240.0]).metrics[0].because.contains("1 run against 30 earlier ones"));
}

#[test]
fn a_history_counts_from_its_last_change() {
    let level = |mean: f64| (0..15).map(move |run| mean + f64::from(run * 7 % 11) - 5.0);
    let history: Vec<f64> = level(300.0).chain(level(200.0)).collect();
    let side = |values: &[f64]| runs(&[("latency_p95", "ms", values)]);
    let report = judged(&of(Baseline::History(side(&history)), side(&[240.0])));
    assert_eq!((report.outcome, report.metrics[0].baseline.n), (Outcome::Fail, 15));
    let short = judged(&of(Baseline::History(side(&history[..6])), side(&[240.0])));
    assert_eq!(short.outcome, Outcome::Inconclusive);
}
