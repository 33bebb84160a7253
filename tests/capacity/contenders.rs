//! What people use instead, to be compared with.

use statrs::distribution::{ContinuousCDF, StudentsT};

use scale_advisor::capacity::least_squares::{Regression, Sums};

/// Levels of the quantiles that are scored.
pub(crate) use scale_advisor::capacity::growth::LEVELS;

/// A regression on time, counted in seconds from the evaluation, as Prometheus' `predict_linear` does it: the value a
/// time ahead, without correction of counter resets.
pub(crate) fn predict_linear(times: &[f64], values: &[f64], at: f64, ahead: f64) -> f64 {
    let [level, slope] = line(times, values, at).coefficients;
    level + slope * ahead
}

fn line(times: &[f64], values: &[f64], at: f64) -> Regression<2> {
    let mut sums = Sums::<2>::default();
    times.iter().zip(values).for_each(|(time, value)| sums.add([1.0, time - at], *value));
    sums.solve().unwrap()
}

/// `predict_linear` over all values with the textbook's interval for a further value: quantiles for each day ahead.
pub(crate) fn linear_bands(values: &[f64], days: usize) -> Vec<[f64; 7]> {
    let times: Vec<f64> = (0..values.len()).map(|day| day as f64).collect();
    let last = values.len() as f64 - 1.0;
    let fit = line(&times, values, last);
    let variance = fit.squares / (values.len() as f64 - 2.0);
    let student = StudentsT::new(0.0, 1.0, values.len() as f64 - 2.0).unwrap();
    let inverse = fit.inverse;
    let band = |day: usize| {
        let ahead = day as f64;
        let leverage = inverse[0][0] + 2.0 * inverse[0][1] * ahead + inverse[1][1] * ahead * ahead;
        let error = (variance * (1.0 + leverage)).sqrt();
        let middle = predict_linear(&times, values, last, ahead);
        LEVELS.map(|level| middle + student.inverse_cdf(level) * error)
    };
    (1..=days).map(band).collect()
}

/// The value of the same day of the last week, with an error that grows with the root of the weeks ahead (R. Hyndman and
/// G. Athanasopoulos, *Forecasting*, §5.5).
pub(crate) fn seasonal_bands(values: &[f64], days: usize) -> Vec<[f64; 7]> {
    let changes: Vec<f64> = values.windows(8).map(|week| week[7] - week[0]).collect();
    let variance = changes.iter().map(|change| change * change).sum::<f64>() / changes.len() as f64;
    let normal = statrs::distribution::Normal::standard();
    let band = |day: usize| {
        let weeks = day.div_ceil(7);
        let middle = values[values.len() - 7 + (day - 1) % 7];
        LEVELS.map(|level| middle + normal.inverse_cdf(level) * (variance * weeks as f64).sqrt())
    };
    (1..=days).map(band).collect()
}

/// The interval score of a 90% band (T. Gneiting and A. Raftery, *J. Am. Stat. Assoc.* 102, 2007; Winkler 1972).
pub(crate) fn interval_score(low: f64, high: f64, value: f64) -> f64 {
    high - low + 20.0 * ((low - value).max(0.0) + (value - high).max(0.0))
}

/// The mean over [`LEVELS`] of the pinball loss.
pub(crate) fn pinball(band: &[f64; 7], value: f64) -> f64 {
    let loss = |(level, quantile): (f64, &f64)| {
        let distance = value - quantile;
        if distance > 0.0 { level * distance } else { (level - 1.0) * distance }
    };
    LEVELS.into_iter().zip(band).map(loss).sum::<f64>() / LEVELS.len() as f64
}
