//! What statements did: taken in from a file, shown, and told by the report.

use std::path::Path;

use serde_json::{Value, json};

use super::{
    binary::{Ran, program, ran},
    folder, says, write,
};

const HOSTILE: &str =
    "SELECT | [x](javascript:alert(1)) <img src=x onerror=alert(1)> `tick` \u{1b}[31m\u{202e}";
const SERVER: &str = "db.internal:5432/shop";

/// Every day of September and October 2026.
fn days() -> impl Iterator<Item = (bool, String)> {
    let of =
        |month: u32, days: u32| (1..=days).map(move |day| (month == 9, format!("2026-{month:02}-{day:02}")));
    of(9, 30).chain(of(10, 31))
}

/// A statement with so many calls a day in either month, each taking so many seconds.
fn statement(query: i64, text: Option<&str>, before: (f64, f64), now: (f64, f64)) -> Value {
    let day = |(first, day): (bool, String)| {
        let (calls, each) = if first { before } else { now };
        json!({ "day": day, "calls": calls, "seconds": calls * each })
    };
    let days: Vec<Value> = days().map(day).filter(|day| day["calls"] != 0.0).collect();
    json!({
        "statement": {
            "server": SERVER, "role": 10, "database": 5, "query": query, "toplevel": true, "text": text, "days": days
        },
        "simulated": "a test"
    })
}

/// A history of a server whose counters began anew on 12 October.
fn history() -> String {
    let counted: Vec<Value> = days()
        .map(|(_, day)| {
            let resets = u8::from(day == "2026-10-12");
            json!({ "day": day, "seconds": 86_400.0, "resets": resets, "evictions": resets * 2, "hidden": 0 })
        })
        .collect();
    let lines = [
        statement(1, Some("SELECT * FROM messages WHERE room = $1"), (1000.0, 0.5), (2000.0, 0.75)),
        statement(-2, Some("UPDATE users SET seen = $1"), (4000.0, 0.25), (4000.0, 0.25)),
        statement(3, Some(HOSTILE), (0.0, 0.0), (100.0, 5.0)),
        statement(4, None, (9000.0, 0.0625), (9000.0, 0.0625)),
        json!({ "counted": { "server": SERVER, "days": counted }, "simulated": "a test" }),
    ];
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    lines.join("\n")
}

fn imported(folder: &Path) -> Ran {
    let file = write(folder, "history.jsonl", &history());
    ran(program(folder).args(["history", "import", "--history", "h.db"]).arg(file))
}

fn reported(folder: &Path, month: &str, ending: &str) -> String {
    let arguments = ["report", "--demo", "--history", "h.db", "-o", "out", "--month", month];
    let run = ran(program(folder).args(arguments));
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    std::fs::read_to_string(folder.join(format!("out/{month}-node-queue-chat.{ending}"))).unwrap()
}

/// The section of the Markdown page on queries.
fn section(page: &str) -> &str {
    let (_, section) = page.split_once("## Queries").unwrap();
    section.split_once("## Cost").unwrap().0
}

#[test]
fn the_history_tells_what_it_knows_of_statements() {
    let folder = folder();
    let run = imported(folder.path());
    assert_eq!(run.code, 0);
    says(&run.stderr, &["imported into h.db: 0 series", "query statistics: 4 rows"]);
    let shown = ran(program(folder.path()).args(["history", "show", "--history", "h.db"])).stdout;
    says(&shown, &["History without hourly rollups", "4 on db.internal:5432/shop, 2026-09-01 to 2026-10-31"]);
    let export = ["history", "export", "--history", "h.db", "--format", "jsonl"];
    let run = ran(program(folder.path()).args(export));
    let lines = |text: &str| -> Vec<Value> {
        let mut lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        lines.sort_by_key(Value::to_string);
        lines
    };
    assert_eq!(lines(&run.stdout), lines(&history()));
    assert!(!run.stdout.contains(['\u{1b}', '\u{202e}']));
}

#[test]
fn the_report_holds_each_statement_against_the_month_before() {
    let folder = folder();
    imported(folder.path());
    let page = reported(folder.path(), "2026-10", "md");
    says(
        section(&page),
        &[
            "cover 31.0 days of the month and 30.0 days of the previous month",
            "They were reset once; activity that was not sampled before is lost",
            "Rare queries were evicted 2 times",
            // 2000·0.75 + 4000·0.25 + 100·5 + 9000·0.0625 = 3562.5 s, before 500 + 1000 + 562.5 = 2062.5 s.
            "All queries: 59.4 min a day (+73% on the previous month)",
            " | 750 ms | 2,000 | 25 min | 42% | +200% | +100% | +50% |",
            " | 5 s | 100 | 8.33 min | 14% | new | – | – |",
            " | 250 ms | 4,000 | 16.7 min | 28% | 0.0% | 0.0% | 0.0% |",
        ],
    );
    let json: Value = serde_json::from_str(&reported(folder.path(), "2026-10", "json")).unwrap();
    let leading = json["statements"]["recorded"]["leading"].as_array().unwrap();
    let queries: Vec<&Value> = leading.iter().map(|statement| &statement["query"]).collect();
    assert_eq!(queries, [1, -2, 3]);
    assert_eq!(leading[2]["text"], HOSTILE);
}

#[test]
fn a_month_without_counters_says_so() {
    let folder = folder();
    imported(folder.path());
    let first = reported(folder.path(), "2026-09", "md");
    says(
        section(&first),
        &["has no counters for the previous month", "30.0 days of the month and none of", "| time, mean<br>"],
    );
    let earlier = reported(folder.path(), "2026-08", "md");
    says(section(&earlier), &["has no counters for this month;"]);
    assert!(!section(&earlier).contains("Leads in"));
}

#[test]
fn what_a_server_calls_a_statement_stays_text() {
    let folder = folder();
    imported(folder.path());
    let markdown = reported(folder.path(), "2026-10", "md");
    says(
        section(&markdown),
        &[r"SELECT \| \[x\](javascript:alert(1)) &lt;img src=x onerror=alert(1)&gt; \`tick\`"],
    );
    let html = reported(folder.path(), "2026-10", "html");
    says(&html, &["&lt;img src=x onerror=alert(1)&gt;"]);
    for page in [&markdown, &html] {
        assert!(!page.contains("<img") && !page.contains(['\u{1b}', '\u{202e}']));
    }
}

#[test]
fn a_line_that_cannot_be_true_is_refused_with_its_number() {
    let folder = folder();
    for (from, to, words) in [
        ("\"calls\":4000.0", "\"calls\":-1.0", "line 2: "),
        ("\"seconds\":86400.0", "\"seconds\":99999.0", "line 5: "),
        ("\"2026-09-01\"", "\"2026-09-31\"", "line 1: "),
    ] {
        let text = history();
        assert!(text.contains(from), "{text}");
        let file = write(folder.path(), "history.jsonl", &text.replacen(from, to, 1));
        let run = ran(program(folder.path()).args(["history", "import", "--history", "h.db"]).arg(file));
        assert_eq!(run.code, 2);
        says(&run.stderr, &["history.jsonl", words]);
    }
    assert!(!folder.path().join("h.db").exists());
}
