//! Possible futures, all equally likely.

use crate::capacity::quantile::quantiles;

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
