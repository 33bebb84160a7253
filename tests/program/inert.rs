//! The same hostile texts through every writer, each result read by a parser of its own kind: they say what they say and
//! do nothing.

use std::path::Path;

use comrak::{Arena, Options, nodes::NodeValue, parse_document};
use serde_json::Value;

use super::{
    binary::{Ran, program, ran},
    folder,
    hostile::harmless,
    hostile_texts::{HOSTILE, snapshot},
    write,
};

fn check(folder: &Path, format: &str) -> Ran {
    let arguments =
        ["check", "-v", "--profile", "node-queue-chat", "--snapshot", "s.json", "--format", format];
    let run = ran(program(folder).args(arguments));
    harmless(&run.stderr);
    run
}

fn no_commands(text: &str) {
    let obeyed = text.lines().find(|line| line.trim_start().starts_with("::"));
    assert_eq!(obeyed, None);
    for mark in ["##[", "##vso["] {
        assert!(!text.contains(mark), "{text}");
    }
}

/// Reads Markdown as GitHub does; gives every link, picture and piece of HTML in it.
fn active(markdown: &str) -> Vec<String> {
    let mut options = Options::default();
    options.extension.autolink = true;
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    let arena = Arena::new();
    let root = parse_document(&arena, markdown, &options);
    let found = root.descendants().filter_map(|node| match &node.data.borrow().value {
        NodeValue::Link(link) | NodeValue::Image(link) => Some(link.url.clone()),
        NodeValue::HtmlInline(html) => Some(html.clone()),
        NodeValue::HtmlBlock(block) => Some(block.literal.clone()),
        _ => None,
    });
    found.collect()
}

/// Reads what comes out in each format.
type Reader = fn(&str);

fn read_each(folder: &Path, readers: &[(&str, Reader)]) {
    for (format, read) in readers {
        let run = check(folder, format);
        assert!(!run.stdout.is_empty(), "{format}: {run:#?}");
        harmless(&run.stdout.replace('\u{200b}', ""));
        read(&run.stdout);
    }
}

#[test]
fn pages_are_inert() {
    let folder = folder();
    write(folder.path(), "s.json", &snapshot());
    let readers: [(&str, Reader); 4] = [
        ("text", no_commands),
        ("markdown", |text| {
            no_commands(text);
            // Collapsed parts are HTML of our own.
            let foreign: Vec<String> = active(text)
                .into_iter()
                .filter(|found| !["details", "summary", "<br>"].iter().any(|own| found.contains(own)))
                .collect();
            assert_eq!(foreign, Vec::<String>::new());
        }),
        ("html", |text| {
            // What a browser makes of it is seen in `tests/live/inert_pages.rs`.
            for sign in
                ["<img", "<script>alert", "href=\"http://evil", "href=\"https://evil", "onerror=alert(1)>"]
            {
                assert!(!text.contains(sign), "{sign}");
            }
        }),
        ("json", |text| {
            no_commands(text);
            let parsed: Value = serde_json::from_str(text).unwrap();
            let named = parsed.to_string();
            assert!(named.contains("=HYPERLINK"), "{named}");
        }),
    ];
    read_each(folder.path(), &readers);
}

#[test]
fn formats_of_runners_and_monitors_are_inert() {
    let folder = folder();
    write(folder.path(), "s.json", &snapshot());
    let readers: [(&str, Reader); 6] = [
        ("github", |text| {
            for line in text.lines() {
                let command =
                    line.strip_prefix("::").and_then(|line| line.split(' ').next()).unwrap_or_default();
                assert!(
                    ["error", "warning", "notice", "group", "endgroup::", "debug"]
                        .iter()
                        .any(|own| command.starts_with(own)),
                    "{line}"
                );
            }
            assert!(
                !text
                    .lines()
                    .any(|line| line.starts_with("::error::forged") || line.starts_with("::set-output"))
            );
        }),
        ("gitlab", |text| assert!(serde_json::from_str::<Value>(text).unwrap().is_array())),
        ("sarif", |text| assert!(serde_json::from_str::<Value>(text).unwrap()["runs"].is_array())),
        ("junit", |text| {
            no_commands(text);
            let document = roxmltree::Document::parse(text).unwrap();
            let known = [
                "testsuites",
                "testsuite",
                "testcase",
                "failure",
                "error",
                "skipped",
                "system-out",
                "properties",
                "property",
            ];
            assert!(
                document
                    .descendants()
                    .filter(roxmltree::Node::is_element)
                    .all(|node| known.contains(&node.tag_name().name()))
            );
        }),
        ("nagios", |text| {
            no_commands(text);
            // One bar before the figures, on the first line; text after it is more of the same.
            let first = text.lines().next().unwrap();
            assert!(first.matches('|').count() <= 1, "{first}");
        }),
        ("openmetrics", |text| {
            assert!(text.ends_with("# EOF\n"));
            assert_eq!(text.matches("\n# EOF").count(), 1);
            assert!(
                text.lines().all(|line| line.starts_with("# ") || line.starts_with("scale_advisor_")),
                "{text}"
            );
        }),
    ];
    read_each(folder.path(), &readers);
}

#[test]
fn a_history_in_a_spreadsheet_is_inert_and_comes_back() {
    let folder = folder();
    write(folder.path(), "s.json", &snapshot());
    write(folder.path(), "scale-advisor.toml", "profile = \"node-queue-chat\"\n");
    let run = |arguments: &[&str]| {
        let run = ran(program(folder.path()).args(arguments));
        assert_eq!(run.code, 0, "{run:#?}");
        run.stdout
    };
    run(&["record", "-q", "--snapshot", "s.json"]);
    let exported = run(&["history", "export"]);
    let mut reader = csv::Reader::from_reader(exported.as_bytes());
    let mut cells = 0;
    for record in reader.records() {
        for cell in &record.unwrap() {
            let is_number = cell.parse::<f64>().is_ok();
            assert!(is_number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
            cells += 1;
        }
    }
    assert!(cells >= 15 * HOSTILE.len());
    write(folder.path(), "export.csv", &exported);
    run(&["history", "import", "export.csv", "--history", "copy.db"]);
    assert_eq!(run(&["history", "export", "--history", "copy.db"]), exported);
}
