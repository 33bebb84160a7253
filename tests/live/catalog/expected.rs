//! What the catalogue should find in each set of exporters, and the values it should read.
//!
//! Counters grow each second by a hundredth of what was recorded, so the rate of a counter is a hundredth
//! of it. Every exporter is scraped as two instances: sums over all instances are twice the recorded ones.

use super::{exporter::Exporter, stacks};

/// What one signal should give.
pub(super) struct Row {
    /// The signal.
    pub(super) signal: &'static str,
    /// Which of its candidates is chosen, counted from 0.
    pub(super) candidate: usize,
    /// The values by instance; empty when the exporter cannot tell.
    pub(super) values: Vec<(String, f64)>,
    /// The whole, for a share.
    pub(super) capacity: Option<f64>,
}

impl Row {
    pub(super) fn of(mut self, capacity: f64) -> Self {
        self.capacity = Some(capacity);
        self
    }

    /// For instances that carry more than the name of the scraped address.
    fn at(mut self, place: &str) -> Self {
        self.values.iter_mut().for_each(|(instance, _)| *instance = format!("{instance} {place}"));
        self
    }
}

pub(super) fn row(signal: &'static str, candidate: usize, values: &[(&str, f64)]) -> Row {
    let values = values.iter().map(|(instance, value)| ((*instance).to_owned(), *value)).collect();
    Row { signal, candidate, values, capacity: None }
}

/// One value for everything together.
pub(super) fn all(signal: &'static str, candidate: usize, value: f64) -> Row {
    row(signal, candidate, &[("", value)])
}

/// The same value for both instances of a job.
pub(super) fn each(job: &str, signal: &'static str, candidate: usize, value: f64) -> Row {
    row(signal, candidate, &[(&format!("{job}-1"), value), (&format!("{job}-2"), value)])
}

/// A set of exporters that are scraped together.
pub(super) struct Scene {
    /// What is scraped.
    pub(super) exporters: Vec<Exporter>,
    /// Everything that should be found, and nothing else.
    pub(super) rows: Vec<Row>,
}

/// All scenes; together they exercise every candidate.
pub(super) fn all_scenes() -> Vec<Scene> {
    let mut scenes =
        vec![servers(), newer_servers(), node_application(), spring_application(), ingress(), collector()];
    scenes.extend(stacks::all());
    scenes
}

/// The servers as Debian 12 has them, and a FastAPI application.
pub(super) fn servers() -> Scene {
    let exporters = vec![
        Exporter::recorded("node", "node_exporter_1.5.0.metrics.txt"),
        Exporter::recorded("postgres", "postgres_exporter_0.11.1_pg15.metrics.txt"),
        Exporter::recorded("redis", "redis_exporter_1.45_redis7.0.metrics.txt"),
        Exporter::recorded("api", "fastapi_instrumentator_8.1.metrics.txt"),
    ];
    let rows = vec![
        each("node", "host.cpu", 0, 0.698_521).of(2.0),
        each("node", "host.memory", 0, 0.046_021).of(25_276_502_016.0),
        each("node", "host.disk_space", 0, 0.207_394).of(97_572_749_312.0).at("/"),
        each("node", "host.disk_io", 0, 0.185_72).at("vda"),
        each("node", "host.network", 0, 13_327_158.62),
        each("node", "host.entropy", 0, 256.0),
        each("postgres", "postgres.connections", 0, 2.0 / 17.0).of(17.0),
        each("postgres", "postgres.active", 0, 1.0),
        each("postgres", "postgres.idle_in_transaction", 0, 0.0),
        each("postgres", "postgres.cache_hit", 0, 4696.0 / 5011.0),
        row("postgres.lock_waiters", 0, &[]), // this version does not export wait events
        each("postgres", "postgres.longest_transaction", 0, 0.0),
        each("postgres", "postgres.deadlocks", 0, 0.0),
        each("postgres", "postgres.temp_bytes", 0, 0.0),
        each("postgres", "postgres.database_size", 0, 126_150_518.0),
        each("redis", "redis.memory", 1, 0.053_942).of(67_108_864.0),
        each("redis", "redis.hit_ratio", 0, 861.0 / 1150.0),
        each("redis", "redis.evictions", 0, 0.0),
        each("redis", "redis.clients", 0, 0.001).of(1000.0),
        each("redis", "redis.ops", 0, 35.13),
        each("redis", "redis.blocked_clients", 0, 0.0),
        each("redis", "redis.fragmentation", 0, 4.27),
        each("redis", "redis.rejected_connections", 0, 0.06),
        row("queue.depth", 3, &[("mail", 3.0)]),
        all("http.requests", 0, 0.10),
        all("http.errors", 0, 0.20),
        all("http.latency", 0, 0.043_75),
        all("http.latency_p50", 0, 0.006_25),
        all("http.latency_p99", 0, 0.048_75),
    ];
    Scene { exporters, rows }
}

/// Newer exporters, and applications written for OpenTelemetry, Sidekiq, socket.io and an old prom-client.
pub(super) fn newer_servers() -> Scene {
    let exporters = vec![
        Exporter::recorded("postgres", "postgres_exporter_0.20.1_pg17-from-documentation.txt"),
        Exporter::recorded("redis", "redis_exporter_1.88-from-documentation.txt"),
        Exporter::recorded("api", "opentelemetry_js_0.301.metrics.txt"),
        Exporter::recorded("jobs", "sidekiq_prometheus_exporter_0.2-from-documentation.txt"),
        Exporter::recorded("chat", "socket_io_prometheus-from-documentation.txt"),
        Exporter::recorded("old", "prom_client_11-from-documentation.txt"),
    ];
    let rows = vec![
        each("postgres", "postgres.connections", 0, 70.0 / 95.0).of(95.0),
        each("postgres", "postgres.active", 0, 7.0),
        each("postgres", "postgres.idle_in_transaction", 0, 3.0),
        each("postgres", "postgres.query_time", 0, 0.7), // a slower one is called too seldom
        each("postgres", "postgres.cache_hit", 0, 10.0 / 11.0),
        each("postgres", "postgres.lock_waiters", 0, 2.0),
        each("postgres", "postgres.longest_transaction", 0, 340.25),
        each("postgres", "postgres.replication_lag", 0, 4.5),
        each("postgres", "postgres.deadlocks", 0, 0.2),
        each("postgres", "postgres.temp_bytes", 0, 50_000.0),
        each("postgres", "postgres.database_size", 0, 96_042_858.0),
        each("postgres", "postgres.wraparound", 0, 0.25),
        each("redis", "redis.memory", 0, 0.075).of(8e9), // no maxmemory: of the machine's memory
        each("redis", "redis.hit_ratio", 0, 0.625),
        each("redis", "redis.evictions", 0, 7.0),
        each("redis", "redis.clients", 1, 0.8).of(1000.0),
        each("redis", "redis.ops", 0, 900.0),
        each("redis", "redis.blocked_clients", 0, 12.0),
        each("redis", "redis.fragmentation", 0, 1.1),
        each("redis", "redis.rejected_connections", 0, 0.4),
        all("http.requests", 2, 0.06),
        all("http.errors", 2, 1.0 / 3.0),
        all("http.latency", 2, 0.024_25),
        all("http.latency_p50", 2, 0.0175),
        all("http.latency_p99", 2, 0.024_85),
        row("queue.depth", 1, &[("default", 6.0), ("mail", 1.0)]),
        row("queue.oldest_age", 0, &[("default", 24.321), ("mail", 2.5)]),
        all("workers.utilization", 0, 0.75).of(64.0),
        all("workers.failures", 1, 4.0),
        all("users.concurrent", 1, 340.0),
        each("chat", "websocket.connections", 1, 170.0),
        all("messages.rate", 1, 20.0),
        each("old", "node.cpu", 0, 0.4),
        each("old", "node.event_loop_lag", 1, 0.012),
        each("old", "node.heap", 0, 0.75).of(4e7),
    ];
    Scene { exporters, rows }
}

/// A Node.js application with a WebSocket gauge and BullMQ on Kubernetes.
pub(super) fn node_application() -> Scene {
    let exporters = vec![
        Exporter::recorded("app", "express_prom_bundle_8.0_prom_client_15.1.metrics.txt"),
        Exporter::recorded("jobs", "bullmq_5.81.metrics.txt"),
        Exporter::recorded("chat", "websocket_gauge-from-documentation.txt"),
        Exporter::recorded("kubelet", "cadvisor_kubernetes-from-documentation.txt")
            .edited("api-1", "api-6d4cf56db6-h7xqv")
            .edited("api-2", "api-6d4cf56db6-zk2lp"),
    ];
    let rows = vec![
        all("http.requests", 1, 0.14),
        all("http.errors", 1, 1.0 / 7.0),
        all("http.latency", 1, 0.028_11),
        all("http.latency_p50", 1, 0.0111),
        all("http.latency_p99", 1, 0.029_622),
        each("app", "node.cpu", 0, 0.001_724_8),
        each("app", "node.event_loop_lag", 0, 0.013_795_327),
        each("app", "node.heap", 0, 0.488_269).of(19_636_224.0),
        row("queue.depth", 0, &[("mail", 6.0)]),
        row("queue.failed", 0, &[("mail", 1.0)]),
        row("queue.arrivals", 0, &[("mail", 0.02)]),
        row("workers.failures", 0, &[("mail", 0.01)]),
        all("users.concurrent", 0, 340.0),
        each("chat", "websocket.connections", 0, 170.0),
        row("container.memory", 0, &[("prod/api/api", 0.8)]).of(1e9), // the fuller of two replicas
        row("container.cpu_throttled", 0, &[("prod/api/api", 0.3)]),
    ];
    Scene { exporters, rows }
}

/// Spring Boot and Celery under plain Docker.
pub(super) fn spring_application() -> Scene {
    let exporters = vec![
        Exporter::recorded("app", "spring_boot_micrometer-from-documentation.txt"),
        Exporter::recorded("jobs", "celery_exporter-from-documentation.txt"),
        Exporter::recorded("docker", "cadvisor_docker-from-documentation.txt"),
    ];
    let mut rows = http_rows(4);
    rows.push(row("queue.depth", 2, &[("celery", 12.0), ("priority", 3.0)]));
    rows.push(each("docker", "container.memory", 0, 0.75).of(4e8).at("shop-api-1"));
    rows.push(each("docker", "container.cpu_throttled", 0, 0.2).at("shop-api-1"));
    rows.push(row("app.cache_hit", 0, &[("orders", 0.9)]));
    Scene { exporters, rows }
}

/// ingress-nginx before an application without metrics.
pub(super) fn ingress() -> Scene {
    Scene {
        exporters: vec![Exporter::recorded("ingress", "ingress_nginx-from-documentation.txt")],
        rows: http_rows(5),
    }
}

/// An application that sends its metrics through the OpenTelemetry Collector.
pub(super) fn collector() -> Scene {
    Scene {
        exporters: vec![Exporter::recorded("otel", "opentelemetry_collector-from-documentation.txt")],
        rows: http_rows(3),
    }
}

/// 1000 good requests between 25 ms and 1 s, 250 failures between 1 and 2.5 s.
pub(super) fn http_rows(candidate: usize) -> Vec<Row> {
    vec![
        all("http.requests", candidate, 25.0),
        all("http.errors", candidate, 0.2),
        all("http.latency", candidate, 2.152_8),
        all("http.latency_p50", candidate, 0.146_875),
        all("http.latency_p99", candidate, 2.430_56),
    ]
}
