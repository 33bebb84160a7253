//! A forecast of a daily figure as JSON and as a page.

pub(super) mod chart;

use chrono::{Days, NaiveDate};
use serde::Serialize;

use super::{
    chart::{Course, CrossingDates, Mark, ResourceChart, resource_chart},
    format::percent,
    wrap,
};
use crate::{
    capacity::growth::{Change, Crossing, Growth},
    signal::{Quantity, Unit},
};

/// A figure, its possible futures, and its limit.
#[derive(Debug, Clone, PartialEq)]
pub struct ForecastView {
    /// Measured values, in ascending order of days.
    pub history: Vec<(NaiveDate, f64)>,
    /// The first forecast day.
    pub first: NaiveDate,
    /// What 5, 10, 25, 50, 75, 90 and 95% of the futures do not exceed, for each day from the first.
    pub bands: Vec<[f64; 7]>,
    /// The limit.
    pub limit: Quantity,
    /// When it is reached, in days from the first.
    pub crossing: Crossing,
    /// The growth so far.
    pub growth: Growth,
    /// A recent change of the trend.
    pub change: Option<Change>,
    /// Columns of the page.
    pub width: usize,
}

#[derive(Serialize)]
struct Json {
    limit: f64,
    points: Vec<Point>,
    crossing: Dates,
    /// Growth in 30 days, with 90% confidence: as a share, or in the figure's unit if `relative` is false.
    growth_per_month: Rate,
    /// Days before the first forecast day since which another trend holds; null without a change.
    trend_changed_days_ago: Option<usize>,
}

#[derive(Serialize)]
struct Point {
    date: NaiveDate,
    p5: f64,
    p10: f64,
    p25: f64,
    p50: f64,
    p75: f64,
    p90: f64,
    p95: f64,
}

#[derive(Serialize)]
struct Dates {
    probability: f64,
    low: Option<NaiveDate>,
    mid: Option<NaiveDate>,
    high: Option<NaiveDate>,
}

#[derive(Serialize)]
struct Rate {
    low: f64,
    mid: f64,
    high: f64,
    relative: bool,
    distinguishable_from_none: bool,
}

impl ForecastView {
    /// The date of a forecast day.
    fn date(&self, day: usize) -> NaiveDate {
        let days = u64::try_from(day).map_or(Days::new(0), Days::new);
        self.first.checked_add_days(days).unwrap_or(self.first)
    }

    fn last(&self) -> NaiveDate {
        self.date(self.bands.len().saturating_sub(1))
    }

    fn dates(&self) -> Dates {
        let Crossing { probability, low, mid, high } = self.crossing;
        let [low, mid, high] = [low, mid, high].map(|day| day.map(|day| self.date(day)));
        Dates { probability, low, mid, high }
    }

    /// A value of the figure in the limit's unit.
    fn quantity(&self, value: f64) -> String {
        in_unit(value, self.limit.unit())
    }
}

/// The forecast for programs.
pub fn forecast_json(view: &ForecastView) -> String {
    let point = |(day, [p5, p10, p25, p50, p75, p90, p95]): (usize, [f64; 7])| Point {
        date: view.date(day),
        p5,
        p10,
        p25,
        p50,
        p75,
        p90,
        p95,
    };
    let Growth { low, mid, high, relative } = view.growth;
    let distinguishable_from_none = view.growth.is_distinguishable();
    let json = Json {
        limit: view.limit.value(),
        points: view.bands.iter().copied().enumerate().map(point).collect(),
        crossing: view.dates(),
        growth_per_month: Rate { low, mid, high, relative, distinguishable_from_none },
        trend_changed_days_ago: view.change.map(|change| change.days_ago),
    };
    let mut text = serde_json::to_string_pretty(&json).unwrap_or_default();
    text.push('\n');
    text
}

/// The forecast for people.
pub fn forecast_page(view: &ForecastView) -> String {
    let width = view.width.clamp(40, 100);
    let mut out = String::new();
    let sentences = [crossing(view), growth(view)].into_iter().chain(change(view)).chain(horizon(view));
    for sentence in sentences {
        for line in wrap(&sentence, width - 2) {
            out.extend([" ", &line, "\n"]);
        }
    }
    out.push('\n');
    let picture = chart::Picture {
        history: &view.history,
        first: view.first,
        bands: &view.bands,
        limit: Some(view.limit),
        unit: view.limit.unit(),
    };
    out.push_str(&chart::chart(&picture, width));
    out
}

/// The forecast as SVG.
pub fn forecast_picture(view: &ForecastView) -> String {
    let Dates { low, mid, high, .. } = view.dates();
    let now_under = view.history.last().is_none_or(|(_, value)| *value < view.limit.value());
    // The picture itself marks the days that a sentence has in brackets.
    let sentence = crossing(view);
    let title = sentence.split_once(" (").map_or(sentence.as_str(), |(before, _)| before);
    resource_chart(&ResourceChart {
        title,
        unit: view.limit.unit(),
        course: Course { history: &view.history, first: view.first, bands: &view.bands },
        limit: Some(Mark { value: view.limit.value(), label: "limit" }),
        warning: None,
        crossing: if now_under { CrossingDates { low, mid, high } } else { CrossingDates::default() },
    })
}

fn crossing(view: &ForecastView) -> String {
    let dates = view.dates();
    let limit = view.limit;
    let chance = match dates.probability {
        p if p > 0.0 && p < 0.005 => "less than 1%".to_owned(),
        p if p > 0.995 && p < 1.0 => "more than 99%".to_owned(),
        p => percent(p),
    };
    if let Some((date, value)) = view.history.last().filter(|(_, value)| *value >= limit.value()) {
        return format!("Is not under {limit} now: {} on {date}.", view.quantity(*value));
    }
    let last = view.last();
    match (dates.low, dates.mid, dates.high) {
        (Some(low), Some(mid), Some(high)) => {
            format!("Reaches {limit} around {mid} (90% between {low} and {high}).")
        }
        (Some(low), Some(mid), None) => format!(
            "Reaches {limit} around {mid}, not before {low} (95%), by {last} with a probability of {chance}."
        ),
        (Some(low), None, _) => {
            format!("Reaches {limit} with a probability of {chance} by {last}, not before {low} (95%).")
        }
        _ => format!("Does not reach {limit} by {last} (probability {chance})."),
    }
}

fn growth(view: &ForecastView) -> String {
    let Growth { low, mid, high, relative } = view.growth;
    let text = |value: f64| {
        let sign = if value > 0.0 { "+" } else { "" };
        let amount = if relative { in_unit(value, Unit::Ratio) } else { view.quantity(value) };
        format!("{sign}{amount}")
    };
    let [low, mid, high] = [low, mid, high].map(text);
    if view.growth.is_distinguishable() {
        format!("Growth so far: {mid} a month (90% between {low} and {high}).")
    } else {
        format!("Growth cannot be told from none: {mid} a month, with 90% between {low} and {high}.")
    }
}

fn change(view: &ForecastView) -> Option<String> {
    let change = view.change?;
    Some(format!(
        "The trend changed about {} days before the last value; the forecast follows the new one, and will be wrong if \
         that does not last.",
        change.days_ago
    ))
}

fn horizon(view: &ForecastView) -> Option<String> {
    let (days, known) = (view.bands.len(), view.history.len());
    (days > known).then(|| format!("{days} days are more than the {known} days of history support."))
}

fn in_unit(value: f64, unit: Unit) -> String {
    Quantity::new(value, unit).map_or_else(|| "?".to_owned(), |quantity| quantity.to_string())
}
