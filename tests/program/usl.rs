//! `usl` on published data.

use serde_json::Value;

use super::{alternative, folder, program, write};
use crate::binary::ran;

/// Throughput of SPEC SDM at rising loads, as published with the R package `usl`.
const SPECSDM91: &str =
    "concurrency,throughput\n1,64.9\n18,995.9\n36,1652.4\n72,1853.2\n108,1828.9\n144,1775.0\n216,1702.2\n";
/// A ray tracer that only levels off.
const RAYTRACER: &str = "throughput,concurrency\n20,1\n78,4\n130,8\n170,12\n190,16\n200,20\n210,24\n230,28\n260,32\n280,48\n310,64\n";

fn fitted(text: &str, arguments: &[&str]) -> Value {
    let folder = folder();
    let file = write(folder.path(), "points.csv", text);
    let ran = ran(program(folder.path()).arg("usl").arg(file).args(["--format", "json"]).args(arguments));
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    serde_json::from_str(&ran.stdout).unwrap()
}

#[track_caller]
fn near(json: &Value, path: &str, expected: f64, tolerance: f64) {
    let found = json.pointer(path).and_then(Value::as_f64).unwrap();
    assert!((found - expected).abs() <= tolerance * expected, "{path}: {found} is not {expected}");
}

#[test]
fn a_peak_comes_with_its_interval() {
    let json = fitted(SPECSDM91, &["--latency", "100ms"]);
    near(&json, "/sigma", 0.013_452_473_504_3, 1e-6);
    near(&json, "/kappa", 1.151_100_753_676e-4, 1e-6);
    near(&json, "/lambda", 67.942_323_129_3, 1e-6);
    near(&json, "/peak/load", 92.576_836_655_2, 1e-6);
    near(&json, "/peak/low", 74.7819, 1e-4);
    near(&json, "/peak/high", 136.0160, 1e-4);
    near(&json, "/max_throughput", 1_960.793_824_86, 1e-6);
    assert_eq!(json["extrapolated"], false);
    near(&json, "/load_at_latency/load", 174.036, 1e-4);
}

#[test]
fn a_peak_that_was_not_seen_is_open() {
    let json = fitted(RAYTRACER, &[]);
    near(&json, "/sigma", 0.056_405_440_4, 1e-5);
    near(&json, "/kappa", 3.358_28e-6, 1e-3);
    assert_eq!(json["peak"]["high"], Value::Null);
    assert_eq!(json["extrapolated"], true);
}

/// What the page begins with, without its line breaks.
fn page(text: &str) -> String {
    let folder = folder();
    let file = write(folder.path(), "points.csv", text);
    let ran = ran(program(folder.path()).arg("usl").arg(&file));
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn growth_is_claimed_as_far_as_it_was_tested() {
    let straight = page("concurrency,throughput\n1,20\n2,40\n4,80\n8,160\n16,320\n");
    assert!(straight.contains("grows at least up to a load of 16 "), "{straight}");
}

#[test]
fn throughput_that_never_grows_has_no_peak() {
    let flat = "concurrency,throughput\n1,100\n2,100\n4,100\n8,100\n16,100\n";
    let text = page(flat);
    assert!(text.contains("Throughput does not grow with load"), "{text}");
    assert!(text.contains("about 100 at every load"), "{text}");
    let json = fitted(flat, &[]);
    assert_eq!(json["peak"]["load"], Value::Null);
    near(&json, "/max_throughput", 100.0, 1e-9);
}

#[test]
fn the_page_draws_what_was_measured() {
    let folder = folder();
    let file = write(folder.path(), "points.csv", SPECSDM91);
    for columns in ["40", "80", "100"] {
        let ran = ran(program(folder.path()).env("COLUMNS", columns).arg("usl").arg(&file));
        let words = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            words.contains("peaks at a load of 93") && words.contains("95% interval 75–136"),
            "{}",
            ran.stdout
        );
        let circles =
            ran.stdout.lines().filter(|line| line.contains('│')).flat_map(str::chars).filter(|c| *c == 'o');
        assert!(circles.count() >= 5, "{}", ran.stdout); // narrow charts put neighbours into one place
        let width: usize = columns.parse().unwrap();
        assert!(ran.stdout.lines().all(|line| line.chars().count() <= width), "{}", ran.stdout);
    }
}

#[test]
fn what_is_no_measurement_is_told_by_line() {
    let folder = folder();
    for (text, words) in [
        ("", "empty"),
        ("load,rate\n1,2\n", "no throughput in the CSV results"),
        ("rps,rate\n1,2\n", "no concurrency in the CSV results"),
        ("concurrency,throughput\n1,2\n2,fast\n", "line 3, column `throughput`: `fast`"),
        ("concurrency,throughput\n1,2\n2,4\n", "too few"),
        ("concurrency,throughput\n1,2\n1,2\n1,2\n1,2\n", "too few"),
    ] {
        let file = write(folder.path(), "points.csv", text);
        let ran = ran(program(folder.path()).arg("usl").arg(&file));
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{text}");
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
    }
}

/// What autocannon writes at a number of connections, with an answer rate that bends as contention would have it.
fn autocannon(connections: u32) -> String {
    let load = f64::from(connections);
    let total = (1000.0 * load / (1.0 + 0.05 * (load - 1.0))).round();
    format!(
        r#"{{"connections":{connections},"duration":10,"errors":0,"non2xx":0,"4xx":0,"5xx":0,
        "latency":{{"mean":5,"p50":5,"p90":7,"p99":9,"max":20}},"requests":{{"total":{total}}}}}"#
    )
}

#[test]
fn load_tests_give_a_point_each() {
    let folder = folder();
    let steps = folder.path().join("steps");
    std::fs::create_dir(&steps).unwrap();
    let mut files = Vec::new();
    for connections in [1, 2, 4, 8, 16, 32] {
        files.push(write(&steps, &format!("{connections}.json"), &autocannon(connections)));
    }
    for arguments in [files, vec![steps]] {
        let ran = ran(program(folder.path()).arg("usl").args(arguments).args(["--format", "json"]));
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
        let json: Value = serde_json::from_str(&ran.stdout).unwrap();
        near(&json, "/sigma", 0.05, 1e-2);
        near(&json, "/lambda", 100.0, 1e-2);
    }
}

#[test]
fn a_test_with_rising_users_gives_a_point_for_each_load() {
    let mut text = "Timestamp,User Count,Type,Name,Total Request Count,Total Failure Count,Total Average Response Time\n".to_owned();
    let (mut second, mut total) = (0, 0.0_f64);
    for users in [1.0_f64, 2.0, 4.0, 8.0, 16.0, 32.0] {
        for _ in 0..10 {
            total += (100.0 * users / (1.0 + 0.02 * (users - 1.0))).round();
            let row = format!("{second},{users},,Aggregated,{total},0,5\n");
            text.push_str(&row);
            second += 1;
        }
    }
    let json = fitted(&text, &[]);
    near(&json, "/sigma", 0.02, 2e-2);
}

#[test]
fn load_tests_that_give_no_point_say_why() {
    let folder = folder();
    let vegeta = include_str!("../fixtures/loadtest/vegeta_report.json");
    let refused = include_str!("../fixtures/loadtest/autocannon_refused.json");
    for (text, words) in [
        (vegeta, "no concurrency in the vegeta results"),
        (refused, "all 26284 requests of the load test failed"),
        (&refused[..200], "cut off"),
    ] {
        let file = write(folder.path(), "result.json", text);
        let ran = ran(program(folder.path()).arg("usl").arg(file));
        let said = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{said}");
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn the_picture_is_a_document_with_words() {
    let folder = folder();
    let file = write(folder.path(), "points.csv", SPECSDM91);
    let ran = ran(program(folder.path()).arg("usl").arg(file).args(["--format", "svg"]));
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let words = alternative(&ran.stdout);
    assert!(words.contains("peak 93 (75–136)"), "{words}");
}
