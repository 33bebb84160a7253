//! When a limit is reached.

use super::paths::Paths;

/// How strongly believed probabilities must be drawn towards one half: `logit p' = SLOPE logit p`. Two real series that it
/// was fitted on asked for 0.45, others that were held out for about 1; this lies between, so that neither too much nor
/// too little is believed.
const SLOPE: f64 = 0.75;

/// When a figure first reaches a limit.
///
/// Days are counted from the first forecast day, which is 0. A day is absent where the probability until the end of
/// the horizon stays below the level, so that nothing is ever said about days beyond it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crossing {
    /// The probability to reach the limit within the horizon.
    pub probability: f64,
    /// The first day by which it is reached with 5% probability.
    pub low: Option<usize>,
    /// With 50%.
    pub mid: Option<usize>,
    /// With 95%.
    pub high: Option<usize>,
}

impl Crossing {
    /// From the first days of equally likely futures, of which none is `days` or later.
    pub fn of(first_days: &[Option<usize>], days: usize) -> Self {
        let mut arrived = vec![0_u32; days];
        for day in first_days.iter().flatten() {
            if let Some(slot) = arrived.get_mut(*day) {
                *slot += 1;
            }
        }
        let mut so_far = 0;
        let mut until = |arrived: &u32| {
            so_far += arrived;
            recalibrated(f64::from(so_far) / first_days.len().max(1) as f64)
        };
        let reached: Vec<f64> = arrived.iter().map(&mut until).collect();
        let day = |level: f64| reached.iter().position(|probability| *probability >= level);
        Self {
            probability: reached.last().copied().unwrap_or(0.0),
            low: day(0.05),
            mid: day(0.5),
            high: day(0.95),
        }
    }
}

impl Paths {
    /// When these futures first are at or above `limit`.
    pub fn reach(&self, limit: f64) -> Crossing {
        Crossing::of(&self.first_days(limit), self.days())
    }
}

/// A probability that events then really have. What no future or every future does stays so.
fn recalibrated(probability: f64) -> f64 {
    if probability <= 0.0 || probability >= 1.0 {
        return probability.clamp(0.0, 1.0);
    }
    let logit = SLOPE * (probability / (1.0 - probability)).ln();
    1.0 / (1.0 + (-logit).exp())
}
