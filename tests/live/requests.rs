//! How many requests, commands and statements a run sends, as the servers themselves count them: no more for a larger system.

use scale_advisor::snapshot::Snapshot;

use crate::{
    check::program::Project,
    support::{
        http::http,
        postgres::Postgres,
        prometheus::{Backfill, Span},
        redis::{client, read, send, start},
    },
};

const END: i64 = 1_760_000_040;

/// Requests to a Prometheus with so many databases for half a day.
fn requests(databases: usize) -> u64 {
    let span = Span::before(END, 43_200, 60);
    let mut history = Backfill::default();
    for database in 0..databases {
        let instance = format!("db-{database}:9187");
        let labels = [("instance", instance.as_str())];
        history = history.gauge("pg_stat_activity_count", &labels, span, |_| 20.0).gauge(
            "pg_settings_max_connections",
            &labels,
            span,
            |_| 100.0,
        );
    }
    let server = history.prometheus();
    let answered = || -> u64 {
        let metrics = http(server.port, "GET", "/metrics", "").1;
        let of_queries = metrics.lines().filter(|line| {
            line.starts_with("prometheus_http_requests_total{") && line.contains("handler=\"/api/v1/")
        });
        of_queries.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum()
    };
    let project = Project::new(&format!("[sources.prometheus]\nurl = \"{}\"", server.url()));
    let before = answered();
    let judged = project.check("--at 2025-10-09T08:54:00Z --window 3h --past 3h --step 60s");
    let found = judged.part("/bottlenecks").as_array().unwrap();
    let of_databases = found.iter().filter(|row| row["resource"] == "postgres.connections").count();
    assert_eq!(of_databases, databases, "{found:#?}");
    answered() - before
}

#[test]
fn of_a_prometheus_as_much_is_asked_however_many_instances_it_has() {
    let (few, many) = (requests(2), requests(40));
    println!("requests for 2 and for 40 databases: {few}, {many}");
    assert!(few > 0 && many == few, "{few} {many}");
}

/// Commands to a Redis with so many queues of Sidekiq among other keys.
fn commands(queues: usize, keys: usize) -> u64 {
    let server = start(&["--enable-debug-command", "yes"]);
    let mut admin = client(server.port);
    send(&mut admin, &format!("DEBUG POPULATE {keys} key 1"));
    for queue in 0..queues {
        send(&mut admin, &format!("SADD queues q{queue}"));
        send(&mut admin, &format!("LPUSH queue:q{queue} {{\"enqueued_at\":1760000000.5}}"));
    }
    let processed = |admin: &mut redis::Connection| -> u64 {
        let stats: String = redis::cmd("INFO").arg("stats").query(admin).unwrap();
        let count = stats.lines().find_map(|line| line.strip_prefix("total_commands_processed:")).unwrap();
        count.parse().unwrap()
    };
    let before = processed(&mut admin);
    let snapshot: Snapshot = read(server.port);
    let depths = snapshot.observations.iter().filter(|found| found.signal.as_str() == "queue.depth").count();
    assert_eq!(depths, queues, "{}", snapshot.to_json());
    // The look at the count is a command too.
    processed(&mut admin) - before - 1
}

#[test]
fn a_redis_is_sent_two_commands_for_each_queue_and_two_for_500_keys() {
    let (few, many) = (commands(2, 1_000), commands(20, 1_000));
    let full = commands(2, 100_000);
    println!("commands for 2 and 20 queues, and among 100,000 keys: {few}, {many}, {full}");
    assert!(many - few <= 18 * 2, "{few} {many}");
    // Queues of two systems are searched for, 500 keys at a time.
    assert!(full - few <= 2 * 100_000 / 500, "{few} {full}");
}

/// Statements to a PostgreSQL in which so many others have been run, as its extension counts them.
fn statements(others: usize) -> u64 {
    let server = Postgres::with_statements(None);
    for table in 0..others {
        server.execute(&format!("CREATE TABLE part_{table} (id int); SELECT count(id) FROM part_{table}"));
    }
    let url = server.url("postgres");
    let project = Project::new(&format!("absent = [\"host\"]\n[sources.postgres]\nurl = \"{url}\"\n"));
    let run = project.run("check -q --sample 100ms");
    assert_eq!(run.err, "", "{}", run.out);
    let ours =
        "SELECT sum(calls)::bigint FROM pg_stat_statements WHERE query LIKE 'SELECT /* scale-advisor */%'";
    server.value(ours).parse().unwrap()
}

#[test]
fn a_postgres_is_asked_the_same_however_many_statements_it_knows() {
    let (few, many) = (statements(1), statements(200));
    println!("statements beside 1 and beside 200 others: {few}, {many}");
    assert!(few > 0 && many == few && many <= 25, "{few} {many}");
}
