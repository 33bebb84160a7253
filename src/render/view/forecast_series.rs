//! `forecast --csv`: one daily figure and when it reaches its limit.

use chrono::{Days, NaiveDate};
use serde::Serialize;

use crate::{
    capacity::growth::{Change, Crossing, Growth},
    render::{
        chart::{Course, CrossingDates, Mark, ResourceChart, course_characters, resource_chart},
        document::{Block, Document, Fact, Picture, Section, Tone},
        format::percent,
        json::pretty,
    },
    signal::{Quantity, Unit},
};

/// A daily figure, its forecast, and its limit.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesForecast {
    /// Measured values, in ascending order of days.
    pub history: Vec<(NaiveDate, f64)>,
    /// The first forecast day.
    pub first: NaiveDate,
    /// The 5, 10, 25, 50, 75, 90 and 95% quantiles of each day from the first.
    pub bands: Vec<[f64; 7]>,
    /// The limit.
    pub limit: Quantity,
    /// When it is reached, in days from the first.
    pub crossing: Crossing,
    /// The growth so far.
    pub growth: Growth,
    /// A recent change of the trend.
    pub change: Option<Change>,
}

#[derive(Serialize)]
struct Json {
    limit: f64,
    points: Vec<Point>,
    crossing: Dates,
    /// Growth in 30 days, with its 90% interval: as a share, or in the figure's unit if `relative` is false.
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

impl SeriesForecast {
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

    fn course(&self) -> Course<'_> {
        Course { history: &self.history, first: self.first, bands: &self.bands }
    }

    /// The last measured value, where it has reached the limit already.
    fn exceeded(&self) -> Option<(NaiveDate, f64)> {
        self.history.last().copied().filter(|(_, value)| *value >= self.limit.value())
    }

    /// A value of the figure in the limit's unit.
    fn quantity(&self, value: f64) -> String {
        quantity(value, self.limit.unit())
    }
}

/// The forecast for programs.
pub fn series_forecast_json(forecast: &SeriesForecast) -> String {
    let point = |(day, [p5, p10, p25, p50, p75, p90, p95]): (usize, [f64; 7])| Point {
        date: forecast.date(day),
        p5,
        p10,
        p25,
        p50,
        p75,
        p90,
        p95,
    };
    let Growth { low, mid, high, relative } = forecast.growth;
    let distinguishable_from_none = forecast.growth.is_distinguishable();
    pretty(&Json {
        limit: forecast.limit.value(),
        points: forecast.bands.iter().copied().enumerate().map(point).collect(),
        crossing: forecast.dates(),
        growth_per_month: Rate { low, mid, high, relative, distinguishable_from_none },
        trend_changed_days_ago: forecast.change.map(|change| change.days_ago),
    })
}

/// The forecast for people.
pub fn series_forecast_document(forecast: &SeriesForecast) -> Document {
    let facts = [interval(forecast), Some(growth(forecast)), change(forecast), horizon(forecast)];
    let limit = Mark { value: forecast.limit.value(), label: "limit" };
    let picture = Picture {
        name: "forecast".to_owned(),
        title: "Measured values and forecast".to_owned(),
        svg: series_forecast_picture(forecast),
        characters: course_characters(forecast.course(), Some(limit), forecast.limit.unit()),
    };
    Document {
        title: title(forecast).into(),
        sections: vec![
            Section::untitled(
                "summary",
                Block::facts(facts.into_iter().flatten().collect()).into_iter().collect(),
            ),
            Section::untitled("chart", vec![Block::Picture(picture)]),
        ],
        ..Document::default()
    }
}

/// The forecast as SVG.
pub fn series_forecast_picture(forecast: &SeriesForecast) -> String {
    let Dates { low, mid, high, .. } = forecast.dates();
    let exceeded = forecast.exceeded().is_some();
    resource_chart(&ResourceChart {
        title: &title(forecast),
        unit: forecast.limit.unit(),
        course: forecast.course(),
        limit: Some(Mark { value: forecast.limit.value(), label: "limit" }),
        warning: None,
        crossing: if exceeded { CrossingDates::default() } else { CrossingDates { low, mid, high } },
    })
}

fn title(forecast: &SeriesForecast) -> String {
    let (dates, limit, last) = (forecast.dates(), forecast.limit, day(forecast.last()));
    if let Some((date, value)) = forecast.exceeded() {
        return format!("Exceeds {limit} already: {} on {}", forecast.quantity(value), day(date));
    }
    let chance = chance(dates.probability);
    match (dates.low, dates.mid) {
        (Some(_), Some(mid)) => format!("Reaches {limit} around {}", day(mid)),
        (Some(_), None) => format!("Reaches {limit} by {last} with a probability of {chance}"),
        _ => format!("Does not reach {limit} by {last}"),
    }
}

/// The interval of the date, or the probability where that is open.
fn interval(forecast: &SeriesForecast) -> Option<Fact> {
    if forecast.exceeded().is_some() {
        return None;
    }
    let (dates, last) = (forecast.dates(), day(forecast.last()));
    let chance = chance(dates.probability);
    let text = match (dates.low, dates.mid, dates.high) {
        (Some(low), Some(_), Some(high)) => format!("90% interval {} to {}", day(low), day(high)),
        (Some(low), Some(_), None) => {
            format!("not before {} (95%); by {last} with a probability of {chance}", day(low))
        }
        (Some(low), None, _) => format!("not before {} (95%)", day(low)),
        _ => format!("probability {chance} by {last}"),
    };
    Some(Fact::new("Date", text))
}

fn chance(probability: f64) -> String {
    match probability {
        p if p > 0.0 && p < 0.005 => "less than 1%".to_owned(),
        p if p > 0.995 && p < 1.0 => "more than 99%".to_owned(),
        p => percent(p),
    }
}

fn growth(forecast: &SeriesForecast) -> Fact {
    let Growth { low, mid, high, relative } = forecast.growth;
    let text = |value: f64| {
        let sign = if value > 0.0 { "+" } else { "" };
        let amount = if relative { quantity(value, Unit::Ratio) } else { forecast.quantity(value) };
        format!("{sign}{amount}")
    };
    let [low, mid, high] = [low, mid, high].map(text);
    let rate = format!("{mid} a month, 90% interval {low} to {high}");
    let significant = forecast.growth.is_distinguishable();
    let text = if significant { rate } else { format!("not statistically significant: {rate}") };
    Fact::new("Growth", text)
}

fn change(forecast: &SeriesForecast) -> Option<Fact> {
    let change = forecast.change?;
    let text = format!(
        "changed about {} days before the last value; the forecast follows the new trend and is wrong if that does not last",
        change.days_ago
    );
    Some(Fact::new("Trend", text).with_tone(Tone::Warning))
}

fn horizon(forecast: &SeriesForecast) -> Option<Fact> {
    let (days, known) = (forecast.bands.len(), forecast.history.len());
    let text = || format!("{days} days, longer than the history of {known} days");
    (days > known).then(|| Fact::new("Horizon", text()).with_tone(Tone::Warning))
}

/// `3 Dec 2026`.
fn day(date: NaiveDate) -> String {
    date.format("%-d %b %Y").to_string()
}

fn quantity(value: f64, unit: Unit) -> String {
    Quantity::new(value, unit).map_or_else(|| "?".to_owned(), |quantity| quantity.to_string())
}
