//! The shapes that a figure may have had, weighed by how well each explains the past.
//!
//! Each is fitted with errors that follow each other (`regression`) to the same days, so that their likelihoods can be
//! compared. None is chosen: each gets futures in proportion to how well the past supports it (A. Raftery, D. Madigan
//! and J. Hoeting,
//! *J. Am. Stat. Assoc.* 92, 1997), so that a launch that has found its users, a migration and a growth that stopped are
//! told from a growth that goes on as soon as the past tells them apart, and not before.

use super::{
    bounds::Bounds,
    shape::{Candidate, Family, Shape},
};
use crate::random::Random;

/// Days that shapes are fitted to.
pub(super) const WINDOW: usize = 365;
/// By how much, in logarithms of the likelihood and of what is believed beforehand, a change must explain more than no
/// change to be reported: so that of a hundred straight figures fewer than ten are reported as changed.
const TOLD: f64 = -1.0;
/// How strongly likelihoods are believed: shapes are simpler than what they represent.
const BELIEVED: f64 = 1.5;
/// How many days beside the best smooth shape of the grid others are looked for, in turn.
const BESIDE: [f64; 4] = [4.0, 4.0, 2.0, 1.0];

/// A trend that changed its slope some days ago, or a level that stepped.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// How many days before the last one it changed, roughly.
    pub days_ago: usize,
    /// Growth a day before, as a share for figures that grow in proportion, else in their unit.
    pub before: f64,
    /// Growth a day since.
    pub since: f64,
    /// By how much the level stepped, as a share or in the figure's unit likewise; `None` where only the growth changed.
    pub step: Option<f64>,
    /// By how many standard errors it differs from no change.
    pub errors: f64,
}

/// All shapes of one figure.
#[derive(Debug, Clone)]
pub(super) struct Shapes {
    candidates: Vec<Candidate>,
    bounds: Bounds,
    unit: f64,
}

impl Change {
    /// Whether it is worth a word: a quarter of the growth, or a step of 2% of the level.
    fn matters(&self, unit: f64) -> bool {
        let faster = (self.since - self.before).abs() > 0.25 * self.since.abs().max(self.before.abs());
        faster || self.step.is_some_and(|step| step.abs() > 0.02 * unit)
    }
}

impl Shapes {
    /// `unit` is the size of the values in their own unit. `None` where no line goes through them.
    pub(super) fn fit(values: &[f64], spent: f64, bounds: Bounds, unit: f64) -> Option<Self> {
        let window = &values[values.len().saturating_sub(WINDOW)..];
        let mut candidates: Vec<Candidate> =
            Shape::all(window).into_iter().filter_map(|shape| Candidate::fit(shape, window, spent)).collect();
        for days in BESIDE {
            let smooth = candidates.iter().filter(|candidate| candidate.shape.family().is_smooth());
            let Some(best) = smooth.max_by(|a, b| a.likelihood.total_cmp(&b.likelihood)) else { break };
            let between = best.shape.neighbours(days);
            candidates.extend(between.into_iter().filter_map(|shape| Candidate::fit(shape, window, spent)));
        }
        for days in [2, 1] {
            let bends = candidates.iter().filter(|candidate| candidate.shape.family() == Family::Bend);
            let Some(best) = bends.max_by(|a, b| a.likelihood.total_cmp(&b.likelihood)) else { break };
            let between = best.shape.bends_beside(days);
            candidates.extend(between.into_iter().filter_map(|shape| Candidate::fit(shape, window, spent)));
        }
        share_beliefs(&mut candidates);
        let evidence = |candidate: &Candidate| candidate.likelihood / BELIEVED + candidate.belief;
        let best = candidates.iter().map(evidence).fold(f64::NEG_INFINITY, f64::max);
        let all: f64 = candidates.iter().map(|candidate| (evidence(candidate) - best).exp()).sum();
        for candidate in &mut candidates {
            candidate.weight = (candidate.likelihood / BELIEVED + candidate.belief - best).exp() / all;
        }
        (all > 0.0 && all.is_finite()).then_some(Self { candidates, bounds, unit })
    }

    /// The logarithm of the likelihood of the best shape.
    pub(super) fn likelihood(&self) -> f64 {
        self.best(|_| true).map_or(f64::NEG_INFINITY, Candidate::evidence)
    }

    fn best(&self, among: impl Fn(Family) -> bool) -> Option<&Candidate> {
        let these = self.candidates.iter().filter(|candidate| among(candidate.shape.family()));
        these.max_by(|a, b| a.evidence().total_cmp(&b.evidence()))
    }

    /// The likeliest change, if it is more than chance.
    fn changed(&self) -> Option<&Candidate> {
        let [steady, changed] = [self.best(Family::is_steady)?, self.best(|family| !family.is_steady())?];
        let clear = changed.evidence() - steady.evidence() > TOLD;
        (clear && changed.change().is_some_and(|change| change.matters(self.unit))).then_some(changed)
    }

    /// The likeliest change, if it is more than chance.
    pub(super) fn change(&self) -> Option<Change> {
        self.changed()?.change()
    }

    /// The growth a day at present with its standard error and degrees of freedom: of the shape since the last change,
    /// else of a steady trend.
    pub(super) fn growth(&self) -> Option<(f64, f64, f64)> {
        let candidate = self.changed().or_else(|| self.best(|family| family == Family::Trend))?;
        Some(candidate.growth())
    }

    /// Possible futures, one row of `count` values for each day.
    pub(super) fn paths(&self, days: usize, count: usize, random: &mut Random) -> Vec<f64> {
        let mut parts = Vec::new();
        let (mut reached, mut given) = (0.0, 0);
        for (index, candidate) in self.candidates.iter().enumerate() {
            reached += candidate.weight;
            // Numbers of its own, so that a longer horizon of one shape does not change another's.
            let mut own = Random::new(random.bits());
            let until = if index + 1 == self.candidates.len() { count } else { share(reached, count) };
            let size = until.saturating_sub(given);
            if size > 0 {
                parts.push((size, candidate.paths(self.bounds, days, size, &mut own)));
                given = until;
            }
        }
        let rows = (0..days)
            .flat_map(|day| parts.iter().map(move |(size, part)| &part[day * size..(day + 1) * size]));
        rows.flatten().copied().collect()
    }
}

/// The members of a family share what is believed of it beforehand.
fn share_beliefs(candidates: &mut [Candidate]) {
    for family in Family::ALL {
        let count = candidates.iter().filter(|candidate| candidate.shape.family() == family).count();
        for candidate in candidates.iter_mut().filter(|candidate| candidate.shape.family() == family) {
            candidate.belief = (family.belief() / count as f64).ln();
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a count")]
fn share(share: f64, count: usize) -> usize {
    ((share * count as f64).round() as usize).min(count)
}
