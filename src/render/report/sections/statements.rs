//! Section 5.

use crate::{
    render::report::{
        page::{Item, List, Part, text},
        words,
    },
    report::Report,
};

pub(super) fn parts(report: &Report) -> Vec<Part> {
    let section = &report.statements;
    let mut items = Vec::new();
    if let Some(mean) = section.slowest_mean {
        let which = section.slowest.as_ref().map(|which| format!(" – {which}")).unwrap_or_default();
        items.push(Item::new(format!("Slowest: {mean} on average{which}")));
    }
    match (&section.most_expensive, &section.slowest) {
        (Some(other), _) => items.push(Item::new(format!("Most expensive: {other}"))),
        (None, Some(_)) => items.push(Item::new("Most expensive: the same one.")),
        (None, None) => {}
    }
    if let Some(times) = &section.months {
        let before = times.before.map_or_else(
            || "the month before is not known".to_owned(),
            |before| {
                let change = times.month.value() / before.value() - 1.0;
                let change =
                    if change.is_finite() { format!(", {}", words::signed(change)) } else { String::new() };
                format!("{before} the month before{change}")
            },
        );
        items.push(Item::new(format!(
            "Growth: the slowest statement took {} in the median hour, {before}",
            times.month
        )));
    }
    let list = List { title: "Now".to_owned(), tasks: false, items }.part();
    let remarks = section.notes.iter().map(|note| text(note.clone()));
    let missing = section.missing.iter().map(|what| text(format!("Not known: {what}.")));
    list.into_iter().chain(remarks).chain(missing).collect()
}
