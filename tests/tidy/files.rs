//! What every file looks like.

use super::{code, files, sources};

/// The longest a file of the program may be, without its unit tests, before it must be split by topic.
const LONGEST: usize = 500;

#[test]
fn every_rust_file_says_what_it_is() {
    let silent: Vec<String> = ["src", "crates", "tests"]
        .into_iter()
        .flat_map(files)
        .filter(|file| file.is_rust() && !file.text.starts_with("//! "))
        .map(|file| file.path)
        .collect();
    assert!(silent.is_empty(), "no `//!` line at the top: {silent:?}");
}

#[test]
fn no_file_is_too_long() {
    let long: Vec<String> = sources()
        .into_iter()
        .filter(|file| file.text.lines().count() > LONGEST)
        .map(|file| file.path)
        .collect();
    assert!(long.is_empty(), "more than {LONGEST} lines: {long:?}");
}

#[test]
fn nothing_is_left_for_later() {
    // Put together here, so that this file does not find itself.
    let marks = ["TO|DO", "FIX|ME", "XX|X:", "to|do!(", "un|implemented!(", "#[ig|nore", "thread::sl|eep("];
    expect_none(&marks.map(|mark| mark.replace('|', "")));
}

#[test]
fn no_path_of_one_machine_is_written_down() {
    expect_none(&["|work/", "|root/", "|home/"].map(|path| path.replace('|', "/")));
}

#[test]
fn lines_end_cleanly() {
    let mut wrong = Vec::new();
    for file in files(".") {
        let ragged = (1..).zip(file.text.lines()).filter(|(_, line)| line.ends_with([' ', '\t', '\r']));
        wrong.extend(ragged.map(|(number, _)| format!("{}:{number}: a space at the end", file.path)));
        if !file.text.is_empty() && !file.text.ends_with('\n') {
            wrong.push(format!("{}: no line end at the end", file.path));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn secrets_cannot_be_displayed() {
    let words = ["Secret", "Password", "Credential", "Token"];
    for file in sources() {
        for (number, line) in code(&file.text) {
            let shown = line.contains("Display for") && words.iter().any(|word| line.contains(word));
            assert!(!shown, "{}:{number}: a secret must not be displayed", file.path);
        }
    }
}

/// No file of the project says any of these.
fn expect_none(marks: &[String]) {
    let mut wrong = Vec::new();
    for file in files(".").iter().filter(|file| file.path != "Cargo.lock") {
        for (number, line) in (1..).zip(file.text.lines()) {
            let found = marks.iter().find(|mark| line.contains(mark.as_str()));
            wrong.extend(found.map(|mark| format!("{}:{number}: {mark}", file.path)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_readme_gives_redis_the_least_rights() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    assert!(readme.lines().any(|line| line == scale_advisor::source::redis::ACL), "README.md: ACL SETUSER");
}
