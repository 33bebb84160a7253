//! Every code that reading a roadmap can report has a test that makes it happen.

use std::{collections::BTreeSet, path::Path};

/// The text of every Rust file below a directory.
#[expect(clippy::disallowed_methods, reason = "the test reads the sources of this module")]
fn sources(folder: &Path) -> Vec<(bool, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else {
            let text = std::fs::read_to_string(&path).unwrap();
            let tested = path.components().any(|part| part.as_os_str() == "tests");
            match text.split_once("#[cfg(test)]") {
                Some((code, tests)) => found.extend([(tested, code.to_owned()), (true, tests.to_owned())]),
                None => found.push((tested, text)),
            }
        }
    }
    found
}

/// The string literals of a text that look like a code of this module.
fn codes(text: &str) -> BTreeSet<&str> {
    text.split('"')
        .filter(|word| {
            word.split_once('/').is_some_and(|(area, problem)| {
                matches!(area, "roadmap" | "condition" | "thresholds")
                    && problem.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-')
            })
        })
        .collect()
}

#[test]
fn every_code_has_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = ["src/roadmap", "src/signal"].map(|folder| sources(&root.join(folder))).concat();
    let of = |tests: bool| {
        let texts = sources.iter().filter(move |(tested, _)| *tested == tests);
        texts.flat_map(|(_, text)| codes(text)).collect::<BTreeSet<_>>()
    };
    let (reported, tested) = (of(false), of(true));
    assert!(reported.len() > 20, "codes are found: {reported:?}");
    assert_eq!(reported.difference(&tested).collect::<Vec<_>>(), Vec::<&&str>::new(), "without a test");
    assert_eq!(tested.difference(&reported).collect::<Vec<_>>(), Vec::<&&str>::new(), "no longer reported");
}
