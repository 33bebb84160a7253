//! The values that sections share: names, quantities, durations, signals and resources of the catalogue.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::{Value, json};

use super::Range;
use crate::{
    diagnostic::{Diagnostic, FromToml, Kind, Node, Reader, Spans, did_you_mean, schema, toml_words},
    signal::{
        Aggregate, Quantity, Resource, ResourceId, Role, Signal, SignalId, Unit, catalog, is_label,
        parse_duration, parse_quantity,
    },
};

const NUMBER: &str = r"-?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?";
const SIZE: &str = r"(?:[0-9]+(?:\.[0-9]+)?\s*(?:[kKmMgGtTpPeE][iI]?[bB]?|[bB]))";
const DURATION: &str = concat!(
    r"(?:(?:[0-9]+(?:\.[0-9]+)?\s*(?:ns|nsec|nanos|us|µs|usec|ms|msec|millis|s|secs?|seconds?|m|mins?|minutes?|",
    r"h|hrs?|hours?|d|days?|w|wks?|weeks?)\s*)+)",
);
const TIME: &str = r"(?:s|sec|second|m|min|minute|h|hour|d|day)";

/// The `$defs` that the schemas of these values refer to.
pub(crate) fn definitions() -> Value {
    let number_or_text = format!("{NUMBER}\\s*%?|{DURATION}|{SIZE}|(?:{NUMBER}|{SIZE})\\s*/\\s*{TIME}");
    json!({
        "signal": named_or_own(signal_names(), "A signal of the catalogue, or one that this file or the roadmap defines."),
        "quantity": {
            "description": "A plain number, or a string with its unit: \"80%\", \"200ms\", \"8GiB\", \"1000/min\".",
            "anyOf": [{ "type": "number" }, pattern(&number_or_text)],
        },
        "duration": schema::described(
            pattern(&format!("{DURATION}|0")),
            "A duration such as \"90s\", \"10m\", \"24h\" or \"28d\".",
        ),
    })
}

/// A name of the catalogue, for editors to offer, or one that somebody defines.
fn named_or_own(known: impl Iterator<Item = &'static str>, description: &str) -> Value {
    let taken: Vec<&str> = signal_names().chain(resource_names()).collect();
    let own = json!({ "type": "string", "pattern": "^[a-z][A-Za-z0-9._-]*$", "not": { "enum": taken } });
    schema::described(json!({ "anyOf": [schema::one_of(known), own] }), description)
}

fn pattern(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": format!(r"^\s*(?:{pattern})\s*$") })
}

pub(super) fn ratio_schema() -> Value {
    pattern(&format!("{NUMBER}\\s*%"))
}

pub(super) fn rate_schema() -> Value {
    pattern(&format!("{NUMBER}\\s*/\\s*{TIME}"))
}

pub(super) fn size_schema() -> Value {
    pattern(SIZE)
}

/// The name of a label.
pub(crate) const LABEL: Kind<String> = Kind { read: label, schema: label_schema };

/// Names of labels.
pub(crate) const LABELS: Kind<Vec<String>> = Kind {
    read: |node| Some(node.items()?.into_iter().filter_map(label).collect()),
    schema: || schema::list(label_schema()),
};

pub(crate) fn label_schema() -> Value {
    json!({ "type": "string", "pattern": "^[a-zA-Z_][a-zA-Z0-9_]*$" })
}

pub(crate) fn label(node: Node<'_>) -> Option<String> {
    let text = node.string()?;
    if is_label(&text) {
        return Some(text);
    }
    node.fail("config/label", format!("`{text}` is not the name of a label"))
}

/// A lower-case name made of letters, digits, dots and hyphens.
pub(super) const IDENTIFIER: Kind<String> = Kind {
    read: |node| {
        let text = node.string()?;
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.' | '_');
        if text.is_empty() || !text.chars().all(fits) {
            return node.fail("roadmap/identifier", "an id is made of a–z, 0–9, `-`, `_` and `.`");
        }
        Some(text)
    },
    schema: || json!({ "type": "string", "pattern": "^[a-z0-9._-]+$" }),
};

/// Reports ids of tables that repeat.
pub(super) fn check_unique<'a>(
    reader: &Reader<'_>,
    what: &str,
    ids: impl IntoIterator<Item = (&'a String, &'a Spans)>,
) {
    let mut first: BTreeMap<&str, &Spans> = BTreeMap::new();
    for (id, spans) in ids {
        if let Some(earlier) = first.get(id.as_str()) {
            let message = format!("`{id}` appears twice among the {what}");
            let error = Diagnostic::error("roadmap/repeated-name", spans.of_key("id"), message);
            reader.report(error.also(earlier.of_key("id"), "first used here"));
        } else {
            first.insert(id, spans);
        }
    }
}

/// An ISO 4217 code.
pub(super) const CURRENCY: Kind<String> = Kind {
    read: |node| {
        let text = node.string()?;
        if text.len() == 3 && text.chars().all(|c| c.is_ascii_uppercase()) {
            return Some(text);
        }
        node.fail("roadmap/currency", "a currency is an ISO 4217 code such as \"USD\"")
    },
    schema: || json!({ "type": "string", "pattern": "^[A-Z]{3}$" }),
};

/// An amount of money in the currency of the roadmap.
pub(super) const MONEY: Kind<f64> = Kind {
    read: |node| match node.number()? {
        amount if amount >= 0.0 => Some(amount),
        _ => node.fail("roadmap/money", "an amount of money cannot be negative"),
    },
    schema: || json!({ "type": "number", "minimum": 0 }),
};

/// A system that the signal catalogue knows.
pub(crate) const SYSTEM: Kind<String> = Kind {
    read: |node| {
        let text = node.string()?;
        let known = system_names();
        if known.contains(text.as_str()) {
            return Some(text);
        }
        node.unknown("roadmap/unknown-system", "system", &text, &known.into_iter().collect::<Vec<_>>())
    },
    schema: || schema::one_of(system_names()),
};

fn system_names() -> BTreeSet<&'static str> {
    catalog().signals().map(|signal| signal.system.as_str()).collect()
}

fn signal_names() -> impl Iterator<Item = &'static str> {
    catalog().signals().map(|signal| signal.id().as_str())
}

/// A signal that measures load.
pub(super) const LOAD_SIGNAL: Kind<SignalId> = Kind {
    read: |node| {
        let signal = SignalId::from_toml(node)?;
        if signal.entry().role == Role::Load {
            return Some(signal);
        }
        let message = format!("`{signal}` does not measure load");
        node.report(
            Diagnostic::error("roadmap/not-a-load", node.span(), message)
                .help("use a signal such as `users.concurrent`"),
        );
        None
    },
    schema: || {
        let loads = catalog().signals().filter(|signal| signal.role == Role::Load);
        named_or_own(
            loads.map(|signal| signal.id().as_str()),
            "A load of the catalogue, or one that this file defines.",
        )
    },
};

impl FromToml for SignalId {
    fn from_toml(node: Node<'_>) -> Option<Self> {
        let text = node.string()?;
        Self::find(&text).or_else(|| {
            node.report(unknown_signal(&text, node.span()));
            None
        })
    }

    fn schema() -> Value {
        schema::reference("signal")
    }
}

/// A signal of the catalogue that is used as a key.
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

/// A table whose keys are signals.
pub(crate) fn by_signal(schema: Value) -> Value {
    schema::with(schema::by_name(schema), "propertyNames", schema::reference("signal"))
}

fn unknown_signal(name: &str, span: std::ops::Range<usize>) -> Diagnostic {
    let near = did_you_mean(name, signal_names());
    Diagnostic::error("roadmap/unknown-signal", span, format!("unknown signal `{name}`")).help(
        near.map_or_else(
            || "`scale-advisor doctor` lists every signal".to_owned(),
            |near| format!("did you mean `{near}`?"),
        ),
    )
}

impl FromToml for ResourceId {
    fn from_toml(node: Node<'_>) -> Option<Self> {
        let text = node.string()?;
        Self::find(&text).or_else(|| {
            let known: Vec<&str> = resource_names().collect();
            node.unknown("roadmap/unknown-resource", "resource", &text, &known)
        })
    }

    fn schema() -> Value {
        schema::reference("resource")
    }
}

/// The `resource` of `$defs`.
pub(crate) fn resource_definition() -> Value {
    named_or_own(resource_names(), "A resource of the catalogue, or one that this file defines.")
}

fn resource_names() -> impl Iterator<Item = &'static str> {
    catalog().resources().map(Resource::id).map(ResourceId::as_str)
}

/// A quantity of any unit: a string with its unit, or a plain number that counts something.
impl FromToml for Quantity {
    fn from_toml(node: Node<'_>) -> Option<Self> {
        if let Some(number) = node.as_number() {
            return Self::new(number, Unit::Count);
        }
        let Some(text) = node.as_str() else {
            return node.fail("roadmap/quantity", "expected a quantity, such as 100, \"80%\" or \"200ms\"");
        };
        match parse_quantity(text) {
            Ok(quantity) => Some(quantity),
            Err(message) => node.fail("roadmap/quantity", message),
        }
    }

    fn schema() -> Value {
        schema::reference("quantity")
    }
}

/// A quantity in the unit of a signal.
pub(super) fn quantity_of(node: Node<'_>, signal: &Signal) -> Option<Quantity> {
    let quantity = Quantity::from_toml(node)?;
    match unit_error(quantity, node.span(), signal) {
        Some(error) => {
            node.report(error);
            None
        }
        None => Some(quantity),
    }
}

/// Why a quantity cannot be one of a signal.
pub(super) fn unit_error(
    quantity: Quantity,
    span: std::ops::Range<usize>,
    signal: &Signal,
) -> Option<Diagnostic> {
    crate::signal::unit_error(quantity, span, signal.id().as_str(), signal)
}

impl FromToml for Duration {
    fn from_toml(node: Node<'_>) -> Option<Self> {
        match parse_duration(&node.string()?) {
            Ok(duration) => Some(duration),
            Err(message) => node.fail("roadmap/duration", message),
        }
    }

    fn schema() -> Value {
        schema::reference("duration")
    }
}

/// How long a limit must be exceeded without interruption.
pub(super) const SUSTAINED: Kind<Duration> = Kind {
    read: |node| {
        let duration = Duration::from_toml(node)?;
        if duration.is_zero() {
            return node.fail("roadmap/for-nothing", "`for` must be greater than zero; leave it out instead");
        }
        Some(duration)
    },
    schema: Duration::schema,
};

toml_words!(Aggregate, super::Priority, super::Severity, super::Timeline, super::Frequency);

/// `[low, high]`, or `[low]` where the upper end is open.
pub(super) fn read_pair<'a, T: Copy + PartialOrd>(
    node: Node<'a>,
    read: impl Fn(Node<'a>) -> Option<T>,
) -> Option<Range<T>> {
    let items = node.items()?;
    let (low, high) = match items.as_slice() {
        [low] => (read(*low)?, None),
        [low, high] => {
            // Both are read before either is used, so that two errors are two diagnostics.
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

/// One value, `[low, high]` or `[low]`.
pub(super) fn read_exact_or_pair<'a, T: Copy + PartialOrd>(
    node: Node<'a>,
    read: impl Fn(Node<'a>) -> Option<T>,
) -> Option<Range<T>> {
    if node.is_array() { read_pair(node, read) } else { read(node).map(Range::exact) }
}

/// The schema of what [`read_pair`] reads.
pub(super) fn pair(schema: Value) -> Value {
    schema::with(json!({ "type": "array", "minItems": 1, "maxItems": 2 }), "items", schema)
}

/// The schema of what [`read_exact_or_pair`] reads.
pub(super) fn exact_or_pair(schema: Value) -> Value {
    json!({ "anyOf": [schema.clone(), pair(schema)] })
}
