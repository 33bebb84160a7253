//! The load at which a limit is reached.

use super::Demand;
use crate::capacity::quantile::interpolated;

/// Beyond this many times the highest load seen, a line says little.
const FAR: f64 = 2.5;

/// How much stands behind a saturation load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// Three weeks or more, and a load of 70% of it was seen.
    A,
    /// Two weeks or more, and 40% of it was seen.
    B,
    /// Less.
    C,
}

/// The load at which a limit is reached, with 90% confidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Saturation {
    /// At least; the pessimistic end of the bracket where the load may have been measured inaccurately.
    pub low: f64,
    /// The median.
    pub mid: f64,
    /// At most.
    pub high: f64,
    /// How much stands behind it.
    pub grade: Grade,
    /// Whether it lies beyond 2.5 times the highest load seen; the upper side is widened then.
    pub extrapolated: bool,
    /// Equally likely loads; infinite where a resampled line never gets there.
    pub draws: Vec<f64>,
}

impl Demand {
    /// The load at which the signal reaches `limit`: `(limit - b) / D` for every resampled line; 0 where the limit is
    /// reached without any load.
    pub fn saturation(&self, limit: f64) -> Saturation {
        let load = |[background, slope]: [f64; 2]| {
            if slope > 0.0 { ((limit - background) / slope).max(0.0) } else { f64::INFINITY }
        };
        let mut draws: Vec<f64> = self.draws.iter().map(|draw| load(*draw)).collect();
        let quantile =
            |draws: &[f64], level| interpolated(&mut draws.to_vec(), level).unwrap_or(f64::INFINITY);
        let mid = quantile(&draws, 0.5);
        let distance = mid / (FAR * self.highest_load);
        if distance > 1.0 && distance.is_finite() {
            for draw in draws.iter_mut().filter(|draw| **draw > mid) {
                *draw = mid + (*draw - mid) * distance;
            }
        }
        let cautious = self.steepest.map_or(f64::INFINITY, load);
        Saturation {
            low: quantile(&draws, 0.05).min(cautious),
            mid,
            high: quantile(&draws, 0.95),
            grade: self.grade(mid),
            extrapolated: distance > 1.0,
            draws,
        }
    }

    fn grade(&self, load: f64) -> Grade {
        let seen = if load > 0.0 { self.highest_load / load } else { f64::INFINITY };
        match self.days {
            21.. if seen >= 0.7 => Grade::A,
            14.. if seen >= 0.4 => Grade::B,
            _ => Grade::C,
        }
    }
}
