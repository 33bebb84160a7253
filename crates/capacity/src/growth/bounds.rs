//! How far futures may go: no past supports more than a few times what it has seen.

use super::history::Scale;
use crate::quantile::{interpolated, median};

/// The values that futures keep to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// The level of the last days.
    centre: f64,
    /// How far from it they keep; from half of it on they are held back.
    most: f64,
}

/// Days whose median is the present level.
const CENTRE: usize = 14;
/// How much farther than the past has come futures may go: in logarithms, two and a half times as high.
const BEYOND: f64 = 0.9;
/// How far, in logarithms, a past that did not rise steadily may rise again.
const AGAIN: f64 = 0.8;
/// A past rises the more steadily the more of its variance a line explains: not at all up to the first share, and
/// wholly from the second on.
const STEADY: [f64; 2] = [0.8, 0.95];

impl Bounds {
    /// `unit` is the size of the values in their own unit. What rises by itself may rise again by as much; of figures in
    /// proportion only what rose steadily, because a season, a launch or a few spikes multiply once.
    pub(super) fn new(values: &[f64], unit: f64, scale: Scale) -> Self {
        let recent = &values[values.len().saturating_sub(CENTRE)..];
        let centre = median(&mut recent.to_vec()).unwrap_or(0.0);
        let seen = spread(values, 0.05);
        let again = match scale {
            Scale::Logarithmic => {
                let unsteady = seen.min(AGAIN);
                unsteady + (seen - unsteady) * steadiness(values)
            }
            Scale::Straight { .. } | Scale::Plain | Scale::Signed => seen,
        };
        Self { centre, most: BEYOND * unit + again }
    }

    /// The highest value that [`Self::hold`] returns.
    pub(super) fn highest(self) -> f64 {
        self.centre + self.most.max(0.0)
    }

    /// A value within them.
    pub(super) fn hold(self, value: f64) -> f64 {
        self.centre + capped(value - self.centre, self.most)
    }
}

/// A value that is held back from half of `most` on, and never goes beyond it.
pub(super) fn capped(value: f64, most: f64) -> f64 {
    let half = most / 2.0;
    if value.abs() <= half || half <= 0.0 {
        return value.clamp(-most.max(0.0), most.max(0.0));
    }
    value.signum() * half * (1.0 + ((value.abs() - half) / half).tanh())
}

/// The distance of the quantiles at `tail` and at `1 - tail`.
pub(super) fn spread(values: &[f64], tail: f64) -> f64 {
    let quantile = |level| interpolated(&mut values.to_vec(), level).unwrap_or(0.0);
    quantile(1.0 - tail) - quantile(tail)
}

/// How steadily values rise or fall: 0 for not at all, 1 for a line.
fn steadiness(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let (middle, mean) = ((count - 1.0) / 2.0, values.iter().sum::<f64>() / count);
    let pairs = || values.iter().enumerate().map(|(day, value)| (day as f64 - middle, value - mean));
    let sum = |product: fn((f64, f64)) -> f64| pairs().map(product).sum::<f64>();
    let [days, both, all] = [sum(|(x, _)| x * x), sum(|(x, y)| x * y), sum(|(_, y)| y * y)];
    let explained = if all > 0.0 && days > 0.0 { both * both / (days * all) } else { 0.0 };
    let [none, whole] = STEADY;
    ((explained - none) / (whole - none)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(values: &[f64]) -> f64 {
        let bounds = Bounds::new(values, 1.0, Scale::Logarithmic);
        bounds.hold(100.0) - bounds.centre
    }

    #[test]
    fn what_rose_steadily_may_rise_again() {
        let line: Vec<f64> = (0..90).map(|day| 0.03 * f64::from(day)).collect();
        assert!(held(&line) > 0.9 + 2.3, "{}", held(&line));
    }

    #[test]
    fn what_rose_in_one_go_may_not_multiply_once_more() {
        let launch: Vec<f64> = (0..90).map(|day| if day < 80 { 0.0 } else { 2.7 }).collect();
        let spikes: Vec<f64> = (0..90).map(|day| if day % 9 == 0 { 2.7 } else { 0.0 }).collect();
        for values in [launch, spikes] {
            assert!(held(&values) <= 0.9 + 0.8, "{}", held(&values));
        }
    }

    #[test]
    fn what_lies_near_is_left_as_it_is() {
        let bounds = Bounds::new(&[1.0; 30], 1.0, Scale::Logarithmic);
        for value in [1.2, 0.7] {
            assert!((bounds.hold(value) - value).abs() < 1e-12, "{}", bounds.hold(value));
        }
    }
}
