//! Rules the source tree keeps: who may know whom, what every file looks like, complete default thresholds.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod codes;
mod directions;
mod files;
mod names;
mod thresholds;

use std::path::{Path, PathBuf};

/// A text file of the project.
struct File {
    /// The path from the top of the project, with `/` between folders.
    path: String,
    text: String,
}

impl File {
    fn is_rust(&self) -> bool {
        Path::new(&self.path).extension().is_some_and(|extension| extension == "rs")
    }
}

/// The text files below a folder of the project, sorted by path.
fn files(folder: &str) -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join(folder)];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if !is_ours(&path) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                found.push(File { path: relative(root, &path), text });
            }
        }
    }
    found.sort_by(|first, other| first.path.cmp(&other.path));
    found
}

/// The Rust files of the program and of its crates, each up to its unit tests.
fn sources() -> Vec<File> {
    let mut sources = files("src");
    sources.extend(files("crates"));
    sources.retain(File::is_rust);
    assert!(sources.len() > 10, "the rules look at the wrong folder");
    for file in &mut sources {
        if let Some(tests) = file.text.find("#[cfg(test)]\nmod ") {
            file.text.truncate(tests);
        }
    }
    sources
}

/// The top module or the crate that a file belongs to.
fn part(file: &File) -> &str {
    let rest = file.path.strip_prefix("crates/").or_else(|| file.path.strip_prefix("src/"));
    let rest = rest.unwrap_or(&file.path);
    rest.split_once('/').map_or(rest.trim_end_matches(".rs"), |(folder, _)| folder)
}

/// The lines of a Rust file that are not comments, numbered from 1.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.lines()).filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// Recordings are kept as they were; build output and repositories are nobody's text.
fn is_ours(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    !["target", ".git", "fixtures", "node_modules"].iter().any(|other| name == *other)
}

fn relative(root: &Path, path: &Path) -> String {
    let path: PathBuf = path.strip_prefix(root).unwrap().into();
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
