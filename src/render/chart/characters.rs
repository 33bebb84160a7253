//! Charts drawn with characters, for terminals.

use chrono::NaiveDate;

use super::{
    Course, Mark, ScalabilityChart,
    axis::{Span, amount, day_label, days_later},
};
use crate::{render::count, signal::Unit};

/// The widths that charts are drawn for, widest first; a terminal shows the widest that fits.
const WIDTHS: [usize; 4] = [100, 80, 60, 40];
/// Rows of a chart.
const ROWS: usize = 14;
/// Columns of the labels of the vertical axis.
const LABEL: usize = 10;
/// Days of the past shown where nothing is forecast.
const DAYS_WITHOUT_FORECAST: i64 = 120;
/// Fewest days of the past shown beside a forecast.
const MIN_PAST: i64 = 28;

/// The measured days as dots, then the forecast: its median as a line between its 50% and 90% intervals. One chart for
/// each of several widths, widest first; none where there is nothing to draw.
pub(in crate::render) fn course_characters(
    course: Course<'_>,
    limit: Option<Mark<'_>>,
    unit: Unit,
) -> Vec<String> {
    let past = past_days(course);
    if past.is_empty() && course.bands.is_empty() {
        return Vec::new();
    }
    WIDTHS.map(|width| CourseGrid { course, past: &past, limit, unit }.draw(width)).into()
}

/// Days of the history that are shown: twice as many as are forecast.
fn past_days(course: Course<'_>) -> Vec<(NaiveDate, f64)> {
    let ahead = i64::try_from(course.bands.len()).unwrap_or(0);
    let days = if ahead == 0 { DAYS_WITHOUT_FORECAST } else { (2 * ahead).max(MIN_PAST) };
    let recent = |date: &NaiveDate| (course.first - *date).num_days() <= days;
    course.history.iter().copied().filter(|(date, value)| recent(date) && value.is_finite()).collect()
}

/// What a chart of a daily figure is drawn from.
struct CourseGrid<'a> {
    course: Course<'a>,
    past: &'a [(NaiveDate, f64)],
    limit: Option<Mark<'a>>,
    unit: Unit,
}

impl CourseGrid<'_> {
    fn draw(&self, width: usize) -> String {
        let columns = width.saturating_sub(LABEL + 3).max(2);
        let limit = self.limit.filter(|limit| self.span().contains_value(limit.value));
        let mut grid = Grid::new(self.span(), columns);
        for (ink, low, high) in [('░', 0, 6), ('▒', 2, 4)] {
            self.bands(columns, |column, band| grid.fill(column, band[low], band[high], ink));
        }
        if let Some(limit) = limit {
            grid.level(limit.value, '╌');
        }
        self.bands(columns, |column, band| grid.point(column, band[3], '━'));
        for (date, value) in self.past {
            grid.point(self.column(self.day(*date), columns), *value, '•');
        }
        let mut labels = vec![(grid.span.high, self.amount(grid.span.high))];
        labels.extend(limit.map(|limit| (limit.value, self.amount(limit.value))));
        labels.push((grid.span.low, self.amount(grid.span.low)));
        let mut lines = grid.lines(&labels);
        lines.push(self.dates(columns));
        lines.extend(legend(&self.legend(limit.is_some()), width));
        lines.join("\n")
    }

    /// Calls a function for each column of the forecast with the quantiles of each of its days.
    fn bands(&self, columns: usize, mut draw: impl FnMut(usize, &[f64; 7])) {
        let first = self.day(self.course.first);
        let finite = |band: &&[f64; 7]| band.iter().all(|value| value.is_finite());
        for column in 0..columns {
            let from = column * self.days() / columns;
            let to = ((column + 1) * self.days() / columns).max(from + 1);
            let days = (from..to).filter_map(|day| self.course.bands.get(day.checked_sub(first)?));
            days.filter(finite).for_each(|band| draw(column, band));
        }
    }

    /// Everything measured and forecast, and the limit unless it is so far away that it would press the rest flat.
    fn span(&self) -> Span {
        let finite = self.course.bands.iter().filter(|band| band.iter().all(|value| value.is_finite()));
        let values = self.past.iter().map(|(_, value)| *value);
        let shown = values.chain(finite.flat_map(|band| [band[0], band[6]]));
        let span = Span::covering(shown).unwrap_or(Span { low: 0.0, high: 1.0 });
        let reach = span.size().max(span.high.abs() * 0.1);
        let near = |value: &f64| (span.low - reach..=span.high + reach).contains(value);
        let limit = self.limit.map(|limit| limit.value).filter(near);
        let span = limit.map_or(span, |limit| span.with(limit));
        if span.high > span.low { span } else { Span { low: span.low, high: span.low + 1.0 } }
    }

    fn begin(&self) -> NaiveDate {
        self.past.first().map_or(self.course.first, |(date, _)| *date).min(self.course.first)
    }

    fn end(&self) -> NaiveDate {
        let last = self.past.last().map_or(self.course.first, |(date, _)| *date);
        days_later(self.course.first, self.course.bands.len().saturating_sub(1)).max(last)
    }

    /// The number of a day, from the first one shown.
    fn day(&self, date: NaiveDate) -> usize {
        usize::try_from((date - self.begin()).num_days()).unwrap_or(0)
    }

    fn days(&self) -> usize {
        self.day(self.end()) + 1
    }

    fn column(&self, day: usize, columns: usize) -> usize {
        (day * columns / self.days()).min(columns - 1)
    }

    /// The first day, the first day of the forecast and the last day, as far as they fit.
    fn dates(&self, columns: usize) -> String {
        let [begin, first, end] =
            [self.begin(), self.course.first, self.end()].map(|date| day_label(date, self.course.first));
        let now = self.column(self.day(self.course.first), columns);
        let mut line = begin.clone();
        let free = |line: &str| now > line.chars().count() && now + first.len() + end.len() < columns;
        if !self.course.bands.is_empty() && free(&line) {
            line.push_str(&" ".repeat(now - line.len()));
            line.push_str(&first);
        }
        let gap = columns.saturating_sub(line.len() + end.len()).max(1);
        format!("{}{line}{}{end}", " ".repeat(LABEL + 3), " ".repeat(gap))
    }

    fn legend(&self, limit_shown: bool) -> Vec<String> {
        let mut entries = vec!["• measured".to_owned()];
        if self.course.bands.iter().any(|band| band.iter().all(|value| value.is_finite())) {
            entries.extend(["━ median", "▒ 50% interval", "░ 90% interval"].map(str::to_owned));
        }
        entries.extend(self.limit.map(|limit| {
            let name = format!("{} {}", limit.label, self.amount(limit.value));
            if limit_shown { format!("╌ {name}") } else { format!("{name} (outside the chart)") }
        }));
        entries
    }

    fn amount(&self, value: f64) -> String {
        amount(value, self.unit)
    }
}

/// The fitted curve as dots and the measured points as circles, from no load to a little beyond the largest.
pub(in crate::render) fn scalability_characters(chart: &ScalabilityChart<'_>) -> Vec<String> {
    WIDTHS.map(|width| scalability_grid(chart, width)).into()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a chart has few columns")]
fn scalability_grid(chart: &ScalabilityChart<'_>, width: usize) -> String {
    let columns = width.saturating_sub(LABEL + 3).clamp(2, 72);
    let farthest = chart.fit.tested * 1.1;
    let load = |column: usize| farthest * column as f64 / (columns - 1) as f64;
    let curve: Vec<f64> = (0..columns).map(|column| chart.fit.curve.throughput(load(column))).collect();
    let highest =
        Span::covering(curve.iter().chain(chart.throughputs).copied()).map_or(1.0, |span| span.high);
    let mut grid = Grid::new(Span { low: 0.0, high: highest.max(f64::MIN_POSITIVE) }, columns);
    for (column, throughput) in curve.iter().enumerate() {
        grid.point(column, *throughput, '·');
    }
    for (load, throughput) in chart.loads.iter().zip(chart.throughputs) {
        let column = (load / farthest * (columns - 1) as f64).round() as usize;
        grid.point(column.min(columns - 1), *throughput, 'o');
    }
    let mut lines = grid.lines(&[(highest, count(highest)), (0.0, "0".to_owned())]);
    let end = count(farthest);
    let gap = columns.saturating_sub("load".len() + end.chars().count()).max(1);
    lines.push(format!("{}load{}{end}", " ".repeat(LABEL + 3), " ".repeat(gap)));
    lines.extend(legend(&["o measured".to_owned(), "· fitted".to_owned()], width));
    lines.join("\n")
}

/// The entries of a legend in lines that keep to the width.
fn legend(entries: &[String], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for entry in entries {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 3 + entry.chars().count() <= width => {
                line.extend(["   ", entry]);
            }
            _ => lines.push(format!(" {entry}")),
        }
    }
    lines
}

/// Rows of characters over a range of values.
struct Grid {
    cells: Vec<Vec<char>>,
    span: Span,
}

impl Grid {
    fn new(span: Span, columns: usize) -> Self {
        Self { cells: vec![vec![' '; columns]; ROWS], span }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a chart has few rows")]
    fn row(&self, value: f64) -> Option<usize> {
        let share = (value - self.span.low) / self.span.size();
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

    /// A dashed line from side to side, behind everything else.
    fn level(&mut self, value: f64, mark: char) {
        if let Some(row) = self.row(value) {
            self.cells[row].iter_mut().filter(|cell| **cell == ' ').for_each(|cell| *cell = mark);
        }
    }

    /// The rows with their labels and the horizontal axis; where two labels share a row, the first is kept.
    fn lines(&self, labels: &[(f64, String)]) -> Vec<String> {
        let label = |row: usize| {
            let label = labels.iter().find(|(value, _)| self.row(*value) == Some(row));
            label.map_or("", |(_, label)| label.as_str())
        };
        let line = |(row, cells): (usize, &Vec<char>)| {
            let cells: String = cells.iter().collect();
            format!(" {:>LABEL$} │{cells}", label(row)).trim_end().to_owned()
        };
        let mut lines: Vec<String> = self.cells.iter().enumerate().map(line).collect();
        let columns = self.cells.first().map_or(0, Vec::len);
        lines.push(format!("{}└{}", " ".repeat(LABEL + 2), "─".repeat(columns)));
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn chart(history_days: usize, ahead: usize, limit: f64) -> Vec<String> {
        let first = date("2026-11-21");
        let begin = first - chrono::Days::new(history_days as u64);
        let history: Vec<_> =
            (0..history_days).map(|day| (days_later(begin, day), 50.0 + day as f64)).collect();
        let band = |day: usize| [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0].map(|z| 80.0 + day as f64 + z);
        let bands: Vec<[f64; 7]> = (0..ahead).map(band).collect();
        let course = Course { history: &history, first, bands: &bands };
        course_characters(course, Some(Mark { value: limit, label: "limit" }), Unit::Count)
    }

    #[test]
    fn charts_keep_to_their_widths() {
        for (days, ahead) in [(30, 30), (3, 200), (0, 1), (60, 0), (1, 0)] {
            for (chart, width) in chart(days, ahead, 97.0).iter().zip(WIDTHS) {
                assert!(chart.lines().all(|line| line.chars().count() <= width), "{chart}");
            }
        }
        assert!(chart(0, 0, 97.0).is_empty());
    }

    #[test]
    fn no_column_of_the_forecast_is_left_out() {
        let charts = chart(30, 30, 97.0);
        assert!(
            charts[0].lines().map(|line| line.matches('━').count()).sum::<usize>() >= 43,
            "{}",
            charts[0]
        );
    }

    #[test]
    fn a_limit_far_away_is_named_but_not_drawn() {
        let near = chart(30, 30, 97.0);
        assert!(near[1].contains("╌ limit 97"), "{}", near[1]);
        let far = chart(30, 30, 9000.0);
        assert!(far[1].contains("limit 9,000 (outside the chart)") && !far[1].contains('╌'), "{}", far[1]);
    }
}
