//! `export dashboard`: a dashboard that Grafana can import.

use std::collections::BTreeSet;

use scale_advisor::roadmap::builtin_ids;
use serde_json::Value;

use super::{
    binary::{program, ran},
    folder, hostile_texts, says, write,
};

fn dashboard(profile: &str) -> Value {
    let folder = folder();
    let run = ran(program(folder.path()).args(["export", "dashboard", "--demo", "--profile", profile]));
    assert_eq!(run.code, 0, "{run:#?}");
    serde_json::from_str(&run.stdout).unwrap()
}

fn panels(dashboard: &Value) -> &[Value] {
    dashboard["panels"].as_array().unwrap()
}

/// Left, top, right and bottom.
fn edges(panel: &Value) -> [u64; 4] {
    let number = |key: &str| panel["gridPos"][key].as_u64().unwrap();
    [number("x"), number("y"), number("x") + number("w"), number("y") + number("h")]
}

#[test]
fn every_expression_is_promql_and_asks_the_chosen_source() {
    for profile in builtin_ids() {
        let dashboard = dashboard(profile);
        let mut expressions = 0;
        for panel in panels(&dashboard).iter().filter(|panel| panel["type"] == "timeseries") {
            assert_eq!(panel["datasource"]["uid"], "${datasource}");
            for target in panel["targets"].as_array().unwrap() {
                let expression = target["expr"].as_str().unwrap();
                promql_parser::parser::parse(expression)
                    .unwrap_or_else(|error| panic!("{expression}: {error}"));
                assert_eq!(target["datasource"]["uid"], "${datasource}");
                expressions += 1;
            }
        }
        assert!(expressions >= 8, "{profile}: {expressions}");
        assert_eq!(dashboard["templating"]["list"][0]["name"], "datasource");
        assert_eq!(dashboard["templating"]["list"][0]["type"], "datasource");
    }
}

#[test]
fn panels_have_ids_of_their_own_and_do_not_overlap() {
    for profile in builtin_ids() {
        let dashboard = dashboard(profile);
        let panels = panels(&dashboard);
        let ids: BTreeSet<u64> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
        assert_eq!(ids.len(), panels.len());
        for (index, panel) in panels.iter().enumerate() {
            let [left, top, right, bottom] = edges(panel);
            assert!(right <= 24 && left < right && top < bottom, "{panel}");
            for other in &panels[..index] {
                let [other_left, other_top, other_right, other_bottom] = edges(other);
                let apart =
                    right <= other_left || other_right <= left || bottom <= other_top || other_bottom <= top;
                assert!(apart, "{} overlaps {}", panel["title"], other["title"]);
            }
        }
    }
}

#[test]
fn limits_and_phases_are_thresholds() {
    let dashboard = dashboard("node-queue-chat");
    let panel = |title: &str| {
        let found =
            panels(&dashboard).iter().find(|panel| panel["title"].as_str().unwrap().starts_with(title));
        found.unwrap_or_else(|| panic!("no panel {title}"))
    };
    let steps = |title: &str| -> Vec<Option<f64>> {
        let steps = panel(title)["fieldConfig"]["defaults"]["thresholds"]["steps"].as_array().unwrap();
        steps.iter().map(|step| step["value"].as_f64()).collect()
    };
    assert_eq!(steps("PostgreSQL connections"), [None, Some(0.8), Some(0.9), Some(1.0)]);
    let phases = steps("Load");
    assert!(phases.len() >= 3 && phases[0].is_none(), "{phases:?}");
    assert!(phases.windows(2).all(|pair| pair[0] < pair[1]), "{phases:?}");
    says(panel("Saturation")["options"]["content"].as_str().unwrap(), &["PostgreSQL connections", "3 Dec"]);
}

#[test]
fn it_is_the_same_dashboard_when_it_is_exported_again() {
    let uid = |profile: &str| dashboard(profile)["uid"].as_str().unwrap().to_owned();
    assert_eq!(uid("web-service"), uid("web-service"));
    assert_ne!(uid("web-service"), uid("node-queue-chat"));
    assert!(uid("socketio-mongo-chat").len() <= 40);
}

#[test]
fn without_measurements_in_prometheus_there_is_nothing_to_show() {
    let folder = folder();
    write(folder.path(), "s.json", &hostile_texts::snapshot());
    let run = ran(program(folder.path()).args(["export", "dashboard", "--snapshot", "s.json"]));
    assert_eq!(run.code, 3, "{run:#?}");
    says(&run.stderr, &["no panels"]);
}
