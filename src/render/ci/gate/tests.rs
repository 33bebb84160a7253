//! What becomes of metrics, limits and gaps in every format, with text that wants to be more than text.

use std::collections::BTreeMap;

use chrono::DateTime;

use super::*;
use crate::{
    gate::{Acknowledgement, Baseline, Better, Comparison, GateConfig, OwnThreshold, Run, Value, evaluate},
    render::{
        CiFormat, TerminalStyle, ci::openmetrics::testing::check_series, gate_document, gate_openmetrics,
        github_summary, nagios_code, render_cases,
    },
};

const HOSTILE: &str = "a\u{1b}[31m]]>\"'<img src=x>\n::set-output name=x::y\r\n##[error]z|`b`{c}\\ 'd'=1, e: 100%\u{202e}@team # EOF";

fn runs(metric: &str, values: &[f64]) -> Vec<Run> {
    let run = |value: &f64| {
        let value = Value { value: *value, unit: "ms".to_owned() };
        Run {
            name: "a run".to_owned(),
            values: BTreeMap::from([(metric.to_owned(), value)]),
            ..Run::default()
        }
    };
    values.iter().map(run).collect()
}

fn comparison(baseline: Baseline, candidate: Vec<Run>) -> Comparison {
    Comparison {
        now: DateTime::from_timestamp(1_795_192_800, 0).unwrap(),
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

const BASE: [f64; 5] = [200.0, 205.0, 203.0, 208.0, 206.0];
const SLOWER: [f64; 5] = [240.0, 242.0, 239.0, 246.0, 244.0];
const RESTLESS: [f64; 5] = [150.0, 260.0, 205.0, 180.0, 290.0];

fn cases(comparison: &Comparison, policy: &GateConfig) -> Cases {
    let report = evaluate(comparison, policy).unwrap();
    cases_of_gate(&report, policy, &GatePlaces { roadmap: None, settings: None })
}

fn latencies(after: &[f64]) -> Comparison {
    comparison(Baseline::Paired(runs("latency_p95", &BASE)), runs("latency_p95", after))
}

#[test]
fn verdicts_follow_the_policy() {
    let code = |comparison: &Comparison, policy: &GateConfig| nagios_code(&cases(comparison, policy));
    let (usual, rules) =
        (GateConfig::default(), [OnInconclusive::Report, OnInconclusive::Pass, OnInconclusive::Fail]);
    assert_eq!((code(&latencies(&BASE), &usual), code(&latencies(&SLOWER), &usual)), (0, 2));
    for (rule, expected) in rules.into_iter().zip([3, 0, 2]) {
        let policy = GateConfig { on_inconclusive: rule, ..GateConfig::default() };
        assert_eq!(code(&latencies(&RESTLESS), &policy), expected, "{rule:?}");
        assert_eq!(code(&latencies(&SLOWER), &policy), 2, "{rule:?}");
        let none = comparison(Baseline::Missing(gate::NoBaseline::NotNamed), runs("latency_p95", &BASE));
        assert_eq!(code(&none, &policy), 3, "the rule is for another thing: {rule:?}");
        let policy = GateConfig { on_missing_baseline: rule, ..GateConfig::default() };
        assert_eq!(code(&none, &policy), expected, "{rule:?}");
        assert_eq!(code(&latencies(&RESTLESS), &policy), 3, "{rule:?}");
    }
}

#[test]
fn an_inconclusive_metric_never_looks_passed() {
    for (rule, word) in [
        (OnInconclusive::Report, "<error "),
        (OnInconclusive::Pass, "<skipped "),
        (OnInconclusive::Fail, "<failure "),
    ] {
        let policy = GateConfig { on_inconclusive: rule, ..GateConfig::default() };
        let xml = render_cases(CiFormat::Junit, &cases(&latencies(&RESTLESS), &policy));
        assert!(xml.contains(word), "{rule:?}: {xml}");
    }
}

fn accepted(id: &str, until: &str) -> Acknowledgement {
    let [reason, owner] = ["a new index", "data team"].map(str::to_owned);
    Acknowledgement { id: id.to_owned(), reason, until: until.parse().unwrap(), owner }
}

#[test]
fn acknowledgements_are_suppressions_until_their_day() {
    let policy = |until| GateConfig {
        acknowledge: vec![accepted("metric:latency_p95", until)],
        ..GateConfig::default()
    };
    let used = cases(&latencies(&SLOWER), &policy("2999-12-31"));
    assert_eq!(nagios_code(&used), 0);
    let sarif = render_cases(CiFormat::Sarif, &used);
    assert!(
        sarif.contains("\"suppressions\"") && sarif.contains("a new index (until 2999-12-31, data team)"),
        "{sarif}"
    );
    let expired = cases(&latencies(&SLOWER), &policy("2020-01-01"));
    assert_eq!(nagios_code(&expired), 2);
    let case = expired.cases.iter().find(|case| case.id == "acknowledgement:metric:latency_p95").unwrap();
    assert_eq!((case.verdict, case.counts), (Verdict::Warning, false));
    let strict = GateConfig { fail_on: FailOn::Warning, ..policy("2999-12-31") };
    assert_eq!(nagios_code(&cases(&latencies(&BASE), &strict)), 1, "an unused one is a warning");
}

#[test]
fn cases_point_to_the_lines_of_their_rules() {
    let settings = SourceFile::new(
        "scale-advisor.toml",
        "[gate]\nmargin = \"4%\"\nmin_headroom = \"20%\"\n[gate.margins]\nlatency_p95 = \"7%\"\n[[gate.acknowledge]]\nid = \"x\"\n",
    );
    let roadmap = SourceFile::new("ours.toml", "[[objectives]]\nid = \"a\"\n[[objectives]]\nid = \"calm\"\n");
    let places = GatePlaces { roadmap: Some(&roadmap), settings: Some(&settings) };
    let place = |file: &str, line| Some(Place { file: file.to_owned(), line });
    assert_eq!(places.limit("objective:calm"), place("ours.toml", 3));
    assert_eq!(places.limit("threshold:p(95)<200"), place("scale-advisor.toml", 2));
    assert_eq!(places.setting(&["gate/acknowledge/x".to_owned()]), place("scale-advisor.toml", 6));
    let report = evaluate(&latencies(&SLOWER), &GateConfig::default()).unwrap();
    let made = cases_of_gate(&report, &GateConfig::default(), &places);
    assert_eq!(made.cases[0].place, place("scale-advisor.toml", 5));
    let alone = GatePlaces { settings: None, ..places };
    assert_eq!(alone.setting(&[]), place("ours.toml", 1));
    assert_eq!(GatePlaces { roadmap: None, ..alone }.setting(&[]), None);
}

#[test]
fn one_rule_is_one_case() {
    let mut report = evaluate(&latencies(&BASE), &GateConfig::default()).unwrap();
    let gap = |side| gate::Missing {
        what: "errors".to_owned(),
        reason: gate::MissingReason::LackedByRuns {
            side,
            lacking: 1,
            runs: 5,
            examples: vec!["a run".to_owned()],
        },
    };
    report.missing = vec![gap(gate::SideName::Baseline), gap(gate::SideName::Candidate)];
    let made = cases_of_gate(&report, &GateConfig::default(), &GatePlaces { roadmap: None, settings: None });
    let gaps: Vec<&Case> = made.cases.iter().filter(|case| case.id == "missing:errors").collect();
    assert_eq!(gaps.len(), 1);
    assert!(
        gaps[0].message.contains("of the baseline: a run; ") && gaps[0].message.contains("of the candidate"),
        "{}",
        gaps[0].message
    );
}

#[test]
fn an_outcome_without_any_case_is_a_case() {
    let mut report = evaluate(&latencies(&BASE), &GateConfig::default()).unwrap();
    (report.outcome, report.reason) = (Outcome::Inconclusive, gate::OutcomeReason::NothingCompared);
    report.metrics.clear();
    let made = cases_of_gate(&report, &GateConfig::default(), &GatePlaces { roadmap: None, settings: None });
    assert_eq!(
        (nagios_code(&made), made.cases[0].message.as_str()),
        (3, "nothing was compared with the baseline")
    );
}

fn hostile() -> (GateReport, GateConfig) {
    let side = |values: &[f64]| {
        let mut runs = runs(HOSTILE, values);
        for run in &mut runs {
            run.name = HOSTILE.to_owned();
            run.thresholds = vec![OwnThreshold { name: HOSTILE.to_owned(), passed: false }];
        }
        runs
    };
    let policy = GateConfig {
        directions: BTreeMap::from([(HOSTILE.to_owned(), Better::Lower)]),
        acknowledge: vec![accepted(HOSTILE, "2999-12-31")],
        ..GateConfig::default()
    };
    (evaluate(&comparison(Baseline::Paired(side(&BASE)), side(&SLOWER)), &policy).unwrap(), policy)
}

#[track_caller]
fn no_control_characters(text: &str) {
    let found = text.chars().find(|c| *c != '\n' && (c.is_control() || *c == '\u{202e}'));
    assert_eq!(found, None, "{text:?}");
}

#[test]
fn hostile_names_stay_names() {
    let (report, policy) = hostile();
    let made = cases_of_gate(&report, &policy, &GatePlaces { roadmap: None, settings: None });
    let formats = [CiFormat::Junit, CiFormat::Sarif, CiFormat::Gitlab, CiFormat::Github, CiFormat::Nagios];
    for text in formats.map(|format| render_cases(format, &made)) {
        no_control_characters(&text);
    }
    let commands = render_cases(CiFormat::Github, &made);
    assert!(
        commands.lines().all(|line| line.starts_with("::error ")
            || line.starts_with("::warning ")
            || line.starts_with("::notice ")),
        "{commands}"
    );
    let summary = github_summary(&made, 1 << 20);
    for live in ["<img", "@team", "\n##[error]"] {
        assert!(!summary.contains(live), "{live} in {summary}");
    }
    let page = gate_document(&report).to_terminal(TerminalStyle { width: 80, colour: false });
    no_control_characters(&page);
    no_control_characters(&gate_openmetrics(&report));
}

#[test]
fn the_summary_of_a_job_has_room_for_five_hundred_failures() {
    let (mut report, policy) = hostile();
    let long = format!("{HOSTILE} {}", "why ".repeat(2000));
    let template = report.metrics[0].clone();
    report.metrics = (0..500)
        .map(|number| gate::MetricVerdict {
            spread_of: None,
            creep: None,
            id: format!("metric:{number}"),
            metric: long.clone(),
            ..template.clone()
        })
        .collect();
    let made = cases_of_gate(&report, &policy, &GatePlaces { roadmap: None, settings: None });
    let summary = github_summary(&made, 1 << 20);
    assert!(summary.len() <= 1 << 20 && summary.contains("metric:499"), "{}", summary.len());
    let little = github_summary(&made, 10_000);
    assert!(little.len() <= 10_000 && little.contains(" more that do not fit"), "{little}");
    let commands = render_cases(CiFormat::Github, &made);
    assert!(commands.lines().filter(|line| line.starts_with("::error ")).count() <= 10);
}

#[test]
fn every_series_of_the_metrics_stands_once_in_its_family() {
    let (report, _) = hostile();
    let text = gate_openmetrics(&report);
    check_series(&text);
    assert!(text.contains("scale_advisor_gate_outcome{outcome=\"fail\"} 1\n"), "{text}");
    assert!(text.contains("scale_advisor_gate_outcome{outcome=\"pass\"} 0\n"), "{text}");
    assert!(!text.contains("saturation"), "what is not known has no sample: {text}");
    assert!(text.ends_with("\n# EOF\n"), "{text}");
}
