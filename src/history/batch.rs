//! What one run has to record.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{
    day::{Sample, Samples},
    rollup::HOUR_MS,
};
use crate::{
    signal::{Definition, Series},
    snapshot::{Labels, Observation, Snapshot},
    statements::StatementSnapshot,
};

/// What distinguishes one series from another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SeriesName {
    /// The signal; perhaps one that this version of the program does not know.
    pub signal: String,
    /// Which of several: a queue, a host, a database. The name may change, because it depends on which others there are.
    pub instance: Option<String>,
    /// The labels that tell the instance from others; none where the source has none, or was recorded without.
    pub labels: Labels,
    /// The source: `prometheus`, `postgres`.
    pub source: String,
    /// The query, the view or the field that gave the values.
    pub query: String,
    /// The unit of the values, as the catalogue names it.
    pub unit: String,
}

impl SeriesName {
    fn from_observation(observation: &Observation) -> Self {
        let unit = observation.signal.entry().unit;
        Self {
            signal: observation.signal.to_string(),
            // An empty name distinguishes nothing.
            instance: observation.instance.clone().filter(|instance| !instance.is_empty()),
            labels: observation.labels.clone(),
            source: observation.origin.source.clone(),
            query: observation.origin.query.clone(),
            unit: crate::signal::Unit::NAMES
                .iter()
                .find(|(_, known)| *known == unit)
                .map_or_else(String::new, |(name, _)| (*name).to_owned()),
        }
    }
}

/// What one run has to record: samples, and their evaluation.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// When the run took place. Samples of this day and the day before are kept, so that later runs can add to their
    /// hours.
    pub taken_at: DateTime<Utc>,
    /// Where the values come from when the system is not real.
    pub simulated: Option<String>,
    /// What is measured and not known to the program by itself.
    pub definitions: Vec<Definition>,
    /// What was measured.
    pub series: Vec<(SeriesName, Series)>,
    /// The counters of statements, by server.
    pub statements: Vec<StatementSnapshot>,
    /// The assessment as JSON.
    pub assessment: Option<String>,
}

impl Batch {
    /// Everything that was observed in a run.
    pub fn from_snapshot(snapshot: &Snapshot, assessment: Option<String>) -> Self {
        let named = |observation: &Observation| {
            (SeriesName::from_observation(observation), observation.values.clone())
        };
        Self {
            taken_at: snapshot.taken_at,
            simulated: snapshot.simulated.clone(),
            definitions: snapshot.definitions.clone(),
            series: snapshot.observations.iter().map(named).collect(),
            statements: snapshot
                .statements
                .iter()
                .filter(|sample| sample.is_of(snapshot.taken_at))
                .cloned()
                .collect(),
            assessment,
        }
    }
}

/// The samples of each hour.
pub(super) fn by_hour(series: &Series) -> BTreeMap<i64, Samples> {
    let mut hours = BTreeMap::new();
    let mut values = series.values().iter();
    for at_ms in series.at_ms().chunk_by(|at, next| hour_of(*at) == hour_of(*next)) {
        let Some(hour) = at_ms.first().map(|at_ms| hour_of(*at_ms)) else { continue };
        let samples = at_ms.iter().zip(&mut values).map(|(at_ms, value)| sample(*at_ms, *value)).collect();
        hours.insert(hour, Samples::with_step(series.step_ms(), samples));
    }
    hours
}

fn hour_of(at_ms: i64) -> i64 {
    at_ms.div_euclid(HOUR_MS)
}

fn sample(at_ms: i64, value: f64) -> Sample {
    let offset_ms = u32::try_from(at_ms.rem_euclid(HOUR_MS)).unwrap_or(0); // less than an hour fits
    Sample { offset_ms, value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_those_of_the_clock() {
        let minute = 60_000;
        let at_ms: Vec<i64> = (0..90).map(|index| 10 * HOUR_MS + 45 * minute + index * minute).collect();
        let series = Series::new(minute, at_ms, vec![1.0; 90]).unwrap();
        let counts: Vec<(i64, usize)> =
            by_hour(&series).into_iter().map(|(hour, samples)| (hour, samples.values().len())).collect();
        assert_eq!(counts, [(10, 15), (11, 60), (12, 15)]);
    }

    #[test]
    fn hours_before_1970_are_whole_too() {
        let series = Series::new(0, vec![-1], vec![1.0]).unwrap();
        assert_eq!(by_hour(&series).into_keys().collect::<Vec<_>>(), [-1]);
    }
}
