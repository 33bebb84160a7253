//! Section 8: earlier forecasts against what happened.

use std::iter::successors;

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal};

use super::{
    AssessmentSummary, Basis, Expected, Month, ReportInput,
    past_assessment::{self, LoadForecast},
    warnings::{WarningAccuracy, warning_accuracy},
};
use crate::{
    assess::{AssessmentInput, ForecastResource, PastDay, SaturationDate, Survey, is_exhausted},
    signal::ResourceId,
};

/// How good earlier forecasts were.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Hindsight {
    /// The forecast made when each month began, up to the report's month, in order.
    pub forecasts: Vec<CheckedForecast>,
    /// Of all days of all of them, those within the band of 90%; null where there is none.
    pub running: Option<Share>,
    /// What the forecast of the report's month said of limits, and what became of it.
    pub crossings: Vec<CrossingSeen>,
    /// What became of every recorded warning.
    pub warnings: WarningAccuracy,
}

/// The forecast of the load for one month.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CheckedForecast {
    /// The month.
    pub month: String,
    /// When the forecast was made; null where there is none.
    pub made_at: Option<DateTime<Utc>>,
    /// Whether it is the one that was recorded then; null where there is none.
    pub basis: Option<Basis>,
    /// Each day that was forecast and measured.
    pub days: Vec<CheckedDay>,
    /// How many of them lay within the band.
    pub share: Option<Share>,
    /// Median of how far the middle was off, as a share of what happened.
    pub typical_error: Option<f64>,
}

/// A day that was forecast, and what it brought.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct CheckedDay {
    /// The day.
    pub date: NaiveDate,
    /// The 5 % quantile of the forecast.
    pub low: f64,
    /// Its median.
    pub mid: f64,
    /// The 95 % quantile.
    pub high: f64,
    /// What was measured.
    pub measured: f64,
    /// Whether that lay within the band.
    pub inside: bool,
}

/// A share of a number, with Wilson's interval of 95% for independent trials. Days of one forecast are not independent,
/// so the truth may well lie outside.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Share {
    /// Of these
    pub of: usize,
    /// so many.
    pub inside: usize,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end of it.
    pub high: f64,
}

/// A limit that was expected to be reached.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CrossingSeen {
    /// What was to run out.
    pub resource: ResourceId,
    /// Which of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// When that was expected.
    pub made_at: DateTime<Utc>,
    /// Whether it is what was recorded then.
    pub basis: Basis,
    /// For when.
    pub expected: SaturationDate,
    /// The first day since then whose busiest hour was at the limit, or within 1% of a ceiling, where measurements are
    /// clipped; null where there was none.
    pub reached_on: Option<NaiveDate>,
    /// What became of it.
    pub outcome: CrossingOutcome,
    /// What is expected now; null where no date can be given.
    pub now: Option<SaturationDate>,
}

/// What became of an expected crossing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CrossingOutcome {
    /// Within the interval.
    CameTrue,
    /// Before the interval.
    Earlier,
    /// After the interval, or not yet although the interval is over.
    Later,
    /// Not yet, and the interval is not over.
    Open,
    /// It is not measured day by day.
    Unknown,
}

/// `at_begin` is how it stood when the report's month began.
pub(super) fn section(
    material: &ReportInput<'_>,
    survey: &Survey,
    at_begin: Option<&AssessmentSummary>,
) -> Hindsight {
    let forecasts = forecasts(material, survey);
    let days = || forecasts.iter().flat_map(|forecast| &forecast.days);
    let running = Share::of(days().filter(|day| day.inside).count(), days().count());
    let crossings = at_begin.map(|standing| crossings(material, standing, survey)).unwrap_or_default();
    let ReportInput { input, snapshot, recorded, .. } = *material;
    let warnings = warning_accuracy(input, &snapshot.history, recorded, snapshot.taken_at);
    Hindsight { forecasts, running, crossings, warnings }
}

/// The forecast made when each month began, from the first one of which something is known to the report's month.
pub(super) fn forecasts(material: &ReportInput<'_>, survey: &Survey) -> Vec<CheckedForecast> {
    let history = &survey.forecast.load.history;
    let first = history.first().map_or(material.month, |day| Month::containing(day.date));
    let months = successors(Some(first.min(material.month)), |month| Some(month.next()));
    let months = months.take_while(|month| *month <= material.month);
    months
        .map(|month| checked(month, past_assessment::load_forecast(material, month.begin()), history))
        .collect()
}

fn checked(month: Month, foretold: Option<LoadForecast>, history: &[PastDay]) -> CheckedForecast {
    let foretold = foretold.filter(|foretold| !foretold.days.is_empty());
    let forecast = foretold.iter().flat_map(|foretold| &foretold.days);
    let days: Vec<CheckedDay> = forecast
        .filter_map(|day| {
            let date = day.date.date_naive();
            let measured = history.iter().find(|past| past.date == date && month.holds(date))?.value;
            let inside = (day.low..=day.high).contains(&measured);
            Some(CheckedDay { date, low: day.low, mid: day.mid, high: day.high, measured, inside })
        })
        .collect();
    let mut errors: Vec<f64> = days
        .iter()
        .filter(|day| day.measured > 0.0)
        .map(|day| (day.mid - day.measured).abs() / day.measured)
        .collect();
    errors.sort_by(f64::total_cmp);
    CheckedForecast {
        month: month.to_string(),
        made_at: foretold.as_ref().map(|foretold| foretold.at),
        basis: foretold.as_ref().map(|foretold| foretold.basis),
        share: Share::of(days.iter().filter(|day| day.inside).count(), days.len()),
        typical_error: errors.get(errors.len() / 2).copied(),
        days,
    }
}

fn crossings(material: &ReportInput<'_>, standing: &AssessmentSummary, survey: &Survey) -> Vec<CrossingSeen> {
    let input = material.input;
    standing.expected.iter().filter_map(|expected| crossing(input, standing, expected, survey)).collect()
}

fn crossing(
    input: &AssessmentInput,
    standing: &AssessmentSummary,
    expected: &Expected,
    survey: &Survey,
) -> Option<CrossingSeen> {
    let on = expected.on.clone()?;
    let same = |resource: &&ForecastResource| {
        resource.resource == expected.resource && resource.instance == expected.instance
    };
    let course = survey.forecast.resources.iter().find(same);
    let reached_on = course.and_then(|course| {
        let mut since = course.history.iter().filter(|day| day.date >= standing.at.date_naive());
        since.find(|day| is_exhausted(input, course.signal, day.value)).map(|day| day.date)
    });
    let last = course.and_then(|course| course.history.last()).map(|day| day.date);
    Some(CrossingSeen {
        resource: expected.resource,
        instance: expected.instance.clone(),
        made_at: standing.at,
        basis: standing.basis,
        reached_on,
        outcome: last.map_or(CrossingOutcome::Unknown, |last| outcome(&on, reached_on, last)),
        expected: on,
        now: course.and_then(|course| course.saturates_on.clone()),
    })
}

fn outcome(expected: &SaturationDate, reached: Option<NaiveDate>, last: NaiveDate) -> CrossingOutcome {
    let low = expected.low.date_naive();
    let high = expected.high.map(|high| high.date_naive());
    match reached {
        Some(day) if day < low => CrossingOutcome::Earlier,
        Some(day) if high.is_some_and(|high| day > high) => CrossingOutcome::Later,
        Some(_) => CrossingOutcome::CameTrue,
        None if high.is_some_and(|high| last > high) => CrossingOutcome::Later,
        None => CrossingOutcome::Open,
    }
}

impl Share {
    /// Nothing of nothing. The interval is that of Wilson (1927) for 95%.
    pub fn of(inside: usize, of: usize) -> Option<Self> {
        if of == 0 {
            return None;
        }
        let z = Normal::standard().inverse_cdf(0.975);
        let n = of as f64;
        let share = inside as f64 / n;
        let middle = share + z * z / (2.0 * n);
        let half = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
        let scale = 1.0 + z * z / n;
        Some(Self {
            of,
            inside,
            low: ((middle - half) / scale).max(0.0),
            high: ((middle + half) / scale).min(1.0),
        })
    }

    /// The share itself.
    pub fn share(&self) -> f64 {
        self.inside as f64 / self.of.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_wilsons() {
        // The values of Newcombe (1998), table I, for 81 of 263 and 15 of 148.
        let ends = |inside, of| Share::of(inside, of).map(|share| (share.low, share.high)).unwrap();
        let (low, high) = ends(81, 263);
        assert!((low - 0.2553).abs() < 5e-5 && (high - 0.3662).abs() < 5e-5, "{low} {high}");
        let (low, high) = ends(15, 148);
        assert!((low - 0.0624).abs() < 5e-5 && (high - 0.1605).abs() < 5e-5, "{low} {high}");
        assert_eq!(Share::of(0, 0), None);
        assert!(ends(20, 20).1 >= 1.0);
    }

    #[test]
    fn crossings_are_judged_by_their_interval() {
        let at = |day: u32| NaiveDate::from_ymd_opt(2026, 10, day).unwrap();
        let instant = |day| at(day).and_time(chrono::NaiveTime::MIN).and_utc();
        let expected = |high: Option<u32>| SaturationDate {
            low: instant(10),
            mid: Some(instant(15)),
            high: high.map(instant),
            probability: 0.9,
            horizon: instant(30),
        };
        let of = |high, reached: Option<u32>, last| outcome(&expected(high), reached.map(at), at(last));
        assert_eq!(of(Some(20), Some(12), 31), CrossingOutcome::CameTrue);
        assert_eq!(of(Some(20), Some(9), 31), CrossingOutcome::Earlier);
        assert_eq!(of(Some(20), Some(21), 31), CrossingOutcome::Later);
        assert_eq!(of(Some(20), None, 31), CrossingOutcome::Later);
        assert_eq!(of(Some(20), None, 20), CrossingOutcome::Open);
        assert_eq!(of(None, None, 31), CrossingOutcome::Open);
        assert_eq!(of(None, Some(31), 31), CrossingOutcome::CameTrue);
    }
}
