//! Section 5: the statements of the database, as far as they are known.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Material, Month, hours};
use crate::{
    signal::{Aggregate, Quantity, SignalId},
    snapshot::Observation,
};

const SIGNAL: &str = "postgres.query_time";
/// How the source begins the note that names another statement than the slowest.
const COSTLIEST: &str = "most time goes to ";

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
    /// What is missing to tell more.
    pub missing: Vec<String>,
}

/// The mean time of the slowest statement: the median of a month's hours.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct StatementTimes {
    /// In the month.
    pub month: Quantity,
    /// In the month before; null where that is not known.
    pub before: Option<Quantity>,
}

pub(super) fn section(material: &Material<'_>) -> StatementsSection {
    let snapshot = material.snapshot;
    let of = |observations: &'_ [Observation]| {
        let known = observations.iter().filter(|one| one.signal.as_str() == SIGNAL);
        // The one with notes names the statement; an exporter gives a bare number.
        known.max_by_key(|one| one.notes.len()).cloned()
    };
    let present = of(&snapshot.observations);
    let months = of(&snapshot.history).and_then(|past| times(material, &past));
    let mut missing = Vec::new();
    if present.is_none() {
        missing.push(why_missing(material));
    } else if present.as_ref().is_some_and(|one| one.notes.is_empty()) {
        missing
            .push("no source names the slowest statement: read PostgreSQL itself (DATABASE_URL)".to_owned());
    }
    if months.is_none() {
        let what = "how statements have grown: the history holds no statement times of this month and the one before";
        missing.push(what.to_owned());
    }
    let notes = present.as_ref().map(|one| one.notes.clone()).unwrap_or_default();
    let costliest = notes.iter().find_map(|note| note.strip_prefix(COSTLIEST));
    StatementsSection {
        slowest_mean: present
            .as_ref()
            .and_then(|one| Quantity::new(one.values.last().1, one.signal.entry().unit)),
        slowest: notes.first().cloned(),
        most_expensive: costliest.map(str::to_owned),
        notes: notes.iter().skip(1).filter(|note| !note.starts_with(COSTLIEST)).cloned().collect(),
        months,
        missing,
    }
}

fn times(material: &Material<'_>, past: &Observation) -> Option<StatementTimes> {
    let median = |month: Month| {
        let hours = hours::of_month(material.snapshot, past, month);
        let values: Vec<f64> = hours.iter().map(|(_, value)| *value).collect();
        Quantity::new(Aggregate::P50.of(&values)?, past.signal.entry().unit)
    };
    Some(StatementTimes { month: median(material.month)?, before: median(material.month.previous()) })
}

fn why_missing(material: &Material<'_>) -> String {
    let gap = SignalId::find(SIGNAL)
        .and_then(|signal| material.snapshot.gaps.iter().find(|gap| gap.signal == signal))
        .map(|gap| match &gap.hint {
            Some(hint) => format!("{} ({hint})", gap.detail),
            None => gap.detail.clone(),
        });
    gap.unwrap_or_else(|| "no PostgreSQL was read (DATABASE_URL), so no statement is known".to_owned())
}
