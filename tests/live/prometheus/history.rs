//! What the catalogue's queries give on real servers, and what is said when they give nothing.

use scale_advisor::{
    signal::{Quantity, Unit},
    snapshot::{Reason, SourceResult},
    source::prometheus::Settings,
};

use super::{DAY, END, gap, observation, observations, read, signal};
use crate::support::prometheus::{Backfill, Span};

fn settings(url: &str) -> Settings {
    Settings::new(url).unwrap()
}

fn day() -> Span {
    Span::before(END, DAY, 60)
}

/// Two databases, one of them nearly full.
fn databases() -> Backfill {
    let mut history = Backfill::default();
    for (instance, used) in [("db-1", 87.0), ("db-2", 12.0)] {
        let labels = [("instance", instance)];
        history = history
            .gauge("pg_stat_activity_count", &[("instance", instance), ("state", "active")], day(), |_| used)
            .gauge("pg_stat_activity_count", &[("instance", instance), ("state", "idle")], day(), |_| 5.0)
            .gauge("pg_settings_max_connections", &labels, day(), |_| 100.0)
            .gauge("pg_settings_superuser_reserved_connections", &labels, day(), |_| 3.0);
    }
    history
}

/// Reads from both kinds of server and insists that they give the same.
fn read_both(history: &Backfill, adjust: impl Fn(&mut Settings)) -> SourceResult {
    let (prometheus, victoria_metrics) = (history.prometheus(), history.victoria_metrics());
    let [first, second] = [prometheus.url(), victoria_metrics.url()].map(|url| {
        let mut settings = settings(&url);
        adjust(&mut settings);
        read(&settings)
    });
    // Compared without printing them, which would take thousands of lines.
    assert!(first.observations == second.observations, "the servers' observations differ");
    let reasons =
        |reading: &SourceResult| reading.gaps.iter().map(|gap| (gap.signal, gap.reason)).collect::<Vec<_>>();
    assert_eq!(reasons(&first), reasons(&second));
    assert!(first.report.version.as_ref().unwrap().starts_with("Prometheus 2."), "{:?}", first.report);
    assert_eq!(second.report.version.as_deref(), Some("VictoriaMetrics or compatible"));
    first
}

#[test]
fn each_instance_has_its_observation_with_the_whole() {
    let reading = read_both(&databases(), |_| {});
    let found = observations(&reading, "postgres.connections");
    let told: Vec<_> = found.iter().map(|found| (found.instance.as_deref(), found.values.last().1)).collect();
    assert_eq!(told, [(Some("db-1"), 92.0 / 97.0), (Some("db-2"), 17.0 / 97.0)]);
    for observation in found {
        assert_eq!(observation.capacity(), Quantity::new(97.0, Unit::Count));
        assert_eq!(observation.attributes["exporter"], "postgres_exporter");
        assert!(observation.origin.query.contains("pg_settings_max_connections"));
        assert_eq!((observation.values.len(), observation.values.step_ms()), (1441, 60_000));
    }
}

#[test]
fn several_series_are_reduced_only_where_the_catalogue_says_so() {
    let late = Span { from: END - DAY / 2, ..day() };
    let history = Backfill::default()
        .gauge("sessions", &[("pod", "a"), ("zone", "x")], day(), |_| 40.0)
        .gauge("sessions", &[("pod", "b"), ("zone", "x")], late, |_| 2.0);
    let reading = read_both(&history, |settings| {
        settings.bindings.insert(signal("users.concurrent"), "sessions".into());
        settings.bindings.insert(signal("http.latency"), "sessions".into());
    });
    let users = observation(&reading, "users.concurrent").values.values();
    assert_eq!((users.len(), users[0], users[1440]), (1441, 40.0, 42.0));
    let latency = gap(&reading, "http.latency");
    assert_eq!(latency.reason, Reason::SeveralSeries);
    assert!(latency.detail.contains("2 series") && latency.detail.ends_with("pod (a, b)"), "{latency:?}");
}

#[test]
fn what_stopped_is_told_with_its_time() {
    let stopped = Span { to: END - 2 * 3600, ..day() };
    let long_ago = Span::before(END - 20 * DAY, 2 * DAY, 60);
    let history = Backfill::default()
        .gauge("websocket_active_connections", &[], stopped, |_| 40.0)
        .gauge("redis_blocked_clients", &[("instance", "cache")], long_ago, |_| 1.0)
        .gauge("redis_blocked_clients_anchor", &[], day(), |_| 1.0);
    let reading = read_both(&history, |_| {});
    let users = gap(&reading, "users.concurrent");
    // The server repeats the last sample for up to five minutes.
    assert_eq!(users.reason, Reason::Stopped);
    assert!(users.detail.contains("2026-11-18") && users.detail.contains("UTC"), "{users:?}");
    let blocked = gap(&reading, "redis.blocked_clients");
    assert_eq!(blocked.reason, Reason::Stopped);
    assert!(
        blocked.detail.contains("redis_blocked_clients: the newest sample is of 2026-10-29"),
        "{blocked:?}"
    );
}

#[test]
fn one_stopped_instance_leaves_the_others() {
    let stopped = Span { to: END - 2 * 3600, ..day() };
    let history = Backfill::default()
        .gauge("redis_blocked_clients", &[("instance", "a")], stopped, |_| 1.0)
        .gauge("redis_blocked_clients", &[("instance", "b")], day(), |_| 2.0);
    let reading = read_both(&history, |_| {});
    assert_eq!(observation(&reading, "redis.blocked_clients").instance.as_deref(), Some("b"));
    assert!(
        reading.report.notes.iter().any(|note| note.starts_with("redis.blocked_clients of a: the newest"))
    );
}

#[test]
fn what_never_existed_is_told_with_what_would_help() {
    let reading = read(&settings(&databases().prometheus().url()));
    let users = gap(&reading, "users.concurrent");
    assert_eq!(users.reason, Reason::NeverExisted);
    assert!(users.detail.contains("socket_io_connected"), "{users:?}");
    assert!(users.hint.as_ref().unwrap().contains("[signals.\"users.concurrent\"]"), "{users:?}");
}

#[test]
fn labels_that_do_not_fit_are_listed() {
    let history = Backfill::default().counter(
        "node_cpu_seconds_total",
        &[("cpu", "0"), ("mode", "user")],
        day(),
        |_| 0.5,
    );
    let reading = read_both(&history, |_| {});
    let cpu = gap(&reading, "host.cpu");
    assert_eq!(cpu.reason, Reason::LabelMismatch);
    assert!(cpu.detail.contains("cpu (0), mode (user)"), "{cpu:?}");
}

#[test]
fn samples_that_are_no_numbers_are_left_out_and_counted() {
    let history = Backfill::default()
        .gauge("some", &[], day(), |at| if at == END - 600 { f64::NAN } else { 3.0 })
        .gauge("all", &[], day(), |_| f64::INFINITY);
    let server = history.prometheus();
    let mut settings = settings(&server.url());
    settings.bindings.insert(signal("users.concurrent"), "some".into());
    settings.bindings.insert(signal("http.latency"), "all".into());
    let reading = read(&settings);
    let some = observation(&reading, "users.concurrent");
    assert_eq!(some.values.len(), 1440);
    assert_eq!(some.notes, ["left out as NaN or infinite: 1 of 1441 samples"]);
    assert_eq!(gap(&reading, "http.latency").reason, Reason::NotFinite);
}

#[test]
fn a_window_before_the_first_sample_is_noted() {
    let half = Span { from: END - DAY / 2, ..day() };
    let server = Backfill::default().gauge("websocket_active_connections", &[], half, |_| 40.0).prometheus();
    let reading = read(&settings(&server.url()));
    let notes = &observation(&reading, "users.concurrent").notes;
    assert!(notes.len() == 1 && notes[0].starts_with("samples begin 2026-11-17"), "{notes:?}");
}

#[test]
fn a_quantile_in_the_highest_bucket_is_only_a_lower_bound() {
    let slow = |at| if at > END - 3600 { vec![1.0, 1.0, 9.0] } else { vec![9.0, 1.0, 0.0] };
    let history = Backfill::default().histogram(
        "http_request_duration_seconds",
        &[("job", "app")],
        day(),
        &[0.1, 0.5],
        slow,
    );
    let reading = read(&settings(&history.prometheus().url()));
    let latency = observation(&reading, "http.latency");
    assert_eq!(latency.values.last(), (END * 1000, 0.5));
    assert_eq!(latency.attributes["at_highest_bucket"], "0.5");
    assert!(latency.notes[0].contains("at least 500 ms"), "{:?}", latency.notes);
}

#[test]
fn spend_that_two_jobs_read_from_one_address_counts_once() {
    let mut history = Backfill::default();
    // Two processes, one of them scraped by two jobs; $10 a day by each of two keys.
    for (job, instance) in [("litellm", "a:4000"), ("pods", "a:4000"), ("litellm", "b:4000")] {
        for key in ["key-1", "key-2"] {
            let labels = [
                ("job", job),
                ("instance", instance),
                ("model", "gpt-4o"),
                ("team", "id-1"),
                ("team_alias", "search"),
                ("hashed_api_key", key),
            ];
            history = history.counter("litellm_spend_metric_total", &labels, day(), |_| 10.0 / DAY as f64);
        }
    }
    let server = history.prometheus();
    let reading = read(&settings(&server.url()));
    let (_, a_day) = observation(&reading, "llm.spend").values.last();
    assert!((a_day - 40.0).abs() < 0.8, "{a_day}");
}

#[test]
fn a_path_before_the_api_is_kept() {
    let server = databases().prometheus_with(
        "",
        None,
        &["--web.route-prefix=/prom", "--web.external-url=http://x/prom"],
    );
    let reading = read(&settings(&format!("{}/prom/", server.url())));
    assert_eq!(observations(&reading, "postgres.connections").len(), 2);
    let reading = read(&settings(&server.url()));
    assert_eq!(gap(&reading, "postgres.connections").reason, Reason::UnexpectedReply);
}
