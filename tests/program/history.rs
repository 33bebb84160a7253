//! `record` and `history`: what is kept, where, and how it comes out again.

use std::path::Path;

use serde_json::{Value, json};

use super::{
    NOTHING,
    binary::{Ran, program, ran},
    folder, says, write,
};
use crate::timeline::snapshot;

fn record(folder: &Path, minute: i64) -> Ran {
    let file = write(folder, "snapshot.json", &snapshot(minute, 1440, 2));
    ran(program(folder).args(["record", "--snapshot"]).arg(file))
}

fn history(folder: &Path, arguments: &[&str]) -> Ran {
    ran(program(folder).arg("history").args(arguments))
}

/// A folder with a history of two runs.
fn kept() -> tempfile::TempDir {
    let folder = folder();
    write(folder.path(), "scale-advisor.toml", NOTHING);
    for minute in [1440, 1500] {
        assert_eq!(record(folder.path(), minute).code, 0);
    }
    folder
}

#[track_caller]
fn exported(folder: &Path, format: &str) -> String {
    let run = history(folder, &["export", "--format", format]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    run.stdout
}

#[test]
fn what_is_written_is_told_and_twice_is_once() {
    let folder = kept();
    let before = exported(folder.path(), "jsonl");
    let again = record(folder.path(), 1500);
    assert_eq!((again.code, again.stdout.as_str()), (0, ""));
    says(
        &again.stderr,
        &["recorded in ", "history.db: 2881 samples, 3 series, 0 hourly rollups added or updated"],
    );
    assert_eq!(again.stderr.lines().count(), 1);
    assert_eq!(exported(folder.path(), "jsonl"), before);
    assert!(folder.path().join(".scale-advisor/history.db").is_file());
}

#[test]
fn the_place_is_beside_the_settings_or_as_asked_for() {
    let folder = folder();
    write(
        folder.path(),
        "scale-advisor.toml",
        "history = \"state/months.db\"\n[sources.host]\nenabled = false\n",
    );
    let below = folder.path().join("deep");
    std::fs::create_dir(&below).unwrap();
    assert_eq!(record(&below, 1440).code, 0);
    assert!(folder.path().join("state/months.db").is_file());
    let file = below.join("snapshot.json");
    let run = ran(program(&below).args(["record", "-q", "--history", "mine.db", "--snapshot"]).arg(file));
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert_eq!(history(&below, &["verify", "--history", "mine.db"]).stdout, "mine.db: OK\n");
}

#[test]
fn the_page_tells_what_is_held_and_fits() {
    let folder = kept();
    for width in ["60", "100"] {
        let run = ran(program(folder.path()).env("COLUMNS", width).args(["history", "show"]));
        says(
            &run.stdout,
            &["52 hourly rollups, 3 series", "Assessments  2", "host.cpu", "host-1", "queue.depth", "100%"],
        );
        assert_eq!(run.stdout.contains("prometheus"), width == "100");
        let widest = run.stdout.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= width.parse().unwrap(), "{}", run.stdout);
    }
}

#[test]
fn what_was_exported_can_be_imported_elsewhere() {
    let folder = kept();
    for format in ["csv", "jsonl"] {
        let text = exported(folder.path(), format);
        assert_eq!(text.lines().count(), if format == "csv" { 1 } else { 2 } + 52 + 5);
        let copy = super::folder();
        let file = write(copy.path(), "export", &text);
        for hours in ["52 hourly rollups", "0 hourly rollups"] {
            let run = ran(program(copy.path()).args(["history", "import"]).arg(&file));
            assert_eq!(run.code, 0, "{}", run.stderr);
            says(&run.stderr, &["imported into", "3 series", hours]);
            assert_eq!(exported(copy.path(), format), text);
            assert_eq!(history(copy.path(), &["verify"]).code, 0);
        }
    }
}

#[test]
fn an_import_with_a_mistake_imports_nothing() {
    let folder = kept();
    let text = exported(folder.path(), "csv").replacen(",60,60,", ",0,60,", 1);
    let file = write(folder.path(), "export.csv", &text);
    let run = ran(program(folder.path()).args(["history", "import", "--history", "new.db"]).arg(file));
    assert_eq!(run.code, 2);
    says(&run.stderr, &["cannot use", "export.csv", "line ", "it has no samples"]);
    assert!(!folder.path().join("new.db").exists());
}

#[test]
fn a_history_that_is_not_there_or_damaged_is_told() {
    let folder = kept();
    let missing = history(folder.path(), &["verify", "--history", "nowhere.db"]);
    assert_eq!(missing.code, 2);
    says(&missing.stderr, &["there is no history at nowhere.db", "`scale-advisor record` creates one"]);
    let foreign = history(folder.path(), &["show", "--history", "scale-advisor.toml"]);
    assert_eq!(foreign.code, 2);
    says(&foreign.stderr, &["is not a scale-advisor history"]);

    let file = folder.path().join(".scale-advisor/history.db");
    let mut bytes = std::fs::read(&file).unwrap();
    let (middle, page) = (bytes.len() / 2 / 4096 * 4096, 4096);
    bytes[middle..middle + page].fill(0x5a);
    std::fs::write(&file, bytes).unwrap();
    let damaged = history(folder.path(), &["verify"]);
    assert_eq!((damaged.code, damaged.stderr.as_str()), (1, ""), "{}", damaged.stdout);
    assert!(!damaged.stdout.is_empty());

    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    let cut = history(folder.path(), &["verify"]);
    assert_eq!((cut.code, cut.stderr.as_str()), (1, ""), "{}", cut.stdout);
    says(&cut.stdout, &["is damaged"]);
}

#[test]
fn days_of_a_backfill_say_nothing_of_a_moment_that_nobody_named() {
    let folder = folder();
    let figures = "[[sources.csv]]\nfile = \"users.csv\"\nsignal = \"users.registered\"\n";
    write(folder.path(), "scale-advisor.toml", figures);
    write(folder.path(), "users.csv", "date,value\n2020-01-01,7\n");
    let record = |more: &[&str]| {
        let run = ran(program(folder.path()).args(["record", "--sample", "10ms"]).args(more));
        assert_eq!(run.code, 0, "{}", run.stderr);
        run.stderr
    };
    let note = "note: --at is in the past";
    let backfilled = record(&["--since", "3d"]);
    assert!(!backfilled.contains(note), "{backfilled}");
    assert_eq!(record(&["--since", "3d", "-q"]), "");
    assert_eq!(record(&["--at", "2020-01-02"]).matches(note).count(), 1);
}

#[test]
fn what_no_export_wrote_is_not_imported() {
    let folder = folder();
    for (text, words) in [("", "empty file"), ("foo,bar\n", "first line is signal,instance,source,")] {
        let file = write(folder.path(), "all.csv", text);
        let run = ran(program(folder.path()).args(["history", "import"]).arg(file));
        assert_eq!((run.code, run.stdout.as_str()), (2, ""));
        says(&run.stderr, &["cannot use", "all.csv", words]);
        assert!(!folder.path().join(".scale-advisor").exists());
    }
}

#[test]
fn simulated_values_go_into_a_history_of_their_own() {
    let folder = kept();
    let text = snapshot(1600, 60, 1).replacen("\"window\":", "\"simulated\":\"made up\",\"window\":", 1);
    let file = write(folder.path(), "simulated.json", &text);
    let refused = ran(program(folder.path()).args(["record", "--snapshot"]).arg(&file));
    assert_eq!(refused.code, 2);
    says(&refused.stderr, &["holds real values, this run has simulated values (made up)"]);
    let apart =
        ran(program(folder.path()).args(["record", "--history", "made-up.db", "--snapshot"]).arg(file));
    assert_eq!(apart.code, 0);
    says(&history(folder.path(), &["show", "--history", "made-up.db"]).stdout, &["Demo data: made up"]);
}

#[test]
fn what_is_old_is_forgotten_when_asked() {
    let folder = kept();
    let file = write(folder.path(), "later.json", &snapshot(10 * 1440, 60, 2));
    let run = ran(program(folder.path()).args(["record", "--prune", "5d", "--snapshot"]).arg(file));
    says(&run.stderr, &["52 old hourly rollups deleted"]);
    assert_eq!(exported(folder.path(), "csv").lines().count(), 1 + 3 + 3);
}

#[test]
fn an_address_of_another_kind_is_no_file() {
    let folder = folder();
    write(folder.path(), "scale-advisor.toml", "history = \"mysql://me:geheim@db/x\"\n");
    let run = record(folder.path(), 60);
    assert_eq!(run.code, 2);
    says(&run.stderr, &["config/history", "give a path or postgres://"]);
    assert!(!run.stderr.contains("geheim"));
    let run =
        history(folder.path(), &["show", "--history", "mysql://me:geheim@db/x", "--config", "/dev/null"]);
    assert_eq!(run.code, 2);
    assert!(!run.stderr.contains("geheim"), "{}", run.stderr);
}

#[test]
fn a_server_that_is_not_there_is_told_without_the_password() {
    let folder = folder();
    write(folder.path(), "scale-advisor.toml", "history = \"postgres://me:geheim@127.0.0.1:1/x\"\n");
    for run in [record(folder.path(), 60), history(folder.path(), &["verify"])] {
        assert_eq!(run.code, 2);
        says(&run.stderr, &["cannot open the history postgres://me@127.0.0.1:1/x", "nothing listens at"]);
        assert!(!run.stderr.contains("geheim"), "{}", run.stderr);
    }
}

#[test]
fn a_file_of_sqlite_can_be_imported_as_it_is() {
    let folder = kept();
    let copy = super::folder();
    let file = folder.path().join(".scale-advisor/history.db");
    let run = ran(program(copy.path()).args(["history", "import"]).arg(&file));
    assert_eq!(run.code, 0, "{}", run.stderr);
    says(&run.stderr, &["3 series, 52 hourly rollups"]);
    assert_eq!(exported(copy.path(), "jsonl"), exported(folder.path(), "jsonl"));
}

#[test]
fn recorded_warnings_are_scored_by_what_happened() {
    let folder = kept();
    let check = ["check", "--snapshot", "snapshot.json", "--format", "json"];
    let assessment: Value = serde_json::from_str(&ran(program(folder.path()).args(check)).stdout).unwrap();
    let row =
        assessment["bottlenecks"].as_array().unwrap().iter().position(|row| row["instance"] == "host-0");
    // Warned of in March, for the 15th to the 30th; the CPU was full on the 20th, and in May without a warning.
    let mut warned = assessment;
    warned["generated_at"] = "2026-03-05T12:00:00Z".into();
    let bottleneck = &mut warned["bottlenecks"][row.unwrap()];
    assert_eq!(bottleneck["signal"], "host.cpu");
    bottleneck["status"] = "approaching".into();
    bottleneck["act_by"] = json!({ "load": null, "date": "2026-03-05T00:00:00Z" });
    bottleneck["saturates_on"] = json!({
        "low": "2026-03-15T00:00:00Z", "mid": "2026-03-20T00:00:00Z", "high": "2026-03-30T00:00:00Z",
        "probability": 0.9, "horizon": "2026-12-31T00:00:00Z",
    });
    let hour = |day: &str, used: f64| {
        json!({
            "signal": "host.cpu", "instance": "host-0", "source": "prometheus", "query": "cpu", "unit": "ratio",
            "resolution": "hour", "start": format!("2026-{day}T12:00:00Z"), "count": 1, "minutes": 1,
            "min": used, "mean": used, "p95": used, "max": used, "last": used, "simulated": null,
        })
    };
    let lines = [
        hour("03-19", 0.9),
        hour("03-20", 1.0),
        hour("05-02", 1.0),
        json!({ "at": "2026-03-05T12:00:00Z", "assessment": warned, "simulated": null }),
    ];
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    write(folder.path(), "spring.jsonl", &lines.join("\n"));
    let imported = history(folder.path(), &["import", "spring.jsonl"]);
    assert_eq!(imported.code, 0, "{}", imported.stderr);
    let shown = history(folder.path(), &["show", "--accuracy"]);
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    says(
        &shown.stdout,
        &[
            "1 of 1 due warnings were right",
            "1 of 2 reached limits were predicted",
            "a median of 15 days before",
            "CPU of host-0, reached on 2 May 2026",
        ],
    );
    let plain = history(folder.path(), &["show"]);
    assert!(!plain.stdout.contains("due warnings"));
}
