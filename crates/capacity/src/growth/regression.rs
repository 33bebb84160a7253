//! A level or a trend with errors that follow each other.

use super::bounds::{Bounds, capped, spread};
use crate::{
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
    /// What each day lay from the line, in order.
    pub errors: Vec<f64>,
}

impl<const P: usize> Dependent<P> {
    /// `column` gives the row of a day, where 0 is the last day and earlier ones are negative. `spent` is the number of
    /// parameters that were already estimated from the values. `None` for too few values.
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
        // What rounding leaves of a figure that does not vary is no certainty.
        let largest = values.iter().copied().map(f64::abs).fold(0.0, f64::max);
        let variance = (regression.squares / freedom).max((ROUNDING * largest).powi(2));
        let independent = count as f64 * (1.0 - dependence) / (1.0 + dependence);
        Some(Self { dependence, variance, regression, freedom: independent.max(4.0), errors })
    }

    /// The standard error of a coefficient.
    pub(super) fn error(&self, index: usize) -> f64 {
        (self.regression.inverse[index][index] * self.variance).sqrt()
    }

    /// The logarithm of the likelihood with the best variance (Gaussian, stationary start), but for what is the same for
    /// all lines with as many columns through as many values.
    pub(super) fn likelihood(&self) -> f64 {
        let days = self.errors.len() as f64;
        0.5 * (1.0 - self.dependence * self.dependence).ln() - days / 2.0 * self.variance.ln()
    }

    /// Possible futures, one row of `count` values for each day.
    ///
    /// Coefficients are drawn from their t distribution; the error of the last day fades from there, and new surprises
    /// come in blocks of three days. The first coefficient is the level on the last day; `ahead` gives what the others
    /// add. Besides, each future drifts as parts of the past drifted from the line (`drifts`).
    pub(super) fn paths(
        &self,
        bounds: Bounds,
        days: usize,
        count: usize,
        ahead: &Ahead<'_>,
        random: &mut Random,
    ) -> Vec<f64> {
        let surprises: Vec<f64> =
            self.errors.windows(2).map(|pair| pair[1] - self.dependence * pair[0]).collect();
        let mut surprises = Residuals::new(&surprises, self.variance, 3.0).draw(count);
        let slopes = drifts(&self.errors, RETURNS[0] + RETURNS[1] * self.dependence);
        let away = spread(&self.errors, 0.02) * AWAY * (1.0 + SHORT / self.errors.len() as f64);
        let last_error = self.errors.last().copied().unwrap_or(0.0);
        let mut futures: Vec<Course> = (0..count).map(|_| self.course(ahead, last_error, random)).collect();
        let mut paths = Vec::with_capacity(days * count);
        for day in 0..days {
            let shape = if let Ahead::Shape(shape) = ahead { shape(day + 1) } else { [0.0; 2] };
            for future in &mut futures {
                future.error = self.dependence * future.error + surprises.next(random);
                if future.turns == 0 {
                    future.turns = random.below(TURNS);
                    future.drift = slopes[random.below(slopes.len())];
                }
                future.turns -= usize::from(future.turns > 0);
                future.drifted += future.drift;
                let [level, amount, other] = future.line;
                let added = match ahead {
                    Ahead::Slope { .. } => future.grown(self.regression.coefficients),
                    Ahead::Shape(_) => amount * shape[0] + other * shape[1],
                };
                let value = level + added + capped(future.drifted, away) + future.error;
                paths.push(bounds.hold(value));
            }
        }
        paths
    }

    fn course(&self, ahead: &Ahead<'_>, last_error: f64, random: &mut Random) -> Course {
        let line = self.line(random);
        let fades = match ahead {
            Ahead::Slope { seen } => Fade::pair(*seen, self.certainty(), random),
            Ahead::Shape(_) => [Fade::new(0.0); 2],
        };
        // What a drawn line lies off on the last day is error, as the rest of that day is.
        let now = if let Ahead::Shape(shape) = ahead { shape(0) } else { [0.0; 2] };
        let on = |line: [f64; 3]| line[0] + line[1] * now[0] + line[2] * now[1];
        let estimate: [f64; 3] =
            std::array::from_fn(|index| self.regression.coefficients.get(index).copied().unwrap_or(0.0));
        let error = last_error + on(estimate) - on(line);
        Course { line, fades, error, drift: 0.0, drifted: 0.0, turns: 0 }
    }

    /// By how many standard errors the slope differs from none.
    fn certainty(&self) -> f64 {
        if P < 2 { 0.0 } else { (self.regression.coefficients[1] / self.error(1)).abs() }
    }

    fn line(&self, random: &mut Random) -> [f64; 3] {
        let covariance = self.regression.inverse.map(|row| row.map(|value| value * self.variance));
        let lower = cholesky(&covariance).unwrap_or([[0.0; P]; P]);
        let draws: [f64; P] = std::array::from_fn(|_| random.student(self.freedom));
        let mut line = [0.0; 3];
        for (slot, row) in (0..P.min(3)).zip(lower) {
            line[slot] =
                self.regression.coefficients[slot] + row.iter().zip(draws).map(|(l, d)| l * d).sum::<f64>();
        }
        line
    }
}

/// What the coefficients after the first add on the days ahead.
pub(super) enum Ahead<'a> {
    /// The second is a slope that was seen for so many days: it is followed for about as long, and the longer the surer
    /// it is, and then fades.
    Slope {
        /// Days.
        seen: usize,
    },
    /// They are amounts of what each day ahead has, counted from the last one.
    Shape(&'a dyn Fn(usize) -> [f64; 2]),
}

/// How many times as far as errors have come drifts may go.
const AWAY: f64 = 0.7;
/// Days of history at which little is known of how far errors may come.
const SHORT: f64 = 40.0;
/// Days within which a drift turns.
const TURNS: usize = 56;

/// One future.
struct Course {
    line: [f64; 3],
    /// Of the slope that was estimated, and of what the drawn one differs from it.
    fades: [Fade; 2],
    error: f64,
    drift: f64,
    drifted: f64,
    /// Days until it drifts another way.
    turns: usize,
}

impl Course {
    /// What the slope has added a day later.
    fn grown<const P: usize>(&mut self, coefficients: [f64; P]) -> f64 {
        let estimate = coefficients.get(1).copied().unwrap_or(0.0);
        let [known, unknown] = &mut self.fades;
        estimate * known.next() + (self.line[1] - estimate) * unknown.next()
    }
}

/// How a slope continues: for about as long as it has been seen, and the longer the surer it is, and then it fades.
#[derive(Debug, Clone, Copy)]
struct Fade {
    /// Days that are left until it fades.
    followed: f64,
    /// What remains of it a day later.
    damping: f64,
    power: f64,
    reach: f64,
}

impl Fade {
    /// Standard errors at which a slope is followed for as long as it has been seen.
    const SURE: f64 = 3.0;
    /// How much longer or shorter, as a deviation of logarithms.
    const VARIES: f64 = 0.4;

    /// Of the estimate, and of what a draw differs from it: what is not known of a slope does not fade by being unsure.
    fn pair(seen: usize, certainty: f64, random: &mut Random) -> [Self; 2] {
        let sure = (certainty / Self::SURE).powi(2);
        let length = seen as f64 * (Self::VARIES * random.normal()).exp();
        [Self::new(length * sure), Self::new(length * sure.max(1.0))]
    }

    fn new(length: f64) -> Self {
        Self { followed: length, damping: (-1.0 / length.max(3.0)).exp(), power: 1.0, reach: 0.0 }
    }

    /// How many days of the whole slope it has gone.
    fn next(&mut self) -> f64 {
        if self.followed > 0.0 {
            self.followed -= 1.0;
        } else {
            self.power *= self.damping;
        }
        self.reach += self.power;
        self.reach
    }
}

/// Days of a stretch.
const STRETCH: usize = 21;
/// How much of a stretch's slope returns: less where errors do not follow each other, because the slope is chance then. And
/// by how much more it is where few stretches are known, because the line took a part of them.
const RETURNS: [f64; 2] = [0.65, 0.35];
const TAKEN: f64 = 35.0;

/// How a figure drifts away from its line: the slopes of all stretches of three weeks, or of half of what is shorter.
fn drifts(errors: &[f64], returns: f64) -> Vec<f64> {
    let length = STRETCH.min(errors.len() / 2).max(2);
    let middle = (length as f64 - 1.0) / 2.0;
    let squares: f64 = (0..length).map(|day| (day as f64 - middle).powi(2)).sum();
    let factor = returns * (1.0 + TAKEN / errors.len().max(1) as f64) / squares;
    let slope = |stretch: &[f64]| {
        stretch.iter().enumerate().map(|(day, error)| (day as f64 - middle) * error).sum::<f64>() * factor
    };
    let slopes: Vec<f64> = errors.windows(length).map(slope).collect();
    if slopes.is_empty() { vec![0.0] } else { slopes }
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
    /// The position of each draw; none before the first day.
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
