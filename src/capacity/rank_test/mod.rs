//! Whether one sample lies above another, and by how much, without assuming how values are spread.
//!
//! [`mann_whitney`] gives probabilities, [`Shift`] the size of the difference with its interval, [`holm`]
//! adjusts for several tests at once.

mod multiple;
mod null;
mod shift;

use statrs::distribution::{ContinuousCDF, Normal};

pub use multiple::holm;
pub use shift::Shift;

/// Beyond this many steps of the exact recursion the normal approximation is good to four digits.
const MOST_STEPS: usize = 60_000_000;

/// Probabilities, if both samples came from one population, of a statistic at least as extreme as the one seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankTest {
    /// Pairs in which the value of `x` is larger; ties count half.
    pub u: f64,
    /// That `x` lies this far below `y`.
    pub less: f64,
    /// That `x` lies this far above `y`.
    pub greater: f64,
    /// That they lie this far apart, in either direction.
    pub two_sided: f64,
    /// Whether the probabilities are exact, not approximated.
    pub exact: bool,
}

/// The Mann-Whitney test of `x` against `y`, exact where that is feasible (beyond 40 values a side, ties or not),
/// approximate otherwise. Nothing for an empty sample or values that are not finite.
///
/// The exact distribution is that over all ways to choose the ranks of `x` from the midranks of both samples, so
/// that it holds with ties; counted by adding one rank after the other. Two-sided is the probability of a
/// statistic at least as far from its mean.
///
/// Source: H. B. Mann and D. R. Whitney, *Ann. Math. Statist.* 18 (1947); E. L. Lehmann, *Nonparametrics* (1975).
pub fn mann_whitney(x: &[f64], y: &[f64]) -> Option<RankTest> {
    let ranks = Ranks::new(x, y)?;
    if ranks.steps() > MOST_STEPS {
        return Some(ranks.approximate(true));
    }
    let distribution = null::RankSums::new(&ranks.doubled, x.len());
    let (sum, mean) = (ranks.sum, x.len() * (x.len() + y.len() + 1));
    let [less, greater] = [distribution.at_most(sum), distribution.at_least(sum)];
    let two_sided = match sum.abs_diff(mean) {
        0 => 1.0,
        far => distribution.at_most(mean - far.min(mean)) + distribution.at_least(mean + far),
    };
    Some(RankTest { u: ranks.u(), less, greater, two_sided: two_sided.min(1.0), exact: true })
}

/// The same by the normal approximation with variance corrected for ties, and a continuity correction of one half
/// where `continuous` is set. Values that are all equal give probabilities of 1.
pub fn mann_whitney_approximate(x: &[f64], y: &[f64], continuous: bool) -> Option<RankTest> {
    Some(Ranks::new(x, y)?.approximate(continuous))
}

/// The probability that a value of `y` lies above one of `x`, ties counting half (Vargha and Delaney's A12).
pub fn superiority(x: &[f64], y: &[f64]) -> Option<f64> {
    let ranks = Ranks::new(x, y)?;
    Some(1.0 - ranks.u() / ranks.pairs())
}

/// The midranks of two samples together.
struct Ranks {
    /// Twice the midrank of every value, in ascending order; whole numbers even with ties.
    doubled: Vec<usize>,
    /// The sum of those that belong to the first sample.
    sum: usize,
    sizes: [usize; 2],
    /// `Σ t³ - t` over groups of ties.
    ties: f64,
}

impl Ranks {
    fn new(x: &[f64], y: &[f64]) -> Option<Self> {
        if x.is_empty() || y.is_empty() || x.iter().chain(y).any(|value| !value.is_finite()) {
            return None;
        }
        let of = |values: &[f64], first| values.iter().map(|value| (*value, first)).collect::<Vec<_>>();
        let mut pooled = [of(x, true), of(y, false)].concat();
        pooled.sort_by(|one, other| one.0.total_cmp(&other.0));
        let mut ranks =
            Self { doubled: Vec::with_capacity(pooled.len()), sum: 0, sizes: [x.len(), y.len()], ties: 0.0 };
        for group in pooled.chunk_by(tied) {
            let size = group.len();
            let rank = 2 * ranks.doubled.len() + size + 1;
            ranks.doubled.extend(std::iter::repeat_n(rank, size));
            ranks.sum += rank * group.iter().filter(|(_, first)| *first).count();
            ranks.ties += (size as f64).powi(3) - size as f64;
        }
        Some(ranks)
    }

    fn steps(&self) -> usize {
        let [first, second] = self.sizes;
        let cells = first.max(second).saturating_mul(first + second);
        cells.saturating_mul(2).saturating_mul(cells)
    }

    fn pairs(&self) -> f64 {
        self.sizes[0] as f64 * self.sizes[1] as f64
    }

    fn u(&self) -> f64 {
        let least = self.sizes[0] * (self.sizes[0] + 1);
        (self.sum - least) as f64 / 2.0
    }

    fn approximate(&self, continuous: bool) -> RankTest {
        let all = (self.sizes[0] + self.sizes[1]) as f64;
        let variance = self.pairs() / 12.0 * (all + 1.0 - self.ties / (all * (all - 1.0)));
        let (u, far) = (self.u(), self.u() - self.pairs() / 2.0);
        let correction = if continuous { 0.5 } else { 0.0 };
        let upper = |distance: f64| {
            if variance > 0.0 {
                standard_normal_above((distance - correction) / variance.sqrt())
            } else {
                1.0
            }
        };
        let two_sided = (2.0 * upper(far.abs())).min(1.0);
        RankTest { u, less: upper(-far), greater: upper(far), two_sided, exact: false }
    }
}

#[expect(clippy::float_cmp, reason = "a tie is exact equality, and the two zeros are one value")]
fn tied(one: &(f64, bool), other: &(f64, bool)) -> bool {
    one.0 == other.0
}

/// The probability that a standard normal variable exceeds `z`.
fn standard_normal_above(z: f64) -> f64 {
    Normal::standard().sf(z)
}
