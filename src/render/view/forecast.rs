//! `forecast`: the load, every resource, and what a number of users would bring.

use crate::render::reason;
use chrono::{DateTime, NaiveTime, Utc};

use super::{
    dates::{date_cells, load_interval},
    facts::event,
    load_picture::LoadPicture,
};
use crate::{
    assess::{
        AtUsers, Forecast, ForecastResource, LimitAtUsers, LimitOutcome, PhaseAhead, Point, SaturationDate,
    },
    render::{
        chart::{Basis, Milestone, PhaseBand},
        document::{Block, Cell, Column, Document, Fact, Item, List, Section, Table, Text, Tone},
        format::{bounds, count, dates, grade, money_range, percent, short},
    },
    roadmap::Roadmap,
};

/// The page.
pub fn forecast_document(forecast: &Forecast, roadmap: &Roadmap) -> Document {
    let mut summary: Vec<Block> = first(forecast).into_iter().collect();
    summary.extend(Block::facts(facts(forecast)));
    let mut sections = vec![Section::untitled("summary", summary)];
    if forecast.load.points.is_some() || !forecast.load.history.is_empty() {
        let picture = picture(forecast, roadmap).picture();
        sections.push(Section::untitled("load", vec![Block::Picture(picture)]));
    }
    sections.extend(resources(forecast));
    sections.extend(forecast.at_users.as_ref().map(|at| at_users(forecast, at)));
    Document {
        title: "Load and resource forecast".into(),
        tone: Tone::Plain,
        subtitle: format!(
            "{} · {}",
            forecast.profile.id,
            forecast.generated_at.format("%-d %b %Y %H:%M UTC")
        ),
        simulated: forecast.simulated.clone(),
        sections,
        footer: format!("scale-advisor {}", forecast.tool_version),
        ..Document::default()
    }
}

/// The load on the roadmap as SVG.
pub fn forecast_picture(forecast: &Forecast, roadmap: &Roadmap) -> String {
    picture(forecast, roadmap).picture().svg
}

fn picture<'a>(forecast: &'a Forecast, roadmap: &'a Roadmap) -> LoadPicture<'a> {
    let saturations = forecast
        .resources
        .iter()
        .filter_map(|resource| Some((resource.saturates_at_load?.mid, name(resource))));
    let milestones = roadmap.milestones.iter().map(|milestone| Milestone {
        load: milestone.users as f64,
        basis: Basis::Roadmap,
        title: &milestone.title,
        act_by: milestone.act_by_users.map(|users| users as f64),
    });
    let phases = roadmap.phases.iter().map(|phase| PhaseBand {
        number: phase.number,
        title: &phase.title,
        from: phase.users.low() as f64,
        to: phase.users.high().map(|users| users as f64),
    });
    LoadPicture {
        load: &forecast.load,
        today: forecast.generated_at.date_naive(),
        saturations: saturations.collect(),
        phases: phases.collect(),
        milestones: milestones.collect(),
        simulated: forecast.simulated.is_some(),
    }
}

/// The resource that saturates first, when and at which load.
fn first(forecast: &Forecast) -> Option<Block> {
    let resource = forecast.resources.iter().find(|resource| resource.saturates_on.is_some())?;
    let on = resource.saturates_on.as_ref()?;
    let at = resource
        .saturates_at_load
        .map(|load| format!(" at {}{} {}", count(load.mid), bounds(&load), forecast.load.unit));
    let likely = resource.probability_first.filter(|share| *share < 0.95);
    let likely = likely.map(|share| format!(", {} likely first", percent(share)));
    let sentence = format!(
        "{}: saturates{}, {}{}",
        name(resource),
        at.unwrap_or_default(),
        dates(on, forecast.generated_at),
        likely.unwrap_or_default()
    );
    Some(Block::Lead { tone: Tone::Plain, sentences: vec![sentence.into()] })
}

fn facts(forecast: &Forecast) -> Vec<Fact> {
    let load = &forecast.load;
    let peak = load.peak.map_or_else(
        || "unknown".to_owned(),
        |peak| format!("{} {} at the peak hour", count(peak), load.unit),
    );
    let last = load.points.as_deref().and_then(<[Point]>::last).map(|last| {
        let date = last.date.format("%-d %b %Y");
        let [low, mid, high] = [last.p5, last.p50, last.p95].map(count);
        Text::from(format!("{date}: {mid} (median), 90% interval {low}–{high}"))
    });
    let events = reason::events_left_out(&forecast.events_left_out);
    let mut facts = vec![
        Fact::new("Load", format!("{peak}; {}", reason::forecast(&load.reason)))
            .with_details(last.into_iter().chain(events.map(Text::from)).collect()),
    ];
    facts.extend(forecast.events_ahead.iter().map(|ahead| event(ahead, &load.unit)));
    facts.extend(forecast.phases.first().map(|next| Fact::new("Next phase", phase(forecast, next))));
    facts
}

fn phase(forecast: &Forecast, next: &PhaseAhead) -> String {
    let when = when(forecast, next.reached.as_ref(), forecast.load.points.as_deref());
    format!("{} ({}) begins at {}: {when}", next.phase, next.title, count(next.users as f64))
}

/// Those with a forecast as a table, the others with what is missing.
fn resources(forecast: &Forecast) -> Vec<Section> {
    let (known, unknown): (Vec<_>, Vec<_>) = forecast
        .resources
        .iter()
        .partition(|resource| resource.saturates_at_load.is_some() || resource.points.is_some());
    let columns = vec![
        Column::text("Resource"),
        Column::number("At load"),
        Column::text("Saturates on"),
        Column::text("90% interval").rank(3),
        Column::number("Load, 90%").rank(4),
        Column::text("Act by"),
        Column::number("First").rank(1),
        Column::text("Confidence").rank(2),
    ];
    let mut table = Table::new("", columns);
    table.rows = known.into_iter().map(|resource| row(forecast, resource)).collect();
    let item = |resource: &&ForecastResource| {
        Item::new(format!(
            "{}: {}",
            name(resource),
            reason::saturation(&resource.reason, resource.saturates_at_load.as_ref())
        ))
    };
    let list = List { title: String::new(), tasks: false, items: unknown.iter().map(item).collect() }.block();
    let table = table.block().map(|table| Section::new("resources", "Resources", vec![table]));
    let list = list.map(|list| Section::new("not-forecast", "Not forecast", vec![list]));
    table.into_iter().chain(list).collect()
}

fn row(forecast: &Forecast, resource: &ForecastResource) -> Vec<Cell> {
    let now = forecast.generated_at;
    let load = resource.saturates_at_load;
    let points = resource.points.as_deref().or(forecast.load.points.as_deref());
    let last = points.and_then(<[Point]>::last).map(|last| last.date.and_time(NaiveTime::MIN).and_utc());
    let none = last.map_or_else(|| "no date".to_owned(), |last| format!("after {}", short(last, now)));
    let [on, interval] = date_cells(resource.saturates_on.as_ref(), now, &none);
    let first = resource.probability_first;
    vec![
        Cell::text(name(resource)),
        load.map_or_else(Cell::unknown, |load| Cell::number(count(load.mid), Some(load.mid))),
        on,
        interval,
        load_interval(load.as_ref()),
        act_by(resource, now),
        first.map_or_else(Cell::unknown, |share| Cell::number(percent(share), Some(share))),
        Cell::text(grade(resource.grade)),
    ]
}

fn act_by(resource: &ForecastResource, now: DateTime<Utc>) -> Cell {
    let Some(date) = resource.act_by.as_ref().and_then(|act_by| act_by.date) else { return Cell::unknown() };
    let cell = |text: String| Cell::number(text, Some(date.timestamp() as f64));
    if date <= now { cell("now".to_owned()).with_tone(Tone::Critical) } else { cell(short(date, now)) }
}

/// The dates; "after 17 Feb 2027", where not even 5% get there before the last day of the forecast.
fn when(forecast: &Forecast, on: Option<&SaturationDate>, points: Option<&[Point]>) -> String {
    let now = forecast.generated_at;
    let last = points.and_then(<[Point]>::last).map(|point| point.date.and_time(NaiveTime::MIN).and_utc());
    match (on, last) {
        (Some(on), _) => dates(on, now),
        (None, Some(last)) => format!("after {}", short(last, now)),
        (None, None) => "no date".to_owned(),
    }
}

fn name(resource: &ForecastResource) -> String {
    resource.resource.entry().of_instance(resource.instance.as_deref())
}

/// Which limits a number of users exceeds, which phase it takes, and what to do until then.
fn at_users(forecast: &Forecast, at: &AtUsers) -> Section {
    let reached = when(forecast, at.reached.as_ref(), forecast.load.points.as_deref());
    let mut facts = vec![Fact::new("Reached", reached)];
    for (outcome, label) in [
        (LimitOutcome::Yes, "Exceeded"),
        (LimitOutcome::Perhaps, "May exceed"),
        (LimitOutcome::No, "Holds"),
        (LimitOutcome::Unknown, "Unknown"),
    ] {
        let limits = at.limits.iter().filter(|limit| limit.outcome == outcome);
        let names: Vec<String> = limits.map(limit_name).collect();
        facts.extend((!names.is_empty()).then(|| Fact::new(label, names.join(", "))));
    }
    facts.extend(at.plan.phase.as_ref().map(|phase| {
        let cost = phase.cost_per_month.as_ref().map(|cost| money_range(&at.plan.currency, cost));
        let cost = cost.map(|cost| format!(", {cost} a month")).unwrap_or_default();
        Fact::new("Phase", format!("{} ({}){cost}", phase.number, phase.title))
    }));
    let pending = at.plan.items.iter().filter(|item| !item.done);
    let items = pending.map(|item| Item::new(format!("[{}] {}", item.id, item.title))).collect();
    let mut blocks = vec![Block::Facts { facts }];
    blocks.extend(List { title: "Plan".to_owned(), tasks: true, items }.block());
    let command = Text::code(format!("plan --users {}", at.users)).then(" shows the steps.");
    blocks.push(Block::paragraph(command));
    Section::new("at-users", format!("At {} {}", count(at.users as f64), forecast.load.unit), blocks)
}

fn limit_name(limit: &LimitAtUsers) -> String {
    let name = limit.resource.entry().of_instance(limit.instance.as_deref());
    limit.saturates_at_load.map_or_else(|| name.clone(), |load| format!("{name} ({})", count(load.mid)))
}
