//! Section 2.

use crate::render::document::{Block, Cell, Picture, Table};
use crate::{
    assess::Point,
    render::{
        chart::{Basis, Course, LoadChart, Milestone, PhaseBand, load_chart},
        format::{count, money_range},
        report::words,
    },
    report::Report,
};

pub(super) fn parts(report: &Report) -> Vec<Block> {
    let course = &report.load.course;
    // Without a past and a future there is nothing to draw.
    let drawn = !course.history.is_empty() || course.points.is_some();
    let picture = drawn.then(|| Block::Picture(picture(report)));
    let mut parts: Vec<Block> = [Block::paragraph(growth(report))].into_iter().chain(picture).collect();
    parts.extend(months(report).block());
    parts.extend(ahead(report).block());
    parts
}

fn growth(report: &Report) -> String {
    let course = &report.load.course;
    let peak = course.peak.map_or_else(
        || "The present load is unknown".to_owned(),
        |peak| format!("{} {} at the busy hour now", count(peak), course.unit),
    );
    let growth = course.growth_per_month.as_ref();
    let growth = growth.map_or_else(
        || format!("growth unknown: {}", course.because),
        |growth| format!("growth {}", words::growth(growth)),
    );
    let change = course
        .trend_changed_days_ago
        .map(|days| format!(" The trend changed {} ago.", words::plural(days, "day")));
    format!("{peak}; {growth}.{}", change.unwrap_or_default())
}

fn picture(report: &Report) -> Picture {
    let (load, course) = (&report.load, &report.load.course);
    let points = course.points.as_deref().unwrap_or_default();
    let history: Vec<_> = course.history.iter().map(|day| (day.date, day.value)).collect();
    let bands: Vec<[f64; 7]> = points.iter().map(band).collect();
    let first = points.first().map_or(report.generated_at.date_naive(), |point| point.date);
    let phases = load.phases.iter().map(|phase| PhaseBand {
        number: phase.number,
        title: &phase.title,
        from: phase.from as f64,
        to: phase.to.map(|to| to as f64),
    });
    let named: Vec<(f64, String)> = report
        .bottlenecks
        .iter()
        .filter_map(|one| {
            let one = &one.standing;
            Some((one.saturates_at_load?.mid, words::resource(one.resource, one.instance.as_deref())))
        })
        .collect();
    let measured = named.iter().map(|(load, title)| Milestone {
        load: *load,
        basis: Basis::Measured,
        title,
        act_by: None,
    });
    let expected = load.milestones.iter().map(|one| Milestone {
        load: one.users as f64,
        basis: Basis::Roadmap,
        title: &one.title,
        act_by: one.act_by_users.map(|users| users as f64),
    });
    let title = format!("Load: {} in the busiest hour of each day", course.unit);
    let svg = load_chart(&LoadChart {
        title: &title,
        unit: &course.unit,
        course: Course { history: &history, first, bands: &bands },
        phases: &phases.collect::<Vec<_>>(),
        milestones: &measured.chain(expected).collect::<Vec<_>>(),
        because: &course.because,
    });
    Picture { name: "load".to_owned(), title, svg, characters: None }
}

/// The quantiles of a day as charts take them.
pub(super) fn band(point: &Point) -> [f64; 7] {
    [point.p5, point.p10, point.p25, point.p50, point.p75, point.p90, point.p95]
}

fn months(report: &Report) -> Table {
    let mut table = Table::with_titles(
        "Months",
        &["Month", "#Busy hour (median day)", "#Busiest hour", "#Change", "#Days known"],
    );
    for month in report.load.months.iter().rev().take(13) {
        table.rows.push(vec![
            Cell::text(words::month(&month.month)),
            Cell::number(count(month.busy_hour), Some(month.busy_hour)),
            Cell::number(count(month.highest), Some(month.highest)),
            month
                .change
                .map_or_else(Cell::unknown, |change| Cell::number(words::signed(change), Some(change))),
            Cell::number(month.days.to_string(), Some(month.days as f64)),
        ]);
    }
    table
}

fn ahead(report: &Report) -> Table {
    let mut table = Table::with_titles("Phases ahead", &["Phase", "#Begins at", "Expected", "#Cost a month"]);
    for phase in &report.load.ahead {
        let cost = phase.cost_per_month.as_ref();
        let expected = match &phase.reached {
            None => "after the forecast".to_owned(),
            reached => words::dates(reached.as_ref(), report.generated_at),
        };
        table.rows.push(vec![
            Cell::text(format!("{} · {}", phase.phase, phase.title)),
            Cell::number(
                format!("{} {}", count(phase.users as f64), report.load.course.unit),
                Some(phase.users as f64),
            ),
            Cell::number(expected, words::date_key(phase.reached.as_ref())),
            cost.map_or_else(Cell::unknown, |cost| {
                Cell::number(money_range(&report.cost.today.currency, cost), Some(cost.low()))
            }),
        ]);
    }
    table
}
