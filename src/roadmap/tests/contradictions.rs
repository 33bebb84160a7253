//! Contradictions are notes: both places are reported and the roadmap is used.

use super::{diagnostics, instead, with};
use crate::{
    diagnostic::Severity,
    roadmap::{builtin, read_roadmap},
};

/// Codes and places of the notes of a text that has no errors.
#[track_caller]
fn check(text: &str, expected: &[(&str, &[&str])]) {
    let diagnostics = diagnostics(text);
    let found: Vec<(&str, Vec<&str>)> = diagnostics
        .iter()
        .map(|note| {
            assert_eq!(note.severity, Severity::Note, "{note:#?}");
            let places = std::iter::once(&note.primary).chain(&note.secondary);
            (note.code, places.map(|place| &text[place.span.clone()]).collect())
        })
        .collect();
    let expected: Vec<(&str, Vec<&str>)> =
        expected.iter().map(|(code, places)| (*code, places.to_vec())).collect();
    assert_eq!(found, expected);
    assert!(read_roadmap(text).0.is_some());
}

/// Two phases with their costs, and one stated cost.
fn costs(first: &str, second: &str, cost: &str) -> String {
    let phases = format!(
        "phases = [{{ number = 1, title = 'A', users = [0, 1000], cost_per_month = {first} }}, {{ number = 2, title = 'B', users = [1000], cost_per_month = {second} }}]"
    );
    instead("phases", &phases) + &format!("\n[[costs]]\n{cost}\n")
}

#[test]
fn a_cost_is_held_against_its_phase() {
    let phase = "roadmap/phase-cost";
    check(&costs("[100, 200]", "[500]", "users = 400\nper_month = 150"), &[]);
    check(&costs("[100, 200]", "[500]", "users = 2000\nper_month = 9000"), &[]);
    let text = costs("[100, 200]", "[500]", "users = 400\nper_month = 300");
    check(&text, &[(phase, &["300", "[100, 200]"])]);
}

#[test]
fn at_the_border_of_two_phases_either_cost_will_do() {
    let at = |amount: &str| costs("[100, 200]", "[500, 900]", &format!("users = 1000\nper_month = {amount}"));
    check(&at("200"), &[]);
    check(&at("500"), &[]);
    check(&at("[150, 600]"), &[]);
    check(&at("300"), &[("roadmap/phase-cost", &["300", "[100, 200]", "[500, 900]"])]);
}

#[test]
fn a_total_is_held_against_its_items() {
    let items = |total: u32| {
        with(&format!(
            "[[costs]]\nusers = 10\nper_month = {total}\nitems = [{{ name = 'a', per_month = 20 }}, {{ name = 'b', per_month = 10 }}]\n"
        ))
    };
    check(&items(30), &[]);
    check(&items(35), &[("roadmap/cost-total", &["35"])]);
}

/// Costs of 200 and 500, and a milestone in between that adds something.
fn rise(adds: &str) -> String {
    with(&format!(
        "costs = [{{ users = 10, per_month = 200 }}, {{ users = 50, per_month = 500 }}]\n\
         [[milestones]]\nusers = 50\ntitle = 't'\nresource = 'app.cpu'\nimpact = 'i'\nsolution = 's'\neffort = '1w'\ncost_per_month = {adds}\n"
    ))
}

#[test]
fn a_rise_of_costs_is_held_against_the_remedy_that_causes_it() {
    check(&rise("[200, 400]"), &[]);
    check(&rise("300"), &[]);
    check(&rise("[100]"), &[]);
    check(&rise("[100, 250]"), &[("roadmap/cost-rise", &["[100, 250]", "200", "500"])]);
    check(&rise("[400]"), &[("roadmap/cost-rise", &["[400]", "200", "500"])]);
}

#[test]
fn the_work_for_a_stage_is_held_against_its_remedy() {
    let work = |effort: &str| {
        with(&format!(
            "efforts = [{{ users = 50, title = 'e', effort = {effort} }}, {{ title = 'f', effort = '9w' }}]\n\
             [[milestones]]\nusers = 50\ntitle = 't'\nresource = 'app.cpu'\nimpact = 'i'\nsolution = 's'\neffort = ['1w', '2w']\ncost_per_month = 0\n"
        ))
    };
    check(&work("['2w', '5w']"), &[]);
    check(&work("['1d']"), &[]);
    check(&work("['4w', '6w']"), &[("roadmap/effort", &["['1w', '2w']", "['4w', '6w']"])]);
    check(&work("'1d'"), &[("roadmap/effort", &["['1w', '2w']", "'1d'"])]);
}

#[test]
fn a_decision_is_not_due_before_the_architecture_must_change() {
    let at = |users: u32| {
        with(&format!(
            "[architecture]\nchange_from_users = 50_000\noutcomes = {{ stay = 's', gradual = 'g', full = 'f' }}\n\
             [[milestones]]\nusers = {users}\ndecision_point = true\ntitle = 't'\nresource = 'app.cpu'\nimpact = 'i'\nsolution = 's'\neffort = '1w'\ncost_per_month = 0\n"
        ))
    };
    check(&at(50_000), &[]);
    check(&at(20_000), &[("roadmap/early-decision", &["20000", "50_000"])]);
}

/// A contradiction between places of a roadmap with two playbooks.
fn between(places: &str) -> String {
    with(&format!(
        "contradictions = [{{ between = {places}, text = 'lists are not sets' }}]\n\
         playbooks = [{{ id = 'a', symptom = 'LLEN' }}, {{ id = 'b', symptom = 'ZCARD' }}]\n"
    ))
}

#[test]
fn an_author_points_out_what_figures_cannot_show() {
    check(
        &between("['playbooks/a/symptom', 'playbooks/b/symptom']"),
        &[("roadmap/contradiction", &["'LLEN'", "'ZCARD'"])],
    );
    super::check(&between("['playbooks/a/symptom']"), &[("roadmap/one-place", "['playbooks/a/symptom']")]);
    super::check(
        &between("['playbooks/c', 'playbooks/a/symptom']"),
        &[("roadmap/unknown-place", "'playbooks/c'"), ("roadmap/contradiction", "'LLEN'")],
    );
}

#[test]
fn what_agrees_with_itself_has_no_notes() {
    check(builtin("node-queue-chat").unwrap(), &[]);
}

#[test]
fn the_notes_of_a_document_that_states_things_twice() {
    let (_, diagnostics) = read_roadmap(builtin("node-qdrant-saas").unwrap());
    let count = |code: &str| diagnostics.iter().filter(|note| note.code == code).count();
    assert_eq!(count("roadmap/effort"), 4);
    assert_eq!(count("roadmap/cost-rise"), 2);
    assert_eq!((count("roadmap/early-decision"), count("roadmap/contradiction")), (1, 1));
    assert_eq!(diagnostics.len(), 8);
}
