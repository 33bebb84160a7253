//! Futures under a growth that somebody supposes.

use super::{MONTH, paths::Paths};
use crate::capacity::random::{Random, seed};

/// Futures.
const COUNT: usize = 1600;
/// Days of which the level and its scatter are taken: four weeks, so that every day of the week counts alike.
const LOOK_BACK: usize = 28;

/// Futures of `days` days that grow from the level of the last four weeks by `rate` a month (0.08 for 8%), and scatter
/// around it as those weeks did.
///
/// The rate is taken as certain, so the bands tell nothing of a doubt about growth. `values` are daily and positive;
/// nothing without any, or where the rate is -1 or less.
pub fn supposed(values: &[f64], rate: f64, days: usize) -> Option<Paths> {
    let recent = &values[values.len().saturating_sub(LOOK_BACK)..];
    let a_day = (1.0 + rate).ln() / MONTH;
    let length = recent.len() as f64;
    // The level on the last day, so that growth within those weeks is not taken for scatter.
    let logarithm = |(index, value): (usize, &f64)| value.ln() - a_day * (index as f64 + 1.0 - length);
    let levels: Vec<f64> = recent.iter().enumerate().map(logarithm).collect();
    if levels.is_empty() || !a_day.is_finite() || levels.iter().any(|level| !level.is_finite()) {
        return None;
    }
    let mut random = Random::new(seed(recent));
    let mut futures = Vec::with_capacity(days * COUNT);
    for day in 0..days {
        let growth = a_day * (day as f64 + 1.0);
        futures.extend((0..COUNT).map(|_| (levels[random.below(levels.len())] + growth).exp().min(f64::MAX)));
    }
    Some(Paths::new(futures, COUNT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_grows_as_supposed() {
        let paths = supposed(&[100.0; 40], 0.08, 60).unwrap();
        let bands = paths.bands();
        assert!((bands[29][3] - 108.0).abs() < 1e-9 && (bands[59][3] - 116.64).abs() < 1e-9);
        assert_eq!(paths.reach(116.0).mid, Some(57));
    }

    #[test]
    fn it_scatters_as_the_last_weeks_did() {
        let values: Vec<f64> = (0..28).map(|day| if day % 7 == 0 { 120.0 } else { 100.0 }).collect();
        let band = supposed(&values, 0.0, 1).unwrap().bands()[0];
        assert!((band[0] - 100.0).abs() < 1e-9 && (band[6] - 120.0).abs() < 1e-9);
    }

    #[test]
    fn nothing_comes_of_nothing() {
        assert_eq!(supposed(&[], 0.1, 10), None);
        assert_eq!(supposed(&[0.0; 20], 0.1, 10), None);
        assert_eq!(supposed(&[5.0; 20], -1.0, 10), None);
    }
}
