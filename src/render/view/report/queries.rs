//! What the database's queries did.

use super::format;
use crate::render::reason;
use crate::{
    render::{
        document::{Block, Cell, Column, Item, List, Table},
        format::count,
    },
    report::{CountedServer, DailyAverage, Lead, LeadingStatement, Report, StatementsOfMonth},
    signal::{Quantity, Unit},
};

/// The slowest and the most expensive query now, and the month of those that lead in something.
pub(super) fn queries(report: &Report) -> Vec<Block> {
    let section = &report.statements;
    let list = List { title: "Now".to_owned(), tasks: false, items: now(report) }.block();
    let notes = section.notes.iter().map(|note| Block::paragraph(note.clone()));
    let missing = section
        .missing
        .iter()
        .map(|what| Block::paragraph(format!("Unknown: {}.", reason::statements_missing(what))));
    let month = section.recorded.iter().flat_map(|recorded| month(report, recorded));
    list.into_iter().chain(notes).chain(month).chain(missing).collect()
}

fn now(report: &Report) -> Vec<Item> {
    let section = &report.statements;
    let mut items = Vec::new();
    if let Some(mean) = section.slowest_mean {
        let which = section.slowest.as_ref().map(|which| format!(": {which}")).unwrap_or_default();
        items.push(Item::new(format!("Slowest query, mean {mean}{which}")));
    }
    match (&section.most_expensive, &section.slowest) {
        (Some(other), _) => items.push(Item::new(format!("Most expensive query: {other}"))),
        (None, Some(_)) => items.push(Item::new("Most expensive query: same query")),
        (None, None) => {}
    }
    if let Some(times) = &section.months {
        let before = times.before.map_or_else(
            || "previous month unknown".to_owned(),
            |before| {
                let change = times.month.value() / before.value() - 1.0;
                let change =
                    if change.is_finite() { format!(" ({})", format::signed(change)) } else { String::new() };
                format!("{before} in the previous month{change}")
            },
        );
        let text =
            format!("Mean time of the slowest query, median hour of the month: {}; {before}", times.month);
        items.push(Item::new(text));
    }
    items
}

fn month(report: &Report, recorded: &StatementsOfMonth) -> Vec<Block> {
    let columns = vec![
        Column::text("Leads in"),
        Column::number("Mean"),
        Column::number("Calls a day").rank(1),
        Column::number("Time a day"),
        Column::number("Share of all"),
        Column::number("Time change"),
        Column::number("Calls change").rank(2),
        Column::number("Mean change").rank(3),
    ];
    let mut table = Table::new(format!("Top queries in {}", format::month(&report.month)), columns);
    let several = recorded.servers.len() > 1;
    table.rows = recorded.leading.iter().map(|query| row(query, several)).collect();
    let servers = recorded.servers.iter().map(|server| Block::paragraph(counters(server)));
    servers.chain([Block::paragraph(total(recorded))]).chain(table.block()).collect()
}

/// How much of the month the counters of a server cover, and what was lost.
fn counters(server: &CountedServer) -> String {
    let before = match server.days_before {
        days if days > 0.0 => format!("{days:.1} days"),
        _ => "none".to_owned(),
    };
    let mut sentence = format!(
        "The counters of {} cover {:.1} days of the month and {before} of the previous month.",
        server.server, server.days
    );
    if server.resets > 0 {
        let times = times(server.resets);
        sentence.extend([" They were reset ", &times, "; activity that was not sampled before is lost."]);
    }
    if server.evictions > 0 {
        let times = times(server.evictions);
        sentence.extend([
            " Rare queries were evicted ",
            &times,
            ", with part of their activity: raise pg_stat_statements.max.",
        ]);
    }
    sentence
}

fn times(number: u64) -> String {
    if number == 1 { "once".to_owned() } else { format!("{} times", count(number as f64)) }
}

fn total(recorded: &StatementsOfMonth) -> String {
    let change = recorded.all_before.and_then(|before| change(recorded.all.seconds, before.seconds));
    let change = change.map(|change| format!(" ({} on the previous month)", format::signed(change)));
    format!("All queries: {} a day{}.", seconds(recorded.all.seconds), change.unwrap_or_default())
}

fn row(query: &LeadingStatement, several: bool) -> Vec<Cell> {
    let lead = |lead: &Lead| match lead {
        Lead::MostExpensive => "time",
        Lead::Slowest => "mean",
        Lead::FastestGrowing => "growth",
    };
    let leads: Vec<&str> = query.leads.iter().map(lead).collect();
    let nested = query.nested.then_some("called by functions, included in their time");
    let server = several.then_some(query.server.as_str());
    let notes: Vec<&str> = server.into_iter().chain(nested).collect();
    let notes = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join("; ")) };
    let [time_change, calls_change, mean_change] = changes(query);
    vec![
        Cell::text(leads.join(", ")).with_note(format!("{}{notes}", query.text)),
        format::number(query.month.mean_seconds(), seconds),
        Cell::number(count(query.month.calls), Some(query.month.calls)),
        Cell::number(seconds(query.month.seconds), Some(query.month.seconds)),
        Cell::number(format::share(query.share), Some(query.share)),
        time_change,
        calls_change,
        mean_change,
    ]
}

/// How its time has changed, and whether by more calls or by longer ones.
fn changes(query: &LeadingStatement) -> [Cell; 3] {
    let unknown = || [Cell::unknown(), Cell::unknown(), Cell::unknown()];
    let Some(before) = query.before else { return unknown() };
    let mean = |average: &DailyAverage| average.mean_seconds();
    let time = change(query.month.seconds, before.seconds);
    let (Some(time), Some(mean_before)) = (time, mean(&before)) else {
        return [Cell::number("new", Some(f64::MAX)), Cell::unknown(), Cell::unknown()];
    };
    [
        Cell::number(format::signed(time), Some(time)),
        format::number(change(query.month.calls, before.calls), format::signed),
        format::number(mean(&query.month).and_then(|mean| change(mean, mean_before)), format::signed),
    ]
}

fn change(now: f64, before: f64) -> Option<f64> {
    Some(now / before - 1.0).filter(|change| change.is_finite())
}

fn seconds(seconds: f64) -> String {
    Quantity::new(seconds, Unit::Seconds).map_or_else(|| "–".to_owned(), |time| time.to_string())
}
