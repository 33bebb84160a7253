//! Scenes for the roadmaps of particular stacks: one for each phase, each with another resource that runs out.

use scale_advisor::signal::Unit::{Bytes, Count};

use super::{
    generate::{GIB, calm, connections, postgres, redis},
    scene::Scene,
};

pub(crate) fn scenes() -> Vec<(&'static str, Scene)> {
    [models(), sockets(), agents(), saas(), chats(), services()].into_iter().flatten().collect()
}

/// A service with language models on Kubernetes, all of it in order; the stores come after it.
fn cluster(registered: f64, replicas: f64) -> Scene {
    let scene = calm(96.0).without("users.concurrent");
    let scene = scene.all_steady(&[
        ("users.registered", registered),
        ("llm.calls", 2.0),
        ("llm.tokens", 900.0),
        ("llm.latency", 4.0),
    ]);
    let scene = scene.steady("container.memory", 0.6).of("app/backend").out_of(GIB, Bytes);
    let scene = scene.steady("container.cpu_throttled", 0.02).of("app/backend");
    let scene = scene.steady("k8s.replicas", replicas / 20.0).of("app/backend").out_of(20.0, Count);
    scene.steady("k8s.replicas", 0.3).of("app/frontend").out_of(10.0, Count)
}

/// PostgreSQL and Redis at rest.
fn stores(scene: Scene, used: f64, query_time: f64) -> Scene {
    redis(connections(postgres(scene, query_time), used), 0.94, 0.0)
        .spot("redis.memory", 0.4)
        .out_of(2.0 * GIB, Bytes)
        .with("maxmemory_policy", "allkeys-lru")
        .with("limit", "maxmemory")
}

fn models() -> Vec<(&'static str, Scene)> {
    vec![
        ("models-phase-1", stores(cluster(4200.0, 5.0), 31.0, 0.02)),
        (
            "models-phase-1-estimated",
            stores(
                cluster(0.0, 7.0).without("users.registered").steady("users.concurrent", 450.0),
                31.0,
                0.02,
            ),
        ),
        ("models-phase-2-replicas-at-maximum", stores(cluster(32_000.0, 20.0), 44.0, 0.03)),
        ("models-phase-3-slow-histories", stores(cluster(62_000.0, 15.0), 52.0, 1.4)),
        ("models-phase-1-spent-budget", {
            let scene = cluster(4200.0, 5.0).steady("llm.budget", 0.97).of("search").out_of(1000.0, Count);
            stores(scene, 31.0, 0.02)
        }),
        ("models-phase-2-full-volume", {
            let scene = cluster(24_000.0, 9.0).spot("k8s.volume", 0.96).of("ai/chroma-data");
            stores(scene.out_of(100.0 * GIB, Bytes), 44.0, 0.03)
        }),
    ]
}

/// A chat with its MongoDB and its backups, all of it in order.
fn chat(users: f64, servers: f64) -> Scene {
    let scene = calm(users).all_steady(&[
        ("messages.rate", users / 10.0),
        ("messages.latency", 0.05),
        ("node.cpu", 0.4),
        ("node.event_loop_lag", 0.01),
        ("node.heap", 0.6),
    ]);
    let scene = scene.steady("websocket.connections", users / servers).of("server-1:5000");
    let scene = scene.all_spots(&[
        ("mongo.operation_latency", 0.03),
        ("mongo.cache", 0.72),
        ("mongo.replication_lag", 0.5),
        ("backup.age", 180.0),
    ]);
    scene.spot("mongo.connections", 0.15).out_of(1500.0, Count)
}

fn sockets() -> Vec<(&'static str, Scene)> {
    let behind = |minute: i64| (minute - 20).max(0) as f64 * 300.0;
    vec![
        ("sockets-phase-1-full-memory", chat(900.0, 1.0).replace("host.memory", |_| 0.96)),
        ("sockets-phase-1-old-backup", chat(420.0, 1.0).without("backup.age").spot("backup.age", 200_000.0)),
        (
            "sockets-phase-2-slow-database",
            chat(6000.0, 3.0).without("mongo.operation_latency").steady("mongo.operation_latency", 0.18),
        ),
        (
            "sockets-phase-3-consumers-behind",
            chat(30_000.0, 12.0).minutes("broker.ready", behind).of("messages"),
        ),
        (
            "sockets-phase-3-full-broker",
            chat(30_000.0, 12.0).steady("broker.memory", 0.97).of("mq-1:15692").out_of(3.0 * GIB, Bytes),
        ),
        ("sockets-phase-4", chat(144_000.0, 40.0)),
    ]
}

/// A platform for agents on Node.js with queues, all of it in order; the stores come after it.
fn platform(users: f64, servers: f64, pooled: f64) -> Scene {
    let scene =
        calm(users).all_steady(&[("node.cpu", 0.4), ("node.event_loop_lag", 0.01), ("node.heap", 0.6)]);
    let scene = scene.steady("websocket.connections", users / servers).of("app-1:5000");
    scene.spot("app.pool", pooled / 50.0).out_of(50.0, Count)
}

/// Jobs that pile up while no worker takes any.
fn stuck(scene: Scene) -> Scene {
    let scene = scene.minutes("queue.depth", |minute| minute as f64 * 5.0).of("document-processing");
    let scene = scene.minutes("queue.oldest_age", |minute| minute as f64 * 60.0).of("document-processing");
    scene
        .all_spots(&[("queue.job_duration", 3.0), ("queue.failed", 40.0), ("workers.failures", 0.0)])
        .spot("workers.utilization", 0.0)
        .out_of(4.0, Count)
}

fn quiet(scene: Scene) -> Scene {
    let scene = scene.spot("queue.depth", 2.0).of("document-processing");
    let scene = scene.all_spots(&[
        ("queue.oldest_age", 4.0),
        ("queue.job_duration", 3.0),
        ("queue.failed", 12.0),
        ("workers.failures", 0.0),
    ]);
    scene.spot("workers.utilization", 0.5).out_of(4.0, Count)
}

fn agents() -> Vec<(&'static str, Scene)> {
    vec![
        ("agents-phase-1-pool-exhausted", stores(quiet(platform(84.0, 1.0, 50.0)), 54.0, 0.02)),
        ("agents-phase-2-slow-statement", stores(quiet(platform(300.0, 1.0, 21.0)), 40.0, 1.8)),
        ("agents-phase-3-jobs-stuck", stores(stuck(platform(1200.0, 3.0, 12.0)), 60.0, 0.02)),
        ("agents-phase-4", stores(quiet(platform(4200.0, 8.0, 8.0)), 60.0, 0.02)),
    ]
}

/// A product with a vector database, all of it in order, on two large PostgreSQL connection pools.
fn product(registered: f64, used: f64) -> Scene {
    let scene = calm(registered / 10.0).without("users.concurrent");
    let scene = scene.all_steady(&[
        ("users.registered", registered),
        ("node.cpu", 0.4),
        ("node.event_loop_lag", 0.01),
    ]);
    let scene = scene.all_spots(&[
        ("node.heap", 0.6),
        ("vector.searches", 1.0),
        ("vector.search_latency", 0.08),
        ("app.availability", 0.9995),
    ]);
    let scene = scene.spot("container.memory", 0.5).of("app/backend").out_of(GIB, Bytes);
    stores(scene, used, 0.02)
}

fn saas() -> Vec<(&'static str, Scene)> {
    let slow = product(1700.0, 50.0).without("vector.search_latency");
    vec![
        ("saas-milestone-500-connections", product(430.0, 92.0).spot("vector.memory", 0.6 * GIB)),
        (
            "saas-milestone-2000-vector-search",
            slow.steady("vector.search_latency", 6.0).spot("vector.memory", 8.5 * GIB),
        ),
        (
            "saas-milestone-5000-cache",
            redis(
                product(4300.0, 60.0)
                    .without("redis.memory")
                    .without("redis.hit_ratio")
                    .without("redis.evictions"),
                0.52,
                30.0,
            )
            .spot("redis.memory", 0.998)
            .out_of(2.0 * GIB, Bytes)
            .with("maxmemory_policy", "allkeys-lru")
            .with("limit", "maxmemory"),
        ),
        (
            "saas-milestone-10000-event-loop",
            product(8600.0, 60.0).replace("node.cpu", |_| 0.93).replace("node.event_loop_lag", |_| 0.16),
        ),
        (
            "saas-milestone-20000-memory",
            product(18_000.0, 40.0).replace("container.memory", |_| 0.97).spot("vector.memory", 3.0 * GIB),
        ),
        (
            "saas-vectors-outgrow-memory",
            product(1200.0, 40.0)
                .spot("vector.points", 950_000.0)
                .of("qdrant-1:6333")
                .spot("vector.memory", 6.2 * GIB)
                .of("qdrant-1:6333")
                .spot("vector.memory_needed", 950_000.0 * 1536.0 * 4.0 * 1.5)
                .of("qdrant-1:6333"),
        ),
        ("saas-phase-4", product(14_000.0, 40.0).spot("vector.memory", 3.0 * GIB)),
    ]
}

/// The chat with queues at a number of users, with everything that its conditions ask for.
fn queued(users: f64) -> Scene {
    let scene = calm(users).spot("queue.depth", 12.0).of("intent");
    let scene = scene.all_spots(&[
        ("queue.oldest_age", 4.0),
        ("queue.job_duration", 1.2),
        ("queue.failed", 3.0),
        ("workers.failures", 0.0),
    ]);
    scene.spot("workers.utilization", 0.7).out_of(10.0, Count)
}

fn chats() -> Vec<(&'static str, Scene)> {
    vec![
        ("chat-phase-1", stores(queued(48.0), 12.0, 0.02)),
        ("chat-phase-1-prepare-2", stores(queued(84.0), 20.0, 0.02)),
        ("chat-phase-3", stores(queued(900.0), 60.0, 0.02)),
        ("chat-phase-4", stores(queued(3200.0), 60.0, 0.02)),
        ("chat-phase-5", stores(queued(14_000.0), 60.0, 0.02)),
    ]
}

fn services() -> Vec<(&'static str, Scene)> {
    vec![
        ("service-phase-2-prepare-3", calm(430.0)),
        ("service-phase-4", calm(3600.0).replace("http.errors", |_| 0.02)),
        ("service-phase-5", calm(12_000.0)),
    ]
}
