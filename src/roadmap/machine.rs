//! Machines: how many of which size.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Range, value};
use crate::{
    diagnostic::{Node, Reader},
    signal::{Quantity, Unit},
};

/// Machines, containers or managed services of one kind.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Machine {
    /// What runs on it.
    pub name: String,
    /// How many there are and how large each one is.
    #[serde(flatten)]
    pub size: Size,
}

/// How many there are and how large each one is, as far as the document says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Size {
    /// How many; one where nothing is said.
    pub count: Option<Range<u64>>,
    /// Cores of each.
    pub cpu_cores: Option<f64>,
    /// Memory of each.
    pub memory: Option<Quantity>,
    /// Disk space of each.
    pub storage: Option<Quantity>,
}

pub(super) fn read(node: Node<'_>) -> Option<Machine> {
    let reader = node.table()?;
    let name = reader.need("name", Node::string);
    let size = read_size(&reader);
    Some(Machine { name: name?, size })
}

/// The keys of a size among those of what has it.
pub(super) fn read_size(reader: &Reader<'_>) -> Size {
    let bytes = |node| value::of_unit(node, Unit::Bytes);
    Size {
        count: reader.get("count", |node| value::exact_or_pair(node, Node::count)),
        cpu_cores: reader.get("cpu_cores", |node| match node.number()? {
            cores if cores > 0.0 => Some(cores),
            _ => node.fail("roadmap/no-cores", "a machine has more than no cores"),
        }),
        memory: reader.get("memory", bytes),
        storage: reader.get("storage", bytes),
    }
}
