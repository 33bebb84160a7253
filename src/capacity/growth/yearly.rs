//! What each time of the year adds, where two years show it.

use crate::capacity::least_squares::Sums;

/// Days from which a yearly cycle can be told from growth: one year to learn it, one to see whether it returns.
const FEWEST_DAYS: usize = 731;
const YEAR: f64 = 365.2425;
/// Days over which changes are compared: whole weeks, so that days of the week cancel.
const SPAN: usize = 28;
/// The share of the last year's changes that the years before must have foretold.
const FORETOLD: f64 = 0.1;
/// Sines and cosines of three harmonics, and a steady growth.
const COLUMNS: usize = 7;

/// A yearly cycle.
///
/// Harmonics fitted to changes over 28 days, so that neither the level nor its wandering matters:
/// `y_t - y_{t-28} = g + s(t) - s(t-28)`. Used only if the cycle of the years before explains a tenth of the changes of
/// the last year, which none of them knew.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cycle {
    harmonics: [f64; COLUMNS],
}

impl Cycle {
    /// The cycle of daily values. Nothing where they are too few or do not repeat.
    pub(super) fn find(values: &[f64]) -> Option<Self> {
        if values.len() < FEWEST_DAYS {
            return None;
        }
        let split = values.len() - 365;
        let learnt = fit(values, SPAN..split)?;
        let (mut unexplained, mut all) = (0.0, 0.0);
        for day in split..values.len() {
            let change = values[day] - values[day - SPAN] - learnt.harmonics[0];
            let foretold = learnt.effect(day as f64) - learnt.effect((day - SPAN) as f64);
            unexplained += (change - foretold).powi(2);
            all += change * change;
        }
        if unexplained > (1.0 - FORETOLD) * all { None } else { fit(values, SPAN..values.len()) }
    }

    /// What the cycle adds on a day, counted from the first value.
    pub(super) fn effect(&self, day: f64) -> f64 {
        row(day).iter().zip(self.harmonics).skip(1).map(|(cell, weight)| cell * weight).sum()
    }
}

fn fit(values: &[f64], days: std::ops::Range<usize>) -> Option<Cycle> {
    let mut sums = Sums::<COLUMNS>::default();
    for day in days {
        let (now, before) = (row(day as f64), row((day - SPAN) as f64));
        let mut change: [f64; COLUMNS] = std::array::from_fn(|column| now[column] - before[column]);
        change[0] = 1.0;
        sums.add(change, values[day] - values[day - SPAN]);
    }
    sums.solve().map(|regression| Cycle { harmonics: regression.coefficients })
}

fn row(day: f64) -> [f64; COLUMNS] {
    let angle = std::f64::consts::TAU * day / YEAR;
    let mut row = [1.0; COLUMNS];
    for (harmonic, pair) in row[1..].chunks_exact_mut(2).enumerate() {
        let (sine, cosine) = (angle * (harmonic as f64 + 1.0)).sin_cos();
        pair.copy_from_slice(&[sine, cosine]);
    }
    row
}
