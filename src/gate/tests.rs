//! The verdicts, rule by rule.

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
        let of_run = values.iter().filter_map(|(metric, unit, values)| {
            let value = Value { value: *values.get(index)?, unit: (*unit).to_owned() };
            Some(((*metric).to_owned(), value))
        });
        Run { name: format!("run {index}"), values: of_run.collect(), ..Run::default() }
    };
    (0..count).map(run).collect()
}

fn comparison(baseline: Baseline, candidate: Vec<Run>) -> Comparison {
    Comparison {
        now: now(),
        baseline,
        stored: None,
        earlier: Vec::new(),
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
    comparison(Baseline::Paired(side(before)), side(after))
}

#[track_caller]
fn report_of(comparison: &Comparison) -> GateReport {
    evaluate(comparison, &GateConfig::default()).unwrap()
}

#[test]
fn a_real_loss_fails_and_says_how_much() {
    let report = report_of(&latencies(&BASE, &SLOWER));
    assert_eq!(report.outcome, Outcome::Fail);
    let metric = &report.metrics[0];
    assert!((metric.p.unwrap() - 1.0 / 252.0).abs() < 1e-12 && metric.p == metric.p_holm);
    assert!((metric.shift.unwrap().mid - 38.0).abs() < 1e-9);
    assert_eq!((metric.reason, metric.tests), (MetricReason::LossBeyondMargin, 1));
}

#[test]
fn the_same_passes_and_so_does_an_improvement() {
    assert_eq!(report_of(&latencies(&BASE, &BASE)).outcome, Outcome::Pass);
    let better = report_of(&latencies(&SLOWER, &BASE));
    assert_eq!(better.outcome, Outcome::Pass);
    assert_eq!(better.metrics[0].reason, MetricReason::Gain);
    assert_eq!(report_of(&latencies(&[7.0; 5], &[7.0; 5])).outcome, Outcome::Pass);
}

#[test]
fn a_run_on_both_sides_and_two_programs_are_refused() {
    let of_tool = |tool: &str, moved: f64| -> Vec<Run> {
        let [p50, p95, p99, mean] =
            [0.5, 1.0, 1.5, 0.7].map(|factor| BASE.map(|value| value * factor + moved));
        let runs = runs(&[
            ("latency_p50", "ms", &p50),
            ("latency_p95", "ms", &p95),
            ("latency_p99", "ms", &p99),
            ("latency_mean", "ms", &mean),
        ]);
        runs.into_iter().map(|run| Run { tool: tool.to_owned(), ..run }).collect()
    };
    let of = |candidate| {
        evaluate(&comparison(Baseline::Paired(of_tool("k6 0.49", 0.0)), candidate), &GateConfig::default())
    };
    assert_eq!(of(of_tool("k6 0.50", 0.25)).unwrap().outcome, Outcome::Pass);
    assert_eq!(of(of_tool(crate::loadtest::TABLE, 0.25)).unwrap().outcome, Outcome::Pass);
    assert!(matches!(of(of_tool("oha 1.4", 0.25)), Err(GateError::OtherTool { .. })));
    let mut shared = of_tool("k6 0.49", 0.25);
    shared.extend(of_tool("k6 0.49", 0.0).pop());
    assert!(matches!(of(shared), Err(GateError::SameRun { .. })));
}

#[test]
fn the_direction_turns_the_verdict() {
    let side = |values: &[f64]| runs(&[("throughput", "1/s", values)]);
    let slower = comparison(Baseline::Paired(side(&SLOWER)), side(&BASE));
    assert_eq!(report_of(&slower).outcome, Outcome::Fail);
    let faster = comparison(Baseline::Paired(side(&BASE)), side(&SLOWER));
    assert_eq!(report_of(&faster).outcome, Outcome::Pass);
}

#[test]
fn a_metric_without_a_direction_is_inconclusive() {
    let side = |values: &[f64]| runs(&[("a", "", values)]);
    let report = report_of(&comparison(Baseline::Paired(side(&BASE)), side(&SLOWER)));
    assert_eq!(report.outcome, Outcome::Inconclusive);
    assert_eq!(report.not_evaluated[0].reason, NotEvaluatedReason::DirectionUnknown);
}

#[test]
fn a_direction_that_is_guessed_shows_losses_and_no_gains() {
    let side = |values: &[f64]| runs(&[("latency_ms_at_500_rps", "ms", values)]);
    let compare =
        |before: &[f64], after: &[f64]| report_of(&comparison(Baseline::Paired(side(before)), side(after)));
    assert_eq!(compare(&BASE, &SLOWER).outcome, Outcome::Fail);
    assert_eq!(compare(&BASE, &BASE).outcome, Outcome::Pass);
    let gain = compare(&SLOWER, &BASE);
    assert_eq!(gain.outcome, Outcome::Inconclusive);
    assert_eq!(
        (gain.metrics[0].reason, gain.metrics[0].runs_needed),
        (MetricReason::DirectionDoubtful, None)
    );
}

#[test]
fn too_few_runs_settle_nothing() {
    let report = report_of(&latencies(&BASE[..3], &SLOWER[..3]));
    assert_eq!(report.outcome, Outcome::Inconclusive);
    let metric = &report.metrics[0];
    assert_eq!((metric.p, metric.shift, metric.runs_needed), (None, None, Some(1)));
    assert_eq!(metric.reason, MetricReason::TooFewRuns { minimum: 4 });
}

#[test]
fn noise_is_inconclusive_and_says_how_many_runs_more() {
    let noisy = latencies(&[180.0, 220.0, 200.0, 240.0, 170.0], &[190.0, 230.0, 205.0, 250.0, 168.0]);
    let report = report_of(&noisy);
    assert_eq!(report.outcome, Outcome::Inconclusive);
    let metric = &report.metrics[0];
    assert_eq!(metric.verdict, Verdict::Inconclusive);
    assert_eq!(metric.reason, MetricReason::Undecided { enough_runs: true });
    assert_eq!(metric.runs_needed, None, "a hundred runs would not be enough");
    let near = report_of(&latencies(&BASE, &[207.0, 214.0, 210.0, 216.0, 211.0]));
    assert_eq!(near.metrics[0].runs_needed, Some(9));
}

#[test]
fn several_metrics_ask_for_more_runs() {
    let side = |values: &[f64]| {
        let names = ["latency_p95", "a", "b", "c", "d", "e", "f"];
        runs(&names.map(|name| (name, "ms", values)))
    };
    let mut config = GateConfig::default();
    config.directions.extend(["a", "b", "c", "d", "e", "f"].map(|name| (name.to_owned(), Better::Lower)));
    let five = evaluate(&comparison(Baseline::Paired(side(&BASE)), side(&SLOWER)), &config).unwrap();
    assert_eq!(five.outcome, Outcome::Inconclusive, "7/252 is above 2.5%");
    assert_eq!(five.metrics[0].runs_needed, Some(1));
    assert_eq!(five.metrics[0].reason, MetricReason::Undecided { enough_runs: false });
    let more = |values: &[f64; 5]| [values.as_slice(), &[values[1] + 0.5]].concat();
    let six =
        evaluate(&comparison(Baseline::Paired(side(&more(&BASE))), side(&more(&SLOWER))), &config).unwrap();
    assert_eq!(six.outcome, Outcome::Fail);
}

#[test]
fn margins_and_floors_allow_what_they_say() {
    let case = latencies(&BASE, &SLOWER);
    let outcome = |config: GateConfig| evaluate(&case, &config).unwrap().outcome;
    let margins = BTreeMap::from([("latency_p95".to_owned(), 0.25)]);
    assert_eq!(outcome(GateConfig { margins, ..GateConfig::default() }), Outcome::Pass);
    let floor = |text: &str| {
        let quantity = crate::signal::parse_quantity(text).unwrap();
        BTreeMap::from([("latency_p95".to_owned(), Floor::Quantity(quantity))])
    };
    assert_eq!(outcome(GateConfig { floors: floor("50ms"), ..GateConfig::default() }), Outcome::Pass);
    assert_eq!(outcome(GateConfig { floors: floor("20ms"), ..GateConfig::default() }), Outcome::Fail);
    let wrong = evaluate(&case, &GateConfig { floors: floor("1MB"), ..GateConfig::default() });
    assert!(matches!(wrong, Err(GateError::FloorUnit { .. })), "{wrong:?}");
}

#[test]
fn a_few_errors_are_less_than_the_floor() {
    let side = |unit: &str, values: &[f64]| runs(&[(ERRORS, unit, values)]);
    for (unit, percent) in [("%", 1.0), ("ratio", 0.01), ("", 0.01)] {
        let [none, some, more] = [0.0, 0.05, 2.0].map(|share| side(unit, &[share * percent; 5]));
        assert_eq!(
            report_of(&comparison(Baseline::Paired(none.clone()), some)).outcome,
            Outcome::Pass,
            "{unit}"
        );
        assert_eq!(report_of(&comparison(Baseline::Paired(none), more)).outcome, Outcome::Fail, "{unit}");
    }
}

#[test]
fn names_that_nothing_has_are_errors() {
    let directions = BTreeMap::from([("latency_p59".to_owned(), Better::Lower)]);
    let error =
        evaluate(&latencies(&BASE, &BASE), &GateConfig { directions, ..GateConfig::default() }).unwrap_err();
    assert!(error.to_string().ends_with("did you mean `latency_p95`?"), "{error}");
    let directions = BTreeMap::from([("throughput".to_owned(), Better::Higher)]);
    let report =
        evaluate(&latencies(&BASE, &BASE), &GateConfig { directions, ..GateConfig::default() }).unwrap();
    assert_eq!(report.outcome, Outcome::Inconclusive, "known, named, and not measured");
    assert_eq!(report.missing[0].what, "throughput");
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let side = |unit: &str, values: &[f64]| runs(&[("latency_p95", unit, values)]);
    let mixed = comparison(Baseline::Paired(side("ms", &BASE)), side("seconds", &BASE));
    assert!(matches!(evaluate(&mixed, &GateConfig::default()), Err(GateError::MixedUnits { .. })));
    let other = comparison(Baseline::Paired(runs(&[("a", "", &BASE)])), runs(&[("b", "", &BASE)]));
    assert!(matches!(evaluate(&other, &GateConfig::default()), Err(GateError::NothingInCommon { .. })));
    let idle = comparison(Baseline::Missing(NoBaseline::NotNamed), runs(&[("throughput", "1/s", &[0.0])]));
    assert!(matches!(evaluate(&idle, &GateConfig::default()), Err(GateError::NoRequests { .. })));
    let failed = comparison(Baseline::Missing(NoBaseline::NotNamed), runs(&[(ERRORS, "%", &[100.0])]));
    assert!(matches!(evaluate(&failed, &GateConfig::default()), Err(GateError::AllFailed { .. })));
    let none = comparison(Baseline::Missing(NoBaseline::NotNamed), Vec::new());
    assert!(matches!(evaluate(&none, &GateConfig::default()), Err(GateError::NoCandidate)));
}

#[test]
fn a_run_that_lacks_a_metric_is_missing() {
    let mut case = latencies(&BASE, &BASE);
    case.candidate.push(Run { name: "crashed".to_owned(), ..Run::default() });
    let config = GateConfig {
        directions: BTreeMap::from([("latency_p95".to_owned(), Better::Lower)]),
        ..GateConfig::default()
    };
    let report = evaluate(&case, &config).unwrap();
    assert_eq!(report.outcome, Outcome::Inconclusive);
    let crashed = MissingReason::LackedByRuns {
        side: SideName::Candidate,
        lacking: 1,
        runs: 6,
        examples: vec!["crashed".to_owned()],
    };
    assert_eq!(report.missing[0].reason, crashed);
}

#[test]
fn no_baseline_is_an_outcome_of_its_own() {
    let alone = comparison(Baseline::Missing(NoBaseline::NotNamed), runs(&[("latency_p95", "ms", &BASE)]));
    let report = report_of(&alone);
    assert_eq!((report.outcome, report.missing[0].what.as_str()), (Outcome::NoBaseline, "baseline"));
}

#[test]
fn tools_own_limits_count_without_a_baseline() {
    let mut alone =
        comparison(Baseline::Missing(NoBaseline::NotNamed), runs(&[("latency_p95", "ms", &BASE[..1])]));
    alone.candidate[0].thresholds = vec![OwnThreshold { name: "p(95)<150".to_owned(), passed: false }];
    let report = report_of(&alone);
    assert_eq!((report.outcome, report.objectives[0].broken), (Outcome::Fail, 1));
}

#[test]
fn accepted_failures_pass_until_their_day() {
    let case = latencies(&BASE, &SLOWER);
    let until = |day| GateConfig {
        acknowledge: vec![Acknowledgement {
            id: "metric:latency_p95".to_owned(),
            reason: "known".to_owned(),
            until: NaiveDate::from_ymd_opt(2026, 11, day).unwrap(),
            owner: "team".to_owned(),
        }],
        ..GateConfig::default()
    };
    assert_eq!(evaluate(&case, &until(20)).unwrap().outcome, Outcome::Pass);
    assert_eq!(evaluate(&case, &until(19)).unwrap().outcome, Outcome::Fail);
    let unused = latencies(&BASE, &BASE);
    assert_eq!(evaluate(&unused, &until(20)).unwrap().outcome, Outcome::Pass);
    let strict = GateConfig { fail_on: FailOn::Warning, ..until(20) };
    assert_eq!(evaluate(&unused, &strict).unwrap().outcome, Outcome::Fail, "an unused one is a warning");
}

#[test]
fn the_order_of_runs_and_metrics_does_not_matter() {
    let case = latencies(&BASE, &SLOWER);
    let mut turned = case.clone();
    turned.candidate.reverse();
    assert_eq!(report_of(&case).metrics, report_of(&turned).metrics);
}

#[test]
fn a_history_predicts_further_runs() {
    let history: Vec<f64> = (0..30).map(|run| 200.0 + f64::from(run * 7 % 11) - 5.0).collect();
    let against = |after: &[f64]| {
        let side = |values: &[f64]| runs(&[("latency_p95", "ms", values)]);
        report_of(&comparison(Baseline::History(side(&history)), side(after)))
    };
    assert_eq!(against(&[240.0]).outcome, Outcome::Fail);
    assert_eq!(against(&[201.0]).outcome, Outcome::Pass);
    assert_eq!(against(&[240.0]).metrics[0].baseline.n, 30);
}

#[test]
fn a_history_counts_from_its_last_change() {
    let level = |mean: f64| (0..15).map(move |run| mean + f64::from(run * 7 % 11) - 5.0);
    let history: Vec<f64> = level(300.0).chain(level(200.0)).collect();
    let side = |values: &[f64]| runs(&[("latency_p95", "ms", values)]);
    let report = report_of(&comparison(Baseline::History(side(&history)), side(&[240.0])));
    assert_eq!((report.outcome, report.metrics[0].baseline.n), (Outcome::Fail, 15));
    let short = report_of(&comparison(Baseline::History(side(&history[..6])), side(&[240.0])));
    assert_eq!(short.outcome, Outcome::Inconclusive);
}

fn assessment(first: f64, peak: f64, profile: &str) -> AssessmentSummary {
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
    AssessmentSummary::read(&text).unwrap()
}

#[test]
fn a_loss_of_throughput_is_told_in_users() {
    let side = |values: &[f64]| runs(&[("throughput", "1/s", values)]);
    let mut case = comparison(Baseline::Paired(side(&SLOWER)), side(&BASE));
    case.current = Some(assessment(1310.0, 900.0, "a"));
    let report = report_of(&case);
    let consequence = report.consequence.unwrap();
    let candidate = consequence.candidate.load.unwrap().mid;
    assert!((candidate / 1310.0 - 204.0 / 242.0).abs() < 0.01, "{candidate}");
    assert!(consequence.baseline.on > consequence.candidate.on);
    let strict = GateConfig { min_headroom: Some(0.3), ..GateConfig::default() };
    let report = evaluate(&case, &strict).unwrap();
    assert_eq!(report.consequence.unwrap().verdict, Verdict::Fail, "900 of 1,100 users");
}

#[test]
fn headroom_that_cannot_be_known_does_not_pass() {
    let config = GateConfig { min_headroom: Some(0.2), ..GateConfig::default() };
    let report = evaluate(&latencies(&BASE, &BASE), &config).unwrap();
    assert_eq!((report.outcome, report.missing[0].what.as_str()), (Outcome::Inconclusive, "headroom"));
}

#[test]
fn assessments_of_two_builds_are_compared() {
    let run = |assessment: AssessmentSummary| Run {
        name: "a".to_owned(),
        assessment: Some(assessment),
        ..Run::default()
    };
    let outcome = |before, after| {
        let [before, after] = [before, after].map(|first| vec![run(assessment(first, 900.0, "a"))]);
        report_of(&comparison(Baseline::Paired(before), after)).outcome
    };
    assert_eq!(outcome(1310.0, 1120.0), Outcome::Fail);
    assert_eq!(outcome(1310.0, 1300.0), Outcome::Pass);
    assert_eq!(outcome(1310.0, 1237.0), Outcome::Inconclusive, "the intervals overlap");
    let [before, after] = ["a", "b"].map(|profile| vec![run(assessment(1310.0, 900.0, profile))]);
    let other = evaluate(&comparison(Baseline::Paired(before), after), &GateConfig::default());
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
    let report = report_of(&comparison(Baseline::Paired(vec![test(4e-4)]), vec![test(6e-4)]));
    let consequence = report.consequence.unwrap();
    assert_eq!(consequence.method, Method::SteppedTests);
    let [before, after] = [consequence.baseline, consequence.candidate].map(|side| side.load.unwrap().mid);
    assert!((before - 49.5).abs() < 0.1 && (after - 40.4).abs() < 0.1, "{before} {after}");
}
