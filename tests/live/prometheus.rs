//! The Prometheus source on real servers filled with generated history.

use crate::support::{
    http::http,
    prometheus::{Backfill, Span},
};

const END: i64 = 1_795_000_020;

#[test]
fn both_servers_hold_the_same_history() {
    let day = Span::before(END, 24 * 3600, 60);
    let history = Backfill::default()
        .gauge("temperature", &[("room", "a \"b\"")], day, |at| (at % 3600) as f64 / 60.0)
        .counter("requests_total", &[], day, |_| 2.0)
        .histogram("latency_seconds", &[], day, &[0.1, 0.5], |_| vec![9.0, 3.0, 0.5]);
    let query = format!("/api/v1/query_range?query=temperature&start={}&end={}&step=60", day.from, day.to);
    let (prometheus, victoria_metrics) = (history.prometheus(), history.victoria_metrics());
    for server in [prometheus, victoria_metrics] {
        let (status, answer) = http(server.port, "GET", &query, "");
        assert_eq!(status, 200, "{answer}");
        assert_eq!(answer.matches("],[").count(), 24 * 60, "{answer:.500}");
    }
}
