//! What runs out next, and the month of every resource.

use chrono::{DateTime, TimeDelta, Utc};

use super::format;
use crate::{
    assess::{Bottleneck, FARTHEST, SignalLimit, Verdict},
    render::{
        chart::{
            Course, CrossingDates, Mark, ResourceChart, Sparkline, course_characters, resource_chart,
            sparkline_characters, sparkline_chart,
        },
        document::{Block, Cell, Column, Picture, Table, Tone},
        format::{count, grade, percent, used},
        view::{
            dates::{date_cells, load_interval},
            load_picture::quantiles,
        },
    },
    report::{Breach, DayOf, NextBottleneck, Report, ResourceMonth, ResourceNow},
    signal::Direction,
};

/// Bottlenecks with a picture of their own.
const MAX_PICTURES: usize = 3;
/// Days shown beyond the last date of a crossing.
const DAYS_BEYOND: i64 = 10;
/// Violations that are listed; the JSON has all.
const MAX_VIOLATIONS: usize = 10;

/// What runs out next.
pub(super) fn bottlenecks(report: &Report) -> Vec<Block> {
    let columns = vec![
        Column::text("Resource"),
        Column::text("Verdict").rank(4),
        Column::number("Now"),
        Column::number("Headroom").rank(5),
        Column::number("At load").rank(3),
        Column::text("Saturates on"),
        Column::text("90% interval").rank(6),
        Column::number("Load, 90%").rank(6),
        Column::text("Act by"),
        Column::text("Confidence").rank(7),
        Column::text("Roadmap expects").rank(8),
    ];
    let mut table = Table::new("Most urgent first", columns);
    table.rows = report.bottlenecks.iter().map(|next| bottleneck_row(&next.standing, report)).collect();
    if table.rows.is_empty() {
        return vec![Block::paragraph("No resource is over a limit or known to be approaching one.")];
    }
    let mut blocks: Vec<Block> = table.block().into_iter().collect();
    blocks.push(Block::paragraph(format!(
        "At load: {}. Confidence: A measured over a wide range of loads, B partly extrapolated, C mostly extrapolated. \
         Dates: median and 90% interval.",
        report.load.course.unit
    )));
    let drawn = report.bottlenecks.iter().filter(|next| next.course.is_some()).take(MAX_PICTURES);
    blocks.extend(drawn.filter_map(bottleneck_picture).map(Block::Picture));
    blocks
}

fn bottleneck_row(bottleneck: &Bottleneck, report: &Report) -> Vec<Cell> {
    let at = bottleneck.saturates_at_load.as_ref();
    let none = if at.is_some() { "after the forecast" } else { "no date" };
    let [on, interval] = date_cells(bottleneck.saturates_on.as_ref(), report.generated_at, none);
    let expects = bottleneck.roadmap.as_ref().map_or_else(Cell::unknown, |roadmap| {
        let by = roadmap.act_by_users.map(|users| format!(", act by {}", count(users as f64)));
        let users = format!("{} users{}", count(roadmap.users as f64), by.unwrap_or_default());
        Cell::number(users, Some(roadmap.users as f64))
    });
    vec![
        Cell::text(format::resource(bottleneck.resource, bottleneck.instance.as_deref())),
        Cell::text(format::verdict(bottleneck.verdict)).with_tone(bottleneck.verdict),
        format::quantity(bottleneck.now, |now| used(now, bottleneck.capacity)),
        format::number(bottleneck.headroom, percent),
        at.map_or_else(Cell::unknown, |at| Cell::number(count(at.mid), Some(at.mid))),
        on,
        interval,
        load_interval(at),
        act_by(bottleneck, report.generated_at),
        Cell::text(grade(bottleneck.grade)),
        expects,
    ]
}

fn act_by(bottleneck: &Bottleneck, now: DateTime<Utc>) -> Cell {
    let Some(act_by) = &bottleneck.act_by else { return Cell::unknown() };
    let load = act_by.load.map(|load| format!(" at {}", count(load))).unwrap_or_default();
    match act_by.date {
        Some(date) => {
            let (sort, text) = (Some(date.timestamp() as f64), format::short(date, now));
            if date <= now {
                Cell::number(format!("overdue since {text}"), sort).with_tone(bottleneck.verdict)
            } else {
                Cell::number(format!("{text}{load}"), sort)
            }
        }
        None if load.is_empty() => Cell::unknown(),
        None => Cell::text(load.trim_start()),
    }
}

fn bottleneck_picture(next: &NextBottleneck) -> Option<Picture> {
    let resource = next.course.as_ref()?;
    let entry = resource.signal.entry();
    let points = resource.points.as_deref().unwrap_or_default();
    let history: Vec<_> = resource.history.iter().map(|day| (day.date, day.value)).collect();
    let mut bands: Vec<[f64; 7]> = points.iter().map(quantiles).collect();
    let last_known =
        history.last().map_or(next.standing.saturates_on.as_ref()?.low.date_naive(), |(date, _)| *date);
    let first = points.first().map_or(last_known, |point| point.date);
    if let (true, Some(on)) = (bands.is_empty(), &resource.saturates_on) {
        // What follows the load has no daily forecast of its own; days without values extend the axis to the date.
        let last = on.high.map_or(on.horizon, |high| (high + TimeDelta::days(DAYS_BEYOND)).min(on.horizon));
        let days = usize::try_from((last.date_naive() - first).num_days()).unwrap_or(0);
        bands = vec![[f64::NAN; 7]; days.min(FARTHEST) + 1];
    }
    let day = |date: Option<DateTime<Utc>>| date.map(|date| date.date_naive());
    let crossing = resource.saturates_on.as_ref().map_or_else(CrossingDates::default, |on| CrossingDates {
        low: day(Some(on.low)),
        mid: day(on.mid),
        high: day(on.high),
    });
    let mark = |limit: &SignalLimit, label: &'static str| Mark { value: limit.at.value(), label };
    let name = format::resource(resource.resource, resource.instance.as_deref());
    let title = format!("{name} in the peak hour of each day");
    let course = Course { history: &history, first, bands: &bands };
    let limit = Some(Mark { value: resource.limit.value(), label: "limit" });
    let svg = resource_chart(&ResourceChart {
        title: &title,
        unit: entry.unit,
        course,
        limit,
        warning: next.limits.warning.as_ref().map(|limit| mark(limit, "warning")),
        crossing,
    });
    let characters = course_characters(course, limit, entry.unit);
    Some(Picture { name: format::slug(&name), title, svg, characters })
}

/// The month of every resource, its threshold violations, and what has no history.
pub(super) fn month(report: &Report) -> Vec<Block> {
    let section = &report.resources;
    let name = format::month(&report.month);
    let mut blocks = Vec::new();
    if section.months.is_empty() {
        blocks.push(Block::paragraph(format!("The history has no data for {name}.")));
    }
    let columns = vec![
        Column::text("Resource"),
        Column::text("Month").rank(5),
        Column::number("Peak hour"),
        Column::number("Highest hour").rank(2),
        Column::text("Warning · critical · limit").rank(3),
        Column::number("Headroom"),
        Column::number("Over limit"),
        Column::number("Violations").rank(1),
        Column::number("Hours missing").rank(4),
    ];
    let mut table = Table::new(format!("{name}, least headroom first"), columns);
    table.rows = section.months.iter().map(month_row).collect();
    blocks.extend(table.block());
    blocks.extend(violations(report));
    let columns = vec![
        Column::text("Resource"),
        Column::number("Now"),
        Column::number("Limit"),
        Column::number("Headroom"),
        Column::text("Verdict"),
    ];
    let mut now = Table::new("Only current values are known", columns);
    now.rows = section.only_now.iter().map(now_row).collect();
    blocks.extend(now.block());
    blocks
}

fn signal_name(resource: &ResourceMonth) -> String {
    format::signal(resource.signal, resource.instance.as_deref())
}

fn month_row(resource: &ResourceMonth) -> Vec<Cell> {
    let (hours, violations) = (resource.hours_beyond(), resource.breaches.len());
    let longest = resource.breaches.iter().map(|breach| breach.hours).max();
    let longest = longest.map_or_else(
        || "none".to_owned(),
        |longest| format!("{}, longest {longest} h", count(violations as f64)),
    );
    let missing = resource.hours_over.saturating_sub(resource.hours_known);
    vec![
        Cell::text(signal_name(resource)).with_tone(month_tone(resource)),
        Cell { picture: Some(month_picture(resource)), ..Cell::default() },
        Cell::number(used(resource.busy_hour, resource.capacity), Some(resource.busy_hour.value())),
        Cell::number(used(resource.worst, resource.capacity), Some(resource.worst.value())),
        Cell::text(limits(resource)),
        format::number(resource.headroom, percent),
        Cell::number(format!("{} h", count(hours as f64)), Some(hours as f64)),
        Cell::number(longest, Some(violations as f64)),
        Cell::number(count(missing as f64), Some(missing as f64)),
    ]
}

/// The month as a small curve between its limits.
fn month_picture(resource: &ResourceMonth) -> Picture {
    let worse = resource.signal.entry().direction;
    let value = |day: &DayOf| match worse {
        Direction::HigherIsWorse => day.high,
        Direction::LowerIsWorse => day.low,
    };
    let days: Vec<_> = resource.days.iter().map(|day| (day.date, value(day))).collect();
    let at = |limit: &Option<SignalLimit>| limit.as_ref().map(|limit| limit.at.value());
    let limits = [
        ("warning", &resource.limits.warning),
        ("critical", &resource.limits.critical),
        ("limit", &resource.limits.full),
    ];
    let named: Vec<String> =
        limits.iter().filter_map(|(name, limit)| Some(format!("{name} {}", limit.as_ref()?.at))).collect();
    let title = format!("{}, by day", signal_name(resource));
    let description = format!(
        "Peak hour {}, highest hour {}, limits: {}.",
        used(resource.busy_hour, resource.capacity),
        used(resource.worst, resource.capacity),
        named.join(", ")
    );
    let chart = Sparkline {
        title: &title,
        description: &description,
        days: &days,
        warning: at(&resource.limits.warning),
        critical: at(&resource.limits.critical),
        worse,
    };
    Picture {
        name: format::slug(&format!("month of {}", signal_name(resource))),
        svg: sparkline_chart(&chart),
        characters: vec![sparkline_characters(&chart)],
        title,
    }
}

/// `80% · 90% · 100%`.
fn limits(resource: &ResourceMonth) -> String {
    let limits = [&resource.limits.warning, &resource.limits.critical, &resource.limits.full];
    let at = limits.map(|limit| limit.as_ref().map_or_else(|| "–".to_owned(), |limit| limit.at.to_string()));
    at.join(" · ")
}

fn month_tone(resource: &ResourceMonth) -> Tone {
    let critical = resource.breaches.iter().any(|breach| breach.critical_hours > 0);
    match (critical, resource.breaches.is_empty()) {
        (true, _) => Verdict::Critical.into(),
        (false, false) => Verdict::Warning.into(),
        (false, true) => Tone::Plain,
    }
}

fn violations(report: &Report) -> Vec<Block> {
    let months = report.resources.months.iter();
    let all = months.flat_map(|resource| resource.breaches.iter().map(move |breach| (resource, breach)));
    let mut all: Vec<(&ResourceMonth, &Breach)> = all.collect();
    all.sort_by_key(|(_, breach)| std::cmp::Reverse((breach.critical_hours, breach.hours)));
    let others = all.len().saturating_sub(MAX_VIOLATIONS);
    let columns = vec![
        Column::text("Resource"),
        Column::text("From (UTC)"),
        Column::number("Hours"),
        Column::number("Hours critical"),
        Column::number("Highest hour"),
    ];
    let mut table = Table::new("Threshold violations, longest first", columns);
    for (resource, breach) in all.into_iter().take(MAX_VIOLATIONS) {
        let from = breach.from.format("%-d %b %H:%M").to_string();
        let ongoing = if breach.lasts { "ongoing at the end of the recorded hours" } else { "" };
        table.rows.push(vec![
            Cell::text(signal_name(resource)).with_note(ongoing),
            Cell::number(from, Some(breach.from.timestamp() as f64)),
            Cell::number(breach.hours.to_string(), Some(breach.hours as f64)),
            Cell::number(breach.critical_hours.to_string(), Some(breach.critical_hours as f64)),
            Cell::number(used(breach.worst, resource.capacity), Some(breach.worst.value())),
        ]);
    }
    let more = (others > 0)
        .then(|| Block::paragraph(format!("{others} more violations are in the JSON of this report.")));
    table.block().into_iter().chain(more).collect()
}

fn now_row(resource: &ResourceNow) -> Vec<Cell> {
    vec![
        Cell::text(format::resource(resource.resource, resource.instance.as_deref())),
        format::quantity(resource.now, |now| used(now, resource.capacity)),
        format::quantity(resource.limit, |limit| limit.to_string()),
        format::number(resource.headroom, percent),
        Cell::text(format::verdict(resource.verdict)).with_tone(resource.verdict),
    ]
}
