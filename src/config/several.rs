//! Several servers of a kind: one table, or a list of tables with a name and an address each.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::sources::{Health, PgBouncer, Postgres, Prometheus, Redis};
use crate::diagnostic::{Diagnostic, FromToml, Node, schema::list};

/// What tells several tables of one key apart.
pub trait NamedSource {
    /// The name of the server.
    fn name(&self) -> Option<&str>;

    /// Whether its address is given here.
    fn has_address(&self) -> bool;
}

impl NamedSource for Health {
    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn has_address(&self) -> bool {
        true
    }
}

macro_rules! named_sources {
    ($($source:ty),*) => {
        $(impl NamedSource for $source {
            fn name(&self) -> Option<&str> {
                self.name.as_deref()
            }

            fn has_address(&self) -> bool {
                self.url.is_some()
            }
        })*
    };
}

named_sources!(Prometheus, Postgres, PgBouncer, Redis);

/// `[sources.key]`, or several `[[sources.key]]`.
pub(super) fn read_one_or_more<T: FromToml>(node: Node<'_>) -> Option<Vec<Option<T>>> {
    let nodes = if node.is_array() { node.items()? } else { vec![node] };
    Some(nodes.into_iter().map(T::from_toml).collect())
}

pub(super) fn one_or_more<T: FromToml>() -> Value {
    json!({ "anyOf": [T::schema(), list(T::schema())] })
}

/// The same, where several need a name and an address each.
pub(super) fn read_several<T: FromToml + NamedSource>(node: Node<'_>) -> Option<Vec<T>> {
    let sources = read_one_or_more::<T>(node)?;
    if node.is_array() && sources.len() > 1 {
        let mut names = BTreeSet::new();
        for (source, node) in sources.iter().zip(node.items()?) {
            let Some(source) = source else { continue };
            let span = |key| node.get(key).map_or(node.span(), |value| value.span());
            let name = source.name().map(str::trim).filter(|name| !name.is_empty());
            if !names.insert(name) || name.is_none() {
                let message = match name {
                    Some(_) => "another of these has the same name",
                    None => "it has no name",
                };
                node.report(
                    Diagnostic::error("config/source-name", span("name"), message)
                        .help("give each of them a unique `name`"),
                );
            }
            if !source.has_address() {
                node.report(
                    Diagnostic::error("config/source-url", node.span(), "it has no address")
                        .help("give each of them a `url`; variables of the environment name one server only"),
                );
            }
        }
    }
    Some(sources.into_iter().flatten().collect())
}
