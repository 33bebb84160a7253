//! A scalability curve through measured points.

use super::{
    Curve, PeakInterval, peak,
    solve::{Problem, Solution},
};

/// The fewest points that leave something to judge the three parameters by.
const FEWEST_POINTS: usize = 4;

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
    if points < FEWEST_POINTS || loads.len() != throughputs.len() || different.len() < FEWEST_POINTS - 1 {
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
