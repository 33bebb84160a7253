//! What rises for days and is put back again and again: by restarts, by a vacuum, by a nightly batch.
//!
//! Its peaks are what reaches a limit, so its peaks are continued; how far a day lies below the peak of its time is drawn
//! from the past.

use crate::{quantile::median, random::Random};

/// The fewest times that it was put back.
const FEWEST: usize = 3;
/// How many times as large as a usual rise a fall is at least.
const FALLS: f64 = 2.5;
/// The share of the other days that rise at least.
const RISING: f64 = 0.8;
/// Days between two falls at least, on average.
const SHORTEST: usize = 3;
/// Days that follow each other as in the past, on average.
const BLOCK: f64 = 14.0;

/// Peaks, and how far each day lies below.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SawTooth {
    /// The peak of the time of each day.
    pub peaks: Vec<f64>,
    below: Vec<f64>,
}

impl SawTooth {
    /// `None` for what does not rise on most days and fall by much on few.
    pub(super) fn find(values: &[f64]) -> Option<Self> {
        let changes: Vec<f64> = values.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mut rises: Vec<f64> = changes.iter().copied().filter(|change| *change > 0.0).collect();
        let usual = median(&mut rises)?;
        let falls: Vec<usize> =
            (0..changes.len()).filter(|day| changes[*day] < -FALLS * usual).map(|day| day + 1).collect();
        let others = changes.len().checked_sub(falls.len()).filter(|others| *others > 0)?;
        let saws = falls.len() >= FEWEST
            && rises_of(&changes) as f64 >= RISING * others as f64
            && falls.len() * SHORTEST <= changes.len();
        if !saws {
            return None;
        }
        let mut peaks: Vec<f64> = Vec::with_capacity(values.len());
        let borders: Vec<usize> =
            std::iter::once(0).chain(falls).chain(std::iter::once(values.len())).collect();
        for (tooth, pair) in borders.windows(2).enumerate() {
            let highest = values[pair[0]..pair[1]].iter().copied().fold(f64::NEG_INFINITY, f64::max);
            // The last tooth is not over: it comes as high as the one before at least.
            let last = tooth + 2 == borders.len();
            let peak = peaks.last().copied().filter(|_| last).map_or(highest, |before| before.max(highest));
            peaks.extend((pair[0]..pair[1]).map(|_| peak));
        }
        let below = peaks.iter().zip(values).map(|(peak, value)| peak - value).collect();
        Some(Self { peaks, below })
    }

    /// Puts futures of the peaks, one row of `count` for each day, as far below as days of the past were.
    pub(super) fn lower(&self, paths: &mut [f64], count: usize, random: &mut Random) {
        let days = self.below.len();
        // The days continue from the last one.
        let mut places = vec![days - 1; count];
        for row in paths.chunks_exact_mut(count.max(1)) {
            for (value, place) in row.iter_mut().zip(&mut places) {
                *place = if *place + 1 == days || random.uniform() * BLOCK < 1.0 {
                    random.below(days)
                } else {
                    *place + 1
                };
                *value -= self.below[*place];
            }
        }
    }
}

fn rises_of(changes: &[f64]) -> usize {
    changes.iter().filter(|change| **change > 0.0).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn teeth_are_told_from_weekends_and_from_noise() {
        let teeth: Vec<f64> = (0..60).map(|day| 0.4 + 0.05 * f64::from(day % 7)).collect();
        let found = SawTooth::find(&teeth).unwrap();
        assert!(found.peaks.iter().all(|peak| (peak - 0.7).abs() < 1e-9));
        let weekends: Vec<f64> = (0..60).map(|day| if day % 7 > 4 { 0.5 } else { 1.0 }).collect();
        assert_eq!(SawTooth::find(&weekends), None);
        let mut random = Random::new(3);
        let noise: Vec<f64> = (0..60).map(|_| random.normal()).collect();
        assert_eq!(SawTooth::find(&noise), None);
        assert_eq!(SawTooth::find(&[]), None);
    }
}
