//! Whether a positive figure grows by the same amount or by the same share each day.

use super::{history::Scale, regression::Dependent};

/// By how much the logarithm of the likelihood must speak for a straight line; of figures that do as well on both
/// scales, growth is a share.
const CLEARLY: f64 = 4.0;

/// The same values on the scale on which a line explains them best, from logarithms without what repeats.
///
/// Disks fill in straight lines, of which the logarithms are bent: what follows them sees a change of the trend that
/// never was. The scales are compared by the likelihood of a line with dependent errors. Divided by the geometric mean,
/// values and their logarithms have likelihoods that can be compared as they are (G. Box and D. Cox, *J. R. Stat. Soc.
/// B* 26, 1964), and noise that grows with the level speaks for logarithms by itself.
pub(super) fn scaled(logarithms: Vec<f64>, scale: Scale, spent: f64) -> (Vec<f64>, Scale) {
    if scale != Scale::Logarithmic || logarithms.is_empty() {
        return (logarithms, scale);
    }
    let unit = logarithms.iter().sum::<f64>() / logarithms.len() as f64;
    let shares: Vec<f64> = logarithms.iter().map(|value| value - unit).collect();
    let multiples: Vec<f64> = shares.iter().map(|share| share.exp()).collect();
    let likelihood = |values: &[f64]| line(values, spent).map(|line| line.likelihood());
    match (likelihood(&multiples), likelihood(&shares)) {
        (Some(straight), Some(logarithmic)) if straight > logarithmic + CLEARLY => {
            (multiples, Scale::Straight { unit })
        }
        _ => (logarithms, scale),
    }
}

/// A steady trend.
pub(super) fn line(values: &[f64], spent: f64) -> Option<Dependent<2>> {
    Dependent::fit(values, spent, |day| [1.0, day])
}
