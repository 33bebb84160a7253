//! Shapes of the installation and the places it runs in.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Amount, Band, Figure, Machine, amount, machine, named, value};
use crate::{
    diagnostic::{Diagnostic, Node, Reader},
    signal::SignalId,
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
    /// What it runs on.
    pub nodes: Vec<Machine>,
    /// What it carries of each signal.
    pub capacity: BTreeMap<SignalId, Amount>,
    /// What the document says about it besides.
    pub figures: Vec<Figure>,
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
    pub app_servers: Option<u64>,
    /// Whether the database's primary is there.
    pub database_primary: bool,
    /// Read replicas there.
    pub database_replicas: Option<u64>,
    /// Redis nodes there.
    pub redis_nodes: Option<u64>,
}

/// Every deployment, in the order of the users they carry.
pub(super) fn read_all(reader: &Reader<'_>) -> Vec<Deployment> {
    let deployments = named(reader, "deployments", read, |item| (&item.id, &item.span));
    for pair in deployments.windows(2) {
        let [before, after] = [&pair[0], &pair[1]];
        let overlap = before.users.high().is_none_or(|high| after.users.low() < high);
        if overlap && before.id != after.id {
            let message = format!("`{}` carries users that `{}` carries already", after.id, before.id);
            reader.report(
                Diagnostic::error("roadmap/overlapping-deployments", after.span.clone(), message)
                    .also(before.span.clone(), "before it")
                    .help("give the shapes from the smallest to the largest, without overlaps"),
            );
        }
    }
    deployments
}

fn read(node: Node<'_>) -> Option<Deployment> {
    let reader = node.table()?;
    let id = reader.need("id", value::name);
    let title = reader.need("title", Node::string);
    let users = reader.need("users", value::band);
    let nodes = reader.list("nodes", machine::read);
    let capacity = reader.get("capacity", amount::read_by_signal).unwrap_or_default();
    let figures = reader.get("figures", amount::read_figures).unwrap_or_default();
    let (id, span) = id?;
    Some(Deployment { id, title: title?, users: users?, nodes, capacity, figures, span })
}

pub(super) fn read_region(node: Node<'_>) -> Option<Region> {
    let reader = node.table()?;
    let name = reader.need("name", Node::string);
    let role = reader.need("role", Node::string);
    Some(Region {
        app_servers: reader.get("app_servers", Node::count),
        database_primary: reader.get("database_primary", Node::boolean).unwrap_or(false),
        database_replicas: reader.get("database_replicas", Node::count),
        redis_nodes: reader.get("redis_nodes", Node::count),
        name: name?,
        role: role?,
    })
}
