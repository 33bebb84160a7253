//! Conditions in TOML: reading them, and their JSON Schema.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Comparison, Condition, FactTest, FactValue, SignalTest};
use crate::{
    diagnostic::{
        Diagnostic, FromToml, Node, Reader,
        schema::{self, Key, list, reference},
    },
    roadmap::values::{IDENTIFIER, SUSTAINED, quantity_of},
    signal::{Aggregate, Quantity, SignalId, parse_quantity},
};

/// A key with its documentation and its schema.
type KeyOf = (&'static str, &'static str, fn() -> Value);

/// What is evaluated: exactly one of these.
const SUBJECTS: [KeyOf; 4] = [
    ("signal", "The signal to evaluate.", SignalId::schema),
    ("fact", "The declared fact to evaluate: a name in `[facts]`.", IDENTIFIER.schema),
    ("any", "At least one of these holds.", parts),
    ("all", "All of these hold.", parts),
];

/// What goes with a signal only.
const OPTIONS: [KeyOf; 3] = [
    ("instance", "One instance only; every instance when left out.", String::schema),
    ("aggregate", "How the window becomes one number.", Aggregate::schema),
    ("for", "How long every sample must be beyond the limit.", Duration::schema),
];

/// How a signal or a fact is compared: exactly one of these.
const COMPARISONS: [KeyOf; 7] = [
    ("above", "More than.", Quantity::schema),
    ("at_least", "As much or more.", Quantity::schema),
    ("below", "Less than.", Quantity::schema),
    ("at_most", "As much or less.", Quantity::schema),
    ("inside", "Between the two, both included.", two_quantities),
    ("outside", "Less than the first or more than the second.", two_quantities),
    ("is", "Equal to.", FactValue::schema),
];

fn parts() -> Value {
    schema::with(list(reference("condition")), "minItems", 1.into())
}

fn two_quantities() -> Value {
    json!({ "type": "array", "items": Quantity::schema(), "minItems": 2, "maxItems": 2 })
}

/// The `condition` of `$defs`: one table with every key, so that editors can offer them all, and rules that say
/// which go together.
pub(in crate::roadmap) fn definition() -> Value {
    let keys = SUBJECTS.into_iter().chain(OPTIONS).chain(COMPARISONS);
    let mut condition = schema::table(keys.map(|(name, doc, schema)| Key::new(name, doc, false, schema())));
    let compared = require_one_of(&COMPARISONS);
    condition["description"] = "Something that holds, does not hold, or is unknown.".into();
    condition["oneOf"] = require_one_of(&SUBJECTS);
    condition["dependentRequired"] =
        json!({ "instance": ["signal"], "aggregate": ["signal"], "for": ["signal"] });
    condition["dependentSchemas"] = json!({
        "signal": { "oneOf": compared, "properties": { "is": Quantity::schema() } },
        "fact": { "oneOf": compared },
        "any": { "maxProperties": 1 },
        "all": { "maxProperties": 1 },
        // With `for` every sample is compared, so that an aggregate would have no effect.
        "for": { "not": { "required": ["aggregate"] } },
    });
    condition
}

fn require_one_of(keys: &[KeyOf]) -> Value {
    keys.iter().map(|(key, ..)| json!({ "required": [key] })).collect()
}

impl FromToml for Condition {
    fn from_toml(node: Node<'_>) -> Option<Self> {
        let reader = node.table()?;
        match SUBJECTS.map(|(key, ..)| reader.optional(key)) {
            [Some(signal), None, None, None] => read_signal(&reader, signal).map(Self::Signal),
            [None, Some(fact), None, None] => read_fact(&reader, fact).map(Self::Fact),
            [None, None, Some(parts), None] => read_parts(parts).map(Self::Any),
            [None, None, None, Some(parts)] => read_parts(parts).map(Self::All),
            _ => report_subjects(&reader),
        }
    }

    fn schema() -> Value {
        reference("condition")
    }
}

/// True or false, a word, or a quantity.
impl FromToml for FactValue {
    fn from_toml(node: Node<'_>) -> Option<Self> {
        if let Some(flag) = node.as_bool() {
            return Some(Self::Flag(flag));
        }
        if node.as_number().is_some() {
            return Quantity::from_toml(node).map(Self::Number);
        }
        let text = node.string()?;
        Some(parse_quantity(&text).map_or(Self::Text(text), Self::Number))
    }

    fn schema() -> Value {
        json!({ "type": ["boolean", "number", "string"] })
    }
}

/// Reports that nothing, or more than one thing, is evaluated. The keys beside it are no second error.
fn report_subjects<T>(reader: &Reader<'_>) -> Option<T> {
    for (key, ..) in COMPARISONS.into_iter().chain(OPTIONS) {
        reader.optional(key);
    }
    let message = "a condition has exactly one of `signal`, `fact`, `any` and `all`";
    let error = Diagnostic::error("condition/shape", reader.span(), message);
    reader.report_missing(&SUBJECTS.map(|(key, ..)| key), error);
    None
}

fn read_parts(node: Node<'_>) -> Option<Vec<Condition>> {
    let items = node.items()?;
    if items.is_empty() {
        return node.fail("condition/empty", "an empty list of conditions is never evaluated");
    }
    let wanted = items.len();
    let parts: Vec<Condition> = items.into_iter().filter_map(Condition::from_toml).collect();
    (parts.len() == wanted).then_some(parts)
}

fn read_signal(reader: &Reader<'_>, node: Node<'_>) -> Option<SignalTest> {
    let signal = SignalId::from_toml(node);
    let instance = reader.get("instance", Node::string);
    let aggregate_at = reader.optional("aggregate");
    let aggregate = aggregate_at.and_then(Aggregate::from_toml);
    let sustained_at = reader.optional("for");
    let sustained = sustained_at.and_then(SUSTAINED.read);
    if let (Some(aggregate), Some(sustained)) = (aggregate_at, sustained_at) {
        let message = "`for` compares every sample, so `aggregate` has no effect";
        reader.report(
            Diagnostic::error("condition/aggregate-and-for", aggregate.span(), message)
                .also(sustained.span(), "every sample of this long")
                .help("remove one of the two"),
        );
    }
    let comparison = read_comparison(reader, |_, node| limit(node, signal));
    if sustained_at.is_some() && sustained.is_none() {
        return None;
    }
    let signal = signal?;
    Some(SignalTest {
        signal,
        instance,
        aggregate: aggregate.unwrap_or(signal.entry().aggregate),
        comparison: comparison?,
        sustained,
    })
}

/// A limit in the unit of the signal, or in any unit where the signal is unknown.
fn limit(node: Node<'_>, signal: Option<SignalId>) -> Option<Quantity> {
    match signal {
        Some(signal) => quantity_of(node, signal.entry()),
        None => Quantity::from_toml(node),
    }
}

fn read_fact(reader: &Reader<'_>, node: Node<'_>) -> Option<FactTest> {
    let fact = (IDENTIFIER.read)(node);
    // Words and flags have no order: they can only be compared for being the same.
    let comparison = read_comparison(reader, |key, node| match key {
        "is" => FactValue::from_toml(node),
        _ => Quantity::from_toml(node).map(FactValue::Number),
    });
    Some(FactTest { fact: fact?, comparison: comparison? })
}

fn read_comparison<T: PartialOrd>(
    reader: &Reader<'_>,
    read: impl Fn(&str, Node<'_>) -> Option<T>,
) -> Option<Comparison<T>> {
    let present: Vec<_> =
        COMPARISONS.into_iter().filter_map(|(key, ..)| Some((key, reader.optional(key)?))).collect();
    let keys = COMPARISONS.map(|(key, ..)| key);
    let help = format!("give one of {}", keys.join(", "));
    match present.as_slice() {
        [] => {
            let message = "the condition has no comparison";
            let diagnostic = Diagnostic::error("condition/comparison", reader.span(), message).help(help);
            reader.report_missing(&keys, diagnostic);
            None
        }
        [(key, node)] => comparison(key, *node, read),
        [(first, at), (second, again), ..] => {
            let message = format!("`{first}` and `{second}` exclude each other");
            let diagnostic = Diagnostic::error("condition/comparison", again.span(), message);
            reader.report(diagnostic.also(at.span(), "compared with this already").help(help));
            None
        }
    }
}

fn comparison<T: PartialOrd>(
    key: &str,
    node: Node<'_>,
    read: impl Fn(&str, Node<'_>) -> Option<T>,
) -> Option<Comparison<T>> {
    let two = || read_two(node, |node| read(key, node));
    match key {
        "above" => read(key, node).map(Comparison::Above),
        "at_least" => read(key, node).map(Comparison::AtLeast),
        "below" => read(key, node).map(Comparison::Below),
        "at_most" => read(key, node).map(Comparison::AtMost),
        "inside" => two().map(|(low, high)| Comparison::Inside(low, high)),
        "outside" => two().map(|(low, high)| Comparison::Outside(low, high)),
        _ => read(key, node).map(Comparison::Is),
    }
}

fn read_two<T: PartialOrd>(node: Node<'_>, read: impl Fn(Node<'_>) -> Option<T>) -> Option<(T, T)> {
    let items = node.items()?;
    let [low, high] = items.as_slice() else {
        return node.fail("condition/two-values", "expected two values, [low, high]");
    };
    // Both are read before either is used, so that two errors are two diagnostics.
    let (low, high) = (read(*low), read(*high));
    let (low, high) = (low?, high?);
    if low < high {
        return Some((low, high));
    }
    node.fail("condition/two-values", "the first value must be below the second")
}
