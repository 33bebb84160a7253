//! The damped trend by exponential smoothing, ETS(A,Ad,N).
//!
//! One step ahead `f = l + φ b`; with the error `e = y - f` the level becomes `f + α e` and the trend `φ b + β e`.
//! Source: R. Hyndman, A. Koehler, J. Ord and R. Snyder, *Forecasting with Exponential Smoothing* (2008).

use super::{conformal::Widening, residuals::Residuals};
use crate::capacity::{least_squares::Sums, random::Random};

/// Steps that start values have to settle before errors count.
pub(super) const SETTLING: usize = 7;
const STARTING_DAYS: usize = 14;
const LEVELS: [f64; 8] = [0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9];
const TRENDS: [f64; 5] = [0.0, 0.01, 0.03, 0.1, 0.2];
const DAMPINGS: [f64; 4] = [0.9, 0.95, 0.98, 1.0];

/// How strongly level and trend follow the errors, and how the trend fades.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Parameters {
    /// `α`: the share of an error that stays in the level.
    pub level: f64,
    /// `β`: the share that goes into the trend.
    pub trend: f64,
    /// `φ`: what remains of the trend a day later; 1 keeps it.
    pub damping: f64,
}

/// Level and trend after a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct State {
    /// The level.
    pub level: f64,
    /// Its change a day.
    pub trend: f64,
}

impl Parameters {
    /// What the next value is expected to be.
    pub(super) fn next(&self, state: State) -> f64 {
        state.level + self.damping * state.trend
    }

    /// The state after a value that was `error` above what was expected.
    pub(super) fn after(&self, state: State, error: f64) -> State {
        State {
            level: self.next(state) + self.level * error,
            trend: self.damping * state.trend + self.trend * error,
        }
    }

    /// `φ + φ² + … + φʰ` for `h = 1..=days`: what the trend adds until each day.
    pub(super) fn trend_sums(&self, days: usize) -> Vec<f64> {
        let mut power = 1.0;
        let mut sum = 0.0;
        let mut add = || {
            power *= self.damping;
            sum += power;
            sum
        };
        (0..days).map(|_| add()).collect()
    }

    /// The variance of the forecast of each day, in variances of a one-step error:
    /// `1 + Σ_{j<h} (α + β φ_j)²`.
    pub(super) fn variances(&self, days: usize) -> Vec<f64> {
        let mut variance = 1.0;
        let sums = self.trend_sums(days);
        let mut grow = |sum: &f64| {
            let now = variance;
            variance += (self.level + self.trend * sum).powi(2);
            now
        };
        sums.iter().map(&mut grow).collect()
    }
}

/// The best damped trend of a grid, run over a series.
#[derive(Debug, Clone)]
pub(super) struct Smoothing {
    pub parameters: Parameters,
    /// The state after each day.
    pub states: Vec<State>,
    /// What each day lay above its one-step forecast.
    pub errors: Vec<f64>,
    /// The variance of one-step errors.
    pub variance: f64,
}

impl Smoothing {
    /// The member of the grid with the smallest squared one-step errors. For at least 14 values.
    pub(super) fn fit(values: &[f64]) -> Self {
        let start = start(values);
        let best = grid()
            .min_by(|one, other| squares(*one, start, values).total_cmp(&squares(*other, start, values)));
        let parameters = best.unwrap_or(Parameters { level: 0.2, trend: 0.0, damping: 1.0 });
        let mut state = start;
        let mut smoothing = Self {
            parameters,
            states: Vec::with_capacity(values.len()),
            errors: Vec::with_capacity(values.len()),
            variance: 0.0,
        };
        for value in values {
            let error = value - parameters.next(state);
            state = parameters.after(state, error);
            smoothing.states.push(state);
            smoothing.errors.push(error);
        }
        let settled = &smoothing.errors[SETTLING.min(values.len())..];
        let freedom = (settled.len() as f64 - 4.0).max(5.0);
        smoothing.variance = settled.iter().map(|error| error * error).sum::<f64>() / freedom;
        smoothing
    }

    /// Possible futures, one row of `count` values for each day.
    pub(super) fn paths(&self, values: &[f64], days: usize, count: usize, random: &mut Random) -> Vec<f64> {
        let settled = &self.errors[SETTLING.min(self.errors.len())..];
        let mut errors = Residuals::new(settled, self.variance, 7.0).draw(count);
        let widening = Widening::of(self, values, days);
        let last = self.states.last().copied().unwrap_or(State { level: 0.0, trend: 0.0 });
        let mut states = vec![last; count];
        let mut paths = Vec::with_capacity(days * count);
        let sums = self.parameters.trend_sums(days);
        for (day, sum) in sums.into_iter().enumerate() {
            let middle = last.level + sum * last.trend;
            let factor = widening.factor(day);
            for state in &mut states {
                let error = errors.next(random);
                let value = self.parameters.next(*state) + error;
                *state = self.parameters.after(*state, error);
                paths.push(middle + (value - middle) * factor);
            }
        }
        paths
    }
}

fn grid() -> impl Iterator<Item = Parameters> {
    LEVELS.into_iter().flat_map(|level| {
        TRENDS.into_iter().flat_map(move |share| {
            DAMPINGS.into_iter().map(move |damping| Parameters { level, trend: level * share, damping })
        })
    })
}

/// The straight line through the first two weeks, one day before it begins.
fn start(values: &[f64]) -> State {
    let mut sums = Sums::<2>::default();
    for (day, value) in values.iter().take(STARTING_DAYS).enumerate() {
        sums.add([1.0, day as f64], *value);
    }
    let [level, trend] =
        sums.solve().map_or([values.first().copied().unwrap_or(0.0), 0.0], |line| line.coefficients);
    State { level: level - trend, trend }
}

fn squares(parameters: Parameters, start: State, values: &[f64]) -> f64 {
    let mut state = start;
    let mut sum = 0.0;
    for (day, value) in values.iter().enumerate() {
        let error = value - parameters.next(state);
        state = parameters.after(state, error);
        if day >= SETTLING {
            sum += error * error;
        }
    }
    sum
}
