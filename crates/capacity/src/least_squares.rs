//! Linear regression with a few columns.

/// Sums from which a regression on `P` columns follows; rows are added one by one.
#[derive(Debug, Clone)]
pub struct Sums<const P: usize> {
    gram: [[f64; P]; P],
    moment: [f64; P],
    square: f64,
    rows: usize,
}

/// A regression.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Regression<const P: usize> {
    /// One coefficient for each column.
    pub coefficients: [f64; P],
    /// `(XᵀX)⁻¹`; times the variance of the residuals it is the covariance of the coefficients.
    pub inverse: [[f64; P]; P],
    /// The sum of squared residuals.
    pub squares: f64,
    /// How many rows there were.
    pub rows: usize,
}

/// What a regression is made of.
struct Solved<const P: usize> {
    factor: [[f64; P]; P],
    coefficients: [f64; P],
    squares: f64,
}

impl<const P: usize> Default for Sums<P> {
    fn default() -> Self {
        Self { gram: [[0.0; P]; P], moment: [0.0; P], square: 0.0, rows: 0 }
    }
}

impl<const P: usize> Sums<P> {
    /// Adds one observation.
    pub fn add(&mut self, row: [f64; P], value: f64) {
        for j in 0..P {
            for k in 0..P {
                self.gram[j][k] += row[j] * row[k];
            }
            self.moment[j] += row[j] * value;
        }
        self.square += value * value;
        self.rows += 1;
    }

    /// Adds what other sums hold.
    pub fn merge(&mut self, other: &Self) {
        for j in 0..P {
            for k in 0..P {
                self.gram[j][k] += other.gram[j][k];
            }
            self.moment[j] += other.moment[j];
        }
        self.square += other.square;
        self.rows += other.rows;
    }

    /// Ordinary least squares. `None` where the columns depend on each other.
    pub fn solve(&self) -> Option<Regression<P>> {
        let Solved { factor, coefficients, squares } = self.solved()?;
        // Symmetric: its rows are its columns.
        let inverse = std::array::from_fn(|column| {
            let unit = std::array::from_fn(|row| if row == column { 1.0 } else { 0.0 });
            backward(&factor, forward(&factor, unit))
        });
        Some(Regression { coefficients, inverse, squares, rows: self.rows })
    }

    /// The coefficients and the sum of squared residuals alone, which is less than half the work.
    pub fn line(&self) -> Option<([f64; P], f64)> {
        self.solved().map(|solved| (solved.coefficients, solved.squares))
    }

    fn solved(&self) -> Option<Solved<P>> {
        let factor = cholesky(&self.gram)?;
        let half = forward(&factor, self.moment);
        let coefficients = backward(&factor, half);
        let explained: f64 = half.iter().map(|part| part * part).sum();
        let squares = (self.square - explained).max(0.0);
        let is_finite = coefficients.iter().all(|value| value.is_finite());
        is_finite.then_some(Solved { factor, coefficients, squares })
    }

    /// The sum of the squared values.
    pub fn square(&self) -> f64 {
        self.square
    }
}

impl Sums<3> {
    /// The same rows without their last column.
    pub fn first_two(&self) -> Sums<2> {
        let [[a, b, _], [c, d, _], _] = self.gram;
        let [first, second, _] = self.moment;
        Sums { gram: [[a, b], [c, d]], moment: [first, second], square: self.square, rows: self.rows }
    }
}

/// The lower triangle `L` with `L Lᵀ` equal to a positive definite matrix. `None` where it is not one.
pub fn cholesky<const P: usize>(matrix: &[[f64; P]; P]) -> Option<[[f64; P]; P]> {
    let mut lower = [[0.0; P]; P];
    for row in 0..P {
        for column in 0..=row {
            let known: f64 = (0..column).map(|k| lower[row][k] * lower[column][k]).sum();
            let rest = matrix[row][column] - known;
            lower[row][column] = if row == column {
                if rest <= 1e-12 * matrix[row][row].abs() || !rest.is_finite() {
                    return None;
                }
                rest.sqrt()
            } else {
                rest / lower[column][column]
            };
        }
    }
    Some(lower)
}

fn forward<const P: usize>(lower: &[[f64; P]; P], mut values: [f64; P]) -> [f64; P] {
    for row in 0..P {
        let known: f64 = (0..row).map(|k| lower[row][k] * values[k]).sum();
        values[row] = (values[row] - known) / lower[row][row];
    }
    values
}

fn backward<const P: usize>(lower: &[[f64; P]; P], mut values: [f64; P]) -> [f64; P] {
    for row in (0..P).rev() {
        let known: f64 = (row + 1..P).map(|k| lower[k][row] * values[k]).sum();
        values[row] = (values[row] - known) / lower[row][row];
    }
    values
}
