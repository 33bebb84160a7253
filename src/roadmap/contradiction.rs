//! Where a document contradicts itself: both figures are kept, and both places are reported.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{CostPoint, Effort, Milestone, Phase, Range, Roadmap};
use crate::{
    diagnostic::{Diagnostic, Node, Reader, schema, toml_table},
    signal::Quantity,
};

toml_table! {
    /// Two or more places of a roadmap that contradict each other.
    #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
    pub struct Contradiction {
        /// The places: keys joined by `/`; an item of a list is named by its id, number, users, name or title.
        pub between: Vec<String>,
        /// What does not match.
        pub text: String,
    }
    check = check_count;
    check_list = report_stated;
    restrict = require_two;
}

fn check_count(contradiction: &mut Contradiction, reader: &Reader<'_>) {
    if let Some(node) = reader.required("between")
        && contradiction.between.len() < 2
    {
        node.fail::<()>("roadmap/one-place", "a contradiction needs at least two places");
    }
}

fn require_two(schema: Value) -> Value {
    schema::at_least(schema, "between", 2)
}

/// Reports the contradictions that the author of the roadmap states, as notes.
fn report_stated(contradictions: &[Option<Contradiction>], document: &Reader<'_>, key: &'static str) {
    let nodes = document.get(key, Node::items).unwrap_or_default();
    for (contradiction, node) in contradictions.iter().zip(nodes) {
        let (Some(contradiction), Some(places)) = (contradiction, node.get("between").and_then(Node::items))
        else {
            continue;
        };
        if places.len() < 2 {
            continue;
        }
        let mut spans = places.into_iter().filter_map(|place| span_of(place, document));
        let Some(first) = spans.next() else { continue };
        let note = Diagnostic::note("roadmap/contradiction", first, &contradiction.text);
        document.report(spans.fold(note, |note, span| note.also(span, "contradicts this")));
    }
}

fn span_of(place: Node<'_>, document: &Reader<'_>) -> Option<std::ops::Range<usize>> {
    let path = place.as_str()?;
    document
        .find(path)
        .or_else(|| place.fail("roadmap/unknown-place", format!("there is nothing at `{path}` in this file")))
}

/// Reports every contradiction that the figures themselves show.
pub(super) fn report(reader: &Reader<'_>, roadmap: &Roadmap) {
    for cost in &roadmap.costs {
        let notes = [total(cost), phase(&roadmap.phases, cost)];
        notes.into_iter().flatten().for_each(|note| reader.report(note));
    }
    for pair in roadmap.costs.windows(2) {
        let milestone = roadmap.milestones.iter().find(|milestone| milestone.users == pair[1].users);
        if let Some(note) = milestone.and_then(|milestone| rise(milestone, &pair[0], &pair[1])) {
            reader.report(note);
        }
    }
    for effort in &roadmap.efforts {
        let milestone = roadmap.milestones.iter().find(|milestone| Some(milestone.users) == effort.users);
        if let Some(note) = milestone.and_then(|milestone| work(milestone, effort)) {
            reader.report(note);
        }
    }
    if let Some(note) = decision_point(roadmap) {
        reader.report(note);
    }
}

/// A total that differs from the sum of its items.
fn total(cost: &CostPoint) -> Option<Diagnostic> {
    let sum = cost.sum_of_items()?;
    if holds(cost, sum, sum) {
        return None;
    }
    let message = format!("the items at {} users add up to {sum}, not to the stated total", cost.users);
    Some(Diagnostic::note("roadmap/cost-total", cost.amount_span(), message))
}

/// A cost outside of what every phase with these users says.
fn phase(phases: &[Phase], cost: &CostPoint) -> Option<Diagnostic> {
    let touches = |phase: &&Phase| {
        phase.users.low() <= cost.users && phase.users.high().is_none_or(|high| cost.users <= high)
    };
    let stated: Vec<_> =
        phases.iter().filter(touches).filter_map(|phase| Some((phase, phase.cost_per_month?))).collect();
    let fits =
        stated.iter().any(|(_, range)| holds(cost, range.low(), range.high().unwrap_or(f64::INFINITY)));
    if stated.is_empty() || fits {
        return None;
    }
    let message = format!("the cost at {} users differs from that of the phases", cost.users);
    let mut note = Diagnostic::note("roadmap/phase-cost", cost.amount_span(), message).label("stated here");
    for (phase, _) in stated {
        note = note.also(phase.spans.of_key("cost_per_month"), format!("phase {}", phase.number));
    }
    Some(note)
}

/// Whether a stated cost has anything in common with a range of amounts, give or take one unit.
fn holds(cost: &CostPoint, low: f64, high: f64) -> bool {
    cost.per_month.low() < high + 1.0 && cost.per_month.high().is_none_or(|stated| stated > low - 1.0)
}

/// Costs that rise up to a milestone by a different amount than its remedy is said to add.
fn rise(milestone: &Milestone, before: &CostPoint, at: &CostPoint) -> Option<Diagnostic> {
    let least = at.per_month.low() - before.per_month.high()?;
    let most = at.per_month.high()? - before.per_month.low();
    let added = milestone.cost_per_month;
    if least <= added.high().unwrap_or(f64::INFINITY) && most >= added.low() {
        return None;
    }
    let rises = if least < most { format!("{least} to {most}") } else { least.to_string() };
    let message = format!(
        "from {} to {} users the costs rise by {rises}, but the remedy at {} users adds a different amount",
        before.users, at.users, milestone.users
    );
    let note = Diagnostic::note("roadmap/cost-rise", milestone.spans.of_key("cost_per_month"), message);
    Some(note.label("added here").also(before.amount_span(), "rises from").also(at.amount_span(), "to"))
}

/// The effort of a stage differs from that of the remedy that the stage is about.
fn work(milestone: &Milestone, effort: &Effort) -> Option<Diagnostic> {
    let (stated, remedy) = (effort.effort, milestone.effort);
    let beyond = |range: Range<Quantity>, low: Quantity| range.high().is_some_and(|high| high < low);
    if !beyond(stated, remedy.low()) && !beyond(remedy, stated.low()) {
        return None;
    }
    let message = format!("the effort for {} users differs from that of the remedy there", milestone.users);
    let note = Diagnostic::note("roadmap/effort", milestone.spans.of_key("effort"), message);
    Some(note.label("the remedy").also(effort.spans.of_key("effort"), "the effort"))
}

/// A decision about the architecture before the users from which it may have to change.
fn decision_point(roadmap: &Roadmap) -> Option<Diagnostic> {
    let architecture = roadmap.architecture.as_ref()?;
    let users = architecture.change_from_users?;
    let early = roadmap.milestones.iter().find(|early| early.decision_point && early.users < users)?;
    let message = format!(
        "the architecture is to be decided at {} users, but need not change below {users}",
        early.users
    );
    Some(
        Diagnostic::note("roadmap/early-decision", early.spans.of_key("users"), message)
            .also(architecture.spans.of_key("change_from_users"), "changes from"),
    )
}
