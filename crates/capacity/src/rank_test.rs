//! Whether one sample lies above another, and by how much, without assuming how values are spread.
//!
//! [`mann_whitney`] gives probabilities, [`Shift`] the size of the difference with its interval, [`holm`]
//! adjusts for several tests at once.

use statrs::distribution::{ContinuousCDF, Normal};

/// Beyond this many steps of the exact recursion the normal approximation is good to four digits.
const MAX_STEPS: usize = 60_000_000;

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
/// approximate otherwise. `None` for an empty sample or values that are not finite.
///
/// The exact distribution is that over all ways to choose the ranks of `x` from the midranks of both samples, so
/// that it holds with ties; counted by adding one rank after the other. Two-sided is the probability of a
/// statistic at least as far from its mean.
///
/// Source: H. B. Mann and D. R. Whitney, *Ann. Math. Statist.* 18 (1947); E. L. Lehmann, *Nonparametrics* (1975).
pub fn mann_whitney(x: &[f64], y: &[f64]) -> Option<RankTest> {
    let ranks = Ranks::new(x, y)?;
    if ranks.steps() > MAX_STEPS {
        return Some(ranks.approximate(true));
    }
    // The ranks of the smaller sample say the same, the other way round, and there are fewer ways to draw them.
    let turned = y.len() < x.len();
    let chosen = x.len().min(y.len());
    let sum = if turned { ranks.doubled.iter().sum::<usize>() - ranks.sum } else { ranks.sum };
    let distribution = RankSums::new(&ranks.doubled, chosen);
    let mean = chosen * (x.len() + y.len() + 1);
    let [low, high] = [distribution.at_most(sum), distribution.at_least(sum)];
    let (less, greater) = if turned { (high, low) } else { (low, high) };
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
        let labelled = |values: &[f64], first| values.iter().map(|value| (*value, first)).collect::<Vec<_>>();
        let mut pooled = [labelled(x, true), labelled(y, false)].concat();
        pooled.sort_by(|a, b| a.0.total_cmp(&b.0));
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
        let cells = first.min(second).saturating_mul(first + second);
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
fn tied(left: &(f64, bool), right: &(f64, bool)) -> bool {
    left.0 == right.0
}

/// The probability that a standard normal variable exceeds `z`.
fn standard_normal_above(z: f64) -> f64 {
    Normal::standard().sf(z)
}

/// The distribution of the sum of `chosen` ranks drawn without replacement.
///
/// The number of ways to draw `k` ranks with the sum `s` is the number without the last rank plus the number with
/// it: `w(k, s) = w(k, s) + w(k-1, s - r)`, one rank after the other. Only additions of positive numbers, so that
/// nothing cancels.
struct RankSums {
    /// The sums are multiples of this: 2 for doubled ranks without ties.
    step: usize,
    /// The probability of each multiple.
    probabilities: Vec<f64>,
}

impl RankSums {
    /// `ranks` in ascending order. Takes time in proportion to their number, `chosen` and their largest sum.
    fn new(ranks: &[usize], chosen: usize) -> Self {
        let step = if ranks.iter().all(|rank| rank % 2 == 0) { 2 } else { 1 };
        let ranks: Vec<usize> = ranks.iter().map(|rank| rank / step).collect();
        let largest = |seen: &[usize], count: usize| seen.iter().rev().take(count).sum::<usize>();
        let mut ways = vec![vec![0.0_f64; largest(&ranks, chosen) + 1]; chosen + 1];
        ways[0][0] = 1.0;
        for (before, &rank) in ranks.iter().enumerate() {
            for count in (1..=chosen.min(before + 1)).rev() {
                let (fewer, these) = ways.split_at_mut(count);
                let sources = fewer[count - 1][..=largest(&ranks[..before], count - 1)].iter();
                for (way, source) in these[0].iter_mut().skip(rank).zip(sources) {
                    *way += source;
                }
            }
        }
        let mut probabilities = ways.pop().unwrap_or_default();
        let all: f64 = probabilities.iter().sum();
        for ways in &mut probabilities {
            *ways /= all;
        }
        Self { step, probabilities }
    }

    /// The probability of a sum of at most `sum`.
    fn at_most(&self, sum: usize) -> f64 {
        self.probabilities.iter().take(sum / self.step + 1).sum::<f64>().min(1.0)
    }

    /// The probability of a sum of at least `sum`.
    fn at_least(&self, sum: usize) -> f64 {
        self.probabilities.iter().skip(sum.div_ceil(self.step)).sum::<f64>().min(1.0)
    }
}

/// Beyond this many values in both samples, the rank of the interval's ends is taken from the normal
/// approximation.
const MAX_EXACT: usize = 80;

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
    /// The shift from `x` to `y`. `None` for an empty sample, values that are not finite, or a confidence outside
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
    if first + second > MAX_EXACT {
        return approximate_rank(first as f64, second as f64, alpha);
    }
    let ranks: Vec<usize> = (1..=first + second).collect();
    // The distribution is the same for either sample.
    let chosen = first.min(second);
    let distribution = RankSums::new(&ranks, chosen);
    let least = chosen * (chosen + 1) / 2;
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

/// Probabilities adjusted so that the chance of even one false alarm among all tests stays below the level they
/// are compared with, whatever their dependence.
///
/// The k-th smallest of `m` is multiplied by `m - k + 1` and made no smaller than the one before it. Source: S.
/// Holm, *Scand. J. Statist.* 6 (1979).
pub fn holm(probabilities: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    order.sort_by(|&a, &b| probabilities[a].total_cmp(&probabilities[b]));
    let mut adjusted = vec![1.0; probabilities.len()];
    let mut largest: f64 = 0.0;
    for (remaining, index) in (1..=order.len()).rev().zip(order) {
        largest = largest.max((probabilities[index] * remaining as f64).min(1.0));
        adjusted[index] = largest;
    }
    adjusted
}
