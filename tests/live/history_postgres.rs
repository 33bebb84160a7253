//! A history in a real PostgreSQL: the same as in a file, whoever writes, and whole whatever happens.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
};

use chrono::{DateTime, TimeDelta};
use scale_advisor::{
    history::{Batch, Range, Resolution, Store, StoredPast, export},
    postgres::{Settings, Surroundings},
    snapshot::Snapshot,
    statements::{StatementCount, StatementSnapshot},
};

use crate::{
    check::program::{Project, Run},
    history_suite::{CASES, Databases},
    support::{
        postgres::{Client, Postgres, Setup},
        wait_until,
    },
    timeline::{held, recorded, snapshot},
};

pub(crate) fn settings(url: &str) -> Settings {
    Settings::resolve(Some(url), &Surroundings { environment: &|_| None, read: &|_| None }).unwrap()
}

fn open(server: &Postgres) -> Store {
    Store::open_server(&settings(&server.url("postgres")), |_| ()).unwrap()
}

/// Histories in databases of a server.
struct Server(Postgres);

impl Server {
    fn url(&self, name: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.0.port())
    }
}

impl Databases for Server {
    fn create(&self, name: &str) -> Store {
        self.0.execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        self.0.execute(&format!("CREATE DATABASE {name}"));
        Store::open_server(&settings(&self.url(name)), |_| ()).unwrap()
    }

    fn reader(&self, name: &str) -> Store {
        Store::read_server(&settings(&self.url(name))).unwrap()
    }

    fn execute(&self, name: &str, sql: &str) {
        let mut client = Client::connect(self.0.port(), "postgres", name).unwrap();
        client.query(&format!("SET search_path = scale_advisor; {sql}")).unwrap();
        client.close();
    }
}

#[test]
fn it_keeps_what_every_history_keeps() {
    let server = Server(Postgres::start(&Setup::default()));
    for (name, case) in CASES {
        println!("{name}");
        case(&server);
    }
}

#[test]
fn the_right_to_read_is_enough_to_read() {
    let server = Postgres::start(&Setup::default());
    let mut store = open(&server);
    let batch =
        Batch::from_snapshot(&Snapshot::from_json(&snapshot(1440, 1440, 2)).unwrap(), Some("{}".to_owned()));
    store.append(&batch).unwrap();
    server.execute(
        "CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA scale_advisor TO reader;
         GRANT SELECT ON ALL TABLES IN SCHEMA scale_advisor TO reader;
         ALTER ROLE reader SET default_transaction_read_only = on",
    );
    let reader = Store::read_server(&settings(&server.url("reader"))).unwrap();
    assert_eq!(text(&reader), text(&store));
    let project = Project::new(&format!("history = \"{}\"", server.url("reader")));
    for command in ["history show", "history verify", "history export --format jsonl"] {
        let run = project.run(command);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{command}");
    }
    let refused = record(&project, "run.json", &snapshot(1500, 60, 2)).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
}

/// Everything that an intact history holds, as text.
#[track_caller]
fn text(store: &Store) -> String {
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    let contents = store.contents().unwrap();
    export(scale_advisor::history::Format::JsonLines, &contents).unwrap()
}

fn project(server: &Postgres) -> Project {
    Project::new(&format!("history = \"{}\"", server.url("postgres")))
}

fn record(project: &Project, name: &str, text: &str) -> Command {
    std::fs::write(project.path(name), text).unwrap();
    project.command(&format!("record --snapshot {name}"))
}

fn started(mut command: Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// The counters of a server at the time of a run, in which anything may have happened to them.
fn look(batch: &Batch, next: &mut impl FnMut(i64) -> i64) -> StatementSnapshot {
    let at = batch.taken_at;
    let mut count = |query| StatementCount {
        role: 10,
        query,
        toplevel: query < 3,
        calls: next(1000) as f64,
        seconds: next(500) as f64 / 8.0,
        since: None,
        text: (query == 2).then(|| "SELECT $1".to_owned()),
    };
    let statements = (0..4).map(&mut count).collect();
    StatementSnapshot {
        server: "db:5432/shop".to_owned(),
        at,
        started: DateTime::UNIX_EPOCH,
        // Now and then everything has just begun anew.
        counting_since: Some(if next(4) == 0 { at - TimeDelta::minutes(1) } else { DateTime::UNIX_EPOCH }),
        evictions: Some(next(5).unsigned_abs()),
        hidden: 0,
        complete: true,
        database: 5,
        statements,
    }
}

/// Records the runs in order by several writers at the same time, each with as many of them.
pub(crate) fn record_at_once(project: &Project, runs: &[String], writers: usize) {
    let program = env!("CARGO_BIN_EXE_scale-advisor");
    let writer = |(writer, runs): (usize, &[String])| {
        let record = |(run, text): (usize, &String)| {
            let name = format!("{writer}-{run}.json");
            std::fs::write(project.path(&name), text).unwrap();
            format!("{program} record -q --snapshot {name} || exit 1; ")
        };
        let line: Vec<String> = runs.iter().enumerate().map(record).collect();
        let mut shell = Command::new("sh");
        shell.env_clear().env("PATH", "/usr/bin:/bin").current_dir(project.path(""));
        shell.args(["-c", &line.concat()]);
        started(shell)
    };
    let writers: Vec<Child> = runs.chunks(runs.len() / writers).enumerate().map(writer).collect();
    for writer in writers {
        let run: Run = writer.wait_with_output().unwrap().into();
        assert_eq!(run.code, 0, "{}", run.err);
    }
}

#[test]
fn whatever_is_recorded_it_holds_what_a_file_holds() {
    let server = Postgres::start(&Setup::default());
    let folder = tempfile::tempdir().unwrap();
    let mut number: i64 = 7;
    let mut next = |below: i64| {
        number = (number * 1_103_515_245 + 12_345) % 2_147_483_648;
        number / 1024 % below
    };
    let mut statements = 0;
    for sequence in 0..6 {
        let mut file = Store::open_file(&folder.path().join(sequence.to_string()), |_| ()).unwrap();
        server.execute("DROP SCHEMA IF EXISTS scale_advisor CASCADE");
        let mut store = open(&server);
        for run in 0..10 {
            // Runs of six days, in any order, with overlaps, gaps and repetitions.
            let text = snapshot(1440 + next(6 * 1440), 1 + next(2000), 2);
            let assessment = Some(format!("{{\"run\":{run}}}"));
            let mut batch = Batch::from_snapshot(&Snapshot::from_json(&text).unwrap(), assessment);
            batch.statements.push(look(&batch, &mut next));
            assert_eq!(store.append(&batch).unwrap(), file.append(&batch).unwrap());
            assert_eq!(store.append(&batch).unwrap().hours, 0);
            let ended = batch.taken_at.timestamp_millis();
            let unsent = store.unsent("elsewhere", ended).unwrap();
            assert_eq!(unsent, file.unsent("elsewhere", ended).unwrap());
            if run % 3 == 1 {
                store.mark_sent("elsewhere", &unsent).unwrap();
                file.mark_sent("elsewhere", &unsent).unwrap();
                assert_eq!(store.unsent("elsewhere", ended).unwrap(), []);
            }
        }
        assert_eq!(text(&store), text(&file));
        statements += store.statements(Range::ALL).unwrap().statements.len();
        let before =
            Batch::from_snapshot(&Snapshot::from_json(&snapshot(4 * 1440, 1, 0)).unwrap(), None).taken_at;
        let before = before.timestamp_millis();
        assert_eq!(store.prune(before).unwrap(), file.prune(before).unwrap());
        assert_eq!(text(&store), text(&file));
    }
    assert!(statements > 0);
}

#[test]
fn eight_writers_lose_and_double_nothing() {
    let server = Postgres::start(&Setup::default());
    let project = project(&server);
    // Each has several runs that overlap with those of all others; the first ones make the tables.
    let runs: Vec<String> = (0..32).map(|run| snapshot(1500 + run * 37, 600, 3)).collect();
    record_at_once(&project, &runs, 8);
    let folder = tempfile::tempdir().unwrap();
    let file = recorded(&folder.path().join("history.db"), &runs);
    let store = open(&server);
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    let found = [Resolution::Hour, Resolution::Day]
        .map(|resolution| store.rollups(resolution, None, Range::ALL).unwrap());
    assert_eq!(found, held(&file));
}

#[test]
fn a_killed_writer_leaves_nothing_half() {
    let server = Postgres::start(&Setup::default());
    let project = project(&server);
    assert!(record(&project, "first.json", &snapshot(1440, 1440, 3)).status().unwrap().success());
    let before = text(&open(&server));
    // Each table in turn stops the writer where it comes to it.
    for table in ["metadata", "series", "hourly", "samples", "daily", "assessments"] {
        let mut blocker = server.client();
        blocker.query(&format!("BEGIN; LOCK TABLE scale_advisor.{table} IN EXCLUSIVE MODE")).unwrap();
        let mut writer = started(record(&project, "second.json", &snapshot(1500, 200, 4)));
        wait_until("the writer waits", || {
            server.value("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") == "1"
        });
        writer.kill().unwrap();
        writer.wait().unwrap();
        blocker.query("COMMIT").unwrap();
        blocker.close();
        wait_until("the server has noticed", || {
            let others = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'scale-advisor'";
            server.value(others) == "0"
        });
        assert_eq!(text(&open(&server)), before, "{table}");
    }
    assert!(record(&project, "second.json", &snapshot(1500, 200, 4)).status().unwrap().success());
    assert_ne!(text(&open(&server)), before);
}

#[test]
fn another_writer_is_told_and_waited_for() {
    let server = Postgres::start(&Setup::default());
    let project = project(&server);
    drop(open(&server));
    let mut blocker = server.client();
    blocker.query("BEGIN; SELECT * FROM scale_advisor.metadata FOR UPDATE").unwrap();
    let mut command = record(&project, "first.json", &snapshot(1440, 60, 1));
    let log = project.path("log");
    command.stdout(Stdio::null()).stderr(std::fs::File::create(&log).unwrap());
    let mut writer = command.spawn().unwrap();
    let said = |words: &str| std::fs::read_to_string(&log).unwrap().contains(words);
    wait_until("it says that it waits", || {
        said("waiting for another process that is writing to postgres://postgres@127.0.0.1")
    });
    blocker.query("ROLLBACK").unwrap();
    blocker.close();
    assert!(writer.wait().unwrap().success());
    assert!(said("recorded in postgres://postgres@127.0.0.1"));
}

#[test]
fn a_missing_privilege_is_named() {
    let server = Postgres::start(&Setup::default());
    server.execute("CREATE ROLE team LOGIN PASSWORD 'geheim'");
    let url = server.url("team").replace("team@", "team:geheim@");
    let project = Project::new(&format!("history = \"{url}\""));
    let refused = |words: &[&str]| {
        let run: Run = record(&project, "run.json", &snapshot(60, 60, 1)).output().unwrap().into();
        assert_eq!(run.code, 2, "{}", run.err);
        for words in words.iter().chain(&["postgres://team@127.0.0.1"]) {
            assert!(run.err.contains(words), "{words}: {}", run.err);
        }
        assert!(!run.err.contains("geheim"), "{}", run.err);
    };
    refused(&[
        "cannot create the history",
        "permission denied",
        "GRANT CREATE ON DATABASE postgres TO team;",
    ]);
    drop(open(&server));
    refused(&["GRANT USAGE ON SCHEMA scale_advisor TO team;"]);
    server.execute("GRANT USAGE ON SCHEMA scale_advisor TO team");
    refused(&["GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA scale_advisor TO team;"]);
    server.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA scale_advisor TO team");
    assert!(record(&project, "run.json", &snapshot(60, 60, 1)).status().unwrap().success());
}

#[test]
fn a_file_moves_to_the_server_and_back() {
    let server = Postgres::start(&Setup::default());
    let project = project(&server);
    let missing = project.run("history show");
    assert_eq!(missing.code, 2);
    assert!(missing.err.contains("there is no history at postgres://postgres@"), "{}", missing.err);
    assert_eq!(server.value("SELECT count(*) FROM pg_namespace WHERE nspname = 'scale_advisor'"), "0");

    let runs = [snapshot(1440, 1440, 2), snapshot(4000, 900, 2)];
    let file = text(&recorded(&project.path("history.db"), &runs));
    for hours in ["82 hourly rollups", " 0 hourly rollups"] {
        let run = project.run("history import history.db");
        assert_eq!(run.code, 0, "{}", run.err);
        assert!(run.err.contains(hours), "{}", run.err);
        assert_eq!(text(&open(&server)), file);
    }
    let exported = project.run("history export --format jsonl -o back.jsonl");
    assert_eq!((exported.code, exported.err.as_str()), (0, ""));
    assert_eq!(project.run("history import back.jsonl --history back.db").code, 0);
    assert_eq!(text(&Store::read_file(&project.path("back.db")).unwrap()), file);
    assert!(project.run("history show").out.contains("queue.depth"));
    // Prints what is there for people and other programs.
    let views = "SELECT count(*) FROM scale_advisor.hours JOIN scale_advisor.days USING (signal, instance)";
    assert_ne!(server.value(views), "0");
}

#[test]
fn tables_of_an_older_version_can_be_read_and_are_brought_up_to_date() {
    let server = Postgres::start(&Setup::default());
    let project = project(&server);
    assert!(record(&project, "run.json", &snapshot(1440, 1440, 1)).status().unwrap().success());
    for table in
        ["metadata", "series", "hourly", "daily", "samples", "assessments", "destinations", "pending"]
    {
        server.execute(&format!("ALTER TABLE scale_advisor.{table} DROP COLUMN checksum"));
    }
    server.execute(
        "DROP VIEW scale_advisor.statements_by_day;
         DROP TABLE scale_advisor.labels, scale_advisor.looks, scale_advisor.counted_days, scale_advisor.statements,
             scale_advisor.statement_days, scale_advisor.fleet_services, scale_advisor.fleet_days;
         INSERT INTO scale_advisor.assessments SELECT hour, hour * 3600000::bigint, '{}' FROM generate_series(1, 7000) AS hour;
         UPDATE scale_advisor.metadata SET value = '1' WHERE key = 'version'",
    );
    let store = Store::read_server(&settings(&server.url("postgres"))).unwrap();
    let before = text(&store);
    assert!(store.statements(Range::ALL).unwrap().is_empty());
    assert_eq!(text(&open(&server)), before);
    assert_eq!(server.value("SELECT value FROM scale_advisor.metadata WHERE key = 'version'"), "5");
    assert_eq!(server.value("SELECT count(*) FROM scale_advisor.statements_by_day"), "0");
    for (table, rows) in [("metadata", "1"), ("assessments", "7001"), ("hourly", "24")] {
        let unsummed = format!("SELECT count(checksum) FROM scale_advisor.{table}");
        assert!(server.value(&unsummed).parse::<u32>().unwrap() >= rows.parse().unwrap(), "{table}");
        let without = format!("SELECT count(*) FROM scale_advisor.{table} WHERE checksum IS NULL");
        assert_eq!(server.value(&without), "0", "{table}");
    }
}

/// Changes one value of a column by as little as its type allows.
fn changed(column: &str, kind: &str) -> String {
    match kind {
        "boolean" => format!("NOT {column}"),
        // Not by the smallest bit: a neighbouring hour would have the key already.
        "bigint" | "integer" => format!("{column} # 4194304"),
        "double precision" => {
            format!("CASE WHEN {column} <> 0 THEN {column} * (1 + 2.220446049250313e-16) ELSE 1e-300 END")
        }
        "bytea" => format!("set_bit({column}, 0, 1 - get_bit({column}, 0))"),
        _ => format!("overlay(coalesce({column}, '') placing '#' from 1 for 1)"),
    }
}

#[test]
fn no_value_that_was_changed_is_silent() {
    let server = Postgres::start(&Setup::default());
    let mut store = open(&server);
    for (run, text) in [snapshot(1440, 1440, 1), snapshot(2880, 1440, 1)].iter().enumerate() {
        let mut batch =
            Batch::from_snapshot(&Snapshot::from_json(text).unwrap(), Some(format!("{{\"run\":{run}}}")));
        batch.statements.push(look(&batch, &mut |below| i64::try_from(run).unwrap() * 3 + below / 2));
        store.append(&batch).unwrap();
        store.unsent("elsewhere", batch.taken_at.timestamp_millis()).unwrap();
    }
    let days = [(20_000, vec![1, 2, 3])].into();
    let past = StoredPast { name: "shop".to_owned(), coverage: vec![4, 5, 6], days };
    store.keep_service_pasts(&[past], 0).unwrap();
    let before = text(&store);
    let columns = server.value(
        "SELECT string_agg(c.table_name || ',' || c.column_name || ',' || c.data_type, ';')
         FROM information_schema.columns AS c JOIN information_schema.tables AS t USING (table_schema, table_name)
         WHERE table_schema = 'scale_advisor' AND t.table_type = 'BASE TABLE'",
    );
    let mut client = server.client();
    let mut refused = std::collections::BTreeSet::new();
    for column in columns.split(';') {
        let [table, name, kind] = column.split(',').collect::<Vec<_>>()[..] else { panic!("{column}") };
        let value = changed(name, kind);
        for damage in [
            format!("CREATE TABLE kept AS TABLE scale_advisor.{table}"),
            format!(
                "UPDATE scale_advisor.{table} SET {name} = {value}
                 WHERE ctid = (SELECT ctid FROM scale_advisor.{table} WHERE {name} IS NOT NULL LIMIT 1)"
            ),
        ] {
            client.query(&damage).unwrap();
        }
        let same = format!("TABLE scale_advisor.{table} EXCEPT TABLE kept");
        assert_ne!(server.value(&format!("SELECT count(*) FROM ({same}) AS other")), "0", "{column}");
        let reader = Store::read_server(&settings(&server.url("postgres")));
        let errors = reader.and_then(|reader| {
            match reader.contents() {
                Ok(contents) => assert_eq!(
                    export(scale_advisor::history::Format::JsonLines, &contents).unwrap(),
                    before,
                    "{column}"
                ),
                Err(_) => {
                    refused.insert(table);
                }
            }
            reader.verify()
        });
        match errors {
            Ok(errors) => {
                let named = |line: &String| line.starts_with(table) && line.contains("its checksum");
                assert!(errors.iter().any(named), "{column}: {errors:?}");
            }
            Err(error) => assert!(table == "metadata", "{column}: {error}"),
        }
        client.query(&format!("TRUNCATE scale_advisor.{table}")).unwrap();
        client.query(&format!("INSERT INTO scale_advisor.{table} TABLE kept")).unwrap();
        client.query("DROP TABLE kept").unwrap();
    }
    client.close();
    assert_eq!(text(&store), before);
    for table in ["series", "hourly", "assessments", "looks", "counted_days", "statement_days"] {
        assert!(refused.contains(table), "{table}");
    }
}

#[test]
fn damage_and_foreign_schemas_are_told() {
    let server = Postgres::start(&Setup::default());
    let project = project(&server);
    assert!(record(&project, "run.json", &snapshot(1440, 1440, 1)).status().unwrap().success());
    let damages = [
        ("UPDATE scale_advisor.hourly SET max = 0 WHERE hour % 24 = 3", "smallest and the largest"),
        ("UPDATE scale_advisor.daily SET mean = mean + 1e-9", "does not follow from its hours"),
        ("UPDATE scale_advisor.samples SET samples = '\\x00'", "samples do not make its rollup"),
        ("DELETE FROM scale_advisor.series", "belong to no series"),
    ];
    let mut client = server.client();
    for (damage, words) in damages {
        client.query("CREATE SCHEMA kept").unwrap();
        for table in ["series", "hourly", "daily", "samples"] {
            let keep = format!("CREATE TABLE kept.{table} AS TABLE scale_advisor.{table}");
            client.query(&keep).unwrap();
        }
        client.query(damage).unwrap();
        let run = project.run("history verify");
        assert_eq!(run.code, 1, "{}", run.err);
        assert!(run.out.contains(words), "{damage}: {}", run.out);
        for table in ["series", "hourly", "daily", "samples"] {
            let restore = format!(
                "TRUNCATE scale_advisor.{table}; INSERT INTO scale_advisor.{table} SELECT * FROM kept.{table}"
            );
            client.query(&restore).unwrap();
        }
        client.query("DROP SCHEMA kept CASCADE").unwrap();
    }
    assert_eq!(project.run("history verify").code, 0);
    client.query("UPDATE scale_advisor.metadata SET value = '99' WHERE key = 'version'").unwrap();
    for command in ["history show", "record --snapshot run.json"] {
        let run = project.run(command);
        assert_eq!(run.code, 2);
        assert!(run.err.contains("has version 99, this program supports up to 5"), "{}", run.err);
    }
    client.query("UPDATE scale_advisor.metadata SET value = 'theirs' WHERE key = 'version'").unwrap();
    let run = project.run("record --snapshot run.json");
    assert!(run.err.contains("another program uses its schema scale_advisor"), "{}", run.err);
    client.close();
    assert!(Path::new(&project.path("run.json")).is_file());
}
