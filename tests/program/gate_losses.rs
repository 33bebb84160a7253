//! Load tests that say nothing, whichever tool wrote them, and what a loss means in users.

use std::path::Path;

use serde_json::Value;

use super::{
    binary::{program, ran},
    folder,
    gate::{gate, page_says},
    says, write,
};

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/loadtest").join(name);
    std::fs::read_to_string(path).unwrap()
}

/// A result that says nothing beside sound ones: whichever side it is on, nothing is judged.
#[track_caller]
fn refused(sound: &str, name: &str, text: &str, words: &[&str]) {
    let folder = folder();
    write(folder.path(), "sound.txt", sound);
    write(folder.path(), "lost.txt", text);
    for sides in [["sound.txt", "lost.txt"], ["lost.txt", "sound.txt"]] {
        let ran = gate(folder.path(), &["--baseline", sides[0], "--candidate", sides[1]]);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{name}: {ran:?}");
        says(&ran.stderr, &["cannot use lost.txt"]);
        says(&ran.stderr, words);
    }
}

#[test]
fn a_test_whose_requests_all_failed_is_refused_from_every_tool() {
    let k6 = |failed: u32, value: u32| {
        format!(
            r#"{{"metrics": {{"http_reqs": {{"count": 9, "rate": 1.5}},
            "http_req_failed": {{"passes": {failed}, "fails": {}, "value": {value}}},
            "http_req_duration": {{"avg": 1, "min": 1, "med": 1, "max": 1, "p(90)": 1, "p(95)": 1}}}},
            "root_group": {{"name": "", "path": "", "id": "", "groups": {{}}, "checks": {{}}}}}}"#,
            9 - failed
        )
    };
    let jmeter = |code: &str, success: bool| {
        let row = |at: u32| {
            format!(
                "17951927{at}000,10,home,{code},x,Users 1-1,text,{success},,1200,120,2,2,http://a/,9,0,1\n"
            )
        };
        let head = fixture("jmeter.jtl").lines().next().unwrap().to_owned();
        format!("{head}\n{}", [34, 35, 36, 37].map(row).concat())
    };
    let locust = fixture("locust_2.47_stats.csv");
    let vegeta = fixture("vegeta_report.json");
    let artillery = fixture("artillery_v2_output_conn_refused.json");
    let all = [
        ("Artillery", fixture("artillery_v2_output.json"), artillery),
        ("autocannon", fixture("autocannon_ok.json"), fixture("autocannon_bad.json")),
        ("JMeter", jmeter("200", true), jmeter("500", false)),
        ("k6", k6(0, 0), k6(9, 1)),
        ("Locust", locust.clone(), locust.replace("350,0,", "350,350,").replace("441,91,", "441,441,")),
        ("oha", fixture("oha_mixed.json"), fixture("oha_refused.json")),
        ("vegeta", vegeta.clone(), vegeta.replace("\"200\":950", "\"503\":950")),
        ("wrk", fixture("wrk_ok.txt"), fixture("wrk_bad.txt")),
        ("CSV", "requests,errors,p95\n9,1,1\n".to_owned(), "requests,errors,p95\n9,9,1\n".to_owned()),
    ];
    for (tool, sound, lost) in all {
        refused(&sound, tool, &lost, &["requests of the load test failed"]);
    }
}

#[test]
fn a_test_that_was_cut_off_is_refused_from_every_tool_that_writes_json() {
    for name in [
        "artillery_v2_output.json",
        "autocannon_ok.json",
        "k6_v1.1_summary_export.json",
        "oha_mixed.json",
        "vegeta_report.json",
    ] {
        let text = fixture(name);
        let half: String = text.chars().take(text.chars().count() / 2).collect();
        refused(&text, name, &half, &["ends in the middle"]);
    }
}

#[test]
fn a_test_without_requests_is_refused() {
    let none = r#"{"summary":{"successRate":null,"total":1.0,"average":null},"latencyPercentiles":{"p50":null},
        "statusCodeDistribution":{},"errorDistribution":{"aborted due to deadline":5}}"#;
    refused(&fixture("oha_mixed.json"), "oha", none, &["made no request"]);
    refused("requests,p95\n9,1\n", "CSV", "requests,p95\n0,1\n", &["made no request"]);
}

/// The load at which the first resource of an assessment runs out.
fn saturation(assessment: &str) -> f64 {
    let json: Value = serde_json::from_str(assessment).unwrap();
    let all = json["bottlenecks"].as_array().unwrap().iter();
    all.filter_map(|bottleneck| bottleneck["saturates_at_load"]["mid"].as_f64()).reduce(f64::min).unwrap()
}

/// The demo's snapshot, in which each user needs so many times as many connections; assessed.
fn assessed(folder: &Path, times: f64) -> String {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/demo");
    let text = std::fs::read_to_string(demo.join("snapshot.json")).unwrap();
    let mut snapshot: Value = serde_json::from_str(&text).unwrap();
    for part in ["observations", "history"] {
        for entry in snapshot[part].as_array_mut().unwrap() {
            if entry["signal"] == "postgres.connections" {
                for value in entry["values"]["values"].as_array_mut().unwrap() {
                    *value = value.as_f64().map_or(Value::Null, |value| Value::from(value * times));
                }
            }
        }
    }
    write(folder, "snapshot.json", &snapshot.to_string());
    let mut check = program(folder);
    check.args(["check", "--format", "json", "--snapshot", "snapshot.json", "--config"]);
    ran(check.arg(demo.join("scale-advisor.toml"))).stdout
}

#[test]
fn assessments_of_two_builds_are_told_in_users_and_dates() {
    let folder = folder();
    let [before, after] = [1.0, 1.07].map(|times| assessed(folder.path(), times));
    write(folder.path(), "before.json", &before);
    write(folder.path(), "after.json", &after);
    let sides = ["--baseline", "before.json", "--candidate", "after.json"];
    let ran = gate(folder.path(), &sides);
    assert_eq!(ran.code, 1, "{ran:?}");
    let [loads, fewer] = [saturation(&before).round(), saturation(&after).round()];
    assert!(fewer < loads, "{fewer} {loads}");
    let users = format!("concurrent users at saturation fall from {loads} to {fewer}");
    page_says(&ran.stdout, &[&users, "; the date moves from ", "by the assessments of both builds"]);
    page_says(&ran.stdout, &["consequence", "lost, more than the 5% allowed"]);
    let json = gate(folder.path(), &[&sides[..], &["--format", "json"]].concat());
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    let told = &json["consequence"];
    assert_eq!((&told["verdict"], &told["method"]), (&"fail".into(), &"assessments".into()));
    assert!(told["candidate"]["on"].as_str().unwrap() < told["baseline"]["on"].as_str().unwrap(), "{told}");
    // The same in the other direction is no loss.
    let better = gate(folder.path(), &["--baseline", "after.json", "--candidate", "before.json"]);
    page_says(&better.stdout, &[&format!("concurrent users at saturation rise from {fewer} to {loads}")]);
}
