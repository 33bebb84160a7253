//! `export dashboard`, held against what Grafana says a dashboard is, and its queries asked of a real server.

use std::{path::Path, process::Command};

use scale_advisor::roadmap::builtin_ids;
use serde_json::Value;

use crate::{
    check::program::Project,
    support::{http::query_range, npm, prometheus::Backfill},
};

/// Grafana's types, and what reads them.
const PACKAGES: [&str; 2] = ["@grafana/schema@12.4.11", "typescript@5.9.3"];

fn exported(project: &Project, profile: &str) -> Value {
    let run = project.run(&format!("export dashboard --demo --profile {profile}"));
    assert_eq!(run.code, 0, "{}", run.err);
    serde_json::from_str(&run.out).unwrap()
}

/// What the types have against dashboards.
fn faults(project: &Project, dashboards: &[Value]) -> String {
    let modules = npm::modules("grafana", &PACKAGES.map(str::to_owned));
    let types = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live/support/dashboard.ts");
    let types = std::fs::read_to_string(types).unwrap();
    let script = format!("{types}\ncheck({});\n", serde_json::to_string_pretty(dashboards).unwrap());
    std::fs::write(project.path("dashboards.ts"), script).unwrap();
    let link = project.path("node_modules");
    if !link.exists() {
        std::os::unix::fs::symlink(&modules, link).unwrap();
    }
    let mut compiler = Command::new("node");
    compiler.arg(modules.join("typescript/bin/tsc")).current_dir(project.path(""));
    compiler.args(["--noEmit", "--strict", "--skipLibCheck", "--moduleResolution", "bundler"]);
    compiler.args(["--module", "esnext", "--target", "es2022", "dashboards.ts"]);
    let output = compiler.output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.success(), told.is_empty(), "{told}");
    told
}

#[test]
fn dashboards_are_what_grafana_says_they_are() {
    let project = Project::new("");
    let dashboards: Vec<Value> = builtin_ids().map(|profile| exported(&project, profile)).collect();
    assert_eq!(faults(&project, &dashboards), "");
    let changes: [fn(&mut Value); 4] = [
        |dashboard| dashboard["panles"] = dashboard["panels"].clone(),
        |dashboard| dashboard["panels"][1]["gridPos"]["w"] = "24".into(),
        |dashboard| dashboard["panels"][1]["options"]["legend"]["displayMode"] = "lists".into(),
        |dashboard| dashboard["panels"][1]["targets"][0]["expr"] = Value::Null,
    ];
    for (number, change) in (1..).zip(changes) {
        let mut wrong = dashboards[0].clone();
        change(&mut wrong);
        assert!(!faults(&project, &[wrong]).is_empty(), "change {number} is not noticed");
    }
}

#[test]
fn a_server_understands_every_query_of_a_panel() {
    let server = Backfill::default().prometheus();
    let project = Project::new("");
    for profile in builtin_ids() {
        let dashboard = exported(&project, profile);
        let panels = dashboard["panels"].as_array().unwrap().iter();
        let targets = panels.filter_map(|panel| panel["targets"].as_array()).flatten();
        let mut asked = 0;
        for expression in targets.map(|target| target["expr"].as_str().unwrap()) {
            query_range(server.port, expression, (0, 3600, 60));
            asked += 1;
        }
        assert!(asked >= 8, "{profile}: {asked}");
    }
}
