//! What of an assessment matters to a gate, read from its JSON.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::Profile;
use crate::assess::{FindingReason, Interval, Kind, SCHEMA, Verdict};

/// The schema that kept reasons as sentences.
const VERSION_1: &str = "scale-advisor/assessment/1";
/// Days of a month, on average.
const MONTH: f64 = 30.44;
const DAY: f64 = 86_400.0;
/// Dates further away than this mean nothing.
const FURTHEST: f64 = 36_525.0;

/// The state of a system when it was assessed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AssessmentSummary {
    /// When.
    pub generated_at: DateTime<Utc>,
    /// The roadmap it was evaluated against.
    pub profile: Profile,
    /// How much it was used.
    pub load: SummaryLoad,
    /// Every resource.
    pub bottlenecks: Vec<SummaryBottleneck>,
    /// Every condition with its outcome.
    pub findings: Vec<SummaryFinding>,
}

/// How much a system was used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SummaryLoad {
    /// What is counted.
    pub unit: String,
    /// The load of the peak hours.
    pub peak: Option<f64>,
    /// Growth a month, as a share.
    pub growth_per_month: Option<Interval<f64>>,
    /// Expected load on days to come.
    pub forecast: Option<Vec<SummaryDay>>,
}

/// The load expected on a day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SummaryDay {
    /// The day.
    pub date: DateTime<Utc>,
    /// The median.
    pub mid: f64,
}

/// A resource and where it runs out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SummaryBottleneck {
    /// What runs out.
    pub resource: String,
    /// At which load.
    pub saturates_at_load: Option<Interval<f64>>,
    /// When.
    pub saturates_on: Option<SummaryDate>,
    /// By when to act.
    pub act_by: Option<SummaryActBy>,
}

/// When a resource runs out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SummaryDate {
    /// Most likely then; `None` where that lies beyond the horizon.
    pub mid: Option<DateTime<Utc>>,
}

/// By when to act.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SummaryActBy {
    /// In time.
    pub date: Option<DateTime<Utc>>,
}

/// A condition and its outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SummaryFinding {
    /// Stable name.
    pub id: String,
    /// Where it comes from.
    pub kind: Kind,
    /// How it stands.
    pub verdict: Verdict,
    /// The signal that decided.
    pub signal: Option<String>,
    /// Why.
    #[serde(default)]
    pub reason: Option<FindingReason>,
    /// Why, in the words of version 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

/// Why a text is not an assessment.
#[derive(Debug, thiserror::Error)]
pub enum SummaryError {
    /// The text is no JSON, or lacks something.
    #[error("the file is damaged or not an assessment")]
    Shape(#[from] serde_json::Error),
    /// JSON of another kind or version.
    #[error("the schema is `{0}`, but this program compares `{SCHEMA}`")]
    Version(String),
    /// Something else altogether.
    #[error("it has no `schema`: this is not a file written by `scale-advisor check --format json`")]
    Foreign,
}

impl SummaryFinding {
    /// Why it has its verdict, whatever version said so.
    pub(super) fn reason(&self) -> FindingReason {
        let worded = || FindingReason::Worded { text: self.because.clone().unwrap_or_default() };
        self.reason.clone().unwrap_or_else(worded)
    }
}

impl AssessmentSummary {
    /// Reads what `check --format json` wrote.
    ///
    /// # Errors
    /// When the text is truncated, of another kind or of another version.
    pub fn read(text: &str) -> Result<Self, SummaryError> {
        #[derive(Deserialize)]
        struct Head {
            schema: Option<String>,
        }
        match serde_json::from_str::<Head>(text)?.schema {
            Some(schema) if schema == SCHEMA || schema == VERSION_1 => Ok(serde_json::from_str(text)?),
            Some(found) => Err(SummaryError::Version(found)),
            None => Err(SummaryError::Foreign),
        }
    }

    /// The resource that runs out at the lowest load, with that load.
    pub(super) fn first(&self) -> Option<(&SummaryBottleneck, Interval<f64>)> {
        let known = self
            .bottlenecks
            .iter()
            .filter_map(|bottleneck| Some((bottleneck, bottleneck.saturates_at_load?)));
        known.min_by(|(_, left), (_, right)| left.mid.total_cmp(&right.mid))
    }

    /// When the load will probably be reached: by the forecast, else by the growth so far.
    pub(super) fn reaches(&self, load: f64) -> Option<DateTime<Utc>> {
        let peak = self.load.peak.filter(|peak| *peak > 0.0)?;
        if load <= peak {
            return Some(self.generated_at);
        }
        let forecast = self.load.forecast.as_deref().unwrap_or_default();
        if let Some(day) = forecast.iter().find(|day| day.mid >= load) {
            return Some(day.date);
        }
        let growth = self.load.growth_per_month.map(|growth| growth.mid).filter(|growth| *growth > 0.0)?;
        let days = MONTH * (load / peak).ln() / growth.ln_1p();
        if !(0.0..FURTHEST).contains(&days) {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "a hundred years are few seconds")]
        self.generated_at.checked_add_signed(TimeDelta::seconds((days * DAY) as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_texts_are_told_apart() {
        assert!(matches!(AssessmentSummary::read("{\"schema\": \"scale-advi"), Err(SummaryError::Shape(_))));
        assert!(matches!(AssessmentSummary::read("{\"metrics\": {}}"), Err(SummaryError::Foreign)));
        let other = AssessmentSummary::read("{\"schema\": \"scale-advisor/assessment/9\"}");
        assert!(other.unwrap_err().to_string().contains("assessment/9"));
    }
}
