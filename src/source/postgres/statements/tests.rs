//! From ranked statements to what is reported.

use super::super::testing::{answers, server};
use super::*;

fn candidate(query: i64, mean_seconds: f64, share: f64) -> Candidate {
    Candidate { query, calls: 20.0, mean_seconds, calls_of_mean: 20.0, share }
}

fn read(rankings: [Ranking; 2], hidden: usize) -> Answers {
    let texts = [(1, "COMMIT"), (2, "SELECT pg_sleep($1)"), (3, "UPDATE cart SET n = $1")];
    let texts = texts.map(|(number, text)| (number, text.to_owned())).into();
    let mut answers = answers();
    interpret(
        &Found { rankings, texts: Some(texts), seconds: 5.0, hidden },
        Vec::new(),
        &server(),
        &mut answers,
    );
    answers
}

#[test]
fn the_slowest_statement_of_the_application_is_told() {
    // 9 has no text: it is this program's own.
    let slowest = vec![candidate(9, 9.0, 0.1), candidate(1, 8.0, 0.1), candidate(2, 0.3, 0.2)];
    let costliest = vec![candidate(3, 0.001, 0.6), candidate(2, 0.3, 0.2)];
    let found = read([Ranking { slowest, costliest }, Ranking::default()], 0);
    let observed = &found.observations[0];
    assert_eq!(observed.values.values(), [0.3]);
    assert_eq!(observed.attributes["queryid"], "2");
    assert_eq!(
        observed.notes,
        [
            "SELECT pg_sleep($1): 20 calls in 5 s, 20% of the time of all statements",
            "most time goes to UPDATE cart SET n = $1: 20 calls in 5 s, 60% of the time of all statements",
        ]
    );
}

#[test]
fn numbers_of_all_time_say_so() {
    let housekeeping = Ranking { slowest: vec![candidate(1, 9.0, 1.0)], costliest: Vec::new() };
    let slowest = vec![candidate(2, 0.3, 0.2)];
    let found = read([housekeeping, Ranking { costliest: slowest.clone(), slowest }], 0);
    let notes = &found.observations[0].notes;
    assert_eq!(
        notes[0],
        "SELECT pg_sleep($1): 20 calls since the statistics began, 20% of the time of all statements"
    );
    assert_eq!(notes[1], TOO_QUIET);
}

#[test]
fn nothing_to_tell_is_a_gap_with_its_cause() {
    assert_eq!(read([Ranking::default(), Ranking::default()], 0).gaps[0].reason, Reason::Empty);
    let hidden = &read([Ranking::default(), Ranking::default()], 28).gaps[0];
    assert_eq!(hidden.reason, Reason::NotPermitted);
    assert_eq!(hidden.hint.as_deref(), Some("GRANT pg_monitor TO app;"));
}

#[test]
fn without_texts_the_slowest_statement_is_named_by_its_number() {
    let slowest = vec![candidate(9, 0.5, 0.1)];
    let found = Found {
        rankings: [Ranking { costliest: slowest.clone(), slowest }, Ranking::default()],
        texts: None,
        seconds: 5.0,
        hidden: 0,
    };
    let mut answers = answers();
    interpret(&found, vec!["no texts".to_owned()], &server(), &mut answers);
    let observed = &answers.observations[0];
    assert_eq!(observed.values.values(), [0.5]);
    assert_eq!(observed.notes, ["queryid 9: 20 calls in 5 s, 10% of the time of all statements", "no texts"]);
}
