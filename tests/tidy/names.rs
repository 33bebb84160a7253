//! Names and words that must not come back: a name says what it holds, a text uses the terms of the field.

use std::collections::BTreeSet;

use super::{code, files, part, sources};

/// Names of functions that say nothing without their type.
const BARE_FUNCTIONS: [&str; 5] = ["fn of(", "fn read(", "fn at(", "fn told(", "fn put("];

/// Folders of `src`, and crates, in which such a function still has to be renamed. The list may only become shorter.
const WITH_BARE_FUNCTIONS: &[&str] = &[
    "assess",
    "capacity",
    "cli",
    "config",
    "diagnostic",
    "gate",
    "loadtest",
    "postgres",
    "render",
    "report",
    "roadmap",
    "signal",
    "snapshot",
    "source",
    "statements",
];

/// Words that operators do not use, in texts for users.
const FOREIGN_WORDS: [&str; 12] = [
    "nineteen of twenty",
    "nobody can tell",
    "cannot be told",
    "how to mend",
    "thrown out",
    "our own history",
    "has mistakes",
    "what statements did",
    "doing it twice",
    "judge a ",
    "is ours",
    "are ours",
];

#[test]
fn functions_are_named_after_what_they_give() {
    let mut reader = false;
    let bare = |line: &str| {
        // The name of the function that a reader of bytes gives is the standard library's.
        reader = line.starts_with("impl") && line.contains(" Read for ") || reader && line != "}";
        !reader && BARE_FUNCTIONS.iter().any(|name| line.contains(name))
    };
    compare(&folders_with(bare), WITH_BARE_FUNCTIONS);
}

#[test]
fn variables_are_named_after_what_they_hold() {
    let mut in_text = false;
    let has_one = |line: &str| {
        let goes_on = std::mem::replace(&mut in_text, line.ends_with('\\'));
        !goes_on && identifiers(line).any(|name| name == "one")
    };
    compare(&folders_with(has_one), &[]);
}

#[test]
fn texts_use_the_terms_of_the_field() {
    let texts = files(".").into_iter().filter(|file| {
        let clean = ["profiles/", "src/signal/", "docs/", "src/cli/"];
        clean.iter().any(|folder| file.path.starts_with(folder)) || file.path == "thresholds.toml"
    });
    let mut wrong = Vec::new();
    for file in texts {
        for (number, line) in (1..).zip(file.text.lines()) {
            let line = line.to_lowercase();
            let found = FOREIGN_WORDS.iter().find(|word| line.contains(*word));
            wrong.extend(found.map(|word| format!("{}:{number}: {word}", file.path)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn identifiers_are_found_outside_of_texts() {
    let found = |line| identifiers(line).collect::<Vec<_>>();
    assert_eq!(found("let x = one.two(\"one\\\" three\"); // one"), ["let", "x", "one", "two"]);
    assert!(!found("let someone = 1;").contains(&"one"));
}

/// The folders of `src` and the crates with a line of code that a rule forbids.
fn folders_with(mut forbidden: impl FnMut(&str) -> bool) -> BTreeSet<String> {
    let mut folders = BTreeSet::new();
    for file in sources() {
        if code(&file.text).any(|(_, line)| forbidden(line)) {
            folders.insert(part(&file).to_owned());
        }
    }
    folders
}

#[track_caller]
fn compare(found: &BTreeSet<String>, listed: &[&str]) {
    let listed: BTreeSet<String> = listed.iter().map(|folder| (*folder).to_owned()).collect();
    assert_eq!(*found, listed, "left: folders that break the rule; right: folders that are listed");
}

/// The identifiers of a line, without those in strings and comments.
fn identifiers(line: &str) -> impl Iterator<Item = &str> {
    let mut in_text = false;
    let mut escaped = false;
    let mut comment = false;
    let mut previous = ' ';
    line.split(move |c: char| {
        comment |= !in_text && c == '/' && previous == '/';
        let quote = c == '"' && !escaped;
        in_text ^= quote;
        escaped = in_text && c == '\\' && !escaped;
        previous = c;
        comment || in_text || !(c.is_alphanumeric() || c == '_')
    })
    .filter(|name| !name.is_empty())
}
