//! Where a document contradicts itself: both figures are kept, and the reader is told of both places.

use schemars::JsonSchema;
use serde::Serialize;

use super::{CostPoint, Effort, Milestone, Phase, Range, Roadmap};
use crate::{
    diagnostic::{Diagnostic, Node, Reader},
    signal::Quantity,
};

/// Two or more places of a roadmap that do not fit together, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Contradiction {
    /// The places: keys joined by `/`; an item of a list goes by its id, number, users, name or title.
    pub between: Vec<String>,
    /// What does not fit.
    pub text: String,
}

/// A contradiction that the author of the roadmap points out, reported as a note.
pub(super) fn read(node: Node<'_>, document: &Reader<'_>) -> Option<Contradiction> {
    let reader = node.table()?;
    let text = reader.need("text", Node::string);
    let between = reader.need("between", |node| {
        let items = node.items()?;
        if items.len() < 2 {
            return node.fail("roadmap/one-place", "a contradiction is between two places or more");
        }
        Some(items.into_iter().filter_map(|item| place(item, document)).collect::<Vec<_>>())
    });
    let (text, between) = (text?, between?);
    let mut spans = between.iter().map(|(_, span)| span.clone());
    let first = Diagnostic::note("roadmap/contradiction", spans.next()?, text.clone());
    reader.report(spans.fold(first, |told, span| told.also(span, "does not fit this")));
    Some(Contradiction { between: between.into_iter().map(|(path, _)| path).collect(), text })
}

/// A path and where it leads.
fn place(node: Node<'_>, document: &Reader<'_>) -> Option<(String, std::ops::Range<usize>)> {
    let path = node.string()?;
    match document.find(&path) {
        Some(span) => Some((path, span)),
        None => node.fail("roadmap/unknown-place", format!("nothing stands at `{path}` in this file")),
    }
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

/// A total that its items do not come to.
fn total(cost: &CostPoint) -> Option<Diagnostic> {
    let sum = cost.sum_of_items()?;
    if holds(cost, sum, sum) {
        return None;
    }
    let message = format!("the items at {} users come to {sum}, not to the stated total", cost.users);
    Some(Diagnostic::note("roadmap/cost-total", cost.span.clone(), message))
}

/// A cost outside of what every phase that touches its users says.
fn phase(phases: &[Phase], cost: &CostPoint) -> Option<Diagnostic> {
    let touches = |phase: &&Phase| {
        phase.users.low() <= cost.users && phase.users.high().is_none_or(|high| cost.users <= high)
    };
    let stated: Vec<_> = phases
        .iter()
        .filter(touches)
        .filter_map(|phase| Some((phase, phase.cost_per_month?, phase.cost_span.clone()?)))
        .collect();
    let fits =
        stated.iter().any(|(_, range, _)| holds(cost, range.low(), range.high().unwrap_or(f64::INFINITY)));
    if stated.is_empty() || fits {
        return None;
    }
    let message = format!("the cost at {} users is not what the phases say", cost.users);
    let mut note = Diagnostic::note("roadmap/phase-cost", cost.span.clone(), message).label("stated here");
    for (phase, _, span) in stated {
        note = note.also(span, format!("phase {}", phase.number));
    }
    Some(note)
}

/// Whether a stated cost has anything in common with a stretch of amounts; cents do not count.
fn holds(cost: &CostPoint, low: f64, high: f64) -> bool {
    cost.per_month.low() < high + 1.0 && cost.per_month.high().is_none_or(|stated| stated > low - 1.0)
}

/// Costs that rise up to a milestone by another amount than its remedy is said to add.
fn rise(milestone: &Milestone, before: &CostPoint, at: &CostPoint) -> Option<Diagnostic> {
    let least = at.per_month.low() - before.per_month.high()?;
    let most = at.per_month.high()? - before.per_month.low();
    let added = milestone.cost_per_month;
    if least <= added.high().unwrap_or(f64::INFINITY) && most >= added.low() {
        return None;
    }
    let rises = if least < most { format!("{least} to {most}") } else { least.to_string() };
    let message = format!(
        "from {} to {} users the costs rise by {rises}, but the remedy at {} users adds another amount",
        before.users, at.users, milestone.users
    );
    let note = Diagnostic::note("roadmap/cost-rise", milestone.cost_span.clone(), message);
    Some(note.label("added here").also(before.span.clone(), "rises from").also(at.span.clone(), "to"))
}

/// The work for a stage takes another time than the remedy that the stage is about.
fn work(milestone: &Milestone, effort: &Effort) -> Option<Diagnostic> {
    let (stated, remedy) = (effort.effort, milestone.effort);
    let beyond = |range: Range<Quantity>, low: Quantity| range.high().is_some_and(|high| high < low);
    if !beyond(stated, remedy.low()) && !beyond(remedy, stated.low()) {
        return None;
    }
    let message = format!("the work for {} users and the remedy there take different times", milestone.users);
    let note = Diagnostic::note("roadmap/effort", milestone.effort_span.clone(), message);
    Some(note.label("the remedy").also(effort.span.clone(), "the work"))
}

/// A decision about the architecture before the users from which it may have to change.
fn decision_point(roadmap: &Roadmap) -> Option<Diagnostic> {
    let architecture = roadmap.architecture.as_ref()?;
    let (users, span) = architecture.change_from_users.zip(architecture.change_span.clone())?;
    let early = roadmap.milestones.iter().find(|one| one.decision_point && one.users < users)?;
    let message = format!(
        "the architecture is to be decided at {} users, but need not change below {users}",
        early.users
    );
    Some(Diagnostic::note("roadmap/early-decision", early.span.clone(), message).also(span, "changes from"))
}
