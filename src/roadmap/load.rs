//! What phases count, and how to estimate it when it is not measured.

use schemars::JsonSchema;
use serde::Serialize;

use super::value;
use crate::{
    diagnostic::{Diagnostic, Node},
    signal::{Quantity, Role, SignalId, Unit},
};

/// The load that phases and milestones are counted in.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Load {
    /// The signal that measures it.
    pub signal: SignalId,
    /// What one of it is called: "concurrent users".
    pub unit: String,
    /// Share of the users who are active on a day.
    pub daily_active_ratio: Option<Quantity>,
    /// Share of the users who are there at the busiest moment.
    pub peak_concurrent_ratio: Option<Quantity>,
    /// Requests of one user per second, to estimate the load from traffic.
    pub requests_per_user: Option<Quantity>,
    /// Share of the requests that only read.
    pub read_ratio: Option<Quantity>,
    /// How the load comes about, in words.
    pub patterns: Vec<String>,
}

pub(super) fn read(node: Node<'_>) -> Option<Load> {
    let reader = node.table()?;
    let signal = reader.need("signal", |node| {
        let signal = value::signal(node)?;
        if signal.entry().role == Role::Load {
            return Some(signal);
        }
        let message = format!("`{signal}` does not measure load");
        node.report(
            Diagnostic::error("roadmap/not-a-load", node.span(), message)
                .help("use a signal such as `users.concurrent`"),
        );
        None
    });
    let unit = reader.need("unit", Node::string);
    let ratio = |key| reader.get(key, |node| value::of_unit(node, Unit::Ratio));
    Some(Load {
        daily_active_ratio: ratio("daily_active_ratio"),
        peak_concurrent_ratio: ratio("peak_concurrent_ratio"),
        requests_per_user: reader.get("requests_per_user", |node| value::of_unit(node, Unit::PerSecond)),
        read_ratio: ratio("read_ratio"),
        patterns: reader.list("patterns", Node::string),
        signal: signal?,
        unit: unit?,
    })
}
