//! `gate`: every kind of input, every exit code, and every way to lose data.

use std::path::Path;

use serde_json::Value;

use super::{folder, program, says, scenario, write};
use crate::binary::{Ran, ran};

pub(super) const BASE: &str = "run,p95_ms\n1,200\n2,205\n3,203\n4,208\n5,206\n";
pub(super) const SLOWER: &str = "run,p95_ms\n1,240\n2,242\n3,239\n4,246\n5,244\n";

pub(super) fn gate(folder: &Path, arguments: &[&str]) -> Ran {
    ran(program(folder).env("COLUMNS", "80").arg("gate").args(arguments))
}

/// Two files of a CSV, compared.
fn compare(base: &str, candidate: &str, more: &[&str]) -> Ran {
    let folder = folder();
    write(folder.path(), "base.csv", base);
    write(folder.path(), "cand.csv", candidate);
    let sides = ["--baseline", "base.csv", "--candidate", "cand.csv"];
    gate(folder.path(), &[&sides, more].concat())
}

pub(super) const LOWER: [&str; 2] = ["--direction", "p95_ms=lower"];

/// A page without its line breaks.
#[track_caller]
pub(super) fn page_says(page: &str, words: &[&str]) {
    says(&page.split_whitespace().collect::<Vec<_>>().join(" "), words);
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:#?}"))
}

#[test]
fn a_loss_ends_with_1_and_says_how_much() {
    let ran = compare(BASE, SLOWER, &LOWER);
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""), "{}", ran.stdout);
    page_says(&ran.stdout, &["FAIL", "p95_ms rose by 18.5%", "205 ms → 242 ms", "p = 0.004"]);
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 80), "{}", ran.stdout);
}

#[test]
fn no_loss_ends_with_0() {
    let ran = compare(BASE, BASE, &LOWER);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    page_says(&ran.stdout, &["PASS", "pass p95_ms 205 ms 205 ms 0%"]);
}

#[test]
fn json_has_the_whole_judgement() {
    let ran = compare(BASE, SLOWER, &[LOWER.as_slice(), &["--format", "json"]].concat());
    let json = json(&ran);
    assert_eq!(
        (ran.code, &json["schema"], &json["outcome"]),
        (1, &"scale-advisor/gate/2".into(), &"fail".into())
    );
    let metric = &json["metrics"][0];
    for (key, wanted) in [("metric", "p95_ms"), ("unit", "ms"), ("direction", "lower"), ("verdict", "fail")] {
        assert_eq!(metric[key], wanted);
    }
    assert_eq!(metric["baseline"], serde_json::json!({ "n": 5, "median": 205.0 }));
    assert_eq!(metric["candidate"], serde_json::json!({ "n": 5, "median": 242.0 }));
    let number = |place: &str| metric.pointer(place).unwrap().as_f64().unwrap();
    assert!((number("/p") - 1.0 / 252.0).abs() < 1e-12 && (number("/p_holm") - 1.0 / 252.0).abs() < 1e-12);
    assert!(
        number("/shift/low") > 30.0
            && (number("/shift/mid") - 38.0).abs() < 1e-9
            && number("/shift/high") < 45.0
    );
    assert!((number("/shift_ratio") - 38.0 / 205.0).abs() < 1e-12);
    assert!((number("/margin") - 0.05).abs() < 1e-12);
    for list in ["objectives", "acknowledged", "missing"] {
        assert_eq!(json[list], serde_json::json!([]), "{list}");
    }
    assert_eq!(json["consequence"], Value::Null);
}

#[test]
fn too_few_or_too_restless_runs_end_with_3() {
    let few = compare("p95_ms\n200\n205\n203\n", "p95_ms\n240\n242\n239\n", &LOWER);
    assert_eq!(few.code, 3);
    page_says(&few.stdout, &["INCONCLUSIVE", "only absolute limits"]);
    let restless = "p95_ms\n150\n260\n205\n180\n230\n";
    let more = compare(
        restless,
        "p95_ms\n155\n270\n212\n186\n238\n",
        &[LOWER.as_slice(), &["--format", "json"]].concat(),
    );
    assert_eq!((more.code, &json(&more)["metrics"][0]["verdict"]), (3, &"inconclusive".into()));
}

#[test]
fn several_files_folders_and_patterns_are_several_runs() {
    let folder = folder();
    for (side, text) in [("base", BASE), ("cand", SLOWER)] {
        std::fs::create_dir(folder.path().join(side)).unwrap();
        for (index, row) in text.lines().skip(1).enumerate() {
            write(folder.path(), &format!("{side}/{index}.csv"), &format!("run,p95_ms\n{row}\n"));
        }
    }
    for sides in [["base", "cand"], ["base/*.csv", "cand/?.csv"]] {
        let arguments = ["--baseline", sides[0], "--candidate", sides[1], "--format", "json"];
        let ran = gate(folder.path(), &[arguments.as_slice(), &LOWER].concat());
        assert_eq!((ran.code, &json(&ran)["metrics"][0]["candidate"]["n"]), (1, &5.into()), "{sides:?}");
    }
}

/// What is told of inputs that cannot be compared: always 2, always on standard error.
#[track_caller]
fn refused(base: &str, candidate: &str, more: &[&str], words: &[&str]) {
    let ran = compare(base, candidate, more);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran:?}");
    says(&ran.stderr, words);
}

#[test]
fn every_way_to_lose_data_has_a_message() {
    refused(BASE, "", &LOWER, &["cannot use cand.csv", "the file is empty"]);
    refused("", BASE, &LOWER, &["cannot use base.csv", "the file is empty"]);
    refused(BASE, "p95_ms\n", &LOWER, &["cannot use cand.csv", "no column holds a number"]);
    refused(BASE, "{\"schema\": \"scale-adv", &LOWER, &["cannot use cand.csv", "ends in the middle"]);
    refused(BASE, "{\"metrics\": {}}", &LOWER, &["cannot use cand.csv"]);
    refused(BASE, "p95_ms,requests\n200,0\n", &LOWER, &["cannot use cand.csv", "made no request"]);
    refused(BASE, "p95_ms,error_ratio\n200,1\n", &LOWER, &["line 2", "every request of this run failed"]);
    refused(BASE, "p95_ms\n200\nNaN\n", &LOWER, &["line 3", "not a finite number"]);
    refused(BASE, "p95_s\n0.2\n", &LOWER, &["no metric in common"]);
    let loads = ["p95_ms,users\n200,50\n", "p95_ms,users\n200,100\n"];
    refused(loads[0], loads[1], &LOWER, &["with 50 concurrent users", "with 100"]);
}

#[test]
fn rules_for_names_that_nothing_has_are_refused() {
    refused(BASE, BASE, &["--direction", "p59_ms=lower"], &["did you mean `p95_ms`?"]);
    refused(BASE, BASE, &["--direction", "p95_ms=down"], &["is not a direction"]);
    for (metric, words) in [
        ("p95ms", ["[gate.margins]", "did you mean `p95_ms`?"]),
        ("orders", ["`orders` has a margin", "its direction is unknown"]),
    ] {
        let folder = folder();
        write(folder.path(), "a.csv", "p95_ms,orders\n200,1\n");
        write(folder.path(), "scale-advisor.toml", &format!("[gate.margins]\n{metric} = \"5%\"\n"));
        let sides = ["--baseline", "a.csv", "--candidate", "a.csv"];
        let ran = gate(folder.path(), &[sides.as_slice(), &LOWER].concat());
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{metric}");
        says(&ran.stderr, &words);
    }
}

/// Five runs of a side with a throughput that stays as it is, and of which the first of further columns does not.
fn beside(columns: &str, values: &str) -> String {
    let row = |run: u32| format!("{run},{},{values}\n", 1000 + run);
    format!("run_no,throughput,{columns}\n{}", [1, 2, 3, 4, 5].map(row).concat())
}

#[test]
fn the_name_of_a_metric_tells_which_way_it_is_better() {
    for name in ["p95_ms", "latency", "errors", "error_rate", "checkout_duration", "response_time"] {
        let worse = compare(&beside(name, "10"), &beside(name, "90"), &[]);
        assert_eq!(worse.code, 1, "{name}: {}", worse.stdout);
        let better = compare(&beside(name, "90"), &beside(name, "10"), &[]);
        assert_eq!(better.code, 0, "{name}: {}", better.stdout);
        page_says(&better.stdout, &["gain ", name]);
    }
}

#[test]
fn a_change_without_a_direction_is_inconclusive() {
    let alone = compare("orders\n1\n", "orders\n2\n", &["--format", "json"]);
    assert_eq!(alone.code, 3, "{alone:?}");
    let reason = &json(&alone)["not_evaluated"][0]["reason"];
    assert_eq!(reason["kind"], "direction_unknown", "{reason}");
    let (before, after) = (beside("orders,cores", "10,4"), beside("orders,cores", "90,4"));
    let inconclusive = compare(&before, &after, &[]);
    assert_eq!(inconclusive.code, 3, "{}", inconclusive.stdout);
    page_says(
        &inconclusive.stdout,
        &[
            "INCONCLUSIVE",
            "INCONCLUSIVE orders: direction unknown",
            "`--direction orders=lower`",
            "Not evaluated - cores: unchanged",
        ],
    );
    for (more, code) in [
        (["--direction", "orders=lower"], 1),
        (["--direction", "orders=higher"], 0),
        (["--ignore", "orders"], 0),
    ] {
        assert_eq!(compare(&before, &after, &more).code, code, "{more:?}");
    }
    refused(&before, &after, &["--ignore", "order"], &["what to ignore names", "did you mean `orders`?"]);
}

#[test]
fn no_baseline_has_a_status_of_its_own() {
    let folder = folder();
    write(folder.path(), "cand.csv", BASE);
    for baseline in [&["--baseline", "main"][..], &["--baseline", "none/*.csv"], &[]] {
        let arguments = [baseline, &["--candidate", "cand.csv", "--format", "json"], &LOWER].concat();
        let ran = gate(folder.path(), &arguments);
        assert_eq!((ran.code, &json(&ran)["outcome"]), (3, &"no_baseline".into()), "{baseline:?}");
        assert_eq!(json(&ran)["missing"][0]["what"], "baseline");
    }
    for (rule, code) in [("report", 3), ("pass", 0), ("fail", 1)] {
        let rule = format!("[gate]\non_missing_baseline = \"{rule}\"\n");
        write(folder.path(), "scale-advisor.toml", &rule);
        let ran = gate(folder.path(), &[&["--candidate", "cand.csv"][..], &LOWER].concat());
        assert_eq!(ran.code, code, "{rule}");
        page_says(&ran.stdout, &["NO BASELINE"]);
    }
    let none = gate(folder.path(), &["--baseline", "cand.csv", "--candidate", "none.csv"]);
    assert_eq!(none.code, 2);
    says(&none.stderr, &["no such candidate file: none.csv"]);
}

#[test]
fn what_is_inconclusive_does_what_the_settings_say() {
    let folder = folder();
    write(folder.path(), "a.csv", "p95_ms\n200\n");
    for (rule, code) in [("report", 3), ("pass", 0), ("fail", 1)] {
        write(folder.path(), "scale-advisor.toml", &format!("[gate]\non_inconclusive = \"{rule}\"\n"));
        let ran =
            gate(folder.path(), &[&["--baseline", "a.csv", "--candidate", "a.csv"][..], &LOWER].concat());
        assert_eq!(ran.code, code, "{rule}");
        page_says(&ran.stdout, &["INCONCLUSIVE"]);
    }
}

#[test]
fn an_accepted_failure_passes_until_its_day() {
    let folder = folder();
    write(folder.path(), "base.csv", BASE);
    write(folder.path(), "cand.csv", SLOWER);
    for (until, code, word) in [("2999-12-31", 0, "accepted"), ("2020-01-01", 1, "EXPIRED")] {
        let settings = format!(
            "[gate.directions]\np95_ms = \"lower\"\n[[gate.acknowledge]]\nid = \"metric:p95_ms\"\n\
             reason = \"a new index\"\nuntil = \"{until}\"\nowner = \"data team\"\n"
        );
        write(folder.path(), "scale-advisor.toml", &settings);
        let ran = gate(folder.path(), &["--baseline", "base.csv", "--candidate", "cand.csv"]);
        assert_eq!(ran.code, code, "{}", ran.stdout);
        page_says(&ran.stdout, &[word, "a new index", "data team"]);
    }
}

#[test]
fn objectives_of_the_roadmap_hold_for_each_run() {
    let folder = folder();
    let text =
        "latency_p95_ms,error_ratio,throughput\n150,0.001,900\n260,0.001,900\n150,0.001,900\n150,0.001,900\n";
    write(folder.path(), "a.csv", text);
    let arguments = ["--profile", "node-queue-chat", "--baseline", "a.csv", "--candidate", "a.csv"];
    let ran = gate(folder.path(), &[arguments.as_slice(), &["--format", "json"]].concat());
    assert_eq!(ran.code, 1, "{ran:?}");
    let objective = &json(&ran)["objectives"][0];
    assert_eq!((&objective["id"], &objective["broken"]), (&"objective:response-time".into(), &1.into()));
    let reason = &objective["reason"];
    says(reason["condition"].as_str().unwrap(), &["http.latency", "below 200 ms"]);
    assert_eq!(reason["values"][0][0]["value"], 260.0);
    let page = gate(folder.path(), &arguments);
    page_says(&page.stdout, &["below 200 ms broken in 1 of 4 runs: 260 ms"]);
}

#[test]
fn baselines_are_kept_shown_promoted_and_dropped() {
    let folder = folder();
    write(folder.path(), "base.csv", BASE);
    write(folder.path(), "cand.csv", SLOWER);
    let mut save = program(folder.path());
    save.env("GITHUB_SHA", "72f5178aa").args(["gate", "baseline", "save", "pr-1", "base.csv"]);
    let saved = ran(&mut save);
    assert_eq!((saved.code, saved.stderr.as_str()), (0, ""));
    let baseline = |arguments: &[&str]| gate(folder.path(), &[&["baseline"], arguments].concat());
    says(&baseline(&["show"]).stdout, &["pr-1: 5 runs, commit 72f5178aa", "measured by CSV"]);
    says(&baseline(&["promote", "pr-1", "main"]).stdout, &["replaced `main` with `pr-1`"]);
    let against =
        gate(folder.path(), &[&["--baseline", "main", "--candidate", "cand.csv"][..], &LOWER].concat());
    assert_eq!(against.code, 1);
    page_says(&against.stdout, &["commit 72f5178aa"]);
    assert_eq!(baseline(&["drop", "pr-1"]).code, 0);
    let gone = baseline(&["show", "mian"]);
    assert_eq!(gone.code, 2);
    says(&gone.stderr, &["unknown baseline `mian`", "did you mean `main`?"]);
    assert_eq!(baseline(&["save", "../x", "base.csv"]).code, 2);
    let path = folder.path().join(".scale-advisor/baselines/main.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, &text[..text.len() / 2]).unwrap();
    let damaged =
        gate(folder.path(), &[&["--baseline", "main", "--candidate", "cand.csv"][..], &LOWER].concat());
    assert_eq!(damaged.code, 2);
    says(&damaged.stderr, &["the baseline is damaged"]);
}

#[test]
fn a_history_grows_and_predicts() {
    let folder = folder();
    for run in 0..14 {
        let value = 200 + run * 7 % 11;
        write(folder.path(), "one.csv", &format!("p95_ms\n{value}\n"));
        let saved = gate(folder.path(), &["baseline", "save", "main", "one.csv", "--append"]);
        assert_eq!(saved.code, 0, "{}", saved.stderr);
    }
    for (value, code) in [(205, 0), (260, 1)] {
        write(folder.path(), "one.csv", &format!("p95_ms\n{value}\n"));
        let arguments = [&["--earlier", "main", "--candidate", "one.csv"][..], &LOWER].concat();
        let ran = gate(folder.path(), &arguments);
        assert_eq!(ran.code, code, "{}", ran.stdout);
        page_says(&ran.stdout, &["14 earlier runs"]);
    }
}

#[test]
fn a_baseline_of_another_roadmap_is_refused() {
    let folder = folder();
    write(folder.path(), "a.csv", "latency_p95\n0.15\n0.15\n0.15\n0.15\n");
    let save = ["baseline", "save", "main", "a.csv", "--profile", "node-queue-chat"];
    assert_eq!(gate(folder.path(), &save).code, 0);
    let arguments = ["--profile", "web-service", "--baseline", "main", "--candidate", "a.csv"];
    let ran = gate(folder.path(), &arguments);
    assert_eq!(ran.code, 2);
    says(&ran.stderr, &["node-queue-chat", "web-service", "make both again"]);
}

#[test]
fn assessments_and_snapshots_are_compared() {
    let folder = folder();
    let [sound, full] = ["healthy", "connections-90-percent"]
        .map(|name| scenario(name).join("expected.json").display().to_string());
    let ran = gate(folder.path(), &["--baseline", &full, "--candidate", &full, "--format", "json"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let json = json(&ran);
    assert_eq!((&json["outcome"], &json["objectives"][0]["severity"]), (&"fail".into(), &"critical".into()));
    // Nothing failed, but the loads at saturation are not known either.
    let same = gate(folder.path(), &["--baseline", &sound, "--candidate", &sound]);
    assert_eq!(same.code, 3, "{}", same.stdout);
    let other = gate(folder.path(), &["--baseline", &sound, "--candidate", &full]);
    assert_eq!(other.code, 2);
    says(&other.stderr, &["web-service", "node-queue-chat", "make both again"]);
    let snapshot = scenario("healthy").join("snapshot.json").display().to_string();
    let bare = gate(folder.path(), &["--baseline", &snapshot, "--candidate", &snapshot]);
    assert_eq!(bare.code, 2);
    says(&bare.stderr, &["a snapshot needs a roadmap"]);
    let profile = ["--profile", "node-queue-chat"];
    let judged =
        gate(folder.path(), &[&["--baseline", &snapshot, "--candidate", &snapshot][..], &profile].concat());
    assert_ne!(judged.code, 0, "{}", judged.stdout);
}

#[test]
fn the_live_system_needs_a_roadmap_and_a_source() {
    let folder = folder();
    write(folder.path(), "scale-advisor.toml", super::NOTHING);
    let bare = gate(folder.path(), &["--live", "--baseline", "main"]);
    assert_eq!(bare.code, 2);
    says(&bare.stderr, &["--live needs a roadmap"]);
    let dead = gate(folder.path(), &["--live", "--baseline", "main", "--profile", "web-service", "-q"]);
    assert_eq!(dead.code, 2);
    says(&dead.stderr, &["no source is configured"]);
}

#[test]
fn stepped_tests_are_told_in_users() {
    let steps = |kappa: f64| {
        let row = |load: f64| {
            let throughput = 100.0 * load / (1.0 + 0.02 * (load - 1.0) + kappa * load * (load - 1.0));
            format!("{load},{throughput}\n")
        };
        let rows: String = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 48.0, 64.0].map(row).concat();
        format!("concurrency,throughput\n{rows}")
    };
    let ran = compare(&steps(4e-4), &steps(6e-4), &[]);
    assert_eq!(ran.code, 3, "one run per side decides nothing: {}", ran.stdout);
    page_says(
        &ran.stdout,
        &["simulated users at saturation fall from 49 to 40", "by the scalability curves"],
    );
}

#[test]
fn markdown_is_one_comment() {
    let ran = compare(BASE, SLOWER, &[LOWER.as_slice(), &["--format", "markdown"]].concat());
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stdout.starts_with("<!-- scale-advisor gate -->\n# 🔴 Fail: "), "{}", ran.stdout);
    assert_eq!(ran.stdout.matches("</details>").count(), 1);
}

#[test]
fn results_of_load_test_tools_are_read() {
    let folder = folder();
    let answers = |p95: u32| {
        format!(
            r#"{{"metrics": {{"http_reqs": {{"count": 6000, "rate": 100.5}},
            "http_req_failed": {{"passes": 6, "fails": 5994, "value": 0.001, "thresholds": {{"rate<0.01": false}}}},
            "http_req_duration": {{"avg": 20.0, "min": 1.0, "med": 18.0, "max": 900.0, "p(90)": 30.0,
            "p(95)": {p95}.5, "thresholds": {{"p(95)<220": {}}}}}}},
            "root_group": {{"name": "", "path": "", "id": "x", "groups": {{}}, "checks": {{}}}}}}"#,
            p95 >= 220
        )
    };
    for (side, from) in [("base", 200), ("cand", 240), ("faster", 195)] {
        std::fs::create_dir(folder.path().join(side)).unwrap();
        for run in 0..5 {
            write(folder.path(), &format!("{side}/{run}.json"), &answers(from + run));
        }
    }
    let same = gate(folder.path(), &["--baseline", "base", "--candidate", "base"]);
    assert_eq!(same.code, 2, "{same:?}");
    says(&same.stderr, &["base/0.json is the same run as base/0.json of the baseline"]);
    let faster = gate(folder.path(), &["--baseline", "base", "--candidate", "faster"]);
    assert_eq!(faster.code, 0, "{faster:?}");
    let ran = gate(folder.path(), &["--baseline", "base", "--candidate", "cand", "--format", "json"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let json = json(&ran);
    assert_eq!(json["metrics"][0]["metric"], "latency_p95");
    assert_eq!((&json["objectives"][0]["broken"], &json["objectives"][1]["broken"]), (&5.into(), &0.into()));
    says(json["candidate"]["tools"][0].as_str().unwrap(), &["k6"]);
}

#[test]
fn one_metric_in_two_units_is_refused() {
    let folder = folder();
    let own = "{\"metrics\": {}}";
    write(folder.path(), "base.csv", "throughput,latency_p95\n900,0.2\n");
    assert_eq!(gate(folder.path(), &["baseline", "save", "main", "base.csv"]).code, 0);
    let path = folder.path().join(".scale-advisor/baselines/main.json");
    let text = std::fs::read_to_string(&path).unwrap().replace("\"1/s\"", "\"1/min\"");
    std::fs::write(&path, text).unwrap();
    let ran = gate(folder.path(), &["--baseline", "main", "--candidate", "base.csv"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    says(&ran.stderr, &["`throughput` is in 1/min", "in 1/s in base.csv"]);
    write(folder.path(), "foreign.json", own);
    assert_eq!(gate(folder.path(), &["--baseline", "main", "--candidate", "foreign.json"]).code, 2);
}
