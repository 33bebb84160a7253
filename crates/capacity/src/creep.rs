//! A level that creeps away over many results, too slowly to show between any two of them.

use statrs::distribution::{ContinuousCDF, Normal};

use super::least_squares::Sums;

/// Fewer results show no trend worth a word.
const FEWEST: usize = 20;
/// The fewest results on either side of the place where a creep began.
const SHORTEST: usize = 5;

/// A step has to leave so much less than a bend before it is one: both fit a creep with noise about as well.
const CLEARLY_A_STEP: f64 = 0.93;

/// A trend that began somewhere and has lasted to the end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Creep {
    /// The index of the result from which the level has moved.
    pub since: usize,
    /// By how much the level has moved since, as a share of what it was.
    pub moved: f64,
    /// The probability of so clear a trend among results that have none (Kendall, two-sided).
    pub p: f64,
}

/// Finds a creep: a trend that chance gives with a probability of at most `level`, that has moved the level by at least
/// `magnitude`, and that is not clearly a step.
///
/// The trend is tested by ranks (H. Mann, *Econometrica* 13 (1945), M. Kendall), so that outliers and any way of
/// spreading do no harm; its beginning is the bend of the line that fits the logarithms best. For results that are
/// independent but for their level. `None` for values that are not above zero.
pub fn creep(values: &[f64], level: f64, magnitude: f64) -> Option<Creep> {
    if values.len() < FEWEST || values.iter().any(|value| !value.is_finite() || *value <= 0.0) {
        return None;
    }
    let p = kendall(values);
    if p > level {
        return None;
    }
    let logarithms = without_outliers(values);
    let (since, slope, bend) = best_bend(&logarithms)?;
    let moved = (slope * (values.len() - 1 - since) as f64).exp_m1();
    let is_step = best_step(&logarithms) < CLEARLY_A_STEP * bend;
    (!is_step && moved.abs() >= magnitude).then_some(Creep { since, moved, p })
}

/// The two-sided probability of Kendall's statistic against the order, by its normal approximation with ties.
fn kendall(values: &[f64]) -> f64 {
    let mut statistic = 0.0;
    for (index, value) in values.iter().enumerate() {
        for later in &values[index + 1..] {
            statistic += f64::from(i8::from(later > value) - i8::from(later < value));
        }
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let term = |count: f64| count * (count - 1.0) * (2.0 * count + 5.0);
    let ties: f64 =
        sorted.chunk_by(|a, b| a.total_cmp(b).is_eq()).map(|group| term(group.len() as f64)).sum();
    let variance = (term(values.len() as f64) - ties) / 18.0;
    if variance <= 0.0 {
        return 1.0;
    }
    2.0 * Normal::standard().sf((f64::abs(statistic) - 1.0).max(0.0) / variance.sqrt())
}

/// Logarithms, of which those far from their neighbours are drawn to them.
fn without_outliers(values: &[f64]) -> Vec<f64> {
    let logarithms: Vec<f64> = values.iter().map(|value| value.ln()).collect();
    let local = |index: usize| {
        let from = index.saturating_sub(4).min(logarithms.len().saturating_sub(9));
        median(&logarithms[from..(from + 9).min(logarithms.len())])
    };
    let smooth: Vec<f64> = (0..logarithms.len()).map(local).collect();
    let far: Vec<f64> =
        logarithms.iter().zip(&smooth).map(|(value, middle)| (value - middle).abs()).collect();
    let limit = 3.0 * 1.4826 * median(&far);
    logarithms
        .iter()
        .zip(&smooth)
        .map(|(value, middle)| middle + (value - middle).clamp(-limit, limit))
        .collect()
}

/// The place of the bend, the slope behind it, and the squares it leaves.
fn best_bend(values: &[f64]) -> Option<(usize, f64, f64)> {
    let bends = (0..values.len() - SHORTEST).filter(|since| *since == 0 || *since >= SHORTEST);
    let fits = bends.filter_map(|since| {
        let mut sums = Sums::<2>::default();
        for (index, value) in values.iter().enumerate() {
            sums.add([1.0, index.saturating_sub(since) as f64], *value);
        }
        let fit = sums.solve()?;
        Some((since, fit.coefficients[1], fit.squares))
    });
    fits.min_by(|a, b| a.2.total_cmp(&b.2))
}

/// The squares that the best single step leaves.
fn best_step(values: &[f64]) -> f64 {
    let squares = |part: &[f64]| {
        let mean = part.iter().sum::<f64>() / part.len() as f64;
        part.iter().map(|value| (value - mean).powi(2)).sum::<f64>()
    };
    let steps =
        (SHORTEST..=values.len() - SHORTEST).map(|at| squares(&values[..at]) + squares(&values[at..]));
    steps.fold(f64::INFINITY, f64::min)
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = sorted.len().saturating_sub(1);
    sorted.get(middle / 2).zip(sorted.get(middle.div_ceil(2))).map_or(0.0, |(a, b)| f64::midpoint(*a, *b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    fn results(count: usize, level: impl Fn(usize) -> f64, noise: f64, seed: u64) -> Vec<f64> {
        let mut random = Random::new(seed);
        (0..count).map(|index| 200.0 * (level(index) + noise * random.normal()).exp()).collect()
    }

    #[test]
    fn kendall_agrees_with_the_textbook() {
        // S = 22 of 28 pairs of eight values: z = 21 / √(8·7·21/18).
        let values = [1.0, 2.0, 4.0, 3.0, 6.0, 5.0, 8.0, 7.0];
        let z = 21.0 / (8.0_f64 * 7.0 * 21.0 / 18.0).sqrt();
        assert!((kendall(&values) - 2.0 * Normal::standard().sf(z)).abs() < 1e-12);
        assert!((kendall(&[3.0; 30]) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_creep_is_found_with_its_beginning() {
        let found = creep(&results(80, |index| 0.002 * index.saturating_sub(30) as f64, 0.02, 5), 1e-3, 0.05)
            .unwrap();
        assert!((20..=40).contains(&found.since), "{found:?}");
        assert!((found.moved - 0.1).abs() < 0.04, "{found:?}");
    }

    #[test]
    fn a_step_an_outlier_and_noise_are_no_creep() {
        assert_eq!(
            creep(&results(60, |index| if index < 30 { 0.0 } else { 0.1 }, 0.02, 2), 1e-3, 0.05),
            None
        );
        assert_eq!(creep(&results(60, |_| 0.0, 0.05, 3), 1e-3, 0.05), None);
        let mut spiky = results(60, |_| 0.0, 0.02, 4);
        (spiky[58], spiky[59]) = (400.0, 420.0);
        assert_eq!(creep(&spiky, 1e-3, 0.05), None);
        assert_eq!(creep(&[0.0; 40], 1e-3, 0.05), None);
    }
}
