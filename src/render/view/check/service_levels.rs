//! The service levels, worst first.

use super::{CheckView, resources::state_cell};
use crate::{
    assess::{ServiceLevel, State, Verdict},
    render::{
        document::{Block, Cell, Column, Section, Table},
        reason,
    },
    signal::Quantity,
};

/// How many service levels a page shows, unless more are violated.
const MIN_SHOWN: usize = 3;
const MAX_SHOWN: usize = 6;

pub(super) fn section(view: &CheckView<'_>) -> Option<Section> {
    let all = &view.assessment.service_levels;
    let (shown, hidden) = if view.verbose || view.rows.are_chosen() { (all.len(), 0) } else { selected(all) };
    let mut table = Table::new("", columns());
    let shown = all.iter().take(shown).filter(|level| view.rows.has_level(level));
    table.rows = shown.map(|level| row(view, level)).collect();
    let left_out = view.rows.left_out(table.rows.len(), all.len(), "service levels");
    let mut blocks: Vec<Block> = table.block().into_iter().collect();
    if hidden > 0 {
        blocks.push(Block::note(format!("{hidden} more (-v shows all)")));
    }
    blocks.extend(left_out.map(Block::note));
    (!blocks.is_empty()).then(|| Section::new("service-levels", "Service levels", blocks))
}

/// How many are shown and how many are not.
fn selected(all: &[ServiceLevel]) -> (usize, usize) {
    let violated = all.iter().filter(|level| level.state >= State::Pending).count();
    let mut shown = violated.clamp(MIN_SHOWN, MAX_SHOWN).min(all.len());
    // A line that sums up a single one could as well show it.
    if all.len() == shown + 1 {
        shown += 1;
    }
    (shown, all.len() - shown)
}

fn columns() -> Vec<Column> {
    vec![
        Column::text(""),
        Column::text("service level"),
        Column::number("now"),
        Column::number("peak").rank(2),
        Column::number("objective").rank(1),
    ]
}

fn row(view: &CheckView<'_>, level: &ServiceLevel) -> Vec<Cell> {
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
