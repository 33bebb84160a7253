//! Samples over time, on a grid, all finite.

use std::ops::Range;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Samples at `from + k·step`; instants without a sample are left out.
///
/// Invariants: at least one sample, strictly increasing times on the grid, every value finite.
/// A single reading taken now is a series of one with a step of zero.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Grid", into = "Grid")]
pub struct Series {
    step_ms: i64,
    at_ms: Vec<i64>,
    values: Vec<f64>,
}

/// Why samples do not make a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SeriesError {
    /// There are none.
    #[error("a series needs at least one sample")]
    Empty,
    /// Times and values do not pair up.
    #[error("a series needs as many times as values")]
    Uneven,
    /// A value is NaN or infinite.
    #[error("every sample must be finite")]
    NotFinite,
    /// Times repeat, go back or leave the grid.
    #[error("sample times must rise on the grid of the step")]
    OffGrid,
}

/// The last millisecond of the year 9999, beyond which no date can be written.
const LATEST_MS: i64 = 253_402_300_799_999;

impl Series {
    /// A series from parallel times (Unix milliseconds) and values.
    ///
    /// # Errors
    /// When an invariant does not hold.
    pub fn new(step_ms: i64, at_ms: Vec<i64>, values: Vec<f64>) -> Result<Self, SeriesError> {
        if at_ms.len() != values.len() {
            return Err(SeriesError::Uneven);
        }
        let Some(&first) = at_ms.first() else { return Err(SeriesError::Empty) };
        if !values.iter().all(|value| value.is_finite()) {
            return Err(SeriesError::NotFinite);
        }
        // Keeps every difference of two times, and a few steps more, in range.
        if at_ms.iter().any(|at| !(-LATEST_MS..=LATEST_MS).contains(at)) {
            return Err(SeriesError::OffGrid);
        }
        let rising = at_ms.windows(2).all(|pair| pair[0] < pair[1]);
        let on_grid = at_ms.len() == 1 || step_ms > 0 && at_ms.iter().all(|at| (at - first) % step_ms == 0);
        if !(0..=LATEST_MS).contains(&step_ms) || !rising || !on_grid {
            return Err(SeriesError::OffGrid);
        }
        Ok(Self { step_ms, at_ms, values })
    }

    /// A single reading; `None` when it is not finite.
    pub fn spot(at: DateTime<Utc>, value: f64) -> Option<Self> {
        Self::new(0, vec![at.timestamp_millis()], vec![value]).ok()
    }

    /// True for a single reading, which has no duration.
    pub fn is_spot(&self) -> bool {
        self.step_ms == 0
    }

    /// Milliseconds between grid points; 0 for a single reading.
    pub fn step_ms(&self) -> i64 {
        self.step_ms
    }

    /// Times in Unix milliseconds, rising.
    pub fn at_ms(&self) -> &[i64] {
        &self.at_ms
    }

    /// Values in time order, as many as times.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The samples from an instant (Unix milliseconds) on, or the newest where all are older.
    #[must_use]
    pub fn since(&self, from_ms: i64) -> Self {
        let start = self.at_ms.partition_point(|at| *at < from_ms).min(self.len() - 1);
        let tail = |values: &[f64]| values.iter().skip(start).copied().collect();
        let at_ms = self.at_ms.iter().skip(start).copied().collect();
        Self { step_ms: self.step_ms, at_ms, values: tail(&self.values) }
    }

    /// The samples from an instant on and before another (Unix milliseconds); nothing where there is none.
    pub fn within(&self, range: Range<i64>) -> Option<Self> {
        let index = |instant| self.at_ms.partition_point(|at| *at < instant);
        let range = index(range.start)..index(range.end);
        let (at_ms, values) = (self.at_ms.get(range.clone())?.to_vec(), self.values.get(range)?.to_vec());
        (!at_ms.is_empty()).then_some(Self { step_ms: self.step_ms, at_ms, values })
    }

    /// How many samples there are; at least one.
    #[expect(clippy::len_without_is_empty, reason = "a series is never empty")]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Time and value of the newest sample.
    pub fn last(&self) -> (i64, f64) {
        match (self.at_ms.last(), self.values.last()) {
            (Some(&at), Some(&value)) => (at, value),
            _ => (0, 0.0), // unreachable by the invariant: a series has at least one sample
        }
    }

    /// Time of the oldest sample.
    pub fn first_ms(&self) -> i64 {
        self.at_ms.first().copied().unwrap_or(0)
    }
}

/// The shape of a series in files: values on the grid, `null` where a sample is missing.
#[derive(Serialize, Deserialize, JsonSchema, Clone)]
#[serde(deny_unknown_fields)]
struct Grid {
    from_ms: i64,
    step_ms: i64,
    values: Vec<Option<f64>>,
}

impl From<Series> for Grid {
    fn from(series: Series) -> Self {
        let from_ms = series.first_ms();
        let mut values = Vec::new();
        for (&at, &value) in series.at_ms.iter().zip(&series.values) {
            let index = if series.step_ms == 0 { 0 } else { (at - from_ms) / series.step_ms };
            values.resize(usize::try_from(index).unwrap_or(values.len()), None);
            values.push(Some(value));
        }
        Self { from_ms, step_ms: series.step_ms, values }
    }
}

impl TryFrom<Grid> for Series {
    type Error = SeriesError;

    fn try_from(grid: Grid) -> Result<Self, Self::Error> {
        let mut at_ms = Vec::with_capacity(grid.values.len());
        let mut values = Vec::with_capacity(grid.values.len());
        for (index, value) in grid.values.into_iter().enumerate() {
            let Some(value) = value else { continue };
            let offset = i64::try_from(index).ok().and_then(|index| index.checked_mul(grid.step_ms));
            at_ms.push(
                offset.and_then(|offset| grid.from_ms.checked_add(offset)).ok_or(SeriesError::OffGrid)?,
            );
            values.push(value);
        }
        Self::new(grid.step_ms, at_ms, values)
    }
}

impl JsonSchema for Series {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Series".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Grid::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invariants_are_checked() {
        assert_eq!(Series::new(60, vec![], vec![]), Err(SeriesError::Empty));
        assert_eq!(Series::new(60, vec![0], vec![1.0, 2.0]), Err(SeriesError::Uneven));
        assert_eq!(Series::new(60, vec![0], vec![f64::NAN]), Err(SeriesError::NotFinite));
        assert_eq!(Series::new(60, vec![60, 0], vec![1.0, 2.0]), Err(SeriesError::OffGrid));
        assert_eq!(Series::new(60, vec![0, 61], vec![1.0, 2.0]), Err(SeriesError::OffGrid));
        assert_eq!(Series::new(0, vec![0, 61], vec![1.0, 2.0]), Err(SeriesError::OffGrid));
    }

    #[test]
    fn json_keeps_the_holes() {
        let series = Series::new(60, vec![120, 180, 300], vec![1.0, 2.5, 3.0]).unwrap();
        let json = serde_json::to_string(&series).unwrap();
        assert_eq!(json, r#"{"from_ms":120,"step_ms":60,"values":[1.0,2.5,null,3.0]}"#);
        assert_eq!(serde_json::from_str::<Series>(&json).unwrap(), series);
    }

    #[test]
    fn a_stretch_holds_its_beginning_and_not_its_end() {
        let series = Series::new(60, vec![120, 180, 300], vec![1.0, 2.5, 3.0]).unwrap();
        let within = |range| series.within(range).map(|found| found.values);
        assert_eq!(within(i64::MIN..i64::MAX), Some(vec![1.0, 2.5, 3.0]));
        assert_eq!(within(180..300), Some(vec![2.5]));
        assert_eq!(within(181..300), None);
        assert_eq!(within(301..i64::MAX), None);
    }

    #[test]
    fn a_damaged_file_is_refused() {
        assert!(serde_json::from_str::<Series>(r#"{"from_ms":0,"step_ms":60,"values":[]}"#).is_err());
        assert!(serde_json::from_str::<Series>(r#"{"from_ms":0,"step_ms":0,"values":[1,2]}"#).is_err());
        assert!(
            serde_json::from_str::<Series>(r#"{"from_ms":9223372036854775807,"step_ms":9,"values":[1,2]}"#)
                .is_err()
        );
        let endless = r#"{"from_ms":0,"step_ms":9223372036854775807,"values":[1]}"#;
        assert!(serde_json::from_str::<Series>(endless).is_err());
    }
}
