//! The report for trackers: whatever names and statements say, its Markdown has the same shape, and says them letter by
//! letter.

use std::{collections::BTreeMap, path::Path};

use pulldown_cmark::{Event, Options, Parser, Tag};
use scale_advisor::render::safe;
use serde_json::Value;

use super::{alternative, binary::program, binary::ran, folder, hostile::harmless, write};

const DEMO: &str = include_str!("../../src/cli/demo/snapshot.json");
const NAME: &str = "2026-10-node-queue-chat";

/// What begins something in Markdown or in HTML, ends a cell, or deceives the eye. Names of other letters alone give the
/// same name of a file.
const HOSTILE: [&str; 14] = [
    "接続",
    "待ち",
    "| a | b |",
    "[x](javascript:alert(1))",
    "<img src=x onerror=alert(1)>",
    "\u{1b}[2J\u{7}\u{202e}live\u{2066}\u{200b}\u{feff}\u{ffff}\u{e0041}",
    "a\n\n# heading\n- item\n\n<script>alert(1)</script>",
    "- item",
    "`code` ``more",
    "**a** _b_ ~~c~~ \\ &lt; ![d](http://example.org/d.png)",
    "@team #12 <https://example.org> [e]: http://example.org",
    "</style><style>*{display:none}</style>",
    "../../../etc/passwd",
    "|---|\n|---|",
];

/// Harmless words in their place.
fn harmless_names() -> [String; HOSTILE.len()] {
    std::array::from_fn(|index| format!("name{}", char::from(b'A' + u8::try_from(index).unwrap())))
}

/// The demo's system with these texts as names of its parts, as statements, and in what could not be measured.
fn snapshot(texts: &[&str]) -> String {
    let mut snapshot: Value = serde_json::from_str(DEMO).unwrap();
    let mut names: BTreeMap<String, &str> = BTreeMap::new();
    for part in ["history", "observations"] {
        for entry in snapshot[part].as_array_mut().unwrap() {
            if let Some(instance) = entry["instance"].as_str() {
                let next = texts[names.len() % texts.len()];
                entry["instance"] = (*names.entry(instance.to_owned()).or_insert(next)).into();
            }
            if entry["signal"] == "postgres.query_time" {
                entry["notes"][0] = texts.join(" ").into();
            }
        }
    }
    assert!(names.len() >= texts.len() - 1, "{names:?}");
    for (index, gap) in snapshot["gaps"].as_array_mut().unwrap().iter_mut().enumerate() {
        gap["detail"] = texts[index % texts.len()].into();
        gap["hint"] = texts[(index + 1) % texts.len()].into();
    }
    snapshot["simulated"] = texts.join(" ").into();
    snapshot.to_string()
}

/// Writes the report of the demo with these texts.
fn report(folder: &Path, texts: &[&str]) -> String {
    write(folder, "scale-advisor.toml", "profile = \"node-queue-chat\"\n");
    write(folder, "snapshot.json", &snapshot(texts));
    let run = ran(program(folder).args(["report", "--snapshot", "snapshot.json", "-o", "."]));
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    read(folder, &format!("{NAME}.md"))
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap()
}

/// Everything that some tracker knows, but for nicer punctuation.
fn parser(markdown: &str) -> Parser<'_> {
    Parser::new_ext(markdown, Options::all() - Options::ENABLE_SMART_PUNCTUATION)
}

/// What a tracker makes of it: each element, and the text between two of them. Pictures stand without their place.
fn shape(markdown: &str) -> Vec<String> {
    let mut shape: Vec<String> = Vec::new();
    let mut text = String::new();
    for event in parser(markdown) {
        match event {
            Event::Text(more) => {
                text.push_str(&more);
                continue;
            }
            Event::SoftBreak => {
                text.push(' ');
                continue;
            }
            _ => shape.push(std::mem::take(&mut text)),
        }
        shape.push(match event {
            Event::Start(Tag::Image { .. }) => "image".to_owned(),
            other => format!("{other:?}"),
        });
    }
    shape
}

/// Where the pictures are.
fn pictures(markdown: &str) -> Vec<String> {
    let place = |event| match event {
        Event::Start(Tag::Image { dest_url, .. }) => Some(dest_url.into_string()),
        _ => None,
    };
    parser(markdown).filter_map(place).collect()
}

/// A text as readers see it; a space without width keeps trackers from looking up names and numbers.
fn shown(text: &str) -> String {
    safe(text).replace('@', "@\u{200b}").replace('#', "#\u{200b}")
}

#[test]
fn hostile_texts_change_nothing_but_themselves() {
    let (tame, hostile) = (folder(), folder());
    let names = harmless_names();
    let expected = report(tame.path(), &names.each_ref().map(String::as_str));
    let markdown = report(hostile.path(), &HOSTILE);
    harmless(&markdown);
    harmless(&read(hostile.path(), &format!("{NAME}.json")));
    let mut expected = shape(&expected);
    for (name, text) in names.iter().zip(HOSTILE) {
        assert!(expected.iter().any(|line| line.contains(name)), "{name} is nowhere");
        for line in &mut expected {
            *line = line.replace(name, &shown(text));
        }
    }
    let found = shape(&markdown);
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.len(), expected.len());
    let html = read(hostile.path(), &format!("{NAME}.html"));
    harmless(&html);
    for tag in ["<img", "<script>alert", "<style>*", "<a href=\"http"] {
        assert!(!html.contains(tag), "{tag}");
    }
}

#[test]
fn every_picture_has_a_file_of_its_own_whatever_names_say() {
    let folder = folder();
    let markdown = report(folder.path(), &HOSTILE);
    let mut pictures = pictures(&markdown);
    let files = std::fs::read_dir(folder.path().join(NAME)).unwrap();
    let mut files: Vec<String> =
        files.map(|file| format!("{NAME}/{}", file.unwrap().file_name().into_string().unwrap())).collect();
    pictures.sort();
    files.sort();
    assert_eq!(pictures, files);
    let mut said: Vec<String> = Vec::new();
    for file in &files {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '/' | '.');
        assert!(file.chars().all(plain) && !file.contains(".."), "{file}");
        let picture = read(folder.path(), file);
        harmless(&picture);
        alternative(&picture);
        let document = roxmltree::Document::parse(&picture).unwrap();
        let strange = ["script", "img", "foreignObject", "a", "image", "use"];
        assert!(document.descendants().all(|node| !strange.contains(&node.tag_name().name())), "{file}");
        let title = document.descendants().find(|node| node.has_tag_name("title"));
        said.push(title.and_then(|title| title.text()).unwrap().to_owned());
    }
    said.sort();
    said.dedup();
    assert_eq!(said.len(), files.len(), "two pictures of one thing");
}
