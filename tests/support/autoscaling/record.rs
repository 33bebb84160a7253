//! What a metrics server and the exporters would have shown of a run, as a snapshot.

use serde_json::{Value, json};

use super::{
    cluster::{CORES, Step},
    traffic::{HOUR, SYNC},
};

/// Monday, 19 October 2026.
const START_MS: i64 = 1_792_368_000_000;
/// The query for the users.
const LOAD: &str = "sum(avg_over_time(active_users[5m]))";

/// A snapshot at the end of a run: its hours, and its last day in five minutes each.
pub(crate) fn snapshot(users: &[f64], steps: &[Step], max: u32) -> Value {
    let day = steps.len() - 24 * HOUR;
    let five_minutes = 300 / SYNC;
    let end = START_MS + ms(steps.len());
    let at = |ms: i64| chrono::DateTime::from_timestamp_millis(ms).unwrap().to_rfc3339();
    json!({
        "schema": "scale-advisor/snapshot/2",
        "taken_at": at(end),
        "tool_version": env!("CARGO_PKG_VERSION"),
        "window": { "from": at(end - 86_400_000), "to": at(end), "step_seconds": 300 },
        "sources": [
            { "source": "prometheus", "address": "http://prometheus:9090", "status": "answered" },
        ],
        "observations": observations(&users[day..], &steps[day..], max, day, five_minutes),
        "history": observations(users, steps, max, 0, HOUR),
        "gaps": [],
        "exhausted": [],
    })
}

fn ms(steps: usize) -> i64 {
    i64::try_from(steps * SYNC * 1000).unwrap()
}

fn observations(users: &[f64], steps: &[Step], max: u32, first: usize, each: usize) -> Value {
    let series = |values: Vec<f64>| {
        let means: Vec<f64> =
            values.chunks_exact(each).map(|part| part.iter().sum::<f64>() / each as f64).collect();
        // A mean stands at the end of what it is of.
        json!({ "from_ms": START_MS + ms(first + each), "step_ms": ms(each), "values": means })
    };
    let of = |value: &dyn Fn(&Step) -> f64| series(steps.iter().map(value).collect());
    let share = "(max by (name) (usage)) / (max by (name) (limit))";
    json!([
        {
            "signal": "users.concurrent",
            "values": series(users.to_vec()),
            "origin": { "source": "prometheus", "query": LOAD },
        },
        {
            "signal": "k8s.replicas",
            "instance": "shop/api",
            "values": of(&|step| f64::from(step.replicas) / f64::from(max)),
            "limit": { "value": f64::from(max), "unit": "count" },
            "origin": { "source": "prometheus", "query": share },
        },
        {
            "signal": "container.cpu",
            "instance": "shop/api/server",
            "values": of(&|step| step.cpu),
            "limit": { "value": f64::from(CORES), "unit": "count" },
            "origin": { "source": "prometheus", "query": share },
        },
    ])
}
