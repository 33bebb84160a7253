//! A year on one page: its months side by side.

use chrono::{DateTime, Datelike, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Month, MonthOfLoad, ReportInput, Share, hindsight, hours, load, resources};
use crate::{
    assess::{Assumptions, Profile, survey},
    signal::{ResourceId, SignalId},
};

/// The version of the shape of a year's JSON.
pub const YEAR_SCHEMA: &str = "scale-advisor/year/1";

/// A year.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct YearReport {
    /// Always `scale-advisor/year/1`.
    pub schema: String,
    /// The year.
    pub year: i32,
    /// When the snapshot was taken.
    pub generated_at: DateTime<Utc>,
    /// The program that made it.
    pub tool_version: String,
    /// Where the values come from when the system is not real.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub simulated: Option<String>,
    /// The roadmap.
    pub profile: Profile,
    /// What one of the load is called.
    pub unit: String,
    /// The months that have begun, in order.
    pub months: Vec<MonthOfYear>,
    /// Of all days that were forecast when a month began, those within the band of 90%.
    pub coverage: Option<Share>,
}

/// A month of the year.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct MonthOfYear {
    /// The month.
    pub month: String,
    /// Its load; null when unknown.
    pub load: Option<MonthOfLoad>,
    /// What had the least headroom at the peak hour; null when unknown.
    pub tightest: Option<Tightest>,
    /// Hours of all resources beyond their warning limits; null when nothing is known.
    pub hours_beyond: Option<usize>,
    /// How good the forecast was that was made when it began.
    pub forecast: Option<Share>,
    /// Hours of all series that are known, as a share; null without any series.
    pub known: Option<f64>,
}

/// The resource with the least headroom.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Tightest {
    /// The resource.
    pub resource: Option<ResourceId>,
    /// The signal.
    pub signal: SignalId,
    /// Which of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The share left.
    pub headroom: f64,
}

/// The months of the year in which the material's month lies.
pub fn year(material: &ReportInput<'_>) -> YearReport {
    let ReportInput { input, snapshot, .. } = *material;
    let survey = survey(input, snapshot, Assumptions::default());
    let last = Month::of_instant(snapshot.taken_at);
    let year = material.month.begin().year();
    let begin = |month: &Month| month.begin().year() == year;
    let mut month = Month::of_instant(material.month.begin());
    while begin(&month.previous()) {
        month = month.previous();
    }
    let until = ReportInput { month: last.min(december(month)), ..*material };
    let checked = hindsight::forecasts(&until, &survey);
    let loads = load::months(&survey.forecast.load.history);
    let mut months = Vec::new();
    while begin(&month) && month <= last {
        let name = month.to_string();
        let forecast =
            checked.iter().find(|forecast| forecast.month == name).and_then(|forecast| forecast.share);
        let load = loads.iter().find(|load| load.month == name).cloned();
        months.push(of_month(material, month, load, forecast));
        month = month.next();
    }
    let of_year =
        |forecast: &&super::CheckedForecast| months.iter().any(|month| month.month == forecast.month);
    let days = || checked.iter().filter(of_year).flat_map(|forecast| &forecast.days);
    YearReport {
        schema: YEAR_SCHEMA.to_owned(),
        year,
        generated_at: survey.assessment.generated_at,
        tool_version: survey.assessment.tool_version.clone(),
        simulated: survey.assessment.simulated.clone(),
        profile: survey.assessment.profile.clone(),
        unit: survey.forecast.load.unit.clone(),
        coverage: Share::of(days().filter(|day| day.inside).count(), days().count()),
        months,
    }
}

fn december(january: Month) -> Month {
    (0..11).fold(january, |month, _| month.next())
}

fn of_month(
    material: &ReportInput<'_>,
    month: Month,
    load: Option<MonthOfLoad>,
    forecast: Option<Share>,
) -> MonthOfYear {
    let snapshot = material.snapshot;
    let resources = resources::months(material.input, snapshot, month);
    let tightest = resources.first().and_then(|first| {
        let (resource, signal, instance) = (first.resource, first.signal, first.instance.clone());
        Some(Tightest { resource, signal, instance, headroom: first.headroom? })
    });
    let known: usize =
        snapshot.history.iter().map(|series| hours::of_month(snapshot, series, month).len()).sum();
    let all = snapshot.history.len() * hours::hours_over(snapshot, month);
    MonthOfYear {
        month: month.to_string(),
        load,
        tightest,
        hours_beyond: (!resources.is_empty())
            .then(|| resources.iter().map(resources::ResourceMonth::hours_beyond).sum()),
        forecast,
        known: (all > 0).then(|| known as f64 / all as f64),
    }
}
