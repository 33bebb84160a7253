//! Futures under an assumed growth.

use super::{FUTURES, MONTH, paths::Paths};
use crate::{
    quantile::interpolated,
    random::{Random, seed},
};

/// Days of which the level and its scatter are taken: four weeks, so that every day of the week counts alike.
const LOOK_BACK: usize = 28;

/// Futures of `days` days that grow from the level of the last four weeks by `rate` a month (0.08 for 8%), and scatter
/// around it as those weeks did.
///
/// The rate is taken as certain, so the bands exclude growth uncertainty. `values` are daily and positive;
/// `None` without any, or where the rate is -1 or less.
pub fn assumed_growth(values: &[f64], rate: f64, days: usize) -> Option<Paths> {
    let recent = &values[values.len().saturating_sub(LOOK_BACK)..];
    let a_day = (1.0 + rate).ln() / MONTH;
    let logarithms: Vec<f64> = recent.iter().map(|value| value.ln()).collect();
    // Brought to the last day by the trend of those weeks, which is not to be taken for scatter.
    let trend = trend(&logarithms);
    let to_the_last = |(index, value): (usize, &f64)| value + trend * (logarithms.len() - 1 - index) as f64;
    let levels: Vec<f64> = logarithms.iter().enumerate().map(to_the_last).collect();
    if levels.is_empty() || !a_day.is_finite() || levels.iter().any(|level| !level.is_finite()) {
        return None;
    }
    let mut random = Random::new(seed(recent));
    let mut futures = Vec::with_capacity(days * FUTURES);
    for day in 0..days {
        let growth = a_day * (day as f64 + 1.0);
        let alike = same_weekday(&levels, day);
        futures.extend((0..FUTURES).map(|_| (alike[random.below(alike.len())] + growth).exp().min(f64::MAX)));
    }
    Some(Paths::new(futures, FUTURES))
}

/// The levels of the day of the week that a day ahead has; all of them where there is less than a week.
fn same_weekday(levels: &[f64], day: usize) -> Vec<f64> {
    let Some(last_week) = levels.len().checked_sub(7) else { return levels.to_vec() };
    levels[(last_week + day % 7) % 7..].iter().step_by(7).copied().collect()
}

/// The median change a day between the same days of neighbouring weeks; 0 with less than eight days.
fn trend(values: &[f64]) -> f64 {
    let mut changes: Vec<f64> =
        values.iter().zip(values.iter().skip(7)).map(|(a, b)| (b - a) / 7.0).collect();
    interpolated(&mut changes, 0.5).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_grows_as_assumed() {
        let paths = assumed_growth(&[100.0; 40], 0.08, 60).unwrap();
        let bands = paths.bands();
        assert!((bands[29][3] - 108.0).abs() < 1e-9 && (bands[59][3] - 116.64).abs() < 1e-9);
        assert_eq!(paths.reach(116.0).mid, Some(57));
    }

    #[test]
    fn the_growth_so_far_is_no_scatter() {
        let values: Vec<f64> = (0..28).map(|day| 100.0 * 1.02_f64.powi(day - 27)).collect();
        let band = assumed_growth(&values, 0.0, 1).unwrap().bands()[0];
        assert!((band[0] - 100.0).abs() < 1e-6 && (band[6] - 100.0).abs() < 1e-6);
    }

    #[test]
    fn days_of_the_week_stay_what_they_are() {
        let values: Vec<f64> = (0..28).map(|day| if day % 7 == 3 { 120.0 } else { 100.0 }).collect();
        let bands = assumed_growth(&values, 0.0, 7).unwrap().bands();
        assert!((bands[0][3] - 100.0).abs() < 0.5 && (bands[3][3] - 120.0).abs() < 0.5);
    }

    #[test]
    fn nothing_comes_of_nothing() {
        assert_eq!(assumed_growth(&[], 0.1, 10), None);
        assert_eq!(assumed_growth(&[0.0; 20], 0.1, 10), None);
        assert_eq!(assumed_growth(&[5.0; 20], -1.0, 10), None);
    }
}
