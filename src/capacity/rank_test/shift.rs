//! By how much one sample lies above another.

use statrs::distribution::{ContinuousCDF, Normal};

use super::null::RankSums;

/// Beyond this many values in both samples, the rank of the interval's ends is taken from the normal
/// approximation.
const MOST_EXACT: usize = 80;

/// The typical difference `y - x` with an interval, in the unit of the samples.
///
/// The estimate is the median of all pairwise differences; the interval ends at their k-th smallest and largest,
/// with the largest `k` for which `P(U ≤ k-1)` is at most half of `1 - confidence`. Right for any shape of the
/// values as long as `y` is `x` moved. Source: J. L. Hodges and E. L. Lehmann, *Ann. Math. Statist.* 34 (1963).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    /// The median difference.
    pub estimate: f64,
    /// Where the interval begins; negative infinity where the samples are too small for the confidence.
    pub low: f64,
    /// Where it ends; infinity where the samples are too small.
    pub high: f64,
    /// The confidence really reached, at least that asked for.
    pub confidence: f64,
}

impl Shift {
    /// The shift from `x` to `y`. Nothing for an empty sample, values that are not finite, or a confidence outside
    /// `0..1`.
    pub fn between(x: &[f64], y: &[f64], confidence: f64) -> Option<Self> {
        let finite = x.iter().chain(y).all(|value| value.is_finite());
        if x.is_empty() || y.is_empty() || !finite || !(confidence > 0.0 && confidence < 1.0) {
            return None;
        }
        let mut differences: Vec<f64> = y.iter().flat_map(|y| x.iter().map(move |x| y - x)).collect();
        differences.sort_by(f64::total_cmp);
        let pairs = differences.len();
        let middle = |index: usize| differences.get(index).copied().unwrap_or(f64::NAN);
        let estimate = f64::midpoint(middle((pairs - 1) / 2), middle(pairs / 2));
        let (rank, confidence) = end_rank(x.len(), y.len(), 1.0 - confidence);
        let (low, high) = match rank.checked_sub(1) {
            Some(index) => (middle(index), middle(pairs - 1 - index)),
            None => (f64::NEG_INFINITY, f64::INFINITY),
        };
        Some(Self { estimate, low, high, confidence })
    }
}

/// The rank `k` of the differences at which the interval begins (0 where there is none), and the confidence it has.
fn end_rank(first: usize, second: usize, alpha: f64) -> (usize, f64) {
    if first + second > MOST_EXACT {
        return approximate_rank(first as f64, second as f64, alpha);
    }
    let ranks: Vec<usize> = (1..=first + second).collect();
    let distribution = RankSums::new(&ranks, first);
    let least = first * (first + 1) / 2;
    let below = |rank: usize| if rank == 0 { 0.0 } else { distribution.at_most(least + rank - 1) };
    let rank = (0..=first * second / 2).take_while(|&rank| below(rank) <= alpha / 2.0).last().unwrap_or(0);
    (rank, 1.0 - 2.0 * below(rank))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative, and no larger than a number of pairs in memory"
)]
fn approximate_rank(first: f64, second: f64, alpha: f64) -> (usize, f64) {
    let normal = Normal::standard();
    let (mean, deviation) = (first * second / 2.0, (first * second * (first + second + 1.0) / 12.0).sqrt());
    let rank = (mean + normal.inverse_cdf(alpha / 2.0) * deviation - 0.5).floor().max(0.0);
    let below = normal.cdf((rank - 0.5 - mean) / deviation);
    (rank as usize, 1.0 - 2.0 * below)
}
