//! Whole stacks of applications, and what the catalogue should find in each.

use std::time::{Duration, SystemTime};

use super::{
    expected::{Scene, all as together, each, http_rows, row},
    exporter::Exporter,
};

/// How old the backups are.
const BACKUP_AGE: Duration = Duration::from_secs(2 * 3600);

/// All of them.
pub(super) fn all() -> Vec<Scene> {
    vec![chat(), vectors(), mesh(), managed()]
}

/// A chat on MongoDB and RabbitMQ.
pub(super) fn chat() -> Scene {
    let exporters = vec![
        Exporter::recorded("mongo", "mongodb_exporter_0.44-from-documentation.txt"),
        Exporter::recorded("rabbit", "rabbitmq_3.10_detailed.metrics.txt"),
        Exporter::recorded("api", "message_counter-from-documentation.txt"),
        backup("velero", "velero-from-documentation.txt"),
    ];
    let rows = vec![
        each("mongo", "mongo.connections", 0, 0.8).of(300.0),
        each("mongo", "mongo.operation_latency", 0, 0.06), // commands take longer, by design
        each("mongo", "mongo.cache", 0, 0.8).of(4e9),
        row("mongo.replication_lag", 1, &[("rs0", 12.0)]),
        row("broker.ready", 0, &[("img", 0.0), ("mail", 14.0)]),
        row("broker.unacked", 0, &[("img", 0.0), ("mail", 6.0)]),
        row("broker.consumers", 0, &[("img", 0.0), ("mail", 2.0)]),
        together("messages.rate", 0, 100.0),
        row("backup.age", 0, &[("daily", BACKUP_AGE.as_secs_f64())]),
    ];
    Scene { exporters, rows }
}

/// A Django service on Qdrant and LiteLLM, probed from outside.
pub(super) fn vectors() -> Scene {
    let exporters = vec![
        Exporter::recorded("qdrant", "qdrant_1.19-from-documentation.txt"),
        Exporter::recorded("site", "blackbox_exporter_0.23_http.metrics.txt"),
        Exporter::recorded("port", "blackbox_exporter_0.23_tcp.metrics.txt"),
        Exporter::recorded("llm", "litellm_1.109-from-documentation.txt"),
        Exporter::recorded("web", "django_prometheus_2.5.metrics.txt"),
        Exporter::recorded("pgbackrest", "pgbackrest_exporter-from-documentation.txt"),
    ];
    let rows = vec![
        each("qdrant", "vector.search_latency", 0, 0.25), // writes are slower
        together("vector.searches", 0, 10.0),
        each("qdrant", "vector.memory", 0, 6e9),
        each("qdrant", "vector.points", 0, 600_000.0),
        each("qdrant", "vector.memory_needed", 0, 600_000.0 * 1536.0 * 6.0),
        each("site", "app.availability", 0, 1.0),
        together("llm.calls", 0, 8.0),
        together("llm.tokens", 0, 1200.0),
        together("llm.latency", 0, 4.25),
        row("app.cache_hit", 1, &[("locmem", 0.75)]),
        row("backup.age", 3, &[("main", BACKUP_AGE.as_secs_f64())]), // the newest of three kinds
    ];
    Scene { exporters, rows }
}

/// Services in a mesh on Kubernetes with a model of their own, and older stores.
pub(super) fn mesh() -> Scene {
    let exporters = vec![
        Exporter::recorded("istio", "istio-from-documentation.txt"),
        Exporter::recorded("state", "kube_state_metrics_2-from-documentation.txt"),
        Exporter::recorded("vllm", "vllm_0.8-from-documentation.txt"),
        Exporter::recorded("mongo", "mongodb_exporter_0.11-from-documentation.txt"),
        Exporter::recorded("qdrant", "qdrant_1.7-from-documentation.txt"),
        Exporter::recorded("rabbit", "rabbitmq_3.10.metrics.txt"),
        backup("shop/orders", "cloudnative_pg-from-documentation.txt"),
    ];
    let mut rows = http_rows(6); // what goes on inside the mesh is not counted
    rows.extend([
        row("k8s.replicas", 0, &[("prod/backend", 0.85)]).of(20.0), // the other one is not meant to scale
        together("llm.calls", 1, 4.0),
        together("llm.tokens", 1, 1000.0),
        together("llm.latency", 1, 1.357),
        each("mongo", "mongo.connections", 2, 0.75).of(200.0),
        row("mongo.replication_lag", 0, &[("rs0", 7.0)]),
        each("qdrant", "vector.search_latency", 2, 0.015),
        together("vector.searches", 2, 10.0),
        together("broker.ready", 1, 14.0),
        together("broker.unacked", 1, 6.0),
        together("broker.consumers", 1, 2.0),
        row("backup.age", 2, &[("shop/orders", BACKUP_AGE.as_secs_f64())]),
    ]);
    Scene { exporters, rows }
}

/// Managed MongoDB, Qdrant over gRPC, PostgreSQL behind PgBouncer, nginx before it all.
pub(super) fn managed() -> Scene {
    let exporters = vec![
        Exporter::recorded("atlas", "mongodb_atlas-from-documentation.txt"),
        Exporter::recorded("qdrant", "qdrant_1.19_grpc-from-documentation.txt"),
        Exporter::recorded("agent", "opentelemetry_python_0.66_gen_ai.metrics.txt"),
        Exporter::recorded("nginx", "nginx_prometheus_exporter_0.11.metrics.txt"),
        Exporter::recorded("pgbouncer", "pgbouncer_exporter-from-documentation.txt"),
        backup("shop/orders", "cloudnative_pg_barman_plugin-from-documentation.txt"),
    ];
    let rows = vec![
        each("atlas", "mongo.connections", 1, 0.6).of(1500.0),
        each("atlas", "mongo.operation_latency", 1, 0.05),
        each("atlas", "mongo.cache", 1, 0.9).of(1e9),
        each("qdrant", "vector.search_latency", 1, 0.25),
        together("vector.searches", 1, 10.0),
        each("qdrant", "vector.memory", 0, 6e9),
        together("llm.calls", 2, 2.0),
        together("llm.tokens", 2, 800.0),
        together("llm.latency", 2, 4.48),
        together("http.requests", 7, 4.04),
        row("pgbouncer.waiting", 0, &[("app/jobs", 0.0), ("app/web", 8.0)]),
        row("pgbouncer.max_wait", 0, &[("app/jobs", 0.0), ("app/web", 2.5)]),
        row("backup.age", 1, &[("shop/orders", BACKUP_AGE.as_secs_f64())]),
    ];
    Scene { exporters, rows }
}

/// An exporter that says when the newest backup was made.
fn backup(job: &'static str, file: &str) -> Exporter {
    let made = SystemTime::now() - BACKUP_AGE;
    let seconds = made.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    Exporter::recorded(job, file).edited("BACKUP", &seconds.to_string())
}
