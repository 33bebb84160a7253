//! Between what the next value lies, judged by those before it.

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
/// For independent values from one normal population. Nothing for fewer than two values, values that are not
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

/// The same for values whose logarithms are normal, such as times. Nothing where a value is not positive.
pub fn prediction_of_logarithms(history: &[f64], level: f64) -> Option<Prediction> {
    if history.iter().any(|value| *value <= 0.0) {
        return None;
    }
    let logarithms: Vec<f64> = history.iter().map(|value| value.ln()).collect();
    prediction(&logarithms, level)
        .map(|Prediction { low, high }| Prediction { low: low.exp(), high: high.exp() })
}
