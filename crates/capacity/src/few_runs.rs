//! A few values, tested against the spread of many earlier ones.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::prediction::Difference;

/// What the median absolute deviation of normal values has to be multiplied by to give their standard deviation.
const MAD_TO_DEVIATION: f64 = 1.4826;
/// The share of values that the median absolute deviation is worth as an estimate of spread, for normal values. Source:
/// P. Rousseeuw and C. Croux, *J. Am. Stat. Assoc.* 88 (1993).
const MAD_EFFICIENCY: f64 = 0.37;

/// The difference of the means of two samples with its interval, by the spread pooled from both and from earlier values
/// of the same kind: `d ± t(level, f) s √(1/n₁ + 1/n₂)`, `f` the sum of `n-1` over all three.
///
/// For independent values from normal populations of one spread. `None` for an empty sample, fewer than two degrees of
/// freedom, values that are not finite, a level outside `0.5..1`, or no spread at all. Source: Student's test with a
/// variance pooled over groups, as in G. Snedecor and W. Cochran, *Statistical Methods*, §6.10.
pub fn pooled_difference(earlier: &[f64], first: &[f64], second: &[f64], level: f64) -> Option<Difference> {
    let groups = [earlier, first, second];
    let finite = groups.iter().all(|group| group.iter().all(|value| value.is_finite()));
    if first.is_empty() || second.is_empty() || !finite || !(0.5..1.0).contains(&level) {
        return None;
    }
    let freedom: usize = groups.iter().map(|group| group.len().saturating_sub(1)).sum();
    let squares: f64 = groups.iter().map(|group| squares(group)).sum();
    let variance = squares / freedom as f64;
    let error = (variance * (1.0 / first.len() as f64 + 1.0 / second.len() as f64)).sqrt();
    difference(mean(second) - mean(first), error, freedom as f64, level)
}

/// The difference of the median of further values from that of a history, by the history's median absolute deviation:
/// outliers among either change little.
///
/// As [`pooled_difference`] otherwise, with the efficiency of medians (`π/2`) and of the deviation taken into account.
pub fn robust_difference(history: &[f64], further: &[f64], level: f64) -> Option<Difference> {
    let finite = history.iter().chain(further).all(|value| value.is_finite());
    if history.len() < 4 || further.is_empty() || !finite || !(0.5..1.0).contains(&level) {
        return None;
    }
    let center = median(history)?;
    let distances: Vec<f64> = history.iter().map(|value| (value - center).abs()).collect();
    let spread = MAD_TO_DEVIATION * median(&distances)?;
    // One value and the middle of two are means.
    let of_median = |count: usize| if count < 3 { 1.0 } else { std::f64::consts::FRAC_PI_2 };
    let part = |count: usize| of_median(count) / count as f64;
    let error = spread * (part(history.len()) + part(further.len())).sqrt();
    let freedom = (MAD_EFFICIENCY * (history.len() as f64 - 1.0)).max(2.0);
    difference(median(further)? - center, error, freedom, level)
}

fn difference(estimate: f64, error: f64, freedom: f64, level: f64) -> Option<Difference> {
    let student = StudentsT::new(0.0, 1.0, freedom).ok().filter(|_| error > 0.0 && freedom >= 2.0)?;
    let half = student.inverse_cdf(level) * error;
    Some(Difference {
        estimate,
        low: estimate - half,
        high: estimate + half,
        greater: student.sf(estimate / error),
    })
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn squares(values: &[f64]) -> f64 {
    let middle = if values.is_empty() { 0.0 } else { mean(values) };
    values.iter().map(|value| (value - middle).powi(2)).sum()
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = sorted.len().checked_sub(1)?;
    Some(f64::midpoint(sorted[middle / 2], sorted[middle.div_ceil(2)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pooled_spread_is_that_of_all_groups() {
        // Squares 2 + 2 + 2 over 2 + 1 + 1 degrees of freedom: a variance of 1.5, an error of √1.5.
        let found = pooled_difference(&[1.0, 2.0, 3.0], &[4.0, 6.0], &[8.0, 10.0], 0.975).unwrap();
        assert!((found.estimate - 4.0).abs() < 1e-12);
        // Student's quantile for four degrees of freedom is 2.776445.
        assert!((found.high - 4.0 - 2.776_445 * 1.5_f64.sqrt()).abs() < 1e-5, "{found:?}");
        assert!(found.greater < 0.02);
        assert_eq!(pooled_difference(&[], &[1.0], &[2.0], 0.95), None, "no spread is known");
        assert_eq!(pooled_difference(&[1.0; 5], &[1.0], &[2.0], 0.95), None, "there is no spread");
    }

    #[test]
    fn an_outlier_changes_little() {
        let mut history: Vec<f64> = (0..20).map(|index| 100.0 + f64::from(index % 5)).collect();
        let before = robust_difference(&history, &[110.0], 0.95).unwrap();
        history[3] = 1e6;
        let after = robust_difference(&history, &[110.0], 0.95).unwrap();
        assert!((before.high - after.high).abs() < 3.0, "{before:?} {after:?}");
        assert_eq!(robust_difference(&[1.0; 9], &[2.0], 0.95), None);
    }
}
