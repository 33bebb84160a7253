//! Section 10, where another month was named.

use crate::{
    render::report::{
        page::{Cell, Part, Table, text},
        words,
    },
    report::{Compared, Comparison, Report},
    signal::Quantity,
};

pub(super) fn parts(report: &Report, comparison: &Comparison) -> Vec<Part> {
    let (other, month) = (words::month(&comparison.with), words::month(&report.month));
    let mut table = Table::new(
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
        value.map_or_else(Cell::none, |value| Cell::number(value.to_string(), Some(value.value())))
    };
    let hours = |hours: Option<usize>| {
        hours.map_or_else(Cell::none, |hours| Cell::number(hours.to_string(), Some(hours as f64)))
    };
    for row in &comparison.rows {
        let change =
            row.change.map_or_else(Cell::none, |change| Cell::number(words::signed(change), Some(change)));
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
        none.then(|| text(format!("The history holds nothing of {name}.")))
    };
    let silent = [silent(&other, |row| row.other), silent(&month, |row| row.month)];
    silent.into_iter().flatten().chain(table.part()).collect()
}
