//! The models fitted to a history, before futures are simulated from them.

use std::ops::Range;

use super::{
    FUTURES, Growth, LOOK_BACK, SMOOTHED,
    bounds::Bounds,
    cleaning,
    history::{self, History, Scale},
    in_shares, of_shapes,
    paths::Paths,
    saw_tooth::SawTooth,
    seasons::Season,
    shapes::{self, Change, Shapes},
    smoothing::Smoothing,
};
use crate::random::{Random, seed};

/// Relative allowance for rounding: several hundred times the error of the few operations involved.
const ROUNDING: f64 = 1e-12;

/// The models fitted to a history.
///
/// Fitting is much cheaper than simulating futures, and already gives the growth and an upper bound of all futures.
pub struct Fitted {
    /// Days from the first to the last value.
    known: usize,
    first_day: i32,
    seed: u64,
    season: Season,
    scale: Scale,
    /// The history without seasons and outliers; for a sawtooth, its peaks.
    values: Vec<f64>,
    teeth: Option<SawTooth>,
    bounds: Bounds,
    shapes: Option<Shapes>,
    smoothing: Smoothing,
}

impl Fitted {
    /// Fits the models to a history.
    pub fn new(history: &History) -> Self {
        let recent = &history.values()[history.days().saturating_sub(LOOK_BACK)..];
        let saws = SawTooth::find(recent).is_some();
        let season = if saws { Season::none(history) } else { Season::find(history) };
        let (values, scale) = history::scaled(season.without(history), history.scale(), season.parameters());
        let teeth = Some(&values).filter(|_| saws).and_then(|values| SawTooth::find(values));
        let values = teeth.as_ref().map_or_else(|| cleaning::cleaned(&values), |teeth| teeth.peaks.clone());
        // A figure that never moved has errors of exactly zero, which no regression takes.
        let unit = match scale {
            Scale::Logarithmic | Scale::Straight { .. } => 1.0,
            Scale::Plain | Scale::Signed => {
                values.iter().map(|value| value.abs()).sum::<f64>() / values.len() as f64
            }
        };
        let bounds = Bounds::new(&values[values.len().saturating_sub(shapes::WINDOW)..], unit, scale);
        Self {
            known: history.days(),
            first_day: history.last_day().saturating_add(1),
            seed: seed(history.values()),
            shapes: Shapes::fit(&values, season.parameters(), bounds, unit),
            smoothing: Smoothing::fit(&values),
            season,
            scale,
            values,
            teeth,
            bounds,
        }
    }

    /// The day after the last one of the history.
    pub fn first_day(&self) -> i32 {
        self.first_day
    }

    /// The growth at present: since the last change, or of the whole history.
    pub fn growth(&self) -> Growth {
        of_shapes(self.shapes.as_ref(), &self.values, self.scale)
    }

    /// A change of the trend within the last weeks that is more than chance.
    pub fn change(&self) -> Option<Change> {
        self.shapes.as_ref().and_then(Shapes::change).map(|change| in_shares(change, self.scale))
    }

    /// Whether the time of the year is taken into account.
    pub fn is_yearly(&self) -> bool {
        self.season.is_yearly()
    }

    /// An upper bound of all [`Self::paths`] on the given days, 0 being the first day ahead; NaN if there is none. In the
    /// unit of the history.
    ///
    /// Proof: every member passes each of its values through `Bounds::hold`, whose result is at most `Bounds::highest` for
    /// any input. A sawtooth then only subtracts amounts that are not negative. `Scale::from` is monotone in the value and
    /// in the seasonal effect, so the highest value combined with the highest effect of these days bounds the result.
    /// Floating-point sums and products preserve this order; the exponential may violate it by its rounding error, which
    /// `ROUNDING` covers.
    pub fn highest(&self, days: Range<usize>) -> f64 {
        let effects = days.map(|day| self.season.effect(self.known + day));
        let most = self.scale.from(self.bounds.highest(), effects.fold(f64::NEG_INFINITY, f64::max));
        most + ROUNDING * most.abs()
    }

    /// Possible futures of so many days, [`FUTURES`] of them.
    ///
    /// The same history gives the same futures, and a longer horizon only adds days to them.
    pub fn paths(&self, days: usize) -> Paths {
        let random = |member: u64| Random::new(self.seed.wrapping_add(member));
        let smoothed = self.shapes.as_ref().map_or(FUTURES, |shapes| {
            let likelihood = self.smoothing.likelihood(shapes::WINDOW, self.season.parameters());
            smoothed(likelihood - shapes.likelihood())
        });
        let shaped =
            self.shapes.as_ref().map(|shapes| shapes.paths(days, FUTURES - smoothed, &mut random(1)));
        let smoothing = self.smoothing.paths(&self.values, self.bounds, days, smoothed, &mut random(0));
        let mut members = [(smoothed, smoothing), (FUTURES - smoothed, shaped.unwrap_or_default())];
        if let Some(teeth) = &self.teeth {
            for (member, (count, paths)) in (2..).zip(&mut members) {
                teeth.lower(paths, *count, &mut random(member));
            }
        }
        self.season.put_back(self.known, self.scale, &members, days)
    }
}

/// How many futures the smoothing gets, which is favoured by so much over the best shape.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most all of them")]
fn smoothed(evidence: f64) -> usize {
    (FUTURES as f64 * SMOOTHED * (evidence / 3.0).min(0.0).exp()).round() as usize
}
