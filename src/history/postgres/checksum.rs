//! Checksums of the rows of a server.

use super::{
    ROWS,
    values::{Array, clean, unnest},
};
use crate::{
    history::{
        backend::Value,
        checksum::{self, COLUMN, Sum},
        schema::{Kind, Table, list},
    },
    postgres::{Blocking, Parameter, Row, Trouble},
};

/// The migration that added them.
pub(super) const SINCE: usize = 3;

/// All columns of a table's rows, and their checksum.
pub(super) fn with_checksum(table: &Table) -> Vec<(&'static str, Kind)> {
    table.columns.iter().copied().chain([(COLUMN, Kind::Integer)]).collect()
}

/// The checksum of the values of a row as the server will keep them.
pub(super) fn of_values(values: &[Value<'_>]) -> i32 {
    let mut sum = Sum::default();
    for value in values {
        match value {
            Value::Text(text) => sum.text(clean(text).as_bytes()),
            value => sum.value(*value),
        }
    }
    sum.finish()
}

/// Whether the columns of a row are those that its last column was made of.
pub(super) fn holds(row: &Row, table: &Table) -> Result<bool, Trouble> {
    let kept: Option<i32> = row.try_get(table.columns.len())?;
    Ok(kept == Some(of_row(row, table)?))
}

/// The key of a row, for a message.
pub(super) fn key(row: &Row, table: &Table) -> String {
    checksum::key(table, |column| match table.columns.get(column)?.1 {
        Kind::Integer => Some(row.try_get::<_, i64>(column).ok()?.to_string()),
        Kind::Text => row.try_get(column).ok(),
        Kind::Boolean | Kind::Real | Kind::Bytes => None,
    })
}

/// Gives every row of a table its checksum, so many rows at a time.
pub(super) fn fill_in(session: &Blocking, table: &Table) -> Result<(), Trouble> {
    let (name, columns, keys) = (table.name, table.column_list(), table.key_columns());
    session
        .run(&format!("DECLARE unsummed NO SCROLL CURSOR FOR SELECT {columns} FROM scale_advisor.{name}"))?;
    let given: Vec<(&str, Kind)> = keys.iter().copied().chain([(COLUMN, Kind::Integer)]).collect();
    let same: Vec<String> = keys.iter().map(|(key, _)| format!("kept.{key} = given.{key}")).collect();
    let update = format!(
        "UPDATE scale_advisor.{name} AS kept SET {COLUMN} = given.{COLUMN} FROM {} AS given ({}) WHERE {}",
        unnest(&given),
        list(&given),
        same.join(" AND ")
    );
    loop {
        let rows = session.rows(&format!("FETCH {ROWS} FROM unsummed"), &[], |row| {
            let keys =
                (0..keys.len()).map(|column| Key::new(row, table, column)).collect::<Result<Vec<_>, _>>()?;
            Ok((keys, of_row(row, table)?))
        })?;
        if rows.is_empty() {
            return session.run("CLOSE unsummed");
        }
        let mut arrays: Vec<Array<'_>> = given.iter().map(|(_, kind)| Array::new(*kind)).collect();
        for (keys, checksum) in &rows {
            let values = keys.iter().map(Key::value).chain([Value::Integer((*checksum).into())]);
            arrays.iter_mut().zip(values).for_each(|(array, value)| array.push(value));
        }
        let parameters: Vec<Parameter<'_>> = arrays.iter().map(Array::parameter).collect();
        session.execute(&update, &parameters)?;
    }
}

/// A column of a key.
enum Key {
    Integer(i64),
    Text(String),
}

impl Key {
    fn new(row: &Row, table: &Table, column: usize) -> Result<Self, Trouble> {
        Ok(match table.columns.get(column) {
            Some((_, Kind::Text)) => Self::Text(row.try_get(column)?),
            _ => Self::Integer(row.try_get(column)?),
        })
    }

    fn value(&self) -> Value<'_> {
        match self {
            Self::Integer(value) => Value::Integer(*value),
            Self::Text(text) => Value::Text(text),
        }
    }
}

fn of_row(row: &Row, table: &Table) -> Result<i32, Trouble> {
    let mut sum = Sum::default();
    for (column, (_, kind)) in table.columns.iter().enumerate() {
        sum.value(
            match kind {
                Kind::Boolean => row.try_get::<_, Option<bool>>(column)?.map(Value::Boolean),
                Kind::Integer => row.try_get::<_, Option<i64>>(column)?.map(Value::Integer),
                Kind::Real => row.try_get::<_, Option<f64>>(column)?.map(Value::Real),
                Kind::Text => row.try_get::<_, Option<&str>>(column)?.map(Value::Text),
                Kind::Bytes => row.try_get::<_, Option<&[u8]>>(column)?.map(Value::Bytes),
            }
            .unwrap_or(Value::Null),
        );
    }
    Ok(sum.finish())
}
