//! One number from many.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a window of samples becomes the one number a condition compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Aggregate {
    /// The newest sample.
    Last,
    /// The arithmetic mean.
    Avg,
    /// The smallest sample.
    Min,
    /// The largest sample.
    Max,
    /// The median.
    P50,
    /// The 90th percentile.
    P90,
    /// The 95th percentile.
    P95,
    /// The 99th percentile.
    P99,
}

impl Aggregate {
    /// Every aggregate with its name in files.
    pub const NAMES: [(&'static str, Self); 8] = [
        ("last", Self::Last),
        ("avg", Self::Avg),
        ("min", Self::Min),
        ("max", Self::Max),
        ("p50", Self::P50),
        ("p90", Self::P90),
        ("p95", Self::P95),
        ("p99", Self::P99),
    ];

    /// The name in files.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, aggregate)| *aggregate == self).map_or("last", |(name, _)| name)
    }

    /// The aggregate of samples in time order; `None` of nothing.
    pub fn of(self, values: &[f64]) -> Option<f64> {
        match self {
            Self::Last => values.last().copied(),
            Self::Avg => mean(values),
            Self::Min => values.iter().copied().reduce(f64::min),
            Self::Max => values.iter().copied().reduce(f64::max),
            Self::P50 => quantile(values, 0.50),
            Self::P90 => quantile(values, 0.90),
            Self::P95 => quantile(values, 0.95),
            Self::P99 => quantile(values, 0.99),
        }
    }
}

/// The arithmetic mean of finite samples, `Σx / n`; `None` of nothing.
///
/// Adding up rounds, so that the mean of equal samples may come out next to them; it is kept between the smallest
/// and the largest sample, because on a limit the last digit decides.
pub fn mean(values: &[f64]) -> Option<f64> {
    let least = values.iter().copied().reduce(f64::min)?;
    let most = values.iter().copied().reduce(f64::max)?;
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    // A sum beyond the largest number stays infinite, which the caller tells apart.
    Some(if mean.is_finite() { mean.clamp(least, most) } else { mean })
}

/// The `q`-quantile of finite samples in any order, `0 ≤ q ≤ 1`; `None` of nothing.
///
/// Linear interpolation between order statistics at `q·(n−1)` (type 7 of Hyndman and Fan, 1996), which is
/// what Prometheus' `quantile`, NumPy and PostgreSQL's `percentile_cont` compute, so that numbers agree.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a position among samples is small and not negative"
)]
pub fn quantile(values: &[f64], q: f64) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let mut values = values.to_vec();
    let position = q.clamp(0.0, 1.0) * (values.len() - 1) as f64;
    let (_, &mut below, larger) = values.select_nth_unstable_by(position as usize, f64::total_cmp);
    // Between two samples, the next larger one; on a sample, itself.
    let next = larger.iter().copied().min_by(f64::total_cmp).filter(|_| position.fract() > 0.0);
    Some(below + (next.unwrap_or(below) - below) * position.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_agree_with_prometheus() {
        let value = quantile(&[9.0, 1.0, 4.0, 2.0], 0.95).unwrap();
        assert!((value - 8.25).abs() < 1e-12);
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&[3.0], 0.99), Some(3.0));
    }

    #[test]
    fn the_mean_of_equal_samples_is_none_other() {
        for value in [0.6, 0.1, 1e-300, 3.3] {
            let mean = Aggregate::Avg.of(&vec![value; 2881]).unwrap();
            assert_eq!(mean.to_bits(), value.to_bits());
        }
    }

    #[test]
    fn aggregates_of_a_window() {
        let values = [1.0, 3.0, 2.0];
        assert_eq!(Aggregate::Last.of(&values), Some(2.0));
        assert_eq!(Aggregate::Avg.of(&values), Some(2.0));
        assert_eq!(Aggregate::Min.of(&values), Some(1.0));
        assert_eq!(Aggregate::Max.of(&values), Some(3.0));
        assert_eq!(Aggregate::P50.of(&values), Some(2.0));
        assert_eq!(Aggregate::Avg.of(&[]), None);
    }
}
