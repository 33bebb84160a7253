//! The committed JSON Schemas are those of the program, and every expected assessment fits it.

use std::path::{Path, PathBuf};

use boon::{Compiler, SchemaIndex, Schemas};
use scale_advisor::{
    config::config_schema,
    render::{
        fleet_schema, forecast_schema, gate_schema, json_schema, notification_schema, plan_schema, pretty,
        report_schema, snapshot_schema, year_schema,
    },
    roadmap::profile_schema,
};
use serde_json::{Value, json};

use super::{compare, read, scenarios};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(name)
}

/// The committed schema, in which every object also refuses keys it does not describe. Readers may accept
/// more keys than they know; what we write holds none that the schema does not describe.
struct Strict {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Strict {
    fn read(name: &str) -> Self {
        let mut schema: Value = serde_json::from_str(&std::fs::read_to_string(path(name)).unwrap()).unwrap();
        close(&mut schema);
        let mut compiler = Compiler::new();
        compiler.enable_format_assertions();
        compiler.add_resource("assessment.json", schema).unwrap();
        let mut schemas = Schemas::new();
        let index = compiler.compile("assessment.json", &mut schemas).unwrap();
        Self { schemas, index }
    }

    /// Everything in which a value does not fit.
    fn misfits(&self, value: &Value) -> Option<String> {
        self.schemas.validate(value, self.index).err().map(|error| format!("{error:#}"))
    }
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.contains_key("properties") {
                object.entry("additionalProperties").or_insert(Value::Bool(false));
            }
            object.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// Every assessment that is expected of a scenario, with its name.
fn assessments() -> Vec<(String, Value)> {
    let named = |folder: PathBuf| {
        let json = serde_json::from_str(&read(&folder, "expected.json")).unwrap();
        (folder.display().to_string(), json)
    };
    scenarios().into_iter().map(named).collect()
}

#[test]
fn the_committed_schemas_are_those_of_the_program() {
    let mut wrong = Vec::new();
    compare(&path("assessment-2.json"), &json_schema(), &mut wrong);
    compare(&path("plan-2.json"), &plan_schema(), &mut wrong);
    compare(&path("forecast-2.json"), &forecast_schema(), &mut wrong);
    compare(&path("fleet-1.json"), &fleet_schema(), &mut wrong);
    compare(&path("gate-2.json"), &gate_schema(), &mut wrong);
    compare(&path("report-2.json"), &report_schema(), &mut wrong);
    compare(&path("notification-1.json"), &notification_schema(), &mut wrong);
    compare(&path("year-1.json"), &year_schema(), &mut wrong);
    compare(&path("snapshot-2.json"), &snapshot_schema(), &mut wrong);
    compare(&path("profile-1.json"), &pretty(&profile_schema()), &mut wrong);
    compare(&path("config-1.json"), &pretty(&config_schema()), &mut wrong);
    assert!(wrong.is_empty(), "{}\nUPDATE=1 rewrites it", wrong.join("\n"));
}

#[test]
fn every_expected_assessment_fits_the_schema() {
    let schema = Strict::read("assessment-2.json");
    for (name, assessment) in assessments() {
        assert_eq!(schema.misfits(&assessment), None, "{name}");
    }
}

#[test]
fn every_expected_plan_fits_the_schema() {
    let schema = Strict::read("plan-2.json");
    let files = scenarios().into_iter().map(|folder| folder.join("plan.json")).filter(|path| path.exists());
    for path in files {
        let plan = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(schema.misfits(&plan), None, "{}", path.display());
    }
}

#[test]
fn the_forecast_of_the_demo_fits_the_schema() {
    let schema = Strict::read("forecast-2.json");
    let folder = tempfile::tempdir().unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_scale-advisor"));
    command.args(["forecast", "--demo", "--users", "1000", "--format", "json"]);
    let output = command.env_clear().current_dir(folder.path()).output().unwrap();
    assert_eq!(schema.misfits(&serde_json::from_slice(&output.stdout).unwrap()), None);
}

#[test]
fn every_gate_fits_the_schema() {
    use scale_advisor::gate::{
        AssessmentSummary, Baseline, Comparison, GateConfig, NoBaseline, Run, Value as Measured, evaluate,
    };
    let schema = Strict::read("gate-2.json");
    let side = |level: f64, count: u8| -> Vec<Run> {
        let run = |index: u8| {
            let value = Measured { value: level + f64::from(index), unit: "1/s".to_owned() };
            let values = [("throughput".to_owned(), value)].into();
            Run { name: format!("run {index}"), tool: "k6".to_owned(), values, ..Run::default() }
        };
        (0..count).map(run).collect()
    };
    let text = r#"{"schema": "scale-advisor/assessment/1", "generated_at": "2026-11-20T00:00:00Z",
        "profile": {"id": "a", "digest": "b"}, "findings": [],
        "load": {"unit": "users", "peak": 900, "growth_per_month": {"low": 0.05, "mid": 0.1, "high": 0.2}},
        "bottlenecks": [{"resource": "host.cpu", "saturates_at_load": {"low": 1200, "mid": 1310, "high": 1400}}]}"#;
    let baselines = [
        Baseline::Paired(side(900.0, 5)),
        Baseline::Paired(side(900.0, 2)),
        Baseline::History(side(900.0, 20)),
        Baseline::Missing(NoBaseline::NotNamed),
    ];
    for baseline in baselines {
        let comparison = Comparison {
            now: "2026-11-20T12:00:00Z".parse().unwrap(),
            baseline,
            stored: None,
            earlier: Vec::new(),
            candidate: side(760.0, 5),
            objectives: Vec::new(),
            required: vec!["latency_p95".to_owned()],
            required_signals: Vec::new(),
            current: Some(AssessmentSummary::read(text).unwrap()),
            profile: None,
        };
        let report = evaluate(&comparison, &GateConfig::default()).unwrap();
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(schema.misfits(&json), None, "{json:#}");
    }
}

#[test]
fn the_reports_of_the_demo_fit_their_schemas() {
    for (name, file, arguments) in [
        ("report-2.json", "2026-10-node-queue-chat.json", &["--compare", "2026-09"][..]),
        ("year-1.json", "2026-node-queue-chat.json", &["--year", "2026"]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_scale-advisor"));
        command.args(["report", "--demo", "--format", "json", "-o", "."]).args(arguments);
        assert!(command.env_clear().current_dir(folder.path()).status().unwrap().success());
        let json = serde_json::from_str(&std::fs::read_to_string(folder.path().join(file)).unwrap()).unwrap();
        assert_eq!(Strict::read(name).misfits(&json), None, "{name}");
    }
}

#[test]
fn every_snapshot_fits_the_schema() {
    let schema = Strict::read("snapshot-2.json");
    for folder in scenarios() {
        let snapshot = serde_json::from_str(&read(&folder, "snapshot.json")).unwrap();
        assert_eq!(schema.misfits(&snapshot), None, "{}", folder.display());
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let schema = Strict::read("assessment-2.json");
    let (_, sound) = assessments().remove(0);
    let changes: [(&str, Value); 7] = [
        ("/verdict", json!("fine")),
        ("/generated_at", json!("yesterday")),
        ("/coverage/wanted", json!(-1)),
        ("/bottlenecks/0/now/unit", json!("percent")),
        ("/findings/0/signal", json!("no such signal")),
        ("/bottlenecks/0/status", Value::Null),
        ("/phase", json!({})),
    ];
    for (place, value) in changes {
        let mut broken = sound.clone();
        *broken.pointer_mut(place).unwrap_or_else(|| panic!("no {place}")) = value;
        assert!(schema.misfits(&broken).is_some(), "{place}");
    }
    let mut unknown = sound.clone();
    unknown["phase"]["more"] = json!(1);
    assert!(schema.misfits(&unknown).is_some(), "a key nobody described");
}
