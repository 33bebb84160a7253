//! `gate` on builds that are loaded for real, by two tools, and on a running system.

use std::{fs, path::Path, process::Command, time::Duration};

use serde_json::Value;

use crate::{
    check::program::Project,
    support::{folder, limited::Limited, npm, prometheus::Backfill, prometheus::Span, run},
};

/// What the unchanged build takes for each request.
const SERVICE_TIME: Duration = Duration::from_millis(4);
/// The build that has become worse: a quarter more.
const LONGER: Duration = Duration::from_millis(5);
const RUNS: usize = 5;
/// More runs than these are not made for builds that the first ones did not settle.
const MOST: usize = 25;

/// How a tool loads an address for two seconds, with four connections.
type Loader = fn(&str) -> Command;

fn wrk(url: &str) -> Command {
    let mut command = Command::new("wrk");
    command.args(["--latency", "--threads", "1", "--connections", "4", "--duration", "2s", url]);
    command
}

fn autocannon(url: &str) -> Command {
    let modules = npm::modules("autocannon", &["autocannon@8.0.0".to_owned()]);
    let mut command = Command::new("node");
    command.arg(modules.join("autocannon/autocannon.js"));
    command.args(["--json", "--no-progress", "--duration", "2", "--connections", "4", url]);
    command
}

/// How the program ended and what it wrote.
fn program(folder: &Path, arguments: &str) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scale-advisor"));
    command.env_clear().current_dir(folder).args(arguments.split_whitespace());
    let output = command.output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

/// Builds that are loaded in turns, so that whatever else the machine does befalls all of them.
fn load(folder: &Path, loader: Loader, builds: &[(&str, Limited)], runs: std::ops::Range<usize>) {
    for index in runs {
        for (name, build) in builds {
            let result = run(&mut loader(&build.url()));
            fs::write(folder.join(format!("{name}/{index:02}.out")), result).unwrap();
        }
    }
}

/// The gate's judgement; where the runs do not settle it, with as many more as it asks for.
fn settled(folder: &Path, loader: Loader, builds: &[(&str, Limited); 2]) -> (Option<i32>, Value) {
    let mut runs = 0..RUNS;
    loop {
        load(folder, loader, builds, runs.clone());
        let sides = format!("--baseline {} --candidate {}", builds[0].0, builds[1].0);
        let (code, text) = program(folder, &format!("gate {sides} --assessment today.json --format json"));
        let report: Value = serde_json::from_str(&text).unwrap();
        let asked =
            report["metrics"].as_array().unwrap().iter().filter_map(|metric| metric["runs_needed"].as_u64());
        let more = asked.max().map_or(RUNS, |more| usize::try_from(more).unwrap());
        if report["outcome"] != "inconclusive" || runs.end == MOST {
            return (code, report);
        }
        runs = runs.end..(runs.end + more).min(MOST);
    }
}

/// The load at which the first resource of an assessment runs out.
fn saturation(assessment: &str) -> f64 {
    let json: Value = serde_json::from_str(assessment).unwrap();
    let all = json["bottlenecks"].as_array().unwrap().iter();
    all.filter_map(|bottleneck| bottleneck["saturates_at_load"]["mid"].as_f64()).reduce(f64::min).unwrap()
}

/// Loads three builds, of which one has become worse. The latency's tail, which belongs to the machine rather than to
/// the build, may nearly double.
fn judges(loader: Loader, latency: &str) {
    let folder = folder();
    let folder = folder.path();
    let settings = format!("[sources.host]\nenabled = false\n[gate.margins]\n{latency} = \"90%\"\n");
    fs::write(folder.join("scale-advisor.toml"), settings).unwrap();
    let today = program(folder, "check --demo --format json").1;
    fs::write(folder.join("today.json"), &today).unwrap();
    let [base, same, more] = [SERVICE_TIME, SERVICE_TIME, LONGER].map(Limited::start);
    for name in ["base", "same", "before", "more"] {
        fs::create_dir(folder.join(name)).unwrap();
    }
    let (code, report) = settled(folder, loader, &[("base", base), ("same", same)]);
    assert_eq!((code, &report["outcome"]), (Some(0), &"pass".into()), "{report:#}");

    let (code, report) = settled(folder, loader, &[("before", base), ("more", more)]);
    assert_eq!((code, &report["outcome"]), (Some(1), &"fail".into()), "{report:#}");
    let lost = report["consequence"]["loss"].as_f64().unwrap();
    // What the machine does besides slows both builds, so that less may be lost.
    assert!((0.05..0.3).contains(&lost), "a quarter more work is 20% less throughput: {report:#}");
    let (code, page) = program(folder, "gate --baseline before --candidate more --assessment today.json");
    assert_eq!(code, Some(1), "{page}");
    let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(page.contains("FAIL") && page.contains("throughput fell by "), "{page}");
    let users = format!("concurrent users at saturation fall from {} to ", saturation(&today).round());
    assert!(page.contains(&users), "no {users}: {page}");
}

#[test]
fn a_build_with_more_work_fails_under_load_by_wrk() {
    judges(wrk, "latency_p90");
}

#[test]
fn a_build_with_more_work_fails_under_load_by_autocannon() {
    judges(autocannon, "latency_p90");
}

/// The end of the history, and the hour in which it is judged.
const END: i64 = 1_760_000_040;
const AT: &str = "--at 2025-10-09T08:54:00Z --window 3h --past 3h --step 60s";

/// A Prometheus in which a database has used so many of its 100 connections for half a day.
fn database(used: f64) -> (crate::support::Server, String) {
    let half_a_day = Span::before(END, 43_200, 60);
    let labels = [("instance", "db-1")];
    let active = [("instance", "db-1"), ("state", "active")];
    let server = Backfill::default()
        .gauge("pg_stat_activity_count", &active, half_a_day, |_| used)
        .gauge("pg_settings_max_connections", &labels, half_a_day, |_| 100.0)
        .gauge("pg_settings_superuser_reserved_connections", &labels, half_a_day, |_| 3.0)
        .prometheus();
    let settings = format!("[sources.prometheus]\nurl = \"{}\"", server.url());
    (server, settings)
}

#[test]
fn a_running_system_is_held_against_a_stored_baseline() {
    let (_calm, settings) = database(20.0);
    let project = Project::new(&settings);
    let before = project.run(&format!("check -q --format json {AT}"));
    fs::write(project.path("before.json"), &before.out).unwrap();
    assert_eq!(project.run("gate baseline save main before.json").code, 0);
    let live = format!("gate --live --baseline main -q --format json {AT}");
    let same = project.run(&live);
    let report: Value = serde_json::from_str(&same.out).unwrap_or_else(|_| panic!("{same:?}"));
    // Nothing is wrong, but one moment says nothing of the load at saturation: never a pass.
    assert_eq!((same.code, &report["outcome"]), (3, &"inconclusive".into()), "{report:#}");
    assert_eq!(report["baseline"]["runs"], 1);

    let (_full, settings) = database(96.0);
    let text = format!("profile = \"node-queue-chat\"\n{settings}\n[sources.host]\nenabled = false\n");
    fs::write(project.path("scale-advisor.toml"), text).unwrap();
    let full = project.run(&live);
    let report: Value = serde_json::from_str(&full.out).unwrap_or_else(|_| panic!("{full:?}"));
    assert_eq!((full.code, &report["outcome"]), (1, &"fail".into()), "{report:#}");
    let failed = report["objectives"].as_array().unwrap();
    assert!(failed.iter().any(|finding| finding["id"] == "threshold:postgres.connections"), "{report:#}");
}
