//! Section 9: what is not known, and what the rest assumes.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;

use super::{ReportInput, hours};
use crate::{
    assess::{ForecastReason, Survey},
    signal::SignalId,
    snapshot::{Gap, Observation},
};

const DAY_HOURS: usize = 24;

/// What is not known.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct UnknownSection {
    /// How many signals are called for.
    pub wanted: usize,
    /// How many of them were measured.
    pub measured: usize,
    /// Why the others were not.
    pub gaps: Vec<Gap>,
    /// Series whose hours the history keeps.
    pub series: usize,
    /// Each day of the month that has begun.
    pub days: Vec<CoverageOfDay>,
    /// What the report assumes.
    pub assumptions: Vec<Assumption>,
}

/// What the report assumes.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Assumption {
    /// Days and months begin at midnight UTC.
    Utc,
    /// Limits are compared with hourly means, so that minutes beyond them may not show.
    HourlyMeans,
    /// Today's limits are compared with the whole month.
    PresentLimits,
    /// What the forecast of the load rests on.
    Load {
        /// That.
        forecast: ForecastReason,
    },
    /// The forecast contains no future events.
    NoNewEvents,
    /// How some signals grow is not known.
    NotForecast {
        /// Those.
        signals: Vec<SignalId>,
    },
    /// No earlier assessment was recorded.
    NothingRecorded,
}

/// How much of a day is known.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CoverageOfDay {
    /// The day.
    pub date: NaiveDate,
    /// Hours of all series that are known, as a share of those that are over; null without any series.
    pub share: Option<f64>,
    /// The series with missing hours.
    pub missing: Vec<String>,
}

pub(super) fn section(material: &ReportInput<'_>, survey: &Survey) -> UnknownSection {
    let coverage = &survey.assessment.coverage;
    UnknownSection {
        wanted: coverage.wanted,
        measured: coverage.measured,
        gaps: coverage.gaps.clone(),
        series: material.snapshot.history.len(),
        days: days(material),
        assumptions: assumptions(material, survey),
    }
}

fn days(material: &ReportInput<'_>) -> Vec<CoverageOfDay> {
    let snapshot = material.snapshot;
    let today = snapshot.taken_at.date_naive();
    let known: Vec<(String, Vec<(NaiveDate, usize)>)> = snapshot
        .history
        .iter()
        .map(|series| {
            let hours = hours::of_month(snapshot, series, material.month);
            (name(series), hours::days(&hours).iter().map(|day| (day.date, day.hours)).collect())
        })
        .collect();
    let over =
        |date: NaiveDate| if date == today { hours_of(snapshot.taken_at.timestamp()) } else { DAY_HOURS };
    let begun = material.month.days().filter(|date| *date <= today && over(*date) > 0);
    begun
        .map(|date| {
            let all = over(date);
            let hours = |days: &[(NaiveDate, usize)]| {
                days.iter().find(|(day, _)| *day == date).map_or(0, |(_, hours)| (*hours).min(all))
            };
            let sum: usize = known.iter().map(|(_, days)| hours(days)).sum();
            let missing = known.iter().filter(|(_, days)| hours(days) < all);
            CoverageOfDay {
                date,
                share: (!known.is_empty()).then(|| sum as f64 / (known.len() * all) as f64),
                missing: missing.map(|(name, _)| name.clone()).collect(),
            }
        })
        .collect()
}

/// Full hours of the day that are over.
fn hours_of(unix_seconds: i64) -> usize {
    usize::try_from(unix_seconds.rem_euclid(86_400) / 3600).unwrap_or(0)
}

fn name(series: &Observation) -> String {
    let instance = series.instance.as_ref().map(|instance| format!(" of {instance}")).unwrap_or_default();
    format!("{}{instance}", series.signal)
}

fn assumptions(material: &ReportInput<'_>, survey: &Survey) -> Vec<Assumption> {
    let mut assumptions = vec![
        Assumption::Utc,
        Assumption::HourlyMeans,
        Assumption::PresentLimits,
        Assumption::Load { forecast: survey.forecast.load.reason.clone() },
        Assumption::NoNewEvents,
    ];
    let without_forecast = survey
        .forecast
        .resources
        .iter()
        .filter(|resource| resource.saturates_at_load.is_none() && resource.points.is_none());
    let signals: Vec<SignalId> = without_forecast.map(|resource| resource.signal).collect();
    if !signals.is_empty() {
        assumptions.push(Assumption::NotForecast { signals });
    }
    let roadmap = &material.input.roadmap.id;
    if !material.recorded.iter().any(|assessment| assessment.profile.id == *roadmap) {
        assumptions.push(Assumption::NothingRecorded);
    }
    assumptions
}
