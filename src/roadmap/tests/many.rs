//! Files with several errors, each reported in one run at its line and column, and files that hold anything at all.

use proptest::{collection::vec, prelude::*, sample::Index};

use super::diagnostics;
use crate::{
    diagnostic::{Diagnostic, SourceFile, render},
    roadmap::{builtin, builtin_ids, read_roadmap},
};

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
    assert_eq!(found, expected, "{}", render(&file, &diagnostics, false));
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

/// One change to a text: at a place, so many bytes are cut and others put in.
type Edit = (Index, usize, String);

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let pieces = prop_oneof![
        ".{0,6}",
        prop::sample::select(vec![
            "[", "]]", "{", "}", "=", "'", "\"\"\"", "\n", "1e999", "-1", "nan", "ä", "🚀"
        ])
        .prop_map(str::to_owned),
        "[a-z_.]{1,12} = [0-9\"']{0,3}\n",
    ];
    vec((any::<Index>(), 0..40_usize, pieces), 1..6)
}

fn apply(text: &str, edits: Vec<Edit>) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for (place, cut, piece) in edits {
        let start = place.index(bytes.len() + 1);
        let end = (start + cut).min(bytes.len());
        bytes.splice(start..end, piece.into_bytes());
    }
    // A cut through a character leaves bytes that are no text; a reader is only ever given text.
    String::from_utf8_lossy(&bytes).into_owned()
}

fn points_into(text: &str, diagnostic: &Diagnostic) -> bool {
    std::iter::once(&diagnostic.primary)
        .chain(&diagnostic.secondary)
        .all(|label| text.get(label.span.clone()).is_some())
}

proptest! {
    #[test]
    fn a_changed_profile_is_read_to_the_end(profile in any::<Index>(), edits in edits()) {
        let ids: Vec<&str> = builtin_ids().collect();
        let text = apply(builtin(ids[profile.index(ids.len())]).unwrap(), edits);
        let (roadmap, diagnostics) = read_roadmap(&text);
        prop_assert!(roadmap.is_some() || !diagnostics.is_empty(), "refused without a reason");
        for diagnostic in &diagnostics {
            prop_assert!(points_into(&text, diagnostic), "{diagnostic:?}");
        }
        let page = render(&SourceFile::new("profile.toml", text), &diagnostics, false);
        prop_assert_eq!(page.is_empty(), diagnostics.is_empty());
    }

    #[test]
    fn any_text_is_read_to_the_end(text in ".{0,200}") {
        let (_, diagnostics) = read_roadmap(&text);
        prop_assert!(!diagnostics.is_empty(), "no such text is a roadmap");
        prop_assert!(diagnostics.iter().all(|diagnostic| points_into(&text, diagnostic)));
    }
}
