//! `[[sources.csv]]`.

use std::path::PathBuf;

use super::tls::path;
use crate::{config::text::Environment, diagnostic::Node, roadmap::signal_node, signal::SignalId};

/// A file of dates and values.
#[derive(Debug)]
pub struct Csv {
    /// The file.
    pub file: PathBuf,
    /// What its values are.
    pub signal: SignalId,
}

pub(super) fn read(node: Node<'_>, environment: &Environment<'_>) -> Option<Csv> {
    let reader = node.table()?;
    reader.required("file");
    let file = path(&reader, "file", environment);
    let signal = reader.need("signal", signal_node);
    Some(Csv { file: file?, signal: signal? })
}
