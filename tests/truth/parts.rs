//! Building blocks of stacks: what exporters export.

use crate::support::prometheus::{Backfill, Labels, Span};

/// The end of every history, in Unix seconds: Thursday, 9 October 2025, 08:53:40 UTC.
pub(crate) const END: i64 = 1_760_000_020;
/// A day in seconds.
pub(crate) const DAY: i64 = 86_400;
/// A gibibyte.
pub(crate) const GIB: f64 = 1_073_741_824.0;

/// The last day, in minutes.
pub(crate) fn day() -> Span {
    Span::before(END, DAY, 60)
}

/// The last days, every five minutes.
pub(crate) fn days(count: i64) -> Span {
    Span::before(END, count * DAY, 300)
}

/// The last minutes, every five seconds.
pub(crate) fn minutes(count: i64) -> Span {
    Span::before(END, count * 60, 5)
}

/// These labels and further ones.
pub(crate) fn with<'a>(
    labels: &[(&'a str, &'a str)],
    further: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    labels.iter().chain(further).copied().collect()
}

/// What stacks are made of.
pub(crate) trait Parts: Sized {
    /// Users with an open connection.
    fn users(self, labels: Labels<'_>, span: Span, users: impl Fn(i64) -> f64) -> Self;
    /// A PostgreSQL as postgres_exporter shows it: client connections of `max`, three of them reserved.
    fn postgres(self, labels: Labels<'_>, span: Span, used: impl Fn(i64) -> f64, max: f64) -> Self;
    /// A cache hit ratio of PostgreSQL at a thousand reads a second.
    fn postgres_cache(self, labels: Labels<'_>, span: Span, hits: impl Fn(i64) -> f64) -> Self;
    /// A Redis as redis_exporter shows it, that evicts nothing.
    fn redis(self, labels: Labels<'_>, span: Span, used: impl Fn(i64) -> f64, max: f64) -> Self;
    /// A machine with two cores and 8 GiB: shares of CPU, memory and the root file system in use.
    fn host(
        self,
        labels: Labels<'_>,
        span: Span,
        cpu: impl Fn(i64) -> f64,
        memory: impl Fn(i64) -> f64,
        disk: impl Fn(i64) -> f64,
    ) -> Self;
    /// Requests a second with their times: the shares below 0.1 s, 0.5 s, 1 s, 5 s and beyond.
    fn http(self, labels: Labels<'_>, span: Span, rate: impl Fn(i64) -> f64, shares: [f64; 5]) -> Self;
}

impl Parts for Backfill {
    fn users(self, labels: Labels<'_>, span: Span, users: impl Fn(i64) -> f64) -> Self {
        self.gauge("websocket_active_connections", labels, span, users)
    }

    fn postgres(self, labels: Labels<'_>, span: Span, used: impl Fn(i64) -> f64, max: f64) -> Self {
        let clients = with(labels, &[("datname", "shop"), ("state", "idle")]);
        self.gauge("pg_stat_activity_count", &clients, span, used)
            .gauge("pg_settings_max_connections", labels, span, move |_| max)
            .gauge("pg_settings_superuser_reserved_connections", labels, span, |_| 3.0)
    }

    fn postgres_cache(self, labels: Labels<'_>, span: Span, hits: impl Fn(i64) -> f64) -> Self {
        let database = with(labels, &[("datname", "shop")]);
        self.counter("pg_stat_database_blks_hit", &database, span, |at| 1000.0 * hits(at)).counter(
            "pg_stat_database_blks_read",
            &database,
            span,
            |at| 1000.0 * (1.0 - hits(at)),
        )
    }

    fn redis(self, labels: Labels<'_>, span: Span, used: impl Fn(i64) -> f64, max: f64) -> Self {
        let policy = with(labels, &[("maxmemory_policy", "noeviction"), ("redis_version", "7.0.15")]);
        self.gauge("redis_memory_used_bytes", labels, span, used)
            .gauge("redis_memory_max_bytes", labels, span, move |_| max)
            .gauge("redis_instance_info", &policy, span, |_| 1.0)
    }

    fn host(
        self,
        labels: Labels<'_>,
        span: Span,
        cpu: impl Fn(i64) -> f64,
        memory: impl Fn(i64) -> f64,
        disk: impl Fn(i64) -> f64,
    ) -> Self {
        let mut history = self;
        for core in ["0", "1"] {
            let user = with(labels, &[("cpu", core), ("mode", "user")]);
            let idle = with(labels, &[("cpu", core), ("mode", "idle")]);
            history = history.counter("node_cpu_seconds_total", &user, span, &cpu).counter(
                "node_cpu_seconds_total",
                &idle,
                span,
                |at| 1.0 - cpu(at),
            );
        }
        let root = with(labels, &[("mountpoint", "/"), ("fstype", "ext4"), ("device", "/dev/vda1")]);
        history
            .gauge("node_memory_MemTotal_bytes", labels, span, |_| 8.0 * GIB)
            .gauge("node_memory_MemAvailable_bytes", labels, span, |at| 8.0 * GIB * (1.0 - memory(at)))
            .gauge("node_filesystem_size_bytes", &root, span, |_| 80.0 * GIB)
            .gauge("node_filesystem_free_bytes", &root, span, |at| 80.0 * GIB * (1.0 - disk(at)))
            .gauge("node_filesystem_avail_bytes", &root, span, |at| 80.0 * GIB * (1.0 - disk(at)))
    }

    fn http(self, labels: Labels<'_>, span: Span, rate: impl Fn(i64) -> f64, shares: [f64; 5]) -> Self {
        let answered = with(labels, &[("status_code", "200")]);
        self.histogram("http_request_duration_seconds", &answered, span, &[0.1, 0.5, 1.0, 5.0], |at| {
            shares.iter().map(|share| share * rate(at)).collect()
        })
    }
}

/// A healthy small shop: users, a database, a Redis and a machine, all far from their limits.
pub(crate) fn shop() -> Backfill {
    shop_over(day())
}

/// The same over another time.
pub(crate) fn shop_over(span: Span) -> Backfill {
    Backfill::default()
        .users(&[("instance", "app-1:3005")], span, |_| 150.0)
        .postgres(&[("instance", "db-1:9187")], span, |_| 30.0, 100.0)
        .redis(&[("instance", "redis-1:9121")], span, |_| 0.3 * GIB, GIB)
        .host(&[("instance", "app-1:9100")], span, |_| 0.3, |_| 0.4, |_| 0.5)
}
