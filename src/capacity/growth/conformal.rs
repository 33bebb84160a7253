//! How much wider forecasts must be than the model believes, judged by its own past forecasts.

use super::smoothing::Smoothing;

/// Horizons at which past forecasts are looked at; between them the widening is interpolated.
const HORIZONS: [usize; 11] = [1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60];
/// Days before past forecasts count.
const SETTLING: usize = 21;
/// As many independent forecasts as the model's own belief is worth.
const TRUST: f64 = 10.0;
const LEVEL: f64 = 0.9;
/// The 95% quantile of the normal distribution, half of a 90% interval.
const NORMAL: f64 = 1.644_853_626_951_472_2;

/// A factor for the spread of each day.
///
/// For horizon `h` the quantile `q_h` of `|error| / deviation` over past forecasts (split conformal: rank
/// `⌈(n+1) 0.9⌉`) is mixed with the normal one in proportion to the number of forecasts that do not overlap:
/// `c_h = z^(1-w) max(q_h, ½)^w`, `w = m / (m + 10)`, `m = n / h`. Source: J. Lei et al., *J. Am. Stat. Assoc.* 113
/// (2018), shrunk, because a horizon of a month has only a few independent forecasts a quarter.
#[derive(Debug, Clone)]
pub(super) struct Widening {
    /// Logarithms of horizons, and factors.
    knots: Vec<(f64, f64)>,
}

impl Widening {
    pub(super) fn of(smoothing: &Smoothing, values: &[f64]) -> Self {
        let sums = smoothing.parameters.trend_sums(HORIZONS[10]);
        let variances = smoothing.parameters.variances(HORIZONS[10]);
        let mut knots = Vec::new();
        for horizon in HORIZONS {
            let reached = values.len() >= SETTLING + horizon + 5;
            let (true, Some(sum), Some(variance)) =
                (reached, sums.get(horizon - 1), variances.get(horizon - 1))
            else {
                break;
            };
            let deviation = (variance * smoothing.variance).sqrt();
            let origins = SETTLING..values.len() - horizon;
            let mut scores: Vec<f64> = origins
                .map(|origin| {
                    let state = smoothing.states[origin];
                    (values[origin + horizon] - state.level - sum * state.trend).abs() / deviation
                })
                .collect();
            knots.push(((horizon as f64).ln(), factor(&mut scores, horizon)));
        }
        Self { knots }
    }

    /// The factor for the day with this index, the first forecast day being 0.
    pub(super) fn factor(&self, day: usize) -> f64 {
        let at = ((day + 1) as f64).ln();
        let Some(after) = self.knots.iter().position(|(horizon, _)| *horizon >= at) else {
            return self.knots.last().map_or(1.0, |(_, factor)| *factor);
        };
        let (right, high) = self.knots[after];
        let Some((left, low)) = after.checked_sub(1).map(|before| self.knots[before]) else { return high };
        low + (high - low) * (at - left) / (right - left)
    }
}

fn factor(scores: &mut [f64], horizon: usize) -> f64 {
    let count = scores.len() as f64;
    let quantile = crate::capacity::quantile::quantile(scores, LEVEL * (count + 1.0) / count);
    let independent = count / horizon as f64;
    let weight = independent / (independent + TRUST);
    let seen = quantile.filter(|score| score.is_finite()).unwrap_or(NORMAL).max(0.5);
    (seen / NORMAL).powf(weight)
}
