//! What a forecast rests on, in words.

use super::Future;
use crate::{
    assess::{Context, evidence::amount},
    capacity::demand::{Demand, Saturation},
    signal::{Quantity, Unit},
    snapshot::Observation,
};

/// "continued from 90 days; grows by 8.1% a month (6.9% to 9.4%)".
pub(super) fn load(future: &Future, supposed: Option<f64>, last: Option<f64>) -> String {
    match supposed {
        Some(rate) => format!(
            "supposed to grow by {} a month from the level of the last four weeks; bands tell nothing of a doubt about that",
            percent(rate)
        ),
        None => format!("{}; {}", continued(future), growing(future, last)),
    }
}

/// The same for what fills by itself.
pub(super) fn own(future: &Future, observation: &Observation, limit: f64) -> String {
    let limit = Quantity::new(limit, observation.signal.entry().unit);
    let limit = limit.map_or_else(String::new, |limit| format!(" to {}", amount(limit, observation)));
    format!("{}{limit}; {}", continued(future), growing(future, None))
}

fn continued(future: &Future) -> String {
    let change = future.change.map(|change| {
        format!(
            "; its trend changed about {} days ago and the new one is followed, which is wrong if it does not last",
            change.days_ago
        )
    });
    format!("continued from {} days{}", future.days_known, change.unwrap_or_default())
}

/// `level` turns growth in the figure's own unit into a share.
fn growing(future: &Future, level: Option<f64>) -> String {
    let Some(growth) = future.growth_ratio(level) else {
        return "growth cannot be told as a share".to_owned();
    };
    let [low, mid, high] = [growth.low, growth.mid, growth.high].map(percent);
    if future.growth.is_some_and(|growth| growth.is_distinguishable()) {
        format!("grows by {mid} a month ({low} to {high})")
    } else {
        format!("growth cannot be told from none: {mid} a month, between {low} and {high}")
    }
}

/// "each of the users takes 0.24 connections beside 4 without any; …".
pub(super) fn demand(
    demand: &Demand,
    saturation: &Saturation,
    days: usize,
    observation: &Observation,
    context: &Context<'_>,
) -> String {
    let unit = &context.input.roadmap.load.unit;
    let what = |share: f64| in_words(share, observation);
    let mut parts = vec![format!(
        "over {days} days a hundred {unit} took {} beside {} without any, and the load explains {} of it",
        what(demand.per_load * 100.0),
        what(demand.background),
        percent(demand.explained)
    )];
    if demand.bent {
        parts.push("it rises faster at high load, and that part is continued".to_owned());
    }
    if demand.steepest.is_some() {
        parts.push(
            "the load may be measured inaccurately, so the low end allows for a steeper demand".to_owned(),
        );
    }
    if !saturation.high.is_finite() {
        parts.push("it may as well never reach the limit, so no load is told".to_owned());
    }
    if saturation.extrapolated {
        parts.push("this lies beyond 2.5 times the highest load seen, and is extrapolated".to_owned());
    }
    parts.join("; ")
}

/// "24 connections", where the whole is known; else the share.
fn in_words(value: f64, observation: &Observation) -> String {
    let entry = observation.signal.entry();
    let of = entry.of.as_deref().filter(|of| *of != "bytes");
    let whole = observation.capacity().filter(|capacity| capacity.unit() == Unit::Count);
    match (of, whole) {
        (Some(of), Some(whole)) => format!("{} {of}", rounded(value * whole.value(), Unit::Count)),
        _ => rounded(value, entry.unit),
    }
}

fn rounded(value: f64, unit: Unit) -> String {
    // Three digits tell a demand; more would claim to know it better.
    let digits = if value == 0.0 { 0.0 } else { 2.0 - value.abs().log10().floor() };
    let scale = 10_f64.powf(digits.clamp(-300.0, 300.0));
    Quantity::new((value * scale).round() / scale, unit).map_or_else(String::new, |value| value.to_string())
}

fn percent(share: f64) -> String {
    let text = format!("{:.1}", share * 100.0);
    format!("{}%", text.strip_suffix(".0").unwrap_or(&text))
}
