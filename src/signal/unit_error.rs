//! Why a quantity cannot be one of a signal.

use std::ops::Range;

use super::{Quantity, Signal, Unit};
use crate::diagnostic::Diagnostic;

/// The error about a quantity that is negative or in another unit than a signal; `None` when it fits.
pub(crate) fn unit_error(
    quantity: Quantity,
    span: Range<usize>,
    name: &str,
    signal: &Signal,
) -> Option<Diagnostic> {
    if quantity.value() < 0.0 {
        let message = format!("`{name}` is never negative");
        return Some(Diagnostic::error("roadmap/negative", span, message));
    }
    if quantity.unit() == signal.unit {
        return None;
    }
    let [wanted, found] = [signal.unit, quantity.unit()].map(unit_words);
    let message = format!("`{name}` is measured in {wanted}, not in {found}");
    let help = format!("write {}", signal.unit.example());
    Some(Diagnostic::error("roadmap/wrong-dimension", span, message).help(help))
}

fn unit_words(unit: Unit) -> &'static str {
    match unit {
        Unit::Seconds => "time",
        Unit::Bytes => "bytes",
        Unit::Ratio => "percent",
        Unit::Count => "a plain count",
        Unit::PerSecond => "events per time",
        Unit::BytesPerSecond => "bytes per time",
    }
}
