//! Many samples as a few numbers.

use crate::signal::{Aggregate, quantile};

/// Milliseconds of an hour.
pub const HOUR_MS: i64 = 3_600_000;
/// Milliseconds of a minute, which a single reading covers.
pub(super) const MINUTE_MS: i64 = 60_000;
/// Hours of a day.
pub(super) const HOURS: i64 = 24;

/// How long a rollup is. Hours and days are those of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resolution {
    /// Full hours.
    Hour,
    /// Full days.
    Day,
}

impl Resolution {
    /// Every resolution with its name in files.
    pub const NAMES: [(&'static str, Self); 2] = [("hour", Self::Hour), ("day", Self::Day)];

    /// Milliseconds of one.
    pub fn length_ms(self) -> i64 {
        match self {
            Self::Hour => HOUR_MS,
            Self::Day => HOURS * HOUR_MS,
        }
    }

    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }
}

/// What is kept of the samples of an hour or a day, in the signal's unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rollup {
    /// Which hour or day, counted from the beginning of 1970.
    pub period: i64,
    /// How many samples there were; at least one.
    pub count: u32,
    /// Minutes that the samples cover, at most 60 an hour: a sample covers its step, a single reading a minute.
    pub minutes: u16,
    /// The smallest sample.
    pub min: f64,
    /// The arithmetic mean.
    pub mean: f64,
    /// The 95th percentile; unknown for a day whose samples were never kept together.
    pub p95: Option<f64>,
    /// The largest sample.
    pub max: f64,
    /// The newest sample.
    pub last: f64,
}

impl Rollup {
    /// The rollup of samples in time order, each of which covers `width_ms`; `None` without samples.
    pub(super) fn from_samples(period: i64, values: &[f64], width_ms: i64) -> Option<Self> {
        Some(Self {
            period,
            count: u32::try_from(values.len()).ok()?,
            minutes: minutes(values.len(), width_ms),
            min: Aggregate::Min.of(values)?,
            mean: Aggregate::Avg.of(values).filter(|mean| mean.is_finite())?,
            p95: quantile(values, 0.95),
            max: Aggregate::Max.of(values)?,
            last: Aggregate::Last.of(values)?,
        })
    }

    /// The day of these hours, in the order of time: everything but the percentile follows from them.
    pub(super) fn from_hours(period: i64, hours: &[Self], p95: Option<f64>) -> Option<Self> {
        let last = hours.last()?;
        let count: u32 = hours.iter().map(|hour| hour.count).sum();
        let min = hours.iter().map(|hour| hour.min).reduce(f64::min)?;
        let max = hours.iter().map(|hour| hour.max).reduce(f64::max)?;
        let shares = hours.iter().map(|hour| hour.mean * (f64::from(hour.count) / f64::from(count)));
        Some(Self {
            period,
            count,
            minutes: hours.iter().map(|hour| hour.minutes).sum(),
            min,
            mean: shares.sum::<f64>().clamp(min, max),
            p95,
            max,
            last: last.last,
        })
    }

    /// Whether this covers more of its hour than another, or has more samples of it.
    pub(super) fn covers_more_than(&self, other: &Self) -> bool {
        (self.minutes, self.count) > (other.minutes, other.count)
    }

    /// What contradicts itself in this rollup.
    pub(super) fn contradiction(&self) -> Option<&'static str> {
        let numbers = [self.min, self.mean, self.max, self.last, self.p95.unwrap_or(self.max)];
        if !numbers.iter().all(|number| number.is_finite()) {
            return Some("a number is not finite");
        }
        if self.count == 0 {
            return Some("it has no samples");
        }
        let within = |number: f64| self.min <= number && number <= self.max;
        if !numbers.into_iter().all(within) {
            return Some("a mean, a percentile or a last value is not between the smallest and the largest");
        }
        None
    }
}

fn minutes(count: usize, width_ms: i64) -> u16 {
    let covered = i64::try_from(count).unwrap_or(i64::MAX).saturating_mul(width_ms).min(HOUR_MS);
    u16::try_from((covered + MINUTE_MS / 2) / MINUTE_MS).unwrap_or(60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_of_minutes() {
        let values: Vec<f64> = (0..60).map(f64::from).collect();
        let rollup = Rollup::from_samples(7, &values, MINUTE_MS).unwrap();
        let expected = Rollup {
            period: 7,
            count: 60,
            minutes: 60,
            min: 0.0,
            mean: 29.5,
            p95: Some(56.05),
            max: 59.0,
            last: 59.0,
        };
        assert!((rollup.p95.unwrap() - 56.05).abs() < 1e-12);
        assert_eq!(rollup, Rollup { p95: rollup.p95, ..expected });
        assert_eq!(Rollup::from_samples(7, &[], MINUTE_MS), None);
    }

    #[test]
    fn samples_cover_their_step_and_no_more_than_the_hour() {
        let covered = |count, width| minutes(count, width);
        assert_eq!(covered(3, 15_000), 1);
        assert_eq!(covered(240, 15_000), 60);
        assert_eq!(covered(9, 420_000), 60);
        assert_eq!(covered(1, 24 * HOUR_MS), 60);
    }

    #[test]
    fn a_day_weighs_its_hours_by_their_samples() {
        let hour = |period, values: &[f64]| Rollup::from_samples(period, values, MINUTE_MS).unwrap();
        let day = Rollup::from_hours(0, &[hour(1, &[4.0, 2.0, 3.0]), hour(5, &[11.0])], None).unwrap();
        assert_eq!((day.count, day.minutes, day.p95), (4, 4, None));
        assert_eq!((day.min, day.mean, day.max, day.last), (2.0, 5.0, 11.0, 11.0));
        assert_eq!(Rollup::from_hours(0, &[], None), None);
    }

    #[test]
    fn numbers_too_large_to_average_are_no_rollup() {
        assert_eq!(Rollup::from_samples(0, &[f64::MAX, f64::MAX], MINUTE_MS), None);
    }

    #[test]
    fn contradictions_are_found() {
        let valid = Rollup::from_samples(0, &[1.0, 2.0], MINUTE_MS).unwrap();
        assert_eq!(valid.contradiction(), None);
        let wrong = [
            Rollup { mean: 3.0, ..valid },
            Rollup { p95: Some(0.5), ..valid },
            Rollup { last: f64::NAN, ..valid },
            Rollup { count: 0, ..valid },
        ];
        for rollup in wrong {
            assert!(rollup.contradiction().is_some(), "{rollup:?}");
        }
    }
}
