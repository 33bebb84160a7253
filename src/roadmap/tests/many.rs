//! Files with several errors: each one is reported, in one run, at its line and column.

use super::diagnostics;
use crate::diagnostic::SourceFile;

/// Line, column and code of every diagnostic, in the order of their places.
#[track_caller]
fn check(text: &str, expected: &[(usize, usize, &str)]) {
    let file = SourceFile::new("roadmap.toml", text);
    let diagnostics = diagnostics(text);
    let found: Vec<_> = diagnostics
        .iter()
        .map(|found| {
            let (line, column) = file.line_column(found.primary.span.start);
            (line, column, found.code)
        })
        .collect();
    assert_eq!(found, expected, "{}", crate::diagnostic::render(&file, &diagnostics, false));
}

#[test]
fn five_errors_are_five_diagnostics() {
    let text = "\
schema = 1
id = 'shop'
titel = 'Shop'
summary = 'Größer werden'
currency = 'USD'
load = { signal = 'users.concurent', unit = 'users' }

[[phases]]
number = 1
title = 'One'
users = [0, 100]

[[phases]]
number = 2
title = 'Two'
users = [120]

[[alerts]]
id = 'memory'
severity = 'warning'
when = { signal = 'host.memory', above = 85, for = '10 months' }
";
    check(
        text,
        &[
            (3, 1, "toml/unknown-key"),
            (6, 19, "roadmap/unknown-signal"),
            (16, 9, "roadmap/gap-between-phases"),
            (21, 42, "roadmap/wrong-dimension"),
            (21, 52, "roadmap/duration"),
        ],
    );
}

#[test]
fn nine_errors_across_sections_are_nine_diagnostics() {
    let text = "\
schema = 1
id = 'Shop'
title = 'Shop'
summary = 'ä'
currency = 'usd'
stack = ['http', 'ä', 'posgres']
load = { signal = 'users.concurrent', unit = 'users', requests_per_user = 'ä' }

[[phases]]
number = 1
title = 'One'
users = [100, 0]
[phases.enter]
any = []

[[decisions]]
id = 'd'
when = { signal = 'queue.depth', above = 1, below = 2 }
action = 'act'
timeline = 'fortnights'
";
    check(
        text,
        &[
            (2, 6, "roadmap/identifier"),
            (5, 12, "roadmap/currency"),
            (6, 18, "roadmap/unknown-system"),
            (6, 23, "roadmap/unknown-system"),
            (7, 75, "roadmap/quantity"),
            (12, 9, "roadmap/range"),
            (14, 7, "condition/empty"),
            (18, 53, "condition/comparison"),
            (20, 12, "toml/unknown-word"),
        ],
    );
}

#[test]
fn syntax_errors_are_reported_alone() {
    check("schema = \nid = 'x'\ntitle = ]\n", &[(1, 10, "toml/syntax"), (3, 9, "toml/syntax")]);
}
