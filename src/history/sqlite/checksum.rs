//! The checksum of every row of a file: CRC-32 over its other columns, which finds every change of up to 32
//! neighbouring bits, and misses one of four thousand million others.

use std::collections::BTreeMap;

use crc32fast::Hasher;
use rusqlite::{Connection, Row, functions::FunctionFlags, types::ValueRef};

use crate::history::{
    backend::Value,
    schema::{ALL, Table},
};

/// The migration that added them.
pub(super) const SINCE: i64 = 4;

/// Rows that do not match, by table: how many, and the first.
pub(super) type Mismatches = BTreeMap<&'static str, (usize, String)>;

/// The checksum of the values of a row on its way into the file.
pub(super) fn of_values(values: &[Value<'_>]) -> i32 {
    sum(values.iter().map(|value| match *value {
        Value::Null => ValueRef::Null,
        Value::Boolean(value) => ValueRef::Integer(value.into()),
        Value::Integer(value) => ValueRef::Integer(value),
        Value::Real(value) => ValueRef::Real(value),
        Value::Text(value) => ValueRef::Text(value.as_bytes()),
        Value::Bytes(value) => ValueRef::Blob(value),
    }))
}

/// Whether so many columns of a row are those that its last column was made of.
pub(super) fn holds(row: &Row<'_>, columns: usize) -> rusqlite::Result<bool> {
    let values = (0..columns).map(|column| row.get_ref(column)).collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(row.get_ref(columns)? == ValueRef::Integer(sum(values.into_iter()).into()))
}

/// The key of a row, for a message.
pub(super) fn key(row: &Row<'_>, table: &Table) -> String {
    let told = |(column, (name, _)): (usize, &(&str, _))| {
        let value = match row.get_ref(column) {
            Ok(ValueRef::Integer(value)) => value.to_string(),
            Ok(ValueRef::Text(text)) => String::from_utf8_lossy(text).into_owned(),
            _ => "?".to_owned(),
        };
        format!("{name} {value}")
    };
    table.key_columns().iter().enumerate().map(told).collect::<Vec<_>>().join(", ")
}

/// Whether a table's columns are all that the rows of its name have.
pub(super) fn is_whole(table: &Table) -> bool {
    ALL.iter().any(|whole| whole.name == table.name && whole.columns.len() == table.columns.len())
}

/// Gives every row its checksum.
pub(super) fn fill_in(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("row_checksum", -1, flags, |row| {
        Ok(sum((0..row.len()).map(|column| row.get_raw(column))))
    })?;
    for table in ALL {
        let (name, columns) = (table.name, table.column_list());
        connection.execute(&format!("UPDATE {name} SET checksum = row_checksum({columns})"), [])?;
    }
    Ok(())
}

fn sum<'a>(values: impl Iterator<Item = ValueRef<'a>>) -> i32 {
    let mut hasher = Hasher::new();
    for value in values {
        let (kind, number, bytes): (u8, u64, &[u8]) = match value {
            ValueRef::Null => (0, 0, &[]),
            ValueRef::Integer(value) => (1, value.cast_unsigned(), &[]),
            // SQLite knows no negative zero.
            ValueRef::Real(value) => (2, (value + 0.0).to_bits(), &[]),
            ValueRef::Text(text) => (3, text.len() as u64, text),
            ValueRef::Blob(bytes) => (4, bytes.len() as u64, bytes),
        };
        hasher.update(&[kind]);
        hasher.update(&number.to_le_bytes());
        hasher.update(bytes);
    }
    hasher.finalize().cast_signed()
}
