//! Conditions from TOML.

use super::{Comparison, Condition, FactTest, FactValue, SignalTest};
use crate::{
    diagnostic::{Diagnostic, Node, Reader},
    roadmap::value,
    signal::{Aggregate, Quantity, SignalId},
};

const SHAPES: [&str; 4] = ["signal", "fact", "any", "all"];
const COMPARISONS: [&str; 7] = ["above", "at_least", "below", "at_most", "inside", "outside", "is"];

/// Reads a condition; every mistake in it is reported.
pub(crate) fn read(node: Node<'_>) -> Option<Condition> {
    let reader = node.table()?;
    match SHAPES.map(|key| reader.optional(key)) {
        [Some(signal), None, None, None] => read_signal(&reader, signal).map(Condition::Signal),
        [None, Some(fact), None, None] => read_fact(&reader, fact).map(Condition::Fact),
        [None, None, Some(parts), None] => read_parts(parts).map(Condition::Any),
        [None, None, None, Some(parts)] => read_parts(parts).map(Condition::All),
        _ => report_shape(&reader),
    }
}

/// Says that nothing, or more than one thing, is judged. The keys beside it are no second mistake.
fn report_shape<T>(reader: &Reader<'_>) -> Option<T> {
    for key in COMPARISONS.into_iter().chain(["instance", "aggregate", "for"]) {
        reader.optional(key);
    }
    let message = "a condition has exactly one of `signal`, `fact`, `any` and `all`";
    reader.report_missing(&SHAPES, Diagnostic::error("condition/shape", reader.span(), message));
    None
}

fn read_parts(node: Node<'_>) -> Option<Vec<Condition>> {
    let items = node.items()?;
    if items.is_empty() {
        return node.fail("condition/empty", "an empty list of conditions decides nothing");
    }
    let wanted = items.len();
    let parts: Vec<Condition> = items.into_iter().filter_map(read).collect();
    (parts.len() == wanted).then_some(parts)
}

fn read_signal(reader: &Reader<'_>, node: Node<'_>) -> Option<SignalTest> {
    let signal = value::signal(node);
    let instance = reader.get("instance", Node::string);
    let aggregate_at = reader.optional("aggregate");
    let aggregate = aggregate_at.and_then(|node| node.one_of(&Aggregate::NAMES));
    let sustained_at = reader.optional("for");
    let sustained = sustained_at.and_then(value::sustained);
    if let (Some(aggregate), Some(sustained)) = (aggregate_at, sustained_at) {
        let message = "`for` judges every sample, so `aggregate` beside it has no effect";
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
        Some(signal) => value::quantity_of(node, signal.entry()),
        None => value::quantity(node),
    }
}

fn read_fact(reader: &Reader<'_>, node: Node<'_>) -> Option<FactTest> {
    let fact = value::identifier(node);
    // Words and flags have no order: they can only be compared for being the same.
    let comparison = read_comparison(reader, |key, node| match key {
        "is" => value::fact_value(node),
        _ => value::quantity(node).map(FactValue::Number),
    });
    Some(FactTest { fact: fact?, comparison: comparison? })
}

fn read_comparison<T: PartialOrd>(
    reader: &Reader<'_>,
    read: impl Fn(&str, Node<'_>) -> Option<T>,
) -> Option<Comparison<T>> {
    let present: Vec<_> =
        COMPARISONS.into_iter().filter_map(|key| Some((key, reader.optional(key)?))).collect();
    let help = format!("give one of {}", COMPARISONS.join(", "));
    match present.as_slice() {
        [] => {
            let message = "the condition compares with nothing";
            let diagnostic = Diagnostic::error("condition/comparison", reader.span(), message).help(help);
            reader.report_missing(&COMPARISONS, diagnostic);
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
    // Both are read before either is judged, so that two mistakes are two diagnostics.
    let (low, high) = (read(*low), read(*high));
    let (low, high) = (low?, high?);
    if low < high {
        return Some((low, high));
    }
    node.fail("condition/two-values", "the first value must be below the second")
}
