//! What statements of a real server did, known from run to run whatever becomes of its counters.

use std::process::Command;

use scale_advisor::{
    history::{Range, Store},
    statements::Statements,
};

use crate::{
    check::program::Project,
    support::{
        postgres::{Client, Postgres, Setup, WITH_STATEMENTS},
        run, wait_until,
    },
};

const QUERY: &str = "SELECT count(*) FROM pg_class WHERE relname = 'a'";
const SHAPE: &str = "SELECT count(*) FROM pg_class WHERE relname = $1";

fn project(server: &Postgres) -> Project {
    let url = server.url("postgres");
    Project::new(&format!("history = \"history.db\"\n[sources.postgres]\nurl = \"{url}\""))
}

fn call(server: &Postgres, times: usize) {
    let mut client = server.client();
    for _ in 0..times {
        client.query(QUERY).unwrap();
    }
    client.close();
}

/// Records a run, and gives what is known by then.
#[track_caller]
fn record(project: &Project) -> Statements {
    let run = project.run("record -q --sample 300ms");
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    let store = Store::read_file(&project.path("history.db")).unwrap();
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    store.statements(Range::ALL).unwrap()
}

/// How often the statement is known to have run.
fn calls(statements: &Statements) -> f64 {
    let ours = statements.statements.iter().filter(|statement| statement.text.as_deref() == Some(SHAPE));
    ours.flat_map(|statement| &statement.days).map(|day| day.calls).sum()
}

/// Parts of two days add up to the whole, but for the last digit.
#[track_caller]
fn expect(statements: &Statements, expected: f64) {
    let found = calls(statements);
    assert!((found - expected).abs() < 1e-6, "{found} calls instead of {expected}");
}

fn resets(statements: &Statements) -> u64 {
    statements.servers.iter().flat_map(|server| &server.days).map(|day| day.resets).sum()
}

/// Kills one session, after which the server starts all of its counters anew.
fn crash(server: &Postgres) {
    let mut victim = server.client();
    let pid = victim.query("SELECT pg_backend_pid()").unwrap()[0][0].clone().unwrap();
    run(Command::new("kill").args(["-KILL", &pid]));
    assert!(victim.query("SELECT pg_sleep(60)").is_err());
    wait_until("the server is back, and has forgotten the statement", || {
        held(server).as_deref() == Some("0")
    });
}

/// How many entries of the statement the server holds; `None` while it lets nobody in.
fn held(server: &Postgres) -> Option<String> {
    let mut client = Client::connect(server.port(), "postgres", "postgres").ok()?;
    let rows =
        client.query("SELECT count(*) FROM pg_stat_statements WHERE query LIKE '%relname = $1'").ok()?;
    client.close();
    rows.into_iter().flatten().next().flatten()
}

/// Everything that happens to counters, one after the other.
#[track_caller]
fn whatever_happens(version: Option<u32>, expected_resets: u64) {
    let server = Postgres::with_statements(version);
    let project = project(&server);
    call(&server, 40);
    expect(&record(&project), 0.0); // what was before the first look has no day
    call(&server, 30);
    expect(&record(&project), 30.0);
    expect(&record(&project), 30.0); // nothing ran in between
    server.execute("SELECT pg_stat_statements_reset()");
    call(&server, 12);
    expect(&record(&project), 42.0);
    call(&server, 5); // which nobody saw
    crash(&server);
    call(&server, 7);
    expect(&record(&project), 49.0);
    server.execute(
        "SELECT pg_stat_statements_reset(userid, dbid, queryid) FROM pg_stat_statements
         WHERE query LIKE '%pg_class WHERE relname = $1'",
    );
    call(&server, 3);
    let known = record(&project);
    expect(&known, 52.0);
    assert_eq!(resets(&known), expected_resets);
}

#[test]
fn resets_and_a_crash_are_recognised() {
    whatever_happens(None, 2);
}

#[test]
fn an_old_extension_that_tells_nothing_of_itself_is_understood() {
    whatever_happens(Some(13), 0);
}

#[test]
fn a_new_extension_that_tells_of_each_statement_is_understood() {
    whatever_happens(Some(17), 2);
}

#[test]
fn a_statement_that_was_thrown_out_counts_from_nothing() {
    let settings = [WITH_STATEMENTS, "pg_stat_statements.max=100"];
    let server = Postgres::start(&Setup { settings: &settings, ..Setup::default() });
    server.execute("CREATE EXTENSION pg_stat_statements");
    let project = project(&server);
    record(&project);
    call(&server, 20);
    expect(&record(&project), 20.0);
    let mut client = server.client();
    for columns in 1..=400 {
        // Each number of columns is another statement, called more often than the one that is watched.
        let other = format!("SELECT {}", vec!["1"; columns].join(", "));
        for _ in 0..3 {
            client.query(&other).unwrap();
        }
        if held(&server).as_deref() == Some("0") {
            break;
        }
    }
    client.close();
    call(&server, 8);
    let known = record(&project);
    expect(&known, 28.0);
    assert_eq!(resets(&known), 0);
    let evictions: u64 = known.servers.iter().flat_map(|server| &server.days).map(|day| day.evictions).sum();
    assert!(evictions > 0);
}

#[test]
fn the_report_tells_nothing_by_the_day_of_a_few_seconds() {
    let server = Postgres::with_statements(None);
    let project = project(&server);
    record(&project);
    call(&server, 50);
    expect(&record(&project), 50.0);
    let month = chrono::Utc::now().format("%Y-%m").to_string();
    let run = project.run(&format!("report -q --month {month} --format md,json -o out"));
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let read = |ending| {
        std::fs::read_to_string(project.path(&format!("out/{month}-node-queue-chat.{ending}"))).unwrap()
    };
    let report: serde_json::Value = serde_json::from_str(&read("json")).unwrap();
    let (recorded, missing) = (&report["statements"]["recorded"], &report["statements"]["missing"]);
    assert!(recorded.is_null(), "{recorded:#}");
    assert!(missing.as_array().unwrap().iter().any(|what| what["kind"] == "month"), "{missing:#}");
    let page = read("md");
    assert!(page.contains("## Queries") && !page.contains("a day |"), "{page}");
}
