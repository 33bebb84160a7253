//! Shapes of the installation and the places it runs in.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Band, value};
use crate::{
    diagnostic::Node,
    signal::{Quantity, SignalId},
};

/// A shape of the installation and what it carries.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Deployment {
    /// Its name.
    pub id: String,
    /// What it consists of.
    pub title: String,
    /// How many users it carries.
    pub users: Band,
    /// What it carries of each signal.
    pub capacity: BTreeMap<SignalId, Quantity>,
    /// Where its name stands in the file.
    #[serde(skip)]
    pub span: std::ops::Range<usize>,
}

/// A place to deploy to.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Region {
    /// Its name.
    pub name: String,
    /// Its part: primary, secondary, future.
    pub role: String,
    /// Application servers there.
    pub app_servers: u64,
    /// Whether the database's primary is there.
    pub database_primary: bool,
    /// Read replicas there.
    pub database_replicas: u64,
    /// Redis nodes there.
    pub redis_nodes: u64,
}

pub(super) fn read(node: Node<'_>) -> Option<Deployment> {
    let reader = node.table()?;
    let id = reader.need("id", value::name);
    let title = reader.need("title", Node::string);
    let users = reader.need("users", value::band);
    let capacity = reader.get("capacity", read_capacity).unwrap_or_default();
    let (id, span) = id?;
    Some(Deployment { id, title: title?, users: users?, capacity, span })
}

fn read_capacity(node: Node<'_>) -> Option<BTreeMap<SignalId, Quantity>> {
    let reader = node.table()?;
    let mut capacity = BTreeMap::new();
    for (name, span, node) in reader.entries() {
        if let Some(signal) = value::signal_named(&reader, &name, span)
            && let Some(quantity) = value::quantity_of(node, signal.entry())
        {
            capacity.insert(signal, quantity);
        }
    }
    Some(capacity)
}

pub(super) fn read_region(node: Node<'_>) -> Option<Region> {
    let reader = node.table()?;
    let name = reader.need("name", Node::string);
    let role = reader.need("role", Node::string);
    let app_servers = reader.need("app_servers", Node::count);
    let database_primary = reader.get("database_primary", Node::boolean).unwrap_or(false);
    let database_replicas = reader.get("database_replicas", Node::count).unwrap_or(0);
    let redis_nodes = reader.need("redis_nodes", Node::count);
    Some(Region {
        name: name?,
        role: role?,
        app_servers: app_servers?,
        database_primary,
        database_replicas,
        redis_nodes: redis_nodes?,
    })
}
