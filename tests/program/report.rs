//! `report`: templates of a project, assessments that were recorded, and months of which nothing is known.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    binary::{Ran, program, ran},
    folder, says, write,
};

const HOUR_MS: i64 = 3_600_000;
/// What the report of a month is called.
const OCTOBER: &str = "2026-10-node-queue-chat";

/// A system whose load grows since August, as it is read at a time: a day of the present, and the past before it.
fn system(at: &str) -> String {
    let begin: DateTime<Utc> = "2026-08-01T00:00:00Z".parse().unwrap();
    let now: DateTime<Utc> = at.parse().unwrap();
    let hours = i32::try_from((now - begin).num_hours()).unwrap();
    let observation = |from: i32| {
        let values: Vec<f64> = (from..hours).map(users).collect();
        let from_ms = begin.timestamp_millis() + i64::from(from) * HOUR_MS;
        json!({
            "signal": "users.concurrent",
            "values": {"from_ms": from_ms, "step_ms": HOUR_MS, "values": values},
            "origin": {"source": "prometheus", "query": "users"},
        })
    };
    json!({
        "schema": "scale-advisor/snapshot/1",
        "taken_at": at,
        "tool_version": "0.1.0",
        "window": {"from": now - TimeDelta::hours(24), "to": at, "step_seconds": 3600},
        "sources": [],
        "observations": [observation(hours - 24)],
        "history": [observation(0)],
        "gaps": [],
        "exhausted": [],
    })
    .to_string()
}

/// Users in an hour: a busy afternoon, more of them each day, and no day quite like its neighbours.
fn users(hour: i32) -> f64 {
    let (day, hour) = (hour / 24, hour % 24);
    let busiest = 200.0 + f64::from(day) + f64::from(day * 37 % 11);
    if (12..18).contains(&hour) { busiest } else { 0.4 * busiest }
}

/// A folder with settings and the system as it was read in the morning of 2 November.
fn project(settings: &str) -> TempDir {
    let folder = folder();
    write(folder.path(), "scale-advisor.toml", &format!("profile = \"node-queue-chat\"\n{settings}"));
    write(folder.path(), "now.json", &system("2026-11-02T06:00:00Z"));
    folder
}

fn report(folder: &Path, arguments: &[&str]) -> Ran {
    ran(program(folder).args(["report", "--snapshot", "now.json"]).args(arguments))
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join("reports").join(name)).unwrap()
}

/// A report that was written, as text.
#[track_caller]
fn written(folder: &Path, arguments: &[&str], name: &str) -> String {
    let run = report(folder, arguments);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    read(folder, name)
}

/// The forecast of October as the report of October judges it.
#[track_caller]
fn forecast(folder: &Path, arguments: &[&str]) -> Value {
    let arguments = [&["--format", "json"], arguments].concat();
    let report: Value =
        serde_json::from_str(&written(folder, &arguments, &format!("{OCTOBER}.json"))).unwrap();
    let forecasts = report["hindsight"]["forecasts"].as_array().unwrap();
    let found = forecasts.iter().find(|month| month["month"] == "2026-10").unwrap();
    assert_eq!(found["days"].as_array().unwrap().len(), 31);
    found.clone()
}

/// Runs a report that cannot be made; it leaves nothing behind.
#[track_caller]
fn refused(folder: &Path, arguments: &[&str], words: &[&str]) {
    let run = report(folder, arguments);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}");
    says(&run.stderr, words);
    assert!(!folder.join("reports").exists(), "{arguments:?}");
}

#[test]
fn templates_of_the_project_take_the_place_of_the_built_in_ones() {
    let folder = project("[report]\ntemplates = \"pages\"\n");
    let pages = folder.path().join("pages");
    std::fs::create_dir(&pages).unwrap();
    // A style is no template: `{#` and `{{` mean nothing in it.
    write(&pages, "report.css", "@media print{#own{outline:3px dotted teal}}/*{{*/");
    write(&pages, "notes.txt", "{% this is none of the page's");
    let page = written(folder.path(), &["--format", "html"], &format!("{OCTOBER}.html"));
    says(&page, &["@media print{#own{outline:3px dotted teal}}/*{{*/", "<h2>Forecast accuracy</h2>"]);
    assert!(!page.contains("--paper"), "the built-in style is there as well");

    write(&pages, "report.html", "<title>{{ page.title }}</title>\n{% include \"end.html\" %}\n");
    write(&pages, "end.html", "<p>{{ page.sections[0].title }} & <i>own</i></p>");
    // The folder is named from the settings' place, wherever the program is started.
    let below = folder.path().join("below");
    std::fs::create_dir(&below).unwrap();
    let run = ran(program(&below).args(["report", "--snapshot", "../now.json", "--format", "html"]));
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let page = read(&below, &format!("{OCTOBER}.html"));
    assert_eq!(page, "<title>Capacity in October 2026</title>\n<p>Verdict & <i>own</i></p>");
}

#[test]
fn a_template_that_cannot_be_used_is_named_with_its_line() {
    let loops = "{% for a in range(99999) %}{% for b in range(99999) %}.{% endfor %}{% endfor %}";
    for (file, text, words) in [
        ("report.html", "<p>\n{% for x %}\n", &["syntax error", "report.html:2"][..]),
        ("report.html", "<p>\n\n{{ page.titel }}\n", &["undefined value", "report.html:3"]),
        ("report.html", "\n{% include \"end.html\" %}", &["'end.html'", "report.html:2"]),
        ("report.html", loops, &["ran out of fuel", "report.html:1"]),
        ("part.html", "{{ page.title\n", &["syntax error", "part.html:"]),
    ] {
        let folder = project("[report]\ntemplates = \"pages\"\n");
        std::fs::create_dir(folder.path().join("pages")).unwrap();
        write(&folder.path().join("pages"), file, text);
        refused(folder.path(), &[], &[&["error: the template of the report cannot be used"], words].concat());
    }
}

#[test]
fn a_folder_without_readable_templates_is_told() {
    let folder = project("[report]\ntemplates = \"pages\"\n");
    refused(folder.path(), &[], &["cannot read the templates in ", "pages"]);
    let pages = write(folder.path(), "pages", "no folder");
    refused(folder.path(), &[], &["cannot read the templates in ", "pages"]);
    std::fs::remove_file(&pages).unwrap();
    std::fs::create_dir(&pages).unwrap();
    std::fs::write(pages.join("report.html"), b"\xff").unwrap();
    refused(folder.path(), &[], &["cannot read ", "report.html", "UTF-8"]);
    let folder = project("[report]\ntemplates = \"\"\n");
    refused(folder.path(), &[], &["config/templates", "name the directory of the templates"]);
}

#[test]
fn an_assessment_in_a_file_tells_what_was_expected_then() {
    let folder = project("");
    write(folder.path(), "then.json", &system("2026-09-30T20:00:00Z"));
    let check = ["check", "--snapshot", "then.json", "--format", "json"];
    let assessment = ran(program(folder.path()).args(check)).stdout;
    write(folder.path(), "assessment.json", &assessment);
    let computed = forecast(folder.path(), &[]);
    assert_eq!(
        (&computed["basis"], &computed["made_at"]),
        (&"recomputed".into(), &"2026-10-01T00:00:00Z".into())
    );
    let recorded = forecast(folder.path(), &["--recorded", "assessment.json"]);
    assert_eq!(
        (&recorded["basis"], &recorded["made_at"]),
        (&"recorded".into(), &"2026-09-30T20:00:00Z".into())
    );
    let assessment: Value = serde_json::from_str(&assessment).unwrap();
    let expected = assessment["load"]["forecast"].as_array().unwrap().iter();
    let expected = expected.filter(|day| day["date"].as_str().unwrap().starts_with("2026-10"));
    let middles = |days: &Value| -> Vec<Value> {
        days.as_array().unwrap().iter().map(|day| day["mid"].clone()).collect()
    };
    assert_eq!(middles(&recorded["days"]), expected.map(|day| day["mid"].clone()).collect::<Vec<_>>());
    let page = written(
        folder.path(),
        &["--format", "md", "--recorded", "assessment.json"],
        &format!("{OCTOBER}.md"),
    );
    says(&page, &["The load forecast of 30 Sep 2026 (recorded then): ", "30 Sep 2026, recorded"]);
}

#[test]
fn a_file_that_is_no_assessment_is_refused_by_its_name() {
    let folder = project("");
    write(folder.path(), "notes.json", "{\"generated_at\": 1}");
    let words = ["notes.json is no assessment of `check --format json`", "no `schema` found"];
    refused(folder.path(), &["--recorded", "notes.json"], &words);
    refused(
        folder.path(),
        &["--recorded", "now.json"],
        &["now.json is no assessment", "the schema is `scale-advisor/snapshot/1`"],
    );
    refused(folder.path(), &["--recorded", "nowhere.json"], &["cannot read nowhere.json"]);
}

#[test]
fn assessments_in_a_history_tell_what_was_expected_then() {
    let folder = project("");
    // Of a day that is long over its last assessment is kept; that of the next morning came too late.
    for at in ["2026-09-29T23:00:00Z", "2026-09-30T12:00:00Z", "2026-09-30T23:00:00Z", "2026-10-01T06:00:00Z"]
    {
        let file = write(folder.path(), "then.json", &system(at));
        let record = ["record", "--quiet", "--history", "kept.db", "--snapshot"];
        let run = ran(program(folder.path()).args(record).arg(file));
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    }
    let recorded = forecast(folder.path(), &["--month", "2026-10", "--history", "kept.db"]);
    assert_eq!(
        (&recorded["basis"], &recorded["made_at"]),
        (&"recorded".into(), &"2026-09-30T23:00:00Z".into())
    );
    let computed = forecast(folder.path(), &["--month", "2026-10"]);
    assert_eq!(computed["basis"], "recomputed");
    let arguments = ["--history", "nowhere.db"];
    let run = report(folder.path(), &arguments);
    assert_eq!(run.code, 2);
    says(&run.stderr, &["there is no history at nowhere.db"]);
}

#[test]
fn what_is_no_month_that_has_begun_is_refused() {
    let folder = project("");
    for (arguments, words) in [
        (&["--month", "2026-13"][..], "write a month like 2026-10"),
        (&["--month", "October"], "write a month like 2026-10"),
        (&["--month", "2026-12"], "2026-12 is in the future: the data is from 2026-11-02"),
        (&["--compare", "2027-01"], "2027-01 is in the future"),
        (&["--year", "2027"], "2027-01 is in the future"),
        (&["--year", "1066"], "is not in 1970..=9999"),
        (&["--year", "2026", "--month", "2026-10"], "cannot be used with"),
        (&["--year", "2026", "--compare", "2026-09"], "cannot be used with"),
    ] {
        refused(folder.path(), arguments, &[words]);
    }
}

#[test]
fn a_month_before_the_history_says_what_is_not_known() {
    let folder = project("");
    let page =
        written(folder.path(), &["--format", "md", "--month", "2020-01"], "2020-01-node-queue-chat.md");
    says(
        &page,
        &[
            "The load of January 2020 is unknown",
            "The history has no data for January 2020.",
            "There is no forecast of January 2020: the history before it is too short.",
            "It is unknown whether a limit had a date at the start of the month.",
            "The history has no hours of January 2020.",
        ],
    );
    let year = written(folder.path(), &["--format", "md", "--year", "2019"], "2019-node-queue-chat.md");
    says(&year, &["The load of every month is unknown.", "| December 2019 | – | – | – | – | – | – | 0% |"]);
}

#[test]
fn a_comparison_says_which_month_is_not_known() {
    let folder = project("");
    let name = format!("{OCTOBER}.md");
    let page = written(folder.path(), &["--format", "md", "--compare", "2020-01"], &name);
    let (_, comparison) = page.split_once("## Comparison").unwrap();
    says(comparison, &["The history has no data for January 2020.", "October 2026 and January 2020"]);
    assert!(!comparison.contains("no data for October"), "{comparison}");
    let page = written(folder.path(), &["--format", "md", "--compare", "2026-09"], &name);
    assert!(!page.contains("no data for September"), "{page}");
}

#[test]
fn a_month_that_has_just_begun_has_a_forecast_but_no_day_to_check() {
    let folder = project("");
    write(folder.path(), "now.json", &system("2026-11-01T00:00:00Z"));
    let arguments = ["--format", "md", "--month", "2026-11"];
    let page = written(folder.path(), &arguments, "2026-11-node-queue-chat.md");
    let words = "The load forecast of 1 Nov 2026 cannot be checked yet: no day of November 2026 is recorded.";
    says(&page, &[words]);
}

#[test]
fn a_folder_that_cannot_be_made_is_told() {
    let folder = project("");
    let words = ["cannot create the directory of now.json/deep/2026-10-node-queue-chat.html", "cause: "];
    refused(folder.path(), &["-o", "now.json/deep"], &words);
    std::fs::create_dir_all(folder.path().join(format!("taken/{OCTOBER}.html"))).unwrap();
    refused(folder.path(), &["-o", "taken"], &[&format!("cannot write to taken/{OCTOBER}.html")]);
}

/// A signal each `step` minutes from one time up to another.
fn series(signal: &str, [from, to]: [&str; 2], step: usize, value: impl Fn(i64) -> f64) -> Value {
    let [from, to] = [from, to].map(|at| at.parse::<DateTime<Utc>>().unwrap().timestamp() / 60);
    let values: Vec<f64> = (from..to).step_by(step).map(value).collect();
    json!({
        "signal": signal,
        "values": {"from_ms": from * 60_000, "step_ms": step * 60_000, "values": values},
        "origin": {"source": "prometheus", "query": "x"},
    })
}

/// The morning of 2 November with these values.
fn morning(observations: &[Value], history: &[Value]) -> String {
    let mut snapshot: Value = serde_json::from_str(&system("2026-11-02T06:00:00Z")).unwrap();
    snapshot["observations"] = observations.into();
    snapshot["history"] = history.into();
    snapshot.to_string()
}

#[track_caller]
fn october(folder: &Path, arguments: &[&str]) -> Value {
    let arguments = [&["--format", "json", "--month", "2026-10"], arguments].concat();
    serde_json::from_str(&written(folder, &arguments, &format!("{OCTOBER}.json"))).unwrap()
}

#[test]
fn a_live_report_tells_of_everything_that_was_kept() {
    let settings = "[sources.host]\nenabled = false\n\
                    [[sources.csv]]\nfile = \"users.csv\"\nsignal = \"users.registered\"\n";
    let folder = project(settings);
    write(folder.path(), "users.csv", "date,value\n2026-11-01,5000\n");
    // Nothing continues the last two, which fill nothing up.
    let kept = [
        ("users.concurrent", 100.0),
        ("postgres.connections", 0.5),
        ("postgres.cache_hit", 0.85),
        ("postgres.query_time", 0.25),
    ]
    .map(|(signal, value)| series(signal, ["2026-09-01T00:00:00Z", "2026-11-02T06:00:00Z"], 60, |_| value));
    let mut snapshot: Value = serde_json::from_str(&morning(&kept, &[])).unwrap();
    snapshot["window"]["from"] = "2026-09-01T00:00:00Z".into();
    write(folder.path(), "kept.json", &snapshot.to_string());
    let at = ["--history", "kept.db", "--quiet"];
    let run = ran(program(folder.path()).args(["record", "--snapshot", "kept.json"]).args(at));
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));

    let live = ["report", "--at", "2026-11-02T06:00:00Z", "--month", "2026-10", "--format", "json"];
    let run = ran(program(folder.path()).args(live).args(at));
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let report: Value = serde_json::from_str(&read(folder.path(), &format!("{OCTOBER}.json"))).unwrap();
    let months = report["resources"]["months"].as_array().unwrap();
    let cache = months.iter().find(|month| month["signal"] == "postgres.cache_hit").unwrap();
    assert_eq!((&cache["hours_known"], &cache["breaches"][0]["critical_hours"]), (&744.into(), &744.into()));
    assert!(months.iter().any(|month| month["signal"] == "postgres.connections"), "{months:?}");
    let times = &report["statements"]["months"];
    assert_eq!([&times["month"], &times["before"]].map(|time| time["value"].as_f64()), [Some(0.25); 2]);
    assert_eq!(report["unknown"]["series"], 4);
}

#[test]
fn the_present_is_held_beside_what_was_computed_from_the_same_hours() {
    let folder = project("");
    // No hour of it grows; of each ten minutes one peaks.
    let users = |minute: i64| if (720..1080).contains(&(minute % 1440)) { 400.0 } else { 160.0 };
    let peaks = |minute: i64| users(minute) * if minute % 10 == 0 { 1.45 } else { 0.95 };
    let at = |to: &str| {
        let now: DateTime<Utc> = to.parse().unwrap();
        // Of the hour that is running the first minute is known, which is such a peak.
        let running = now.timestamp() / 3600 * 60;
        let mean = |minute| if minute == running { peaks(minute) } else { users(minute) };
        let hours = series("users.concurrent", ["2026-08-01T00:00:00Z", to], 60, mean);
        let day = now - TimeDelta::days(1);
        let minutes = series("users.concurrent", [&day.to_rfc3339(), to], 1, peaks);
        let mut snapshot: Value = serde_json::from_str(&morning(&[minutes], &[hours])).unwrap();
        snapshot["taken_at"] = to.into();
        snapshot["window"] = json!({"from": day, "to": to, "step_seconds": 60});
        snapshot.to_string()
    };
    write(folder.path(), "now.json", &at("2026-11-02T15:01:00Z"));
    let told = |report: &Value| {
        ["at_begin", "at_end", "now"].map(|moment| {
            let state = &report["verdict"][moment];
            (state["peak"].as_f64().unwrap().round(), state["phase"].clone(), state["basis"].clone())
        })
    };
    let report = october(folder.path(), &[]);
    let [begin, end, now] = told(&report);
    assert_eq!((begin.0, &begin.2), (400.0, &"recomputed".into()));
    assert_eq!((&begin, &end), (&now, &now));
    assert_eq!(report["verdict"]["now"]["verdict"], report["verdict"]["verdict"]);
    let page = written(folder.path(), &["--format", "md"], &format!("{OCTOBER}.md"));
    says(&page, &["| Peak load, hourly mean | 400 | 400 | 400 |", "based on hourly means throughout"]);

    // What was recorded then was measured as the present is.
    for (name, at) in [("a.json", at("2026-09-30T22:00:00Z")), ("b.json", at("2026-10-31T22:00:00Z"))] {
        write(folder.path(), "then.json", &at);
        let check = ["check", "--snapshot", "then.json", "--format", "json"];
        write(folder.path(), name, &ran(program(folder.path()).args(check)).stdout);
    }
    let report = october(folder.path(), &["--recorded", "a.json", "--recorded", "b.json"]);
    let [begin, end, now] = told(&report);
    assert_eq!((begin.0, &begin.2), (580.0, &"recorded".into()));
    assert_eq!((&begin, &end), (&now, &now));
}

#[test]
fn a_measurement_that_is_clipped_at_its_ceiling_has_reached_it() {
    let folder = project("");
    // Demand goes on beyond 100%, but no hour shows more than 99.3%.
    let from = ["2026-08-01T00:00:00Z", "2026-11-02T06:00:00Z"];
    let begin = "2026-10-10T00:00:00Z".parse::<DateTime<Utc>>().unwrap().timestamp() / 60;
    let cpu = series("host.cpu", from, 60, |minute| if minute < begin { 0.8 } else { 0.993 });
    let users = series("users.concurrent", from, 60, |_| 400.0);
    let present = ["2026-11-01T06:00:00Z", from[1]];
    let now =
        [series("host.cpu", present, 60, |_| 0.993), series("users.concurrent", present, 60, |_| 400.0)];
    write(folder.path(), "now.json", &morning(&now, &[cpu, users]));
    let expected = json!({
        "low": "2026-10-05T00:00:00Z", "mid": "2026-10-10T00:00:00Z", "high": "2026-10-15T00:00:00Z",
        "probability": 0.9, "horizon": "2026-12-31T00:00:00Z",
    });
    let check = ["check", "--snapshot", "now.json", "--format", "json"];
    let mut recorded: Value = serde_json::from_str(&ran(program(folder.path()).args(check)).stdout).unwrap();
    recorded["generated_at"] = "2026-09-30T22:00:00Z".into();
    recorded["bottlenecks"][0]["saturates_on"] = expected;
    assert_eq!(recorded["bottlenecks"][0]["signal"], "host.cpu");
    write(folder.path(), "then.json", &recorded.to_string());
    let report = october(folder.path(), &["--recorded", "then.json"]);
    let crossing = &report["hindsight"]["crossings"][0];
    assert_eq!(
        (&crossing["reached_on"], &crossing["outcome"]),
        (&"2026-10-10".into(), &"came_true".into()),
        "{crossing}"
    );
}
