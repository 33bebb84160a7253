//! Generated history under the names that exporters use.

use crate::support::prometheus::{Backfill, Span};

/// The end of every generated history, in Unix seconds: 9 October 2025, 08:53:40 UTC.
pub const END: i64 = 1_760_000_020;

/// The end as the flag that makes it the present.
pub const AT: &str = "--at 2025-10-09T08:53:40Z";

const GIB: f64 = 1_073_741_824.0;

/// The day before the end, in minutes.
pub fn day() -> Span {
    Span::before(END, 24 * 3600, 60)
}

/// A machine with two cores as node_exporter shows it; `cpu` is the share in use at an instant.
pub fn host(history: Backfill, instance: &str, span: Span, cpu: impl Fn(i64) -> f64) -> Backfill {
    let mut history = history;
    for core in ["0", "1"] {
        let labels = |mode| [("instance", instance), ("cpu", core), ("mode", mode)];
        history = history.counter("node_cpu_seconds_total", &labels("user"), span, &cpu).counter(
            "node_cpu_seconds_total",
            &labels("idle"),
            span,
            |at| 1.0 - cpu(at),
        );
    }
    let machine = [("instance", instance)];
    let root = [("instance", instance), ("mountpoint", "/"), ("fstype", "ext4"), ("device", "/dev/vda1")];
    let disk = [("instance", instance), ("device", "vda")];
    let network = [("instance", instance), ("device", "eth0")];
    history
        .gauge("node_memory_MemTotal_bytes", &machine, span, |_| 8.0 * GIB)
        .gauge("node_memory_MemAvailable_bytes", &machine, span, |_| 5.0 * GIB)
        .gauge("node_filesystem_size_bytes", &root, span, |_| 80.0 * GIB)
        .gauge("node_filesystem_free_bytes", &root, span, |_| 50.0 * GIB)
        .gauge("node_filesystem_avail_bytes", &root, span, |_| 50.0 * GIB)
        .counter("node_disk_io_time_seconds_total", &disk, span, |_| 0.1)
        .counter("node_network_receive_bytes_total", &network, span, |_| 2e5)
        .counter("node_network_transmit_bytes_total", &network, span, |_| 5e5)
}

/// A Node.js application with its queues, with time to spare; 150 users are on it.
pub fn application(history: Backfill, span: Span) -> Backfill {
    let node = [("instance", "app-1:3005"), ("job", "app")];
    let version = [("instance", "app-1:3005"), ("job", "app"), ("version", "v20.19.0")];
    let answered =
        [("instance", "app-1:3005"), ("method", "POST"), ("path", "/chat"), ("status_code", "200")];
    let failed = [("instance", "app-1:3005"), ("method", "POST"), ("path", "/chat"), ("status_code", "500")];
    let bounds = [0.05, 0.1, 0.2, 0.5, 1.0];
    history
        .gauge("websocket_active_connections", &node, span, |_| 150.0)
        .histogram("http_request_duration_seconds", &answered, span, &bounds, |_| {
            vec![20.0, 4.0, 0.9, 0.1, 0.0, 0.0]
        })
        .histogram("http_request_duration_seconds", &failed, span, &bounds, |_| {
            vec![0.02, 0.0, 0.0, 0.0, 0.0, 0.0]
        })
        .gauge("nodejs_version_info", &version, span, |_| 1.0)
        .counter("process_cpu_seconds_total", &node, span, |_| 0.35)
        .gauge("nodejs_eventloop_lag_p99_seconds", &node, span, |_| 0.012)
        .gauge("nodejs_heap_size_used_bytes", &node, span, |_| 90e6)
        .gauge("nodejs_heap_size_total_bytes", &node, span, |_| 140e6)
        .gauge("bullmq_job_count", &[("queue", "intent"), ("state", "waiting")], span, |_| 4.0)
        .gauge("bullmq_job_count", &[("queue", "intent"), ("state", "failed")], span, |_| 12.0)
        .counter("bullmq_job_failed_total", &[("queue", "intent")], span, |_| 0.001)
        .gauge("worker_jobs_running", &node, span, |_| 7.0)
        .gauge("worker_places", &node, span, |_| 10.0)
}
