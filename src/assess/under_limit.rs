//! A resource under a limit, as answers to "what if" compare it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Bottleneck, Interval, SaturationDate, Verdict};
use crate::signal::SignalId;

/// Rows by what they are of.
pub(super) type Rows<'r> = BTreeMap<(SignalId, Option<&'r str>), &'r Bottleneck>;

/// The rows that are measured, by their signal and instance; of two of a name the first.
pub(super) fn by_name(rows: &[Bottleneck]) -> Rows<'_> {
    let named = rows.iter().rev().filter_map(|row| Some(((row.signal?, row.instance.as_deref()), row)));
    named.collect()
}

/// A resource under a limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UnderLimit {
    /// How bad it is.
    pub verdict: Verdict,
    /// The unused share before the limit; negative beyond it.
    pub headroom: Option<f64>,
    /// The load at which the limit is reached.
    pub saturates_at_load: Option<Interval<f64>>,
    /// When it is reached.
    pub saturates_on: Option<SaturationDate>,
}

impl UnderLimit {
    pub(super) fn new(bottleneck: &Bottleneck) -> Self {
        Self {
            verdict: bottleneck.verdict,
            headroom: bottleneck.headroom,
            saturates_at_load: bottleneck.saturates_at_load,
            saturates_on: bottleneck.saturates_on.clone(),
        }
    }

    /// Whether more is needed now, or by the median of the forecast.
    pub(super) fn runs_out(&self) -> bool {
        let is_reached = |on: &SaturationDate| on.mid.is_some();
        self.verdict == Verdict::Critical || self.saturates_on.as_ref().is_some_and(is_reached)
    }
}
