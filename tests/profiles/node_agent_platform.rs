//! Every figure of the roadmap behind `node-agent-platform`, written out once more: none is lost, changed or added.

use super::{contradictions, figures::check, read};

/// The figures in the notation of the document, in its order, by their path in the profile's JSON.
/// "Ours" are durations, priorities, timelines and ways to average that the document leaves open.
#[rustfmt::skip]
const FIGURES: &[(&str, &str)] = &[
    ("schema", "1"),
    // What works already.
    ("components/connection pool/figures/connections/value", "50"),
    ("phases/1/actions/1.2/figures/indexes/value", "40–"),
    // The cache.
    ("decisions/enable-cache/when/all/users.concurrent/at_least", "50"),
    ("decisions/enable-cache/when/all/users.concurrent/aggregate", "p95"), // ours
    ("decisions/enable-cache/when/all/1/any/http.latency/at_least", "200ms"), // ours: the limit is the document's
    ("decisions/enable-cache/when/all/1/any/http.latency/aggregate", "p95"), // ours
    ("decisions/enable-cache/when/all/1/any/postgres.query_time/above", "1s"), // ours: as above
    ("decisions/enable-cache/when/all/1/any/postgres.query_time/aggregate", "p95"), // ours
    ("decisions/enable-cache/when/all/1/any/postgres.cache_hit/at_most", "90%"), // ours: as above
    ("decisions/enable-cache/when/all/1/any/postgres.cache_hit/aggregate", "avg"), // ours
    ("decisions/enable-cache/timeline", "hours"), // ours
    ("phases/1/actions/1.3/figures/database_load_reduction/value", "50%–90%"),
    ("phases/1/actions/1.3/figures/port/value", "6379"),
    ("phases/1/actions/1.3/figures/user_ttl/value", "30min"),
    // Background jobs.
    ("phases/1/actions/1.4/figures/concurrency/value", "4"),
    // Load tests.
    ("load_tests/before-production/figures/custom_users/value", "100"),
    ("load_tests/before-production/figures/custom_duration/value", "5min"),
    ("load_tests/before-production/concurrency/0", "100"),
    ("load_tests/before-production/duration", "8min"),
    ("load_tests/before-production/pass/all/http.latency/below", "200ms"),
    ("load_tests/before-production/pass/all/http.latency/aggregate", "p95"), // ours
    ("load_tests/before-production/pass/all/http.latency_p99/below", "500ms"),
    ("load_tests/before-production/pass/all/http.latency_p99/aggregate", "p95"), // ours
    ("load_tests/before-production/pass/all/http.errors/below", "1%"),
    ("load_tests/before-production/pass/all/http.errors/aggregate", "p95"), // ours
    ("load_tests/before-production/pass/all/app.pool/below", "100%"), // "no exhaustion"
    ("load_tests/before-production/pass/all/app.pool/aggregate", "max"), // ours
    // The database, the queues, the health endpoint.
    ("phases/1/actions/1.2/figures/slow_statement/value", "1s"),
    ("objectives/slow-statements/when_met/at_most", "1s"),
    ("objectives/slow-statements/when_met/aggregate", "p95"), // ours
    ("phases/1/actions/1.2/figures/slowest_shown/value", "10"),
    ("objectives/database-cache/when_met/above", "90%"),
    ("objectives/database-cache/when_met/aggregate", "avg"), // ours
    ("playbooks/jobs-stuck/when/all/queue.depth/above", "0"), // ours
    ("playbooks/jobs-stuck/when/all/queue.depth/aggregate", "last"), // ours
    ("playbooks/jobs-stuck/when/all/workers.utilization/at_most", "0%"), // ours
    ("playbooks/jobs-stuck/when/all/workers.utilization/aggregate", "last"), // ours
    ("playbooks/pool-exhausted/when/at_least", "100%"), // "exhausted"
    ("playbooks/pool-exhausted/when/aggregate", "p95"), // ours
    ("components/health endpoint/figures/port/value", "5000"),
    ("components/health endpoint/figures/uptime/value", "3600s"),
    ("components/health endpoint/figures/pool_total/value", "50"),
    ("components/health endpoint/figures/pool_idle/value", "42"),
    ("components/health endpoint/figures/pool_active/value", "8"),
    // Phase 1.
    ("phases/1/users", "1–100"),
    ("phases/1/nodes/server/count", "1–1"),
    ("phases/1/nodes/server/cpu_cores", "2"),
    ("phases/1/nodes/server/memory", "4GB"),
    ("phases/1/nodes/database/storage", "2GB"),
    ("phases/1/nodes/database/cpu_cores", "1"),
    ("phases/1/nodes/Redis, optional/memory", "512MB"),
    // Phase 2.
    ("phases/2/users", "100–500"),
    ("phases/2/enter/at_least", "100"),
    ("phases/2/enter/aggregate", "p95"), // ours
    ("phases/2/nodes/server/count", "1–1"),
    ("phases/2/nodes/server/cpu_cores", "4"),
    ("phases/2/nodes/server/memory", "8GB"),
    ("phases/2/nodes/database/storage", "10GB"),
    ("phases/2/nodes/database/cpu_cores", "2"),
    ("phases/2/nodes/Redis/memory", "2GB"),
    // Phase 3.
    ("phases/3/users", "500–2000"),
    ("phases/3/enter/at_least", "500"),
    ("phases/3/enter/aggregate", "p95"), // ours
    ("phases/3/nodes/server/count", "3–3"),
    ("phases/3/nodes/server/cpu_cores", "4"),
    ("phases/3/nodes/server/memory", "8GB"),
    ("phases/3/nodes/database/storage", "20GB"),
    ("phases/3/nodes/database/cpu_cores", "4"),
    ("phases/3/nodes/Redis/memory", "4GB"),
    // Phase 4.
    ("phases/4/users", "2000–10000"),
    ("phases/4/enter/at_least", "2000"),
    ("phases/4/enter/aggregate", "p95"), // ours
    ("phases/4/nodes/server/count", "5–10"),
    ("phases/4/nodes/database primary/count", "1–1"),
    ("phases/4/nodes/read replica/count", "2–2"),
    ("phases/4/nodes/Redis cluster/memory", "8GB"),
    // Costs.
    ("costs/10/items/server/count", "1–1"),
    ("costs/10/items/server/per_month", "20"),
    ("costs/10/items/database/per_month", "10"),
    ("costs/10/per_month", "30–30"),
    ("costs/100/items/server/count", "1–1"),
    ("costs/100/items/server/cpu_cores", "2"),
    ("costs/100/items/server/memory", "4GB"),
    ("costs/100/items/server/per_month", "40"),
    ("costs/100/items/database/cpu_cores", "2"),
    ("costs/100/items/database/storage", "10GB"),
    ("costs/100/items/database/per_month", "30"),
    ("costs/100/items/Redis/memory", "1GB"),
    ("costs/100/items/Redis/per_month", "15"),
    ("costs/100/per_month", "85–85"),
    ("costs/500/items/servers/count", "3–3"),
    ("costs/500/items/servers/cpu_cores", "4"),
    ("costs/500/items/servers/memory", "8GB"),
    ("costs/500/items/servers/per_month", "120"),
    ("costs/500/items/load balancer/per_month", "20"),
    ("costs/500/items/database/cpu_cores", "4"),
    ("costs/500/items/database/storage", "20GB"),
    ("costs/500/items/database/per_month", "80"),
    ("costs/500/items/Redis/memory", "4GB"),
    ("costs/500/items/Redis/per_month", "40"),
    ("costs/500/per_month", "260–260"),
    ("costs/2000/items/autoscaled servers/count", "10–10"),
    ("costs/2000/items/autoscaled servers/per_month", "400"),
    ("costs/2000/items/load balancer/per_month", "50"),
    ("costs/2000/items/database with replicas/per_month", "200"),
    ("costs/2000/items/Redis cluster/per_month", "100"),
    ("costs/2000/items/CDN/per_month", "50"),
    ("costs/2000/per_month", "800–800"),
    // What each shape carries; where a shape begins is ours.
    ("deployments/single-instance/users", "0–100"),
    ("deployments/single-instance/nodes/server/count", "1–1"),
    ("deployments/single-instance/capacity/users.concurrent", "50–100"),
    ("deployments/single-instance/figures/concurrent_agents/value", "50–100"),
    ("deployments/single-instance/capacity/http.requests", "1000/min"),
    ("deployments/single-instance/capacity/websocket.connections", "500"),
    ("deployments/single-instance/figures/database_queries/value", "5000/min"),
    ("deployments/single-instance/figures/response_time_p95_below/value", "200ms"),
    ("deployments/three-instances/users", "100–600"),
    ("deployments/three-instances/nodes/server/count", "3–3"),
    ("deployments/three-instances/capacity/users.concurrent", "300–600"),
    ("deployments/three-instances/figures/concurrent_agents/value", "150–300"),
    ("deployments/three-instances/capacity/http.requests", "3000/min"),
    ("deployments/three-instances/capacity/websocket.connections", "1500"),
    ("deployments/three-instances/figures/database_queries/value", "15000/min"),
    ("deployments/three-instances/figures/response_time_p95_below/value", "200ms"),
    ("deployments/ten-instances/users", "600–2000"),
    ("deployments/ten-instances/nodes/server/count", "10–10"),
    ("deployments/ten-instances/capacity/users.concurrent", "1000–2000"),
    ("deployments/ten-instances/figures/concurrent_agents/value", "500–1000"),
    ("deployments/ten-instances/capacity/http.requests", "10000/min"),
    ("deployments/ten-instances/capacity/websocket.connections", "5000"),
    ("deployments/ten-instances/figures/database_queries/value", "50000/min"),
    ("deployments/ten-instances/figures/response_time_p95_below/value", "200ms"),
    ("objectives/response-time/when_met/below", "200ms"),
    ("objectives/response-time/when_met/aggregate", "p95"), // ours
    ("playbooks/slow-answers/when/at_least", "200ms"),
    ("playbooks/slow-answers/when/aggregate", "p95"), // ours
    // Actions.
    ("phases/1/actions/1.1/priority", "medium"), // ours
    ("phases/1/actions/1.2/priority", "medium"), // ours
    ("phases/1/actions/1.3/priority", "medium"), // ours
    ("phases/1/actions/1.4/priority", "medium"), // ours
    ("phases/2/actions/2.1/priority", "medium"), // ours
    ("phases/2/actions/2.2/priority", "medium"), // ours
    ("phases/2/actions/2.3/priority", "medium"), // ours
    ("phases/3/actions/3.1/priority", "medium"), // ours
    ("phases/3/actions/3.2/priority", "medium"), // ours
    ("phases/3/actions/3.3/priority", "medium"), // ours
    ("phases/4/actions/4.1/priority", "medium"), // ours
    ("phases/4/actions/4.2/priority", "medium"), // ours
    ("phases/4/actions/4.3/priority", "medium"), // ours
    ("phases/4/actions/4.4/priority", "medium"), // ours
    ("phases/4/actions/4.5/priority", "medium"), // ours
];

#[test]
fn every_figure_of_the_document_stands_in_the_profile_and_no_other() {
    check("node-agent-platform", FIGURES);
}

#[test]
fn what_has_no_figure_stands_there_too() {
    let roadmap = read("node-agent-platform");
    let actions: Vec<usize> = roadmap.phases.iter().map(|phase| phase.actions.len()).collect();
    assert_eq!(actions, [4, 3, 3, 5]);
    let remedies: Vec<usize> = roadmap.playbooks.iter().map(|playbook| playbook.remedies.len()).collect();
    assert_eq!(remedies, [4, 4, 4, 4, 4]);
    assert_eq!(roadmap.load_tests[0].scenarios.len(), 5);
    let items: Vec<usize> = roadmap.implementation.iter().map(|stage| stage.items.len()).collect();
    assert_eq!(items, [2, 3, 4]);
}

#[test]
fn where_the_document_contradicts_itself_is_told() {
    let found = contradictions("node-agent-platform");
    assert!(found.iter().all(|(code, _)| *code == "roadmap/contradiction"), "{found:?}");
    let places: Vec<&str> = found.into_iter().map(|(_, place)| place).collect();
    let expected = [
        "\"Make the cache and background jobs mandatory\"",
        "[500, 2000]",
        "[2000, 10000]",
        "\"10GB\"",
        "\"1GB\"",
        "\"BullMQ, whose waiting, active and failed jobs the document all counts with LLEN, on keys that begin with bullmq:\"",
    ];
    assert_eq!(places, expected);
}
