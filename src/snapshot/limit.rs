//! The limit of a usage, as it was at each time, and how finely a quantile is known.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::signal::{Quantity, Series, Unit};

/// What a usage may reach at most: a wall that the system sets, in the unit of the usage. It holds until it changes.
///
/// In files a limit that never changed is `{"value": 97, "unit": "count"}`; one that did is
/// `{"unit": "count", "changes": [{"from_ms": …, "value": 135}, {"from_ms": …, "value": 197}]}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "LimitFile", into = "LimitFile")]
pub struct Limit {
    unit: Unit,
    /// At least one; times rise, neighbours differ, every value is finite and above zero.
    changes: Vec<LimitChange>,
}

/// From when on a limit has a value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitChange {
    /// Unix milliseconds. The first value also counts before.
    pub from_ms: i64,
    /// In the unit of the limit.
    pub value: f64,
}

impl Limit {
    /// A limit that is the same at all times; `None` unless it is finite and above zero.
    pub fn constant(value: f64, unit: Unit) -> Option<Self> {
        let changes = vec![LimitChange { from_ms: 0, value }];
        (value.is_finite() && value > 0.0).then_some(Self { unit, changes })
    }

    /// The limit that a series of readings shows. Readings that are not above zero are left out; `None` if all are.
    pub fn from_series(series: &Series, unit: Unit) -> Option<Self> {
        let mut changes: Vec<LimitChange> = Vec::new();
        for (&from_ms, &value) in series.at_ms().iter().zip(series.values()) {
            if value > 0.0 && changes.last().is_none_or(|last| differs(last.value, value)) {
                changes.push(LimitChange { from_ms, value });
            }
        }
        if let [only] = changes.as_mut_slice() {
            only.from_ms = 0;
        }
        (!changes.is_empty()).then_some(Self { unit, changes })
    }

    /// The unit of the limit and of the usage that it limits.
    pub fn unit(&self) -> Unit {
        self.unit
    }

    /// The value at an instant (Unix milliseconds).
    pub fn at(&self, at_ms: i64) -> f64 {
        let index = self.changes.partition_point(|change| change.from_ms <= at_ms);
        self.changes.get(index.saturating_sub(1)).map_or(f64::NAN, |change| change.value)
    }

    /// The newest value.
    pub fn latest(&self) -> Option<Quantity> {
        Quantity::new(self.changes.last()?.value, self.unit)
    }

    /// The values in the order of time; more than one where it changed.
    pub fn changes(&self) -> &[LimitChange] {
        &self.changes
    }
}

/// Readings of one limit differ in their last digits where it is computed.
fn differs(a: f64, b: f64) -> bool {
    (a - b).abs() > 1e-9 * a.abs().max(b.abs())
}

/// The shape of a limit in files.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum LimitFile {
    /// It never changed.
    Constant(Quantity),
    /// It changed.
    Changed { unit: Unit, changes: Vec<LimitChange> },
}

impl From<Limit> for LimitFile {
    fn from(limit: Limit) -> Self {
        match (limit.changes.as_slice(), limit.latest()) {
            ([_], Some(constant)) => Self::Constant(constant),
            _ => Self::Changed { unit: limit.unit, changes: limit.changes },
        }
    }
}

impl TryFrom<LimitFile> for Limit {
    type Error = &'static str;

    fn try_from(file: LimitFile) -> Result<Self, Self::Error> {
        match file {
            LimitFile::Constant(quantity) => {
                Self::constant(quantity.value(), quantity.unit()).ok_or("a limit must be above zero")
            }
            LimitFile::Changed { unit, changes } => {
                let positive = changes.iter().all(|change| change.value.is_finite() && change.value > 0.0);
                let rising = changes.windows(2).all(|pair| pair[0].from_ms < pair[1].from_ms);
                if changes.is_empty() || !positive || !rising {
                    return Err("a limit needs values above zero at rising times");
                }
                Ok(Self { unit, changes })
            }
        }
    }
}

impl JsonSchema for Limit {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Limit".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        LimitFile::json_schema(generator)
    }
}

/// How finely the values of a quantile are known: a histogram only shows in which of its buckets they lie.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// The finite upper bounds of the buckets of a classic histogram, rising, in the signal's unit.
    Buckets(Vec<f64>),
    /// The bounds of the bucket around a value are at most this factor apart: native and exponential histograms.
    Factor(f64),
}

impl Resolution {
    /// The bounds between which the true value lies when this one is reported. The upper one is infinite beyond the
    /// highest bucket.
    ///
    /// A threshold between the two is neither known to be passed nor known to be kept.
    pub fn bounds(&self, value: f64) -> (f64, f64) {
        match self {
            Self::Factor(factor) if *factor > 1.0 => (value / factor, value * factor),
            Self::Factor(_) => (value, value),
            Self::Buckets(bounds) => {
                // A value on a bound belongs to the bucket below it, as `le` has it; the highest bound is reported for
                // whatever lies beyond it.
                let index = bounds.partition_point(|bound| *bound < value);
                let low = index.checked_sub(1).and_then(|below| bounds.get(below)).copied().unwrap_or(0.0);
                match bounds.get(index) {
                    Some(high) if index + 1 == bounds.len() && value >= *high => (*high, f64::INFINITY),
                    Some(high) => (low.min(value), *high),
                    None => (low, f64::INFINITY),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_holds_until_it_changes() {
        let series = Series::new(10, vec![10, 20, 30, 40], vec![135.0, 135.0, 0.0, 197.0]).unwrap();
        let limit = Limit::from_series(&series, Unit::Count).unwrap();
        assert_eq!(limit.changes().len(), 2);
        let values: Vec<f64> = [0, 10, 39, 40, 99].iter().map(|at| limit.at(*at)).collect();
        assert_eq!(values, [135.0, 135.0, 135.0, 197.0, 197.0]);
        assert_eq!(limit.latest(), Quantity::new(197.0, Unit::Count));
        let json = serde_json::to_string(&limit).unwrap();
        assert_eq!(serde_json::from_str::<Limit>(&json).unwrap(), limit);
    }

    #[test]
    fn a_constant_limit_is_written_as_the_quantity_it_is() {
        let series = Series::new(10, vec![10, 20], vec![97.0, 97.0]).unwrap();
        let limit = Limit::from_series(&series, Unit::Count).unwrap();
        assert_eq!(serde_json::to_string(&limit).unwrap(), r#"{"value":97.0,"unit":"count"}"#);
        assert_eq!(Some(limit), Limit::constant(97.0, Unit::Count));
        for text in [
            r#"{"value":0.0,"unit":"count"}"#,
            r#"{"unit":"count","changes":[]}"#,
            r#"{"unit":"count","changes":[{"from_ms":2,"value":1.0},{"from_ms":1,"value":2.0}]}"#,
        ] {
            assert!(serde_json::from_str::<Limit>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_quantile_lies_between_the_bounds_of_its_bucket() {
        let buckets = Resolution::Buckets(vec![0.1, 0.3, 1.5]);
        assert_eq!(buckets.bounds(0.05), (0.0, 0.1));
        assert_eq!(buckets.bounds(0.3), (0.1, 0.3));
        assert_eq!(buckets.bounds(1.44), (0.3, 1.5));
        assert_eq!(buckets.bounds(1.5), (1.5, f64::INFINITY));
        assert_eq!(Resolution::Factor(2.0).bounds(1.0), (0.5, 2.0));
        assert_eq!(Resolution::Factor(1.0).bounds(1.0), (1.0, 1.0));
    }
}
