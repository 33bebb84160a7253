//! Possible futures, all equally likely, and when they reach a limit.

use std::ops::Range;

use crate::quantile::quantiles;

/// The levels that a band shows.
pub const LEVELS: [f64; 7] = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95];

/// Daily values of many possible futures, in the unit of the history.
#[derive(Debug, Clone, PartialEq)]
pub struct Paths {
    /// One row for each day.
    values: Vec<f64>,
    count: usize,
}

impl Paths {
    pub(super) fn new(values: Vec<f64>, count: usize) -> Self {
        Self { values, count: count.max(1) }
    }

    /// Futures of which nothing is known.
    pub fn unknown(count: usize) -> Self {
        Self::new(Vec::new(), count)
    }

    /// How many futures.
    pub fn count(&self) -> usize {
        self.count
    }

    /// How many days each has.
    pub fn days(&self) -> usize {
        self.values.len() / self.count
    }

    /// The values of all futures on a day, the first day being 0; empty beyond the last.
    pub fn day(&self, day: usize) -> &[f64] {
        self.values.chunks_exact(self.count).nth(day).unwrap_or_default()
    }

    /// The values that 5, 10, 25, 50, 75, 90 and 95% of the futures do not exceed ([`LEVELS`]), for each day.
    pub fn bands(&self) -> Vec<[f64; 7]> {
        let mut sorted = Vec::with_capacity(self.count);
        let band = |row: &[f64]| {
            sorted.clear();
            sorted.extend_from_slice(row);
            quantiles(&mut sorted, LEVELS).unwrap_or_default()
        };
        self.values.chunks_exact(self.count).map(band).collect()
    }

    /// The futures from a later day on.
    #[must_use]
    pub fn from_day(&self, day: usize) -> Self {
        let skipped = (day * self.count).min(self.values.len());
        Self { values: self.values[skipped..].to_vec(), count: self.count }
    }

    /// Multiplies the values of a day, such as one with more load than others.
    pub fn scale_day(&mut self, day: usize, factor: f64) {
        for value in self.values.chunks_exact_mut(self.count).nth(day).unwrap_or_default() {
            *value *= factor;
        }
    }

    /// The greatest value of any future on any day; negative infinity where nothing is known.
    pub fn greatest(&self) -> f64 {
        self.values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
    }

    /// The greatest value of each future on some days; empty when there is none of them.
    pub fn highest(&self, days: Range<usize>) -> Vec<f64> {
        let mut highest: Vec<f64> = Vec::new();
        for day in days {
            let values = self.day(day);
            if highest.is_empty() {
                highest.extend_from_slice(values);
            }
            for (highest, value) in highest.iter_mut().zip(values) {
                *highest = highest.max(*value);
            }
        }
        highest
    }

    /// For each future the first day on which it is at or above `limit`; none within the days there are.
    pub fn first_days(&self, limit: f64) -> Vec<Option<usize>> {
        self.first_days_each(&vec![limit; self.count])
    }

    /// The same with a limit for each future; those without one never get there.
    pub fn first_days_each(&self, limits: &[f64]) -> Vec<Option<usize>> {
        let mut first = vec![None; self.count];
        for (day, row) in self.values.chunks_exact(self.count).enumerate() {
            for ((first, value), limit) in first.iter_mut().zip(row).zip(limits) {
                if first.is_none() && value >= limit {
                    *first = Some(day);
                }
            }
        }
        first
    }
}

/// How strongly believed probabilities must be drawn towards one half: `logit p' = SLOPE logit p`. Two real series that it
/// was fitted on asked for 0.45, others that were held out for about 1; this lies between, so that neither too much nor
/// too little is believed.
const SLOPE: f64 = 0.9;

/// When a figure first reaches a limit.
///
/// Days are counted from the first forecast day, which is 0. A day is absent where the probability until the end of
/// the horizon stays below the level, so that nothing is ever said about days beyond it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crossing {
    /// The probability to reach the limit within the horizon.
    pub probability: f64,
    /// The first day by which it is reached with 5% probability.
    pub low: Option<usize>,
    /// With 50%.
    pub mid: Option<usize>,
    /// With 95%.
    pub high: Option<usize>,
}

impl Crossing {
    /// From the first days of equally likely futures, of which none is `days` or later.
    pub fn from_first_days(first_days: &[Option<usize>], days: usize) -> Self {
        let mut arrived = vec![0_u32; days];
        for day in first_days.iter().flatten() {
            if let Some(slot) = arrived.get_mut(*day) {
                *slot += 1;
            }
        }
        let mut so_far = 0;
        let mut until = |arrived: &u32| {
            so_far += arrived;
            recalibrated(f64::from(so_far) / first_days.len().max(1) as f64)
        };
        let reached: Vec<f64> = arrived.iter().map(&mut until).collect();
        let day = |level: f64| reached.iter().position(|probability| *probability >= level);
        Self {
            probability: reached.last().copied().unwrap_or(0.0),
            low: day(0.05),
            mid: day(0.5),
            high: day(0.95),
        }
    }
}

impl Paths {
    /// When these futures first are at or above `limit`.
    pub fn reach(&self, limit: f64) -> Crossing {
        Crossing::from_first_days(&self.first_days(limit), self.days())
    }
}

/// A probability that events then really have. What no future or every future does stays so.
fn recalibrated(probability: f64) -> f64 {
    if probability <= 0.0 || probability >= 1.0 {
        return probability.clamp(0.0, 1.0);
    }
    let logit = SLOPE * (probability / (1.0 - probability)).ln();
    1.0 / (1.0 + (-logit).exp())
}
