//! `forecast` on daily figures.

use std::{fmt::Write, path::Path};

use chrono::{Days, NaiveDate, TimeDelta, Utc};
use serde_json::Value;

use super::{alternative, folder, program, write};
use crate::binary::{Ran, ran};

/// A figure that grows by ten a day, a little restlessly, from 1000 on the first of January 2026.
fn growing(days: u64) -> String {
    let first = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    let mut text = "date,value\n".to_owned();
    for day in 0..days {
        let restless = [3.0, -4.0, 1.0, 5.0, -2.0, -3.0, 0.5, 2.0, -1.5][usize::try_from(day % 9).unwrap()];
        let date = first.checked_add_days(Days::new(day)).unwrap();
        writeln!(text, "{date},{}", 1000.0 + 10.0 * f64::from(u32::try_from(day).unwrap()) + restless)
            .unwrap();
    }
    text
}

fn forecast(folder: &Path, text: &str, arguments: &[&str]) -> Ran {
    let file = write(folder, "daily.csv", text);
    ran(program(folder).env("COLUMNS", "80").args(["forecast", "--csv"]).arg(file).args(arguments))
}

fn date(json: &Value) -> NaiveDate {
    json.as_str().unwrap().parse().unwrap()
}

#[test]
fn a_steady_rise_reaches_the_limit_when_the_line_does() {
    let folder = folder();
    let ran = forecast(
        folder.path(),
        &growing(120),
        &["--limit", "2500", "--at", "2026-05-01", "--format", "json"],
    );
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let json: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(json["points"].as_array().unwrap().len(), 60);
    let crossing = &json["crossing"];
    let [low, mid] = ["low", "mid"].map(|name| date(&crossing[name]));
    let line = NaiveDate::from_ymd_opt(2026, 5, 31).unwrap();
    assert!(low <= mid && (mid - line).num_days().abs() <= 7, "{crossing}");
    assert_eq!(json["growth_per_month"]["distinguishable_from_none"], true);
    for point in json["points"].as_array().unwrap() {
        let band = ["p5", "p10", "p25", "p50", "p75", "p90", "p95"].map(|name| point[name].as_f64().unwrap());
        assert!(band.is_sorted(), "{point}");
    }
}

#[test]
fn days_from_the_asked_date_on_do_not_count() {
    let folder = folder();
    let arguments = ["--limit", "2500", "--at", "2026-04-01", "--horizon", "30d", "--format", "json"];
    let whole = forecast(folder.path(), &growing(120), &arguments);
    let cut = forecast(folder.path(), &growing(90), &arguments);
    assert_eq!(whole.stdout, cut.stdout);
    let json: Value = serde_json::from_str(&whole.stdout).unwrap();
    assert_eq!(
        (json["points"].as_array().unwrap().len(), &json["points"][0]["date"]),
        (30, &"2026-04-01".into())
    );
}

#[test]
fn the_page_says_when_and_fits() {
    let folder = folder();
    let ahead = forecast(folder.path(), &growing(120), &["--limit", "2500"]).stdout;
    assert!(ahead.starts_with(" Reaches 2,500 around ") && ahead.contains("90% interval"), "{ahead}");
    assert!(ahead.lines().all(|line| line.chars().count() <= 80), "{ahead}");
    let over = forecast(folder.path(), &growing(120), &["--limit", "2000"]).stdout;
    assert!(over.starts_with(" Exceeds 2,000 already: 2,19"), "{over}");
}

#[test]
fn too_little_or_nothing_readable_is_told() {
    let folder = folder();
    let short = forecast(folder.path(), &growing(5), &["--limit", "2500"]);
    assert!(short.code == 3 && short.stderr.contains("cannot forecast"), "{} {}", short.code, short.stderr);
    let broken = forecast(folder.path(), "2026-01-01,many\n", &["--limit", "2500"]);
    let words = "line 1: `many` is not a finite number";
    assert!(broken.code == 2 && broken.stderr.contains(words), "{}", broken.stderr);
}

#[test]
fn values_that_do_not_end_about_today_are_questioned() {
    let folder = folder();
    let last = |offset: i64| {
        let date = |days: i64| (Utc::now() + TimeDelta::days(offset - days)).date_naive();
        let lines = (0..30).rev().map(|day| format!("{},{}", date(day), 100 + day % 3));
        let text = format!("date,value\n{}\n", lines.collect::<Vec<_>>().join("\n"));
        forecast(folder.path(), &text, &["--limit", "120"])
    };
    for (offset, words) in [(-20, "20 days old"), (30, "after today")] {
        let ran = last(offset);
        assert!(ran.code == 0 && ran.stderr.contains(words), "{} {}", ran.code, ran.stderr);
    }
    assert_eq!(last(-1).stderr, "");
}

#[test]
fn a_limit_of_nothing_is_refused() {
    let folder = folder();
    for limit in ["0", "0%"] {
        let ran = forecast(folder.path(), &growing(120), &["--limit", limit]);
        assert!(ran.code == 2 && ran.stderr.contains("above 0"), "{limit}: {} {}", ran.code, ran.stderr);
    }
}

/// A forecast of the demo.
fn of_demo(arguments: &[&str]) -> Ran {
    let folder = folder();
    ran(program(folder.path()).env("COLUMNS", "80").args(["forecast", "--demo"]).args(arguments))
}

#[test]
fn every_resource_is_forecast_beside_the_load() {
    let ran = of_demo(&["--format", "json"]);
    let json: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.code, &json["schema"]), (0, &"scale-advisor/forecast/2".into()));
    assert_eq!(json["resources"][0]["resource"], "postgres.connections");
    let sum: f64 = json["resources"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|resource| resource["probability_first"].as_f64())
        .sum();
    assert!((sum - 1.0).abs() < 1e-9, "{sum}");
    let ordered = |point: &Value| {
        let levels =
            ["p5", "p10", "p25", "p50", "p75", "p90", "p95"].map(|level| point[level].as_f64().unwrap());
        levels.is_sorted()
    };
    assert!(json["load"]["points"].as_array().unwrap().iter().all(ordered));
}

#[test]
fn the_page_of_everything_fits() {
    let page = of_demo(&["--users", "1000"]).stdout;
    assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
    for words in ["Resources", "At 1,000 concurrent users", "Exceeded", "`plan --users 1000` shows the steps"]
    {
        assert!(page.contains(words), "{words} in {page}");
    }
}

#[test]
fn a_supposed_growth_moves_the_dates() {
    let date = |growth: &str| {
        let ran = of_demo(&["--growth", growth, "--format", "json"]);
        let json: Value = serde_json::from_str(&ran.stdout).unwrap();
        json["resources"][0]["saturates_on"]["mid"].as_str().map(str::to_owned)
    };
    assert!(date("10%/month") < date("3%/month"));
    assert_eq!(date("-5%/month"), None);
}

#[test]
fn the_horizon_is_what_was_asked_for() {
    let ran = of_demo(&["--horizon", "14d", "--format", "json"]);
    let json: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(json["load"]["points"].as_array().unwrap().len(), 14);
}

#[test]
fn a_file_and_the_system_exclude_each_other() {
    for arguments in [
        &["--csv", "x.csv"][..],
        &["--limit", "9"],
        &["--csv", "x.csv", "--limit", "9", "--users", "5"],
        &["--growth", "8"],
        &["--users", "0"],
    ] {
        let ran = of_demo(arguments);
        assert!(
            ran.code == 2 && !ran.stderr.is_empty() && ran.stdout.is_empty(),
            "{arguments:?} {}",
            ran.stderr
        );
    }
}

#[test]
fn the_picture_of_a_figure_is_a_document_with_words() {
    let folder = folder();
    let ran =
        forecast(folder.path(), &growing(120), &["--limit", "2500", "--at", "2026-05-01", "--format", "svg"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let words = alternative(&ran.stdout);
    assert!(
        words.contains("Measured from 2026-01-01") && words.contains("The limit is reached around"),
        "{words}"
    );
}

#[test]
fn the_picture_of_the_load_has_phases_and_what_is_full() {
    let folder = folder();
    let ran = ran(program(folder.path()).args(["forecast", "--demo", "--format", "svg"]));
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let words = alternative(&ran.stdout);
    assert!(words.contains("Forecast for") && words.contains("Saturates at"), "{words}");
    assert!(ran.stdout.contains("Demo data") && ran.stdout.contains("Phase "), "{}", ran.stdout);
}

#[test]
fn a_declared_event_is_left_out_and_told() {
    let folder = folder();
    let first = NaiveDate::from_ymd_opt(2026, 9, 20).unwrap();
    let users = |day: u64| if (50..54).contains(&day) { 900 } else { 200 + day };
    let mut rows = String::new();
    for day in 0..61 {
        writeln!(rows, "{},{}", first + Days::new(day), users(day)).unwrap();
    }
    write(folder.path(), "users.csv", &format!("date,value\n{rows}"));
    let config = "profile = \"node-queue-chat\"\n[[sources.csv]]\nfile = \"users.csv\"\n\
                  signal = \"users.concurrent\"\n[sources.host]\nenabled = false\n";
    let growth = |config: &str| {
        write(folder.path(), "scale-advisor.toml", config);
        let arguments = ["forecast", "-q", "--at", "2026-11-20T20:00:00Z", "--format", "json"];
        let run = ran(program(folder.path()).args(arguments));
        let forecast: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"));
        let width = &forecast["load"]["growth_per_month"];
        let width = width["high"].as_f64().unwrap() - width["low"].as_f64().unwrap();
        (width, forecast["events_left_out"][0]["name"].as_str().map(str::to_owned))
    };
    let (unknown, none) = growth(config);
    let event = "[[events]]\nname = \"Sale\"\nfrom = 2026-11-09\nuntil = 2026-11-12\n";
    let (known, sale) = growth(&format!("{config}{event}"));
    assert!(unknown > 1.0 && known < 0.01, "{unknown} and {known}");
    assert_eq!((none, sale.as_deref()), (None, Some("Sale")));
}
