//! Errors in the sections of a roadmap.

use super::{check, help, instead, with};

#[test]
fn every_required_key_is_missed() {
    for key in ["schema", "id", "title", "summary", "currency", "load", "phases"] {
        check(&instead(key, ""), &[("toml/missing-key", "")]);
    }
}

#[test]
fn unknown_keys_are_refused() {
    let text = with("milestone = []\n");
    check(&text, &[("toml/unknown-key", "milestone")]);
    assert_eq!(help(&text), "did you mean `milestones`?");
    check(&instead("title", "titel = 'Small'"), &[("toml/unknown-key", "titel")]);
    assert!(help(&with("weather = 1\n")).starts_with("known here: alerts, architecture, baseline"));
}

#[test]
fn another_schema_is_the_only_thing_said() {
    check(&format!("{}\nnonsense = 1\n", instead("schema", "schema = 2")), &[("roadmap/schema", "2")]);
    check(&instead("schema", "schema = '1'"), &[("toml/wrong-type", "'1'")]);
}

#[test]
fn small_values_are_checked() {
    check(&instead("id", "id = 'Node Chat'"), &[("roadmap/identifier", "'Node Chat'")]);
    check(&instead("id", "id = ''"), &[("roadmap/identifier", "''")]);
    check(&instead("currency", "currency = 'dollars'"), &[("roadmap/currency", "'dollars'")]);
    check(&instead("title", "title = 7"), &[("toml/wrong-type", "7")]);
    let text = with("stack = ['http', 'postgresql']\n");
    check(&text, &[("roadmap/unknown-system", "'postgresql'")]);
    assert_eq!(help(&text), "did you mean `postgres`?");
}

#[test]
fn load_is_measured_by_a_load() {
    let load = |line: &str| instead("load", &format!("load = {{ unit = 'users', {line} }}"));
    check(&load("signal = 'host.cpu'"), &[("roadmap/not-a-load", "'host.cpu'")]);
    let users = |more: &str| load(&format!("signal = 'users.concurrent', {more}"));
    check(&users("requests_per_user = 10"), &[("roadmap/wrong-dimension", "10")]);
    check(&users("daily_active_ratio = '0%'"), &[("roadmap/wrong-dimension", "'0%'")]);
}

/// Phases 1 and 2 with the given users, and phase 3 from 1000 on.
fn phases(first: &str, second: &str) -> String {
    let phase = |number, users: &str| format!("{{ number = {number}, title = 'P', users = {users} }}");
    instead(
        "phases",
        &format!("phases = [{}, {}, {}]", phase(1, first), phase(2, second), phase(3, "[1000]")),
    )
}

#[test]
fn phases_meet_without_overlap_or_gap() {
    check(&phases("[0, 100]", "[100, 1000]"), &[]);
    check(&phases("[0, 120]", "[100, 1000]"), &[("roadmap/overlapping-phases", "[100, 1000]")]);
    check(&phases("[0]", "[100, 1000]"), &[("roadmap/overlapping-phases", "[100, 1000]")]);
    check(&phases("[0, 90]", "[100, 1000]"), &[("roadmap/gap-between-phases", "[100, 1000]")]);
    check(&phases("[0, 1000]", "[1000, 1000]"), &[("roadmap/empty-band", "[1000, 1000]")]);
}

#[test]
fn phases_stand_in_order() {
    check(&phases("[500, 1000]", "[0, 1000]"), &[("roadmap/phase-order", "[0, 1000]")]);
    let repeated = phases("[0, 100]", "[100, 1000]").replace("number = 2", "number = 1");
    check(&repeated, &[("roadmap/phase-order", "[100, 1000]")]);
}

#[test]
fn a_phase_that_cannot_be_read_leaves_no_gap() {
    check(&phases("[0, 100]", "[1000, 100]"), &[("roadmap/range", "[1000, 100]")]);
    check(&phases("[0, 100]", "['a', 'b']"), &[("toml/wrong-type", "'a'"), ("toml/wrong-type", "'b'")]);
    check(&phases("[0, 100]", "[]"), &[("roadmap/range", "[]")]);
    check(&instead("phases", "phases = []"), &[("roadmap/no-phases", "[]")]);
}

#[test]
fn costs_are_not_negative() {
    let text = phases("[0, 100]", "[100, 1000], cost_per_month = [-5, 10]");
    check(&text, &[("roadmap/money", "-5")]);
}

/// A milestone at 500 users with more keys.
fn milestone(more: &str) -> String {
    with(&format!(
        "[[milestones]]\nusers = 500\ntitle = 'Full'\nimpact = 'waits'\nsolution = 'pool'\ncost_per_month = [0]\n{more}\n"
    ))
}

#[test]
fn a_milestone_is_acted_on_before_it_comes() {
    let rest = "resource = 'postgres.connections'\neffort = ['7d', '14d']";
    check(&milestone(&format!("{rest}\nact_by_users = 500")), &[]);
    check(&milestone(&format!("{rest}\nact_by_users = 600")), &[("roadmap/act-by-after-milestone", "600")]);
}

#[test]
fn what_runs_out_is_a_resource_of_the_catalogue() {
    let text = milestone("effort = ['7d']\nresource = 'postgres.conections'");
    check(&text, &[("roadmap/unknown-resource", "'postgres.conections'")]);
    assert_eq!(help(&text), "did you mean `postgres.connections`?");
    let text = milestone("resource = 'app.cpu'\neffort = ['2 months', 'a while']");
    check(&text, &[("roadmap/duration", "'2 months'"), ("roadmap/duration", "'a while'")]);
}

#[test]
fn a_deployment_carries_signals() {
    let text = with(
        "[[deployments]]\nid = 'one'\ntitle = 'One'\nusers = [0, 100]\ncapacity = { 'host.cpu' = '80%', speed = 1 }\n",
    );
    check(&text, &[("roadmap/unknown-signal", "speed")]);
}

fn alert(id: &str, severity: &str, condition: &str) -> String {
    format!("[[alerts]]\nid = '{id}'\nseverity = '{severity}'\nwhen = {{ {condition} }}\n")
}

#[test]
fn a_warning_comes_before_its_critical_alert() {
    let pair = |warning: &str, critical: &str| {
        with(&(alert("warn", "warning", warning) + &alert("act", "critical", critical)))
    };
    let beyond = [("roadmap/warning-beyond-critical", "'warn'")];
    check(&pair("signal = 'host.cpu', above = '80%'", "signal = 'host.cpu', above = '90%'"), &[]);
    check(&pair("signal = 'host.cpu', above = '95%'", "signal = 'host.cpu', above = '90%'"), &beyond);
    check(&pair("signal = 'host.cpu', above = '95%'", "signal = 'host.cpu', at_least = '90%'"), &beyond);
    check(
        &pair("signal = 'redis.hit_ratio', below = '50%'", "signal = 'redis.hit_ratio', below = '80%'"),
        &beyond,
    );
}

#[test]
fn alerts_on_different_things_are_not_compared() {
    let pair = |warning: &str, critical: &str| {
        with(&(alert("warn", "warning", warning) + &alert("act", "critical", critical)))
    };
    let depth = |more: &str, limit: u32| format!("signal = 'queue.depth', {more} above = {limit}");
    check(&pair(&depth("instance = 'a',", 9), &depth("instance = 'b',", 5)), &[]);
    check(&pair(&depth("aggregate = 'max',", 9), &depth("aggregate = 'avg',", 5)), &[]);
    check(&pair("signal = 'queue.depth', above = 9", "signal = 'workers.utilization', above = '5%'"), &[]);
    check(&pair(&depth("", 9), "signal = 'queue.depth', below = 5"), &[]);
}

#[test]
fn names_stand_once() {
    let twice = alert("cpu", "warning", "signal = 'host.cpu', above = '80%'").repeat(2);
    check(&with(&twice), &[("roadmap/repeated-name", "'cpu'")]);
    let action = "{ id = '1.1', title = 'A', component = 'c' }";
    let text =
        phases(&format!("[0, 100], actions = [{action}]"), &format!("[100, 1000], actions = [{action}]"));
    check(&text, &[("roadmap/repeated-name", "'1.1'")]);
    for (section, item) in [
        ("decisions", "id = 'x'\naction = 'a'\ntimeline = 'days'\nwhen = { fact = 'f', is = true }"),
        ("objectives", "id = 'x'\ntitle = 't'\nwhen_met = { fact = 'f', is = true }"),
        ("deployments", "id = 'x'\ntitle = 't'\nusers = [0]"),
    ] {
        let text = with(&format!("[[{section}]]\n{item}\n").repeat(2));
        check(&text, &[("roadmap/repeated-name", "'x'")]);
    }
}

#[test]
fn words_come_from_their_lists() {
    let text =
        with("[[decisions]]\nid = 'x'\naction = 'a'\ntimeline = 'week'\nwhen = { fact = 'f', is = true }\n");
    check(&text, &[("toml/unknown-word", "'week'")]);
    assert_eq!(help(&text), "did you mean `weeks`?");
    let text = with(&alert("cpu", "fatal", "signal = 'host.cpu', above = '80%'"));
    check(&text, &[("toml/unknown-word", "'fatal'")]);
    assert_eq!(help(&text), "one of warning, critical");
}

#[test]
fn components_scale_on_signals() {
    let component = |scale_on: &str| {
        with(&format!(
            "[[components]]\nname = 'w'\nstrategy = 'more'\nreplicas = [2, 20]\nscale_on = [{scale_on}]\n"
        ))
    };
    check(&component("{ signal = 'queue.depth', target = 100 }"), &[]);
    check(&component("{ signal = 'queue.depth', target = '70%' }"), &[("roadmap/wrong-dimension", "'70%'")]);
    check(&component("{ signal = 'queue', target = '70%' }"), &[("roadmap/unknown-signal", "'queue'")]);
}

#[test]
fn milestones_are_brought_into_order() {
    let at = |users: u32| {
        format!(
            "[[milestones]]\nusers = {users}\ntitle = 't'\nresource = 'app.cpu'\nimpact = 'i'\nsolution = 's'\neffort = ['1d']\ncost_per_month = [0]\n"
        )
    };
    let (roadmap, _) = crate::roadmap::read_roadmap(&with(&(at(900) + &at(500))));
    let users: Vec<u64> = roadmap.unwrap().milestones.iter().map(|milestone| milestone.users).collect();
    assert_eq!(users, [500, 900]);
}
