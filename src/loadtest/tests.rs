//! The registry, and what no known tool writes.

use super::*;

#[expect(clippy::disallowed_methods, reason = "fixtures are files; the readers themselves touch none")]
pub(super) fn fixture(name: &str) -> String {
    let path = format!("{}/tests/fixtures/loadtest/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Reads a text as a file would be read.
pub(super) fn read_text(text: &str) -> Result<LoadTest, LoadTestError> {
    read(text.as_bytes())
}

/// Reads a file of which the figures were once wrong.
#[expect(clippy::disallowed_methods, reason = "fixtures are files; the readers themselves touch none")]
pub(super) fn case(name: &str) -> Result<LoadTest, LoadTestError> {
    let path = format!("{}/tests/fixtures/cases/{name}", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    read(bytes.as_slice())
}

#[track_caller]
pub(super) fn near(run: &Run, name: &str, expected: f64) {
    let found = run.metrics[name].value;
    assert!((found - expected).abs() <= 1e-7 * expected.abs(), "{name}: {found} is not {expected}");
}

/// One output for each form: recorded, but for vegeta, JMeter and the machine-readable form of k6, which are written by
/// hand after their formats.
const RECORDED: [(&str, &str); 13] = [
    ("k6", "k6_machine_readable.json"),
    ("k6", "k6_v1.1_summary_export.json"),
    ("k6", "k6_v1.1_out_json.ndjson"),
    ("k6", "k6_v1.1_out.csv"),
    ("Artillery", "artillery_v2_output.json"),
    ("autocannon", "autocannon_ok.json"),
    ("JMeter", "jmeter.jtl"),
    ("Locust", "locust_2.47_stats.csv"),
    ("Locust", "locust_2.47_stats_history.csv"),
    ("Locust", "locust_2.47_stats.json"),
    ("oha", "oha_mixed.json"),
    ("vegeta", "vegeta_report.json"),
    ("wrk", "wrk_ok.txt"),
];

#[test]
fn every_form_is_recognised_by_itself_alone() {
    let reading: Vec<&Format> = FORMATS.iter().filter(|format| format.tool != table::TOOL).collect();
    let mut seen = vec![false; reading.len()];
    for (tool, name) in RECORDED {
        let text = fixture(name);
        let input = Input::new(text.as_bytes()).unwrap();
        let knowing: Vec<usize> = (0..reading.len()).filter(|&at| (reading[at].recognise)(&input)).collect();
        assert_eq!(knowing.len(), 1, "{name} is claimed by {}", knowing.len());
        seen[knowing[0]] = true;
        let test = read_text(&text).unwrap();
        assert_eq!((test.tool, test.runs.len()), (tool, 1), "{name}");
        assert!(!test.runs[0].metrics.is_empty(), "{name}");
        assert!(test.runs[0].metrics.keys().all(|metric| direction(metric).is_some()), "{name}");
    }
    let unseen: Vec<&str> = (0..seen.len()).filter(|&at| !seen[at]).map(|at| reading[at].tool).collect();
    assert_eq!(
        unseen,
        ["k6", "Artillery", "JMeter", "Locust", "oha", "oha", "vegeta", "vegeta", "vegeta"],
        "forms that are refused, older ones, and those with tests of their own"
    );
}

#[test]
fn what_a_shell_wrote_as_utf_16_is_read() {
    let test = case("files-that-need-one-more-word/ac_utf16.json").unwrap();
    assert_eq!(
        (test.tool, test.runs[0].requests, test.runs[0].failed),
        ("autocannon", Some(1442), Some(310))
    );
    near(&test.runs[0], "latency_p99", 0.008);
}

#[test]
fn what_nobody_writes_is_unknown() {
    assert_eq!(read_text(""), Err(LoadTestError::Empty));
    assert_eq!(read_text("\u{feff} \n\n"), Err(LoadTestError::Empty));
    for text in ["{}", "[]", "{\"a\":1}", "<html></html>", "Hello, <world>!", "1,2,3\n"] {
        assert_eq!(read_text(text), Err(LoadTestError::Unknown), "{text}");
    }
    let words = LoadTestError::Unknown.to_string();
    assert!(words.contains("k6, Artillery, autocannon, JMeter, Locust, oha, vegeta, wrk"), "{words}");
    let refused = read_text(&fixture("wrk_refused.txt"));
    assert!(refused.is_err(), "{refused:?}");
}

#[test]
fn cut_json_is_told() {
    let text = fixture("k6_v1.1_summary_export.json");
    assert!(matches!(read_text(&text[..text.len() / 2]), Err(LoadTestError::Truncated { .. })));
    assert!(matches!(read_text("{\"metrics\": nothing}"), Err(LoadTestError::Broken { line: 1, .. })));
}
