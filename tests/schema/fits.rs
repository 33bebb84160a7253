//! Sound documents fit, and mistakes do not.

use serde_json::{Value, json};

use crate::{Judge, Kind, roadmaps, settings, toml_of};

#[track_caller]
fn check_sound(kind: &Kind) {
    let judge = Judge::of(&kind.schema);
    for (name, document) in &kind.documents {
        assert_eq!(judge.misfits(document), None, "{name}");
        let diagnostics = (kind.read)(&toml_of(document));
        assert!(!scale_advisor::diagnostic::has_errors(&diagnostics), "{name}: {diagnostics:#?}");
    }
}

#[test]
fn every_roadmap_fits() {
    check_sound(&roadmaps());
}

#[test]
fn every_example_of_settings_fits() {
    check_sound(&settings());
}

/// Puts a value at a place of the last document, or takes what is there away; schema and reader refuse both.
#[track_caller]
fn check_refused(kind: &Kind, changes: &[(&str, &str, Option<Value>)]) {
    let judge = Judge::of(&kind.schema);
    let (_, sound) = kind.documents.last().unwrap();
    for (table, key, value) in changes {
        let mut changed = sound.clone();
        let at = changed.pointer_mut(table).unwrap_or_else(|| panic!("no {table}")).as_object_mut().unwrap();
        match value {
            Some(value) => at.insert((*key).to_owned(), value.clone()),
            None => at.remove(*key),
        };
        assert!(judge.misfits(&changed).is_some(), "the schema takes {table}/{key} = {value:?}");
        let diagnostics = (kind.read)(&toml_of(&changed));
        assert!(scale_advisor::diagnostic::has_errors(&diagnostics), "the reader takes {table}/{key}");
    }
}

#[test]
fn mistakes_in_roadmaps_are_refused() {
    let changes = [
        ("", "titel", Some(json!("x"))),
        ("", "schema", Some(json!(2))),
        ("", "stack", Some(json!(["redix"]))),
        ("", "currency", Some(json!("usd"))),
        ("", "summary", None),
        ("", "phases", Some(json!([]))),
        ("/load", "signal", Some(json!("host.cpu"))),
        ("/load", "read_ratio", Some(json!(0.9))),
        ("/phases/0", "users", Some(json!([]))),
        ("/phases/0/actions/0", "priority", Some(json!("urgent"))),
        ("/phases/0/actions/0", "months", Some(json!(1))),
        ("/phases/0/actions/0", "relieves", Some(json!(["Host.cpus"]))),
        ("/phases/0/enter", "signal", Some(json!("no such signal"))),
        ("/phases/0/enter", "fact", Some(json!("team_size"))),
        ("/phases/0/enter", "below", Some(json!(1))),
        ("/phases/0/enter", "aggregate", Some(json!("last"))),
        ("/phases/0/enter", "above", None),
        ("/phases/0/enter", "above", Some(json!("lots"))),
        ("/benchmarks/0", "target", Some(json!({ "fact": "team_size", "above": 1 }))),
        ("/decisions/0", "when", Some(json!({ "any": [] }))),
        ("/decisions/0", "when", Some(json!({ "fact": "team_size", "is": 3, "for": "10m" }))),
        ("/costs/0", "items", None),
        ("/milestones/0", "effort", Some(json!("2 months"))),
        ("/recovery", "rto", Some(json!("4GB"))),
    ];
    check_refused(&roadmaps(), &changes);
}

#[test]
fn mistakes_in_settings_are_refused() {
    let changes = [
        ("", "profil", Some(json!("web-service"))),
        ("", "absent", Some(json!(["redix"]))),
        ("", "history", Some(json!("mysql://db/history"))),
        ("/remote_write", "url", None),
        ("/remote_write", "username", Some(json!("me"))),
        ("/sources/prometheus/0", "ulr", Some(json!("http://x"))),
        ("/sources/prometheus/0", "username", Some(json!("me"))),
        ("/sources/prometheus/0", "scrape_interval", Some(json!(30))),
        ("/sources/health", "status", Some(json!("state"))),
        ("/sources/health", "url", None),
        ("/sources/health/values", "no such signal", Some(json!("/a"))),
        ("/sources/csv", "signal", None),
        ("/signals/users.concurrent", "prometheus", None),
        ("/thresholds/host.cpu", "warning", Some(json!("much"))),
        ("/gate", "require", Some(json!(["http latenzy"]))),
        ("/gate", "on_inconclusive", Some(json!("ignore"))),
        ("/gate", "ignore", Some(json!([""]))),
        ("/gate", "min_headroom", Some(json!("120%"))),
        ("/gate/margins", "latency_p95", Some(json!(0.05))),
        ("/gate/floors", "error_ratio", Some(json!(-1))),
        ("/gate/directions", "queries", Some(json!("up"))),
        ("/gate/acknowledge/0", "owner", None),
        ("/gate/acknowledge/0", "until", Some(json!("soon"))),
        ("/facts", "team_size", Some(json!([8]))),
        ("/plan", "phase", Some(json!(-1))),
    ];
    check_refused(&settings(), &changes);
}
