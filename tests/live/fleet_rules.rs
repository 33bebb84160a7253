//! Rules that `fleet rules` writes, held against a Prometheus: it accepts them, and they give values of every service.

use std::process::Command;

use serde_json::Value;

use crate::{
    check::{
        history::END,
        program::{Project, Run},
    },
    fleet::service,
    support::{
        http::query_range,
        prometheus::{Backfill, Span},
        run,
    },
};

const SERVICES: usize = 3;
/// The end of an hour.
const HOUR: i64 = END - END % 3600;

#[test]
fn the_server_keeps_the_values_that_forecasts_need_of_every_service() {
    let mut history = Backfill::default();
    let span = Span::before(END, 86_400, 60);
    for number in 0..SERVICES {
        let name = format!("service-{number}");
        let labels = [("namespace", "shop"), ("service", &*name)];
        history = service(history, &labels, span, 40.0, 0.3);
    }
    // What has no service is in no rule's result.
    history = service(history, &[("namespace", "shop")], span, 1000.0, 0.9);
    let server = history.prometheus();
    let project = Project::new(&format!(
        "[sources.prometheus]\nurl = \"{}\"\n[fleet]\nby = [\"namespace\", \"service\"]\n",
        server.url()
    ));
    let rules = |arguments: &str| -> Run {
        project.run(&format!("fleet rules -q --at 2025-10-09T08:53:40Z --profile web-service {arguments}"))
    };
    let written = rules("--output rules.yaml");
    assert_eq!((written.code, written.err.as_str()), (0, ""));
    let file = project.path("rules.yaml");
    let checked = run(Command::new("promtool").args(["check", "rules", "--lint-fatal"]).arg(&file));
    assert!(checked.contains("rules found"), "{checked}");

    let text = std::fs::read_to_string(file).unwrap();
    let document: Value = serde_yaml_ng::from_str(&text).unwrap();
    let groups = document["groups"].as_array().unwrap();
    let all: Vec<&Value> = groups.iter().flat_map(|group| group["rules"].as_array().unwrap()).collect();
    let value = |series: &Value| series["values"][0][1].as_str().unwrap().parse::<f64>().unwrap();
    for rule in &all {
        let expression = rule["expr"].as_str().unwrap();
        let answer: Value =
            serde_json::from_str(&query_range(server.port, expression, (HOUR, HOUR, 60))).unwrap();
        let result = answer["data"]["result"].as_array().unwrap();
        assert_eq!(result.len(), SERVICES, "{expression}: {answer}");
        for series in result {
            let labels = &series["metric"];
            assert!(labels["namespace"] == "shop" && labels["service"].is_string(), "{expression}: {answer}");
            assert!((1.0..=100.0).contains(&value(series)), "{expression}: {answer}");
        }
    }
    let records: Vec<&str> = all.iter().map(|rule| rule["record"].as_str().unwrap()).collect();
    for expected in ["postgres_connections:usage:mean1h", "postgres_connections:limit:mean1h", ":load:mean1h"]
    {
        assert!(records.iter().any(|record| record.ends_with(expected)), "{expected}: {records:?}");
    }

    let operator = rules("--format prometheusrule --name monitoring/fleet --label release=prometheus").out;
    assert!(operator.contains("kind: PrometheusRule") && operator.contains("name: fleet"), "{operator}");
}
