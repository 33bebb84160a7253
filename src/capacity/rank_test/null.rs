//! How a rank sum is spread when both samples come from one population.

/// The distribution of the sum of `chosen` ranks drawn without replacement.
///
/// The number of ways to draw `k` ranks with the sum `s` is the number without the last rank plus the number with
/// it: `w(k, s) = w(k, s) + w(k-1, s - r)`, one rank after the other. Only additions of positive numbers, so that
/// nothing cancels.
pub(super) struct RankSums {
    /// The probability of each sum.
    probabilities: Vec<f64>,
}

impl RankSums {
    /// `ranks` in ascending order. Takes time in proportion to their number, `chosen` and their largest sum.
    pub(super) fn new(ranks: &[usize], chosen: usize) -> Self {
        let most: usize = ranks.iter().rev().take(chosen).sum();
        let mut ways = vec![vec![0.0_f64; most + 1]; chosen + 1];
        ways[0][0] = 1.0;
        let mut reached = 0;
        for (before, &rank) in ranks.iter().enumerate() {
            reached = (reached + rank).min(most);
            for count in (1..=chosen.min(before + 1)).rev() {
                let (fewer, these) = ways.split_at_mut(count);
                let sources = fewer[count - 1][..=reached.saturating_sub(rank)].iter();
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
        Self { probabilities }
    }

    /// The probability of a sum of at most `sum`.
    pub(super) fn at_most(&self, sum: usize) -> f64 {
        self.probabilities.iter().take(sum + 1).sum::<f64>().min(1.0)
    }

    /// The probability of a sum of at least `sum`.
    pub(super) fn at_least(&self, sum: usize) -> f64 {
        self.probabilities.iter().skip(sum).sum::<f64>().min(1.0)
    }
}
