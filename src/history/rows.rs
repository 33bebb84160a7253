//! The rows of a history's tables: which columns each has, and how values become one and come from one.

use std::rc::Rc;

use super::{
    Resolution, Rollup, SeriesName, StoredAssessment,
    backend::{Columns, Value},
    error::BackendError,
    schema::{DAILY, HOURLY, Table},
};
use crate::{
    snapshot::Labels,
    statements::{CountedDay, StatementDay, StatementName},
};

/// A row of a table.
pub(super) trait Row: Sized {
    /// Adds the value of every column, in the table's order.
    fn push_values<'a>(&'a self, values: &mut Vec<Value<'a>>);

    /// The row of these columns.
    fn from_columns(columns: &dyn Columns) -> Result<Self, BackendError>;
}

impl Resolution {
    /// Where rollups of this length are kept.
    pub(super) fn table(self) -> &'static Table {
        match self {
            Self::Hour => &HOURLY,
            Self::Day => &DAILY,
        }
    }
}

/// A series and its id; its labels are a row of their own.
#[derive(Debug, Clone)]
pub(super) struct SeriesRow {
    pub(super) id: i64,
    pub(super) name: SeriesName,
}

impl Row for SeriesRow {
    fn push_values<'a>(&'a self, values: &mut Vec<Value<'a>>) {
        let SeriesName { signal, instance, source, query, unit, labels: _ } = &self.name;
        let instance = instance.as_deref().unwrap_or_default();
        values.push(Value::Integer(self.id));
        values.extend([signal, instance, source, query, unit].map(Value::Text));
    }

    fn from_columns(columns: &dyn Columns) -> Result<Self, BackendError> {
        let name = SeriesName {
            signal: columns.text(1)?,
            instance: Some(columns.text(2)?).filter(|instance| !instance.is_empty()),
            labels: Labels::new(),
            source: columns.text(3)?,
            query: columns.text(4)?,
            unit: columns.text(5)?,
        };
        Ok(Self { id: columns.integer(0)?, name })
    }
}

/// The labels of a series as JSON.
#[derive(Debug, Clone)]
pub(super) struct LabelsRow {
    pub(super) series: i64,
    pub(super) json: String,
}

impl Row for LabelsRow {
    fn push_values<'a>(&'a self, values: &mut Vec<Value<'a>>) {
        values.extend([Value::Integer(self.series), Value::Text(&self.json)]);
    }

    fn from_columns(columns: &dyn Columns) -> Result<Self, BackendError> {
        Ok(Self { series: columns.integer(0)?, json: columns.text(1)? })
    }
}

/// A rollup of a series.
#[derive(Debug, Clone, Copy)]
pub(super) struct RollupRow {
    pub(super) series: i64,
    pub(super) rollup: Rollup,
}

impl Row for RollupRow {
    fn push_values<'a>(&'a self, values: &mut Vec<Value<'a>>) {
        let Rollup { period, count, minutes, min, mean, p95, max, last } = self.rollup;
        values.extend([
            Value::Integer(self.series),
            Value::Integer(period),
            Value::Integer(count.into()),
            Value::Integer(minutes.into()),
            Value::Real(min),
            Value::Real(mean),
            p95.map_or(Value::Null, Value::Real),
            Value::Real(max),
            Value::Real(last),
        ]);
    }

    fn from_columns(columns: &dyn Columns) -> Result<Self, BackendError> {
        let rollup = Rollup {
            period: columns.integer(1)?,
            // A number that our rollups never contain becomes 0, which `verify` reports.
            count: u32::try_from(columns.integer(2)?).unwrap_or(0),
            minutes: u16::try_from(columns.integer(3)?).unwrap_or(0),
            min: columns.real(4)?,
            mean: columns.real(5)?,
            p95: columns.optional_real(6)?,
            max: columns.real(7)?,
            last: columns.real(8)?,
        };
        Ok(Self { series: columns.integer(0)?, rollup })
    }
}

/// Samples of an hour that may still grow, as bytes.
#[derive(Debug, Clone)]
pub(super) struct SamplesRow {
    pub(super) series: i64,
    pub(super) hour: i64,
    pub(super) step_ms: i64,
    pub(super) bytes: Vec<u8>,
}

impl Row for SamplesRow {
    fn push_values<'a>(&'a self, values: &mut Vec<Value<'a>>) {
        values.extend([self.series, self.hour, self.step_ms].map(Value::Integer));
        values.push(Value::Bytes(&self.bytes));
    }

    fn from_columns(columns: &dyn Columns) -> Result<Self, BackendError> {
        Ok(Self {
            series: columns.integer(0)?,
            hour: columns.integer(1)?,
            step_ms: columns.integer(2)?,
            bytes: columns.bytes(3)?,
        })
    }
}

/// The newest assessment of an hour.
#[derive(Debug, Clone)]
pub(super) struct AssessmentRow {
    pub(super) hour: i64,
    pub(super) at_ms: i64,
    pub(super) json: String,
}

impl Row for AssessmentRow {
    fn push_values<'a>(&'a self, values: &mut Vec<Value<'a>>) {
        values.extend([self.hour, self.at_ms].map(Value::Integer));
        values.push(Value::Text(&self.json));
    }

    fn from_columns(columns: &dyn Columns) -> Result<Self, BackendError> {
        Ok(Self { hour: columns.integer(0)?, at_ms: columns.integer(1)?, json: columns.text(2)? })
    }
}

impl From<AssessmentRow> for StoredAssessment {
    fn from(row: AssessmentRow) -> Self {
        Self { at: chrono::DateTime::from_timestamp_millis(row.at_ms).unwrap_or_default(), json: row.json }
    }
}

/// When the assessment of an hour was made.
#[derive(Debug, Clone, Copy)]
pub(super) struct AssessmentTimeRow {
    pub(super) hour: i64,
    pub(super) at_ms: i64,
}

impl Row for AssessmentTimeRow {
    fn push_values<'a>(&'a self, values: &mut Vec<Value<'a>>) {
        values.extend([self.hour, self.at_ms].map(Value::Integer));
    }

    fn from_columns(columns: &dyn Columns) -> Result<Self, BackendError> {
        Ok(Self { hour: columns.integer(0)?, at_ms: columns.integer(1)? })
    }
}

/// Two texts: a key of the metadata and its value, or a server and the newest sample of its statements as JSON.
#[derive(Debug, Clone)]
pub(super) struct TextRow {
    pub(super) key: String,
    pub(super) value: String,
}

impl Row for TextRow {
    fn push_values<'a>(&'a self, values: &mut Vec<Value<'a>>) {
        values.extend([&self.key, &self.value].map(|text| Value::Text(text)));
    }

    fn from_columns(columns: &dyn Columns) -> Result<Self, BackendError> {
        Ok(Self { key: columns.text(0)?, value: columns.text(1)? })
    }
}

/// Another store that gets the hours too.
#[derive(Debug, Clone)]
pub(super) struct DestinationRow(pub(super) String);

impl Row for DestinationRow {
    fn push_values<'a>(&'a self, values: &mut Vec<Value<'a>>) {
        values.push(Value::Text(&self.0));
    }

    fn from_columns(columns: &dyn Columns) -> Result<Self, BackendError> {
        Ok(Self(columns.text(0)?))
    }
}

/// An hour that another store has not got as it is now.
#[derive(Debug, Clone)]
pub(super) struct PendingRow {
    pub(super) destination: Rc<str>,
    pub(super) series: i64,
    pub(super) hour: i64,
}

impl Row for PendingRow {
    fn push_values<'a>(&'a self, values: &mut Vec<Value<'a>>) {
        values.push(Value::Text(&self.destination));
        values.extend([self.series, self.hour].map(Value::Integer));
    }

    fn from_columns(columns: &dyn Columns) -> Result<Self, BackendError> {
        Ok(Self {
            destination: columns.text(0)?.into(),
            series: columns.integer(1)?,
            hour: columns.integer(2)?,
        })
    }
}

/// How much of a day the counters of a server cover.
#[derive(Debug, Clone)]
pub(super) struct CountedDayRow {
    pub(super) server: String,
    pub(super) counted: CountedDay,
}

impl Row for CountedDayRow {
    fn push_values<'a>(&'a self, values: &mut Vec<Value<'a>>) {
        let CountedDay { day, seconds, resets, evictions, hidden } = self.counted;
        let signed = |count| Value::Integer(i64::try_from(count).unwrap_or(i64::MAX));
        values.extend([Value::Text(&self.server), Value::Integer(day), Value::Real(seconds)]);
        values.extend([resets, evictions, hidden].map(signed));
    }

    fn from_columns(columns: &dyn Columns) -> Result<Self, BackendError> {
        let count = |column| columns.integer(column).map(|count| u64::try_from(count).unwrap_or(0));
        let counted = CountedDay {
            day: columns.integer(1)?,
            seconds: columns.real(2)?,
            resets: count(3)?,
            evictions: count(4)?,
            hidden: count(5)?,
        };
        Ok(Self { server: columns.text(0)?, counted })
    }
}

/// A statement and its id.
#[derive(Debug, Clone)]
pub(super) struct StatementRow {
    pub(super) id: i64,
    pub(super) name: StatementName,
    pub(super) text: Option<String>,
}

impl Row for StatementRow {
    fn push_values<'a>(&'a self, values: &mut Vec<Value<'a>>) {
        let StatementName { server, role, database, query, toplevel } = &self.name;
        values.extend([Value::Integer(self.id), Value::Text(server)]);
        values.extend([*role, *database, *query].map(Value::Integer));
        values.push(Value::Boolean(*toplevel));
        values.push(self.text.as_deref().map_or(Value::Null, Value::Text));
    }

    fn from_columns(columns: &dyn Columns) -> Result<Self, BackendError> {
        let name = StatementName {
            server: columns.text(1)?,
            role: columns.integer(2)?,
            database: columns.integer(3)?,
            query: columns.integer(4)?,
            toplevel: columns.boolean(5)?,
        };
        Ok(Self { id: columns.integer(0)?, name, text: columns.optional_text(6)? })
    }
}

/// What a statement did on a day.
#[derive(Debug, Clone, Copy)]
pub(super) struct StatementDayRow {
    pub(super) statement: i64,
    pub(super) day: StatementDay,
}

impl Row for StatementDayRow {
    fn push_values<'a>(&'a self, values: &mut Vec<Value<'a>>) {
        let StatementDay { day, calls, seconds } = self.day;
        values.extend([self.statement, day].map(Value::Integer));
        values.extend([calls, seconds].map(Value::Real));
    }

    fn from_columns(columns: &dyn Columns) -> Result<Self, BackendError> {
        let day =
            StatementDay { day: columns.integer(1)?, calls: columns.real(2)?, seconds: columns.real(3)? };
        Ok(Self { statement: columns.integer(0)?, day })
    }
}

/// A service of a fleet, and what is kept of each of its queries, as bytes.
#[derive(Debug, Clone)]
pub(super) struct FleetServiceRow {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) coverage: Vec<u8>,
}

impl Row for FleetServiceRow {
    fn push_values<'a>(&'a self, values: &mut Vec<Value<'a>>) {
        values.extend([Value::Integer(self.id), Value::Text(&self.name), Value::Bytes(&self.coverage)]);
    }

    fn from_columns(columns: &dyn Columns) -> Result<Self, BackendError> {
        Ok(Self { id: columns.integer(0)?, name: columns.text(1)?, coverage: columns.bytes(2)? })
    }
}

/// The figures of a service's day, as bytes.
#[derive(Debug, Clone)]
pub(super) struct FleetDayRow {
    pub(super) service: i64,
    pub(super) day: i64,
    pub(super) figures: Vec<u8>,
}

impl Row for FleetDayRow {
    fn push_values<'a>(&'a self, values: &mut Vec<Value<'a>>) {
        values.extend([self.service, self.day].map(Value::Integer));
        values.push(Value::Bytes(&self.figures));
    }

    fn from_columns(columns: &dyn Columns) -> Result<Self, BackendError> {
        Ok(Self { service: columns.integer(0)?, day: columns.integer(1)?, figures: columns.bytes(2)? })
    }
}
