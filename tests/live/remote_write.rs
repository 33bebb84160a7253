//! Rollups sent on to another store by remote write, and read back from there.

use std::{sync::mpsc, time::Duration};

use chrono::{DateTime, TimeDelta};
use scale_advisor::{
    history::{Range, Store},
    signal::{Signal, catalog},
    snapshot::{Observation, Window},
    source::{self, Past, Request, SampleTime, Search, prometheus::Settings},
};

use crate::{
    check::program::Project,
    support::{
        Server,
        fake::{Fake, Played},
        http::http,
        prometheus::{Backfill, Span},
    },
    timeline::snapshot,
};

/// 9 October 2025, 08:53:40 UTC.
const END: i64 = 1_760_000_020;
const AT: &str = "2025-10-09T08:53:40Z";
const DAY: i64 = 86_400;

/// Records three days of a real server, twice, and reads back from where they were sent.
#[track_caller]
fn comes_back(destination: &Server, flush: impl Fn()) {
    let source = Backfill::default()
        .gauge("websocket_active_connections", &[("job", "app")], Span::before(END, DAY * 5 / 2, 60), |at| {
            ((at / 60) % 977) as f64
        })
        .gauge("redis_memory_used_bytes", &[("instance", "r-1")], Span::before(END, DAY, 60), |at| at as f64)
        .prometheus();
    let project = Project::new(&format!(
        "history = \"history.db\"\n[sources.prometheus]\nurl = \"{}\"\n[remote_write]\nurl = \"{}/api/v1/write\"\n",
        source.url(),
        destination.url()
    ));
    for sent in ["remote write: ", "remote write: 0 hourly rollups sent"] {
        let run = project.run(&format!("record --step 60s --at {AT} --since 3d"));
        assert_eq!(run.code, 0, "{}", run.err);
        assert!(run.err.contains(sent) && !run.err.contains("note: "), "{}", run.err);
    }
    flush();
    let read = read_back(destination);
    let store = Store::read_file(&project.path("history.db")).unwrap();
    // The hour that had not ended is not sent.
    let held = store.hourly(Range { to_ms: (END - END % 3600) * 1000, ..Range::ALL }).unwrap();
    assert!(held.iter().map(|observation| observation.values.len()).sum::<usize>() > 60);
    assert_eq!(read.len(), held.len());
    for (read, held) in read.iter().zip(&held) {
        equal(read, held);
    }
    // The same from another history: the server has it all, and nothing fails.
    std::fs::remove_file(project.path("history.db")).unwrap();
    let run = project.run(&format!("record --step 60s --at {AT} --since 3d"));
    assert_eq!(run.code, 0, "{}", run.err);
    flush();
    assert_eq!(read_back(destination), read);
}

/// The past of every signal as `check` reads it; the server holds nothing but what was sent.
fn read_back(destination: &Server) -> Vec<Observation> {
    let now = DateTime::from_timestamp(END, 0).unwrap();
    let request = Request {
        now,
        window: Window { from: now - TimeDelta::days(1), to: now, step_seconds: 60 },
        past: Some(Past {
            from: now - TimeDelta::days(4),
            signals: catalog().signals().map(Signal::id).collect(),
        }),
        search: Search::No,
        sample: SampleTime::exactly(Duration::ZERO),
        deadline: Duration::from_secs(20),
    };
    let (progress, _listener) = mpsc::channel();
    let settings = Settings::new(&destination.url()).unwrap();
    source::collect(vec![Box::new(settings)], &request, &progress).unwrap().history
}

#[track_caller]
fn equal(read: &Observation, held: &Observation) {
    assert_eq!((read.signal, &read.instance), (held.signal, &held.instance));
    assert_eq!(read.values.at_ms(), held.values.at_ms());
    for (read_value, other) in read.values.values().iter().zip(held.values.values()) {
        assert!((read_value - other).abs() <= other.abs() * 1e-12, "{read_value} and {other}");
    }
}

#[test]
fn a_prometheus_gives_back_what_it_got() {
    let arguments = ["--web.enable-remote-write-receiver"];
    let server = Backfill::default().prometheus_with("scrape_configs: []\n", None, &arguments);
    comes_back(&server, || ());
}

#[test]
fn a_victoria_metrics_gives_back_what_it_got() {
    let server = Backfill::default().victoria_metrics();
    comes_back(&server, || assert_eq!(http(server.port, "GET", "/internal/force_flush", "").0, 200));
}

/// A project that records a snapshot and sends to a server; its sign-in and tenant are set.
fn sending_to(server: &Fake) -> Project {
    let project = Project::new(&format!(
        "[remote_write]\nurl = \"{}/push\"\nbearer_token = \"geheim\"\nheaders = {{ X-Scope-OrgID = \"ops\" }}\n",
        server.url()
    ));
    std::fs::write(project.path("run.json"), snapshot(1500, 1500, 2)).unwrap();
    project
}

#[test]
fn a_server_that_is_busy_is_asked_again_and_gets_everything_once() {
    let server = Fake::start(|_, earlier| match earlier {
        0 => Played::new(503, "text/plain", "wait"),
        _ => Played::new(204, "text/plain", ""),
    });
    let project = sending_to(&server);
    // The reading of the queue belongs to an hour that has not ended.
    for hours in ["remote write: 50 hourly rollups sent", "remote write: 0 hourly rollups sent"] {
        let run = project.run("record --snapshot run.json");
        assert_eq!(run.code, 0, "{}", run.err);
        assert!(run.err.contains(hours), "{}", run.err);
    }
    let asked = server.asked();
    assert_eq!(asked.len(), 2);
    for asked in asked {
        assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/push"));
        for (name, value) in [
            ("content-type", "application/x-protobuf"),
            ("content-encoding", "snappy"),
            ("x-prometheus-remote-write-version", "0.1.0"),
            ("x-scope-orgid", "ops"),
            ("authorization", "Bearer geheim"),
        ] {
            assert_eq!(asked.headers[name], value);
        }
    }
}

#[test]
fn samples_that_are_there_already_fail_no_run_and_are_not_sent_again() {
    let server = Fake::start(|_, _| Played::new(400, "text/plain", "out of order sample \u{1b}[31m"));
    let project = sending_to(&server);
    for times in [1, 1] {
        let run = project.run("record --snapshot run.json");
        assert_eq!(run.code, 0, "{}", run.err);
        assert_eq!(server.asked().len(), times);
        assert!(!run.err.contains('\u{1b}'));
    }
}

#[test]
fn simulated_values_are_not_sent() {
    let server = Fake::start(|_, _| Played::new(204, "text/plain", ""));
    let project = sending_to(&server);
    let text = snapshot(1500, 1500, 2).replacen('{', r#"{"simulated":"made up","#, 1);
    std::fs::write(project.path("run.json"), text).unwrap();
    let run = project.run("record --snapshot run.json");
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.err.contains("simulated values are not sent"), "{}", run.err);
    assert_eq!(server.asked().len(), 0);
}

#[test]
fn what_could_not_be_sent_is_kept_and_sent_by_the_next_run() {
    let server = Fake::start(|_, earlier| match earlier {
        0 => Played::new(404, "text/plain", "404 page not found"),
        _ => Played::new(200, "text/plain", ""),
    });
    let project = sending_to(&server);
    let run = project.run("record --snapshot run.json");
    assert_eq!(run.code, 2, "{}", run.err);
    for words in [
        "recorded in",
        "recorded locally, but remote write to",
        "the next run retries",
        "404",
        "/api/v1/write",
    ] {
        assert!(run.err.contains(words), "{words}: {}", run.err);
    }
    assert!(!run.err.contains("geheim"));
    assert_eq!(project.run("history verify").code, 0);
    let run = project.run("record --snapshot run.json");
    assert!(run.err.contains("remote write: 50 hourly rollups sent"), "{}", run.err);
}
