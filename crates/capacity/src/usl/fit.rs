//! A scalability curve through measured points: least squares with bounds.

use statrs::distribution::{ContinuousCDF, FisherSnedecor, StudentsT};

use super::{
    Curve, PeakInterval, peak,
    problem::{Errors, Problem, Solution},
};

/// The fewest points that leave something to judge the three parameters by.
const MIN_POINTS: usize = 4;

/// A curve fitted to points, and how well its peak is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// The curve.
    pub curve: Curve,
    /// The sum of squared differences of throughput, or of its logarithm.
    pub squares: f64,
    /// How far points lie from the curve as a rule, as a share of it.
    pub spread: f64,
    /// Where throughput grew faster than the load, which no curve of this shape can.
    pub superlinear: Option<Superlinear>,
    /// Points less the parameters that were free.
    pub degrees_of_freedom: usize,
    /// Between what loads the peak lies, with a confidence of 95%.
    pub peak: PeakInterval,
    /// The largest load that was tested.
    pub tested: f64,
}

/// A throughput that grows faster than the load: caches that fill, batches that form, or a first load that was measured
/// while it warmed up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Superlinear {
    /// By how much the throughput of each unit of load rose at most, as a share.
    pub gain: f64,
    /// At which load.
    pub load: f64,
}

/// Points further from their curve than this, as a rule, do not have its shape.
const POOR_SPREAD: f64 = 0.1;
/// A throughput per unit of load that rises by less is not worth a word.
const SMALL_GAIN: f64 = 0.05;

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
    /// Throughput was always zero, or no curve of this shape comes near.
    #[error("no scalability curve fits: the throughput does not depend on the load in this way")]
    NoCurve,
}

/// Fits by least squares of the logarithm, so that a point counts as much at a low throughput as at a high one: repeated
/// load tests spread in proportion to what they measure. See [`fit_with`].
pub fn fit(loads: &[f64], throughputs: &[f64]) -> Result<Fit, FitError> {
    // Nothing has no logarithm.
    let errors = if throughputs.contains(&0.0) { Errors::Absolute } else { Errors::Relative };
    fit_with(loads, throughputs, errors)
}

/// Fits by least squares with `0 ≤ σ ≤ 1`, `κ ≥ 0`. Bounds matter: without them, data that only level off give a
/// negative `κ` and a pole. Points may repeat a load. Six points or more, at loads growing geometrically beyond the
/// knee, are needed for a peak worth its name.
pub fn fit_with(loads: &[f64], throughputs: &[f64], errors: Errors) -> Result<Fit, FitError> {
    validate(loads, throughputs)?;
    let tested = loads.iter().copied().fold(0.0, f64::max);
    let scale = 1.0 / (tested * tested);
    let problem = Problem {
        loads,
        throughputs,
        terms: loads.iter().map(|load| [1.0, load - 1.0, load * (load - 1.0) * scale]).collect(),
        least: 0.0,
        most: [1.0, f64::INFINITY],
        errors,
    };
    let linear = linear_start(&problem);
    let best = problem.minimise(&[linear, [0.02, 0.1], [0.3, 1.0]]).ok_or(FitError::NoCurve)?;
    let free_squares = unbounded(&problem, best);
    let (best, free) = if best.theta[1] * scale > 0.0 { (best, 3) } else { (amdahl(problem, best), 2) };
    if best.lambda <= 0.0 {
        return Err(FitError::NoCurve);
    }
    let curve = Curve { sigma: best.theta[0], kappa: best.theta[1] * scale, lambda: best.lambda };
    let peak = peak::interval(loads, throughputs, &curve, best.squares, errors);
    let degrees_of_freedom = loads.len() - free;
    let fit = Fit {
        curve,
        squares: best.squares,
        spread: spread(loads, throughputs, &curve, degrees_of_freedom),
        superlinear: superlinear(loads, throughputs, best.squares, free_squares),
        degrees_of_freedom,
        peak,
        tested,
    };
    Ok(fit)
}

impl Fit {
    /// Whether the highest throughput lies beyond twice the largest load tested, where nothing supports it.
    pub fn is_extrapolated(&self) -> bool {
        self.curve.peak().is_none_or(|peak| peak > 2.0 * self.tested)
    }

    /// Whether the points lie so far from the curve that they have another shape, or far too much noise.
    pub fn is_poor(&self) -> bool {
        self.spread > POOR_SPREAD
    }

    /// Whether nothing contradicts the curve and its peak within the tested range.
    pub fn is_sound(&self) -> bool {
        !self.is_extrapolated() && !self.is_poor() && self.superlinear.is_none()
    }

    /// How far a throughput lies above the curve, as a share of it.
    pub fn residual(&self, load: f64, throughput: f64) -> f64 {
        throughput / self.curve.throughput(load) - 1.0
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

/// How far points lie from the curve, as the root of their mean square share of it.
fn spread(loads: &[f64], throughputs: &[f64], curve: &Curve, degrees_of_freedom: usize) -> f64 {
    let points = loads.iter().zip(throughputs);
    let squares: f64 =
        points.map(|(load, throughput)| (throughput / curve.throughput(*load) - 1.0).powi(2)).sum();
    (squares / degrees_of_freedom.max(1) as f64).sqrt()
}

/// The sum of squares when contention may be negative, which is how a throughput looks that grows faster than the load.
fn unbounded(problem: &Problem<'_>, best: Solution) -> Option<f64> {
    let largest = problem.loads.iter().copied().fold(1.0, f64::max);
    // Any lower and the curve has a pole among the points.
    let least = -0.99 / (largest - 1.0).max(1.0);
    let freed = Problem { least, terms: problem.terms.clone(), ..*problem };
    let starts = [best.theta, [0.5 * least, best.theta[1]], [0.9 * least, 0.1]];
    freed.minimise(&starts).filter(|found| found.theta[0] < 0.0).map(|found| found.squares)
}

/// Whether letting contention be negative fits better than chance would (an F test at 99%).
fn fits_negative_contention(points: usize, bounded: f64, free: f64) -> Option<bool> {
    let freedom = points.checked_sub(3).filter(|freedom| *freedom > 0)? as f64;
    let critical = FisherSnedecor::new(1.0, freedom).ok()?.inverse_cdf(0.99);
    Some(bounded - free > critical * (free / freedom).max(bounded * 1e-12))
}

/// Whether the throughput for each unit of load rises with the load, whatever the shape: the slope of the logarithms
/// (a one-sided t test at 99%).
fn rises_with_load(loads: &[f64], throughputs: &[f64]) -> Option<bool> {
    let freedom = loads.len().checked_sub(2).filter(|freedom| *freedom > 0)? as f64;
    let x: Vec<f64> = loads.iter().map(|load| load.ln()).collect();
    let y: Vec<f64> =
        loads.iter().zip(throughputs).map(|(load, throughput)| (throughput / load).ln()).collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (x_mean, y_mean) = (mean(&x), mean(&y));
    let squares: f64 = x.iter().map(|x| (x - x_mean).powi(2)).sum();
    let slope = x.iter().zip(&y).map(|(x, y)| (x - x_mean) * (y - y_mean)).sum::<f64>() / squares;
    let residual = |(x, y): (&f64, &f64)| (y - y_mean - slope * (x - x_mean)).powi(2);
    let error = (x.iter().zip(&y).map(residual).sum::<f64>() / freedom / squares).sqrt();
    let critical = StudentsT::new(0.0, 1.0, freedom).ok()?.inverse_cdf(0.99);
    Some(slope.is_finite() && slope > 0.0 && slope > critical * error)
}

/// Whether throughput grows faster than the load, and how much each unit of load gains.
fn superlinear(loads: &[f64], throughputs: &[f64], bounded: f64, free: Option<f64>) -> Option<Superlinear> {
    let negative = free.and_then(|free| fits_negative_contention(loads.len(), bounded, free));
    if negative != Some(true) && rises_with_load(loads, throughputs) != Some(true) {
        return None;
    }
    let rate = |index: usize| throughputs[index] / loads[index];
    let first = (0..loads.len()).min_by(|a, b| loads[*a].total_cmp(&loads[*b]))?;
    let best = (0..loads.len()).max_by(|a, b| rate(*a).total_cmp(&rate(*b)))?;
    let gain = rate(best) / rate(first) - 1.0;
    (gain.is_finite() && gain >= SMALL_GAIN).then_some(Superlinear { gain, load: loads[best] })
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
