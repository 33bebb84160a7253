//! `export`: what it writes is what those who run it accept, and does what it says there.

use std::{fmt::Write as _, path::Path, process::Command};

use scale_advisor::roadmap::builtin_ids;
use serde_yaml_ng::Value;

use super::{
    binary::{Ran, program, ran},
    folder,
    hostile_texts::HOSTILE,
    says, write,
};

fn export(folder: &Path, arguments: &[&str]) -> Ran {
    let run = ran(program(folder).arg("export").args(arguments));
    assert_eq!(run.code, 0, "{run:#?}");
    run
}

/// The rules of a file, those of all groups.
fn rules(text: &str) -> Vec<Value> {
    let file: Value = serde_yaml_ng::from_str(text).unwrap();
    let groups = if file["groups"].is_null() { &file["spec"]["groups"] } else { &file["groups"] };
    let groups = groups.as_sequence().unwrap().iter();
    groups.flat_map(|group| group["rules"].as_sequence().unwrap().clone()).collect()
}

#[track_caller]
fn promtool(folder: &Path, arguments: &[&str]) {
    let output = Command::new("promtool").args(arguments).current_dir(folder).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "promtool {arguments:?}: {}", String::from_utf8_lossy(&text));
}

#[test]
fn every_roadmap_gives_rules_that_prometheus_accepts() {
    let folder = folder();
    for profile in builtin_ids() {
        for what in ["alerts", "rules"] {
            export(folder.path(), &[what, "--demo", "--profile", profile, "-o", "rules.yaml"]);
            promtool(folder.path(), &["check", "rules", "--lint=all", "--lint-fatal", "rules.yaml"]);
        }
    }
}

/// A signal, its metrics when so much of it is used, and how an alert names its instance.
struct Driven {
    signal: &'static str,
    series: fn(f64) -> Vec<(String, f64)>,
    labels: &'static str,
}

const DRIVEN: [Driven; 3] = [
    Driven {
        signal: "postgres.connections",
        series: |share| {
            vec![
                (
                    "pg_stat_activity_count{instance=\"db\", backend_type=\"client backend\"}".to_owned(),
                    share * 1000.0,
                ),
                ("pg_settings_max_connections{instance=\"db\"}".to_owned(), 1003.0),
                ("pg_settings_superuser_reserved_connections{instance=\"db\"}".to_owned(), 3.0),
            ]
        },
        labels: "instance=\"db\", ",
    },
    Driven {
        signal: "host.memory",
        series: |share| {
            vec![
                ("node_memory_MemAvailable_bytes{instance=\"app\"}".to_owned(), 1e9 * (1.0 - share)),
                ("node_memory_MemTotal_bytes{instance=\"app\"}".to_owned(), 1e9),
            ]
        },
        labels: "instance=\"app\", ",
    },
    Driven {
        signal: "queue.depth",
        series: |depth| vec![("bullmq_job_count{queue=\"mail\", state=\"waiting\"}".to_owned(), depth)],
        labels: "queue=\"mail\", ",
    },
];

/// A case for `promtool test rules`: the series hold these values, a sample a minute, and the alert fires or does not.
fn case(driven: &Driven, rule: &Value, values: &[(f64, u64)], fires: bool) -> String {
    let name = rule["alert"].as_str().unwrap();
    let severity = rule["labels"]["severity"].as_str().unwrap();
    let minutes: u64 = values.iter().map(|(_, minutes)| minutes).sum();
    let mut text = String::from("  - interval: 1m\n    input_series:\n");
    let values = values.iter().filter(|(_, minutes)| *minutes > 0);
    let series: Vec<_> = values.map(|(value, minutes)| ((driven.series)(*value), *minutes)).collect();
    for (index, (name, _)) in series[0].0.iter().enumerate() {
        let samples = series.iter().map(|(all, minutes)| format!("{}x{}", all[index].1, minutes - 1));
        let samples = samples.collect::<Vec<_>>().join(" ");
        writeln!(text, "      - series: '{name}'\n        values: '{samples}'").unwrap();
    }
    writeln!(text, "    promql_expr_test:").unwrap();
    writeln!(text, "      - expr: ALERTS{{alertname=\"{name}\", alertstate=\"firing\"}}").unwrap();
    writeln!(text, "        eval_time: {}m", minutes - 1).unwrap();
    if fires {
        let labels = format!(
            "alertname=\"{name}\", alertstate=\"firing\", {}severity=\"{severity}\", signal=\"{}\"",
            driven.labels, driven.signal
        );
        writeln!(
            text,
            "        exp_samples:\n          - labels: 'ALERTS{{{labels}}}'\n            value: 1"
        )
        .unwrap();
    }
    text
}

#[test]
fn alerts_fire_beyond_the_limit_for_long_enough_and_stay_silent_otherwise() {
    let folder = folder();
    let mut tested = 0;
    for profile in builtin_ids() {
        let text = export(folder.path(), &["alerts", "--demo", "--profile", profile]).stdout;
        write(folder.path(), "alerts.yaml", &text);
        let mut tests = String::from("rule_files: [alerts.yaml]\nevaluation_interval: 1m\ntests:\n");
        for driven in &DRIVEN {
            let rules = rules(&text).into_iter();
            for rule in
                rules.filter(|rule| rule["labels"]["signal"] == driven.signal && !rule["for"].is_null())
            {
                let expression = rule["expr"].as_str().unwrap();
                let limit: f64 = expression.rsplit(' ').next().unwrap().parse().unwrap();
                let minutes: u64 = rule["for"].as_str().unwrap().strip_suffix('m').unwrap().parse().unwrap();
                let (above, below) = (limit * 1.02, limit * 0.98);
                tests += &case(driven, &rule, &[(above, minutes + 2)], true);
                tests += &case(driven, &rule, &[(below, 10), (above, minutes)], false);
                tests +=
                    &case(driven, &rule, &[(above, minutes - 1), (below, 1), (above, minutes.min(2))], false);
                tests += &case(driven, &rule, &[(below, minutes + 10)], false);
                tested += 1;
            }
        }
        write(folder.path(), "tests.yaml", &tests);
        promtool(folder.path(), &["test", "rules", "tests.yaml"]);
    }
    assert!(tested >= 20, "{tested}");
}

/// What an alert tells, with its templates filled in.
#[test]
fn alerts_say_what_is_wrong_and_what_to_do() {
    let folder = folder();
    export(folder.path(), &["alerts", "--demo", "-o", "alerts.yaml"]);
    let tests = r#"
rule_files: [alerts.yaml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - series: 'pg_stat_activity_count{instance="db-1:9187", backend_type="client backend"}'
        values: '92x9'
      - series: 'pg_settings_max_connections{instance="db-1:9187"}'
        values: '100x9'
      - series: 'pg_settings_superuser_reserved_connections{instance="db-1:9187"}'
        values: '3x9'
    alert_rule_test:
      - eval_time: 9m
        alertname: PostgresConnectionsCritical
        exp_alerts:
          - exp_labels:
              severity: critical
              signal: postgres.connections
              instance: db-1:9187
            exp_annotations:
              summary: Connections in use of db-1:9187 above 90% for 5 min
              description: 'Connections in use of db-1:9187: 94.85%, critical limit 90% (default limit). Client connections as a share of the usable slots. When none is left, new clients are rejected. `scale-advisor explain postgres.connections` shows where the limit comes from.'
              runbook: '[2.2] Tune PostgreSQL and its connection pool; start by 21 Nov 2026'
"#;
    write(folder.path(), "tests.yaml", tests);
    promtool(folder.path(), &["test", "rules", "tests.yaml"]);
}

#[test]
fn dates_fire_from_their_day_on() {
    let folder = folder();
    export(folder.path(), &["alerts", "--demo", "-o", "alerts.yaml"]);
    // 19 Nov 2026 is 498,636 hours after 1970; rules are evaluated every thirty days, so that it takes no time to get there.
    let expression = "count(ALERTS{alertname=\"PostgresConnectionsActBy\", alertstate=\"firing\"})";
    let tests = format!(
        "rule_files: [alerts.yaml]\nevaluation_interval: 720h\ntests:\n  - interval: 720h\n    promql_expr_test:\n      \
         - expr: {expression}\n        eval_time: 498240h\n      \
         - expr: {expression}\n        eval_time: 498960h\n        exp_samples: [{{value: 1}}]\n"
    );
    write(folder.path(), "tests.yaml", &tests);
    promtool(folder.path(), &["test", "rules", "tests.yaml"]);
}

#[test]
fn a_prometheusrule_holds_the_same_rules() {
    let folder = folder();
    let plain = export(folder.path(), &["alerts", "--demo"]).stdout;
    let arguments = ["alerts", "--demo", "--format", "prometheusrule"];
    let further = [
        "--name",
        "monitoring/capacity",
        "--label",
        "release=prometheus",
        "--label",
        "app.kubernetes.io/part-of=shop",
    ];
    let resource = export(folder.path(), &[&arguments[..], &further].concat()).stdout;
    assert_eq!(rules(&plain), rules(&resource));
    let resource: Value = serde_yaml_ng::from_str(&resource).unwrap();
    assert_eq!(resource["apiVersion"], "monitoring.coreos.com/v1");
    assert_eq!(resource["metadata"]["name"], "capacity");
    assert_eq!(resource["metadata"]["namespace"], "monitoring");
    assert_eq!(resource["metadata"]["labels"]["release"], "prometheus");
}

#[test]
fn a_directory_gets_a_file_of_the_usual_name() {
    let folder = folder();
    std::fs::create_dir(folder.path().join("monitoring")).unwrap();
    export(folder.path(), &["alerts", "--demo", "-o", "monitoring"]);
    export(folder.path(), &["rules", "--demo", "-o", "monitoring/"]);
    for name in ["scale-advisor-alerts.yaml", "scale-advisor-rules.yaml"] {
        assert!(folder.path().join("monitoring").join(name).is_file(), "{name}");
    }
}

#[test]
fn what_prometheus_does_not_measure_is_named_and_has_no_rule() {
    let folder = folder();
    let text = export(folder.path(), &["alerts", "--demo"]).stdout;
    says(&text, &["# Not exported: queue.oldest_age (read from redis, not from Prometheus)"]);
    assert!(!text.contains("signal: queue.oldest_age"));
    write(folder.path(), "s.json", &super::hostile_texts::snapshot());
    let run = ran(program(folder.path()).args(["export", "alerts", "--snapshot", "s.json"]));
    assert_eq!(run.code, 3, "{run:#?}");
    says(&run.stderr, &["no rules", "scale-advisor doctor"]);
}

/// Of a quantile only its bucket is known, and beyond the highest bucket its bound is reported, and never more.
#[test]
fn an_alert_on_a_quantile_fires_where_the_limit_is_certainly_exceeded() {
    let folder = folder();
    let alerts = |buckets: &str| {
        let snapshot = format!(
            r#"{{"schema":"scale-advisor/snapshot/2","taken_at":"2026-11-20T16:40:00Z","tool_version":"0.1.0",
"window":{{"from":"2026-11-20T14:40:00Z","to":"2026-11-20T16:40:00Z","step_seconds":60}},"sources":[],
"observations":[{{"signal":"http.latency","values":{{"from_ms":1795192800000,"step_ms":0,"values":[0.2]}},
"resolution":{{"buckets":{buckets}}},"origin":{{"source":"prometheus",
"query":"histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[4m])))"}}}}],
"gaps":[],"exhausted":[]}}"#
        );
        write(folder.path(), "s.json", &snapshot);
        export(folder.path(), &["alerts", "--snapshot", "s.json", "--profile", "web-service"]).stdout
    };
    // The limits are 2 s and 5 s.
    let comparisons = |text: &str| -> Vec<String> {
        let of_latency = rules(text).into_iter().filter(|rule| rule["labels"]["signal"] == "http.latency");
        let comparison = |rule: Value| {
            let severity = rule["labels"]["severity"].as_str().unwrap().to_owned();
            let (_, compared) = rule["expr"].as_str().unwrap().split_once(" >").unwrap();
            format!("{severity} >{compared}")
        };
        of_latency.map(comparison).collect()
    };
    let text = alerts("[0.5,1.0,5.0]");
    assert_eq!(comparisons(&text), ["warning >= 5", "critical >= 5"], "{text}");
    says(&text, &["inside a histogram bucket that ends at 5 s"]);
    let text = alerts("[0.5,1.0,5.0,10.0]");
    assert_eq!(comparisons(&text), ["warning > 5", "critical > 5"], "{text}");
    let text = alerts("[0.5,2.0,5.0,10.0]");
    assert_eq!(comparisons(&text), ["warning > 2", "critical > 5"], "{text}");
    assert!(!text.contains("within a bucket"), "{text}");
    let text = alerts("[0.5,1.0,3.0]");
    assert_eq!(comparisons(&text), ["warning >= 3"], "{text}");
    says(&text, &["the limit of 5 s is above the highest bucket of the histogram, 3 s"]);
}

/// Names of servers, of settings and of roadmaps that are actions of a template, another document or a command.
#[test]
fn hostile_names_are_inert() {
    let folder = folder();
    let further = [
        "{{ .Labels }}",
        "{{ template \"x\" }}{",
        "a: {b: [c",
        "%{{",
        "x\n- alert: forged\n  expr: vector(1)",
    ];
    let mut observations = Vec::new();
    for (index, name) in HOSTILE.iter().chain(&further).enumerate() {
        let text = |text: &str| serde_json::to_string(text).unwrap();
        observations.push(format!(
            r#"{{"signal":"host.disk_space","instance":{},"labels":{{"instance":{}}},"values":{{"from_ms":1795192800000,"step_ms":0,"values":[0.9]}},"origin":{{"source":"prometheus","query":{}}}}}"#,
            text(name),
            text(name),
            text(&format!("disk_used{{path={}}} / disk_size", text(&format!("{index}{name}"))))
        ));
    }
    let snapshot = format!(
        r#"{{"schema":"scale-advisor/snapshot/2","taken_at":"2026-11-20T16:40:00Z","tool_version":"0.1.0",
"window":{{"from":"2026-11-20T14:40:00Z","to":"2026-11-20T16:40:00Z","step_seconds":60}},"sources":[],
"observations":[{}],"gaps":[],"exhausted":[]}}"#,
        observations.join(",")
    );
    write(folder.path(), "s.json", &snapshot);
    let roadmap =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/web-service.toml"))
            .unwrap();
    let title = "title = \"{{ .Labels }} {{\\n- alert: forged\"";
    let first = roadmap.lines().find(|line| line.starts_with("title = ")).unwrap();
    write(folder.path(), "mine.toml", &roadmap.replace(first, title));
    for what in ["alerts", "rules"] {
        let text = export(folder.path(), &[what, "--snapshot", "s.json", "--profile", "mine.toml"]).stdout;
        write(folder.path(), "rules.yaml", &text);
        promtool(folder.path(), &["check", "rules", "rules.yaml"]);
        assert!(!rules(&text).iter().any(|rule| rule["alert"] == "forged"), "{text}");
    }
}
