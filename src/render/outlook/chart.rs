//! Measured values, bands of possible futures and the limit, drawn with characters.

use chrono::{Days, NaiveDate};

use super::in_unit;
use crate::signal::{Quantity, Unit};

const ROWS: usize = 14;
const MOST_COLUMNS: usize = 84;
const LABEL: usize = 10;

/// Rows of characters over a range of values.
struct Grid {
    cells: Vec<Vec<char>>,
    low: f64,
    high: f64,
}

/// What is drawn.
#[derive(Debug, Clone, Copy)]
pub(in crate::render) struct Picture<'a> {
    /// Measured values, in ascending order of days.
    pub history: &'a [(NaiveDate, f64)],
    /// The first forecast day.
    pub first: NaiveDate,
    /// What 5, 10, 25, 50, 75, 90 and 95% of the futures do not exceed, for each day from the first.
    pub bands: &'a [[f64; 7]],
    /// A line to reach.
    pub limit: Option<Quantity>,
    /// What values are counted in.
    pub unit: Unit,
}

impl Picture<'_> {
    fn last(&self) -> NaiveDate {
        let days = u64::try_from(self.bands.len().saturating_sub(1)).map_or(Days::new(0), Days::new);
        self.first.checked_add_days(days).unwrap_or(self.first)
    }
}

/// The last days as dots, then the futures: the middle as a line, half of them dark, nine of ten light.
pub(in crate::render) fn chart(view: &Picture<'_>, width: usize) -> String {
    let columns = width.saturating_sub(LABEL + 3).clamp(2, MOST_COLUMNS);
    let ahead = view.bands.len();
    let past = &view.history[view.history.len().saturating_sub(2 * ahead.max(14))..];
    let all = (past.len() + ahead).max(1);
    let column = |index: usize| (index * columns / all).min(columns - 1);
    let mut grid = Grid::over(view, past.iter().map(|(_, value)| *value), columns);
    for (day, band) in view.bands.iter().enumerate() {
        grid.fill(column(past.len() + day), band[0], band[6], '░');
    }
    for (day, band) in view.bands.iter().enumerate() {
        grid.fill(column(past.len() + day), band[2], band[4], '▒');
    }
    if let Some(limit) = view.limit {
        grid.line(limit.value(), '╌');
    }
    for (day, band) in view.bands.iter().enumerate() {
        grid.point(column(past.len() + day), band[3], '━');
    }
    for (day, (_, value)) in past.iter().enumerate() {
        grid.point(column(day), *value, '•');
    }
    let mut out = grid.lines(view);
    let margin = " ".repeat(LABEL + 2);
    out.extend([&margin, "└", &"─".repeat(columns), "\n"]);
    let begin = past.first().map_or_else(String::new, |(date, _)| date.to_string());
    let now = view.first.to_string();
    let end = view.last().to_string();
    let middle = column(past.len()).saturating_sub(begin.len());
    let rest = columns.saturating_sub(begin.len() + middle + now.len() + end.len());
    if middle > 1 && rest > 1 {
        out.extend([&margin, " ", &begin, &" ".repeat(middle), &now, &" ".repeat(rest), &end, "\n"]);
    } else {
        let gap = " ".repeat(columns.saturating_sub(begin.len() + end.len()).max(1));
        out.extend([&margin, " ", &begin, &gap, &end, "\n"]);
    }
    let limit = if view.limit.is_some() { ", ╌ limit" } else { "" };
    out.extend([" • measured, ━ middle of the futures, ▒ half of them, ░ nine of ten", limit, "\n"]);
    out
}

impl Grid {
    fn over(view: &Picture<'_>, past: impl Iterator<Item = f64>, columns: usize) -> Self {
        let shown = past.chain(view.bands.iter().flat_map(|band| [band[0], band[6]]));
        let (low, high) = shown
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        // A limit far away would press everything else flat; it is left out then.
        let reach = (high - low).max(high.abs() * 0.1);
        let near = |limit: &f64| *limit <= high + reach && *limit >= low - reach;
        let limit = view.limit.map(Quantity::value).filter(near);
        let (low, high) = limit.map_or((low, high), |limit| (low.min(limit), high.max(limit)));
        let high = if high > low { high } else { low + 1.0 };
        Self { cells: vec![vec![' '; columns]; ROWS], low, high }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a chart has few rows")]
    fn row(&self, value: f64) -> Option<usize> {
        let share = (value - self.low) / (self.high - self.low);
        let inside = (-0.001..=1.001).contains(&share);
        inside.then(|| ROWS - 1 - (share.clamp(0.0, 1.0) * (ROWS - 1) as f64).round() as usize)
    }

    fn point(&mut self, column: usize, value: f64, mark: char) {
        if let Some(row) = self.row(value) {
            self.cells[row][column] = mark;
        }
    }

    fn fill(&mut self, column: usize, from: f64, to: f64, mark: char) {
        if let (Some(bottom), Some(top)) = (self.row(from), self.row(to)) {
            self.cells[top..=bottom].iter_mut().for_each(|row| row[column] = mark);
        }
    }

    fn line(&mut self, value: f64, mark: char) {
        if let Some(row) = self.row(value) {
            self.cells[row].iter_mut().filter(|cell| **cell == ' ').for_each(|cell| *cell = mark);
        }
    }

    /// The rows, with the values at the top, the limit and the bottom.
    fn lines(&self, view: &Picture<'_>) -> String {
        let mut out = String::new();
        for (row, cells) in self.cells.iter().enumerate() {
            let value = match row {
                0 => Some(self.high),
                row if row + 1 == ROWS => Some(self.low),
                row => view.limit.map(Quantity::value).filter(|limit| self.row(*limit) == Some(row)),
            };
            let label = value.map_or_else(String::new, |value| in_unit(value, view.unit));
            let line: String = cells.iter().collect();
            out.push_str(format!(" {label:>LABEL$} │{line}").trim_end());
            out.push('\n');
        }
        out
    }
}
