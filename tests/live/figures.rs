//! Figures from files, through the program.

use chrono::{Days, NaiveDate, Utc};

use crate::check::program::Project;

fn days_ago(days: u64) -> NaiveDate {
    Utc::now().date_naive().checked_sub_days(Days::new(days)).unwrap()
}

fn project(table: &str, text: &str) -> Project {
    let project = Project::new(table);
    std::fs::write(project.path("figures.csv"), text).unwrap();
    project
}

#[test]
fn the_newest_figure_is_the_present_and_the_history_is_kept() {
    let rows: Vec<String> =
        (0..400_u64).rev().map(|days| format!("{},{}", days_ago(days), 1000 - 2 * days)).collect();
    let project = project(
        "[[sources.csv]]\nfile = \"figures.csv\"\nsignal = \"users.concurrent\"",
        &format!("date,value\n{}\n", rows.join("\n")),
    );
    let judged = project.check("");
    // Not a percentile of the years before.
    assert_eq!(judged.part("/load/now"), 1000.0, "{}", judged.page);
    assert_eq!(judged.part("/load/peak"), 1000.0);
    assert_eq!(judged.part("/phase/current"), 3);
    assert_eq!(judged.part("/load/reason/kind"), "measured");
    let query = judged.part("/load/reason/query").as_str().unwrap();
    assert!(query.contains(&format!("figures.csv, line 401 ({})", days_ago(0))), "{query}");
    let collected = project.run("collect -q -o snapshot.json");
    assert_eq!(collected.code, 0, "{}", collected.err);
    let snapshot = std::fs::read_to_string(project.path("snapshot.json")).unwrap();
    assert!(snapshot.contains("202.0"), "the oldest figure is missing");
}

#[test]
fn a_bill_is_held_against_its_tier() {
    let text = format!("date,value\n{},640\n{},610.5\n", days_ago(20), days_ago(50));
    let project = project("[[sources.csv]]\nfile = \"figures.csv\"\nsignal = \"cost.monthly\"", &text);
    assert_eq!(project.check("").part("/cost/actual"), 640.0);
}

#[test]
fn mistakes_are_told_with_their_lines_and_the_signal_is_missed() {
    let settings = "[[sources.csv]]\nfile = \"figures.csv\"\nsignal = \"users.registered\"\n\
                    [[sources.csv]]\nfile = \"nowhere.csv\"\nsignal = \"users.active\"";
    let project = project(settings, "date,value\n2026-11-01,\"1,234\"\nyesterday,5\n");
    let run = project.run("doctor");
    assert_eq!(run.code, 2);
    let page = run.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(page.contains("figures.csv: line 2: `1,234` has separators"), "{}", run.out);
    assert!(page.contains("line 3: `yesterday` is not a date"), "{}", run.out);
    assert!(page.contains("nowhere.csv: the file cannot be read"), "{}", run.out);
    let run = project.run("check -q");
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(run.err.contains("line 3: `yesterday` is not a date"), "{}", run.err);
}

#[test]
fn a_figure_that_nobody_kept_up_is_a_gap() {
    let text = format!("date,value\n{},640\n", days_ago(60));
    let project = project("[[sources.csv]]\nfile = \"figures.csv\"\nsignal = \"users.registered\"", &text);
    let judged = project.check("");
    let gap = judged.gap("users.registered");
    assert_eq!(gap["reason"], "stopped", "{}", judged.page);
    assert!(gap["detail"].as_str().unwrap().contains(&days_ago(60).to_string()));
}
