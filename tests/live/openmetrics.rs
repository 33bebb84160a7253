//! What `check` and `gate` write as OpenMetrics, scraped by a Prometheus.

use std::process::Command;

use serde_json::Value;

use crate::support::{
    Server,
    fake::{Fake, Played},
    folder,
    http::try_http,
    prometheus::Backfill,
    wait_until,
};

/// A full cache whose name has everything that a label must escape.
const SNAPSHOT: &str = r#"{"schema":"scale-advisor/snapshot/1","taken_at":"2026-11-20T16:40:00Z","tool_version":"1",
"window":{"from":"2026-11-20T14:40:00Z","to":"2026-11-20T16:40:00Z","step_seconds":60},"sources":[],
"observations":[{"signal":"redis.memory","instance":"a\"b\\c","values":{"from_ms":1795192800000,"step_ms":0,
"values":[0.99]},"origin":{"source":"redis","query":"INFO"},"notes":[]}],"gaps":[],"exhausted":[]}"#;

fn metrics(arguments: &[&str]) -> String {
    let folder = folder();
    std::fs::write(folder.path().join("snapshot.json"), SNAPSHOT).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_scale-advisor"));
    command.args(["check", "--format", "openmetrics"]).args(arguments).env_clear().current_dir(folder.path());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What `gate` writes of two builds; `tests/demo.rs` holds the file against the program.
fn gate() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/reports/demo/gate.openmetrics.txt");
    std::fs::read_to_string(path).unwrap()
}

/// The series of a metric that a server holds for a job: their labels and values.
fn series(server: &Server, name: &str, job: &str) -> Vec<(Value, String)> {
    let Some((200, body)) = try_http(server.port, "GET", &format!("/api/v1/query?query={name}"), "") else {
        return Vec::new();
    };
    let answer: Value = serde_json::from_str(&body).unwrap();
    let all = answer["data"]["result"].as_array().unwrap().iter();
    all.filter(|series| series["metric"]["job"] == job)
        .map(|series| (series["metric"].clone(), series["value"][1].as_str().unwrap().to_owned()))
        .collect()
}

#[test]
fn prometheus_reads_every_sample() {
    let texts = [metrics(&["--demo"]), metrics(&["--snapshot", "snapshot.json"]), gate()];
    let samples = texts.clone().map(|text| text.lines().filter(|line| !line.starts_with('#')).count());
    // A textfile collector and a push gateway read the older text format.
    let served = Fake::start(move |asked, _| match asked.path.as_str() {
        "/demo" => Played::new(200, "application/openmetrics-text; version=1.0.0; charset=utf-8", &texts[0]),
        "/forged" => {
            Played::new(200, "application/openmetrics-text; version=1.0.0; charset=utf-8", &texts[1])
        }
        "/gate" => Played::new(200, "application/openmetrics-text; version=1.0.0; charset=utf-8", &texts[2]),
        _ => Played::new(200, "text/plain; version=0.0.4; charset=utf-8", &texts[0]),
    });
    let job = |name: &str| {
        let targets = format!("static_configs: [{{targets: ['127.0.0.1:{}']}}]", served.port);
        format!("- {{job_name: {name}, metrics_path: /{name}, scrape_interval: 1s, {targets}}}\n")
    };
    let config = format!("scrape_configs:\n{}{}{}{}", job("demo"), job("forged"), job("gate"), job("older"));
    let server = Backfill::default().prometheus_with(&config, None, &[]);
    let jobs = [("demo", samples[0]), ("forged", samples[1]), ("gate", samples[2]), ("older", samples[0])];
    for (job, samples) in jobs {
        wait_until(&format!("{job} is scraped"), || !series(&server, "up", job).is_empty());
        let up = series(&server, "up", job);
        assert_eq!(up[0].1, "1", "{job}: the answer was refused");
        wait_until("the samples are there", || !series(&server, "scrape_samples_scraped", job).is_empty());
        assert_eq!(series(&server, "scrape_samples_scraped", job)[0].1, samples.to_string(), "{job}");
    }
    let room = series(&server, "scale_advisor_resource_headroom_ratio", "demo");
    let connections = room.iter().find(|(labels, _)| labels["resource"] == "postgres.connections").unwrap();
    assert!(connections.1.starts_with("0.06"), "{room:?}");
    let forged = series(&server, "scale_advisor_resource_headroom_ratio", "forged");
    assert!(forged.iter().any(|(labels, _)| labels["of"] == "a\"b\\c"), "{forged:?}");
    let shifts = series(&server, "scale_advisor_gate_metric_shift_ratio", "gate");
    let throughput = shifts.iter().find(|(labels, _)| labels["metric"] == "throughput").unwrap();
    assert!(throughput.1.starts_with("-0.14"), "{shifts:?}");
    assert_eq!(series(&server, "scale_advisor_gate_saturation_load", "gate").len(), 6);
}
