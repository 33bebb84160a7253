//! Section 3.

use crate::render::document::{Block, Cell, Picture, Table};
use chrono::{DateTime, TimeDelta, Utc};

use super::load::band;
use crate::{
    assess::{Bottleneck, FARTHEST, LimitOf},
    render::{
        chart::{Course, CrossingDates, Mark, ResourceChart, resource_chart},
        format::{count, grade, percent, used},
        report::words,
    },
    report::{NextBottleneck, Report},
};

/// So many get a picture of their own.
const PICTURES: usize = 3;
/// Days shown beyond the last date of a crossing.
const ROOM: i64 = 10;

pub(super) fn parts(report: &Report) -> Vec<Block> {
    let mut table = Table::with_titles(
        "What runs out, most pressing first",
        &[
            "Resource",
            "#Now",
            &format!("#Full at ({})", report.load.course.unit),
            "Reached",
            "Act by",
            "Evidence",
            "Roadmap expects",
        ],
    );
    table.rows = report.bottlenecks.iter().map(|one| row(&one.standing, report)).collect();
    if table.rows.is_empty() {
        return vec![Block::paragraph(
            "No resource is beyond a limit, and none is known to be reaching one.",
        )];
    }
    let mut parts: Vec<Block> = table.block().into_iter().collect();
    parts.push(Block::paragraph(
        "Evidence: A measured over a wide range of loads, B partly and C mostly extrapolated. Dates: the middle, and where nine \
         of ten futures lie.",
    ));
    let first = report.bottlenecks.iter().filter(|one| one.course.is_some()).take(PICTURES);
    parts.extend(first.filter_map(picture).map(Block::Picture));
    parts
}

fn row(one: &Bottleneck, report: &Report) -> Vec<Cell> {
    let now = one.now.map_or_else(Cell::unknown, |now| {
        let room = one.headroom.map(|room| format!("{} room", percent(room))).unwrap_or_default();
        Cell::number(used(now, one.capacity), one.headroom.map(|room| -room)).with_note(room)
    });
    let full = one.saturates_at_load.as_ref();
    let full = full.map_or_else(Cell::unknown, |at| Cell::number(words::load(at), Some(at.mid)));
    let reached = one.saturates_on.as_ref();
    let after = if one.saturates_at_load.is_some() { "after the forecast" } else { "no date" };
    let reached = reached.map_or_else(
        || Cell::text(after),
        |on| Cell::number(words::dates(Some(on), report.generated_at), words::date_key(Some(on))),
    );
    let expects = one.roadmap.as_ref().map_or_else(Cell::unknown, |roadmap| {
        let by = roadmap.act_by_users.map(|users| format!("act by {}", count(users as f64)));
        Cell::number(format!("{} users", count(roadmap.users as f64)), Some(roadmap.users as f64))
            .with_note(by.unwrap_or_default())
    });
    let name = words::resource(one.resource, one.instance.as_deref());
    vec![
        Cell::text(name).with_note(words::verdict(one.verdict)).with_tone(one.verdict),
        now,
        full,
        reached,
        act_by(one, report.generated_at),
        Cell::text(grade(one.grade)),
        expects,
    ]
}

fn act_by(one: &Bottleneck, now: DateTime<Utc>) -> Cell {
    let Some(act_by) = &one.act_by else { return Cell::unknown() };
    let load = act_by.load.map(|load| format!("at {}", count(load))).unwrap_or_default();
    match act_by.date {
        Some(date) if date <= now => {
            let since = format!("should have begun by {}", words::short(date, now));
            Cell::number("now", Some(date.timestamp() as f64)).with_note(since).with_tone(one.verdict)
        }
        Some(date) => Cell::number(words::short(date, now), Some(date.timestamp() as f64)).with_note(load),
        None if load.is_empty() => Cell::unknown(),
        None => Cell::text(load),
    }
}

fn picture(one: &NextBottleneck) -> Option<Picture> {
    let course = one.course.as_ref()?;
    let entry = course.signal.entry();
    let points = course.points.as_deref().unwrap_or_default();
    let history: Vec<_> = course.history.iter().map(|day| (day.date, day.value)).collect();
    let mut bands: Vec<[f64; 7]> = points.iter().map(band).collect();
    let after =
        history.last().map_or(one.standing.saturates_on.as_ref()?.low.date_naive(), |(date, _)| *date);
    let first = points.first().map_or(after, |point| point.date);
    if let (true, Some(on)) = (bands.is_empty(), &course.saturates_on) {
        // What the load fills has no daily future of its own; days without values make room for the date it ends on.
        let last = on.high.map_or(on.horizon, |high| (high + TimeDelta::days(ROOM)).min(on.horizon));
        let days = usize::try_from((last.date_naive() - first).num_days()).unwrap_or(0);
        bands = vec![[f64::NAN; 7]; days.min(FARTHEST) + 1];
    }
    let day = |date: Option<DateTime<Utc>>| date.map(|date| date.date_naive());
    let crossing = course.saturates_on.as_ref().map_or_else(CrossingDates::default, |on| CrossingDates {
        low: day(Some(on.low)),
        mid: day(on.mid),
        high: day(on.high),
    });
    let mark = |limit: &LimitOf, label: &'static str| Mark { value: limit.at.value(), label };
    let name = words::resource(course.resource, course.instance.as_deref());
    let title = format!("{name} in the busiest hour of each day");
    let svg = resource_chart(&ResourceChart {
        title: &title,
        unit: entry.unit,
        course: Course { history: &history, first, bands: &bands },
        limit: Some(Mark { value: course.limit.value(), label: "limit" }),
        warning: one.limits.warning.as_ref().map(|limit| mark(limit, "warning")),
        crossing,
    });
    Some(Picture { name: words::slug(&name), title, svg, characters: None })
}
