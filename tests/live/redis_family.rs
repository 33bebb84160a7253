//! The Redis source against other members of the family, and other roles than a lone server.

use scale_advisor::snapshot::{Reason, Snapshot};

use crate::support::{
    bullmq, free_port,
    redis::{client, gap, observed, others, read, read_with, send, settings, start, start_other, value},
};

fn has_note(snapshot: &Snapshot, part: &str) -> bool {
    snapshot.sources[0].notes.iter().any(|note| note.contains(part))
}

#[test]
fn other_versions_and_products_are_read_the_same() {
    for (product, program) in others() {
        let server = start_other(&program);
        bullmq::fill("bullmq5", server.port, "intent", r#"{"waiting":5,"age":600000}"#);
        let snapshot = read(server.port);
        assert_eq!(snapshot.sources[0].version.as_deref(), Some(product));
        assert_eq!(observed(&snapshot, "queue.depth", Some("intent")).values.values(), [5.0], "{product}");
        assert!(value(&snapshot, "queue.oldest_age", Some("intent")) >= 600.0, "{product}");
        for signal in ["redis.memory", "redis.clients", "redis.ops", "redis.evictions"] {
            observed(&snapshot, signal, None);
        }
    }
}

#[test]
fn a_node_of_a_cluster_is_read_and_named() {
    let server = start(&["--cluster-enabled", "yes"]);
    let mut named = settings("redis://127.0.0.1:PORT", server.port);
    named.queues = Some(vec!["mail".to_owned()]);
    assert!(gap(&read_with(named), "queue.depth").detail.contains("CLUSTERDOWN"));
    let mut admin = client(server.port);
    send(&mut admin, "CLUSTER ADDSLOTSRANGE 0 16383");
    crate::support::wait_until("the cluster serves", || {
        redis::cmd("SET").arg("bull:mail:id").arg(1).exec(&mut client(server.port)).is_ok()
    });
    send(&mut admin, "LPUSH bull:mail:wait 1 2");
    let snapshot = read(server.port);
    assert_eq!(observed(&snapshot, "queue.depth", Some("mail")).values.values(), [2.0]);
    assert!(has_note(&snapshot, "one node of a cluster"), "{}", snapshot.to_json());
}

#[test]
fn a_replica_without_its_primary_is_read_as_far_as_it_answers() {
    let nobody = free_port().to_string();
    let server = start(&["--replicaof", &format!("127.0.0.1 {nobody}"), "--replica-serve-stale-data", "no"]);
    let snapshot = read(server.port);
    observed(&snapshot, "redis.clients", None);
    assert!(has_note(&snapshot, "link to the primary is down"), "{}", snapshot.to_json());
    assert_eq!(gap(&snapshot, "queue.depth").reason, Reason::QueryFailed);
    assert!(gap(&snapshot, "queue.depth").detail.contains("MASTERDOWN"));
}
