//! The hours of a month: each day's range, and the runs of hours beyond a limit.

use std::ops::Range;

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use super::Month;
use crate::{
    assess::SignalLimits,
    signal::{Direction, Quantity, Unit},
    snapshot::{Observation, Snapshot},
};

pub(super) const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// An hour's beginning in Unix milliseconds, and its mean.
pub(super) type Hour = (i64, f64);

/// The range of a day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct DayOf {
    /// The day.
    pub date: NaiveDate,
    /// The lowest hourly mean.
    pub low: f64,
    /// The mean of the day.
    pub mean: f64,
    /// The highest hourly mean.
    pub high: f64,
    /// Hours that are known.
    pub hours: usize,
}

/// Hours without interruption beyond a limit. A missing hour ends it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Breach {
    /// The beginning of its first hour.
    pub from: DateTime<Utc>,
    /// How many hours.
    pub hours: usize,
    /// How many of them were beyond the critical limit.
    pub critical_hours: usize,
    /// The worst hourly mean.
    pub worst: Quantity,
    /// Whether it was still going on at the month's end, or in the last full hour of a month that is not over.
    pub lasts: bool,
}

/// The hours of a series in a month, that are over at the snapshot's time.
pub(super) fn of_month(snapshot: &Snapshot, observation: &Observation, month: Month) -> Vec<Hour> {
    within(observation, hours_range(snapshot, month))
}

/// From the month's beginning to its end or to the snapshot.
pub(super) fn hours_range(snapshot: &Snapshot, month: Month) -> Range<i64> {
    month.begin().timestamp_millis()..month.end().min(snapshot.taken_at).timestamp_millis()
}

/// How many hours of a month are over.
pub(super) fn hours_over(snapshot: &Snapshot, month: Month) -> usize {
    let range = hours_range(snapshot, month);
    usize::try_from((range.end - range.start).max(0) / HOUR_MS).unwrap_or(0)
}

pub(super) fn within(observation: &Observation, range: Range<i64>) -> Vec<Hour> {
    let series = &observation.values;
    let samples = series.at_ms().iter().copied().zip(series.values().iter().copied());
    samples.filter(|(at, _)| range.contains(at)).collect()
}

/// The range of each day with data.
pub(super) fn days(hours: &[Hour]) -> Vec<DayOf> {
    let of_one_day = |a: &Hour, b: &Hour| a.0.div_euclid(DAY_MS) == b.0.div_euclid(DAY_MS);
    hours.chunk_by(of_one_day).filter_map(day).collect()
}

fn day(hours: &[Hour]) -> Option<DayOf> {
    let values = || hours.iter().map(|(_, value)| *value);
    Some(DayOf {
        date: DateTime::from_timestamp_millis(hours.first()?.0)?.date_naive(),
        low: values().fold(f64::INFINITY, f64::min),
        mean: values().sum::<f64>() / hours.len() as f64,
        high: values().fold(f64::NEG_INFINITY, f64::max),
        hours: hours.len(),
    })
}

/// The runs of hours beyond the warning limit, or beyond the critical one where there is no other.
pub(super) fn breaches(
    hours: &[Hour],
    limits: &SignalLimits,
    (direction, unit): (Direction, Unit),
    end_ms: i64,
) -> Vec<Breach> {
    let Some(first) = limits.warning.as_ref().or(limits.critical.as_ref()) else { return Vec::new() };
    let critical = limits.critical.as_ref();
    let beyond = |hour: &Hour| first.is_exceeded(direction, hour.1);
    // What holds the newest hour lasts; the hour that is running need not be known yet.
    let over_ms = end_ms - end_ms.rem_euclid(HOUR_MS);
    let newest = hours.last().map(|hour| hour.0).filter(|at| at + HOUR_MS >= over_ms);
    let runs = hours.chunk_by(|a, b| b.0 - a.0 == HOUR_MS && beyond(a) == beyond(b));
    let breach = |run: &[Hour]| {
        let values = run.iter().map(|(_, value)| *value);
        let worst = match direction {
            Direction::HigherIsWorse => values.fold(f64::NEG_INFINITY, f64::max),
            Direction::LowerIsWorse => values.fold(f64::INFINITY, f64::min),
        };
        let is_critical = |hour: &&Hour| critical.is_some_and(|limit| limit.is_exceeded(direction, hour.1));
        Some(Breach {
            from: DateTime::from_timestamp_millis(run.first()?.0)?,
            hours: run.len(),
            critical_hours: run.iter().filter(is_critical).count(),
            worst: Quantity::new(worst, unit)?,
            lasts: run.last().map(|hour| hour.0) == newest,
        })
    };
    runs.filter(|run| run.first().is_some_and(beyond)).filter_map(breach).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assess::{LimitOrigin, SignalLimit};

    fn limits(warning: f64, critical: f64) -> SignalLimits {
        let limit = |at: f64| {
            let at = Quantity::new(at, Unit::Ratio).unwrap();
            Some(SignalLimit { at, inclusive: true, origin: LimitOrigin::Default, sustained: None })
        };
        SignalLimits { warning: limit(warning), critical: limit(critical), full: limit(1.0) }
    }

    fn found(values: &[Option<f64>]) -> Vec<(i64, usize, usize, bool)> {
        found_until(values, i64::try_from(values.len()).unwrap() * HOUR_MS)
    }

    fn found_until(values: &[Option<f64>], end_ms: i64) -> Vec<(i64, usize, usize, bool)> {
        let hours = (0..).zip(values).filter_map(|(hour, value)| Some((hour * HOUR_MS, (*value)?)));
        let hours: Vec<Hour> = hours.collect();
        breaches(&hours, &limits(0.8, 0.9), (Direction::HigherIsWorse, Unit::Ratio), end_ms)
            .into_iter()
            .map(|breach| {
                (breach.from.timestamp_millis() / HOUR_MS, breach.hours, breach.critical_hours, breach.lasts)
            })
            .collect()
    }

    #[test]
    fn runs_beyond_the_limit_are_counted_with_their_critical_hours() {
        let values = [0.1, 0.8, 0.95, 0.85, 0.2, 0.91].map(Some);
        assert_eq!(found(&values), [(1, 3, 1, false), (5, 1, 1, true)]);
        assert_eq!(found(&[Some(0.79); 5]), []);
    }

    #[test]
    fn a_missing_hour_ends_a_run() {
        assert_eq!(found(&[Some(0.9), None, Some(0.9)]), [(0, 1, 1, false), (2, 1, 1, true)]);
    }

    #[test]
    fn a_run_lasts_into_the_hour_that_is_running() {
        let during = |values: &[f64], hours: i64| {
            let values: Vec<Option<f64>> = values.iter().copied().map(Some).collect();
            found_until(&values, hours * HOUR_MS + 1_000_000).first().map(|run| run.3)
        };
        assert_eq!(during(&[0.1, 0.8], 2), Some(true));
        assert_eq!(during(&[0.1, 0.8, 0.8], 2), Some(true));
        // What is known of the running hour shows that it is over; of the hours before, nothing does.
        assert_eq!(during(&[0.1, 0.8, 0.1], 2), Some(false));
        assert_eq!(during(&[0.1, 0.8], 3), Some(false));
    }

    #[test]
    fn days_have_a_range() {
        let hours: Vec<Hour> = (20..28).map(|hour| (hour * HOUR_MS, hour as f64)).collect();
        let ranges: Vec<_> =
            days(&hours).iter().map(|day| (day.low, day.mean, day.high, day.hours)).collect();
        assert_eq!(ranges, [(20.0, 21.5, 23.0, 4), (24.0, 25.5, 27.0, 4)]);
    }
}
