//! Pages in their three forms and at two widths, as they are kept in `tests/fixtures/views`, and the numbers that they
//! say: all of them the same.

use std::{
    collections::BTreeSet,
    fmt::Write,
    path::{Path, PathBuf},
};

use serde_json::Value;
use tempfile::TempDir;

use super::{
    binary::{program, ran},
    compare, numbers,
};

/// Throughput of SPEC SDM at rising loads, as published with the R package `usl`.
const SPEC: &str =
    "concurrency,throughput\n1,64.9\n18,995.9\n36,1652.4\n72,1853.2\n108,1828.9\n144,1775.0\n216,1702.2\n";
const WIDTHS: [&str; 2] = ["80", "140"];

/// A command whose page is kept.
struct Page {
    name: &'static str,
    arguments: Vec<String>,
    code: i32,
}

fn page(name: &'static str, arguments: &[&str]) -> Page {
    Page { name, arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(), code: 0 }
}

/// A directory with the files that the commands read.
fn inputs() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let mut daily = "date,value\n".to_owned();
    for day in 0..90_u32 {
        let date = chrono::NaiveDate::from_ymd_opt(2026, 6, 1).unwrap() + chrono::Days::new(day.into());
        let value = 50.0 + 0.4 * f64::from(day) + f64::from(day * 37 % 7);
        writeln!(daily, "{date},{value}").unwrap();
    }
    write("daily.csv", &daily);
    write("points.csv", SPEC);
    let snapshot = |scenario: &str| {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios").join(scenario).join("snapshot.json")
    };
    std::fs::copy(snapshot("connections-refused"), folder.path().join("refused.json")).unwrap();
    let exposition = "tests/fixtures/discover/oracledb_exporter-from-documentation.txt";
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join(exposition), folder.path().join("exporter.txt"))
        .unwrap();
    let record = ["record", "--quiet", "--history", "kept.db", "--profile", "node-queue-chat", "--snapshot"];
    let recorded = ran(program(folder.path()).args(record).arg(snapshot("connections-90-percent")));
    assert_eq!((recorded.code, recorded.stderr.as_str()), (0, ""));
    builds(folder.path());
    folder
}

/// Runs of two builds, with the settings and the assessment that they are compared by.
fn builds(folder: &Path) {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["before.csv", "after.csv", "scale-advisor.toml"] {
        let name = format!("gate/{name}");
        std::fs::create_dir_all(folder.join("gate")).unwrap();
        std::fs::copy(top.join("tests/fixtures").join(&name), folder.join(&name)).unwrap();
    }
    std::fs::copy(top.join("reports/demo/check.json"), folder.join("gate/today.json")).unwrap();
    let side = |orders: u32, wait: [u32; 5]| {
        let row = |(run, wait): (u32, u32)| format!("{run},{},{orders},4,{wait}\n", 1000 + run);
        let rows: String = (1..).zip(wait).map(row).collect();
        format!("run_no,throughput,orders,cores,queue_wait_p99_ms\n{rows}")
    };
    std::fs::write(folder.join("noisy-before.csv"), side(10, [150, 260, 205, 180, 290])).unwrap();
    std::fs::write(folder.join("noisy-after.csv"), side(90, [160, 285, 210, 196, 301])).unwrap();
}

fn pages() -> Vec<Page> {
    vec![
        page("forecast", &["forecast", "--demo", "--users", "1000"]),
        page(
            "forecast-series",
            &["forecast", "--csv", "daily.csv", "--limit", "100", "--horizon", "45d", "--at", "2026-08-30"],
        ),
        page("usl", &["usl", "points.csv", "--latency", "100ms"]),
        page("history", &["history", "show", "--history", "kept.db"]),
        page("discover", &["discover", "--exposition", "exporter.txt"]),
        page("doctor", &["doctor", "--demo"]),
        Page { code: 2, ..page("doctor-refused", &["doctor", "--snapshot", "refused.json"]) },
        page("explain-signal", &["explain", "postgres.connections"]),
        page("explain-decision", &["explain", "--profile", "node-queue-chat", "add-workers"]),
        page("profiles", &["profiles", "list"]),
        page("profile", &["profiles", "show", "node-queue-chat"]),
        page("report", &["report", "--demo", "--compare", "2026-09"]),
        page("report-year", &["report", "--demo", "--year", "2026"]),
        gate(
            "gate-fail",
            1,
            "--config gate/scale-advisor.toml --baseline gate/before.csv --candidate gate/after.csv --assessment gate/today.json",
        ),
        gate("gate-inconclusive", 3, "--baseline noisy-before.csv --candidate noisy-after.csv"),
        gate("gate-no-baseline", 3, "--baseline main --candidate noisy-after.csv --directory none"),
        gate("gate-pass", 0, "--baseline gate/before.csv --candidate gate/before.csv --ignore error_ratio"),
    ]
}

/// A comparison that ends with an exit code.
fn gate(name: &'static str, code: i32, arguments: &str) -> Page {
    let arguments: Vec<&str> =
        "gate --at 2026-11-21T12:00:00Z".split(' ').chain(arguments.split(' ')).collect();
    Page { code, ..page(name, &arguments) }
}

/// What a command writes in a format.
fn written(folder: &Path, page: &Page, format: &str, width: &str) -> String {
    let mut command = program(folder);
    command.env("COLUMNS", width).args(&page.arguments).args(["--format", format]);
    let report = page.arguments[0] == "report" && format != "text";
    if report {
        command.args(["-o", "out"]);
    }
    let ran = ran(&mut command);
    assert_eq!((ran.code, ran.stderr.as_str()), (page.code, ""), "{} {format}", page.name);
    // A report is a file; its name is what was written.
    let text =
        if report { std::fs::read_to_string(folder.join(ran.stdout.trim())).unwrap() } else { ran.stdout };
    text.replace(concat!("scale-advisor ", env!("CARGO_PKG_VERSION")), "scale-advisor …")
}

/// An HTML page without what all pages share, and without its pictures, which have files of their own.
fn body(html: &str) -> String {
    let (_, body) = html.split_once("<body>").unwrap();
    let (body, _) = body.split_once("<script>").unwrap();
    let mut out = String::new();
    let mut rest = body;
    while let Some((before, picture)) = rest.split_once("<svg") {
        out.extend([before, "<svg…>"]);
        rest = picture.split_once("</svg>").unwrap().1;
    }
    out + rest
}

fn kept(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/views").join(name)
}

/// `UPDATE=1` writes them anew.
#[test]
fn every_page_is_as_expected() {
    let folder = inputs();
    let mut wrong = Vec::new();
    for page in pages() {
        for width in WIDTHS {
            let text = written(folder.path(), &page, "text", width);
            compare(&kept(&format!("{}.{width}.txt", page.name)), &text, &mut wrong);
        }
        let markdown = written(folder.path(), &page, "markdown", "80");
        compare(&kept(&format!("{}.md", page.name)), &markdown, &mut wrong);
        let html = written(folder.path(), &page, "html", "80");
        compare(&kept(&format!("{}.html", page.name)), &body(&html), &mut wrong);
    }
    assert!(wrong.is_empty(), "{}\nUPDATE=1 rewrites what is expected", wrong.join("\n"));
}

#[test]
fn the_pages_of_a_result_have_the_same_numbers() {
    let folder = inputs();
    for page in pages() {
        let text = numbers::numbers(&numbers::terminal_text(&written(folder.path(), &page, "text", "200")));
        let mut markdown = written(folder.path(), &page, "markdown", "200");
        if let Some((before, fenced)) = markdown.split_once("```") {
            // Without a directory for pictures they are drawn.
            let (_, after) = fenced.split_once("```").unwrap();
            markdown = format!("{before}{after}");
        }
        let markdown = numbers::numbers(&numbers::markdown_text(&markdown));
        let html = numbers::numbers(&numbers::html_text(&written(folder.path(), &page, "html", "200")));
        let difference = |a: &BTreeSet<String>, b: &BTreeSet<String>| {
            a.symmetric_difference(b).cloned().collect::<Vec<_>>()
        };
        assert_eq!(difference(&markdown, &html), Vec::<String>::new(), "{}: Markdown and HTML", page.name);
        assert_eq!(difference(&text, &markdown), Vec::<String>::new(), "{}: text and Markdown", page.name);
    }
}

/// Numbers that a report computes from those of its data: changes, sums and means, and what its sentences name.
const DERIVED: [&str; 5] = ["90", "94", "95", "1", "0"];

#[test]
fn every_number_of_a_report_is_one_of_its_data() {
    let folder = inputs();
    let report = page("report", &["report", "--demo", "--compare", "2026-09"]);
    let data: Value = serde_json::from_str(&written(folder.path(), &report, "json", "80")).unwrap();
    let mut values = Vec::new();
    numbers::json_numbers(&data, &mut values);
    let page = numbers::markdown_text(&written(folder.path(), &report, "markdown", "80"));
    let (before, queries) = page.split_once("## Queries").unwrap();
    let (_, after) = queries.split_once("## Cost").unwrap();
    let shown = numbers::numbers(&format!("{before}{after}"));
    let strange: Vec<&String> = shown
        .iter()
        .filter(|number| !DERIVED.contains(&number.as_str()) && !numbers::is_backed(number, &values))
        .collect();
    assert!(strange.is_empty(), "{strange:?}");
}

#[test]
fn a_report_says_the_same_of_the_next_bottleneck_everywhere() {
    let folder = inputs();
    let report = page("report", &["report", "--demo"]);
    let data: Value = serde_json::from_str(&written(folder.path(), &report, "json", "80")).unwrap();
    let assessed = ran(program(folder.path()).args(["check", "--demo", "--format", "json"]));
    let assessed: Value = serde_json::from_str(&assessed.stdout).unwrap();
    assert_eq!(data["verdict"]["next_bottleneck"], assessed["next_bottleneck"]);
    assert_eq!(data["load"]["course"]["peak"], assessed["load"]["peak"]);
    let number = |value: &Value| value.as_f64().unwrap().round().to_string();
    let peak = number(&assessed["load"]["peak"]);
    let at = number(&assessed["next_bottleneck"]["saturates_at_load"]["mid"]);
    for format in ["text", "markdown", "html"] {
        let page = written(folder.path(), &report, format, "200");
        let page = if format == "html" { numbers::html_text(&page) } else { page };
        let words = page.split_whitespace().filter(|word| *word != ">").collect::<Vec<_>>().join(" ");
        // The load now, in the verdict and in the load's own section.
        for sentence in [
            format!("at {at} ("),
            format!("now {peak} "),
            format!("{peak} concurrent users at the peak hour"),
        ] {
            assert!(words.contains(&sentence), "{format}: no `{sentence}` in {words}");
        }
        let after = |mark: &str| -> Vec<String> {
            let parts = words.split(mark).skip(1);
            parts.map(|part| part.split(' ').next().unwrap_or_default().to_owned()).collect()
        };
        assert!(after("concurrent users, now ").iter().all(|number| *number == peak), "{format}: {words}");
    }
}
