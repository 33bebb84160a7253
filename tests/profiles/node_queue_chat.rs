//! Every figure of the roadmap behind `node-queue-chat`, written out once more: none is lost, changed or added.

use super::{figures::check, read};

/// The figures in the notation of the document, in its order, by their path in the profile's JSON.
/// "Ours" are durations, priorities and ways to average that the document leaves open.
#[rustfmt::skip]
const FIGURES: &[(&str, &str)] = &[
    ("schema", "1"),
    // Today.
    ("phases/1/users/low", "0"),
    ("phases/1/users/high", "100"),
    ("components/queues/figures/queues/value", "8"),
    ("deployments/single-server/users/low", "0"),
    ("deployments/single-server/users/high", "100"),
    ("deployments/single-server/capacity/users.concurrent", "100"),
    ("deployments/single-server/capacity/http.requests", "1000/min"),
    ("load/requests_per_user", "10/min"),
    // Phase 2: when.
    ("phases/2/users/low", "100"),
    ("phases/2/users/high", "500"),
    ("phases/2/horizon_months/low", "0"),
    ("phases/2/horizon_months/high", "6"),
    ("phases/2/enter/any/users.concurrent/at_least", "70"),
    ("phases/2/enter/any/users.concurrent/for", "30m"), // ours
    ("phases/2/enter/any/queue.depth/above", "100"),
    ("phases/2/enter/any/queue.depth/for", "10m"), // ours
    ("phases/2/enter/any/http.latency/above", "1s"),
    ("phases/2/enter/any/http.latency/aggregate", "p95"), // ours
    ("phases/2/enter/any/host.memory/above", "80%"),
    ("phases/2/enter/any/host.memory/aggregate", "p95"), // ours
    // Phase 2: what.
    ("phases/2/actions/2.1/priority", "high"),
    ("phases/2/nodes/intent worker/count", "3–3"),
    ("phases/2/nodes/model worker/count", "2–2"),
    ("phases/2/nodes/retrieval worker/count", "2–2"),
    ("phases/2/actions/2.1/figures/intent_capacity_factor/value", "3"),
    ("phases/2/actions/2.2/priority", "high"),
    ("phases/2/actions/2.2/figures/max_connections/value", "200"),
    ("phases/2/actions/2.2/figures/shared_buffers/value", "256MiB"),
    ("phases/2/actions/2.2/figures/effective_cache_size/value", "1GiB"),
    ("phases/2/actions/2.2/figures/work_mem/value", "4MiB"),
    ("phases/2/actions/2.3/priority", "medium"),
    ("phases/2/nodes/Redis master/count", "3–3"),
    ("phases/2/nodes/Redis replica/count", "3–3"),
    // Phase 3: when.
    ("phases/3/users/low", "500"),
    ("phases/3/users/high", "2000"),
    ("phases/3/horizon_months/low", "6"),
    ("phases/3/horizon_months/high", "12"),
    ("phases/3/enter/any/users.concurrent/at_least", "400"),
    ("phases/3/enter/any/users.concurrent/aggregate", "p95"), // ours
    ("phases/3/enter/any/queue.job_duration/above", "5s"),
    ("phases/3/enter/any/queue.job_duration/aggregate", "avg"), // ours
    ("phases/3/enter/any/postgres.query_time/above", "500ms"),
    ("phases/3/enter/any/postgres.query_time/aggregate", "p95"), // ours
    ("phases/3/enter/any/multi_region/is", "true"),
    // Phase 3: what.
    ("phases/3/actions/3.1/priority", "medium"), // ours
    ("phases/3/actions/3.1/figures/services/value", "6"),
    ("phases/3/actions/3.2/priority", "medium"), // ours
    ("phases/3/nodes/application server/count", "3–3"),
    ("phases/3/nodes/load balancer/count", "1–1"),
    ("phases/3/actions/3.2/figures/http_port/value", "80"),
    ("phases/3/actions/3.2/figures/https_port/value", "443"),
    ("phases/3/actions/3.3/priority", "medium"), // ours
    ("phases/3/actions/3.3/figures/memory_tier_below/value", "1ms"),
    ("phases/3/actions/3.3/figures/redis_tier_below/value", "5ms"),
    ("phases/3/actions/3.3/figures/database_tier_below/value", "50ms"),
    ("phases/3/actions/3.4/priority", "medium"), // ours
    // Phase 4: when.
    ("phases/4/users/low", "2000"),
    ("phases/4/users/high", "10000"),
    ("phases/4/horizon_months/low", "12"),
    ("phases/4/horizon_months/high", "24"),
    ("phases/4/enter/any/users.concurrent/at_least", "1500"),
    ("phases/4/enter/any/users.concurrent/aggregate", "p95"), // ours
    ("phases/4/enter/any/multi_region/is", "true"),
    ("phases/4/enter/any/uptime_sla/at_least", "99.9%"),
    ("phases/4/enter/any/complex_compliance/is", "true"),
    // Phase 4: what.
    ("phases/4/actions/4.1/priority", "medium"), // ours
    ("phases/4/nodes/chat API/count", "10–10"),
    ("components/chat API/figures/memory_request/value", "512MiB"),
    ("components/chat API/figures/memory_limit/value", "1GiB"),
    ("components/chat API/figures/cpu_request_cores/value", "0.25"),
    ("components/chat API/figures/cpu_limit_cores/value", "0.5"),
    ("components/chat API/figures/service_port/value", "80"),
    ("components/chat API/figures/container_port/value", "3005"),
    ("phases/4/actions/4.2/priority", "medium"), // ours
    ("components/intent workers/replicas/low", "2"),
    ("components/intent workers/replicas/high", "20"),
    ("components/intent workers/scale_on/node.cpu/target", "70%"),
    ("components/intent workers/scale_on/queue.depth/target", "100"),
    ("phases/4/actions/4.3/priority", "medium"), // ours
    ("regions/US East/role", "primary"),
    ("regions/US East/app_servers", "5"),
    ("regions/US East/database_primary", "true"),
    ("regions/US East/database_replicas", "2"),
    ("regions/US East/redis_nodes", "6"),
    ("regions/EU West/role", "secondary"),
    ("regions/EU West/app_servers", "3"),
    ("regions/EU West/database_primary", "false"),
    ("regions/EU West/database_replicas", "1"),
    ("regions/EU West/redis_nodes", "3"),
    ("regions/Asia Pacific/role", "future"),
    ("regions/Asia Pacific/app_servers", "2"),
    ("regions/Asia Pacific/database_primary", "false"),
    ("regions/Asia Pacific/database_replicas", "1"),
    ("regions/Asia Pacific/redis_nodes", "3"),
    ("phases/4/actions/4.4/priority", "medium"), // ours
    // Phase 5.
    ("phases/5/users/low", "10000"),
    ("phases/5/actions/5.1/priority", "medium"), // ours
    ("phases/5/actions/5.1/figures/event_types/value", "6"),
    ("phases/5/actions/5.2/priority", "medium"), // ours
    ("phases/5/actions/5.3/priority", "medium"), // ours
    // Targets.
    ("objectives/response-time/when_met/below", "200ms"),
    ("objectives/response-time/when_met/aggregate", "p95"), // ours: most of the time
    ("objectives/errors/when_met/below", "1%"),
    ("objectives/errors/when_met/aggregate", "p95"), // ours
    ("objectives/queue-depth-average/when_met/below", "50"),
    ("objectives/queue-depth-average/when_met/aggregate", "avg"),
    ("objectives/queue-depth-peak/when_met/below", "200"),
    ("objectives/queue-depth-peak/when_met/aggregate", "max"),
    ("objectives/job-time-average/when_met/below", "2s"),
    ("objectives/job-time-average/when_met/aggregate", "avg"),
    ("objectives/job-time-peak/when_met/below", "10s"),
    ("objectives/job-time-peak/when_met/aggregate", "max"),
    ("objectives/worker-utilization/when_met/inside/0", "60%"),
    ("objectives/worker-utilization/when_met/inside/1", "80%"),
    ("objectives/worker-utilization/when_met/aggregate", "avg"), // ours
    ("objectives/cpu/when_met/below", "70%"),
    ("objectives/cpu/when_met/aggregate", "p95"), // ours: "sustained"
    ("objectives/memory/when_met/below", "80%"),
    ("objectives/memory/when_met/aggregate", "p95"), // ours: "sustained"
    // Alerts.
    ("alerts/response-time-critical/severity", "critical"),
    ("alerts/response-time-critical/when/above", "5s"),
    ("alerts/response-time-critical/when/for", "5min"),
    ("alerts/errors-critical/severity", "critical"),
    ("alerts/errors-critical/when/above", "5%"),
    ("alerts/errors-critical/when/for", "2min"),
    ("alerts/queue-depth-critical/severity", "critical"),
    ("alerts/queue-depth-critical/when/above", "1000"),
    ("alerts/queue-depth-critical/when/for", "5min"),
    ("alerts/worker-failures-critical/severity", "critical"),
    ("alerts/worker-failures-critical/when/above", "10/min"),
    ("alerts/worker-failures-critical/when/aggregate", "max"), // ours: in any minute
    ("alerts/response-time-warning/severity", "warning"),
    ("alerts/response-time-warning/when/above", "2s"),
    ("alerts/response-time-warning/when/for", "10min"),
    ("alerts/queue-depth-warning/severity", "warning"),
    ("alerts/queue-depth-warning/when/above", "200"),
    ("alerts/queue-depth-warning/when/for", "10min"),
    ("alerts/cpu-warning/severity", "warning"),
    ("alerts/cpu-warning/when/above", "80%"),
    ("alerts/cpu-warning/when/for", "15min"),
    ("alerts/memory-warning/severity", "warning"),
    ("alerts/memory-warning/when/above", "85%"),
    ("alerts/memory-warning/when/for", "10min"),
    // Costs.
    ("phases/2/cost_per_month/low", "200"),
    ("phases/2/cost_per_month/high", "800"),
    ("phases/3/cost_per_month/low", "800"),
    ("phases/3/cost_per_month/high", "3000"),
    ("phases/4/cost_per_month/low", "3000"),
    ("phases/4/cost_per_month/high", "15000"),
    ("phases/5/cost_per_month/low", "15000"),
    // Decisions.
    ("decisions/add-workers/when/above", "100"),
    ("decisions/add-workers/when/for", "10m"), // ours
    ("decisions/add-workers/timeline", "hours"),
    ("decisions/add-app-servers/when/any/host.cpu/above", "70%"),
    ("decisions/add-app-servers/when/any/host.cpu/aggregate", "p95"), // ours
    ("decisions/add-app-servers/when/any/host.memory/above", "80%"),
    ("decisions/add-app-servers/when/any/host.memory/aggregate", "p95"), // ours
    ("decisions/add-app-servers/timeline", "days"),
    ("decisions/optimize-database/when/above", "500ms"),
    ("decisions/optimize-database/when/aggregate", "p95"), // ours
    ("decisions/optimize-database/timeline", "weeks"),
    ("decisions/split-services/when/any/team_size/above", "10"),
    ("decisions/split-services/when/any/complexity/is", "high"),
    ("decisions/split-services/timeline", "months"),
    ("decisions/add-regions/when/any/global_users/is", "true"),
    ("decisions/add-regions/when/any/http.latency/above", "200ms"),
    ("decisions/add-regions/when/any/http.latency/aggregate", "p95"), // ours
    ("decisions/add-regions/timeline", "quarters"),
];

#[test]
fn every_figure_of_the_document_stands_in_the_profile_and_no_other() {
    check("node-queue-chat", FIGURES);
}

#[test]
fn what_has_no_figure_stands_there_too() {
    let roadmap = read("node-queue-chat");
    assert_eq!(roadmap.currency, "USD");
    assert_eq!(roadmap.phases.len(), 5);
    let actions: Vec<usize> = roadmap.phases.iter().map(|phase| phase.actions.len()).collect();
    assert_eq!(actions, [0, 3, 4, 4, 3]);
    for phase in &roadmap.phases[1..] {
        assert!(phase.focus.is_some(), "phase {}: focus", phase.number);
        assert_eq!(phase.learn.len(), 5, "phase {}: things to learn", phase.number);
    }
    let tools: Vec<usize> = roadmap.phases.iter().map(|phase| phase.tools.len()).collect();
    assert_eq!(tools, [0, 2, 3, 2, 3]);
    assert!(roadmap.phases[4].users.high().is_none() && roadmap.milestones.is_empty());
}
