//! Which labels of a metric tell instances apart.

use std::collections::BTreeSet;

use crate::signal::{Identity, Scope, Signal};

/// Labels that belong to a metric itself, by the beginning of its name: what is counted by them is one instance's.
const DIMENSIONS: [(&str, &[&str]); 17] = [
    (
        "pg_stat_activity",
        &[
            "datname",
            "state",
            "usename",
            "application_name",
            "backend_type",
            "wait_event",
            "wait_event_type",
            "client_addr",
        ],
    ),
    ("pg_stat_database", &["datid", "datname"]),
    ("pg_stat_statements", &["datname", "queryid", "query", "user"]),
    ("pg_database", &["datname"]),
    ("pg_replication", &["application_name", "slot_name", "slot_type", "client_addr"]),
    ("node_cpu", &["cpu", "mode"]),
    ("node_filesystem", &["device", "fstype", "mountpoint", "device_error"]),
    ("node_disk", &["device"]),
    ("node_network", &["device"]),
    ("node_sysctl", &["index"]),
    ("windows_", &["core", "mode", "volume"]),
    (
        "milvus_",
        &["node_id", "db_name", "collection_name", "collection_id", "segment_state", "query_type", "scope"],
    ),
    ("nodejs_version", &["version", "major", "minor", "patch"]),
    (
        "mongodb_",
        &[
            "conn_type",
            "op_type",
            "state",
            "member_state",
            "member_idx",
            "rs_state",
            "cl_role",
            "legacy_op_type",
        ],
    ),
    ("redis_", &["db", "key", "cmd", "role"]),
    ("rest_responses", &["endpoint", "method", "status"]),
    ("grpc_responses", &["endpoint", "method", "status"]),
];

/// Labels that change with every release or name the one who scrapes: they do not distinguish instances.
const PASSING: [&str; 20] = [
    "__name__",
    "le",
    "quantile",
    "vmrange",
    "pod_template_hash",
    "controller_revision_hash",
    "uid",
    "pod_uid",
    "container_id",
    "image",
    "image_id",
    "image_tag",
    "version",
    "revision",
    "app_kubernetes_io_version",
    "helm_sh_chart",
    "prometheus",
    "monitor",
    "receive",
    "metrics_path",
];

/// Labels of a target, as opposed to those that an application gives to its own metrics.
const TARGET: [&str; 26] = [
    "job",
    "instance",
    "pod",
    "pod_name",
    "kubernetes_pod_name",
    "namespace",
    "kubernetes_namespace",
    "container",
    "node",
    "host",
    "hostname",
    "nodename",
    "app",
    "application",
    "service",
    "component",
    "server",
    "zone",
    "az",
    "availability_zone",
    "app_kubernetes_io_name",
    "app_kubernetes_io_component",
    "exported_instance",
    "exported_job",
    "exported_namespace",
    "exported_pod",
];

/// Labels of the place that something is in, whoever exports it.
const PLACE: [&str; 18] = [
    "cluster",
    "env",
    "environment",
    "tenant",
    "namespace",
    "region",
    "dc",
    "datacenter",
    "site",
    "stage",
    "stack",
    "account",
    "account_id",
    "project",
    "project_id",
    "team",
    "product",
    "location",
];

/// Labels that say who scraped an exporter, and not what it shows.
const OBSERVER: [&str; 4] = ["job", "endpoint", "service", "exported_job"];

/// Whether a label names a place.
pub(super) fn is_place(label: &str, scope: &Scope) -> bool {
    PLACE.contains(&label) || scope.by.iter().any(|own| own == label)
}

/// Whether equal series that differ in this label are one, shown twice.
pub(super) fn is_observer(label: &str, identity: Option<Identity>) -> bool {
    // Two applications that show the same queue may be in different namespaces.
    OBSERVER.contains(&label) || identity == Some(Identity::Object) && label == "namespace"
}

/// The labels of a metric that tell its instances apart for this signal.
pub(super) fn kept(metric: &str, labels: &BTreeSet<String>, signal: &Signal, scope: &Scope) -> Vec<String> {
    let own = DIMENSIONS.iter().filter(|(prefix, _)| metric.starts_with(prefix));
    let own: Vec<&str> = own.flat_map(|(_, labels)| labels.iter().copied()).collect();
    let kept = |label: &&String| {
        let label = label.as_str();
        if PASSING.contains(&label) || scope.replica_labels.iter().any(|replica| replica == label) {
            return false;
        }
        match (&signal.instance, signal.identity()) {
            (None, _) => label == "job" || is_place(label, scope),
            (_, Identity::Server) => !own.contains(&label),
            (_, Identity::Workload) => TARGET.contains(&label) || is_place(label, scope),
            (_, Identity::Object) => is_place(label, scope),
        }
    };
    labels.iter().filter(kept).cloned().collect()
}

/// The workload of a pod: its name without what is random in it. The pods of a StatefulSet keep their numbers.
pub(super) fn workload(pod: &str) -> &str {
    let Some((rest, suffix)) = pod.rsplit_once('-') else { return pod };
    let lower = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if suffix.len() != 5 || !lower(suffix) || suffix.bytes().all(|byte| byte.is_ascii_digit()) {
        return pod;
    }
    match rest.rsplit_once('-') {
        Some((name, hash)) if !name.is_empty() && lower(hash) && is_hash(hash) => name,
        _ => rest,
    }
}

/// Hashes of a ReplicaSet have no vowels; times of a CronJob and names made up for tests have digits.
fn is_hash(text: &str) -> bool {
    let safe = |byte: u8| b"bcdfghjklmnpqrstvwxz2456789".contains(&byte);
    let numbered = text.len() >= 3 && text.bytes().any(|byte| byte.is_ascii_digit());
    text.len() <= 12 && (text.len() >= 5 && text.bytes().all(safe) || numbered && !is_version(text))
}

/// `v2`, `v2beta1`: the end of a name, not of a hash.
fn is_version(text: &str) -> bool {
    text.strip_prefix('v').is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::SignalId;

    #[test]
    fn a_pod_belongs_to_its_workload() {
        for (pod, expected) in [
            ("api-7d4b9c6f5d-x8k2m", "api"),
            ("api-6d5f-abcde", "api"),
            ("node-exporter-x8k2m", "node-exporter"),
            ("payment-service-7d9f8c-x2x4z", "payment-service"),
            ("backup-28391234-x8k2m", "backup"),
            ("api-v2-x8k2m", "api-v2"),
            ("db-0", "db-0"),
            ("kafka-12", "kafka-12"),
            ("web-12345", "web-12345"),
            ("plain", "plain"),
        ] {
            assert_eq!(workload(pod), expected, "{pod}");
        }
    }

    #[test]
    fn labels_of_the_metric_itself_tell_nothing_apart() {
        let labels: BTreeSet<String> =
            ["__name__", "instance", "job", "datname", "state", "server", "cluster", "replica"]
                .map(str::to_owned)
                .into();
        let kept = |metric, signal: &str| {
            kept(metric, &labels, SignalId::find(signal).unwrap().entry(), &Scope::default())
        };
        let of_server = ["cluster", "instance", "job", "server"];
        assert_eq!(kept("pg_stat_activity_count", "postgres.connections"), of_server);
        assert_eq!(kept("websocket_active_connections", "users.concurrent"), ["cluster", "job"]);
        assert_eq!(kept("bullmq_job_count", "queue.depth"), ["cluster"]);
        assert_eq!(kept("websocket_active_connections", "websocket.connections"), of_server);
    }
}
