//! What each day of the week adds.

use crate::capacity::quantile::median;

/// Days from which days of the week differ.
const FEWEST_DAYS: usize = 21;

/// The effect of each day of the week, by day number modulo 7; their mean is zero.
///
/// The median of what lies above a centred weekly median. None for fewer than three weeks: two values do not tell a
/// day of the week from chance. The first value is one of the day with the number `first_day`.
pub(super) fn effects(values: &[f64], first_day: i32) -> Option<[f64; 7]> {
    if values.len() < FEWEST_DAYS {
        return None;
    }
    let mut above: [Vec<f64>; 7] = Default::default();
    for (index, value) in values.iter().enumerate() {
        let around = index.saturating_sub(3)..(index + 4).min(values.len());
        let mut window = [0.0; 7];
        let window = &mut window[..around.len()];
        window.copy_from_slice(&values[around]);
        above[weekday(first_day, index)].push(value - median(window).unwrap_or(*value));
    }
    let effects = above.map(|mut day| median(&mut day).unwrap_or(0.0));
    let mean = effects.iter().sum::<f64>() / 7.0;
    Some(effects.map(|effect| effect - mean))
}

/// The index of a day's effect.
pub(super) fn weekday(first_day: i32, index: usize) -> usize {
    let day = usize::try_from(first_day.rem_euclid(7)).unwrap_or(0);
    (day + index) % 7
}
