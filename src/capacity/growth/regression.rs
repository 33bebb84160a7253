//! A level or a trend with errors that follow each other.

use crate::capacity::{
    least_squares::{Regression, Sums, cholesky},
    random::Random,
};

/// Rounds in which the dependence and the coefficients are estimated in turn.
const ROUNDS: usize = 4;
const MAX_DEPENDENT: f64 = 0.98;
/// The least deviation, as a share of the largest value.
const ROUNDING: f64 = 1e-9;

/// A regression on `P` columns of which the errors are `a_t = ρ a_{t-1} + e_t`.
///
/// Source: S. Prais and C. Winsten (1954); the estimate of `ρ` is corrected by `(1+3ρ)/n` for the bias that small
/// samples have (F. Marriott and J. Pope, *Biometrika* 41, 1954).
#[derive(Debug, Clone)]
pub(super) struct Dependent<const P: usize> {
    pub dependence: f64,
    pub regression: Regression<P>,
    /// The variance of the independent part of the errors.
    pub variance: f64,
    /// Values as good as independent, less the columns; at least 4.
    pub freedom: f64,
    /// The independent parts, in order.
    pub surprises: Vec<f64>,
    /// What the last value lay above its line.
    pub last_value: f64,
}

impl<const P: usize> Dependent<P> {
    /// `column` gives the row of a day, where 0 is the last day and earlier ones are negative. `spent` is the number of
    /// parameters that were already estimated from the values. Nothing for too few values.
    pub(super) fn fit(values: &[f64], spent: f64, column: impl Fn(f64) -> [f64; P]) -> Option<Self> {
        let count = values.len();
        let rows: Vec<[f64; P]> = (0..count).map(|index| column(index as f64 + 1.0 - count as f64)).collect();
        let freedom = (count as f64 - P as f64 - 1.0 - spent).max(3.0);
        let mut dependence = 0.0;
        for _ in 0..ROUNDS {
            let regression = whitened(values, &rows, dependence)?;
            dependence = estimate(&residuals(values, &rows, &regression));
        }
        let regression = whitened(values, &rows, dependence)?;
        let errors = residuals(values, &rows, &regression);
        let surprises: Vec<f64> = errors.windows(2).map(|pair| pair[1] - dependence * pair[0]).collect();
        // What rounding leaves of a figure that does not vary is no certainty.
        let largest = values.iter().copied().map(f64::abs).fold(0.0, f64::max);
        let variance = (regression.squares / freedom).max((ROUNDING * largest).powi(2));
        let independent = count as f64 * (1.0 - dependence) / (1.0 + dependence);
        Some(Self {
            dependence,
            variance,
            regression,
            freedom: independent.max(4.0),
            surprises,
            last_value: values.last().copied().unwrap_or(0.0),
        })
    }

    /// The standard error of a coefficient.
    pub(super) fn error(&self, index: usize) -> f64 {
        (self.regression.inverse[index][index] * self.variance).sqrt()
    }

    /// The logarithm of the likelihood with the best variance (Gaussian, stationary start), but for what is the same for
    /// all lines with as many columns through as many values.
    pub(super) fn likelihood(&self) -> f64 {
        let days = self.surprises.len() as f64 + 1.0;
        0.5 * (1.0 - self.dependence * self.dependence).ln() - days / 2.0 * self.variance.ln()
    }

    /// Possible futures, one row of `count` values for each day: coefficients drawn from their t distribution, the
    /// error of the last day fading from there, surprises in blocks of three days. The first coefficient is the level
    /// on the last day, the second its slope, further ones do not matter to the future.
    pub(super) fn paths(&self, days: usize, count: usize, damping: f64, random: &mut Random) -> Vec<f64> {
        let (mut power, mut reach) = (1.0, 0.0);
        let lines: Vec<[f64; 2]> = (0..count).map(|_| self.line(random)).collect();
        let mut errors: Vec<f64> = lines.iter().map(|[level, _]| self.last_value - level).collect();
        let mut surprises = Residuals::new(&self.surprises, self.variance, 3.0).draw(count);
        let mut paths = Vec::with_capacity(days * count);
        for _ in 0..days {
            power *= damping;
            reach += power;
            for ([level, slope], error) in lines.iter().zip(&mut errors) {
                *error = self.dependence * *error + surprises.next(random);
                paths.push(level + slope * reach + *error);
            }
        }
        paths
    }

    fn line(&self, random: &mut Random) -> [f64; 2] {
        let covariance = self.regression.inverse.map(|row| row.map(|value| value * self.variance));
        let lower = cholesky(&covariance).unwrap_or([[0.0; P]; P]);
        let draws: [f64; P] = std::array::from_fn(|_| random.student(self.freedom));
        let mut line = [0.0; 2];
        for (slot, row) in (0..P.min(2)).zip(lower) {
            line[slot] =
                self.regression.coefficients[slot] + row.iter().zip(draws).map(|(l, d)| l * d).sum::<f64>();
        }
        line
    }
}

/// Least squares after the dependence is taken out of values and columns.
fn whitened<const P: usize>(values: &[f64], rows: &[[f64; P]], dependence: f64) -> Option<Regression<P>> {
    let mut sums = Sums::<P>::default();
    let first = (1.0 - dependence * dependence).sqrt();
    sums.add(rows.first()?.map(|cell| cell * first), values.first()? * first);
    for (value, row) in values.windows(2).zip(rows.windows(2)) {
        let changed = std::array::from_fn(|j| row[1][j] - dependence * row[0][j]);
        sums.add(changed, value[1] - dependence * value[0]);
    }
    sums.solve()
}

fn residuals<const P: usize>(values: &[f64], rows: &[[f64; P]], regression: &Regression<P>) -> Vec<f64> {
    let line =
        |row: &[f64; P]| row.iter().zip(regression.coefficients).map(|(cell, c)| cell * c).sum::<f64>();
    values.iter().zip(rows).map(|(value, row)| value - line(row)).collect()
}

fn estimate(errors: &[f64]) -> f64 {
    let product: f64 = errors.windows(2).map(|pair| pair[0] * pair[1]).sum();
    let square: f64 = errors.iter().rev().skip(1).map(|error| error * error).sum();
    let plain = if square > 0.0 { (product / square).clamp(0.0, MAX_DEPENDENT) } else { 0.0 };
    (plain + (1.0 + 3.0 * plain) / errors.len() as f64).min(MAX_DEPENDENT)
}

/// Residuals that are centred and have a given variance.
#[derive(Debug, Clone)]
pub(super) struct Residuals {
    values: Vec<f64>,
    /// The probability, as a share of 2³², that a block of consecutive days ends.
    ends: u64,
}

/// Several draws side by side, each following its own block.
#[derive(Debug, Clone)]
pub(super) struct Draws {
    residuals: Residuals,
    /// Where each draw stands; none before the first day.
    places: Vec<usize>,
    turn: usize,
}

impl Residuals {
    /// Residuals scaled to `variance`, drawn in blocks of `block` days on average.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of 2³²")]
    pub(super) fn new(residuals: &[f64], variance: f64, block: f64) -> Self {
        let count = residuals.len().max(1) as f64;
        let mean = residuals.iter().sum::<f64>() / count;
        let spread = (residuals.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
        let scale = if spread > 0.0 { variance.sqrt() / spread } else { 0.0 };
        let mut values: Vec<f64> = residuals.iter().map(|value| (value - mean) * scale).collect();
        if values.is_empty() {
            values.push(0.0);
        }
        Self { values, ends: (4_294_967_296.0 / block) as u64 }
    }

    /// The stationary bootstrap (D. Politis and J. Romano, *J. Am. Stat. Assoc.* 89, 1994), `count` draws at once.
    pub(super) fn draw(self, count: usize) -> Draws {
        Draws { places: vec![usize::MAX; count], residuals: self, turn: 0 }
    }
}

impl Draws {
    /// The next residual of the draw whose turn it is.
    pub(super) fn next(&mut self, random: &mut Random) -> f64 {
        let count = self.residuals.values.len();
        let bits = random.bits();
        let turn = self.turn;
        self.turn = if turn + 1 == self.places.len() { 0 } else { turn + 1 };
        let place = &mut self.places[turn];
        *place = if *place == usize::MAX || (bits >> 32) < self.residuals.ends {
            jump(bits & 0xffff_ffff, count)
        } else if *place + 1 == count {
            0
        } else {
            *place + 1
        };
        self.residuals.values[*place]
    }
}

/// A place below `count` from 32 random bits.
fn jump(bits: u64, count: usize) -> usize {
    let product = bits.saturating_mul(u64::try_from(count).unwrap_or(u64::MAX));
    usize::try_from(product >> 32).unwrap_or(0)
}
