//! Section 8.

use crate::render::document::{Block, Cell, Table, Tone};
use crate::{
    render::{
        format::{count, percent},
        report::words,
    },
    report::{Basis, CheckedForecast, CrossingOutcome, CrossingSeen, Report, Share},
};

pub(super) fn parts(report: &Report) -> Vec<Block> {
    let section = &report.hindsight;
    let own = section.forecasts.iter().find(|one| one.month == report.month);
    let mut parts = vec![Block::paragraph(own.map_or_else(nothing, |one| month(one, &report.month)))];
    if let Some(running) = &section.running {
        let running = share(running);
        parts.push(Block::paragraph(format!(
            "All months so far: {running}. The interval supposes independent days, which they are not: a forecast that is \
             off stays off for days."
        )));
    }
    let mut table = Table::with_titles(
        "Forecasts made when each month began",
        &["Month", "Made", "#Days inside the 90% band", "#Typical error of the middle"],
    );
    table.rows = section.forecasts.iter().map(row).collect();
    parts.extend(table.block());
    let mut crossings = Table::with_titles(
        format!("Limits: what was expected when {} began", words::month(&report.month)),
        &["Resource", "Expected then", "What happened", "Expected now"],
    );
    crossings.rows = section.crossings.iter().map(|one| crossing(one, report)).collect();
    let told = crossings.block();
    if told.is_none() {
        let known = own.is_some_and(|one| one.made_at.is_some());
        parts.push(Block::paragraph(if known {
            "No limit had a date when the month began, so there is none to check."
        } else {
            "Whether a limit had a date when the month began is not known."
        }));
    }
    parts.extend(told);
    parts
}

fn nothing() -> String {
    "No forecast of the month is known.".to_owned()
}

fn month(one: &CheckedForecast, name: &str) -> String {
    let name = words::month(name);
    let Some(made) = one.made_at else {
        return format!("There is no forecast for {name} to check: the history before it is too short.");
    };
    let made = words::day(made.date_naive());
    let Some(share) = &one.share else {
        return format!("The load forecast of {made} cannot be checked: no day of {name} is known yet.");
    };
    let from = match one.basis {
        Some(Basis::Recorded) => "recorded then",
        _ => "computed today from the history up to then, as it would have been made",
    };
    let missed: Vec<String> = one
        .days
        .iter()
        .filter(|day| !day.inside)
        .take(6)
        .map(|day| {
            let at = day.date.format("%-d %b");
            format!("{at} {} for {}–{}", count(day.measured), count(day.low), count(day.high))
        })
        .collect();
    let missed = if missed.is_empty() { String::new() } else { format!(" Outside: {}.", missed.join(", ")) };
    format!(
        "The load forecast of {made} ({from}) held {} of {} days within its 90% band.{missed}",
        share.inside, share.of
    )
}

fn share(share: &Share) -> String {
    format!(
        "{} of {} days ({}; 95% interval {}–{}) lay within the 90% band",
        share.inside,
        share.of,
        percent(share.share()),
        percent(share.low),
        percent(share.high)
    )
}

fn row(one: &CheckedForecast) -> Vec<Cell> {
    let made = match (one.made_at, one.basis) {
        (Some(at), Some(Basis::Recorded)) => format!("{}, recorded", words::day(at.date_naive())),
        (Some(at), _) => format!("{}, computed today", words::day(at.date_naive())),
        (None, _) => "not made: too little history".to_owned(),
    };
    let inside = one.share.as_ref().map_or_else(Cell::unknown, |share| {
        Cell::number(format!("{} of {}", share.inside, share.of), Some(share.share()))
    });
    let error = one
        .typical_error
        .map_or_else(Cell::unknown, |error| Cell::number(format!("{:.1}%", error * 100.0), Some(error)));
    vec![Cell::text(words::month(&one.month)), Cell::text(made), inside, error]
}

fn crossing(one: &CrossingSeen, report: &Report) -> Vec<Cell> {
    let now = report.generated_at;
    let reached = one.reached_on.map(|date| format!("reached on {}", words::day(date))).unwrap_or_default();
    let (outcome, tone) = match one.outcome {
        CrossingOutcome::CameTrue => ("came true", Tone::Ok),
        CrossingOutcome::Earlier => ("earlier than expected", Tone::Critical),
        CrossingOutcome::Later => ("later than expected", Tone::Warning),
        CrossingOutcome::Open => ("not reached yet, still possible", Tone::Plain),
        CrossingOutcome::Unknown => ("not known: nothing measures it by day", Tone::Unknown),
    };
    let name = words::resource(one.resource, one.instance.as_deref());
    let expected = Cell::number(words::dates(Some(&one.expected), now), words::date_key(Some(&one.expected)));
    let today = Cell::number(words::dates(one.now.as_ref(), now), words::date_key(one.now.as_ref()));
    vec![Cell::text(name), expected, Cell::text(outcome).with_note(reached).with_tone(tone), today]
}
