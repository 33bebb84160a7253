//! A scalability curve through measured points: least squares with bounds.

use super::{Curve, PeakInterval, peak};

/// The fewest points that leave something to judge the three parameters by.
const MIN_POINTS: usize = 4;

/// A curve fitted to points, and how well its peak is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// The curve.
    pub curve: Curve,
    /// The sum of squared differences of throughput.
    pub squares: f64,
    /// Points less the parameters that were free.
    pub degrees_of_freedom: usize,
    /// Between what loads the peak lies, with a confidence of 95%.
    pub peak: PeakInterval,
    /// The largest load that was tested.
    pub tested: f64,
}

/// Why there is no curve.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum FitError {
    /// Too few points.
    #[error(
        "{points} points at {loads} different loads are too few; at least 4 points at 3 loads are needed"
    )]
    TooFew {
        /// All points.
        points: usize,
        /// Different loads among them.
        loads: usize,
    },
    /// A load is not positive, or a throughput negative, or one of them not finite.
    #[error("point {index} is no measurement: the load must be above zero and the throughput not below it")]
    Invalid {
        /// Which point, from 0.
        index: usize,
    },
    /// Nothing was ever done, or no curve of this shape comes near.
    #[error("no scalability curve fits: the throughput does not depend on the load in this way")]
    NoCurve,
}

/// Fits by least squares with `0 ≤ σ ≤ 1`, `κ ≥ 0`. Bounds matter: without them, data that only level off give a
/// negative `κ` and a pole. Points may repeat a load. Six points or more, at loads growing geometrically beyond the
/// knee, are needed for a peak worth its name.
pub fn fit(loads: &[f64], throughputs: &[f64]) -> Result<Fit, FitError> {
    validate(loads, throughputs)?;
    let tested = loads.iter().copied().fold(0.0, f64::max);
    let scale = 1.0 / (tested * tested);
    let problem = Problem {
        loads,
        throughputs,
        terms: loads.iter().map(|load| [1.0, load - 1.0, load * (load - 1.0) * scale]).collect(),
        most: [1.0, f64::INFINITY],
    };
    let linear = linear_start(&problem);
    let best = problem.minimise(&[linear, [0.02, 0.1], [0.3, 1.0]]).ok_or(FitError::NoCurve)?;
    let (best, free) = if best.theta[1] * scale > 0.0 { (best, 3) } else { (amdahl(problem, best), 2) };
    if best.lambda <= 0.0 {
        return Err(FitError::NoCurve);
    }
    let curve = Curve { sigma: best.theta[0], kappa: best.theta[1] * scale, lambda: best.lambda };
    let peak = peak::interval(loads, throughputs, &curve, best.squares);
    Ok(Fit { curve, squares: best.squares, degrees_of_freedom: loads.len() - free, peak, tested })
}

impl Fit {
    /// Whether the highest throughput lies beyond twice the largest load tested, where nothing supports it.
    pub fn is_extrapolated(&self) -> bool {
        self.curve.peak().is_none_or(|peak| peak > 2.0 * self.tested)
    }
}

fn validate(loads: &[f64], throughputs: &[f64]) -> Result<(), FitError> {
    let points = loads.len().min(throughputs.len());
    let measured = |load: f64, throughput: f64| {
        load.is_finite() && load > 0.0 && throughput.is_finite() && throughput >= 0.0
    };
    let wrong = loads.iter().zip(throughputs).position(|(load, throughput)| !measured(*load, *throughput));
    if let Some(index) = wrong {
        return Err(FitError::Invalid { index });
    }
    let mut different = loads.to_vec();
    different.sort_by(f64::total_cmp);
    different.dedup();
    if points < MIN_POINTS || loads.len() != throughputs.len() || different.len() < MIN_POINTS - 1 {
        return Err(FitError::TooFew { points, loads: different.len() });
    }
    Ok(())
}

/// With `κ = 0` the other parameters are fitted again, so that they do not keep what `κ` had taken from them.
fn amdahl(problem: Problem<'_>, found: Solution) -> Solution {
    let problem = Problem { most: [1.0, 0.0], ..problem };
    problem.minimise(&[found.theta, [0.1, 0.0]]).unwrap_or(found)
}

/// `N/X = (1/λ)(1 + σ a + κ b)` is linear: least squares in `1/λ`, `σ/λ` and `κ/λ`, weighted by `X/N` so that it is
/// the relative error that counts.
fn linear_start(problem: &Problem<'_>) -> [f64; 2] {
    let mut gram = [[0.0; 4]; 3];
    for ((load, throughput), terms) in problem.loads.iter().zip(problem.throughputs).zip(&problem.terms) {
        let row = terms.map(|term| term * throughput / load);
        for (j, line) in gram.iter_mut().enumerate() {
            (0..3).for_each(|k| line[k] += row[j] * row[k]);
            line[3] += row[j];
        }
    }
    let [unit, sigma, kappa] = solve(gram);
    let start = [sigma / unit, kappa / unit];
    if start.iter().all(|value| value.is_finite()) { start } else { [0.05, 0.05] }
}

/// Three linear equations by elimination; not finite where they have no solution.
fn solve(mut lines: [[f64; 4]; 3]) -> [f64; 3] {
    for pivot in 0..3 {
        let best = (pivot..3).max_by(|&j, &k| lines[j][pivot].abs().total_cmp(&lines[k][pivot].abs()));
        lines.swap(pivot, best.unwrap_or(pivot));
        let reference = lines[pivot];
        for line in lines.iter_mut().enumerate().filter(|(index, _)| *index != pivot).map(|(_, line)| line) {
            let factor = line[pivot] / reference[pivot];
            line.iter_mut().zip(reference).for_each(|(value, other)| *value -= factor * other);
        }
    }
    [0, 1, 2].map(|j| lines[j][3] / lines[j][j])
}

/// A curve family on measured points. `λ` enters linearly and is always the best one for its `θ`.
pub(super) struct Problem<'a> {
    pub loads: &'a [f64],
    pub throughputs: &'a [f64],
    /// The denominator's fixed part and the factors of `θ₁` and `θ₂`, for each point.
    pub terms: Vec<[f64; 3]>,
    /// The largest value of each `θ`; the smallest is 0.
    pub most: [f64; 2],
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
    /// The best of what several starts lead to. Nothing when no start gives a finite curve.
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

    /// The best `λ` for a `θ`. Nothing where the curve has a pole among the points.
    fn at(&self, theta: [f64; 2]) -> Option<Solution> {
        let (mut product, mut square) = (0.0, 0.0);
        for ((load, throughput), terms) in self.loads.iter().zip(self.throughputs).zip(&self.terms) {
            let shape = load / denominator(terms, theta)?;
            product += shape * throughput;
            square += shape * shape;
        }
        let lambda = product / square;
        let mut squares = 0.0;
        for ((load, throughput), terms) in self.loads.iter().zip(self.throughputs).zip(&self.terms) {
            squares += (throughput - lambda * load / denominator(terms, theta)?).powi(2);
        }
        (lambda.is_finite() && squares.is_finite()).then_some(Solution { theta, lambda, squares })
    }

    fn step(&self, at: &Solution) -> Step {
        // Derivatives of the curve with the part along the curve itself taken out, as `λ` takes care of that.
        let (mut square, mut along) = (0.0, [0.0; 2]);
        let mut rows = Vec::with_capacity(self.loads.len());
        for ((load, throughput), terms) in self.loads.iter().zip(self.throughputs).zip(&self.terms) {
            let below = terms[0] + at.theta[0] * terms[1] + at.theta[1] * terms[2];
            let shape = load / below;
            let slopes = [-shape * terms[1] / below, -shape * terms[2] / below];
            square += shape * shape;
            (0..2).for_each(|j| along[j] += shape * slopes[j]);
            rows.push((shape, slopes, throughput - at.lambda * shape));
        }
        let mut step = Step { matrix: [[0.0; 2]; 2], gradient: [0.0; 2] };
        for (shape, slopes, residual) in rows {
            let slope = [0, 1].map(|j| at.lambda * (slopes[j] - shape * along[j] / square));
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
            let outward = (at.theta[j] <= 0.0 && step.gradient[j] <= 0.0)
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
        [0, 1].map(|j| theta[j].max(0.0).min(self.most[j]))
    }
}

fn denominator(terms: &[f64; 3], theta: [f64; 2]) -> Option<f64> {
    let below = terms[0] + theta[0] * terms[1] + theta[1] * terms[2];
    (below > 0.0).then_some(below)
}
