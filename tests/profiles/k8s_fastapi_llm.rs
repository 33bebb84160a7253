//! Every figure of the roadmap behind `k8s-fastapi-llm`, written out once more: none is lost, changed or added.

use super::{contradictions, figures::check, read};

/// The figures in the notation of the document, in its order, by their path in the profile's JSON.
/// "Ours" are durations, priorities, timelines and ways to average that the document leaves open.
#[rustfmt::skip]
const FIGURES: &[(&str, &str)] = &[
    ("schema", "1"),
    // The table of components.
    ("components/backend/figures/pods/value", "3"),
    ("components/backend/figures/workers_per_pod/value", "4"),
    ("components/backend/replicas", "3–20"),
    ("components/frontend/figures/pods/value", "2"),
    ("components/frontend/replicas", "2–10"),
    ("components/PostgreSQL/figures/instances/value", "1"),
    ("components/Redis/figures/instances/value", "1"),
    ("decisions/raise-maximum/when/at_least", "100%"), // ours: the maximum itself is the document's
    ("decisions/raise-maximum/when/for", "15m"), // ours
    ("decisions/raise-maximum/timeline", "hours"), // ours
    // Phase 1.
    ("phases/1/users", "0–10000"),
    ("deployments/one-cluster/users", "0–10000"),
    ("phases/1/nodes/backend/count", "3–8"),
    ("deployments/one-cluster/capacity/users.concurrent", "500"),
    ("load/peak_concurrent_ratio", "5%"), // ours: 500 of 10,000
    ("phases/1/nodes/PostgreSQL/count", "1–1"),
    ("phases/1/nodes/Redis/count", "1–1"),
    ("phases/1/cost_per_month", "200–500"),
    // Phase 2.
    ("phases/2/users", "10000–50000"),
    ("phases/2/enter/at_least", "10000"),
    ("phases/2/enter/aggregate", "last"), // ours
    ("phases/2/nodes/backend/count", "10–15"),
    ("phases/2/cost_per_month", "1000–2500"),
    // Phase 3.
    ("phases/3/users", "50000–"),
    ("phases/3/enter/at_least", "50000"),
    ("phases/3/enter/aggregate", "last"), // ours
    ("phases/3/actions/3.1/figures/regions/value", "2–"),
    ("regions/US/role", "future"),
    ("regions/US/database_primary", "false"),
    ("regions/EU/role", "future"),
    ("regions/EU/database_primary", "false"),
    ("phases/3/nodes/backend/count", "15–20"),
    ("phases/3/actions/3.5/figures/pods/value", "20–"),
    ("phases/3/cost_per_month", "5000–15000"),
    // Spending less.
    ("savings/0/figures/cost_factor/value", "10"),
    // Actions.
    ("phases/1/actions/1.1/priority", "medium"), // ours
    ("phases/1/actions/1.2/priority", "medium"), // ours
    ("phases/1/actions/1.3/priority", "medium"), // ours
    ("phases/2/actions/2.1/priority", "medium"), // ours
    ("phases/2/actions/2.2/priority", "medium"), // ours
    ("phases/2/actions/2.3/priority", "medium"), // ours
    ("phases/2/actions/2.4/priority", "medium"), // ours
    ("phases/2/actions/2.5/priority", "medium"), // ours
    ("phases/3/actions/3.1/priority", "medium"), // ours
    ("phases/3/actions/3.2/priority", "medium"), // ours
    ("phases/3/actions/3.3/priority", "medium"), // ours
    ("phases/3/actions/3.4/priority", "medium"), // ours
    ("phases/3/actions/3.5/priority", "medium"), // ours
    ("phases/3/actions/3.6/priority", "medium"), // ours
];

#[test]
fn every_figure_of_the_document_stands_in_the_profile_and_no_other() {
    check("k8s-fastapi-llm", FIGURES);
}

#[test]
fn what_has_no_figure_stands_there_too() {
    let roadmap = read("k8s-fastapi-llm");
    let actions: Vec<usize> = roadmap.phases.iter().map(|phase| phase.actions.len()).collect();
    assert_eq!(actions, [3, 5, 6]);
    assert_eq!((roadmap.components.len(), roadmap.principles.len(), roadmap.savings.len()), (5, 8, 5));
}

#[test]
fn where_the_document_contradicts_itself_is_told() {
    let expected = [("roadmap/contradiction", "[20]")];
    assert_eq!(contradictions("k8s-fastapi-llm"), expected);
}
