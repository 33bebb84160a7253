//! Every figure of the roadmap behind `node-qdrant-saas`, written out once more: none is lost, changed or added.

use scale_advisor::roadmap::Condition;

use super::{figures::check, read};

/// The figures in the notation of the document, in its order, by their path in the profile's JSON. A figure
/// without a range stands at both ends. "Ours" are durations, limits and ways to average that the document
/// leaves open.
#[rustfmt::skip]
const FIGURES: &[(&str, &str)] = &[
    ("schema", "1"),
    // Summary.
    ("architecture/carries/low", "15000"),
    ("architecture/carries/high", "20000"),
    ("architecture/change_from_users", "50000"),
    // Today.
    ("deployments/single-server/users/low", "0"), // ours
    ("deployments/single-server/users/high", "100"),
    ("baseline/http.requests/low", "50/min"),
    ("baseline/http.requests/high", "100/min"),
    ("baseline/postgres.connections/low", "5"),
    ("baseline/postgres.connections/high", "10"),
    ("baseline/vector.searches/low", "20/min"),
    ("baseline/vector.searches/high", "30/min"),
    ("baseline/container.memory/low", "200MB"),
    ("baseline/container.memory/high", "400MB"),
    ("baseline/http.latency/low", "100ms"),
    ("baseline/http.latency/high", "300ms"),
    ("load/read_ratio", "80%"),
    ("load/daily_active_ratio", "30%"),
    ("load/peak_concurrent_ratio", "10%"),
    // Milestone of 500 users.
    ("milestones/500/act_by_users", "400"),
    ("milestones/500/symptoms/0/when/at_least", "100%"), // ours
    ("milestones/500/symptoms/0/when/aggregate", "max"), // ours
    ("milestones/500/symptoms/1/when/above", "2s"),
    ("milestones/500/symptoms/1/when/aggregate", "p95"), // ours
    ("milestones/500/effort/low", "1w"),
    ("milestones/500/effort/high", "2w"),
    ("milestones/500/lead_time", "2w"),
    ("milestones/500/cost_per_month/low", "200"),
    ("milestones/500/cost_per_month/high", "500"),
    ("milestones/500/decision_point", "false"),
    // Milestone of 2,000 users.
    ("milestones/2000/act_by_users", "1500"),
    ("milestones/2000/symptoms/0/when/above", "10s"),
    ("milestones/2000/symptoms/0/when/aggregate", "p95"), // ours
    ("milestones/2000/symptoms/1/when/above", "5s"), // ours
    ("milestones/2000/symptoms/1/when/aggregate", "p95"), // ours
    ("milestones/2000/symptoms/2/when/any/vector.memory/above", "8GB"),
    ("milestones/2000/symptoms/2/when/any/vector.memory/aggregate", "p95"), // ours
    ("milestones/2000/symptoms/2/when/any/vector.memory_needed/above", "8GB"),
    ("milestones/2000/symptoms/2/when/any/vector.memory_needed/aggregate", "p95"), // ours
    ("alerts/vector-memory/when/above", "8GB"),
    ("alerts/vector-memory/when/aggregate", "p95"), // ours
    ("alerts/vector-memory/severity", "critical"), // ours
    ("alerts/vector-memory-needed/when/above", "8GB"),
    ("alerts/vector-memory-needed/when/aggregate", "p95"), // ours
    ("alerts/vector-memory-needed/severity", "critical"), // ours
    ("milestones/2000/effort/low", "2w"),
    ("milestones/2000/effort/high", "3w"),
    ("milestones/2000/cost_per_month/low", "500"),
    ("milestones/2000/cost_per_month/high", "1000"),
    ("milestones/2000/decision_point", "false"),
    // Milestone of 5,000 users.
    ("milestones/5000/act_by_users", "4000"),
    ("milestones/5000/symptoms/0/when/below", "60%"),
    ("milestones/5000/symptoms/0/when/aggregate", "avg"), // ours
    ("milestones/5000/symptoms/2/figures/response_time_factor/value/low", "3"),
    ("milestones/5000/symptoms/2/figures/response_time_factor/value/high", "5"),
    ("milestones/5000/symptoms/2/when/above", "900ms"), // three times the baseline
    ("milestones/5000/symptoms/2/when/aggregate", "p95"), // ours
    ("milestones/5000/effort/low", "1w"),
    ("milestones/5000/effort/high", "2w"),
    ("milestones/5000/cost_per_month/low", "300"),
    ("milestones/5000/cost_per_month/high", "600"),
    ("milestones/5000/decision_point", "false"),
    // Milestone of 10,000 users.
    ("milestones/10000/act_by_users", "8000"),
    ("milestones/10000/symptoms/0/when/above", "100ms"),
    ("milestones/10000/symptoms/0/when/aggregate", "p95"), // ours
    ("milestones/10000/symptoms/2/when/above", "80%"),
    ("milestones/10000/symptoms/2/when/for", "15m"), // ours
    ("milestones/10000/effort/low", "2w"),
    ("milestones/10000/effort/high", "3w"),
    ("milestones/10000/cost_per_month/low", "1000"),
    ("milestones/10000/cost_per_month/high", "2000"),
    ("milestones/10000/decision_point", "false"),
    // Decision point at 20,000 users.
    ("milestones/20000/decision_point", "true"),
    ("milestones/20000/symptoms/0/when/above", "80%"), // ours
    ("milestones/20000/symptoms/0/when/aggregate", "p95"), // ours
    ("milestones/20000/symptoms/1/when/is", "high"),
    ("milestones/20000/symptoms/2/when/is", "falling"),
    ("milestones/20000/effort/low", "90d"), // 3 months
    ("milestones/20000/effort/high", "180d"), // 6 months
    ("milestones/20000/cost_per_month/low", "5000"),
    ("milestones/20000/cost_per_month/high", "10000"),
    // From 100 to 500 users.
    ("phases/1/users/low", "100"),
    ("phases/1/users/high", "500"),
    ("phases/1/actions/1.1/weeks/low", "1"),
    ("phases/1/actions/1.1/weeks/high", "2"),
    ("phases/1/actions/1.1/figures/dashboard_gain/value", "70%"),
    ("phases/1/actions/1.1/priority", "medium"), // ours, as all priorities
    ("phases/1/actions/1.2/weeks/low", "3"),
    ("phases/1/actions/1.2/weeks/high", "4"),
    ("phases/1/actions/1.2/figures/pool_before/value", "20"),
    ("phases/1/actions/1.2/figures/pool_after/value", "50"),
    ("phases/1/actions/1.2/priority", "medium"),
    ("phases/1/actions/1.3/weeks/low", "5"),
    ("phases/1/actions/1.3/weeks/high", "6"),
    ("phases/1/actions/1.3/priority", "medium"),
    ("phases/1/serves/low", "500"),
    ("phases/1/serves/high", "1500"),
    // From 500 to 2,000 users.
    ("phases/2/users/low", "500"),
    ("phases/2/users/high", "2000"),
    ("phases/2/actions/2.1/weeks/low", "1"),
    ("phases/2/actions/2.1/weeks/high", "2"),
    ("phases/2/actions/2.1/figures/embedding_ttl/value", "24h"),
    ("phases/2/actions/2.1/priority", "medium"),
    ("phases/2/actions/2.2/weeks/low", "3"),
    ("phases/2/actions/2.2/weeks/high", "4"),
    ("phases/2/actions/2.2/priority", "medium"),
    ("phases/2/actions/2.3/weeks/low", "5"),
    ("phases/2/actions/2.3/weeks/high", "6"),
    ("phases/2/actions/2.3/priority", "medium"),
    ("phases/2/serves/low", "2000"),
    ("phases/2/serves/high", "5000"),
    // From 2,000 to 10,000 users.
    ("phases/3/users/low", "2000"),
    ("phases/3/users/high", "10000"),
    ("phases/3/actions/3.1/weeks/low", "1"),
    ("phases/3/actions/3.1/weeks/high", "3"),
    ("phases/3/actions/3.1/priority", "medium"),
    ("phases/3/actions/3.2/weeks/low", "4"),
    ("phases/3/actions/3.2/weeks/high", "6"),
    ("phases/3/actions/3.2/priority", "medium"),
    ("phases/3/actions/3.3/weeks/low", "7"),
    ("phases/3/actions/3.3/weeks/high", "9"),
    ("phases/3/actions/3.3/priority", "medium"),
    ("phases/3/serves/low", "10000"),
    ("phases/3/serves/high", "20000"),
    // From 10,000 users.
    ("phases/4/users/low", "10000"),
    ("phases/4/actions/4.1/months/low", "1"),
    ("phases/4/actions/4.1/months/high", "2"),
    ("phases/4/actions/4.1/priority", "medium"),
    ("phases/4/actions/4.2/months/low", "3"),
    ("phases/4/actions/4.2/months/high", "4"),
    ("phases/4/actions/4.2/priority", "medium"),
    ("phases/4/actions/4.3/months/low", "5"),
    ("phases/4/actions/4.3/months/high", "6"),
    ("phases/4/actions/4.3/priority", "medium"),
    // Costs of the infrastructure.
    ("costs/100/per_month/low", "200"),
    ("costs/100/per_month/high", "200"),
    ("costs/500/per_month/low", "500"),
    ("costs/500/per_month/high", "500"),
    ("costs/2000/per_month/low", "1500"),
    ("costs/2000/per_month/high", "1500"),
    ("costs/5000/per_month/low", "3000"),
    ("costs/5000/per_month/high", "3000"),
    ("costs/10000/per_month/low", "6000"),
    ("costs/10000/per_month/high", "6000"),
    ("costs/20000/per_month/low", "12000"),
    ("costs/20000/per_month/high", "12000"),
    // Work of the engineers.
    ("efforts/500/effort/low", "4w"),
    ("efforts/500/effort/high", "6w"),
    ("efforts/2000/effort/low", "6w"),
    ("efforts/2000/effort/high", "8w"),
    ("efforts/5000/effort/low", "4w"),
    ("efforts/5000/effort/high", "6w"),
    ("efforts/10000/effort/low", "8w"),
    ("efforts/10000/effort/high", "10w"),
    ("efforts/4/effort/low", "180d"), // 6 months, for no number of users
    ("efforts/4/effort/high", "360d"), // 12 months
    // Tests.
    ("load_tests/endpoints/frequency", "deployment"),
    ("load_tests/endpoints/pass/all/http.latency/below", "200ms"),
    ("load_tests/endpoints/pass/all/http.latency/aggregate", "p95"), // ours
    ("load_tests/endpoints/pass/all/http.requests/above", "100/s"),
    ("load_tests/endpoints/pass/all/http.requests/aggregate", "p95"), // ours
    ("load_tests/endpoints/pass/all/http.errors/below", "0.1%"),
    ("load_tests/endpoints/pass/all/http.errors/aggregate", "p95"), // ours
    ("load_tests/workflows/frequency", "weekly"),
    ("load_tests/load/frequency", "monthly"),
    ("load_tests/load/concurrency/0", "100"),
    ("load_tests/load/concurrency/1", "500"),
    ("load_tests/load/concurrency/2", "1000"),
    ("load_tests/load/concurrency/3", "2000"),
    ("load_tests/load/duration", "30m"),
    ("load_tests/load/ramp", "2m"),
    ("load_tests/stress/frequency", "quarterly"),
    // When to stay with the architecture.
    ("architecture/stay_if/0/when/below", "80%"), // ours
    ("architecture/stay_if/0/when/aggregate", "p95"), // ours
    ("architecture/stay_if/1/when/is", "high"),
    ("architecture/stay_if/2/when/is", "strong"),
    ("architecture/stay_if/3/when/all/http.errors/below", "0.1%"),
    ("architecture/stay_if/3/when/all/http.errors/aggregate", "p95"), // ours
    ("architecture/stay_if/3/when/all/app.availability/above", "99.5%"),
    ("architecture/stay_if/3/when/all/app.availability/aggregate", "avg"), // ours
    // When to look for another one.
    ("architecture/evaluate_if/0/when/above", "80%"),
    ("architecture/evaluate_if/0/when/for", "15m"), // ours
    ("architecture/evaluate_if/1/when/is", "true"),
    ("architecture/evaluate_if/2/when/any/postgres.connections/at_least", "95%"), // ours
    ("architecture/evaluate_if/2/when/any/postgres.connections/aggregate", "p95"), // ours
    ("architecture/evaluate_if/2/when/any/redis.clients/at_least", "95%"), // ours
    ("architecture/evaluate_if/2/when/any/redis.clients/aggregate", "p95"), // ours
    ("architecture/evaluate_if/3/when/is", "high"),
    // What the decision rests on; the limits of the performance are those of the targets.
    ("architecture/criteria/performance-gap/when_met/all/feature.latency of dashboard/below", "500ms"),
    ("architecture/criteria/performance-gap/when_met/all/feature.latency of dashboard/aggregate", "p95"),
    ("architecture/criteria/performance-gap/when_met/all/feature.latency of content-generation/below", "5s"),
    ("architecture/criteria/performance-gap/when_met/all/feature.latency of content-generation/aggregate", "p95"),
    ("architecture/criteria/performance-gap/when_met/all/feature.latency of publishing/below", "2s"),
    ("architecture/criteria/performance-gap/when_met/all/feature.latency of publishing/aggregate", "p95"),
    ("architecture/criteria/performance-gap/when_met/all/http.errors/below", "0.1%"),
    ("architecture/criteria/performance-gap/when_met/all/http.errors/aggregate", "p95"), // ours
    ("architecture/criteria/performance-gap/when_met/all/app.availability/above", "99.5%"),
    ("architecture/criteria/performance-gap/when_met/all/app.availability/aggregate", "avg"), // ours
    ("architecture/criteria/development-velocity/when_met/is", "high"),
    ("architecture/criteria/team-expertise/when_met/is", "strong"),
    ("architecture/criteria/migration-cost/when_met/is", "high"),
    ("architecture/criteria/operational-complexity/when_met/is", "acceptable"),
    // The order of the work.
    ("implementation/1/weeks/low", "1"),
    ("implementation/1/weeks/high", "6"),
    ("implementation/2/weeks/low", "7"),
    ("implementation/2/weeks/high", "12"),
    ("implementation/3/weeks/low", "13"),
    ("implementation/3/weeks/high", "20"),
    ("implementation/4/months/low", "6"),
    ("implementation/4/months/high", "12"),
    // Targets.
    ("objectives/dashboard/when_met/below", "500ms"),
    ("objectives/dashboard/when_met/aggregate", "p95"),
    ("objectives/content-generation/when_met/below", "5s"),
    ("objectives/content-generation/when_met/aggregate", "p95"),
    ("objectives/publishing/when_met/below", "2s"),
    ("objectives/publishing/when_met/aggregate", "p95"),
    ("objectives/uptime/when_met/above", "99.5%"),
    ("objectives/uptime/when_met/aggregate", "avg"), // ours
    ("objectives/errors/when_met/below", "0.1%"),
    ("objectives/errors/when_met/aggregate", "p95"), // ours
    ("objectives/data-consistency/when_met/above", "99.9%"),
    ("objectives/headroom/when_met/at_least", "10"),
    ("objectives/headroom/when_met/aggregate", "last"),
    ("objectives/feature-velocity/when_met/is", "high"),
    ("objectives/cost-growth/when_met/at_most", "1"),
    ("objectives/cost-growth/when_met/aggregate", "last"),
];

#[test]
fn every_figure_of_the_document_stands_in_the_profile_and_no_other() {
    check("node-qdrant-saas", FIGURES);
}

#[test]
fn what_has_no_figure_stands_there_too() {
    let roadmap = read("node-qdrant-saas");
    let counts: Vec<usize> = roadmap.phases.iter().map(|phase| phase.actions.len()).collect();
    assert_eq!(counts, [3, 3, 3, 3]);
    let counts: Vec<usize> = roadmap.milestones.iter().map(|milestone| milestone.symptoms.len()).collect();
    assert_eq!(counts, [3, 3, 3, 3, 3]);
    assert_eq!(roadmap.milestones[4].options.len(), 3);
    let counts: Vec<usize> = roadmap.implementation.iter().map(|stage| stage.items.len()).collect();
    assert_eq!(counts, [4, 4, 4, 4]);
    let counts: Vec<[usize; 2]> =
        roadmap.load_tests.iter().map(|test| [test.scenarios.len(), test.metrics.len()]).collect();
    assert_eq!(counts, [[0, 0], [3, 0], [0, 0], [0, 3]]);
    let architecture = roadmap.architecture.unwrap();
    assert_eq!((architecture.stay_if.len(), architecture.evaluate_if.len()), (4, 4));
    assert_eq!(architecture.criteria.len(), 5);
}

#[test]
fn every_limit_is_of_the_signal_that_the_document_means() {
    let roadmap = read("node-qdrant-saas");
    let symptoms: Vec<Vec<String>> = roadmap
        .milestones
        .iter()
        .map(|milestone| {
            let conditions = milestone.symptoms.iter().filter_map(|symptom| symptom.when.as_ref());
            conditions.flat_map(Condition::signals).map(|signal| signal.to_string()).collect()
        })
        .collect();
    let expected: [&[&str]; 5] = [
        &["postgres.connections", "feature.latency"],
        &["feature.latency", "vector.search_latency", "vector.memory", "vector.memory_needed"],
        &["redis.hit_ratio", "http.latency"],
        &["node.event_loop_lag", "node.cpu"],
        &["container.memory"],
    ];
    assert_eq!(symptoms, expected);
    let resources: Vec<&str> =
        roadmap.milestones.iter().map(|milestone| milestone.resource.as_str()).collect();
    let expected = ["postgres.connections", "vector.search", "redis.memory", "app.cpu", "app.memory"];
    assert_eq!(resources, expected);
}
