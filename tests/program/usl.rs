//! `usl` on published data.

use serde_json::Value;

use super::{folder, program, write};
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
    near(&json, "/sigma", 0.027_728_475_618_63, 1e-6);
    near(&json, "/kappa", 1.043_654_838_440_9e-4, 1e-6);
    near(&json, "/lambda", 89.995_233_104_33, 1e-6);
    near(&json, "/peak/load", 96.519_560_966_61, 1e-6);
    near(&json, "/peak/low", 77.8554, 1e-4);
    near(&json, "/peak/high", 156.6618, 1e-4);
    near(&json, "/max_throughput", 1_883.898_996_01, 1e-6);
    assert_eq!(json["extrapolated"], false);
    near(&json, "/load_at_latency/load", 175.0, 0.01);
}

#[test]
fn a_peak_that_was_not_seen_is_open() {
    let json = fitted(RAYTRACER, &[]);
    near(&json, "/sigma", 0.057_770_781_130_1, 1e-6);
    assert_eq!(
        (&json["kappa"], &json["peak"]["load"], &json["peak"]["high"]),
        (&0.0.into(), &Value::Null, &Value::Null)
    );
    assert_eq!(json["extrapolated"], true);
}

#[test]
fn the_page_draws_what_was_measured() {
    let folder = folder();
    let file = write(folder.path(), "points.csv", SPECSDM91);
    for columns in ["40", "80", "100"] {
        let ran = ran(program(folder.path()).env("COLUMNS", columns).arg("usl").arg(&file));
        let words = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("peaks at a load of 97 (78–157, 95% confidence)"), "{}", ran.stdout);
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
        ("load,rate\n1,2\n", "no column `concurrency`"),
        ("concurrency,throughput\n1,2\n2,fast\n", "line 3: `fast`"),
        ("concurrency,throughput\n1,2\n2,4\n", "too few"),
        ("concurrency,throughput\n1,2\n1,2\n1,2\n1,2\n", "too few"),
    ] {
        let file = write(folder.path(), "points.csv", text);
        let ran = ran(program(folder.path()).arg("usl").arg(&file));
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{text}");
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
    }
}
