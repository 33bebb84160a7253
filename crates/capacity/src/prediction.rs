//! The bounds of the next value, predicted from those before it.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// An interval for one further value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// The value exceeded with the probability `level`.
    pub low: f64,
    /// The value not exceeded with the probability `level`.
    pub high: f64,
}

/// Where one further value lies: `mean ± t(level, n-1) s √(1 + 1/n)`, each end with the probability `level` on its
/// own.
///
/// For independent values from one normal population. `None` for fewer than two values, values that are not
/// finite, or a level outside `0.5..1`. Source: G. Hahn and W. Meeker, *Statistical Intervals* (1991), §4.7.
pub fn prediction(history: &[f64], level: f64) -> Option<Prediction> {
    let count = history.len() as f64;
    if history.len() < 2 || !(0.5..1.0).contains(&level) || history.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let mean = history.iter().sum::<f64>() / count;
    let variance = history.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let quantile = StudentsT::new(0.0, 1.0, count - 1.0).ok()?.inverse_cdf(level);
    let half = quantile * (variance * (1.0 + 1.0 / count)).sqrt();
    Some(Prediction { low: mean - half, high: mean + half })
}

/// Where the mean of `further` values lies by comparison with a history, and how likely so large a one is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// The mean of the further values less that of the history.
    pub estimate: f64,
    /// The end of the interval below, with the probability `level` on its own.
    pub low: f64,
    /// The end above.
    pub high: f64,
    /// The probability, if nothing changed, of a mean at least this high.
    pub greater: f64,
}

/// Compares the mean of some further values with a history: `d ± t(level, n-1) s √(1/m + 1/n)`.
///
/// For independent values from one normal population; the spread is the history's. `None` for fewer than two
/// values of history, no further ones, values that are not finite, a level outside `0.5..1`, or a history without
/// any spread. Source: G. Hahn and W. Meeker, *Statistical Intervals* (1991), §4.8.
pub fn difference_from_history(history: &[f64], further: &[f64], level: f64) -> Option<Difference> {
    let finite = history.iter().chain(further).all(|value| value.is_finite());
    if history.len() < 2 || further.is_empty() || !(0.5..1.0).contains(&level) || !finite {
        return None;
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (known, seen) = (mean(history), mean(further));
    let freedom = history.len() as f64 - 1.0;
    let variance = history.iter().map(|value| (value - known).powi(2)).sum::<f64>() / freedom;
    let error = (variance * (1.0 / further.len() as f64 + 1.0 / history.len() as f64)).sqrt();
    let student = StudentsT::new(0.0, 1.0, freedom).ok().filter(|_| error > 0.0)?;
    let (estimate, half) = (seen - known, student.inverse_cdf(level) * error);
    let greater = student.sf(estimate / error);
    Some(Difference { estimate, low: estimate - half, high: estimate + half, greater })
}

/// [`prediction`] for values whose logarithms are normal, such as times. `None` where a value is not positive.
pub fn prediction_of_logarithms(history: &[f64], level: f64) -> Option<Prediction> {
    if history.iter().any(|value| *value <= 0.0) {
        return None;
    }
    let logarithms: Vec<f64> = history.iter().map(|value| value.ln()).collect();
    prediction(&logarithms, level)
        .map(|Prediction { low, high }| Prediction { low: low.exp(), high: high.exp() })
}
