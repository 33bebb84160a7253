//! `check`: what to know within ten seconds, or with `-v` everything; which rows are shown; and the page in place of an
//! assessment that could not be made, or is out of date.

mod findings;
mod resources;
mod standing;
mod summary;

use chrono::{DateTime, Utc};

pub(in crate::render) use self::summary::deadline_and_action;
use super::{
    llm_spend,
    plan::{brief_step, step},
};
use crate::{
    assess::{Assessment, Bottleneck, Finding, PlanItem, PlanReason, ServiceLevel},
    diagnostic::did_you_mean,
    render::{
        document::{Block, Document, Fact, Section, Tone},
        format::day,
        summary::headline,
    },
    signal::{ResourceId, SignalId, span_text},
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
        findings::service_levels(view),
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

/// The rows that somebody wants to see. By default what a page shows by itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rows<'a> {
    /// Names of resources, service levels or systems: a row has to have one of them.
    pub names: &'a [String],
    /// Texts: what a row is called has to contain one of them, in whatever case.
    pub texts: &'a [String],
}

impl<'a> Rows<'a> {
    /// Whether rows were chosen at all.
    fn are_chosen(self) -> bool {
        !self.names.is_empty() || !self.texts.is_empty()
    }

    fn has_resource(self, row: &Bottleneck) -> bool {
        self.has(row.resource.as_str(), &row.resource.entry().of_instance(row.instance.as_deref()))
    }

    fn has_level(self, row: &ServiceLevel) -> bool {
        self.has(row.signal.as_str(), &row.signal.entry().of_instance(row.instance.as_deref()))
    }

    fn has_finding(self, row: &Finding) -> bool {
        let name = row.signal.map(SignalId::as_str);
        let title = row.signal.map(|signal| signal.entry().of_instance(row.instance.as_deref()));
        self.has(name.unwrap_or(&row.id), title.as_deref().unwrap_or(&row.id))
    }

    /// "3 of 13 resources shown …"; `None` where none was left out.
    fn left_out(self, shown: usize, all: usize, what: &str) -> Option<String> {
        let left_out = self.are_chosen() && shown < all;
        left_out.then(|| format!("{shown} of {all} {what} shown (filtered); the verdict covers all of them"))
    }

    /// Names that no row of an assessment has, each with the name of a row that is much like it.
    pub fn unknown_names(self, assessment: &Assessment) -> Vec<(&'a str, Option<&'static str>)> {
        let resources = assessment.bottlenecks.iter().map(|row| row.resource.as_str());
        let levels = assessment.service_levels.iter().map(|row| row.signal.as_str());
        let known: Vec<&'static str> = resources.chain(levels).collect();
        let names = self.names.iter().map(String::as_str);
        names
            .filter(|wanted| !known.iter().any(|name| is_named(name, wanted)))
            .map(|wanted| (wanted, did_you_mean(wanted, known.iter().copied())))
            .collect()
    }

    fn has(self, name: &str, title: &str) -> bool {
        let title = title.to_lowercase();
        (self.names.is_empty() || self.names.iter().any(|wanted| is_named(name, wanted)))
            && (self.texts.is_empty() || self.texts.iter().any(|text| title.contains(&text.to_lowercase())))
    }
}

/// Whether a name is the wanted one or, as `postgres.connections` of `postgres`, one below it.
fn is_named(name: &str, wanted: &str) -> bool {
    name.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Why there is no current assessment, and when there last was one. `reason` is one line.
pub fn outage_document(reason: &str, last: Option<DateTime<Utc>>) -> Document {
    let last = last.map_or_else(
        || "never since the server started".to_owned(),
        |at| format!("{} at {}", day(at), at.format("%H:%M UTC")),
    );
    let facts = vec![Fact::new("Reason", reason), Fact::new("Last assessed", last)];
    Document {
        title: "There is no current assessment".into(),
        tone: Tone::Unknown,
        sections: vec![Section::untitled("outage", vec![Block::Facts { facts }])],
        footer: format!("scale-advisor {}", env!("CARGO_PKG_VERSION")),
        ..Document::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_chosen_by_name_or_system_and_by_text() {
        let [names, texts] = [["postgres".to_owned()], ["DB-1".to_owned()]];
        let both = Rows { names: &names, texts: &texts };
        assert!(both.has("postgres.connections", "connections of db-1"));
        assert!(!both.has("postgres.connections", "connections of db-2"));
        assert!(!both.has("postgresql.x", "x of db-1") && !both.has("redis.memory", "memory of db-1"));
        assert!(Rows::default().has("redis.memory", "memory") && !Rows::default().are_chosen());
    }
}
