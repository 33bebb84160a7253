//! What else is wrong; with `-v` every check with its evidence.

use super::{CheckView, resources::state_cell, standing::outcome};
use crate::{
    assess::{Assessment, DecisionOutcome, Finding, Kind, State, Verdict},
    render::{
        document::{Block, Cell, Column, Section, Statement, Table, Text},
        reason,
        summary::key_findings,
    },
    signal::{SignalId, counted, span_text},
};

/// How many findings a page shows.
const MAX_SHOWN: usize = 6;

pub(super) fn section(view: &CheckView<'_>) -> Option<Section> {
    if view.verbose {
        let statements = view.assessment.findings.iter().map(statement).collect();
        return Block::statements(statements).map(|block| Section::new("findings", "Findings", vec![block]));
    }
    let others = others(view.assessment);
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
    let mut others: Vec<&Finding> = Vec::new();
    for finding in key_findings(&assessment.findings) {
        let same = |other: &&Finding| {
            finding.signal.is_some() && (other.signal, &other.instance) == (finding.signal, &finding.instance)
        };
        let in_a_table = finding.kind == Kind::Forecast || is_in_a_table(assessment, finding);
        if !in_a_table && !of_next(finding) && !others.iter().any(same) {
            others.push(finding);
        }
    }
    others
}

/// Whether the tables of resources and service levels say as much of the same signal.
fn is_in_a_table(assessment: &Assessment, finding: &Finding) -> bool {
    let same = |signal: Option<SignalId>, instance: &Option<String>, state: State| {
        let as_bad = Verdict::from(state) >= finding.verdict;
        finding.signal.is_some() && signal == finding.signal && *instance == finding.instance && as_bad
    };
    let resource = assessment.bottlenecks.iter().any(|row| same(row.signal, &row.instance, row.state));
    resource
        || assessment
            .service_levels
            .iter()
            .any(|level| same(Some(level.signal), &level.instance, level.state))
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
