//! Metrics that look like the load of an application under a name of its own.

use super::{
    metric::{Metric, MetricKind},
    words::words,
};

/// What a metric seems to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LoadKind {
    /// Requests served so far.
    Requests,
    /// Users or their connections at a time.
    Users,
}

/// A metric that may be the load.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LoadLike {
    /// What it seems to count.
    pub kind: LoadKind,
    /// The metric.
    pub metric: String,
}

impl LoadLike {
    /// A query that reads it as a load.
    pub fn query(&self) -> String {
        match self.kind {
            LoadKind::Requests => format!("sum(rate({}[$rate]))", self.metric),
            LoadKind::Users => format!("sum({})", self.metric),
        }
    }
}

/// Exporters and tools whose requests are not those of users.
const TOOLS: [&str; 23] = [
    "prometheus",
    "promhttp",
    "alertmanager",
    "grafana",
    "go",
    "process",
    "node",
    "kube",
    "kubelet",
    "apiserver",
    "etcd",
    "coredns",
    "scrape",
    "vm",
    "vmagent",
    "otelcol",
    "rest",
    "workqueue",
    "net",
    "cadvisor",
    "kubernetes",
    "loki",
    "thanos",
];
/// Words of what is no request of a user that was served.
const OTHER: [&str; 22] = [
    "error",
    "failed",
    "failure",
    "rejected",
    "exception",
    "dropped",
    "retry",
    "timeout",
    "client",
    "upstream",
    "outgoing",
    "outbound",
    "db",
    "sql",
    "redis",
    "cache",
    "query",
    "size",
    "bytes",
    "grpc",
    "queue",
    "internal",
];

/// Metrics that look like a request counter or a number of users, the shortest names first.
pub fn loads(metrics: &[Metric]) -> Vec<LoadLike> {
    let mut all: Vec<LoadLike> = metrics.iter().filter_map(load).collect();
    all.sort_by_key(|load| (load.kind, load.metric.len(), load.metric.clone()));
    all
}

fn load(metric: &Metric) -> Option<LoadLike> {
    let words = words(&metric.name);
    let has = |any: &[&str]| words.iter().any(|word| any.contains(&word.as_str()));
    // A name that PromQL takes as it is.
    let plain =
        metric.name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_' || letter == ':');
    if !plain || words.first().is_some_and(|first| TOOLS.contains(&first.as_str())) || has(&OTHER) {
        return None;
    }
    let name = metric.name.as_str();
    let counted = match metric.kind {
        MetricKind::Counter => true,
        MetricKind::Distribution => name.ends_with("_count"),
        MetricKind::Unknown => {
            name.ends_with("_total") || name.ends_with("_count") && has(&["duration", "second"])
        }
        MetricKind::Gauge => false,
    };
    if counted && has(&["request"]) && (has(&["http", "api", "web"]) || words.len() <= 4) {
        return Some(LoadLike { kind: LoadKind::Requests, metric: metric.name.clone() });
    }
    let there = has(&["active", "online", "connected", "concurrent", "current", "websocket"]);
    let people = has(&["user", "player", "viewer", "visitor", "customer"])
        || has(&["websocket"]) && has(&["connection"]);
    let gauge = matches!(metric.kind, MetricKind::Gauge | MetricKind::Unknown) && !name.ends_with("_total");
    (gauge && there && people && !has(&["max", "limit"]))
        .then(|| LoadLike { kind: LoadKind::Users, metric: metric.name.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_of_requests_are_told_from_others() {
        let metric = |name: &str, kind| Metric { name: name.to_owned(), kind, help: String::new() };
        let metrics = [
            metric("shop_http_requests_total", MetricKind::Counter),
            metric("shop_http_request_errors_total", MetricKind::Counter),
            metric("shop_http_requests_in_flight", MetricKind::Gauge),
            metric("prometheus_http_requests_total", MetricKind::Counter),
            metric("shop_users_online", MetricKind::Gauge),
            metric("shop_users_created_total", MetricKind::Counter),
            metric("redis_client_requests_total", MetricKind::Counter),
        ];
        let found: Vec<(LoadKind, String)> =
            loads(&metrics).into_iter().map(|load| (load.kind, load.query())).collect();
        assert_eq!(
            found,
            [
                (LoadKind::Requests, "sum(rate(shop_http_requests_total[$rate]))".to_owned()),
                (LoadKind::Users, "sum(shop_users_online)".to_owned()),
            ]
        );
    }
}
