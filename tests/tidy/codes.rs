//! Every diagnostic code can be explained, and none is explained that does not exist.

use std::collections::BTreeSet;

use scale_advisor::diagnostic::CODES;

use super::{code, sources};

/// The areas that codes belong to.
const AREAS: [&str; 6] = ["catalog/", "toml/", "roadmap/", "condition/", "config/", "thresholds/"];

#[test]
fn every_code_is_explained() {
    let explained: BTreeSet<&str> = CODES.iter().map(|(code, _)| *code).collect();
    let mut used = BTreeSet::new();
    for file in sources().iter().filter(|file| !file.path.ends_with("diagnostic/codes.rs")) {
        for (_, line) in code(&file.text) {
            used.extend(line.split('"').skip(1).step_by(2).filter(|text| is_code(text)).map(str::to_owned));
        }
    }
    let used: BTreeSet<&str> = used.iter().map(String::as_str).collect();
    assert_eq!(used, explained);
}

fn is_code(text: &str) -> bool {
    let name = |rest: &str| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    AREAS.iter().any(|area| text.strip_prefix(area).is_some_and(name))
}
