//! Checksums of the rows of a file.

use rusqlite::{Connection, Row, functions::FunctionFlags, types::ValueRef};

use crate::history::{
    backend::Value,
    checksum::{self, Sum},
    schema::{ALL, Table},
};

/// The migration that added them.
pub(super) const SINCE: i64 = 4;

/// The checksum of the values of a row on its way into the file.
pub(super) fn of_values(values: &[Value<'_>]) -> i32 {
    let mut sum = Sum::default();
    for value in values {
        sum.value(*value);
    }
    sum.finish()
}

/// Whether so many columns of a row are those that its last column was made of.
pub(super) fn holds(row: &Row<'_>, columns: usize) -> rusqlite::Result<bool> {
    let values = (0..columns).map(|column| row.get_ref(column)).collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(row.get_ref(columns)? == ValueRef::Integer(of_columns(values.into_iter()).into()))
}

/// The key of a row, for a message.
pub(super) fn key(row: &Row<'_>, table: &Table) -> String {
    checksum::key(table, |column| match row.get_ref(column) {
        Ok(ValueRef::Integer(value)) => Some(value.to_string()),
        Ok(ValueRef::Text(text)) => Some(String::from_utf8_lossy(text).into_owned()),
        _ => None,
    })
}

/// Gives every row its checksum.
pub(super) fn fill_in(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("row_checksum", -1, flags, |row| {
        Ok(of_columns((0..row.len()).map(|column| row.get_raw(column))))
    })?;
    for table in ALL {
        let (name, columns) = (table.name, table.column_list());
        connection.execute(&format!("UPDATE {name} SET checksum = row_checksum({columns})"), [])?;
    }
    Ok(())
}

fn of_columns<'a>(values: impl Iterator<Item = ValueRef<'a>>) -> i32 {
    let mut sum = Sum::default();
    for value in values {
        match value {
            ValueRef::Null => sum.null(),
            ValueRef::Integer(value) => sum.integer(value),
            ValueRef::Real(value) => sum.real(value),
            ValueRef::Text(text) => sum.text(text),
            ValueRef::Blob(bytes) => sum.bytes(bytes),
        }
    }
    sum.finish()
}
