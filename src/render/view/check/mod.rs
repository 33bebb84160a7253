//! `check`: what to know within ten seconds, or with `-v` everything.

mod findings;
mod resources;
mod rows;
mod service_levels;
mod standing;
mod summary;
mod trend;

pub use self::rows::Rows;
pub(in crate::render) use self::summary::deadline_and_action;
use super::{
    llm_spend,
    step::{brief_step, step},
};
use crate::{
    assess::{Assessment, Bottleneck, PlanItem, PlanReason},
    render::{
        document::{Block, Document, Section},
        summary::headline,
    },
    signal::{ResourceId, span_text},
    snapshot::Snapshot,
};

/// How many actions of the plan a page shows.
const MAX_ACTIONS: usize = 3;

/// What a page of `check` shows.
#[derive(Debug, Clone, Copy)]
pub struct CheckView<'a> {
    /// The assessment.
    pub assessment: &'a Assessment,
    /// The measurements behind it, for the trends.
    pub snapshot: &'a Snapshot,
    /// Whether to show everything instead of what matters.
    pub verbose: bool,
    /// Which rows to show.
    pub rows: Rows<'a>,
}

/// The assessment as a page.
pub fn check_document(view: &CheckView<'_>) -> Document {
    let assessment = view.assessment;
    let window = assessment.window.to - assessment.window.from;
    let sections = [
        Some(summary::section(view)),
        resources::section(view),
        service_levels::section(view),
        llm_spend(view),
        findings::section(view),
        plan(view),
    ];
    let details = standing::details(view).into_iter().chain(findings::decisions(view));
    Document {
        title: headline(assessment).into(),
        tone: assessment.verdict.into(),
        subtitle: format!(
            "{} · {} · {}",
            assessment.profile.id,
            assessment.generated_at.format("%-d %b %Y %H:%M UTC"),
            span_text(window.num_seconds() as f64)
        ),
        simulated: assessment.simulated.clone(),
        sections: sections.into_iter().flatten().chain(details).collect(),
        footer: format!("scale-advisor {}", assessment.tool_version),
        ..Document::default()
    }
}

/// What is spent on language models, where that is measured.
fn llm_spend(view: &CheckView<'_>) -> Option<Section> {
    let Assessment { llm_spend, load, .. } = view.assessment;
    llm_spend.as_ref().map(|spend| llm_spend::section(spend, &load.unit, view.verbose))
}

/// What to do first; with `-v` everything with its reasons and instructions.
fn plan(view: &CheckView<'_>) -> Option<Section> {
    let Assessment { plan, cost, generated_at, .. } = view.assessment;
    let open: Vec<&PlanItem> = plan.iter().filter(|item| !item.done).collect();
    let (shown, hidden) = if view.verbose {
        (plan.iter().collect(), 0)
    } else {
        (open.iter().copied().take(MAX_ACTIONS).collect::<Vec<_>>(), open.len().saturating_sub(MAX_ACTIONS))
    };
    let to_step = if view.verbose { step } else { brief_step };
    let steps = shown.into_iter().map(|item| to_step(item, &cost.currency, *generated_at)).collect();
    let mut blocks = vec![Block::steps(steps)?];
    if hidden > 0 {
        let done = plan.len() - open.len();
        let done = if done > 0 { format!(", {done} done") } else { String::new() };
        blocks.push(Block::note(format!("{hidden} more{done}; `plan` shows each with its steps")));
    }
    Some(Section::new("plan", "Plan", blocks))
}

/// The first open action that relieves what runs out next; where none does, the first of all.
fn first_action<'a>(assessment: &'a Assessment, bottleneck: Option<&Bottleneck>) -> Option<&'a PlanItem> {
    let open = || assessment.plan.iter().filter(|item| !item.done);
    // A search for the cause relieves nothing by itself.
    let is_called_for = |item: &PlanItem, resource: ResourceId| {
        let called = |reason: &PlanReason| matches!(reason, PlanReason::Relieves { resource: of, .. } if *of == resource);
        item.relieves.contains(&resource) || item.reasons.iter().any(called)
    };
    let relieving =
        bottleneck.and_then(|bottleneck| open().find(|item| is_called_for(item, bottleneck.resource)));
    relieving.or_else(|| open().next())
}
