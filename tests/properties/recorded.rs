//! Outputs recorded from the tools themselves, against what the server that they called has counted, or what other
//! programs compute from the same file.
//!
//! vegeta's are published reports of real runs. The other server answered in 5 to 10 ms; `mixed` answers every fifth request with 503, `cut` closes every tenth connection,
//! `late` takes 1.5 s for every fourth answer, `missing` is 404 and `moved` 302.

use std::{collections::BTreeSet, path::Path};

use scale_advisor::loadtest::{LoadTest, LoadTestError, Run, read};

/// What an output must come to: requests, failures where they are known, figures, and the kinds of notes among others.
type Expected<'a> = (&'a str, Option<u64>, Option<u64>, &'a [(&'a str, f64)], &'a [&'a str]);

const READ: [Expected<'_>; 37] = [
    (
        "wrk_4.1_latency.txt",
        Some(2570),
        Some(0),
        &[("latency_mean", 0.011_67), ("latency_p99", 0.017_85)],
        &[],
    ),
    ("wrk_4.1_timeouts.txt", Some(28), Some(4), &[("latency_p90", 0.006_62)], &["late_answers"]),
    ("wrk_4.1_cut.txt", Some(1480), Some(148), &[("throughput", 664.19)], &["without_answer"]),
    ("wrk_4.1_mixed.txt", Some(1379), Some(275), &[("throughput", 686.09)], &[]),
    ("wrk_4.1_many.txt", Some(39_453), Some(0), &[("latency_p99", 0.225_62)], &[]),
    ("wrk_4.1_moved.txt", Some(48_409), Some(0), &[("latency_p50", 61e-6)], &[]),
    ("oha_for_time.json", Some(2634), Some(0), &[("latency_p95", 0.014_924_66)], &["in_flight_at_end"]),
    ("oha_timeouts.json", Some(44), Some(8), &[("throughput", 36.0 / 3.001_947_406)], &["late_answers"]),
    ("oha_cut.json", Some(200), Some(20), &[("error_ratio", 0.1)], &["without_answer"]),
    ("oha_rate.json", Some(150), Some(30), &[("error_ratio", 0.2)], &[]),
    ("oha_bursts.json", Some(100), Some(0), &[("latency_p95", 0.004_444_334)], &[]),
    ("autocannon_8_ok.json", Some(2334), Some(0), &[("latency_p99", 0.038)], &[]),
    ("autocannon_8_amount.json", Some(200), Some(40), &[("error_ratio", 0.2)], &[]),
    ("autocannon_8_codes.json", Some(1127), Some(225), &[("latency_p99", 0.02)], &[]),
    ("autocannon_8_timeouts.json", Some(44), Some(8), &[("throughput", 36.0 / 3.04)], &["late_answers"]),
    ("autocannon_8_cut.json", Some(1699), None, &[("throughput", 1699.0 / 3.02)], &["unequal_counts"]),
    ("artillery_1.7.9_basic.json", Some(200), Some(19), &[("latency_p95", 0.0175)], &[]),
    ("artillery_1.7.9_capture.json", Some(40), Some(0), &[("throughput", 9.17)], &[]),
    ("artillery_1.7.9_cut.json", Some(80), Some(8), &[("throughput", 18.1 * 0.9)], &["without_answer"]),
    ("artillery_1.7.9_late.json", Some(40), Some(10), &[("latency_p95", 0.011)], &["late_answers"]),
    ("artillery_1.7.9_mixws.json", Some(25), Some(0), &[], &["other_protocol", "no_latency"]),
    ("artillery_1.7.9_ws.json", None, None, &[("session_duration_p95", 1.0249)], &[]),
    ("artillery_2.0.0-12_basic.json", Some(200), Some(20), &[("latency_p95", 0.0191)], &[]),
    ("artillery_2.0.0-12_capture.json", Some(40), Some(0), &[("throughput", 40.0 / 3.912)], &[]),
    ("artillery_2.0.0-12_cut.json", Some(80), Some(8), &[("error_ratio", 0.1)], &["without_answer"]),
    ("artillery_2.0.0-12_mixws.json", Some(20), Some(0), &[("latency_p95", 0.0229)], &["other_protocol"]),
    ("artillery_2.0.0-12_ws.json", None, None, &[("sessions_per_second", 40.0 / 4.946)], &[]),
    ("artillery_2.0.21_basic.json", Some(200), Some(20), &[("latency_p95", 0.0328)], &[]),
    ("artillery_2.0.21_capture.json", Some(40), Some(0), &[("latency_p95", 0.0268)], &["failed_captures"]),
    ("artillery_2.0.21_cut.json", Some(80), Some(8), &[("throughput", 72.0 / 3.948)], &["without_answer"]),
    ("artillery_2.0.21_late.json", Some(40), Some(10), &[("latency_p95", 0.0131)], &["late_answers"]),
    ("artillery_2.0.21_mixws.json", Some(19), Some(0), &[("latency_p95", 0.0169)], &["other_protocol"]),
    ("artillery_2.0.21_ws.json", None, None, &[("sessions_per_second", 40.0 / 4.915)], &[]),
    (
        "jmeter_2.13_plain.jtl",
        Some(96),
        Some(10),
        &[("latency_p95", 0.021), ("latency_mean", 0.013_625)],
        &[],
    ),
    (
        "jmeter_2.13_dates.jtl",
        Some(96),
        Some(10),
        &[("latency_p95", 0.025), ("latency_mean", 0.014_968_75)],
        &[],
    ),
    ("jmeter_2.13_tabs.jtl", Some(96), Some(10), &[("latency_p95", 0.022)], &[]),
    ("jmeter_2.13_moved.jtl", Some(24), Some(0), &[("latency_p95", 0.093)], &[]),
];

/// The same for what took more room than a line.
const READ_TOO: [Expected<'_>; 15] = [
    ("oha_no_files.json", Some(3663), Some(0), &[], &["unsent"]),
    (
        "vegeta_12_plain.json",
        Some(10_994),
        Some(0),
        &[("latency_p95", 0.271_603_494), ("throughput", 363.994_973_010_376_8)],
        &[],
    ),
    (
        "vegeta_12_no_sockets.json",
        Some(41_134),
        Some(0),
        &[("throughput", 1_858.273_206_105_999_4)],
        &["unsent"],
    ),
    (
        "vegeta_12_refused.json",
        Some(50),
        Some(30),
        &[("throughput", 4.079_029_905_659_022)],
        &["failed_in_latencies"],
    ),
    ("vegeta_12_single.json", Some(1), Some(0), &[("latency_p95", 6.484_537_567)], &[]),
    ("vegeta_12_not_computed.json", Some(10), Some(0), &[], &["not_computed"]),
    ("vegeta_6_plain.json", Some(50), Some(0), &[("latency_p99", 1.056_713_431)], &[]),
    (
        "jmeter_2.13_transactions.jtl.gz",
        Some(64),
        Some(6),
        &[("latency_mean", 0.012_687_5)],
        &["transactions_left_out"],
    ),
    ("jmeter_2.13_parents.jtl", Some(32), Some(6), &[("latency_mean", 0.116)], &["transactions_counted"]),
    ("jmeter_2.13_appended.jtl", Some(192), Some(20), &[("latency_p95", 0.022)], &["pauses"]),
    ("locust_reset_stats.csv", Some(1299), Some(49), &[("latency_p95", 0.064)], &[]),
    ("locust_reset_stats_history.csv", Some(1299), Some(49), &[], &["statistics_reset"]),
    // Both workers report every three seconds: 641 - 157 answers in six of them.
    (
        "locust_workers_stats_history.csv",
        Some(749),
        Some(31),
        &[("throughput", 484.0 / 6.0)],
        &["counted_in_batches"],
    ),
    (
        "locust_processes_stats_history.csv",
        Some(527),
        Some(26),
        &[("throughput", 362.0 / 6.0)],
        &["counted_in_batches"],
    ),
    ("locust_workers_stats.csv", Some(749), Some(31), &[("latency_p95", 0.033)], &[]),
];

/// What says nothing of the system, or cannot be read, with a word of why.
const REFUSED: [(&str, &str); 7] = [
    ("autocannon_8_missing.json", "all 310 requests of the load test failed"),
    ("autocannon_8_mismatch.json", "all 301 requests of the load test failed"),
    ("artillery_2.0.0-12_late.json", "the only one of the sessions of the load test failed"),
    ("oha.csv", "--output-format json"),
    ("jmeter_2.13_no_names.jtl", "print_field_names=true"),
    ("jmeter_2.13_xml.jtl", "output_format=csv"),
    ("jmeter_2.13_killed.jtl", "cut off"),
];

fn recorded(name: &str) -> Result<LoadTest, LoadTestError> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/loadtest/recorded").join(name);
    read(std::fs::File::open(path).unwrap())
}

fn kinds(run: &Run) -> BTreeSet<String> {
    let kind = |note| serde_json::to_value(note).unwrap()["kind"].as_str().unwrap().to_owned();
    run.notes.iter().map(kind).collect()
}

#[test]
fn recorded_outputs_come_to_what_the_server_has_counted() {
    for (name, requests, failed, figures, notes) in READ.iter().chain(&READ_TOO) {
        let test = recorded(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        let [run] = &test.runs[..] else { panic!("{name}: {} runs", test.runs.len()) };
        assert_eq!((run.requests, run.failed), (*requests, *failed), "{name}: {run:#?}");
        for (figure, expected) in *figures {
            let found =
                run.metrics.get(*figure).unwrap_or_else(|| panic!("{name} has no {figure}: {run:#?}"));
            assert!((found.value / expected - 1.0).abs() < 1e-6, "{name}, {figure}: {}", found.value);
        }
        let kinds = kinds(run);
        assert!(notes.iter().all(|note| kinds.contains(*note)), "{name}: {kinds:?}");
    }
}

#[test]
fn recorded_outputs_that_cannot_be_read_say_why() {
    for (name, words) in REFUSED {
        let error = recorded(name).expect_err(name).to_string();
        assert!(error.contains(words), "{name}: {error}");
    }
}

#[test]
fn latencies_that_mix_protocols_or_restarts_are_left_out() {
    for name in ["artillery_1.7.9_mixws.json", "autocannon_8_cut.json"] {
        let run = recorded(name).unwrap().runs.remove(0);
        assert!(run.metrics.keys().all(|metric| !metric.starts_with("latency")), "{name}: {run:#?}");
    }
}

#[test]
fn what_a_report_did_not_compute_is_not_zero() {
    let test = recorded("vegeta_12_not_computed.json").unwrap();
    let names: Vec<&str> = test.runs[0].metrics.keys().map(String::as_str).collect();
    assert_eq!(names, ["error_ratio"]);
}
