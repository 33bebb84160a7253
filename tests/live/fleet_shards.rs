//! Sixteen parts of a fleet as processes of their own on one PostgreSQL: they say what one process says, and one that is
//! killed is made up for.

use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::{
    check::{
        history::END,
        program::{Project, Run},
    },
    fleet::{rows, service},
    support::{
        postgres::{Postgres, Setup},
        prometheus::{Backfill, Span},
        wait_until,
    },
};

const DAY: i64 = 86_400;
const PARTS: usize = 16;
const SERVICES: usize = 40;
const FIRST: &str = "2025-10-08T08:53:40Z";
const SECOND: &str = "2025-10-09T08:53:40Z";

fn part(project: &Project, part: usize, at: &str, file: &str) -> Command {
    let mut command = project.command("fleet check --profile web-service -q -o json");
    command.args(["--at", at, "--output", file, "--shard", &format!("{part}/{PARTS}")]);
    command
}

fn started(mut command: Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Runs some parts at the same time.
#[track_caller]
fn run_parts(project: &Project, parts: impl Iterator<Item = usize>, at: &str) {
    let start = |number| started(part(project, number, at, &format!("part-{number}.jsonl")));
    let parts: Vec<Child> = parts.map(start).collect();
    for part in parts {
        let run: Run = part.wait_with_output().unwrap().into();
        assert_eq!((run.code, run.err.as_str()), (0, ""));
    }
}

#[track_caller]
fn merged(project: &Project) -> Vec<Value> {
    let files = (0..PARTS).map(|part| format!("part-{part}.jsonl"));
    let mut command = project.command("fleet report -o json");
    let report: Run = command.args(files).output().unwrap().into();
    assert_eq!((report.code, report.err.as_str()), (0, ""));
    rows(&report)
}

#[test]
fn sixteen_parts_on_one_history_say_what_one_process_says() {
    let mut history = Backfill::default();
    for number in 0..SERVICES {
        let name = format!("service-{number}");
        let labels = [("namespace", "shop"), ("service", &*name)];
        let share = 0.2 + 0.015 * number as f64;
        history = service(history, &labels, Span::before(END, 12 * DAY, 300), 40.0 + number as f64, share);
    }
    let metrics = history.prometheus();
    let server = Postgres::start(&Setup::default());
    let settings = |history: &str| {
        format!(
            "{history}absent = [\"host\", \"http\", \"queue\", \"node\"]\n[sources.prometheus]\nurl = \"{}\"\n\
             [fleet]\nby = [\"namespace\", \"service\"]\n",
            metrics.url()
        )
    };
    let project = Project::new(&settings(&format!("history = \"{}\"\n", server.url("postgres"))));
    let without = Project::new(&settings(""));
    let alone = |at: &str| {
        let mut command = without.command("fleet check --profile web-service -q -o json");
        let run: Run = command.args(["--at", at]).output().unwrap().into();
        assert_eq!((run.code, run.err.as_str()), (0, ""));
        rows(&run)
    };
    let count = |table: &str| -> usize {
        server.value(&format!("SELECT count(*) FROM scale_advisor.{table}")).parse().unwrap()
    };

    // All at once on an empty database, one of them twice.
    run_parts(&project, (0..PARTS).chain([5]), FIRST);
    assert_eq!(merged(&project), alone(FIRST));
    let days = count("fleet_days");
    assert_eq!(count("fleet_services"), SERVICES);

    // One stops where it writes, and is killed there. What it had read is not kept, what was kept is.
    let files = std::fs::read(project.path("part-5.jsonl")).unwrap();
    let mut blocker = server.client();
    blocker.query("BEGIN; LOCK TABLE scale_advisor.fleet_days IN EXCLUSIVE MODE").unwrap();
    let mut killed = started(part(&project, 5, SECOND, "part-5.jsonl"));
    wait_until("it waits to write", || {
        server.value("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") == "1"
    });
    killed.kill().unwrap();
    killed.wait().unwrap();
    blocker.query("COMMIT").unwrap();
    blocker.close();
    assert_eq!((count("fleet_days"), std::fs::read(project.path("part-5.jsonl")).unwrap()), (days, files));
    run_parts(&project, (0..PARTS).filter(|part| *part != 5), SECOND);
    let second = alone(SECOND);
    assert_ne!(merged(&project), second);
    run_parts(&project, [5].into_iter(), SECOND);
    assert_eq!(merged(&project), second);

    // A night writes the day that it begins in, and the one that it ends in.
    assert_eq!((count("fleet_services"), count("fleet_days")), (SERVICES, days + SERVICES));
    assert_eq!(project.run("history verify").code, 0);
}
