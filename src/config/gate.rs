//! `[gate]`: what a team lets pass.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::{
    diagnostic::{Diagnostic, Node, Reader},
    gate::{Acknowledgement, Better, FailOn, Floor, GateConfig, OnInconclusive},
    roadmap::signal_node,
    signal::{SignalId, Unit, parse_quantity},
};

/// Reads the table: the signals that are required, and the policy.
pub(super) fn read(node: Node<'_>) -> Option<(Vec<SignalId>, GateConfig)> {
    let reader = node.table()?;
    let default = GateConfig::default();
    let require = reader.list("require", signal_node);
    let policy = GateConfig {
        fail_on: reader.get("fail_on", |node| node.one_of(&FailOn::NAMES)).unwrap_or(default.fail_on),
        on_inconclusive: unsettled(&reader, "on_inconclusive"),
        on_missing_baseline: unsettled(&reader, "on_missing_baseline"),
        margin: reader.get("margin", share).unwrap_or(default.margin),
        margins: by_metric(&reader, "margins", share),
        floors: by_metric(&reader, "floors", floor),
        directions: by_metric(&reader, "directions", |node| node.one_of(&Better::NAMES)),
        ignore: reader.list("ignore", filled).into_iter().collect(),
        min_headroom: reader.get("min_headroom", share),
        acknowledge: reader.list("acknowledge", acknowledgement),
    };
    Some((require, policy))
}

fn unsettled(reader: &Reader<'_>, key: &'static str) -> OnInconclusive {
    reader.get(key, |node| node.one_of(&OnInconclusive::NAMES)).unwrap_or(OnInconclusive::Report)
}

fn by_metric<T>(
    reader: &Reader<'_>,
    key: &'static str,
    mut read: impl FnMut(Node<'_>) -> Option<T>,
) -> BTreeMap<String, T> {
    let Some(table) = reader.get(key, Node::table) else { return BTreeMap::new() };
    let entries = table.entries();
    entries.into_iter().filter_map(|(metric, _, node)| Some((metric, read(node)?))).collect()
}

/// A share of the baseline, `"5%"`; below a whole, for what is allowed to go cannot be everything.
fn share(node: Node<'_>) -> Option<f64> {
    let text = node.string()?;
    match parse_quantity(&text) {
        Ok(share) if share.unit() == Unit::Ratio && (0.0..1.0).contains(&share.value()) => {
            Some(share.value())
        }
        _ => node
            .fail("config/share", format!("`{text}` is not a share from 0% to below 100%, such as \"5%\"")),
    }
}

/// A number in the metric's own unit, or a quantity.
fn floor(node: Node<'_>) -> Option<Floor> {
    let floor = match node.as_str() {
        Some(text) => match parse_quantity(text) {
            Ok(quantity) if quantity.unit() == Unit::Count => Floor::Plain(quantity.value()),
            Ok(quantity) => Floor::Quantity(quantity),
            Err(problem) => return node.fail("config/floor", problem),
        },
        None => Floor::Plain(node.number()?),
    };
    if value_of(floor) < 0.0 { node.fail("config/floor", "a floor is not below zero") } else { Some(floor) }
}

fn value_of(floor: Floor) -> f64 {
    match floor {
        Floor::Plain(value) => value,
        Floor::Quantity(quantity) => quantity.value(),
    }
}

fn acknowledgement(node: Node<'_>) -> Option<Acknowledgement> {
    let reader = node.table()?;
    let [id, reason, owner] = ["id", "reason", "owner"].map(|key| reader.need(key, filled));
    let until = reader.need("until", day);
    Some(Acknowledgement { id: id?, reason: reason?, until: until?, owner: owner? })
}

fn filled(node: Node<'_>) -> Option<String> {
    let text = node.string()?;
    if text.trim().is_empty() {
        node.report(Diagnostic::error("config/acknowledgement", node.span(), "must say something"));
        return None;
    }
    Some(text)
}

/// A day as a string, because that is how JSON and TOML share it.
fn day(node: Node<'_>) -> Option<NaiveDate> {
    let text = node.string()?;
    match text.parse() {
        Ok(day) => Some(day),
        Err(_) => {
            node.fail("config/acknowledgement", format!("`{text}` is not a day such as \"2027-01-31\""))
        }
    }
}
