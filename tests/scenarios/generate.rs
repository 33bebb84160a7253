//! The snapshots of the scenarios. `UPDATE=1` writes them; a folder with a snapshot of another origin is fine.

use std::sync::Once;

use scale_advisor::{
    signal::Unit::{Bytes, Count},
    snapshot::Reason,
};

use super::{
    compare, folder, roadmaps,
    scene::{Scene, scene},
    zones,
};

pub(crate) const GIB: f64 = 1_073_741_824.0;

/// A service that answers quickly on a machine with room to spare.
pub(crate) fn calm(users: f64) -> Scene {
    scene().prometheus().all_steady(&[
        ("users.concurrent", users),
        ("http.requests", users / 6.0),
        ("http.latency", 0.12),
        ("http.latency_p50", 0.04),
        ("http.latency_p99", 0.19),
        ("http.errors", 0.001),
        ("host.cpu", 0.35),
        ("host.memory", 0.5),
        ("host.disk_space", 0.4),
        ("host.disk_io", 0.1),
        ("host.network", 2_000_000.0),
    ])
}

/// A PostgreSQL server at rest, read directly: connections apart.
pub(crate) fn postgres(scene: Scene, query_time: f64) -> Scene {
    let scene = scene.source("postgres", "postgres://127.0.0.1:5432/app", "PostgreSQL 15.14").all_spots(&[
        ("postgres.active", 12.0),
        ("postgres.idle_in_transaction", 1.0),
        ("postgres.cache_hit", 0.993),
        ("postgres.lock_waiters", 0.0),
        ("postgres.longest_transaction", 2.0),
        ("postgres.deadlocks", 0.0),
        ("postgres.temp_bytes", 0.0),
        ("postgres.database_size", 6.0 * GIB),
        ("postgres.wraparound", 0.05),
        ("postgres.query_time", query_time),
    ]);
    scene.gap(
        "postgres.replication_lag",
        Reason::NotApplicable,
        "no standby is connected to this server",
        None,
    )
}

pub(crate) fn connections(scene: Scene, used: f64) -> Scene {
    scene.spot("postgres.connections", used / 97.0).out_of(97.0, Count)
}

/// A Redis server, read directly, whose memory and effects differ.
pub(crate) fn redis(scene: Scene, hit_ratio: f64, evictions: f64) -> Scene {
    scene.source("redis", "redis://127.0.0.1:6379", "Redis 7.0.15").all_spots(&[
        ("redis.hit_ratio", hit_ratio),
        ("redis.evictions", evictions),
        ("redis.clients", 0.02),
        ("redis.ops", 900.0),
        ("redis.blocked_clients", 8.0),
        ("redis.fragmentation", 1.2),
        ("redis.rejected_connections", 0.0),
    ])
}

fn full_cache(hit_ratio: f64, evictions: f64) -> Scene {
    redis(calm(240.0), hit_ratio, evictions)
        .spot("redis.memory", 0.998)
        .out_of(2.0 * GIB, Bytes)
        .with("maxmemory_policy", "allkeys-lru")
        .with("limit", "maxmemory")
}

/// Two queues with workers: mail is quick, intent is whatever it is.
fn queues(scene: Scene, intent: impl Fn(i64) -> f64) -> Scene {
    let scene = scene.steady("queue.depth", 3.0).of("mail").minutes("queue.depth", intent).of("intent");
    let scene = scene.steady("workers.utilization", 0.72).out_of(25.0, Count);
    let scene = scene.steady("workers.failures", 0.0).of("mail").steady("workers.failures", 0.0).of("intent");
    let scene =
        scene.steady("queue.oldest_age", 1.0).of("mail").steady("queue.oldest_age", 20.0).of("intent");
    let scene =
        scene.steady("queue.job_duration", 0.8).of("mail").steady("queue.job_duration", 1.6).of("intent");
    scene.steady("queue.failed", 12.0).of("intent")
}

/// Grows by twenty jobs a minute after half an hour.
fn falling_behind(minute: i64) -> f64 {
    (minute - 30).max(0) as f64 * 20.0
}

fn scenes() -> Vec<(&'static str, Scene)> {
    let refused = "too many clients already (SQLSTATE 53300)";
    let cpu = |minute: i64| if (100..=120).contains(&minute) { 0.93 } else { 0.35 };
    vec![
        ("healthy", calm(60.0)),
        ("connections-90-percent", connections(postgres(calm(342.0), 0.02), 89.0)),
        (
            "connections-refused",
            calm(342.0)
                .failed("postgres", "postgres://127.0.0.1:5432/app", Reason::Full, refused)
                .full("postgres.connections", refused),
        ),
        (
            "slow-statement",
            connections(postgres(calm(120.0), 1.8), 31.0).note("statements of other accounts are hidden"),
        ),
        ("redis-evicting", full_cache(0.42, 35.0)),
        ("redis-cache-by-design", full_cache(0.97, 0.4)),
        ("queue-behind", queues(calm(260.0), falling_behind)),
        ("cpu-20-minutes", calm(60.0).replace("host.cpu", cpu)),
        ("latency-symptom-only", calm(60.0).replace("http.latency", |_| 3.0)),
        (
            "everything-unknown",
            scene()
                .failed("prometheus", "http://127.0.0.1:9", Reason::Unreachable, "connection refused")
                .failed("postgres", "postgres://127.0.0.1:9", Reason::TimedOut, "no answer within 30 s")
                .failed("redis", "redis://127.0.0.1:9", Reason::SignInRefused, "WRONGPASS"),
        ),
        ("no-load", calm(0.0).without("users.concurrent").without("http.requests")),
        ("load-from-requests", calm(420.0).without("users.concurrent")),
        ("phase-border", calm(455.0)),
        (
            "all-clear-but-gaps",
            calm(60.0).without("http.errors").without("host.disk_space").gap(
                "http.errors",
                Reason::Stopped,
                "http_requests_total ended at 15:10",
                Some("is the exporter running?"),
            ),
        ),
        (
            "maxmemory-zero",
            redis(calm(60.0), 0.97, 0.0)
                .spot("redis.memory", 0.88)
                .out_of(16.0 * GIB, Bytes)
                .with("maxmemory_policy", "allkeys-lru")
                .with("limit", "host memory")
                .note("maxmemory is 0, which is no limit: measured against the machine's memory"),
        ),
        (
            "clamped-connections",
            calm(342.0)
                .minutes("postgres.connections", |minute| if minute < 40 { 0.6 } else { 1.0 })
                .of("db:9187")
                .out_of(97.0, Count),
        ),
    ]
}

/// Writes the snapshots when asked to, before anything reads them.
pub(crate) fn update() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if std::env::var_os("UPDATE").is_some() {
            compare_all();
        }
    });
}

fn compare_all() -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, scene) in scenes().into_iter().chain(roadmaps::scenes()).chain(zones::scenes()) {
        let text = scene.snapshot().to_json();
        assert!(text.len() < 20_000, "{name}: {} bytes are too many to read", text.len());
        compare(&folder().join(name).join("snapshot.json"), &text, &mut wrong);
    }
    wrong
}

#[test]
fn the_snapshots_are_those_of_this_file() {
    update();
    let wrong = compare_all();
    assert!(wrong.is_empty(), "{}\nUPDATE=1 rewrites them", wrong.join("\n"));
}
