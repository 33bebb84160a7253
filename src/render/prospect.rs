//! The forecast of the load and of every resource as a page.

use anstyle::Style;
use chrono::NaiveTime;
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};

use super::{
    chart::{Basis, Course, LoadChart, Milestone, PhaseBand, load_chart},
    format::{bounds, count, dates, grade, money_range, percent, short},
    outlook::chart::{Picture, chart},
    safe,
    text::Page,
};
use crate::{
    assess::{
        AtUsers, Forecast, ForecastResource, LimitAtUsers, LimitOutcome, PhaseAhead, Point, SaturationDate,
    },
    roadmap::Roadmap,
    signal::{Quantity, Unit},
};

/// The page, `width` columns wide.
pub fn prospect_page(forecast: &Forecast, width: usize, styled: bool) -> String {
    let mut page = Page::new(width, styled);
    heading(forecast, &mut page);
    picture(forecast, &mut page);
    resources(forecast, &mut page);
    if let Some(at) = &forecast.at_users {
        at_users(forecast, at, &mut page);
    }
    page.finish()
}

fn heading(forecast: &Forecast, page: &mut Page) {
    let bold = Style::new().bold();
    let stamp = format!("{} · {}", forecast.profile.id, forecast.generated_at.format("%-d %b %Y %H:%M UTC"));
    page.entry_with_right("Forecast", bold, "How the load and what it fills go on", &stamp);
    if let Some(simulated) = &forecast.simulated {
        page.text(&format!("SIMULATED: {simulated}"));
    }
    let load = &forecast.load;
    let peak = load.peak.map_or_else(
        || "unknown".to_owned(),
        |peak| format!("{} {} at the busy hour", count(peak), load.unit),
    );
    page.entry("Load", bold, &format!("{peak}; {}", load.because));
    if let Some(last) = load.points.as_ref().and_then(|points| points.last()) {
        let date = last.date.format("%-d %b %Y");
        page.text(&format!(
            "{} on {date} (90% between {} and {})",
            count(last.p50),
            count(last.p5),
            count(last.p95)
        ));
    }
    if let Some(next) = forecast.phases.first() {
        page.entry("Phase", bold, &phase(forecast, next));
    }
}

fn phase(forecast: &Forecast, next: &PhaseAhead) -> String {
    let when = when(forecast, next.reached.as_ref(), forecast.load.points.as_deref());
    format!("{} ({}) begins at {}: {when}", next.phase, next.title, count(next.users as f64))
}

/// The load with the first line it runs into: a resource's end, else the next phase.
fn picture(forecast: &Forecast, page: &mut Page) {
    let Some(points) = &forecast.load.points else { return };
    let history: Vec<_> = forecast.load.history.iter().map(|day| (day.date, day.value)).collect();
    let bands: Vec<[f64; 7]> = points.iter().map(band).collect();
    let ends = forecast.resources.iter().filter_map(|one| Some(one.saturates_at_load?.mid));
    let first = ends.reduce(f64::min).or(forecast.phases.first().map(|phase| phase.users as f64));
    let Some(today) = points.first() else { return };
    let limit = first.and_then(|first| Quantity::new(first.round(), Unit::Count));
    let picture = Picture { history: &history, first: today.date, bands: &bands, limit, unit: Unit::Count };
    page.blank();
    for line in chart(&picture, page.width()).lines() {
        page.raw_line(line);
    }
}

/// The load on the map of the roadmap as SVG, with the loads at which resources are full.
pub fn prospect_picture(forecast: &Forecast, roadmap: &Roadmap) -> String {
    let load = &forecast.load;
    let points = load.points.as_deref().unwrap_or_default();
    let history: Vec<_> = load.history.iter().map(|day| (day.date, day.value)).collect();
    let bands: Vec<[f64; 7]> = points.iter().map(band).collect();
    let today = forecast.generated_at.date_naive();
    let first = points.first().map_or(today, |point| point.date);
    let names: Vec<String> = forecast.resources.iter().map(name).collect();
    let full = forecast.resources.iter().zip(&names).filter_map(|(one, name)| {
        let load = one.saturates_at_load?.mid;
        Some(Milestone { load, basis: Basis::Measured, title: name, act_by: None })
    });
    let expected = roadmap.milestones.iter().map(|one| Milestone {
        load: one.users as f64,
        basis: Basis::Roadmap,
        title: &one.title,
        act_by: one.act_by_users.map(|users| users as f64),
    });
    let milestones: Vec<Milestone<'_>> = full.chain(expected).collect();
    let phases = roadmap.phases.iter().map(|phase| PhaseBand {
        number: phase.number,
        title: &phase.title,
        from: phase.users.low() as f64,
        to: phase.users.high().map(|users| users as f64),
    });
    let simulated = if forecast.simulated.is_some() { "SIMULATED. " } else { "" };
    load_chart(&LoadChart {
        title: &format!("{simulated}Load: {} in the busiest hour of each day", load.unit),
        unit: &load.unit,
        course: Course { history: &history, first, bands: &bands },
        phases: &phases.collect::<Vec<_>>(),
        milestones: &milestones,
        because: &load.because,
    })
}

fn band(point: &Point) -> [f64; 7] {
    [point.p5, point.p10, point.p25, point.p50, point.p75, point.p90, point.p95]
}

fn resources(forecast: &Forecast, page: &mut Page) {
    let (known, unknown): (Vec<_>, Vec<_>) =
        forecast.resources.iter().partition(|one| one.saturates_at_load.is_some() || one.points.is_some());
    if !known.is_empty() {
        page.heading("Resources");
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(u16::try_from(page.width()).unwrap_or(100));
        table.set_header(["resource", "full at", "on", "first", "act by", "evidence"]);
        for one in known {
            table.add_row(row(forecast, one));
        }
        for line in table.lines() {
            page.raw_line(&line);
        }
    }
    if !unknown.is_empty() {
        page.heading("Not forecast");
        for one in unknown {
            page.item(1, "-", &format!("{}: {}", name(one), one.because));
        }
    }
}

fn row(forecast: &Forecast, one: &ForecastResource) -> Vec<Cell> {
    let none = || "–".to_owned();
    let now = forecast.generated_at;
    let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
    let load =
        one.saturates_at_load.map_or_else(none, |load| format!("{}{}", count(load.mid), bounds(&load)));
    let points = one.points.as_deref().or(forecast.load.points.as_deref());
    let on = when(forecast, one.saturates_on.as_ref(), points);
    let act_by = one.act_by.as_ref().and_then(|act_by| act_by.date);
    let act_by =
        act_by.map_or_else(none, |date| if date <= now { "now".to_owned() } else { short(date, now) });
    vec![
        Cell::new(safe(&name(one))),
        right(load),
        Cell::new(on),
        right(one.probability_first.map_or_else(none, percent)),
        Cell::new(act_by),
        Cell::new(grade(one.grade)),
    ]
}

/// The dates; "after 17 Feb 2027", where not even 5% get there before the last day looked at.
fn when(forecast: &Forecast, on: Option<&SaturationDate>, points: Option<&[Point]>) -> String {
    let now = forecast.generated_at;
    let last = points.and_then(<[Point]>::last).map(|point| point.date.and_time(NaiveTime::MIN).and_utc());
    match (on, last) {
        (Some(on), _) => dates(on, now),
        (None, Some(last)) => format!("after {}", short(last, now)),
        (None, None) => "no date".to_owned(),
    }
}

fn name(one: &ForecastResource) -> String {
    one.resource.entry().of_instance(one.instance.as_deref())
}

fn at_users(forecast: &Forecast, at: &AtUsers, page: &mut Page) {
    let bold = Style::new().bold();
    let unit = &forecast.load.unit;
    page.heading(&format!("At {} {unit}", count(at.users as f64)));
    let when = when(forecast, at.reached.as_ref(), forecast.load.points.as_deref());
    page.entry("Reached", bold, &when);
    for (outcome, label) in [
        (LimitOutcome::Yes, "LimitOutcome"),
        (LimitOutcome::Perhaps, "Perhaps"),
        (LimitOutcome::No, "Holds"),
        (LimitOutcome::Unknown, "Unknown"),
    ] {
        let names: Vec<String> = at.limits.iter().filter(|one| one.outcome == outcome).map(limit).collect();
        if !names.is_empty() {
            page.entry(label, bold, &names.join(", "));
        }
    }
    if let Some(phase) = &at.plan.phase {
        let cost = phase.cost_per_month.as_ref().map(|cost| money_range(&at.plan.currency, cost));
        let cost = cost.map(|cost| format!(", {cost} a month")).unwrap_or_default();
        page.entry("Phase", bold, &format!("{} ({}){cost}", phase.number, phase.title));
    }
    let open: Vec<_> = at.plan.items.iter().filter(|item| !item.done).collect();
    for (index, item) in open.iter().enumerate() {
        let label = if index == 0 { "Plan" } else { "" };
        page.entry(label, bold, &format!("{} {}", item.id, item.title));
    }
    page.text(&format!("`plan --users {}` shows the steps", at.users));
}

fn limit(one: &LimitAtUsers) -> String {
    let name = one.resource.entry().of_instance(one.instance.as_deref());
    one.saturates_at_load.map_or_else(|| name.clone(), |load| format!("{name} ({})", count(load.mid)))
}
