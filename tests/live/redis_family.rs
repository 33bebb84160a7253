//! The Redis source against other members of the family, and other roles than a lone server.

use scale_advisor::snapshot::{Reason, Snapshot};

use std::collections::BTreeSet;

use crate::support::{
    bullmq, free_port,
    redis::{client, gap, observed, others, read, read_with, send, settings, start, start_other, value},
    resp::between,
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

/// What one command may take along: a second sample, a limit, or the queues of one system.
const TOPICS: [&[&str]; 4] = [
    &["redis.ops", "redis.hit_ratio", "redis.evictions", "redis.cpu"],
    &["redis.clients"],
    &["redis.memory"],
    &["queue.depth", "queue.oldest_age", "queue.failed", "queue.job_duration"],
];

#[test]
fn no_command_takes_another_topic_along() {
    let server = start(&[]);
    bullmq::fill("bullmq5", server.port, "mail", r#"{"waiting":3,"age":600000}"#);
    bullmq::fill("bullmq5", server.port, "video", r#"{"waiting":5,"age":600000}"#);
    send(&mut client(server.port), "LPUSH queue:sidekiq {}");
    send(&mut client(server.port), "SADD queues sidekiq");
    let through = |failing| {
        let way = between(server.port, failing);
        (read(way.port), way.asked())
    };
    let measured = |snapshot: &Snapshot| -> BTreeSet<(String, Option<String>)> {
        let each = snapshot.observations.iter();
        each.map(|observation| (observation.signal.as_str().to_owned(), observation.instance.clone()))
            .collect()
    };
    let (whole, asked) = through(None);
    let whole = measured(&whole);
    assert!(asked.len() > 20 && whole.len() > 8, "{asked:#?} {whole:#?}");
    let set_up = ["PING", "HELLO", "CLIENT", "SELECT", "AUTH"];
    for failing in
        asked.into_iter().filter(|(command, _)| !set_up.iter().any(|word| command.starts_with(word)))
    {
        let (snapshot, _) = through(Some(failing.clone()));
        let lost: BTreeSet<_> = whole.difference(&measured(&snapshot)).cloned().collect();
        let together = |topic: &&[&str]| lost.iter().all(|(signal, _)| topic.contains(&signal.as_str()));
        assert!(TOPICS.iter().any(together), "{lost:#?} are lost without {failing:?}");
        let queues: BTreeSet<_> = lost.iter().filter_map(|(_, instance)| instance.clone()).collect();
        let named = |name: &String| failing.0.contains(name.as_str());
        assert!(
            queues.len() <= 1
                || !["mail", "video"].iter().any(|name| failing.0.contains(name))
                || queues.iter().all(named),
            "{queues:?} without {failing:?}"
        );
        if !lost.is_empty() {
            assert!(snapshot.to_json().contains("sabotaged"), "{failing:?}: {}", snapshot.to_json());
        }
    }
}
