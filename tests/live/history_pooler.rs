//! A history in PostgreSQL behind PgBouncer in transaction mode, where each transaction may meet another connection.

use scale_advisor::history::{Range, Resolution, Store};
use serde_json::Value;

use crate::{
    check::program::Project,
    history_postgres::{record_at_once, settings},
    support::{
        Server,
        postgres::{Client, Postgres, Setup, pgbouncer},
    },
    timeline::{held, recorded, snapshot},
};

/// Writers at the same time, more than the pool has connections.
const WRITERS: usize = 8;
const POOL: usize = 2;

fn url(pooler: &Server) -> String {
    format!("postgres://postgres@127.0.0.1:{}/postgres", pooler.port)
}

/// Runs that overlap with each other, three for each writer.
fn runs() -> Vec<String> {
    (0..24).map(|run| snapshot(1500 + run * 37, 600, 3)).collect()
}

/// A server, a pooler before it, and a project that has recorded through it.
fn kept(settings: &str) -> (Postgres, Server, Project) {
    let server = Postgres::start(&Setup::default());
    let pooler = pgbouncer(&server, &format!("default_pool_size = {POOL}"));
    let project = Project::new(&format!("history = \"{}\"\n{settings}", url(&pooler)));
    record_at_once(&project, &runs(), WRITERS);
    (server, pooler, project)
}

#[test]
fn writers_behind_a_pooler_lose_and_double_nothing() {
    let (server, pooler, project) = kept("");
    let sessions = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' \
                    AND pid <> pg_backend_pid()";
    assert_eq!(server.value(sessions), POOL.to_string());
    let verified = project.run("history verify");
    assert_eq!((verified.code, verified.err.as_str()), (0, ""), "{}", verified.out);
    let store = Store::read_server(&settings(&url(&pooler))).unwrap();
    let found = [Resolution::Hour, Resolution::Day]
        .map(|resolution| store.rollups(resolution, None, Range::ALL).unwrap());
    assert_eq!(found, held(&recorded(&project.path("history.db"), &runs())));
}

#[test]
fn nothing_of_ours_stays_on_the_connections_of_the_pool() {
    let (_server, pooler, _project) = kept("");
    // Each holds a connection of the pool for itself.
    let mut sessions: Vec<Client> = (0..POOL)
        .map(|_| {
            let mut session = Client::connect(pooler.port, "postgres", "postgres").unwrap();
            session.query("BEGIN").unwrap();
            session
        })
        .collect();
    for session in &mut sessions {
        let prepared = session.query("SELECT name FROM pg_prepared_statements").unwrap();
        let locks = session.query("SELECT objid FROM pg_locks WHERE locktype = 'advisory'").unwrap();
        // What a client said when it connected is set by the pooler itself.
        let set = "SELECT name FROM pg_settings WHERE source = 'session' AND name NOT IN \
                   ('application_name', 'client_encoding', 'DateStyle', 'TimeZone', 'standard_conforming_strings')";
        let set = session.query(set).unwrap();
        assert!(prepared.is_empty() && locks.is_empty() && set.is_empty(), "{prepared:?} {locks:?} {set:?}");
    }
}

#[test]
fn a_report_reads_through_the_pooler_what_it_reads_from_a_file() {
    let bill = "[[sources.csv]]\nfile = \"bill.csv\"\nsignal = \"cost.monthly\"";
    let (_server, _pooler, project) = kept(bill);
    std::fs::write(project.path("bill.csv"), "date,value\n2026-11-19,640\n").unwrap();
    for command in
        ["history export --format jsonl -o all.jsonl", "history import all.jsonl --history file.db"]
    {
        let run = project.run(command);
        assert_eq!(run.code, 0, "{command}: {}", run.err);
    }
    let report = |arguments: &str, folder: &str| {
        let at = "--quiet --month 2026-11 --at 2026-11-20T20:00:00Z --format json";
        let run = project.run(&format!("report {at} {arguments} -o {folder}"));
        assert_eq!((run.code, run.err.as_str()), (0, ""));
        std::fs::read_to_string(project.path(folder).join("2026-11-node-queue-chat.json")).unwrap()
    };
    let pooled = report("", "pooled");
    assert_eq!(pooled, report("--history file.db", "filed"));
    let pooled: Value = serde_json::from_str(&pooled).unwrap();
    let months = pooled["resources"]["months"].as_array().unwrap();
    let hosts: Vec<&Value> =
        months.iter().filter(|month| month["signal"] == "host.cpu").map(|month| &month["instance"]).collect();
    assert_eq!(hosts.len(), 3, "{hosts:?}");
}
