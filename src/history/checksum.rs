//! The checksum of every row: CRC-32 over its other columns, which finds every change of up to 32 neighbouring bits, and
//! misses one of four thousand million others. Both databases keep it beside the row.

use std::{cell::RefCell, collections::BTreeMap};

use crc32fast::Hasher;

use super::{
    backend::Value,
    schema::{ALL, Table},
};

/// The column that keeps it.
pub(super) const COLUMN: &str = "checksum";

/// A checksum in the making. What a database may keep in another type has the same one: a truth is 0 or 1.
#[derive(Debug, Default)]
pub(super) struct Sum(Hasher);

impl Sum {
    pub(super) fn null(&mut self) {
        self.add(0, 0, &[]);
    }

    pub(super) fn integer(&mut self, value: i64) {
        self.add(1, value.cast_unsigned(), &[]);
    }

    pub(super) fn real(&mut self, value: f64) {
        // SQLite knows no negative zero.
        self.add(2, (value + 0.0).to_bits(), &[]);
    }

    pub(super) fn text(&mut self, text: &[u8]) {
        self.add(3, text.len() as u64, text);
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.add(4, bytes.len() as u64, bytes);
    }

    pub(super) fn value(&mut self, value: Value<'_>) {
        match value {
            Value::Null => self.null(),
            Value::Boolean(value) => self.integer(value.into()),
            Value::Integer(value) => self.integer(value),
            Value::Real(value) => self.real(value),
            Value::Text(value) => self.text(value.as_bytes()),
            Value::Bytes(value) => self.bytes(value),
        }
    }

    /// The checksum as the signed number that is kept.
    pub(super) fn finish(self) -> i32 {
        self.0.finalize().cast_signed()
    }

    fn add(&mut self, kind: u8, number: u64, bytes: &[u8]) {
        self.0.update(&[kind]);
        self.0.update(&number.to_le_bytes());
        self.0.update(bytes);
    }
}

/// Whether a table's columns are all that the rows of its name have, so that their checksum can be made.
pub(super) fn is_whole(table: &Table) -> bool {
    ALL.iter().any(|whole| whole.name == table.name && whole.columns.len() == table.columns.len())
}

/// The key of a row, for a message: the value of each of its columns, where it can be read.
pub(super) fn key(table: &Table, value: impl Fn(usize) -> Option<String>) -> String {
    let told = |(column, (name, _)): (usize, &(&str, _))| {
        format!("{name} {}", value(column).unwrap_or_else(|| "?".to_owned()))
    };
    table.key_columns().iter().enumerate().map(told).collect::<Vec<_>>().join(", ")
}

/// Rows that do not match their checksums, while somebody counts them: how many of each table, and the first.
#[derive(Debug, Default)]
pub(super) struct Mismatches(RefCell<Option<BTreeMap<&'static str, (usize, String)>>>);

impl Mismatches {
    /// From now on they are counted.
    pub(super) fn count(&self) {
        *self.0.borrow_mut() = Some(BTreeMap::new());
    }

    /// Those that were counted, in words.
    pub(super) fn take(&self) -> Vec<String> {
        let counted = self.0.borrow_mut().take().unwrap_or_default();
        let told = |(table, (count, first)): (&str, (usize, String))| match count {
            1 => format!("{table}, {first}: the row does not match its checksum"),
            count => {
                format!("{table}, {first}: the row does not match its checksum, nor do {} others", count - 1)
            }
        };
        counted.into_iter().map(told).collect()
    }

    /// A row that is not as it was written: counted where somebody counts.
    ///
    /// # Errors
    /// What is wrong, where nobody does.
    pub(super) fn add(&self, table: &Table, key: String) -> Result<(), String> {
        let Some(counted) = &mut *self.0.borrow_mut() else {
            return Err(format!("the row {key} of {} does not match its checksum", table.name));
        };
        counted.entry(table.name).or_insert((0, key)).0 += 1;
        Ok(())
    }
}
