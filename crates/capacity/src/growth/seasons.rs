//! What repeats every week and, where two years show it, every year.

use super::{
    LOOK_BACK,
    history::{History, Scale},
    paths::Paths,
};
use crate::{least_squares::Sums, quantile::median};

/// What repeats every week and every year.
pub(super) struct Season {
    weekly: Option<[f64; 7]>,
    /// The day number of the first value.
    first_day: i32,
    yearly: Option<YearlyCycle>,
}

impl Season {
    pub(super) fn find(history: &History) -> Self {
        let values = history.values();
        let start = values.len().saturating_sub(LOOK_BACK);
        // Whole weeks are skipped, so that days of the week stay what they are.
        let weekly = weekly_effects(&values[start - start % 7..], history.first_day());
        Self { weekly, first_day: history.first_day(), yearly: YearlyCycle::find(values) }
    }

    /// Nothing repeats.
    pub(super) fn none(history: &History) -> Self {
        Self { weekly: None, first_day: history.first_day(), yearly: None }
    }

    /// Whether the time of the year is taken into account.
    pub(super) fn is_yearly(&self) -> bool {
        self.yearly.is_some()
    }

    /// How many parameters the days of the week took.
    pub(super) fn parameters(&self) -> f64 {
        if self.weekly.is_some() { 6.0 } else { 0.0 }
    }

    /// What seasons add on a day, counted from the first value.
    pub(super) fn effect(&self, index: usize) -> f64 {
        let weekly = self.weekly.map_or(0.0, |effects| effects[weekday(self.first_day, index)]);
        weekly + self.yearly.map_or(0.0, |cycle| cycle.effect(index as f64))
    }

    /// The last year of the history without its seasons.
    pub(super) fn without(&self, history: &History) -> Vec<f64> {
        let start = history.days().saturating_sub(LOOK_BACK);
        let values = history.values().iter().enumerate().skip(start);
        values.map(|(index, value)| value - self.effect(index)).collect()
    }

    /// The futures of all members side by side, with their seasons, in the unit of the history of `known` days.
    pub(super) fn put_back(
        &self,
        known: usize,
        scale: Scale,
        members: &[(usize, Vec<f64>); 2],
        days: usize,
    ) -> Paths {
        let futures = members.iter().map(|(count, _)| count).sum::<usize>();
        let mut values = Vec::with_capacity(days * futures);
        for day in 0..days {
            let effect = self.effect(known + day);
            for (count, member) in members {
                let row = &member[day * count..(day + 1) * count];
                values.extend(row.iter().map(|value| scale.from(*value, effect)));
            }
        }
        Paths::new(values, futures)
    }
}

/// Days from which days of the week differ.
const MIN_WEEKLY_DAYS: usize = 21;

/// The effect of each day of the week, by day number modulo 7; their mean is zero.
///
/// The median of what lies above a centred weekly median. None for fewer than three weeks: two values do not separate a
/// day of the week from chance. The first value is one of the day with the number `first_day`.
fn weekly_effects(values: &[f64], first_day: i32) -> Option<[f64; 7]> {
    if values.len() < MIN_WEEKLY_DAYS {
        return None;
    }
    let mut above: [Vec<f64>; 7] = Default::default();
    for (index, value) in values.iter().enumerate() {
        let around = index.saturating_sub(3)..(index + 4).min(values.len());
        let mut window = [0.0; 7];
        let window = &mut window[..around.len()];
        window.copy_from_slice(&values[around]);
        above[weekday(first_day, index)].push(value - median(window).unwrap_or(*value));
    }
    let effects = above.map(|mut day| median(&mut day).unwrap_or(0.0));
    let mean = effects.iter().sum::<f64>() / 7.0;
    Some(effects.map(|effect| effect - mean))
}

/// The index of a day's effect.
fn weekday(first_day: i32, index: usize) -> usize {
    let day = usize::try_from(first_day.rem_euclid(7)).unwrap_or(0);
    (day + index) % 7
}

/// Days from which a yearly cycle can be distinguished from growth: one year to learn it, one to see whether it
/// returns.
const MIN_YEARLY_DAYS: usize = 731;
const YEAR: f64 = 365.2425;
/// Days over which changes are compared: whole weeks, so that days of the week cancel.
const SPAN: usize = 28;
/// The share of the last year's changes that the years before must have predicted.
const PREDICTED: f64 = 0.1;
/// Sines and cosines of three harmonics, and a steady growth.
const COLUMNS: usize = 7;

/// A yearly cycle.
///
/// Harmonics fitted to changes over 28 days, so that neither the level nor its wandering matters:
/// `y_t - y_{t-28} = g + s(t) - s(t-28)`. Used only if the cycle of the years before explains a tenth of the changes of
/// the last year, which none of them knew.
#[derive(Debug, Clone, Copy, PartialEq)]
struct YearlyCycle {
    harmonics: [f64; COLUMNS],
}

impl YearlyCycle {
    /// The cycle of daily values. `None` where they are too few or do not repeat.
    fn find(values: &[f64]) -> Option<Self> {
        if values.len() < MIN_YEARLY_DAYS {
            return None;
        }
        let split = values.len() - 365;
        let learnt = fit_cycle(values, SPAN..split)?;
        let (mut unexplained, mut all) = (0.0, 0.0);
        for day in split..values.len() {
            let change = values[day] - values[day - SPAN] - learnt.harmonics[0];
            let predicted = learnt.effect(day as f64) - learnt.effect((day - SPAN) as f64);
            unexplained += (change - predicted).powi(2);
            all += change * change;
        }
        if unexplained > (1.0 - PREDICTED) * all { None } else { fit_cycle(values, SPAN..values.len()) }
    }

    /// What the cycle adds on a day, counted from the first value.
    fn effect(&self, day: f64) -> f64 {
        row(day).iter().zip(self.harmonics).skip(1).map(|(cell, weight)| cell * weight).sum()
    }
}

fn fit_cycle(values: &[f64], days: std::ops::Range<usize>) -> Option<YearlyCycle> {
    let mut sums = Sums::<COLUMNS>::default();
    for day in days {
        let (now, before) = (row(day as f64), row((day - SPAN) as f64));
        let mut change: [f64; COLUMNS] = std::array::from_fn(|column| now[column] - before[column]);
        change[0] = 1.0;
        sums.add(change, values[day] - values[day - SPAN]);
    }
    sums.solve().map(|regression| YearlyCycle { harmonics: regression.coefficients })
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
