//! `report`: a month, or the months of a year.

mod demand;
mod format;
mod outlook;
mod queries;
mod resources;
mod summary;

use crate::{
    render::{
        document::{Block, Cell, Column, Document, Section, Table},
        format::{count, percent},
    },
    report::{MonthOfYear, Report, Share, YearReport},
};

/// The page of a month.
pub fn report_document(report: &Report) -> Document {
    let mut sections = vec![
        Section::new("verdict", "Verdict", summary::verdict(report)),
        Section::new("load", "Load", demand::load(report)),
        Section::new("bottlenecks", "Next bottlenecks", resources::bottlenecks(report)),
        Section::new("resources", "Resources", resources::month(report)),
        Section::new("queries", "Queries", queries::queries(report)),
        Section::new("cost", "Cost", demand::cost(report)),
        Section::new("plan", "Plan", outlook::plan(report)),
        Section::new("accuracy", "Forecast accuracy", outlook::accuracy(report)),
        Section::new("unknown", "Unknown", outlook::unknown(report)),
    ];
    sections.extend(
        report.comparison.as_ref().map(|comparison| {
            Section::new("comparison", "Comparison", summary::comparison(report, comparison))
        }),
    );
    let mut document = Document {
        title: format!("Capacity in {}", format::month(&report.month)).into(),
        subtitle: format!(
            "{} · as of {}",
            report.profile.title,
            report.generated_at.format("%-d %b %Y %H:%M UTC")
        ),
        simulated: report.simulated.clone(),
        sections,
        footer: format!(
            "Roadmap {} ({}) · scale-advisor {} · next report: {}",
            report.profile.id,
            report.profile.digest.chars().take(12).collect::<String>(),
            report.tool_version,
            format::day(report.next_report.date_naive())
        ),
        ..Document::default()
    };
    document.number_pictures();
    document
}

/// The page of a year.
pub fn year_document(year: &YearReport) -> Document {
    let columns = vec![
        Column::text("Month"),
        Column::number("Peak hour"),
        Column::number("Change").rank(3),
        Column::text("Least headroom"),
        Column::number("Left"),
        Column::number("Hours over limits").rank(1),
        Column::number("Forecast accuracy").rank(2),
        Column::number("Recorded").rank(4),
    ];
    let mut table = Table::new(format!("Months of {}", year.year), columns);
    table.rows = year.months.iter().map(month_row).collect();
    let mut blocks = vec![Block::paragraph(year_summary(year))];
    blocks.extend(table.block());
    blocks.push(Block::paragraph(
        "Peak hour: median over the days of the month. Least headroom: the resource nearest to its limit at the peak hour. Hours \
         over limits: all resources together. Forecast accuracy: days within the 90% interval of the forecast made at the \
         start of the month. Recorded: share of the hours in the history.",
    ));
    Document {
        title: format!("Capacity in {}", year.year).into(),
        subtitle: format!(
            "{} · as of {}",
            year.profile.title,
            year.generated_at.format("%-d %b %Y %H:%M UTC")
        ),
        simulated: year.simulated.clone(),
        sections: vec![Section::new("year", "Months", blocks)],
        footer: format!("Roadmap {} · scale-advisor {}", year.profile.id, year.tool_version),
        ..Document::default()
    }
}

fn year_summary(year: &YearReport) -> String {
    let known: Vec<_> = year.months.iter().filter_map(|month| month.load.as_ref()).collect();
    let load = match known.as_slice() {
        [] => "The load of every month is unknown".to_owned(),
        [month] => {
            format!("Peak hour: {} {} in {}", count(month.busy_hour), year.unit, format::month(&month.month))
        }
        [first, .., last] => format!(
            "Peak hour: from {} {} in {} to {} in {}",
            count(first.busy_hour),
            year.unit,
            format::month(&first.month),
            count(last.busy_hour),
            format::month(&last.month)
        ),
    };
    let accuracy = |share: &Share| {
        format!(
            ". Load forecasts: {} of {} days within the 90% interval ({}, 95% interval {}–{} if days were independent)",
            share.inside,
            share.of,
            percent(share.share()),
            percent(share.low),
            percent(share.high)
        )
    };
    format!("{load}{}.", year.coverage.as_ref().map(accuracy).unwrap_or_default())
}

fn month_row(month: &MonthOfYear) -> Vec<Cell> {
    let load = month.load.as_ref();
    let tightest = month.tightest.as_ref();
    let name = tightest.map(|tightest| format::signal(tightest.signal, tightest.instance.as_deref()));
    let accuracy = month.forecast.as_ref().map_or_else(Cell::unknown, |share| {
        Cell::number(format!("{} of {}", share.inside, share.of), Some(share.share()))
    });
    vec![
        Cell::text(format::month(&month.month)),
        format::number(load.map(|load| load.busy_hour), count),
        format::number(load.and_then(|load| load.change), format::signed),
        name.map_or_else(Cell::unknown, Cell::text),
        format::number(tightest.map(|tightest| tightest.headroom), percent),
        format::number(month.hours_beyond.map(|hours| hours as f64), count),
        accuracy,
        format::number(month.known, percent),
    ]
}
