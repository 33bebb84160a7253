//! What to do, how accurate earlier forecasts were, and what is unknown.

use super::format;
use crate::{
    assess::PlanItem,
    render::{
        chart::coverage_chart,
        document::{Block, Cell, Column, Item, List, Picture, Table, Text, Tone},
        format::{count, percent},
        reason,
        view::{accuracy::warnings, dates::date_cells, plan},
    },
    report::{Basis, CheckedForecast, CrossingOutcome, CrossingSeen, Report, Share},
};

/// Later actions that are listed.
const MAX_LATER: usize = 5;
/// Days outside the interval that are listed.
const MAX_MISSES: usize = 6;
/// Days with gaps that are listed.
const MAX_GAPS: usize = 8;

/// What to do, by when.
pub(super) fn plan(report: &Report) -> Vec<Block> {
    let plan = &report.plan;
    let until = format::day(plan.until.date_naive());
    let items = |items: &[PlanItem]| items.iter().map(|action| item(action, report)).collect();
    let list = |title: String, items: Vec<Item>| List { title, tasks: true, items }.block();
    let mut blocks: Vec<Block> = Vec::new();
    blocks.extend(list("Overdue, not declared done".to_owned(), items(&plan.late)));
    blocks.extend(list(format!("Start before the next report on {until}"), items(&plan.due)));
    if blocks.is_empty() {
        blocks.push(Block::paragraph(format!("No action has to start before the next report on {until}.")));
    }
    let listed = plan.later.len().min(MAX_LATER);
    blocks.extend(list("Later".to_owned(), items(&plan.later[..listed])));
    let more = plan.later.len() - listed;
    if more > 0 {
        blocks.push(Block::paragraph(Text::with_code(&format!("{more} more: `plan` shows every step."))));
    }
    let done = plan.done.iter().map(|action| {
        let title = action.title.as_deref().unwrap_or("not in this roadmap");
        Item { done: true, ..Item::new(format!("[{}] {title}", action.id)) }
    });
    blocks.extend(list("Declared done".to_owned(), done.collect()));
    blocks
}

fn item(action: &PlanItem, report: &Report) -> Item {
    let facts = plan::details(action, &report.cost.today.currency, report.generated_at).join(" · ");
    let details = [facts, reason::plan_item(action)];
    let details = details.into_iter().filter(|text| !text.is_empty()).map(Text::from).collect();
    Item { details, ..Item::new(format!("[{}] {}", action.id, action.title)) }
}

/// How accurate the forecasts made at the start of each month were.
pub(super) fn accuracy(report: &Report) -> Vec<Block> {
    let section = &report.hindsight;
    let own = section.forecasts.iter().find(|forecast| forecast.month == report.month);
    let own_text = own.map_or_else(
        || "There is no forecast of the month.".to_owned(),
        |forecast| forecast_text(forecast, &report.month),
    );
    let mut blocks = vec![Block::paragraph(own_text)];
    if let Some(running) = &section.running {
        blocks.push(Block::paragraph(format!(
            "All months so far: {}. That interval assumes independent days; errors of a forecast last for days, so it is too \
             narrow.",
            share(running)
        )));
    }
    let columns = vec![
        Column::text("Month"),
        Column::text("Forecast made"),
        Column::number("Days in 90% interval"),
        Column::number("Typical error"),
    ];
    let mut table = Table::new("Load forecasts made at the start of each month", columns);
    table.rows = section.forecasts.iter().map(forecast_row).collect();
    blocks.extend(table.block());
    blocks.extend(crossings(report, own.is_some_and(|forecast| forecast.made_at.is_some())));
    blocks.extend(warnings(&section.warnings));
    blocks
}

fn forecast_text(forecast: &CheckedForecast, month: &str) -> String {
    let month = format::month(month);
    let Some(made) = forecast.made_at else {
        return format!("There is no forecast of {month}: the history before it is too short.");
    };
    let made = format::day(made.date_naive());
    let Some(share) = &forecast.share else {
        return format!("The load forecast of {made} cannot be checked yet: no day of {month} is recorded.");
    };
    let basis = match forecast.basis {
        Some(Basis::Recorded) => "recorded then",
        _ => "recomputed from the history up to then",
    };
    let misses: Vec<String> = forecast
        .days
        .iter()
        .filter(|day| !day.inside)
        .take(MAX_MISSES)
        .map(|day| {
            let date = day.date.format("%-d %b");
            format!("{date}: {}, forecast {}–{}", count(day.measured), count(day.low), count(day.high))
        })
        .collect();
    let misses = if misses.is_empty() { String::new() } else { format!(" Outside: {}.", misses.join("; ")) };
    format!(
        "The load forecast of {made} ({basis}): {} of {} days were within its 90% interval.{misses}",
        share.inside, share.of
    )
}

/// `31 of 31 days (100%, 95% interval 89%–100%) were within the 90% interval`.
fn share(share: &Share) -> String {
    format!(
        "{} of {} days ({}, 95% interval {}–{}) were within the 90% interval",
        share.inside,
        share.of,
        percent(share.share()),
        percent(share.low),
        percent(share.high)
    )
}

fn forecast_row(forecast: &CheckedForecast) -> Vec<Cell> {
    let made = match (forecast.made_at, forecast.basis) {
        (Some(at), Some(Basis::Recorded)) => format!("{}, recorded", format::day(at.date_naive())),
        (Some(at), _) => format!("{}, recomputed", format::day(at.date_naive())),
        (None, _) => "none: history too short".to_owned(),
    };
    let inside = forecast.share.as_ref().map_or_else(Cell::unknown, |share| {
        Cell::number(format!("{} of {}", share.inside, share.of), Some(share.share()))
    });
    let error = format::number(forecast.typical_error, |error| format!("{:.1}%", error * 100.0));
    vec![Cell::text(format::month(&forecast.month)), Cell::text(made), inside, error]
}

/// The limits that were forecast to be reached; `known` where there was a forecast at all.
fn crossings(report: &Report, known: bool) -> Vec<Block> {
    let columns = vec![
        Column::text("Resource"),
        Column::text("Forecast"),
        Column::text("90% interval").rank(2),
        Column::text("Outcome"),
        Column::text("Reached on"),
        Column::text("Forecast now").rank(1),
    ];
    let title = format!("Limits forecast at the start of {}", format::month(&report.month));
    let mut table = Table::new(title, columns);
    table.rows = report.hindsight.crossings.iter().map(|crossing| crossing_row(crossing, report)).collect();
    let none = if known {
        "No limit had a date at the start of the month, so there is none to check."
    } else {
        "It is unknown whether a limit had a date at the start of the month."
    };
    vec![table.block().unwrap_or_else(|| Block::paragraph(none))]
}

fn crossing_row(crossing: &CrossingSeen, report: &Report) -> Vec<Cell> {
    let now = report.generated_at;
    let (outcome, tone) = match crossing.outcome {
        CrossingOutcome::CameTrue => ("as forecast", Tone::Ok),
        CrossingOutcome::Earlier => ("earlier than forecast", Tone::Critical),
        CrossingOutcome::Later => ("later than forecast", Tone::Warning),
        CrossingOutcome::Open => ("not reached yet, still possible", Tone::Plain),
        CrossingOutcome::Unknown => ("unknown: no daily values", Tone::Unknown),
    };
    let [expected, interval] = date_cells(Some(&crossing.expected), now, "no date");
    let [current, _] = date_cells(crossing.now.as_ref(), now, "no date");
    vec![
        Cell::text(format::resource(crossing.resource, crossing.instance.as_deref())),
        expected,
        interval,
        Cell::text(outcome).with_tone(tone),
        crossing.reached_on.map_or_else(Cell::unknown, |date| Cell::text(format::day(date))),
        current,
    ]
}

/// What is not measured, how complete the history is, and what the report assumes.
pub(super) fn unknown(report: &Report) -> Vec<Block> {
    let section = &report.unknown;
    let measured = format!("{} of {} signals are measured.", section.measured, section.wanted);
    let mut blocks = vec![Block::paragraph(measured)];
    let gaps = section.gaps.iter().map(|gap| {
        let details = gap.hint.iter().map(|hint| hint.as_str().into()).collect();
        Item { details, ..Item::new(format!("{} ({}): {}", gap.signal, gap.source, gap.detail)) }
    });
    blocks.extend(List { title: "Not measured".to_owned(), tasks: false, items: gaps.collect() }.block());
    blocks.extend(coverage(report));
    let assumptions =
        section.assumptions.iter().map(|assumption| Item::new(reason::assumption(assumption))).collect();
    blocks.extend(List { title: "Assumptions".to_owned(), tasks: false, items: assumptions }.block());
    blocks
}

fn coverage(report: &Report) -> Vec<Block> {
    let section = &report.unknown;
    let month = format::month(&report.month);
    let shares: Vec<f64> = section.days.iter().filter_map(|day| day.share).collect();
    if shares.iter().all(|share| *share <= 0.0) {
        return vec![Block::paragraph(format!("The history has no hours of {month}."))];
    }
    let mean = shares.iter().sum::<f64>() / shares.len() as f64;
    let gaps: Vec<_> = section.days.iter().filter(|day| !day.missing.is_empty()).collect();
    let recorded = if mean >= 1.0 { "all".to_owned() } else { format!("{:.1}% of the", mean * 100.0) };
    let mut text = format!(
        "History of {month}: {recorded} hours of {} series are recorded.",
        count(section.series as f64)
    );
    if !gaps.is_empty() {
        let named: Vec<String> = gaps
            .iter()
            .take(MAX_GAPS)
            .map(|day| format!("{} ({})", day.date.format("%-d %b"), percent(day.share.unwrap_or(0.0))))
            .collect();
        let more = gaps.len().saturating_sub(MAX_GAPS);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        text = format!("{text} Days with gaps: {}{more}.", named.join(", "));
    }
    let title = format!("Recorded share of each day of {month}");
    let days: Vec<_> = section.days.iter().map(|day| (day.date, day.share)).collect();
    let svg = coverage_chart(&days, &title, &text);
    let picture = Picture { name: "coverage".to_owned(), title, svg, characters: Vec::new() };
    vec![Block::paragraph(text), Block::Picture(picture)]
}
