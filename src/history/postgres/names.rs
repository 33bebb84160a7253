//! Series and their numbers.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::{
    history::SeriesName,
    postgres::{Blocking, Row, Trouble, Type},
};

/// Columns of a series for [`named`].
pub(super) const COLUMNS: &str = "signal, instance, source, query, unit";

/// The series of a row whose columns from `first` on are [`COLUMNS`].
pub(super) fn named(row: &Row, first: usize) -> Result<SeriesName, Trouble> {
    let instance: String = row.try_get(first + 1)?;
    Ok(SeriesName {
        signal: row.try_get(first)?,
        instance: Some(instance).filter(|name| !name.is_empty()),
        source: row.try_get(first + 2)?,
        query: row.try_get(first + 3)?,
        unit: row.try_get(first + 4)?,
    })
}

/// The number of a series: 63 bits of the SHA-256 of what tells it from others. Among ten thousand series, two share
/// one with a probability of 10⁻¹¹.
pub(super) fn number_of(series: &SeriesName) -> i64 {
    let SeriesName { signal, instance, source, query, unit } = series;
    // A native source says with its query what was read this time ('line 12'); its name alone tells series apart.
    let query = if source == "prometheus" { query.as_str() } else { "" };
    let mut digest = Sha256::new();
    for part in [signal, instance.as_deref().unwrap_or_default(), source, unit, query] {
        let part = clean(part);
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    }
    let number = digest.finalize().iter().take(8).fold(0, |number, byte| number << 8 | i64::from(*byte));
    number & i64::MAX
}

/// Without what no text of PostgreSQL can hold.
pub(super) fn clean(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// Makes sure that the series are there, each under its number.
pub(super) fn keep<'a>(
    session: &Blocking,
    series: impl Iterator<Item = &'a SeriesName>,
) -> Result<(), Trouble> {
    let all: BTreeMap<i64, &SeriesName> = series.map(|series| (number_of(series), series)).collect();
    let ids: Vec<i64> = all.keys().copied().collect();
    let column = |of: fn(&SeriesName) -> &str| all.values().map(|series| of(series)).collect::<Vec<&str>>();
    let (signal, source) = (column(|series| &series.signal), column(|series| &series.source));
    let instance = column(|series| series.instance.as_deref().unwrap_or_default());
    let instance: Vec<String> = instance.into_iter().map(clean).collect();
    let query: Vec<String> = column(|series| &series.query).into_iter().map(clean).collect();
    let unit = column(|series| &series.unit);
    session.execute(
        "INSERT INTO scale_advisor.series (id, signal, instance, source, query, unit)
         SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
         ON CONFLICT (id) DO UPDATE SET query = excluded.query WHERE series.query <> excluded.query",
        &[
            (&ids, Type::INT8_ARRAY),
            (&signal, Type::TEXT_ARRAY),
            (&instance, Type::TEXT_ARRAY),
            (&source, Type::TEXT_ARRAY),
            (&query, Type::TEXT_ARRAY),
            (&unit, Type::TEXT_ARRAY),
        ],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(source: &str, query: &str) -> SeriesName {
        SeriesName {
            signal: "queue.depth".to_owned(),
            instance: Some("mail".to_owned()),
            source: source.to_owned(),
            query: query.to_owned(),
            unit: "count".to_owned(),
        }
    }

    /// Numbers stand in databases: they must never change.
    #[test]
    fn a_number_follows_from_the_name() {
        assert_eq!(number_of(&series("redis", "LLEN")), number_of(&series("redis", "line 12")));
        assert_ne!(number_of(&series("prometheus", "a")), number_of(&series("prometheus", "b")));
        let nameless = SeriesName { instance: None, ..series("redis", "LLEN") };
        assert_ne!(number_of(&nameless), number_of(&series("redis", "LLEN")));
        assert_eq!(number_of(&series("redis", "LLEN")), 5_142_706_017_700_585_793);
    }
}
