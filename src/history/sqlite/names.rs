//! Series and their numbers.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::history::SeriesName;

/// Columns of a series for [`named`].
pub(super) const COLUMNS: &str = "signal, instance, source, query, unit";

/// The series of a row whose columns from `first` on are [`COLUMNS`].
pub(super) fn named(row: &Row<'_>, first: usize) -> rusqlite::Result<SeriesName> {
    Ok(SeriesName {
        signal: row.get(first)?,
        instance: row
            .get(first + 1)
            .map(|instance: String| Some(instance).filter(|name| !name.is_empty()))?,
        source: row.get(first + 2)?,
        query: row.get(first + 3)?,
        unit: row.get(first + 4)?,
    })
}

/// The number of a series, which is new or has been met before.
pub(super) fn number_of(connection: &Connection, series: &SeriesName) -> rusqlite::Result<i64> {
    let SeriesName { signal, instance, source, query, unit } = series;
    let instance = instance.as_deref().unwrap_or_default();
    let found: Option<(i64, String)> = connection
        .prepare_cached(
            "SELECT id, query FROM series WHERE signal = ?1 AND instance = ?2 AND source = ?3 AND unit = ?4
             AND (source <> 'prometheus' OR query = ?5)",
        )?
        .query_row(params![signal, instance, source, unit, query], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match found {
        Some((id, known)) if known == *query => Ok(id),
        Some((id, _)) => {
            connection.execute("UPDATE series SET query = ?2 WHERE id = ?1", params![id, query])?;
            Ok(id)
        }
        None => {
            connection.execute(
                "INSERT INTO series (signal, instance, source, unit, query) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![signal, instance, source, unit, query],
            )?;
            Ok(connection.last_insert_rowid())
        }
    }
}
