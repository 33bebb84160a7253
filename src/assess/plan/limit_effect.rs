//! What another limit does: how much room it leaves, and when it is reached.

use schemars::JsonSchema;
use serde::Serialize;

use super::ChangeCost;
use crate::{
    assess::{Assessment, UnderLimit},
    roadmap::Price,
    snapshot::ChangedLimit,
};

/// One limit in the place of another, and what each means.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LimitEffect {
    /// The limit.
    #[serde(flatten)]
    pub change: ChangedLimit,
    /// The resource under its present limit; null where it is not judged.
    pub before: Option<UnderLimit>,
    /// The resource under the assumed one.
    pub after: Option<UnderLimit>,
    /// Whether it is lowered to less than is needed: beyond its critical threshold now, or reached by the median of the
    /// forecast within its horizon.
    pub is_too_small: bool,
    /// What it adds to the monthly bill.
    pub cost: Option<ChangeCost>,
}

/// What each limit does, from the assessment with the present limits and that with the others.
pub(in crate::assess) fn effects(
    changes: &[ChangedLimit],
    prices: &[Price],
    now: &Assessment,
    then: &Assessment,
) -> Vec<LimitEffect> {
    let effect = |change: &ChangedLimit| {
        let (before, after) = (under(now, change), under(then, change));
        let is_lowered = change.assumed.value() < change.present.value();
        let is_too_small = is_lowered && after.as_ref().is_some_and(UnderLimit::runs_out);
        let cost = ChangeCost::of_limit(change, prices);
        LimitEffect { change: change.clone(), before, after, is_too_small, cost }
    };
    changes.iter().map(effect).collect()
}

fn under(assessment: &Assessment, change: &ChangedLimit) -> Option<UnderLimit> {
    let of_signal = || assessment.bottlenecks.iter().filter(|row| row.signal == Some(change.signal));
    let named = of_signal().find(|row| row.instance == change.instance);
    // The row of the only instance may have the name that another source gives it, or none.
    let only = || Some(of_signal().next()?).filter(|_| of_signal().count() == 1);
    named.or_else(only).map(UnderLimit::new)
}
