//! Single days that no shape should follow.

use crate::quantile::median;

/// How many times the usual distance from the days around a day must lie outside.
const OUTSIDE: f64 = 6.0;
/// Days on each side that a day is compared with.
const AROUND: usize = 4;
/// As many days in a row are no outlier but another level.
const LASTING: usize = 2;

/// The values with single days far outside of those around them put back among them.
///
/// A day (or two in a row) is compared with the median of the days around it, in units of the median distance of all
/// days from theirs (F. Hampel, *J. Am. Stat. Assoc.* 69, 1974). For the last days only those before them can be used:
/// that they are the first of another level shows when they last.
pub(super) fn cleaned(values: &[f64]) -> Vec<f64> {
    let count = values.len();
    let middle = |index: usize| {
        let from = index.saturating_sub(AROUND);
        let to = (index + AROUND + 1).min(count);
        // Near the end, as many days before as are missing after.
        let from = from.saturating_sub(AROUND + 1 - (to - index)).min(from);
        median(&mut values[from..to].to_vec()).unwrap_or(values[index])
    };
    let middles: Vec<f64> = (0..count).map(middle).collect();
    let distances: Vec<f64> = values.iter().zip(&middles).map(|(value, middle)| value - middle).collect();
    let usual =
        median(&mut distances.iter().map(|distance| distance.abs()).collect::<Vec<_>>()).unwrap_or(0.0);
    let outside = |index: usize| usual > 0.0 && distances[index].abs() > OUTSIDE * 1.4826 * usual;
    let mut cleaned = values.to_vec();
    let mut index = 0;
    while index < count {
        let length = (index..count).take_while(|other| outside(*other)).count();
        if (1..=LASTING).contains(&length) {
            cleaned[index..index + length].copy_from_slice(&middles[index..index + length]);
        }
        index += length.max(1);
    }
    cleaned
}
