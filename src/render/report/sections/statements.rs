//! Section 5.

use crate::render::document::{Block, Cell, Item, List, Table};
use crate::{
    render::{format::count, report::words},
    report::{CountedServer, Lead, LeadingStatement, Report, StatementsOfMonth},
    signal::{Quantity, Unit},
};

pub(super) fn parts(report: &Report) -> Vec<Block> {
    let section = &report.statements;
    let mut items = Vec::new();
    if let Some(mean) = section.slowest_mean {
        let which = section.slowest.as_ref().map(|which| format!(" – {which}")).unwrap_or_default();
        items.push(Item::new(format!("Slowest: {mean} on average{which}")));
    }
    match (&section.most_expensive, &section.slowest) {
        (Some(other), _) => items.push(Item::new(format!("Most expensive: {other}"))),
        (None, Some(_)) => items.push(Item::new("Most expensive: the same one.")),
        (None, None) => {}
    }
    if let Some(times) = &section.months {
        let before = times.before.map_or_else(
            || "the month before is not known".to_owned(),
            |before| {
                let change = times.month.value() / before.value() - 1.0;
                let change =
                    if change.is_finite() { format!(", {}", words::signed(change)) } else { String::new() };
                format!("{before} the month before{change}")
            },
        );
        items.push(Item::new(format!(
            "Growth: the slowest statement took {} in the median hour, {before}",
            times.month
        )));
    }
    let list = List { title: "Now".to_owned(), tasks: false, items }.block();
    let remarks = section.notes.iter().map(|note| Block::paragraph(note.clone()));
    let missing = section.missing.iter().map(|what| Block::paragraph(format!("Not known: {what}.")));
    let recorded = section.recorded.iter().flat_map(|recorded| of_month(report, recorded));
    list.into_iter().chain(remarks).chain(recorded).chain(missing).collect()
}

/// What each statement did: how much of it is known, all of them together, and those that lead in something.
fn of_month(report: &Report, recorded: &StatementsOfMonth) -> Vec<Block> {
    let title = format!("Statements that lead in {}", words::month(&report.month));
    let columns = [
        "Statement",
        "Leads in",
        "#Mean",
        "#Calls a day",
        "#Time a day",
        "#Of all time",
        "#Time, against before",
    ];
    let mut table = Table::with_titles(title, &columns);
    let several = recorded.servers.len() > 1;
    table.rows = recorded.leading.iter().map(|one| row(one, several)).collect();
    let remarks = recorded.servers.iter().map(|server| Block::paragraph(known(server)));
    remarks.chain([Block::paragraph(together(recorded))]).chain(table.block()).collect()
}

fn known(server: &CountedServer) -> String {
    let before = match server.days_before {
        days if days > 0.0 => format!("{days:.1}"),
        _ => "none".to_owned(),
    };
    let mut sentence = format!(
        "The counters of {} tell of {:.1} days of the month and of {before} of the one before.",
        server.server, server.days
    );
    if server.resets > 0 {
        sentence.extend([" They began anew ", &times(server.resets), "; what was not read before is lost."]);
    }
    if server.evictions > 0 {
        sentence.extend([
            " Rare statements were thrown out for lack of room ",
            &times(server.evictions),
            ", with some of what they did: raise pg_stat_statements.max.",
        ]);
    }
    sentence
}

fn times(number: u64) -> String {
    if number == 1 { "once".to_owned() } else { format!("{} times", count(number as f64)) }
}

fn together(recorded: &StatementsOfMonth) -> String {
    let change = recorded.all_before.and_then(|before| change(recorded.all.seconds, before.seconds));
    let change = change.map(|change| format!(", {} against the month before", words::signed(change)));
    format!(
        "All statements together took {} a day{}.",
        seconds(recorded.all.seconds),
        change.unwrap_or_default()
    )
}

fn row(one: &LeadingStatement, several: bool) -> Vec<Cell> {
    let leads: Vec<&str> = one
        .leads
        .iter()
        .map(|lead| match lead {
            Lead::MostExpensive => "time",
            Lead::Slowest => "mean",
            Lead::FastestGrowing => "growth",
        })
        .collect();
    let mean = one.month.mean_seconds();
    let nested = one.nested.then(|| "called by functions, within their time".to_owned());
    let notes: Vec<String> = several.then(|| one.server.clone()).into_iter().chain(nested).collect();
    let note = Some(notes.join("; ")).filter(|note| !note.is_empty());
    vec![
        Cell { note, ..Cell::text(one.text.clone()) },
        Cell::text(leads.join(", ")),
        mean.map_or_else(Cell::unknown, |mean| Cell::number(seconds(mean), Some(mean))),
        Cell::number(count(one.month.calls), Some(one.month.calls)),
        Cell::number(seconds(one.month.seconds), Some(one.month.seconds)),
        Cell::number(words::share(one.share), Some(one.share)),
        against(one),
    ]
}

/// How its time has changed, and whether by more calls or by longer ones.
fn against(one: &LeadingStatement) -> Cell {
    let Some(before) = one.before else { return Cell::unknown() };
    let (Some(change_of_time), Some(mean_before)) =
        (change(one.month.seconds, before.seconds), before.mean_seconds())
    else {
        return Cell::number("new".to_owned(), Some(f64::MAX));
    };
    let calls = change(one.month.calls, before.calls).map(|calls| format!("calls {}", words::signed(calls)));
    let mean = one.month.mean_seconds().and_then(|mean| change(mean, mean_before));
    let mean = mean.map(|mean| format!("mean {}", words::signed(mean)));
    let parts: Vec<String> = calls.into_iter().chain(mean).collect();
    Cell {
        note: Some(parts.join(", ")).filter(|note| !note.is_empty()),
        ..Cell::number(words::signed(change_of_time), Some(change_of_time))
    }
}

fn change(now: f64, before: f64) -> Option<f64> {
    Some(now / before - 1.0).filter(|change| change.is_finite())
}

fn seconds(seconds: f64) -> String {
    Quantity::new(seconds, Unit::Seconds).map_or_else(|| "–".to_owned(), |time| time.to_string())
}
