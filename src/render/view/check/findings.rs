//! What else is wrong; with `-v` every check with its evidence.

use std::collections::{BTreeMap, BTreeSet};

use super::{CheckView, resources::state_cell, standing::outcome};
use crate::{
    assess::{Assessment, DecisionOutcome, Finding, Kind, ServiceLevel, State, Verdict},
    render::{
        document::{Block, Cell, Column, Section, Statement, Table, Text},
        reason,
        summary::key_findings,
    },
    signal::{Quantity, SignalId, counted, span_text},
};

/// How many findings a page shows.
const MAX_SHOWN: usize = 6;

pub(super) fn section(view: &CheckView<'_>) -> Option<Section> {
    if view.verbose {
        let findings = view.assessment.findings.iter();
        let statements = findings.filter(|finding| view.rows.has_finding(finding)).map(statement).collect();
        return Block::statements(statements).map(|block| Section::new("findings", "Findings", vec![block]));
    }
    let mut others = others(view.assessment);
    others.retain(|finding| view.rows.has_finding(finding));
    let mut table = Table::new("", columns());
    table.rows = others.iter().take(MAX_SHOWN).map(|finding| row(finding)).collect();
    let mut blocks = vec![table.block()?];
    if others.len() > MAX_SHOWN {
        blocks.push(Block::note(format!("{} more (-v shows all)", others.len() - MAX_SHOWN)));
    }
    Some(Section::new("findings", "Also beyond limits", blocks))
}

/// What is wrong besides what the page has said already: nothing that the tables of resources and service levels show, and
/// each signal of an instance once, by its worst finding.
fn others(assessment: &Assessment) -> Vec<&Finding> {
    let next = assessment.next_bottleneck.as_ref();
    let of_next = |finding: &Finding| {
        next.is_some_and(|next| match finding.kind {
            Kind::Refusal => finding.resource == Some(next.resource),
            _ => {
                next.signal.is_some() && (finding.signal, &finding.instance) == (next.signal, &next.instance)
            }
        })
    };
    let in_tables = in_tables(assessment);
    let is_in_a_table = |finding: &Finding| {
        let worst = finding.signal.and_then(|signal| in_tables.get(&(signal, finding.instance.as_deref())));
        matches!(finding.kind, Kind::Forecast | Kind::Loss)
            || worst.is_some_and(|worst| *worst >= finding.verdict)
    };
    let mut told = BTreeSet::new();
    let others = key_findings(&assessment.findings).into_iter();
    others
        .filter(|finding| !is_in_a_table(finding) && !of_next(finding))
        .filter(|finding| {
            finding.signal.is_none_or(|signal| told.insert((signal, finding.instance.as_deref())))
        })
        .collect()
}

/// The worst that the tables of resources and service levels say of each signal and instance.
fn in_tables(assessment: &Assessment) -> BTreeMap<(SignalId, Option<&str>), Verdict> {
    let resources =
        assessment.bottlenecks.iter().filter_map(|row| Some((row.signal?, &row.instance, row.state)));
    let levels = assessment.service_levels.iter().map(|level| (level.signal, &level.instance, level.state));
    let mut worst: BTreeMap<(SignalId, Option<&str>), Verdict> = BTreeMap::new();
    for (signal, instance, state) in resources.chain(levels) {
        let verdict = Verdict::from(state);
        let known = worst.entry((signal, instance.as_deref())).or_insert(verdict);
        *known = verdict.max(*known);
    }
    worst
}

fn columns() -> Vec<Column> {
    vec![
        Column::text(""),
        Column::text("what"),
        Column::number("value"),
        Column::number("limit").rank(1),
        Column::text("for").rank(2),
        Column::text("check").rank(3),
    ]
}

fn row(finding: &Finding) -> Vec<Cell> {
    let state = state_cell(finding.state, finding.verdict);
    let (Some(signal), Some(value)) = (finding.signal, finding.value) else {
        let name = finding.id.split_once(':').map_or(finding.id.as_str(), |(_, name)| name);
        let name = Cell::text(name).with_note(reason::finding(&finding.reason));
        let check = Cell::text(finding.id.as_str());
        return [vec![state, name], vec![Cell::unknown(); 3], vec![check]].concat();
    };
    let limit = finding
        .limit
        .map_or_else(Cell::unknown, |limit| Cell::number(limit.to_string(), Some(limit.value())));
    vec![
        state,
        Cell::text(signal.entry().of_instance(finding.instance.as_deref())),
        Cell::number(value.to_string(), Some(value.value())),
        limit,
        Cell::text(duration(finding)),
        Cell::text(finding.id.as_str()),
    ]
}

/// How long it has been beyond its limit.
fn duration(finding: &Finding) -> String {
    match &finding.sustained {
        Some(sustained) if sustained.current_seconds > 0.0 => span_text(sustained.current_seconds),
        Some(sustained) if sustained.longest_seconds > 0.0 => {
            format!("{}, over", span_text(sustained.longest_seconds))
        }
        _ if finding.samples == 1 => "one sample".to_owned(),
        _ => "–".to_owned(),
    }
}

fn statement(finding: &Finding) -> Statement {
    let origin = finding.origin.as_ref().map(|origin| {
        Text::from(format!("{}: ", origin.source))
            .then(Text::code(origin.query.as_str()))
            .then(format!(", {}", counted(finding.samples, "sample")))
    });
    Statement {
        details: origin.into_iter().collect(),
        ..Statement::new(finding.verdict, format!("{}: {}", finding.id, reason::finding(&finding.reason)))
    }
}

/// The roadmap's decisions.
pub(super) fn decisions(view: &CheckView<'_>) -> Option<Section> {
    let statement = |decision: &DecisionOutcome| {
        let (word, tone) = outcome(decision.verdict);
        let timeline = decision.timeline.name();
        Statement {
            label: word.to_owned(),
            tone,
            text: format!("{}: {} (takes {timeline})", decision.id, decision.action).into(),
            details: vec![reason::condition(&decision.reason).into()],
        }
    };
    let decisions = view.assessment.decisions.iter().filter(|_| view.verbose).map(statement).collect();
    Some(Section::new("decisions", "Decisions", vec![Block::statements(decisions)?]))
}

/// How many service levels a page shows, unless more are violated.
const MIN_SHOWN: usize = 3;
const MAX_LEVELS: usize = 6;

pub(super) fn service_levels(view: &CheckView<'_>) -> Option<Section> {
    let all = &view.assessment.service_levels;
    let (shown, hidden) =
        if view.verbose || view.rows.are_chosen() { (all.len(), 0) } else { shown_levels(all) };
    let mut table = Table::new("", level_columns());
    let shown = all.iter().take(shown).filter(|level| view.rows.has_level(level));
    table.rows = shown.map(|level| level_row(view, level)).collect();
    let left_out = view.rows.left_out(table.rows.len(), all.len(), "service levels");
    let mut blocks: Vec<Block> = table.block().into_iter().collect();
    if hidden > 0 {
        blocks.push(Block::note(format!("{hidden} more (-v shows all)")));
    }
    blocks.extend(left_out.map(Block::note));
    (!blocks.is_empty()).then(|| Section::new("service-levels", "Service levels", blocks))
}

/// How many are shown and how many are not.
fn shown_levels(all: &[ServiceLevel]) -> (usize, usize) {
    let violated = all.iter().filter(|level| level.state >= State::Pending).count();
    let mut shown = violated.clamp(MIN_SHOWN, MAX_LEVELS).min(all.len());
    // A line that sums up a single one could as well show it.
    if all.len() == shown + 1 {
        shown += 1;
    }
    (shown, all.len() - shown)
}

fn level_columns() -> Vec<Column> {
    vec![
        Column::text(""),
        Column::text("service level"),
        Column::number("now"),
        Column::number("peak").rank(2),
        Column::number("objective").rank(1),
    ]
}

fn level_row(view: &CheckView<'_>, level: &ServiceLevel) -> Vec<Cell> {
    let amount = |value: Quantity| Cell::number(value.to_string(), Some(value.value()));
    let name = Cell::text(level.signal.entry().of_instance(level.instance.as_deref()));
    let explained = view.verbose || level.state == State::Unknown;
    let name = if explained { name.with_note(reason::limit(&level.reason)) } else { name };
    vec![
        state_cell(level.state, Verdict::from(level.state)),
        name,
        amount(level.now),
        amount(level.peak),
        level.objective.map_or_else(Cell::unknown, amount),
    ]
}
