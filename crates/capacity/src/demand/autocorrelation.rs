//! The autocorrelation of residuals: how many of them count, and how much of it is removed before relations are fitted.
//!
//! Errors of neighbouring hours are alike, so the difference between two hours shows a relation more precisely than the
//! hours themselves do: where a signal flattens, intervals of the saturation load become a quarter narrower. But a
//! difference between two loads is mostly their inaccuracy if they are inaccurate, which makes relations look flatter and
//! saturation loads higher than they are.

use super::{
    Samples,
    days::{Column, residuals},
    history::{Present, best},
    relation::Relation,
};
use crate::{
    quantile::interpolated,
    random::{Random, seed},
};

/// The share of the autocorrelation that is removed. With all of it removed, 1% noise in a load would already raise
/// saturation loads by 1%; half has most of the gain and hardly any of that.
const REMOVED: f64 = 0.5;
/// The share with which it is tested whether anything may be removed.
const TESTED: f64 = 0.8;
/// Standard errors by which the relations with and without it may differ.
const DIFFERENCE: f64 = 2.0;
/// Choices of days from which that error is estimated.
const RESAMPLES: u32 = 100;

/// The autocorrelation of the residuals, `ρ`, at a lag of one within a day, from 0 to 0.95.
fn autocorrelation(samples: Samples<'_>, relation: &Relation) -> f64 {
    let residuals = residuals(samples, relation);
    let (mut together, mut all) = (0.0, 0.0);
    for (pair, days) in residuals.windows(2).zip(samples.day.windows(2)) {
        if days[0] == days[1] {
            together += pair[0] * pair[1];
            all += f64::midpoint(pair[0] * pair[0], pair[1] * pair[1]);
        }
    }
    if all > 0.0 { (together / all).clamp(0.0, 0.95) } else { 0.0 }
}

/// The effective sample size: as many independent residuals are worth as much.
///
/// It is `n` times the variance of the residuals over that of their long sums, `n (1 - ρ) / (1 + ρ)` for autoregressive
/// errors (G. Bayley and J. Hammersley, *J. R. Stat. Soc. Suppl.* 8, 1946). Quasi-differences that remove `φ` have
/// `1 + φ² - 2φρ` times the one and `(1 - φ)²` times the other.
pub(super) fn effective_size(samples: Samples<'_>, relation: &Relation, removed: f64) -> f64 {
    let left = autocorrelation(samples, relation);
    let gained = (1.0 + removed * removed - 2.0 * removed * left) / (1.0 - removed).powi(2);
    samples.load.len() as f64 * gained * (1.0 - left) / (1.0 + left)
}

/// The share of each hour to take from the next: half of the autocorrelation, or 0 where that would change the relation.
/// `None` where no relation fits.
///
/// With the right shape and an accurate load, relations with and without autocorrelation differ by chance alone; otherwise
/// they differ by more, the more of it is removed. Source: J. Hausman, *Econometrica* 46 (1978), with the standard error
/// of the difference from resampled days.
pub(super) fn removable(present: &Present) -> Option<f64> {
    if present.wall.is_some() {
        // Hours at a wall are left out, so that the others are not neighbours.
        return Some(0.0);
    }
    let samples = present.samples();
    let days = present.columns.first()?.count();
    let likeliest = best(&present.columns, 0..days)?.relation;
    let autocorrelation = autocorrelation(samples, &likeliest);
    let [plain, tested] = [0.0, TESTED].map(|share| {
        Column::quasi_differences(likeliest.shape, samples, likeliest.unit, share * autocorrelation)
    });
    let load = |level| interpolated(&mut samples.load.to_vec(), level);
    let (quiet, busy) = (load(0.05)?, load(0.95)?);
    let rise = |column: &Column, days: &[usize]| {
        let relation = column.fit(days.iter().copied())?.relation;
        Some(relation.signal(busy, 0.0) - relation.signal(quiet, 0.0))
    };
    let difference = |days: &[usize]| Some(rise(&tested, days)? - rise(&plain, days)?);
    let found = difference(&(0..days).collect::<Vec<_>>())?;
    // Numbers of its own, so that the choices of days for the relations are the same whatever is removed.
    let mut random = Random::new(seed(samples.signal));
    let (mut squares, mut count) = (0.0, 0.0);
    for _ in 0..RESAMPLES {
        let chosen: Vec<usize> = (0..days).map(|_| random.below(days)).collect();
        if let Some(drawn) = difference(&chosen) {
            squares += (drawn - found).powi(2);
            count += 1.0;
        }
    }
    let error = (squares / f64::max(count, 1.0)).sqrt();
    Some(if found.abs() > DIFFERENCE * error { 0.0 } else { REMOVED * autocorrelation })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demand::Shape;

    /// Four weeks of hours.
    struct Hours {
        load: Vec<f64>,
        signal: Vec<f64>,
        day: Vec<i32>,
    }

    impl Hours {
        /// Of a signal whose errors have an autocorrelation, over a load measured with so much noise.
        fn new(autocorrelation: f64, noise: f64, seed: u64) -> Self {
            let mut random = Random::new(seed);
            let mut hours = Self { load: Vec::new(), signal: Vec::new(), day: Vec::new() };
            let (mut wanders, mut error) = (0.0, 0.0);
            let new = 0.03 * (1.0 - autocorrelation * autocorrelation).sqrt();
            for hour in 0..28 * 24 {
                wanders = 0.7 * wanders + 0.035 * random.normal();
                error = autocorrelation * error + new * random.normal();
                let wave = (std::f64::consts::TAU * f64::from(hour) / 24.0).sin();
                let load = (200.0 + 100.0 * wave) * f64::exp(wanders);
                hours.load.push(load * (noise * random.normal()).exp());
                hours.signal.push(0.1 + 0.002 * load + error);
                hours.day.push(hour / 24);
            }
            hours
        }

        fn samples(&self) -> Samples<'_> {
            Samples { load: &self.load, signal: &self.signal, day: &self.day }
        }

        fn removable(&self) -> f64 {
            removable(&Present::find(self.samples())).unwrap()
        }
    }

    const TRUTH: Relation =
        Relation { shape: Shape::Line, background: 0.1, amount: 0.002, more: 0.0, own: 0.0, unit: 300.0 };

    #[test]
    fn it_is_removed_only_where_the_load_is_accurate() {
        let count =
            |noise: f64| (0..20).filter(|seed| Hours::new(0.8, noise, *seed).removable() > 0.3).count();
        let [accurate, inaccurate] = [0.0, 0.04].map(count);
        assert!(accurate >= 16 && inaccurate <= 1, "{accurate} {inaccurate} of 20");
    }

    #[test]
    fn of_independent_errors_hardly_anything_is_removed() {
        let removed: Vec<f64> = (0..20).map(|seed| Hours::new(0.0, 0.0, seed).removable()).collect();
        // The autocorrelation of 644 independent pairs has a standard error of 0.04.
        assert!(removed.iter().all(|share| (0.0..0.06).contains(share)), "{removed:?}");
    }

    #[test]
    fn at_a_wall_nothing_is_removed() {
        let mut hours = Hours::new(0.8, 0.0, 1);
        hours.signal.iter_mut().for_each(|signal| *signal = signal.min(0.6));
        let present = Present::find(hours.samples());
        assert_eq!((present.wall, removable(&present)), (Some(0.6), Some(0.0)));
    }

    #[test]
    fn independent_residuals_all_count_and_dependent_ones_once_it_is_removed() {
        let size = |hours: &Hours, removed| effective_size(hours.samples(), &TRUTH, removed) / 672.0;
        let [independent, dependent] = [0.0, 0.8].map(|coefficient| Hours::new(coefficient, 0.0, 3));
        assert!((0.9..=1.0).contains(&size(&independent, 0.0)));
        let found = autocorrelation(dependent.samples(), &TRUTH);
        assert!((found - 0.8).abs() < 0.06, "{found}");
        assert!((size(&dependent, 0.0) - (1.0 - found) / (1.0 + found)).abs() < 1e-12);
        assert!(size(&dependent, 0.0) < size(&dependent, 0.5 * found));
        assert!((size(&dependent, found) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn quasi_differences_change_no_relation_without_errors() {
        let hours = Hours::new(0.0, 0.0, 4);
        let from = 220.0;
        let shapes = [
            (Shape::Line, 0.0),
            (Shape::Hinge { from }, 0.003),
            (Shape::Power { exponent: 0.6 }, 0.0),
            (Shape::Queue { most: 600.0 }, 0.0),
        ];
        for (shape, more) in shapes {
            let truth = Relation { shape, more, ..TRUTH };
            let signal: Vec<f64> = hours.load.iter().map(|load| truth.signal(*load, 0.0)).collect();
            let samples = Samples { signal: &signal, ..hours.samples() };
            for share in [0.0, 0.4, 0.9] {
                let column = Column::quasi_differences(shape, samples, truth.unit, share);
                let found = column.fit(0..28).unwrap().relation;
                for load in [0.0, 150.0, 300.0] {
                    let (found, expected) = (found.signal(load, 0.0), truth.signal(load, 0.0));
                    assert!((found / expected - 1.0).abs() < 1e-6, "{shape:?} {share}: {found} {expected}");
                }
            }
        }
    }

    #[test]
    fn where_loads_differ_from_hour_to_hour_the_relation_is_found_more_precisely() {
        let squares = |share: f64| -> f64 {
            let error = |seed| {
                let mut hours = Hours::new(0.8, 0.0, seed);
                let mut random = Random::new(seed);
                for (load, signal) in hours.load.iter_mut().zip(&mut hours.signal) {
                    let error = *signal - TRUTH.signal(*load, 0.0);
                    *load = 100.0 + 200.0 * random.uniform();
                    *signal = TRUTH.signal(*load, 0.0) + error;
                }
                let column = Column::quasi_differences(Shape::Line, hours.samples(), TRUTH.unit, share);
                column.fit(0..28).unwrap().relation.amount / TRUTH.amount - 1.0
            };
            (0..100).map(error).map(|error| error * error).sum()
        };
        // `1 - 2φρ / (1 + φ²)` is 0.45.
        let gained = squares(0.4) / squares(0.0);
        assert!((0.25..0.7).contains(&gained), "{gained}");
    }
}
