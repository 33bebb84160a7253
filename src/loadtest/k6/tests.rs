//! k6 1.1 as it wrote, and its traps.

use crate::loadtest::{
    LoadTestError, Run, Step,
    tests::{case, fixture, near, read_text},
};

fn run(name: &str) -> Run {
    read_text(&fixture(name)).unwrap().runs.remove(0)
}

fn kept(run: &Run) -> Vec<(&str, bool)> {
    run.thresholds.iter().map(|limit| (limit.name.as_str(), limit.passed)).collect()
}

#[test]
fn the_export_says_false_of_limits_that_were_kept() {
    let run = run("k6_v1.1_summary_export.json");
    assert_eq!((run.requests, run.failed, run.concurrency), (Some(120), Some(20), Some(3.0)));
    near(&run, "throughput", 29.225_127_896_088_463);
    near(&run, "error_ratio", 1.0 / 6.0);
    assert_eq!(
        kept(&run),
        [
            ("checks: rate>0.9", true),
            ("http_req_duration: p(95)<500", true),
            ("http_req_duration: p(99)<1", false),
            ("http_req_duration{name:hello}: avg<200", true),
            ("http_req_failed: rate<0.5", true),
        ]
    );
}

#[test]
fn the_data_of_both_summaries_says_true() {
    for (name, requests, failed, p95) in [
        ("k6_v1.1_handleSummary_legacy.json", 119, 19, 0.057_246_968_599_999_996),
        ("k6_v1.1_handleSummary_full.json", 117, 16, 0.055_018_826_199_999_99),
    ] {
        let run = run(name);
        assert_eq!((run.requests, run.failed), (Some(requests), Some(failed)), "{name}");
        near(&run, "latency_p95", p95);
        let limits = kept(&run);
        assert!(limits.contains(&("http_req_duration: p(95)<500", true)), "{name}: {limits:?}");
        assert!(limits.contains(&("http_req_duration: p(99)<1", false)), "{name}: {limits:?}");
    }
}

#[test]
fn the_machine_readable_summary_has_no_rate_of_its_own() {
    let test = read_text(&fixture("k6_machine_readable.json")).unwrap();
    assert_eq!(test.version.as_deref(), Some("2.2.0"));
    let run = &test.runs[0];
    assert_eq!((run.requests, run.failed, run.concurrency), (Some(1000), Some(50), Some(10.0)));
    near(run, "throughput", 100.0);
    near(run, "latency_p95", 0.03);
    assert!(!run.metrics.contains_key("latency_p99"), "it never has one");
}

#[test]
fn points_are_counted() {
    let (lines, table) = (run("k6_v1.1_out_json.ndjson"), run("k6_v1.1_out.csv"));
    assert_eq!((lines.requests, lines.failed), (Some(16), Some(2)));
    assert_eq!((table.requests, table.failed), (Some(9), Some(1)));
    assert!(lines.metrics["latency_p50"].value > 0.001 && lines.metrics["latency_p95"].value < 0.1);
    assert!(!table.metrics.contains_key("throughput"), "whole seconds are too coarse for so short a test");
}

#[test]
fn loads_that_changed_become_steps() {
    let mut text = String::new();
    for second in 0..15 {
        let users = 10 * (1 + second / 5);
        let point = |metric: &str, value: u32| {
            format!(
                "{{\"metric\":\"{metric}\",\"type\":\"Point\",\"data\":{{\"time\":\"2026-11-20T16:00:{second:02}.5Z\",\"value\":{value},\"tags\":null}}}}\n"
            )
        };
        text += &point("vus", users);
        text += &point("http_reqs", 1).repeat(usize::try_from(users).unwrap());
        text += &point("http_req_failed", 0);
    }
    let test = read_text(&text).unwrap();
    let step = |load: f64, seconds| Step { concurrency: load, throughput: load, seconds };
    assert_eq!(test.steps, [step(10.0, 4), step(20.0, 5), step(30.0, 4)]);
    assert_eq!(test.runs[0].concurrency, None);
}

#[test]
fn a_line_cut_off_is_told() {
    let text = fixture("k6_v1.1_out_json.ndjson");
    let lines = text.lines().count();
    let cut = &text[..text.len() - 20];
    assert_eq!(read_text(cut), Err(LoadTestError::Truncated { line: lines }));
}

#[test]
fn a_test_without_requests_says_nothing() {
    let text = r#"{"metrics":{"vus":{"value":1,"min":1,"max":1},"http_reqs":{"count":0,"rate":0}}}"#;
    assert_eq!(read_text(text), Err(LoadTestError::NoRequests));
    let other = read_text(r#"{"metrics":{"iterations":{"count":9,"rate":3}}}"#);
    assert_eq!(other, Err(LoadTestError::NoHttpRequests), "it did something, and nothing that is read");
}

#[test]
fn tests_without_http_have_figures_of_their_own() {
    let run = case("no-http-is-not-no-request/k6_ws.json").unwrap().runs.remove(0);
    assert_eq!((run.requests, run.failed), (None, None));
    near(&run, "ws_sessions_per_second", 33.8);
    near(&run, "ws_connect_duration_p95", 0.001_36);
    assert!(!run.metrics.keys().any(|name| name.starts_with("ws_session_duration")), "it has none");
}

#[test]
fn compressed_points_are_read() {
    let run = case("files-that-need-one-more-word/k6.json.gz").unwrap().runs.remove(0);
    assert_eq!(run, self::run("k6_v1.1_out_json.ndjson"));
}

#[test]
fn lines_in_the_order_of_before_are_the_same() {
    let text = fixture("k6_v1.1_out_json.ndjson");
    let earlier: String = text
        .lines()
        .map(|line| match line.strip_prefix("{\"metric\":\"") {
            Some(rest) => {
                let (name, rest) = rest.split_once("\",\"type\":\"Point\",").unwrap();
                format!("{{\"type\":\"Point\",{},\"metric\":\"{name}\"}}\n", rest.strip_suffix('}').unwrap())
            }
            None => format!("{line}\n"),
        })
        .collect();
    assert_ne!(earlier, text);
    assert_eq!(read_text(&earlier), read_text(&text));
}
