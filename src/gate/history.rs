//! A candidate against earlier runs of the main branch, where nothing was run beside it.

use super::{
    Shift,
    compare::Measured,
    metric::{Tested, ranked},
};
use crate::capacity::{change_point::last_change, prediction::difference_from_history};

/// Earlier runs are too few below this.
const FEWEST: usize = 10;
/// Runs from further back tell nothing about today.
const MOST: usize = 50;
/// How sure a change of level must be before the runs ahead of it are left out.
const CHANGE: f64 = 0.001;
/// Each end of the interval is right with this probability.
const LEVEL: f64 = 0.95;

/// Compares the candidate with what the history predicts of further runs, since the history last changed its level.
///
/// By logarithms where all values are above zero, because times and rates spread in proportion to their size. A
/// history that never varies is compared by ranks.
pub(super) fn test(measured: Measured) -> Tested {
    let recent = &measured.baseline[measured.baseline.len().saturating_sub(MOST)..];
    let positive = recent.iter().chain(&measured.candidate).all(|value| *value > 0.0);
    let scaled = |values: &[f64]| -> Vec<f64> {
        values.iter().map(|value| if positive { value.ln() } else { *value }).collect()
    };
    // A change is measured as a share of the level itself, not of its logarithm.
    let since = last_change(recent, CHANGE, measured.margin);
    let baseline = recent[since..].to_vec();
    let untested = |measured: Measured, baseline: Vec<f64>, why: String| Tested {
        measured,
        baseline,
        p: None,
        shift: None,
        untested: Some(why),
    };
    if baseline.len() < FEWEST || measured.candidate.is_empty() {
        let since = if since > 0 { " since their level last changed" } else { "" };
        let why = format!(
            "{} earlier runs{since} are too few to predict from; {FEWEST} are needed",
            baseline.len()
        );
        return untested(measured, baseline, why);
    }
    let Some(difference) = difference_from_history(&scaled(&baseline), &scaled(&measured.candidate), LEVEL)
    else {
        return ranked(measured, baseline);
    };
    let center = scaled(&baseline).iter().sum::<f64>() / baseline.len() as f64;
    let shift = |difference: f64| if positive { center.exp() * difference.exp_m1() } else { difference };
    // More is worse where lower is better, and the other way round.
    let p = if measured.better.worse(1.0) > 0.0 { difference.greater } else { 1.0 - difference.greater };
    let shift = Shift {
        low: Some(shift(difference.low)),
        mid: shift(difference.estimate),
        high: Some(shift(difference.high)),
    };
    Tested { measured, baseline, p: Some(p), shift: Some(shift), untested: None }
}
