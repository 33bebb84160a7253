//! Every figure of the roadmap behind `socketio-mongo-chat`, written out once more: none is lost, changed or added.

use super::{contradictions, figures::check, read};

/// The figures in the notation of the document, in its order, by their path in the profile's JSON.
/// "Ours" are durations, priorities, timelines and ways to average that the document leaves open.
#[rustfmt::skip]
const FIGURES: &[(&str, &str)] = &[
    ("schema", "1"),
    // Phase 1.
    ("phases/1/users", "0–1000"),
    ("deployments/single-server/users", "0–1000"),
    ("deployments/single-server/nodes/server/count", "1–1"),
    ("deployments/single-server/nodes/server/cpu_cores", "2"),
    ("phases/1/nodes/server/cpu_cores", "4"),
    ("deployments/single-server/nodes/server/memory", "2GB"),
    ("phases/1/nodes/server/memory", "8GB"),
    ("phases/1/nodes/server/count", "1–1"),
    ("phases/1/cost_per_month", "25–50"),
    // Phase 2.
    ("phases/2/users", "1000–10000"),
    ("phases/2/enter/at_least", "1000"),
    ("phases/2/enter/aggregate", "p95"), // ours
    ("phases/2/nodes/server/count", "3–3"),
    ("phases/2/actions/2.2/figures/server_port/value", "5000"),
    ("phases/2/actions/2.2/figures/listen_port/value", "80"),
    ("phases/2/cost_per_month", "100–200"),
    // Phase 3.
    ("phases/3/users", "10000–100000"),
    ("phases/3/enter/at_least", "10000"),
    ("phases/3/enter/aggregate", "p95"), // ours
    ("phases/3/actions/3.1/figures/services/value", "4"),
    ("phases/3/cost_per_month", "500–1000"),
    // Phase 4.
    ("phases/4/users", "100000–"),
    ("phases/4/enter/at_least", "100000"),
    ("phases/4/enter/aggregate", "p95"), // ours
    ("phases/4/nodes/region/count", "3–3"),
    ("regions/US/role", "future"),
    ("regions/US/database_primary", "false"),
    ("regions/EU/role", "future"),
    ("regions/EU/database_primary", "false"),
    ("regions/Asia/role", "future"),
    ("regions/Asia/database_primary", "false"),
    ("phases/4/cost_per_month", "2000–"),
    // Indexes and caches.
    ("phases/1/actions/1.2/figures/indexes/value", "4"),
    ("phases/2/actions/2.3/figures/presence_ttl/value", "300s"),
    ("phases/2/actions/2.3/figures/conversations_ttl/value", "300s"),
    ("phases/2/actions/2.3/figures/messages_cached/value", "50"),
    ("phases/2/actions/2.3/figures/messages_ttl/value", "3600s"),
    // Targets and the values of today.
    ("benchmarks/0/target/below", "100ms"),
    ("benchmarks/0/target/aggregate", "p95"), // ours
    ("benchmarks/0/current", "50ms"),
    ("benchmarks/1/target/below", "200ms"),
    ("benchmarks/1/target/aggregate", "p95"), // ours
    ("benchmarks/1/current", "150ms"),
    ("benchmarks/2/target/at_least", "10000"),
    ("benchmarks/2/target/aggregate", "p95"), // ours
    ("benchmarks/2/current", "1000"),
    ("deployments/single-server/capacity/websocket.connections", "1000"),
    ("benchmarks/3/target/at_least", "1000/s"),
    ("benchmarks/3/target/aggregate", "p95"), // ours
    ("benchmarks/3/current", "100/s"),
    ("deployments/single-server/capacity/messages.rate", "100/s"),
    ("benchmarks/4/target/below", "50ms"),
    ("benchmarks/4/target/aggregate", "p95"), // ours
    ("benchmarks/4/current", "30ms"),
    // The load test.
    ("load_tests/scenarios/figures/scenarios_launched/value", "5000"),
    ("load_tests/scenarios/figures/scenarios_completed/value", "5000"),
    ("load_tests/scenarios/figures/requests_completed/value", "50000"),
    ("load_tests/scenarios/figures/response_time_mean/value", "145ms"),
    ("load_tests/scenarios/figures/response_time_p95/value", "280ms"),
    ("load_tests/scenarios/pass/all/http.latency/at_most", "280ms"),
    ("load_tests/scenarios/pass/all/http.latency/aggregate", "p95"), // ours
    ("load_tests/scenarios/figures/response_time_p99/value", "450ms"),
    ("load_tests/scenarios/pass/all/http.latency_p99/at_most", "450ms"),
    ("load_tests/scenarios/pass/all/http.latency_p99/aggregate", "p95"), // ours
    // Costs.
    ("costs/10000/items/servers/count", "3–3"),
    ("costs/10000/items/servers/per_month", "150"),
    ("costs/10000/items/MongoDB Atlas M10/per_month", "60"),
    ("costs/10000/items/Redis, managed/per_month", "30"),
    ("costs/10000/items/load balancer/per_month", "20"),
    ("costs/10000/items/CDN/per_month", "20"),
    ("costs/10000/items/monitoring/per_month", "20"),
    ("costs/10000/per_month", "300–300"),
    // Recovery.
    ("recovery/rto", "1h"),
    ("objectives/recovery-time/when_met/below", "1h"),
    ("recovery/rpo", "5min"),
    ("objectives/recovery-point/when_met/below", "5min"),
    ("objectives/recovery-point/when_met/aggregate", "last"), // ours
    ("phases/1/actions/1.5/figures/every/value", "1d"),
    ("phases/1/actions/1.5/figures/hour/value", "2"),
    // Actions.
    ("phases/1/actions/1.1/priority", "medium"), // ours
    ("phases/1/actions/1.2/priority", "medium"), // ours
    ("phases/1/actions/1.3/priority", "medium"), // ours
    ("phases/1/actions/1.4/priority", "medium"), // ours
    ("phases/1/actions/1.5/priority", "medium"), // ours
    ("phases/1/actions/1.6/priority", "medium"), // ours
    ("phases/2/actions/2.1/priority", "medium"), // ours
    ("phases/2/actions/2.2/priority", "medium"), // ours
    ("phases/2/actions/2.3/priority", "medium"), // ours
    ("phases/2/actions/2.4/priority", "medium"), // ours
    ("phases/3/actions/3.1/priority", "medium"), // ours
    ("phases/3/actions/3.2/priority", "medium"), // ours
    ("phases/3/actions/3.3/priority", "medium"), // ours
    ("phases/4/actions/4.1/priority", "medium"), // ours
    ("phases/4/actions/4.2/priority", "medium"), // ours
    ("phases/4/actions/4.3/priority", "medium"), // ours
];

#[test]
fn every_figure_of_the_document_stands_in_the_profile_and_no_other() {
    check("socketio-mongo-chat", FIGURES);
}

#[test]
fn what_has_no_figure_stands_there_too() {
    let roadmap = read("socketio-mongo-chat");
    let actions: Vec<usize> = roadmap.phases.iter().map(|phase| phase.actions.len()).collect();
    assert_eq!(actions, [6, 4, 3, 3]);
    assert_eq!((roadmap.limitations.len(), roadmap.savings.len()), (4, 5));
    assert_eq!(roadmap.recovery.map(|recovery| recovery.measures.len()), Some(5));
}

#[test]
fn where_the_document_contradicts_itself_is_told() {
    let expected = [
        ("roadmap/contradiction", "{ signal = \"http.latency_p50\", below = \"200ms\" }"),
        ("roadmap/phase-cost", "300"),
        ("roadmap/contradiction", "\"5m\""),
    ];
    assert_eq!(contradictions("socketio-mongo-chat"), expected);
}
