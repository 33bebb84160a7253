//! Reading the small values that sections share.

use std::collections::BTreeSet;

use super::{Band, FactValue, Range};
use crate::{
    diagnostic::{Diagnostic, Node, Reader, did_you_mean},
    signal::{
        Quantity, Resource, ResourceId, Signal, SignalId, Unit, catalog, parse_duration, parse_quantity,
    },
};

/// A lower-case name made of letters, digits, dots and hyphens.
pub(super) fn identifier(node: Node<'_>) -> Option<String> {
    let text = node.string()?;
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.' | '_');
    if text.is_empty() || !text.chars().all(fits) {
        return node.fail("roadmap/identifier", "an id is made of a–z, 0–9, `-`, `_` and `.`");
    }
    Some(text)
}

/// A name and where it stands, for messages about names that repeat.
pub(super) fn name(node: Node<'_>) -> Option<(String, std::ops::Range<usize>)> {
    Some((identifier(node)?, node.span()))
}

/// An ISO 4217 code.
pub(super) fn currency(node: Node<'_>) -> Option<String> {
    let text = node.string()?;
    if text.len() == 3 && text.chars().all(|c| c.is_ascii_uppercase()) {
        return Some(text);
    }
    node.fail("roadmap/currency", "a currency is an ISO 4217 code such as \"USD\"")
}

/// A system that the signal catalogue knows.
pub(crate) fn system(node: Node<'_>) -> Option<String> {
    let text = node.string()?;
    let known: BTreeSet<&str> = catalog().signals().map(|signal| signal.system.as_str()).collect();
    if known.contains(text.as_str()) {
        return Some(text);
    }
    let near = did_you_mean(&text, known.iter().copied());
    unknown(
        node,
        "roadmap/unknown-system",
        "system",
        &text,
        near,
        &known.into_iter().collect::<Vec<_>>().join(", "),
    )
}

/// A signal of the catalogue.
pub(crate) fn signal(node: Node<'_>) -> Option<SignalId> {
    let text = node.string()?;
    SignalId::find(&text).or_else(|| {
        node.report(unknown_signal(&text, node.span()));
        None
    })
}

/// A signal of the catalogue that stands as a key.
pub(crate) fn signal_named(
    reader: &Reader<'_>,
    name: &str,
    span: std::ops::Range<usize>,
) -> Option<SignalId> {
    SignalId::find(name).or_else(|| {
        reader.report(unknown_signal(name, span));
        None
    })
}

fn unknown_signal(name: &str, span: std::ops::Range<usize>) -> Diagnostic {
    let near = did_you_mean(name, catalog().signals().map(|signal| signal.id().as_str()));
    Diagnostic::error("roadmap/unknown-signal", span, format!("unknown signal `{name}`")).help(
        near.map_or_else(
            || "`scale-advisor doctor` lists every signal".to_owned(),
            |near| format!("did you mean `{near}`?"),
        ),
    )
}

/// A resource of the catalogue.
pub(super) fn resource(node: Node<'_>) -> Option<ResourceId> {
    let text = node.string()?;
    ResourceId::find(&text).or_else(|| {
        let near = did_you_mean(&text, catalog().resources().map(|resource| resource.id().as_str()));
        let known: Vec<&str> = catalog().resources().map(Resource::id).map(ResourceId::as_str).collect();
        unknown(node, "roadmap/unknown-resource", "resource", &text, near, &known.join(", "))
    })
}

fn unknown<T>(
    node: Node<'_>,
    code: &'static str,
    what: &str,
    text: &str,
    near: Option<&str>,
    known: &str,
) -> Option<T> {
    let help = near.map_or_else(|| format!("known: {known}"), |near| format!("did you mean `{near}`?"));
    node.report(Diagnostic::error(code, node.span(), format!("unknown {what} `{text}`")).help(help));
    None
}

/// A quantity of any unit: a string with its unit, or a plain number that counts something.
pub(crate) fn quantity(node: Node<'_>) -> Option<Quantity> {
    if let Some(number) = node.as_number() {
        return Quantity::new(number, Unit::Count);
    }
    let Some(text) = node.as_str() else {
        return node.fail("roadmap/quantity", "expected a quantity, such as 100, \"80%\" or \"200ms\"");
    };
    match parse_quantity(text) {
        Ok(quantity) => Some(quantity),
        Err(problem) => node.fail("roadmap/quantity", problem),
    }
}

/// The unit a quantity would have, without a report where it is none.
pub(super) fn unit_of(node: Node<'_>) -> Option<Unit> {
    match node.as_str() {
        Some(text) => parse_quantity(text).ok().map(Quantity::unit),
        None => node.as_number().map(|_| Unit::Count),
    }
}

/// A quantity above zero in a given unit.
pub(super) fn of_unit(node: Node<'_>, unit: Unit) -> Option<Quantity> {
    let quantity = quantity(node)?;
    if quantity.unit() == unit && quantity.value() > 0.0 {
        return Some(quantity);
    }
    node.fail("roadmap/wrong-dimension", format!("expected {} above zero", unit.example()))
}

/// A quantity in the unit of a signal.
pub(crate) fn quantity_of(node: Node<'_>, signal: &Signal) -> Option<Quantity> {
    let quantity = quantity(node)?;
    if quantity.value() < 0.0 {
        return node.fail("roadmap/negative", format!("`{}` is never below zero", signal.id()));
    }
    if quantity.unit() == signal.unit {
        return Some(quantity);
    }
    let message = format!(
        "`{}` is measured in {}, not in {}",
        signal.id(),
        unit_words(signal.unit),
        unit_words(quantity.unit())
    );
    let help = format!("write {}", signal.unit.example());
    node.report(Diagnostic::error("roadmap/wrong-dimension", node.span(), message).help(help));
    None
}

fn unit_words(unit: Unit) -> &'static str {
    match unit {
        Unit::Seconds => "time",
        Unit::Bytes => "bytes",
        Unit::Ratio => "a share of the whole",
        Unit::Count => "a plain count",
        Unit::PerSecond => "events per time",
        Unit::BytesPerSecond => "bytes per time",
    }
}

/// A duration such as "10m".
pub(crate) fn duration(node: Node<'_>) -> Option<std::time::Duration> {
    match parse_duration(&node.string()?) {
        Ok(duration) => Some(duration),
        Err(problem) => node.fail("roadmap/duration", problem),
    }
}

/// How long a limit must be passed without interruption.
pub(super) fn sustained(node: Node<'_>) -> Option<std::time::Duration> {
    let duration = duration(node)?;
    if duration.is_zero() {
        return node.fail("roadmap/for-nothing", "`for` must be longer than nothing; leave it out instead");
    }
    Some(duration)
}

/// A pair of users, `[from, to]`, or `[from]` where the band is open.
pub(super) fn band(node: Node<'_>) -> Option<Band> {
    pair(node, Node::count)
}

/// What something costs a month: an amount, a pair of amounts, or one amount and an open end.
pub(super) fn money(node: Node<'_>) -> Option<Range<f64>> {
    exact_or_pair(node, amount_of_money)
}

/// An amount of money in the currency of the roadmap.
pub(super) fn amount_of_money(node: Node<'_>) -> Option<f64> {
    match node.number()? {
        amount if amount >= 0.0 => Some(amount),
        _ => node.fail("roadmap/money", "an amount of money cannot be negative"),
    }
}

/// A duration of work, or a pair of them.
pub(super) fn effort(node: Node<'_>) -> Option<Range<Quantity>> {
    exact_or_pair(node, |item| Quantity::new(duration(item)?.as_secs_f64(), Unit::Seconds))
}

/// One value, `[low, high]` or `[low]`.
pub(super) fn exact_or_pair<'a, T: Copy + PartialOrd>(
    node: Node<'a>,
    read: impl Fn(Node<'a>) -> Option<T>,
) -> Option<Range<T>> {
    if node.is_array() { pair(node, read) } else { read(node).map(Range::exact) }
}

/// `[low, high]` or `[low]`.
pub(super) fn pair<'a, T: Copy + PartialOrd>(
    node: Node<'a>,
    read: impl Fn(Node<'a>) -> Option<T>,
) -> Option<Range<T>> {
    let items = node.items()?;
    let (low, high) = match items.as_slice() {
        [low] => (read(*low)?, None),
        [low, high] => {
            // Both are read before either is judged, so that two mistakes are two diagnostics.
            let (low, high) = (read(*low), read(*high));
            (low?, Some(high?))
        }
        _ => return node.fail("roadmap/range", "expected [low, high], or [low] when the upper end is open"),
    };
    match Range::new(low, high) {
        Some(range) => Some(range),
        None => node.fail("roadmap/range", "the upper end is below the lower end"),
    }
}

/// What a fact may be: true or false, a word, or a quantity.
pub(crate) fn fact_value(node: Node<'_>) -> Option<FactValue> {
    if let Some(flag) = node.as_bool() {
        return Some(FactValue::Flag(flag));
    }
    if let Some(number) = node.as_number() {
        return Quantity::new(number, Unit::Count).map(FactValue::Number);
    }
    let text = node.string()?;
    Some(parse_quantity(&text).map_or(FactValue::Text(text), FactValue::Number))
}
