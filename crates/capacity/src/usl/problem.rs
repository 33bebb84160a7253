//! Least squares of a curve with two bounded parameters and a scale.

/// What a fit makes as small as it can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errors {
    /// Differences of the logarithm: all points count alike, in proportion.
    Relative,
    /// Differences as they are: high throughputs count most. Published fits are made like this.
    Absolute,
}

/// A curve family on measured points. `λ` enters linearly and is always the best one for its `θ`.
pub(super) struct Problem<'a> {
    pub loads: &'a [f64],
    pub throughputs: &'a [f64],
    /// The denominator's fixed part and the factors of `θ₁` and `θ₂`, for each point.
    pub terms: Vec<[f64; 3]>,
    /// The smallest value of `θ₁`; that of `θ₂` is 0.
    pub least: f64,
    /// The largest value of each `θ`.
    pub most: [f64; 2],
    pub errors: Errors,
}

/// The best curve found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Solution {
    pub theta: [f64; 2],
    pub lambda: f64,
    /// The sum of squared differences.
    pub squares: f64,
}

/// Normal equations of a Gauss-Newton step.
struct Step {
    matrix: [[f64; 2]; 2],
    gradient: [f64; 2],
}

const MAX_ROUNDS: usize = 400;

impl Problem<'_> {
    /// The best of what several starts lead to. `None` when no start gives a finite curve.
    pub(super) fn minimise(&self, starts: &[[f64; 2]]) -> Option<Solution> {
        let found = starts.iter().filter_map(|start| self.descend(*start));
        found.min_by(|a, b| a.squares.total_cmp(&b.squares))
    }

    /// Damped Gauss-Newton within the bounds (Levenberg 1944, Marquardt 1963), with `λ` eliminated (Golub and
    /// Pereyra 1973, in the form of Kaufman 1975).
    fn descend(&self, start: [f64; 2]) -> Option<Solution> {
        let mut best = self.at(self.bounded(start))?;
        let mut damping = 1e-3;
        for _ in 0..MAX_ROUNDS {
            let step = self.step(&best);
            let next = self.bounded(self.moved(&best, &step, damping));
            let change = (0..2).map(|j| (next[j] - best.theta[j]).abs() / best.theta[j].max(1e-9));
            let done = change.fold(0.0, f64::max) < 1e-14;
            match self.at(next).filter(|found| found.squares <= best.squares) {
                Some(found) => {
                    best = found;
                    damping = (damping / 10.0_f64).max(1e-15);
                }
                None => damping *= 8.0,
            }
            if done || damping > 1e20 {
                break;
            }
        }
        Some(best)
    }

    /// The best `λ` for a `θ`. `None` where the curve has a pole among the points.
    fn at(&self, theta: [f64; 2]) -> Option<Solution> {
        let shapes: Option<Vec<f64>> = self
            .loads
            .iter()
            .zip(&self.terms)
            .map(|(load, terms)| Some(load / denominator(terms, theta)?))
            .collect();
        let shapes = shapes?;
        let points = || shapes.iter().zip(self.throughputs);
        let (lambda, squares) = match self.errors {
            Errors::Absolute => {
                let product: f64 = points().map(|(shape, throughput)| shape * throughput).sum();
                let lambda = product / shapes.iter().map(|shape| shape * shape).sum::<f64>();
                (lambda, points().map(|(shape, throughput)| (throughput - lambda * shape).powi(2)).sum())
            }
            Errors::Relative => {
                let logarithms: Vec<f64> =
                    points().map(|(shape, throughput)| (throughput / shape).ln()).collect();
                let mean = logarithms.iter().sum::<f64>() / logarithms.len() as f64;
                (mean.exp(), logarithms.iter().map(|logarithm| (logarithm - mean).powi(2)).sum::<f64>())
            }
        };
        (lambda.is_finite() && squares.is_finite()).then_some(Solution { theta, lambda, squares })
    }

    fn step(&self, at: &Solution) -> Step {
        // Derivatives of the curve with the part along the curve itself taken out, as `λ` takes care of that.
        let (mut square, mut along) = (0.0, [0.0; 2]);
        let mut rows = Vec::with_capacity(self.loads.len());
        for ((load, throughput), terms) in self.loads.iter().zip(self.throughputs).zip(&self.terms) {
            let below = terms[0] + at.theta[0] * terms[1] + at.theta[1] * terms[2];
            let curve = at.lambda * load / below;
            let (weight, residual) = match self.errors {
                Errors::Absolute => (curve, throughput - curve),
                Errors::Relative => (1.0, (throughput / curve).ln()),
            };
            let slopes = [-weight * terms[1] / below, -weight * terms[2] / below];
            square += weight * weight;
            (0..2).for_each(|j| along[j] += weight * slopes[j]);
            rows.push((weight, slopes, residual));
        }
        let mut step = Step { matrix: [[0.0; 2]; 2], gradient: [0.0; 2] };
        for (weight, slopes, residual) in rows {
            let slope = [0, 1].map(|j| slopes[j] - weight * along[j] / square);
            for j in 0..2 {
                step.gradient[j] += slope[j] * residual;
                (0..2).for_each(|k| step.matrix[j][k] += slope[j] * slope[k]);
            }
        }
        step
    }

    /// `θ` after a step; what sits at a bound and is pushed against it stays there.
    fn moved(&self, at: &Solution, step: &Step, damping: f64) -> [f64; 2] {
        let held = [0, 1].map(|j| {
            let outward = (at.theta[j] <= self.lowest(j) && step.gradient[j] <= 0.0)
                || (at.theta[j] >= self.most[j] && step.gradient[j] >= 0.0);
            outward || step.matrix[j][j] <= 0.0
        });
        let [[first, mixed], [_, second]] = step.matrix;
        let (first, second) = (first * (1.0 + damping), second * (1.0 + damping));
        let [up, across] = step.gradient;
        let change = match held {
            [true, true] => [0.0, 0.0],
            [false, true] => [up / first, 0.0],
            [true, false] => [0.0, across / second],
            [false, false] => {
                let determinant = first * second - mixed * mixed;
                [(up * second - across * mixed) / determinant, (across * first - up * mixed) / determinant]
            }
        };
        [0, 1].map(|j| if change[j].is_finite() { at.theta[j] + change[j] } else { at.theta[j] })
    }

    fn bounded(&self, theta: [f64; 2]) -> [f64; 2] {
        [0, 1].map(|j| theta[j].max(self.lowest(j)).min(self.most[j]))
    }

    fn lowest(&self, parameter: usize) -> f64 {
        if parameter == 0 { self.least } else { 0.0 }
    }
}

fn denominator(terms: &[f64; 3], theta: [f64; 2]) -> Option<f64> {
    let below = terms[0] + theta[0] * terms[1] + theta[1] * terms[2];
    (below > 0.0).then_some(below)
}
