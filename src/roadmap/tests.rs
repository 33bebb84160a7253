//! Tests of reading roadmaps: each error is found, at its place, once.

mod codes;
mod conditions;
mod contradictions;
mod many;
mod plans;
mod sections;

use super::read_roadmap;
use crate::diagnostic::{Diagnostic, SourceFile, has_errors};

/// A roadmap without an error and without anything that could be left out.
const MINIMAL: &str = "\
schema = 1
id = 'small'
title = 'Small'
summary = 'The least a roadmap can say.'
currency = 'USD'
load = { signal = 'users.concurrent', unit = 'users' }
phases = [{ number = 1, title = 'All', users = [0] }]
";

/// [`MINIMAL`] with something more.
fn with(more: &str) -> String {
    format!("{MINIMAL}{more}")
}

/// [`MINIMAL`] with one line, identified by its key, put in another's place.
fn instead(key: &str, line: &str) -> String {
    let lines = MINIMAL.lines().map(|old| if old.starts_with(&format!("{key} =")) { line } else { old });
    lines.collect::<Vec<_>>().join("\n")
}

/// [`MINIMAL`] with a decision that is due on a condition.
fn when(condition: &str) -> String {
    with(&format!("[[decisions]]\nid = 'd'\naction = 'act'\ntimeline = 'days'\nwhen = {condition}\n"))
}

/// The diagnostics of a text in the order of their places.
fn diagnostics(text: &str) -> Vec<Diagnostic> {
    let (roadmap, mut diagnostics) = read_roadmap(text);
    assert_eq!(roadmap.is_none(), has_errors(&diagnostics), "a roadmap with an error is not used: {text}");
    diagnostics.sort_by_key(|diagnostic| diagnostic.primary.span.start);
    diagnostics
}

/// Reads a text and compares codes and underlined words, in the order of their places.
#[track_caller]
fn check(text: &str, expected: &[(&str, &str)]) {
    let diagnostics = diagnostics(text);
    let found: Vec<_> =
        diagnostics.iter().map(|found| (found.code, &text[found.primary.span.clone()])).collect();
    assert_eq!(
        found,
        expected,
        "{}",
        crate::diagnostic::render(&SourceFile::new("t", text), &diagnostics, false)
    );
}

/// The help of the only diagnostic of a text.
#[track_caller]
fn help(text: &str) -> String {
    match diagnostics(text).as_slice() {
        [diagnostic] => diagnostic.help.clone().unwrap_or_default(),
        other => panic!("expected one diagnostic, found {other:#?}"),
    }
}

#[test]
fn the_least_roadmap_has_no_error() {
    check(MINIMAL, &[]);
    check(&when("{ signal = 'queue.depth', above = 100 }"), &[]);
}
