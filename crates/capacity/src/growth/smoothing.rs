//! The damped trend by exponential smoothing, ETS(A,Ad,N).
//!
//! One step ahead `f = l + φ b`; with the error `e = y - f` the level becomes `f + α e` and the trend `φ b + β e`.
//! Source: R. Hyndman, A. Koehler, J. Ord and R. Snyder, *Forecasting with Exponential Smoothing* (2008).

use super::{bounds::Bounds, regression::Residuals};
use crate::{least_squares::Sums, quantile::quantile, random::Random};

/// Steps that start values have to settle before errors count.
const SETTLING: usize = 7;
const STARTING_DAYS: usize = 14;
const LEVELS: [f64; 8] = [0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9];
const TRENDS: [f64; 5] = [0.0, 0.01, 0.03, 0.1, 0.2];
const DAMPINGS: [f64; 4] = [0.8, 0.9, 0.95, 0.98];

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
        let best = grid().min_by(|a, b| squares(*a, start, values).total_cmp(&squares(*b, start, values)));
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

    /// The logarithm of the likelihood of the last days, less what its parameters cost; comparable with that of shapes
    /// over as many days.
    pub(super) fn likelihood(&self, days: usize, spent: f64) -> f64 {
        let errors = &self.errors[self.errors.len().saturating_sub(days)..];
        let count = errors.len() as f64;
        let variance = errors.iter().map(|error| error * error).sum::<f64>() / (count - 3.0 - spent).max(3.0);
        -count / 2.0 * variance.ln() - count.ln()
    }

    /// Possible futures, one row of `count` values for each day.
    pub(super) fn paths(
        &self,
        values: &[f64],
        bounds: Bounds,
        days: usize,
        count: usize,
        random: &mut Random,
    ) -> Vec<f64> {
        let settled = &self.errors[SETTLING.min(self.errors.len())..];
        let mut errors = Residuals::new(settled, self.variance, 7.0).draw(count);
        let widening = Widening::from_past_forecasts(self, values);
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
                paths.push(bounds.hold(middle + (value - middle) * factor));
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

/// Horizons at which past forecasts are looked at; between them the widening is interpolated.
const HORIZONS: [usize; 11] = [1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60];
/// Days before past forecasts count.
const FIRST_ORIGIN: usize = 21;
/// As many independent forecasts as the model's own belief is worth.
const TRUST: f64 = 10.0;
/// The level of the interval that is widened.
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
    pub(super) fn from_past_forecasts(smoothing: &Smoothing, values: &[f64]) -> Self {
        let sums = smoothing.parameters.trend_sums(HORIZONS[10]);
        let variances = smoothing.parameters.variances(HORIZONS[10]);
        let mut knots = Vec::new();
        for horizon in HORIZONS {
            let reached = values.len() >= FIRST_ORIGIN + horizon + 5;
            let (true, Some(sum), Some(variance)) =
                (reached, sums.get(horizon - 1), variances.get(horizon - 1))
            else {
                break;
            };
            let deviation = (variance * smoothing.variance).sqrt();
            let origins = FIRST_ORIGIN..values.len() - horizon;
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
    let quantile = quantile(scores, LEVEL * (count + 1.0) / count);
    let independent = count / horizon as f64;
    let weight = independent / (independent + TRUST);
    let seen = quantile.filter(|score| score.is_finite()).unwrap_or(NORMAL).max(0.5);
    (seen / NORMAL).powf(weight)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::growth::history::Scale;

    fn close(found: f64, expected: f64, tolerance: f64) {
        assert!((found - expected).abs() <= tolerance * expected.abs(), "found {found}, expected {expected}");
    }

    fn run(parameters: Parameters, start: State, values: &[f64]) -> (State, Vec<f64>) {
        let mut state = start;
        let mut error = |value: &f64| {
            let error = value - parameters.next(state);
            state = parameters.after(state, error);
            error
        };
        let errors = values.iter().map(&mut error).collect();
        (state, errors)
    }

    fn forecasts(parameters: Parameters, state: State, days: usize) -> Vec<f64> {
        parameters.trend_sums(days).iter().map(|sum| state.level + sum * state.trend).collect()
    }

    /// statsmodels 0.15 with fixed parameters.
    #[test]
    fn fixed_parameters_agree_with_statsmodels() {
        let values = [10.2, 11.1, 10.8, 12.3, 12.9, 12.4, 13.8, 14.1, 13.9, 15.2, 15.0, 16.1];
        let parameters = Parameters { level: 0.5, trend: 0.1, damping: 0.9 };
        let (state, errors) = run(parameters, State { level: 10.0, trend: 0.5 }, &values);
        close(state.level, 15.717_878_926_718_736, 1e-12);
        close(state.trend, 0.360_316_497_010_832_3, 1e-12);
        close(errors.iter().map(|error| error * error).sum(), 4.451_490_573_781_119, 1e-12);
        let found = forecasts(parameters, state, 10);
        close(found[0], 16.042_163_774_028_53, 1e-12);
        close(found[9], 17.830_016_052_736_227, 1e-12);
        let variances = parameters.variances(10);
        for (found, expected) in variances.iter().zip([1.0, 1.3481, 1.798_341, 2.351_728_21, 3.007_034_650_1])
        {
            close(*found, expected, 1e-10);
        }
        close(variances[9], 7.681_554_110_423_364, 1e-12);
    }

    /// R's `forecast::ets(oil, "AAN", damped = TRUE)`.
    #[test]
    fn a_damped_trend_agrees_with_r() {
        let oil = [
            111.009_134_6,
            130.828_434_1,
            141.287_087_9,
            154.227_774_7,
            162.740_865_4,
            192.166_483_5,
            240.799_725_3,
            304.217_390_1,
            384.004_567_3,
            429.662_156_6,
            359.316_929_9,
            437.251_854_4,
            468.400_789_8,
            424.435_336_5,
            487.979_429_9,
            509.828_447_8,
            506.347_252_7,
            340.184_237_4,
            240.258_921,
            219.032_787_6,
            172.074_663_2,
            252.590_092_2,
            221.071_077_4,
            276.518_773_5,
            271.147_951_7,
            342.618_600_5,
            428.355_835_7,
            442.394_553_4,
            432.785_148_2,
            437.249_718_6,
            437.209_159_9,
            445.364_098_1,
            453.195_010_4,
            454.409_641,
            422.378_905_8,
            456.037_121_7,
            440.386_604_7,
            425.194_372_5,
            486.205_173_5,
            500.429_086_1,
            521.275_909_2,
            508.947_617,
            488.888_857_7,
            509.870_575,
            456.722_912_3,
            473.816_602_9,
            525.950_870_6,
            549.833_807_6,
            542.340_469_8,
        ];
        let parameters = Parameters { level: 0.999_899_69, trend: 0.118_869_85, damping: 0.800_001_97 };
        let start = State { level: 36.464_668_37, trend: 34.725_849_83 };
        let (state, errors) = run(parameters, start, &oil);
        let squares: f64 = errors.iter().map(|error| error * error).sum();
        close(squares / (49.0 - 5.0), 2_524.879_158_22, 1e-7);
        let expected = [545.352_135_63, 547.760_449_26, 549.687_104_89, 551.228_433_18];
        for (found, expected) in forecasts(parameters, state, 4).into_iter().zip(expected) {
            close(found, expected, 1e-8);
        }
    }

    #[test]
    fn a_straight_line_goes_on_and_fades() {
        let line: Vec<f64> = (0..60).map(|day| 5.0 + 0.25 * f64::from(day)).collect();
        let bounds = Bounds::new(&line, 1.0, Scale::Plain);
        let paths = Smoothing::fit(&line).paths(&line, bounds, 30, 10, &mut Random::new(1));
        for (day, row) in paths.chunks_exact(10).enumerate() {
            let expected = 5.0 + 0.25 * (60.0 + day as f64);
            for value in row {
                // The slope fades, and never grows.
                assert!((19.7..=expected + 0.05).contains(value), "{value} on day {day}, {expected}");
            }
        }
    }
}
