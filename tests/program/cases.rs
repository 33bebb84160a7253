//! Figures that were once believed when they should not have been, through the whole program.

use serde_json::Value;

use super::{folder, program, says};
use crate::binary::{Ran, ran};

/// Runs a command on files of a case, named from the folder of cases.
fn case(command: &str, files: &[&str], more: &[&str]) -> Ran {
    let folder = folder();
    let path = |part: &&str| match part.strip_prefix("CASE/") {
        Some(file) => format!("{}/tests/fixtures/cases/{file}", env!("CARGO_MANIFEST_DIR")),
        None => (*part).to_owned(),
    };
    let arguments: Vec<String> = files.iter().chain(more).map(path).collect();
    ran(program(folder.path()).arg(command).args(arguments))
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:#?}"))
}

const JSON: [&str; 2] = ["--format", "json"];

#[test]
fn a_latency_at_a_rate_that_doubles_is_a_loss() {
    let files = [
        "--baseline",
        "CASE/gate-direction-from-any-word/latency_ms_at_500_rps.base.csv",
        "--candidate",
        "CASE/gate-direction-from-any-word/latency_ms_at_500_rps.cand.csv",
    ];
    let ran = case("gate", &files, &JSON);
    assert_eq!(ran.code, 1, "{ran:#?}");
    let (gate, metric) = (json(&ran), json(&ran)["metrics"][0].clone());
    assert_eq!((&gate["outcome"], &metric["verdict"]), (&"fail".into(), &"fail".into()), "{gate:#}");
    assert_eq!((&metric["unit"], &metric["direction"]), (&"ms".into(), &"lower".into()), "{metric:#}");
    assert!((metric["shift_ratio"].as_f64().unwrap() - 1.0).abs() < 0.01, "{metric:#}");
}

#[test]
fn a_name_that_may_mean_either_is_inconclusive_until_it_is_told() {
    let files = [
        "--baseline",
        "CASE/gate-direction-from-any-word/error_free_ratio.base.csv",
        "--candidate",
        "CASE/gate-direction-from-any-word/error_free_ratio.cand.csv",
    ];
    let page = case("gate", &files, &["-q"]);
    assert_eq!(page.code, 3, "{page:#?}");
    says(&page.stdout, &["`--direction error_free_ratio=lower`"]);
    let ran = case("gate", &files, &JSON);
    assert_eq!((ran.code, &json(&ran)["outcome"]), (3, &"inconclusive".into()), "{ran:#?}");
    for (direction, code) in [("error_free_ratio=higher", 1), ("error_free_ratio=lower", 0)] {
        let told = case("gate", &files, &["-q", "--direction", direction]);
        assert_eq!(told.code, code, "{direction}: {told:#?}");
    }
}

#[test]
fn decimal_commas_are_read_behind_semicolons() {
    let files = ["--csv", "CASE/forecast-csv-comma/semicolon.csv", "--limit", "200"];
    let ran = case("forecast", &files, &JSON);
    assert_eq!(ran.code, 0, "{ran:#?}");
    let forecast = json(&ran);
    assert_eq!(forecast["limit"], 200.0);
    // A hundred and a half on the first of sixty days, one more on each: 160.5 on the day after the last.
    let next = forecast["points"][0]["p50"].as_f64().unwrap();
    assert!((next - 160.5).abs() < 0.1, "{next}");
    assert!(
        forecast["crossing"]["mid"].is_string() || forecast["crossing"]["low"].is_string(),
        "{forecast:#}"
    );
}

#[test]
fn what_usl_notes_of_a_file_stands_in_its_json() {
    let files = [2, 4, 8, 16, 32]
        .map(|threads| format!("CASE/jmeter-distributed-threads/engines2_threads{threads}.jtl.gz"));
    let ran = case("usl", &files.each_ref().map(String::as_str), &JSON);
    let scalability = json(&ran);
    let peak = scalability["peak"]["load"].as_f64().unwrap();
    assert!((peak - 88.0).abs() < 2.0, "{peak}");
    let notes = scalability["notes"].as_array().unwrap();
    assert_eq!(notes.len(), 5, "{notes:#?}");
    assert!(notes[0]["file"].as_str().unwrap().ends_with("engines2_threads2.jtl.gz"), "{notes:#?}");
    assert_eq!(
        (&notes[0]["kind"], &notes[0]["senders"]),
        (&"several_senders".into(), &2.into()),
        "{notes:#?}"
    );
}

#[test]
fn a_dash_is_standard_output() {
    let folder = folder();
    std::fs::write(folder.path().join("scale-advisor.toml"), "[sources.host]\nenabled = true\n").unwrap();
    let ran = ran(program(folder.path()).args(["collect", "--sample", "100ms", "-o", "-"]));
    assert_eq!(ran.code, 0, "{ran:#?}");
    assert!(json(&ran)["window"].is_object(), "{ran:#?}");
    assert!(!folder.path().join("-").exists());
}
