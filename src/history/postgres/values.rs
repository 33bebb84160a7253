//! Values of PostgreSQL: columns of many rows as arrays, rows that were read, and ids.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use crate::{
    history::{
        SeriesName,
        backend::{Columns, Value},
        error::BackendError,
        schema::Kind,
        series::labels_text,
        statements::leading_bits,
    },
    postgres::{Parameter, Row, Trouble, Type},
};

/// Arrays as rows: `unnest($1::bigint[], $2::text[])`.
pub(super) fn unnest(columns: &[(&str, Kind)]) -> String {
    let array = |(place, (_, kind)): (usize, &(&str, Kind))| {
        let name = match kind {
            Kind::Boolean => "boolean",
            Kind::Integer => "bigint",
            Kind::Real => "double precision",
            Kind::Text => "text",
            Kind::Bytes => "bytea",
        };
        format!("${place}::{name}[]")
    };
    format!("unnest({})", (1..).zip(columns).map(array).collect::<Vec<_>>().join(", "))
}

/// A column of several rows.
pub(super) enum Array<'a> {
    Boolean(Vec<Option<bool>>),
    Integer(Vec<Option<i64>>),
    Real(Vec<Option<f64>>),
    Text(Vec<Option<Cow<'a, str>>>),
    Bytes(Vec<Option<&'a [u8]>>),
}

impl<'a> Array<'a> {
    pub(super) fn new(kind: Kind) -> Self {
        match kind {
            Kind::Boolean => Self::Boolean(Vec::new()),
            Kind::Integer => Self::Integer(Vec::new()),
            Kind::Real => Self::Real(Vec::new()),
            Kind::Text => Self::Text(Vec::new()),
            Kind::Bytes => Self::Bytes(Vec::new()),
        }
    }

    /// Adds a value of the column's kind; any other is NULL.
    pub(super) fn push(&mut self, value: Value<'a>) {
        match (self, value) {
            (Self::Boolean(all), Value::Boolean(value)) => all.push(Some(value)),
            (Self::Integer(all), Value::Integer(value)) => all.push(Some(value)),
            (Self::Real(all), Value::Real(value)) => all.push(Some(value)),
            (Self::Text(all), Value::Text(value)) => all.push(Some(clean(value))),
            (Self::Bytes(all), Value::Bytes(value)) => all.push(Some(value)),
            (Self::Boolean(all), _) => all.push(None),
            (Self::Integer(all), _) => all.push(None),
            (Self::Real(all), _) => all.push(None),
            (Self::Text(all), _) => all.push(None),
            (Self::Bytes(all), _) => all.push(None),
        }
    }

    pub(super) fn parameter(&self) -> Parameter<'_> {
        match self {
            Self::Boolean(all) => (all, Type::BOOL_ARRAY),
            Self::Integer(all) => (all, Type::INT8_ARRAY),
            Self::Real(all) => (all, Type::FLOAT8_ARRAY),
            Self::Text(all) => (all, Type::TEXT_ARRAY),
            Self::Bytes(all) => (all, Type::BYTEA_ARRAY),
        }
    }
}

/// Without what no text of PostgreSQL can hold.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "\u{fffd}").into() } else { text.into() }
}

/// 63 bits of the SHA-256 of what distinguishes a series from others, so that writers need not ask for it. Among ten
/// thousand series, two share an id with a probability of 10⁻¹¹.
pub(super) fn series_id(series: &SeriesName) -> i64 {
    let SeriesName { signal, instance, labels, source, query, unit } = series;
    // The query of a native source describes a single reading ('line 12').
    let query = if source == "prometheus" { query.as_str() } else { "" };
    let mut digest = Sha256::new();
    let labels = labels_text(labels);
    // Series from before labels were kept have none in their ids.
    let labels = Some(labels.as_str()).filter(|labels| !labels.is_empty());
    let parts = [signal, instance.as_deref().unwrap_or_default(), source, unit, query];
    for part in parts.into_iter().chain(labels) {
        let part = clean(part);
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    }
    leading_bits(digest)
}

/// A row that was read.
pub(super) struct PostgresRow<'a>(pub(super) &'a Row);

impl Columns for PostgresRow<'_> {
    fn boolean(&self, column: usize) -> Result<bool, BackendError> {
        Ok(self.0.try_get(column).map_err(Trouble::from)?)
    }

    fn integer(&self, column: usize) -> Result<i64, BackendError> {
        Ok(self.0.try_get(column).map_err(Trouble::from)?)
    }

    fn real(&self, column: usize) -> Result<f64, BackendError> {
        Ok(self.0.try_get(column).map_err(Trouble::from)?)
    }

    fn optional_real(&self, column: usize) -> Result<Option<f64>, BackendError> {
        Ok(self.0.try_get(column).map_err(Trouble::from)?)
    }

    fn text(&self, column: usize) -> Result<String, BackendError> {
        Ok(self.0.try_get(column).map_err(Trouble::from)?)
    }

    fn optional_text(&self, column: usize) -> Result<Option<String>, BackendError> {
        Ok(self.0.try_get(column).map_err(Trouble::from)?)
    }

    fn bytes(&self, column: usize) -> Result<Vec<u8>, BackendError> {
        Ok(self.0.try_get(column).map_err(Trouble::from)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Labels;

    fn series(source: &str, query: &str) -> SeriesName {
        SeriesName {
            signal: "queue.depth".to_owned(),
            instance: Some("mail".to_owned()),
            labels: Labels::new(),
            source: source.to_owned(),
            query: query.to_owned(),
            unit: "count".to_owned(),
        }
    }

    /// Ids are kept in databases: they must never change.
    #[test]
    fn an_id_follows_from_the_name() {
        assert_eq!(series_id(&series("redis", "LLEN")), series_id(&series("redis", "line 12")));
        assert_ne!(series_id(&series("prometheus", "a")), series_id(&series("prometheus", "b")));
        let nameless = SeriesName { instance: None, ..series("redis", "LLEN") };
        assert_ne!(series_id(&nameless), series_id(&series("redis", "LLEN")));
        let labels = [("cluster".to_owned(), "eu".to_owned())].into();
        let labelled = SeriesName { labels, ..series("redis", "LLEN") };
        assert_ne!(series_id(&labelled), series_id(&series("redis", "LLEN")));
        assert_eq!(series_id(&series("redis", "LLEN")), 5_142_706_017_700_585_793);
    }
}
