//! Where a series of results last settled on another level.

use super::random::{Random, seed};

/// The fewest values on either side of a change.
const SHORTEST: usize = 4;
/// Orders drawn to see what chance makes of the same values.
const ORDERS: usize = 1999;

/// The index from which the level holds that the series ends on; 0 where it never changed.
///
/// Looks for the split with the largest difference of means in units of its standard error, compares it with what the
/// same values show in random orders (so that having looked at every split is accounted for), and continues behind it.
/// A change counts with a probability of at most `level` under chance alone, and if the means differ by at least
/// `magnitude`, as a share of the earlier one. For values that are independent from one to the next; values that are
/// not finite have no change.
///
/// Source: the permutation test of a maximum, as in D. Matteson and N. James, *J. Am. Stat. Assoc.* 109 (2014),
/// with Student's statistic in place of the energy distance.
pub fn last_change(values: &[f64], level: f64, magnitude: f64) -> usize {
    let mut from = 0;
    while let Some(change) = change(&values[from..], level, magnitude) {
        from += change;
    }
    from
}

fn change(values: &[f64], level: f64, magnitude: f64) -> Option<usize> {
    if values.len() < 2 * SHORTEST || values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let (split, statistic) = largest(values);
    let mut random = Random::new(seed(values));
    let mut order = values.to_vec();
    let mut as_large = 0;
    for _ in 0..ORDERS {
        shuffle(&mut order, &mut random);
        as_large += usize::from(largest(&order).1 >= statistic);
        // However the other orders come out, it is chance.
        if (as_large + 1) as f64 > level * (ORDERS + 1) as f64 {
            return None;
        }
    }
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    let (before, after) = (mean(&values[..split]), mean(&values[split..]));
    ((after - before).abs() >= magnitude * before.abs()).then_some(split)
}

/// The split with the largest statistic, and that statistic. Without any spread left, one of the two levels is
/// enough to tell them apart.
fn largest(values: &[f64]) -> (usize, f64) {
    let all = values.len();
    let middle = values.iter().sum::<f64>() / all as f64;
    let squares: f64 = values.iter().map(|value| (value - middle).powi(2)).sum();
    let mut best = (SHORTEST, 0.0);
    let mut sum = 0.0;
    for (index, value) in values.iter().enumerate().take(all - SHORTEST) {
        sum += value - middle;
        let (left, right) = ((index + 1) as f64, (all - index - 1) as f64);
        // The squares between the two parts; the rest is within them.
        let between = sum * sum * (1.0 / left + 1.0 / right);
        let statistic = between / (squares - between).max(squares * 1e-12).max(f64::MIN_POSITIVE);
        if index + 1 >= SHORTEST && statistic > best.1 {
            best = (index + 1, statistic);
        }
    }
    best
}

/// R. Fisher and F. Yates.
fn shuffle(values: &mut [f64], random: &mut Random) {
    for last in (1..values.len()).rev() {
        values.swap(last, random.below(last + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A level with a noise of 2%, the same in every run of the test.
    fn level(random: &mut Random, mean: f64, count: usize) -> Vec<f64> {
        (0..count).map(|_| mean * (1.0 + 0.02 * random.normal())).collect()
    }

    #[test]
    fn a_step_is_found_where_it_is() {
        // The first example of Apache Otava's documentation.
        let halved = [
            1.02, 0.95, 0.99, 1.00, 1.12, 1.00, 1.01, 0.98, 1.01, 0.96, 0.50, 0.51, 0.48, 0.48, 0.55, 0.50,
            0.49, 0.51, 0.50, 0.49,
        ];
        assert_eq!(last_change(&halved, 0.001, 0.0), 10);
    }

    #[test]
    fn the_last_of_several_counts() {
        let mut random = Random::new(7);
        let parts =
            [(100.0, 15), (120.0, 15), (110.0, 8)].map(|(mean, count)| level(&mut random, mean, count));
        assert_eq!(last_change(&parts.concat(), 0.001, 0.05), 30);
    }

    #[test]
    fn noise_alone_has_no_change() {
        let found =
            (0..200).filter(|seed| last_change(&level(&mut Random::new(*seed), 100.0, 40), 0.01, 0.0) > 0);
        assert!(found.count() <= 6, "at a level of 1%");
    }

    #[test]
    fn a_small_or_unknowable_change_is_none() {
        let mut random = Random::new(3);
        let [first, second] = [100.0, 104.0].map(|mean| level(&mut random, mean, 20));
        assert_eq!(last_change(&[first, second].concat(), 0.001, 0.05), 0);
        assert_eq!(last_change(&[5.0; 30], 0.001, 0.0), 0);
        assert_eq!(last_change(&[1.0, 1.0, 1.0, 9.0, 9.0, 9.0, 9.0], 0.001, 0.0), 0);
        assert_eq!(last_change(&[f64::NAN; 30], 0.001, 0.0), 0);
    }
}
