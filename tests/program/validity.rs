//! The formats of CI systems against their published schemas.

use std::{path::Path, process::Command};

use boon::{Compiler, Schemas};
use scale_advisor::{
    assess::Verdict,
    render::{Case, Cases, CiFormat, Place, render_cases},
};
use serde_json::Value;

use super::{binary::ran, check, folder, gate_formats, hostile, write};

const SCENARIOS: [&str; 5] =
    ["healthy", "cpu-20-minutes", "everything-unknown", "connections-refused", "all-clear-but-gaps"];

/// Every output of a format that is worth a look: of scenarios, of forged text, and of every character there is.
fn outputs(format: CiFormat, name: &str) -> Vec<(String, String)> {
    let folder = folder();
    let of_scenario = |scenario: &str| {
        let mut outputs = Vec::new();
        for more in [&[][..], &["--fail-on", "critical"]] {
            let run = ran(check(folder.path(), scenario).args(["--format", name]).args(more));
            outputs.push((format!("{scenario} {more:?}"), run.stdout));
        }
        outputs
    };
    let mut outputs: Vec<_> = SCENARIOS.into_iter().flat_map(of_scenario).collect();
    outputs.extend(gate_formats::outputs(name));
    outputs.push(("forged".to_owned(), hostile::check(&["--format", name]).stdout));
    outputs.push(("every character".to_owned(), render_cases(format, &every_character())));
    outputs
}

fn every_character() -> Cases {
    let text: String = (0..=0xffff_u32).filter_map(char::from_u32).chain(['😀', '\u{1fffe}']).collect();
    let case = |verdict, acknowledged: bool| Case {
        id: text.clone(),
        title: text.clone(),
        instance: Some(format!("{verdict:?}{text}")),
        verdict,
        message: text.clone(),
        place: Some(Place { file: text.clone(), line: 1 }),
        counts: true,
        built_in: false,
        repeats: false,
        acknowledged: acknowledged.then(|| text.clone()),
    };
    let verdicts = [Verdict::Ok, Verdict::Unknown, Verdict::Warning, Verdict::Critical];
    Cases {
        version: "1".to_owned(),
        subject: text.clone(),
        headline: text.clone(),
        at: chrono::DateTime::UNIX_EPOCH,
        fail_on: None,
        notes: vec![text.clone()],
        cases: verdicts.into_iter().flat_map(|verdict| [case(verdict, false), case(verdict, true)]).collect(),
        measures: Vec::new(),
    }
}

fn schema(name: &str) -> String {
    format!("{}/tests/fixtures/schemas/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn sarif_fits_the_official_schema() {
    let mut compiler = Compiler::new();
    compiler.enable_format_assertions();
    let text = std::fs::read_to_string(schema("sarif-2.1.0.json")).unwrap();
    compiler.add_resource("sarif.json", serde_json::from_str(&text).unwrap()).unwrap();
    let mut schemas = Schemas::new();
    let index = compiler.compile("sarif.json", &mut schemas).unwrap();
    let broken = serde_json::json!({"version": "2.1.0", "runs": [{"results": []}]});
    assert!(schemas.validate(&broken, index).is_err(), "the schema holds nothing");
    for (name, output) in outputs(CiFormat::Sarif, "sarif") {
        let log: Value = serde_json::from_str(&output).unwrap();
        let misfits = schemas.validate(&log, index).err().map(|error| format!("{error:#}"));
        assert_eq!(misfits, None, "{name}");
    }
}

/// What xmllint says against a report.
fn misfits(folder: &Path, xml: &str) -> Option<String> {
    // The count of skipped cases beside the root's other counts is younger than the schema; all else is held.
    let (root, rest) = xml.split_once(" skipped=\"").unwrap();
    let rest = rest.split_once('"').unwrap().1;
    let path = write(folder, "report.xml", &format!("{root}{rest}"));
    let mut command = Command::new("xmllint");
    command.args(["--nonet", "--noout", "--huge", "--schema", &schema("junit-10.xsd")]).arg(path);
    let output = command.output().expect("xmllint cannot be started; scripts/test installs it");
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn junit_fits_the_schema_that_jenkins_reads() {
    let folder = folder();
    let broken = "<testsuites skipped=\"0\"><testcase/></testsuites>";
    assert!(misfits(folder.path(), broken).is_some(), "the schema holds nothing");
    for (name, output) in outputs(CiFormat::Junit, "junit") {
        assert_eq!(misfits(folder.path(), &output), None, "{name}");
    }
}

#[test]
fn gitlab_reports_hold_what_gitlab_needs() {
    for (name, output) in outputs(CiFormat::Gitlab, "gitlab") {
        let issues: Vec<Value> = serde_json::from_str(&output).unwrap();
        let mut fingerprints = std::collections::BTreeSet::new();
        for issue in &issues {
            for key in ["description", "check_name"] {
                assert!(issue[key].as_str().is_some_and(|text| !text.is_empty()), "{name}: {issue}");
            }
            let path = issue["location"]["path"].as_str().unwrap();
            assert!(!path.starts_with("./") && !path.is_empty(), "{name}: {issue}");
            assert!(
                issue["location"]["lines"]["begin"].as_u64().is_some_and(|line| line > 0),
                "{name}: {issue}"
            );
            let severity = issue["severity"].as_str().unwrap();
            assert!(["info", "minor", "major", "critical", "blocker"].contains(&severity), "{name}: {issue}");
            let fingerprint = issue["fingerprint"].as_str().unwrap();
            // Of equal ones GitLab shows the first alone. Forged cases are doubled on purpose.
            assert!(fingerprints.insert(fingerprint) || name == "every character", "{name}: {issue}");
        }
    }
}
