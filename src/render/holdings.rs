//! What a history holds, as a page.

use chrono::DateTime;
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};

use super::{count as count_of, format::percent, safe, wrap};
use crate::{
    history::{HOUR_MS, Rollup, StoredSeries},
    statements::{CountedDay, CountedDays, DAY_MS, Statements},
};

/// What a history holds.
#[derive(Debug, Clone, Copy)]
pub struct HoldingsView<'a> {
    /// Hourly rollups, by series.
    pub kept: &'a [StoredSeries],
    /// What statements did.
    pub statements: &'a Statements,
    /// How many assessments there are.
    pub assessments: usize,
    /// Where the values come from when the system is not real.
    pub simulated: Option<&'a str>,
    /// Columns of the page.
    pub width: usize,
}

/// The page: what there is in all, and a row for each series.
pub fn holdings_page(view: &HoldingsView<'_>) -> String {
    let simulated = view.simulated.map(|simulated| format!("SIMULATED: {}", safe(simulated)));
    let mut out = String::new();
    for sentence in simulated.into_iter().chain([summary(view)]).chain(statements(view.statements)) {
        for line in wrap(&sentence, view.width.saturating_sub(2)) {
            out.extend([" ", &line, "\n"]);
        }
    }
    if !view.kept.is_empty() {
        out.extend(["\n", &table(view)]);
    }
    out
}

fn summary(view: &HoldingsView<'_>) -> String {
    let periods = || view.kept.iter().flat_map(|kept| &kept.rollups).map(|hour| hour.period);
    let (Some(first), Some(last)) = (periods().min(), periods().max()) else {
        let empty = view.statements.is_empty();
        return if empty { "The history is empty.".to_owned() } else { "No hours are held.".to_owned() };
    };
    let number = |count: usize| count_of(count as f64);
    format!(
        "{} hours of {} series from {} to {} UTC; assessments: {}",
        number(periods().count()),
        number(view.kept.len()),
        time(first),
        time(last + 1),
        number(view.assessments)
    )
}

/// How many statements are known of each server, and since when.
fn statements(held: &Statements) -> Vec<String> {
    let line = |server: &CountedDays| {
        let known = held.statements.iter().filter(|one| one.name.server == server.server).count();
        let day = |day: Option<&CountedDay>| day.map_or_else(String::new, |day| date_of(day.day));
        format!(
            "What statements did on {}: {} of them, from {} to {}",
            safe(&server.server),
            count_of(known as f64),
            day(server.days.first()),
            day(server.days.last())
        )
    };
    held.servers.iter().map(line).collect()
}

fn table(view: &HoldingsView<'_>) -> String {
    let width = view.width.clamp(60, 120);
    // The source is left out where the page is narrow.
    let wide = width >= 100;
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(width).unwrap_or(100));
    let names = ["signal", "instance", "source", "from", "to", "hours", "of all"];
    table.set_header(names.into_iter().filter(|name| wide || *name != "source"));
    for kept in view.kept {
        let (Some(first), Some(last)) = (kept.rollups.first(), kept.rollups.last()) else { continue };
        let between = last.period - first.period + 1;
        let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
        let mut cells = vec![
            Cell::new(safe(&kept.series.signal)),
            Cell::new(kept.series.instance.as_deref().map_or_else(|| "–".to_owned(), safe)),
            Cell::new(date(first)),
            Cell::new(date(last)),
            right(count_of(kept.rollups.len() as f64)),
            right(percent(kept.rollups.len() as f64 / between as f64)),
        ];
        if wide {
            cells.insert(2, Cell::new(safe(&kept.series.source)));
        }
        table.add_row(cells);
    }
    table.lines().flat_map(|line| [line.trim_end().to_owned(), "\n".to_owned()]).collect()
}

/// The day of an hour.
fn date(hour: &Rollup) -> String {
    time(hour.period).chars().take(10).collect()
}

/// A day counted from the beginning of 1970.
fn date_of(day: i64) -> String {
    time(day.saturating_mul(DAY_MS / HOUR_MS)).chars().take(10).collect()
}

/// The beginning of an hour.
fn time(hour: i64) -> String {
    DateTime::from_timestamp_millis(hour.saturating_mul(HOUR_MS))
        .map_or_else(|| "?".to_owned(), |time| time.format("%Y-%m-%d %H:%M").to_string())
}
