//! Measured values, bands of possible futures and the limit, drawn with characters.

use super::ForecastView;

const ROWS: usize = 14;
const MOST_COLUMNS: usize = 84;
const LABEL: usize = 10;

/// Rows of characters over a range of values.
struct Grid {
    cells: Vec<Vec<char>>,
    low: f64,
    high: f64,
}

/// The last days as dots, then the futures: the middle as a line, half of them dark, nine of ten light.
pub(super) fn chart(view: &ForecastView, width: usize) -> String {
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
    grid.line(view.limit.value(), '╌');
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
    out.push_str(" • measured, ━ middle of the futures, ▒ half of them, ░ nine of ten, ╌ limit\n");
    out
}

impl Grid {
    fn over(view: &ForecastView, past: impl Iterator<Item = f64>, columns: usize) -> Self {
        let shown = past.chain(view.bands.iter().flat_map(|band| [band[0], band[6]]));
        let (low, high) = shown
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        // A limit far away would press everything else flat; it is left out then.
        let limit = view.limit.value();
        let reach = (high - low).max(high.abs() * 0.1);
        let near = limit <= high + reach && limit >= low - reach;
        let (low, high) = if near { (low.min(limit), high.max(limit)) } else { (low, high) };
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
    fn lines(&self, view: &ForecastView) -> String {
        let mut out = String::new();
        for (row, cells) in self.cells.iter().enumerate() {
            let value = match row {
                0 => Some(self.high),
                row if row + 1 == ROWS => Some(self.low),
                row if self.row(view.limit.value()) == Some(row) => Some(view.limit.value()),
                _ => None,
            };
            let label = value.map_or_else(String::new, |value| view.quantity(value));
            let line: String = cells.iter().collect();
            out.push_str(format!(" {label:>LABEL$} │{line}").trim_end());
            out.push('\n');
        }
        out
    }
}
