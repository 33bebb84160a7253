//! Section 10, where another month was named.

use crate::render::document::{Block, Cell, Table};
use crate::{
    render::report::words,
    report::{Compared, Comparison, Report},
    signal::Quantity,
};

pub(super) fn parts(report: &Report, comparison: &Comparison) -> Vec<Block> {
    let (other, month) = (words::month(&comparison.with), words::month(&report.month));
    let mut table = Table::with_titles(
        format!("{month} beside {other}"),
        &[
            "Busy hour",
            &format!("#{other}"),
            &format!("#{month}"),
            "#Change",
            &format!("#Hours beyond, {other}"),
            &format!("#Hours beyond, {month}"),
        ],
    );
    let value = |value: Option<Quantity>| {
        value.map_or_else(Cell::unknown, |value| Cell::number(value.to_string(), Some(value.value())))
    };
    let hours = |hours: Option<usize>| {
        hours.map_or_else(Cell::unknown, |hours| Cell::number(hours.to_string(), Some(hours as f64)))
    };
    for row in &comparison.rows {
        let change =
            row.change.map_or_else(Cell::unknown, |change| Cell::number(words::signed(change), Some(change)));
        let [before, after] = row.hours_beyond;
        table.rows.push(vec![
            Cell::text(words::signal(row.signal, row.instance.as_deref())),
            value(row.other),
            value(row.month),
            change,
            hours(before),
            hours(after),
        ]);
    }
    let silent = |name: &str, of: fn(&Compared) -> Option<Quantity>| {
        let none = comparison.rows.iter().all(|row| of(row).is_none());
        none.then(|| Block::paragraph(format!("The history holds nothing of {name}.")))
    };
    let silent = [silent(&other, |row| row.other), silent(&month, |row| row.month)];
    silent.into_iter().flatten().chain(table.block()).collect()
}
