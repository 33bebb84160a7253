//! PgBouncer's console, on a real one with more clients than connections.

use std::{
    cell::OnceCell,
    collections::BTreeSet,
    time::{Duration, Instant},
};

use scale_advisor::{
    postgres::{Surroundings, TextFile},
    snapshot::{Reason, Snapshot, Status},
    source::pgbouncer::Settings,
};

use crate::{
    check::program::{Expected, Project},
    support::{
        Server, free_port,
        postgres::{Client, Postgres, Setup, pgbouncer},
        redis::{collect, failure, gap, observed, value},
        saboteur::Saboteur,
        wait_until,
    },
};

const POOL: Option<&str> = Some("postgres/postgres");

fn read(url: &str) -> Snapshot {
    let around = Surroundings { environment: &|_| None, read: &TextFile::read };
    let settings = Settings::resolve(url, &around).unwrap();
    collect(Box::new(settings), Duration::from_millis(10), Duration::from_secs(20))
}

fn console(pooler: &Server) -> String {
    format!("postgres://postgres@127.0.0.1:{}", pooler.port)
}

/// What the console says in a column of the pool's row, asked apart from the program.
fn shown(pooler: &Server, column: usize) -> String {
    let mut console = Client::connect(pooler.port, "postgres", "pgbouncer").unwrap();
    let rows = console.query("SHOW POOLS").unwrap();
    let pool = rows.into_iter().find(|row| row[0].as_deref() == Some("postgres"));
    pool.and_then(|row| row[column].clone()).unwrap_or_default()
}

/// Sessions that each run a statement for longer than the test.
fn sleepers(pooler: &Server, count: usize) -> Vec<Client> {
    let sleeper = |_| {
        let mut client = Client::connect(pooler.port, "postgres", "postgres").unwrap();
        client.send("SELECT pg_sleep(120)");
        client
    };
    (0..count).map(sleeper).collect()
}

#[test]
fn two_of_four_clients_wait_for_a_pool_of_two() {
    let server = Postgres::start(&Setup::default());
    let pooler = pgbouncer(&server, "default_pool_size = 2\nmax_client_conn = 50");
    let since = Instant::now();
    let _clients = sleepers(&pooler, 4);
    wait_until("two clients have waited for a second", || {
        shown(&pooler, 3) == "2" && shown(&pooler, 13).parse::<u32>().is_ok_and(|seconds| seconds >= 1)
    });
    let snapshot = read(&console(&pooler));
    assert_eq!(snapshot.sources[0].version.as_deref(), Some("PgBouncer 1.18.0"));
    assert_eq!(observed(&snapshot, "pgbouncer.waiting", POOL).values.values(), [2.0]);
    let waited = value(&snapshot, "pgbouncer.max_wait", POOL);
    assert!((1.0..since.elapsed().as_secs_f64()).contains(&waited), "{waited} s");
    assert!(waited.fract() > 0.0, "whole seconds only: {waited}");
    let pool = observed(&snapshot, "pgbouncer.pool", POOL);
    assert_eq!(
        (pool.values.values(), pool.capacity().unwrap().value().to_bits()),
        ([1.0].as_slice(), 2.0_f64.to_bits())
    );
    let clients = value(&snapshot, "pgbouncer.clients", None) * 50.0;
    assert!((4.9..6.1).contains(&clients), "{clients}"); // four, this program, and perhaps the test's own console
    assert!(
        snapshot.observations.iter().all(|observation| !observation
            .instance
            .as_deref()
            .unwrap_or_default()
            .contains("pgbouncer"))
    );
}

#[test]
fn check_names_the_pool() {
    let server = Postgres::start(&Setup::default());
    let pooler = pgbouncer(&server, "default_pool_size = 2");
    let _clients = sleepers(&pooler, 3);
    wait_until("one client waits", || shown(&pooler, 3) == "1");
    let project = Project::new(&format!("[sources.pgbouncer]\nurl = \"{}\"", console(&pooler)));
    project.check("").expect(&Expected {
        verdict: "critical",
        resource: "pgbouncer.pool",
        instance: POOL,
        now: (1.0, 1.0),
        limit: 1.0,
        headline: "PgBouncer pool postgres/postgres",
    });
}

#[test]
fn without_clients_there_is_nothing_to_measure() {
    let server = Postgres::start(&Setup::default());
    let pooler = pgbouncer(&server, "");
    let snapshot = read(&console(&pooler));
    assert_eq!(snapshot.sources[0].status, Status::Answered);
    for signal in ["pgbouncer.waiting", "pgbouncer.max_wait", "pgbouncer.pool"] {
        assert_eq!(gap(&snapshot, signal).reason, Reason::NotApplicable, "{signal}");
    }
    assert!(value(&snapshot, "pgbouncer.clients", None) < 0.05);
}

#[test]
fn a_full_pooler_still_opens_its_console() {
    let server = Postgres::start(&Setup::default());
    let pooler = pgbouncer(&server, "max_client_conn = 2");
    let (first, second) = (OnceCell::new(), OnceCell::new());
    for place in [&first, &second] {
        wait_until("a place is free", || {
            Client::connect(pooler.port, "postgres", "postgres").is_ok_and(|client| place.set(client).is_ok())
        });
    }
    let snapshot = read(&console(&pooler));
    assert_eq!(snapshot.sources[0].status, Status::Answered);
    assert!(value(&snapshot, "pgbouncer.clients", None) >= 1.0);
}

#[test]
fn an_account_that_may_only_look_suffices_and_others_are_refused() {
    let server = Postgres::start(&Setup::default());
    let accounts = server.sockets().join("accounts");
    std::fs::write(&accounts, "\"watcher\" \"look\"\n\"app\" \"geheim\"\n").unwrap();
    let pooler = pgbouncer(
        &server,
        &format!("auth_type = md5\nauth_file = {}\nstats_users = watcher", accounts.display()),
    );
    let url = |account: &str| format!("postgres://{account}@127.0.0.1:{}/pgbouncer", pooler.port);
    let snapshot = read(&url("watcher:look"));
    assert_eq!(snapshot.sources[0].status, Status::Answered);
    value(&snapshot, "pgbouncer.clients", None);
    for account in ["app:geheim", "watcher:wrong", "nobody:geheim", "watcher"] {
        let snapshot = read(&url(account));
        assert_eq!(failure(&snapshot).0, Reason::SignInRefused, "{account}: {:?}", snapshot.sources);
        assert!(snapshot.sources[0].hint.as_ref().unwrap().contains("stats_users"), "{account}");
        assert!(!snapshot.to_json().contains("geheim"));
    }
}

#[test]
fn a_database_and_a_silent_port_are_no_console() {
    let server = Postgres::start(&Setup::default());
    let url = format!("postgres://postgres@127.0.0.1:{}/app", server.port());
    for preparation in ["SELECT 'no database of that name'", "CREATE DATABASE pgbouncer"] {
        server.execute(preparation);
        let snapshot = read(&url);
        let (reason, detail) = failure(&snapshot);
        assert_eq!(reason, Reason::UnexpectedReply, "{preparation}");
        assert!(detail.contains("this is PostgreSQL, not PgBouncer's console"), "{preparation}: {detail}");
        assert!(snapshot.sources[0].hint.as_ref().unwrap().contains("6432"), "{preparation}");
    }
    let snapshot = read(&format!("postgres://postgres@127.0.0.1:{}", free_port()));
    assert_eq!(failure(&snapshot).0, Reason::Unreachable);
}

/// What one table of the console may take along.
const TOPICS: [&[&str]; 3] = [
    &["pgbouncer.waiting", "pgbouncer.max_wait", "pgbouncer.pool"],
    &["pgbouncer.pool"],
    &["pgbouncer.clients"],
];

#[test]
fn no_table_of_the_console_takes_another_topic_along() {
    let server = Postgres::start(&Setup::default());
    let pooler = pgbouncer(&server, "default_pool_size = 2");
    let _clients = sleepers(&pooler, 3);
    wait_until("one client waits", || shown(&pooler, 3) == "1");
    let through = |failing| {
        let saboteur = Saboteur::start(pooler.port, failing);
        let snapshot = read(&format!("postgres://postgres@127.0.0.1:{}", saboteur.port));
        (snapshot, saboteur.asked())
    };
    let measured = |snapshot: &Snapshot| -> BTreeSet<String> {
        snapshot.observations.iter().map(|observation| observation.signal.as_str().to_owned()).collect()
    };
    let (whole, asked) = through(None);
    assert_eq!((measured(&whole).len(), asked.len()), (4, 5), "{asked:?}");
    for (number, query) in asked.iter().enumerate() {
        let (snapshot, _) = through(Some(number));
        assert_eq!(snapshot.sources[0].status, Status::Answered, "{query}");
        let lost: BTreeSet<String> = measured(&whole).difference(&measured(&snapshot)).cloned().collect();
        let together = |topic: &&[&str]| lost.iter().all(|signal| topic.contains(&signal.as_str()));
        assert!(TOPICS.iter().any(together), "{lost:?} are lost without {query}");
        for signal in &lost {
            assert!(!gap(&snapshot, signal).detail.is_empty());
        }
    }
}
