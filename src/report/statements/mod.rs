//! Section 5: the statements of the database, as far as they are known.

mod of_month;

pub use of_month::{CountedServer, DailyAverage, Lead, LeadingStatement, StatementsOfMonth};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Month, ReportInput, hours};
use crate::{
    signal::{Aggregate, Quantity, SignalId},
    snapshot::{Gap, Observation},
};

const SIGNAL: &str = "postgres.query_time";
/// How the source begins the note that names another statement than the slowest.
const COSTLIEST: &str = "most time goes to ";

/// Fewer days than this are not an average week.
const WEEK_DAYS: f64 = 7.0;

/// The statements.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct StatementsSection {
    /// The mean time of the slowest statement, now.
    pub slowest_mean: Option<Quantity>,
    /// Which one that is, how often it ran and what share of the time it took.
    pub slowest: Option<String>,
    /// The one that takes most of the time, where that is another.
    pub most_expensive: Option<String>,
    /// Further remarks of the source.
    pub notes: Vec<String>,
    /// The slowest statement's mean time, month against month, where the history keeps it.
    pub months: Option<StatementTimes>,
    /// What each statement did in the month and the one before, where the history keeps that.
    pub recorded: Option<StatementsOfMonth>,
    /// What is missing for more detail.
    pub missing: Vec<StatementsMissing>,
}

/// What is missing to say more of the statements.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum StatementsMissing {
    /// No PostgreSQL was read.
    NotRead,
    /// A source could not say how long statements take.
    Gap {
        /// Why, and what to do about it.
        gap: Gap,
    },
    /// No source names the slowest statement.
    SlowestName,
    /// The history has no day of counters in the month.
    Month,
    /// The history has no day of counters in the month before.
    MonthBefore,
    /// Statements of other roles could not be seen.
    Hidden {
        /// The server.
        server: String,
        /// How many, at most.
        statements: u64,
    },
    /// Of one of the months less than a week of counters is known.
    PartOfWeek {
        /// The server.
        server: String,
        /// How many days.
        days: f64,
    },
}

/// The mean time of the slowest statement: the median of a month's hours.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct StatementTimes {
    /// In the month.
    pub month: Quantity,
    /// In the month before; null where that is not known.
    pub before: Option<Quantity>,
}

pub(super) fn section(material: &ReportInput<'_>) -> StatementsSection {
    let snapshot = material.snapshot;
    let of = |observations: &'_ [Observation]| {
        let known = observations.iter().filter(|observation| observation.signal.as_str() == SIGNAL);
        // The one with notes names the statement; an exporter gives a bare number.
        known.max_by_key(|observation| observation.notes.len()).cloned()
    };
    let present = of(&snapshot.observations);
    let months = of(&snapshot.history).and_then(|past| times(material, &past));
    let mut missing = Vec::new();
    if present.is_none() {
        missing.push(why_missing(material));
    } else if present.as_ref().is_some_and(|observation| observation.notes.is_empty()) {
        missing.push(StatementsMissing::SlowestName);
    }
    let recorded = of_month::of_month(material.statements, material.month);
    missing.extend(why_no_growth(recorded.as_ref()));
    let notes = present.as_ref().map(|observation| observation.notes.clone()).unwrap_or_default();
    let costliest = notes.iter().find_map(|note| note.strip_prefix(COSTLIEST));
    StatementsSection {
        slowest_mean: present.as_ref().and_then(|observation| {
            Quantity::new(observation.values.last().1, observation.signal.entry().unit)
        }),
        slowest: notes.first().cloned(),
        most_expensive: costliest.map(str::to_owned),
        notes: notes.iter().skip(1).filter(|note| !note.starts_with(COSTLIEST)).cloned().collect(),
        months,
        recorded,
        missing,
    }
}

/// Why it is not known, or not certain, how statements have grown.
fn why_no_growth(recorded: Option<&StatementsOfMonth>) -> Option<StatementsMissing> {
    let Some(recorded) = recorded else { return Some(StatementsMissing::Month) };
    if let Some(server) = recorded.servers.iter().find(|server| server.hidden > 0) {
        return Some(StatementsMissing::Hidden { server: server.server.clone(), statements: server.hidden });
    }
    if recorded.all_before.is_none() {
        return Some(StatementsMissing::MonthBefore);
    }
    let short = recorded.servers.iter().find(|server| server.days.min(server.days_before) < WEEK_DAYS)?;
    let days = short.days.min(short.days_before);
    Some(StatementsMissing::PartOfWeek { server: short.server.clone(), days })
}

fn times(material: &ReportInput<'_>, past: &Observation) -> Option<StatementTimes> {
    let median = |month: Month| {
        let hours = hours::of_month(material.snapshot, past, month);
        let values: Vec<f64> = hours.iter().map(|(_, value)| *value).collect();
        Quantity::new(Aggregate::P50.of(&values)?, past.signal.entry().unit)
    };
    Some(StatementTimes { month: median(material.month)?, before: median(material.month.previous()) })
}

fn why_missing(material: &ReportInput<'_>) -> StatementsMissing {
    let gap = SignalId::find(SIGNAL)
        .and_then(|signal| material.snapshot.gaps.iter().find(|gap| gap.signal == signal));
    gap.map_or(StatementsMissing::NotRead, |gap| StatementsMissing::Gap { gap: gap.clone() })
}
