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
        history = history.counter("node_cpu_seconds_total", &labels("user"), span, |at| cpu(at)).counter(
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
        .gauge("node_filesystem_avail_bytes", &root, span, |_| 50.0 * GIB)
        .counter("node_disk_io_time_seconds_total", &disk, span, |_| 0.1)
        .counter("node_network_receive_bytes_total", &network, span, |_| 2e5)
        .counter("node_network_transmit_bytes_total", &network, span, |_| 5e5)
}
