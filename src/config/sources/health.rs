//! `[sources.health]`: JSON documents in which an application tells how it is.

use std::{collections::BTreeSet, ops::Range};

use super::http::{self, Http};
use crate::{
    config::text::Environment,
    diagnostic::{Diagnostic, Node},
    roadmap::signal_named,
    signal::{SignalId, parse_quantity},
};

/// A health endpoint.
#[derive(Debug)]
pub struct Health {
    /// What tells it from others.
    pub name: Option<String>,
    /// Its address, and how to get in.
    pub http: Http,
    /// Where the document says how the application is.
    pub status: Option<String>,
    /// What it says there when all is well.
    pub healthy: Option<Vec<String>>,
    /// What it says there when it works in part.
    pub degraded: Option<Vec<String>>,
    /// What it says there when it does not work.
    pub unhealthy: Option<Vec<String>>,
    /// Where the document tells signals.
    pub values: Vec<(SignalId, Pick)>,
}

/// Where a value stands in a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Pick {
    /// A JSON pointer to it.
    pub pointer: String,
    /// A JSON pointer to the whole of which it is a part.
    pub capacity: Option<String>,
    /// How much of the signal's base unit one is, where the document counts in another unit.
    pub scale: f64,
}

pub(super) fn read(nodes: &[Node<'_>], environment: &Environment<'_>) -> Vec<Health> {
    let mut names = BTreeSet::new();
    nodes
        .iter()
        .filter_map(|node| {
            let (health, name_at) = one(*node, environment)?;
            if nodes.len() > 1 && !names.insert(health.name.clone().unwrap_or_default()) {
                node.report(
                    Diagnostic::error("config/endpoint-name", name_at, "another endpoint has the same name")
                        .help("give each of several `[[sources.health]]` a `name` of its own"),
                );
            }
            Some(health)
        })
        .collect()
}

/// An endpoint, and the place where its name stands or should stand.
fn one(node: Node<'_>, environment: &Environment<'_>) -> Option<(Health, Range<usize>)> {
    let reader = node.table()?;
    reader.required("url");
    let name_at = reader.optional("name").map_or(node.span(), |name| name.span());
    let words = |key| reader.optional(key).map(|_| reader.list(key, Node::string));
    let health = Health {
        name: reader.get("name", Node::string),
        http: http::read(&reader, environment),
        status: reader.get("status", pointer),
        healthy: words("healthy"),
        degraded: words("degraded"),
        unhealthy: words("unhealthy"),
        values: reader.get("values", values).unwrap_or_default(),
    };
    Some((health, name_at))
}

fn values(node: Node<'_>) -> Option<Vec<(SignalId, Pick)>> {
    let reader = node.table()?;
    let entries = reader.entries().into_iter();
    Some(
        entries
            .filter_map(|(name, span, node)| {
                let signal = signal_named(&reader, &name, span)?;
                Some((signal, pick(node, signal)?))
            })
            .collect(),
    )
}

fn pick(node: Node<'_>, signal: SignalId) -> Option<Pick> {
    if !node.is_table() {
        return Some(Pick { pointer: pointer(node)?, capacity: None, scale: 1.0 });
    }
    let reader = node.table()?;
    let pick = Pick {
        pointer: reader.need("pointer", pointer)?,
        capacity: reader.get("capacity", |node| capacity(node, signal)),
        scale: reader.get("unit", |node| scale(node, signal)).unwrap_or(1.0),
    };
    Some(pick)
}

/// A JSON pointer, RFC 6901.
fn pointer(node: Node<'_>) -> Option<String> {
    let text = node.string()?;
    if text.starts_with('/') {
        return Some(text);
    }
    node.report(
        Diagnostic::error("config/pointer", node.span(), format!("`{text}` is not a JSON pointer"))
            .help("begin with `/` and put one between keys, such as \"/pool/active\""),
    );
    None
}

fn capacity(node: Node<'_>, signal: SignalId) -> Option<String> {
    if signal.entry().of.is_some() {
        return pointer(node);
    }
    node.fail("config/capacity", format!("`{signal}` is not a share of anything, so it has no capacity"))
}

/// One of the unit that a document counts in, such as `ms`, in the signal's base unit.
fn scale(node: Node<'_>, signal: SignalId) -> Option<f64> {
    let text = node.string()?;
    let wanted = signal.entry().unit;
    match parse_quantity(&format!("1{text}")) {
        Ok(one) if one.unit() == wanted => Some(one.value()),
        _ => node.fail(
            "config/unit",
            format!("`{text}` is not the unit of {}, as `{signal}` wants it", wanted.example()),
        ),
    }
}
