//! The tables of the console, read by the names of their columns.

use std::collections::BTreeMap;

use crate::postgres::{QueryError, Session};

/// The rows that a `SHOW` command gives.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    rows: Vec<Row>,
}

/// One row.
#[derive(Debug, Clone, Default)]
pub(super) struct Row(BTreeMap<String, String>);

/// Asks for one of the console's tables.
pub(super) async fn show(session: &Session, table: &str) -> Result<Table, QueryError> {
    let answer = session.show(&format!("SHOW {table}")).await?;
    let row = |row: &tokio_postgres::SimpleQueryRow| {
        let cells = row.columns().iter().enumerate();
        let filled = cells.filter_map(|(index, column)| {
            Some((column.name().to_owned(), row.try_get(index).ok().flatten()?.to_owned()))
        });
        Row(filled.collect())
    };
    Ok(Table { rows: answer.iter().map(row).collect() })
}

impl Table {
    /// The rows about databases, without the console itself.
    pub(super) fn of_databases(&self, column: &str) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.text(column) != "pgbouncer")
    }

    /// The row in which a column has this text.
    pub(super) fn find(&self, column: &str, text: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.text(column) == text)
    }
}

impl Row {
    /// The text of a column; empty when there is none.
    pub(super) fn text(&self, column: &str) -> &str {
        self.0.get(column).map_or("", String::as_str)
    }

    /// The number in a column.
    pub(super) fn number(&self, column: &str) -> Option<f64> {
        self.0.get(column)?.parse().ok()
    }
}

#[cfg(test)]
impl Table {
    /// A table as the console prints it: names of columns on the first line, then rows, parted by `|`.
    pub(super) fn of(text: &str) -> Self {
        let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
        let mut lines = text.lines().map(cells);
        let names = lines.next().unwrap_or_default();
        let rows = lines.map(|row| Row(names.iter().cloned().zip(row).collect())).collect();
        Self { rows }
    }
}
