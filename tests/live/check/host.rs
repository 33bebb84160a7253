//! A machine without CPU to spare, in the history of a Prometheus-compatible server.

use super::{
    history::{AT, END, day, host},
    program::{Expected, Judged, Project},
};
use crate::support::{Server, prometheus::Backfill};

/// One machine whose CPU has been busy for some minutes.
fn busy_for(minutes: i64) -> Backfill {
    let busy = move |at| at > END - minutes * 60;
    let history = host(Backfill::default(), "app-1:9100", day(), move |at| if busy(at) { 0.97 } else { 0.3 });
    host(history, "app-2:9100", day(), |_| 0.3)
}

fn check(server: &Server) -> Judged {
    let absent = "absent = [\"users\", \"http\", \"queue\", \"node\", \"postgres\", \"redis\"]";
    let url = server.url();
    Project::new(&format!("{absent}\n[sources.prometheus]\nurl = \"{url}\"")).check(AT)
}

#[track_caller]
fn expect_twenty_minutes(judged: &Judged) {
    judged.expect(&Expected {
        verdict: "critical",
        resource: "host.cpu",
        instance: Some("app-1:9100"),
        now: (0.96, 0.98),
        limit: 1.0,
        headline: "CPU of app-1:9100",
    });
    let alert = judged.finding("alert:cpu-warning");
    assert_eq!((&alert["verdict"], &alert["instance"]), (&"warning".into(), &"app-1:9100".into()));
    assert!(alert["sustained"]["longest_seconds"].as_f64().unwrap() >= 900.0, "{alert:#}");
}

#[test]
fn twenty_minutes_above_the_limit_are_found() {
    expect_twenty_minutes(&check(&busy_for(20).prometheus()));
}

#[test]
fn victoria_metrics_gives_the_same_verdict() {
    expect_twenty_minutes(&check(&busy_for(20).victoria_metrics()));
}

#[test]
fn four_minutes_above_the_limit_are_not() {
    let judged = check(&busy_for(4).prometheus());
    let next = judged.part("/next_bottleneck");
    assert_eq!(
        (&next["resource"], &next["state"]),
        (&"host.cpu".into(), &"pending".into()),
        "{}",
        judged.page
    );
    let alert = judged.finding("alert:cpu-warning");
    assert_eq!((&alert["verdict"], &alert["state"]), (&"unknown".into(), &"pending".into()));
    assert!(alert["value"]["value"].as_f64().unwrap() > 0.8, "{alert:#}");
}
