//! The page of a year.

use super::words;
use crate::render::document::{Block, Cell, Document, Section, Table, Tone};
use crate::{
    render::format::{count, percent},
    report::{MonthOfYear, Share, YearReport},
};

pub(super) fn page(year: &YearReport) -> Document {
    let columns = [
        "Month",
        "#Busy hour (median day)",
        "#Change",
        "Least room",
        "#Hours beyond limits",
        "#Forecast held",
        "#Known",
    ];
    let mut table = Table::with_titles(format!("Months of {}", year.year), &columns);
    table.rows = year.months.iter().map(row).collect();
    let mut parts = vec![Block::paragraph(summary(year))];
    parts.extend(table.block());
    parts.push(Block::paragraph(
        "Busy hour: of the days' busiest hours the median. Least room: what was nearest to its end at the busy hour. Hours beyond \
         limits: of all resources together. Forecast held: days within the 90% band of the forecast made when the month began.",
    ));
    Document {
        title: format!("Capacity in {}", year.year).into(),
        tone: Tone::Plain,
        subtitle: format!(
            "{} · as of {}",
            year.profile.title,
            year.generated_at.format("%-d %b %Y %H:%M UTC")
        ),
        simulated: year.simulated.clone(),
        sections: vec![Section::new("year", "The months", parts)],
        footer: format!("Roadmap {} · scale-advisor {}", year.profile.id, year.tool_version),
    }
}

fn summary(year: &YearReport) -> String {
    let known: Vec<_> = year.months.iter().filter_map(|month| month.load.as_ref()).collect();
    let load = match known.as_slice() {
        [] => "The load of no month is known".to_owned(),
        [one] => format!(
            "The busy hour had {} {} in {}",
            count(one.busy_hour),
            year.unit,
            words::month(&one.month)
        ),
        [first, .., last] => format!(
            "The busy hour went from {} {} in {} to {} in {}",
            count(first.busy_hour),
            year.unit,
            words::month(&first.month),
            count(last.busy_hour),
            words::month(&last.month)
        ),
    };
    let held = |share: &Share| {
        format!(
            "; forecasts held {} of {} days within their 90% band ({}, 95% interval {}–{} if days were independent)",
            share.inside,
            share.of,
            percent(share.share()),
            percent(share.low),
            percent(share.high)
        )
    };
    format!("{load}{}.", year.coverage.as_ref().map(held).unwrap_or_default())
}

fn row(month: &MonthOfYear) -> Vec<Cell> {
    let number = |text: Option<String>, value: Option<f64>| {
        text.map_or_else(Cell::unknown, |text| Cell::number(text, value))
    };
    let load = month.load.as_ref();
    let change = load.and_then(|load| load.change);
    let tightest = month.tightest.as_ref().map_or_else(Cell::unknown, |one| {
        Cell::number(words::signal(one.signal, one.instance.as_deref()), Some(one.headroom))
            .with_note(format!("{} left", percent(one.headroom)))
    });
    let hours = month.hours_beyond;
    let held = month.forecast.as_ref();
    vec![
        Cell::text(words::month(&month.month)),
        number(load.map(|load| count(load.busy_hour)), load.map(|load| load.busy_hour)),
        number(change.map(words::signed), change),
        tightest,
        number(hours.map(|hours| count(hours as f64)), hours.map(|hours| hours as f64)),
        number(held.map(|share| format!("{} of {}", share.inside, share.of)), held.map(Share::share)),
        number(month.known.map(percent), month.known),
    ]
}
