//! Between what loads the peak lies.

use statrs::distribution::{ContinuousCDF, FisherSnedecor};

use super::{
    Curve,
    problem::{Errors, Problem},
};

/// Loads between which the peak lies with a confidence of 95%.
///
/// By the profile likelihood: `κ = (1-σ)/m²` puts the peak at `m`; `m` belongs to the interval while the best fit
/// under it is no worse than `F(0.95; 1, n-3)` residual variances. Unlike an interval by the derivative, this covers
/// what it claims even when the test stopped short of the peak, because it may be open above.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PeakInterval {
    /// At least.
    pub low: f64,
    /// At most; `None` where the points do not show that there is a peak.
    pub high: Option<f64>,
}

/// How far beyond the points to look before a peak counts as not seen.
const FARTHEST: f64 = 1e4;

pub(super) fn interval(
    loads: &[f64],
    throughputs: &[f64],
    curve: &Curve,
    squares: f64,
    errors: Errors,
) -> PeakInterval {
    let freedom = loads.len().saturating_sub(3).max(1) as f64;
    let quantile = FisherSnedecor::new(1.0, freedom).map_or(f64::INFINITY, |f| f.inverse_cdf(0.95));
    let allowed = squares * (1.0 + quantile / freedom);
    let profile = Profile { loads, throughputs, sigma: curve.sigma, allowed, errors };
    let tested = loads.iter().copied().fold(0.0, f64::max);
    let peak = curve.peak().unwrap_or(tested * FARTHEST).min(tested * FARTHEST);
    let open = profile.allows(f64::INFINITY);
    let high = if open { None } else { Some(profile.end(peak, 1.25).min(tested * FARTHEST)) };
    PeakInterval { low: profile.end(peak, 0.8), high }
}

struct Profile<'a> {
    loads: &'a [f64],
    throughputs: &'a [f64],
    sigma: f64,
    allowed: f64,
    errors: Errors,
}

impl Profile<'_> {
    /// Whether the best curve with its peak at `peak` is still good enough.
    fn allows(&self, peak: f64) -> bool {
        let terms = self.loads.iter().map(|load| {
            // With κ = (1-σ)/m² the denominator is 1 + w + σ (N - 1 - w), w = N (N-1) / m².
            let pairs = load * (load - 1.0) / (peak * peak);
            [1.0 + pairs, load - 1.0 - pairs, 0.0]
        });
        let problem = Problem {
            loads: self.loads,
            throughputs: self.throughputs,
            terms: terms.collect(),
            least: 0.0,
            most: [1.0, 0.0],
            errors: self.errors,
        };
        let found = problem.minimise(&[[self.sigma, 0.0], [0.3, 0.0]]);
        found.is_some_and(|found| found.squares <= self.allowed)
    }

    /// The end of the interval in one direction: outwards by `factor` until a peak is no longer allowed, then by
    /// halving the last interval.
    fn end(&self, peak: f64, factor: f64) -> f64 {
        let mut inside = peak;
        let mut outside = peak * factor;
        for _ in 0..80 {
            if !self.allows(outside) {
                break;
            }
            inside = outside;
            outside *= factor;
        }
        for _ in 0..40 {
            let middle = (inside * outside).sqrt();
            if self.allows(middle) { inside = middle } else { outside = middle }
        }
        inside
    }
}
