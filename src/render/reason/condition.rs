//! Conditions in words.

use super::{amount, bucket_words, joined, missing, of_instance, since};
use crate::{
    assess::{Caveat, ConditionReason, Measured, Outcome, Sustained},
    roadmap::Comparison,
    signal::{Aggregate, Quantity, span_text},
};

/// Why a condition has its outcome.
pub(crate) fn condition(reason: &ConditionReason) -> String {
    match reason {
        ConditionReason::Fact { fact, declared, comparable: true, .. } => {
            format!("{fact} is declared as {declared}")
        }
        ConditionReason::Fact { fact, declared, comparison, comparable: false } => format!(
            "{fact} is declared as {declared}, which cannot be compared with `{comparison}`; write it as the \
             roadmap does"
        ),
        ConditionReason::FactNotDeclared { fact } => {
            format!("{fact} is not declared; add `{fact} = …` under [facts] in scale-advisor.toml")
        }
        ConditionReason::Absent { system } => format!("{system} is declared absent"),
        ConditionReason::Missing { missing: reason } => missing(reason),
        ConditionReason::NotFinite { signal, aggregate } => {
            format!("{signal}: {} is NaN or infinite", aggregate.name())
        }
        ConditionReason::Value { bucket: Some(bucket), measured, aggregate, comparison, .. } => format!(
            "{}{} {} {comparison}: unknown, because it lies {}",
            measured.signal,
            of_instance(measured.instance.as_deref()),
            aggregate.name(),
            bucket_words(*bucket, measured.value.unit()),
        ),
        ConditionReason::Value {
            caveat: Some(Caveat::PartOfWindow { known_seconds }),
            measured,
            aggregate,
            comparison,
            ..
        } => part_of_window(measured, *aggregate, comparison, *known_seconds),
        ConditionReason::Value {
            measured,
            aggregate,
            comparison,
            holds,
            caveat,
            could_be_lower_without,
            bucket: None,
        } => {
            let names: Vec<&str> = could_be_lower_without.iter().map(|signal| signal.as_str()).collect();
            let lower = match names.as_slice() {
                [] => String::new(),
                names => format!(", but may be less: {} not measured", names.join(", ")),
            };
            format!(
                "{}{} {} {} {} {comparison}{}{lower}",
                measured.signal,
                of_instance(measured.instance.as_deref()),
                aggregate.name(),
                amount(measured),
                if *holds { "is" } else { "is not" },
                caveat_words(caveat.as_ref()),
            )
        }
        ConditionReason::Duration { signal, instance, comparison, bucket: Some(bucket), .. } => format!(
            "{signal}{} {comparison}: unknown, because it lies {}",
            of_instance(instance.as_deref()),
            bucket_words(*bucket, signal.entry().unit),
        ),
        ConditionReason::Duration {
            extreme,
            signal,
            instance,
            comparison,
            sustained,
            outcome,
            caveat,
            bucket: None,
        } => {
            let subject = format!("{signal}{} {comparison}", of_instance(instance.as_deref()));
            let extreme = extreme.as_ref().map(|measured| extreme_words(comparison, measured));
            let extreme = format!("{}{}", extreme.unwrap_or_default(), caveat_words(caveat.as_ref()));
            let one_sample = *caveat == Some(Caveat::OneSample);
            duration(&subject, sustained, *outcome, &extreme, one_sample)
        }
        ConditionReason::Parts { parts } => joined(parts.iter().map(condition)),
        ConditionReason::Worded { text } => text.clone(),
    }
}

/// "queue.depth of mail avg 56, but met now: unknown, because only 10 min are measured (below 50)".
fn part_of_window(
    measured: &Measured,
    aggregate: Aggregate,
    comparison: &Comparison<Quantity>,
    known_seconds: f64,
) -> String {
    format!(
        "{}{} {} {}, but met now: unknown, because only {} are measured ({comparison})",
        measured.signal,
        of_instance(measured.instance.as_deref()),
        aggregate.name(),
        amount(measured),
        span_text(known_seconds),
    )
}

fn duration(
    subject: &str,
    sustained: &Sustained,
    outcome: Outcome,
    extreme: &str,
    one_sample: bool,
) -> String {
    let required = span_text(sustained.required_seconds);
    let longest = span_text(sustained.longest_seconds);
    match outcome {
        Outcome::True => {
            let still = if sustained.current_seconds > 0.0 { ", lasting until now" } else { "" };
            format!("{subject} for {longest}{}{still} (required {required}){extreme}", since(sustained.began))
        }
        Outcome::False if sustained.began.is_none() => format!("{subject} at no time{extreme}"),
        Outcome::False => format!("{subject} for {longest} at most (required {required}){extreme}"),
        Outcome::Unknown if one_sample => {
            format!("{subject} for {required}: one sample has no duration; history is needed")
        }
        Outcome::Unknown => format!("insufficient history to evaluate {subject} for {required}"),
    }
}

/// ", peak 92 of 97 connections (94.8%)".
fn extreme_words(comparison: &Comparison<Quantity>, measured: &Measured) -> String {
    let word = match comparison {
        Comparison::Below(_) | Comparison::AtMost(_) => "lowest",
        Comparison::Is(_) => "now",
        Comparison::Above(_) | Comparison::AtLeast(_) | Comparison::Inside(..) | Comparison::Outside(..) => {
            "peak"
        }
    };
    format!(", {word} {}", amount(measured))
}

fn caveat_words(caveat: Option<&Caveat>) -> String {
    match caveat {
        None => String::new(),
        Some(Caveat::OneSample) => " (one sample)".to_owned(),
        Some(Caveat::Estimated { from }) => format!(" (estimated from {})", from.entry().title),
        Some(Caveat::Computed { query }) => format!(" ({query})"),
        Some(Caveat::PartOfWindow { known_seconds }) => format!(" (of {})", span_text(*known_seconds)),
    }
}
