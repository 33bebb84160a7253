//! A fleet in two nights: with a history the second one reads one new day, and says what reading everything says.

use serde_json::Value;

use crate::{
    check::{
        history::END,
        program::{Project, Run},
    },
    fleet::{database, rows, service},
    support::{
        Server,
        prometheus::{Backfill, Span},
    },
};

const DAY: i64 = 86_400;
const HOUR: i64 = 3600;
/// The first night, and the second one a day later.
const FIRST: &str = "2025-10-08T08:53:40Z";
const SECOND: &str = "2025-10-09T08:53:40Z";
/// The options of a run that reads whatever the server has.
const ALL: &[&str] = &[];

fn span() -> Span {
    Span::before(END, 41 * DAY, 300)
}

fn labels(name: &str) -> [(&str, &str); 2] {
    [("namespace", "shop"), ("service", name)]
}

fn estate() -> Server {
    let mut history = Backfill::default();
    for number in 0..8 {
        let name = format!("service-{number}");
        let growing = 0.3 + 0.05 * f64::from(number);
        history = service(history, &labels(&name), span(), 50.0 + f64::from(number), growing);
    }
    history = database(history, &labels("no-load"), span(), |_| 35.0);
    // Seen in the second night alone, and in the first one.
    let since = Span { from: END - DAY + 2 * HOUR, ..span() };
    history = service(history, &labels("new"), since, 50.0, 0.4);
    let before = Span { to: END - DAY + 2 * HOUR, ..span() };
    history = service(history, &labels("gone"), before, 50.0, 0.4);
    // A database that moves between the nights, and requests, which are counted.
    let moved = labels("moved");
    let app = [&moved[..], &[("instance", "app:80"), ("job", "app")]].concat();
    history =
        history.gauge("websocket_active_connections", &app, span(), |at| 40.0 + (at % 977) as f64 / 50.0);
    let requests = [&app[..], &[("status", "200")]].concat();
    history =
        history.counter("http_requests_total", &requests, span(), |at| 3.0 + (at % 1733) as f64 / 1000.0);
    for (instance, span) in [("db-a:9187", before), ("db-b:9187", since)] {
        let place = [&moved[..], &[("instance", instance), ("job", "postgres")]].concat();
        history = history
            .gauge("pg_stat_activity_count", &place, span, |at| (at % 1013) as f64 / 15.0)
            .gauge("pg_settings_max_connections", &place, span, |_| 100.0);
    }
    history.prometheus()
}

fn project(server: &Server, further: &str) -> Project {
    Project::new(&format!(
        "absent = [\"host\", \"queue\", \"node\"]\n[sources.prometheus]\nurl = \"{}\"\n\
         [fleet]\nby = [\"namespace\", \"service\"]\n{further}",
        server.url()
    ))
}

fn check(project: &Project, at: &str, arguments: &[&str]) -> Run {
    let mut command = project.command("fleet check --profile web-service -q");
    command.args(["--at", at]).args(arguments).output().unwrap().into()
}

/// The rows of a run that has nothing to complain about.
#[track_caller]
fn judged(project: &Project, at: &str, arguments: &[&str]) -> Vec<Value> {
    let run = check(project, at, &[arguments, &["-o", "json"]].concat());
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    rows(&run)
}

/// How many samples the server reads for a run, as its statistics count them.
#[track_caller]
fn samples(project: &Project, at: &str, arguments: &[&str]) -> f64 {
    let run = check(project, at, &[arguments, &["--max-samples", "9999999999"]].concat());
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let words = run.out.split_whitespace().collect::<Vec<_>>().join(" ");
    let read = words.split_once(" samples read").unwrap().0;
    read.rsplit(' ').next().unwrap().replace(',', "").parse().unwrap()
}

/// A copy of a history, which a run may change.
fn copied(project: &Project, from: &str, to: &str) {
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(project.path(&format!("{to}{suffix}")));
    }
    std::fs::copy(project.path(from), project.path(to)).unwrap();
}

#[test]
fn a_night_reads_one_new_day_and_says_what_reading_everything_says() {
    let server = estate();
    let project = project(&server, "");
    let (first, second) = (judged(&project, FIRST, ALL), judged(&project, SECOND, ALL));
    assert!(second.len() == 12 && second.iter().any(|row| row["standing"]["kind"] == "appeared"));
    let history = ["--history", "nights.db"];
    // The first run finds nothing kept. A second one of the same hour finds everything.
    for _ in 0..2 {
        assert_eq!(judged(&project, FIRST, &history), first);
    }
    copied(&project, "nights.db", "first.db");
    let night = samples(&project, SECOND, &history);
    copied(&project, "first.db", "nights.db");
    assert_eq!(judged(&project, SECOND, &history), second);

    let one_day = samples(&project, SECOND, &["--past", "1d"]);
    let all = samples(&project, SECOND, ALL);
    println!("samples: {all} of all days, {one_day} of one day, {night} in a night");
    assert!(all > 3.0 * one_day && night <= 1.1 * one_day, "{all} {one_day} {night}");
    // Whoever asks as of the evening before knows no less, and takes nothing away from what is kept.
    assert_eq!(judged(&project, FIRST, &history), first);
    assert_eq!(judged(&project, SECOND, &history), second);
    let again = samples(&project, SECOND, &history);
    assert!(again < night, "{again} {night}");

    assert_eq!(project.run("history verify --history nights.db").code, 0);
    by_itself_each_is_judged_alike(&project, &second);
    what_is_damaged_is_read_again(&project, &second);
    what_is_new_is_read_as_a_whole(&project, &server);
    everything_is_read_again_when_asked_for(&project, &second, all);
    a_history_that_is_no_history_takes_nothing_away(&project, &second);
}

#[track_caller]
fn by_itself_each_is_judged_alike(project: &Project, second: &[Value]) {
    for name in ["shop/service-7", "shop/moved", "shop/no-load"] {
        let row = second.iter().find(|row| row["name"] == name).unwrap();
        let page = check(project, SECOND, &[name, "-o", "json", "--history", "nights.db"]);
        assert_eq!(page.code, 0, "{}", page.err);
        let page: Value = serde_json::from_str(&page.out).unwrap();
        assert_eq!(row["verdict"], page["verdict"], "{name}");
        for key in ["resource", "headroom", "saturates_on", "act_by", "now", "peak"] {
            assert_eq!(row["next_bottleneck"][key], page["next_bottleneck"][key], "{key} of {name}");
        }
    }
}

#[track_caller]
fn what_is_damaged_is_read_again(project: &Project, second: &[Value]) {
    let damage = |sql: &str| {
        let history = rusqlite::Connection::open(project.path("nights.db")).unwrap();
        assert!(history.execute(sql, []).unwrap() > 0);
    };
    let newest = "day = (SELECT max(day) FROM fleet_days) - 3";
    for (sql, words) in [
        (
            format!("UPDATE fleet_days SET figures = x'1f8b' WHERE {newest}"),
            "is damaged: the values of 2025-",
        ),
        (format!("DELETE FROM fleet_days WHERE {newest}"), "is damaged: the values of 2025-"),
        ("UPDATE fleet_services SET coverage = substr(coverage, 1, 40)".to_owned(), "is damaged: "),
    ] {
        damage(&sql);
        let run = check(project, SECOND, &["-o", "json", "--history", "nights.db"]);
        assert!(run.code == 0 && run.err.contains("warning: reading all values of shop/"), "{}", run.err);
        assert!(run.err.contains(words) && run.err.lines().count() == 4, "{}", run.err);
        assert_eq!(rows(&run), second);
        assert_eq!(judged(project, SECOND, &["--history", "nights.db"]), second);
    }
}

/// A query that the roadmap or the settings add.
#[track_caller]
fn what_is_new_is_read_as_a_whole(project: &Project, server: &Server) {
    let seats = "[resources.\"shop.sockets\"]\nusage = \"sum(websocket_active_connections)\"\nlimit = 200\n\
                 unit = \"connections\"\nwarning = \"80%\"\ncritical = \"90%\"\n";
    let larger = self::project(server, seats);
    std::fs::copy(project.path("first.db"), larger.path("nights.db")).unwrap();
    let all = judged(&larger, SECOND, ALL);
    let has_sockets = |row: &Value| row.to_string().contains("shop.sockets");
    assert!(all.iter().any(has_sockets), "{all:#?}");
    let night = samples(&larger, SECOND, &["--history", "nights.db"]);
    std::fs::copy(project.path("first.db"), larger.path("nights.db")).unwrap();
    assert_eq!(judged(&larger, SECOND, &["--history", "nights.db"]), all);
    assert!(night < samples(&larger, SECOND, ALL) / 2.0, "{night}");
}

#[track_caller]
fn everything_is_read_again_when_asked_for(project: &Project, second: &[Value], all: f64) {
    let rebuild = ["--history", "nights.db", "--rebuild"];
    let read = samples(project, SECOND, &rebuild);
    // What is kept is read in whole hours, with one more at the ends of pieces.
    assert!((all..1.001 * all).contains(&read), "{read} {all}");
    assert_eq!(judged(project, SECOND, &rebuild), second);
    assert_eq!(judged(project, SECOND, &["--history", "nights.db"]), second);
    let refused = check(project, SECOND, &["--rebuild"]);
    assert!(refused.code == 2 && refused.err.contains("--rebuild needs a history"), "{}", refused.err);
}

#[track_caller]
fn a_history_that_is_no_history_takes_nothing_away(project: &Project, second: &[Value]) {
    std::fs::write(project.path("text.db"), "no database, but long enough to look like a file".repeat(40))
        .unwrap();
    let run = check(project, SECOND, &["-o", "json", "--history", "text.db"]);
    assert!(
        run.code == 0 && run.err.contains("warning: reading all values from the server and storing none: "),
        "{}",
        run.err
    );
    assert_eq!(rows(&run), second);
}
