//! How many more runs would decide a metric.

use statrs::distribution::{ContinuousCDF, Normal};

/// The chance with which the named number of runs should decide it.
const POWER: f64 = 0.8;
/// The level of the interval that shows equivalence.
const EQUIVALENCE: f64 = 0.05;
/// A rank test needs a little more than a t test (π/3 for normal values).
const RANKS: f64 = 1.05;
/// More runs than this are never practical.
const MAX_RUNS: usize = 100;

/// What is known of a metric that is inconclusive.
#[derive(Debug, Clone, Copy)]
pub(super) struct UndecidedMetric<'a> {
    pub baseline: &'a [f64],
    pub candidate: &'a [f64],
    /// The shift, with a loss above zero.
    pub loss: f64,
    /// The change for the worse that is allowed.
    pub allowed: f64,
    /// The level a single test must reach, after the correction for several.
    pub level: f64,
    /// Whether the baseline is a history, to which no runs can be added.
    pub history: bool,
}

/// How many runs per side to add, for a chance of 80%, if the shift and the spread between runs stay as measured.
/// `None` where it would be more than a hundred per side: the shift lies too near what is allowed.
///
/// `n = 2 ((z_a + z_b) s / d)² · 1.05`, with `d` the distance to what has to be ruled out: no shift at all for a
/// failure, the margin for a pass. Against a history of `h` runs `1/n + 1/h` takes the place of `2/n`.
pub(super) fn further_runs(case: UndecidedMetric<'_>) -> Option<usize> {
    let (distance, level, fewest) = if case.loss > case.allowed {
        (case.loss, case.level, min_runs_for(case.level))
    } else {
        (case.allowed - case.loss, EQUIVALENCE, min_runs_for(EQUIVALENCE))
    };
    let normal = Normal::standard();
    let factor = normal.inverse_cdf(1.0 - level) + normal.inverse_cdf(POWER);
    let noise = factor * spread(case.baseline, case.candidate) / distance;
    let needed = if case.history {
        // 1/m + 1/n with the history's n, which stays.
        let rest = 1.0 / noise.powi(2) - 1.0 / case.baseline.len() as f64;
        if rest > 0.0 { 1.0 / rest } else { f64::NAN }
    } else {
        2.0 * noise.powi(2) * RANKS
    };
    if needed.is_nan() || needed > MAX_RUNS as f64 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 100")]
    let needed = needed.ceil() as usize;
    let further = if case.history {
        needed.saturating_sub(case.candidate.len())
    } else {
        needed.max(fewest).saturating_sub(case.baseline.len().min(case.candidate.len()))
    };
    Some(further.max(1))
}

/// The fewest runs per side with which the exact test can reach a level at all: `1 / C(2n, n)`.
pub(super) fn min_runs_for(level: f64) -> usize {
    let mut smallest = 1.0;
    for runs in 1..MAX_RUNS {
        let count = runs as f64;
        smallest *= count / (2.0 * (2.0 * count - 1.0));
        if smallest <= level {
            return runs;
        }
    }
    MAX_RUNS
}

/// Whether samples of these sizes could reach a level if they were wholly apart.
pub(super) fn can_reach(level: f64, baseline: usize, candidate: usize) -> bool {
    let least: f64 = (1..=candidate).map(|drawn| drawn as f64 / (baseline + drawn) as f64).product();
    baseline > 0 && candidate > 0 && least <= level
}

/// The spread between runs of one build, from both.
fn spread(baseline: &[f64], candidate: &[f64]) -> f64 {
    let squares = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        values.iter().map(|value| (value - mean).powi(2)).sum::<f64>()
    };
    let freedom = (baseline.len() + candidate.len()).saturating_sub(2).max(1);
    ((squares(baseline) + squares(candidate)) / freedom as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exact_test_needs_its_runs() {
        // 1/20, 1/70, 1/252, 1/924.
        assert_eq!([0.05, 0.02, 0.01, 0.005, 0.0033].map(min_runs_for), [3, 4, 5, 5, 6]);
        assert!(can_reach(0.01, 5, 5) && !can_reach(0.01, 4, 4));
        assert!(!can_reach(0.01 / 3.0, 5, 5) && can_reach(0.01 / 3.0, 6, 6));
    }

    #[test]
    fn more_noise_needs_more_runs() {
        let around = |mean: f64, spread: f64| [-1.0, -0.5, 0.0, 0.5, 1.0].map(|step| mean + step * spread);
        let further = |spread: f64, worse: f64| {
            let (baseline, candidate) = (around(100.0, spread), around(100.0 + worse, spread));
            let case = UndecidedMetric {
                baseline: &baseline,
                candidate: &candidate,
                loss: worse,
                allowed: 5.0,
                level: 0.01,
                history: false,
            };
            further_runs(case)
        };
        assert_eq!(further(1.0, 0.0), Some(1));
        assert!(further(10.0, 0.0) > further(5.0, 0.0));
        assert!(further(10.0, 8.0) > further(10.0, 12.0));
        assert_eq!(further(4.0, 4.9), None, "too near the margin");
        assert_eq!(further(4.0, 5.0), None, "on the margin");
    }
}
