//! Since when the present trend has held.

use super::regression::Dependent;
use crate::capacity::random::Random;

/// Days looked back for a change.
const WINDOW: usize = 90;
/// How many days ago the trend may have changed.
const AGES: [usize; 10] = [10, 14, 18, 21, 25, 30, 35, 42, 49, 56];
/// Days that must lie before a change.
const MIN_BEFORE: usize = 10;
/// A change counts as seen when its slope differs by this many standard errors; with ten places to look at, chance
/// alone does that on fewer than one series in twenty.
const SEEN: f64 = 3.5;
/// What remains, a day later, of a recent trend that may as well be chance.
const FADING: f64 = 0.98;

/// A trend that changed its slope some days ago.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// How many days before the last one the slope changed, roughly.
    pub days_ago: usize,
    /// Growth a day before, as a share for figures that grow in proportion, else in their unit.
    pub before: f64,
    /// Growth a day since.
    pub since: f64,
    /// By how many standard errors the slopes differ.
    pub errors: f64,
}

/// Straight lines with one bend, for each day the bend may lie at.
#[derive(Debug, Clone)]
pub(super) struct Recent {
    bends: Vec<Bend>,
}

#[derive(Debug, Clone)]
struct Bend {
    age: usize,
    line: Dependent<3>,
    /// The probability of this bend among all, each being as likely beforehand.
    weight: f64,
}

impl Recent {
    /// Nothing for histories that are too short for a bend.
    pub(super) fn fit(values: &[f64]) -> Option<Self> {
        let window = &values[values.len().saturating_sub(WINDOW)..];
        let ages = AGES.into_iter().filter(|age| age + MIN_BEFORE <= window.len());
        let mut bends: Vec<Bend> = ages
            .filter_map(|age| {
                let bend = age as f64;
                let line = Dependent::<3>::fit(window, 0.0, |day| [1.0, day, (day + bend).min(0.0)])?;
                Some(Bend { age, weight: line.likelihood(), line })
            })
            .collect();
        let best = bends.iter().map(|bend| bend.weight).fold(f64::NEG_INFINITY, f64::max);
        for bend in &mut bends {
            bend.weight = (bend.weight - best).exp();
        }
        let all: f64 = bends.iter().map(|bend| bend.weight).sum();
        for bend in &mut bends {
            bend.weight /= all;
        }
        (!bends.is_empty() && all.is_finite()).then_some(Self { bends })
    }

    /// The likeliest change, if it is more than chance.
    pub(super) fn change(&self) -> Option<Change> {
        let bend = self.bends.iter().max_by(|a, b| a.weight.total_cmp(&b.weight))?;
        let [_, since, difference] = bend.line.regression.coefficients;
        let errors = (difference / bend.line.error(2)).abs();
        let change = Change { days_ago: bend.age, before: since + difference, since, errors };
        (errors > SEEN).then_some(change)
    }

    /// Possible futures that follow the trend since the bend, wherever that was; a trend that may be chance fades.
    pub(super) fn paths(&self, days: usize, count: usize, random: &mut Random) -> Vec<f64> {
        let damping = if self.change().is_some() { 1.0 } else { FADING };
        let mut parts = Vec::new();
        let (mut reached, mut given) = (0.0, 0);
        for (index, bend) in self.bends.iter().enumerate() {
            reached += bend.weight;
            // Numbers of its own, so that a longer horizon of one bend does not change another's.
            let mut own = Random::new(random.bits());
            let until = if index + 1 == self.bends.len() { count } else { share(reached, count) };
            let size = until.saturating_sub(given);
            if size > 0 {
                parts.push((size, bend.line.paths(days, size, damping, &mut own)));
                given = until;
            }
        }
        let rows = (0..days)
            .flat_map(|day| parts.iter().map(move |(size, part)| &part[day * size..(day + 1) * size]));
        rows.flatten().copied().collect()
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a count")]
fn share(share: f64, count: usize) -> usize {
    ((share * count as f64).round() as usize).min(count)
}
