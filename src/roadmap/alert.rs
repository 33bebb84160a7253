//! Alerts, which call for somebody, and objectives, which should hold.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Condition, check, condition, named, value};
use crate::diagnostic::{Node, Reader};

/// How bad it is when an alert fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Look at it soon.
    Warning,
    /// Act now.
    Critical,
}

impl Severity {
    /// Both with their names in files.
    pub const NAMES: [(&'static str, Self); 2] = [("warning", Self::Warning), ("critical", Self::Critical)];
}

/// A condition that calls for somebody.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Alert {
    /// Its name.
    pub id: String,
    /// How bad it is when it fires.
    pub severity: Severity,
    /// When it fires.
    pub when: Condition,
    /// Where its name stands in the file.
    #[serde(skip)]
    pub span: std::ops::Range<usize>,
}

/// A target to hold.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Objective {
    /// Its name.
    pub id: String,
    /// What it promises.
    pub title: String,
    /// When it is met.
    pub when_met: Condition,
    /// Where its name stands in the file.
    #[serde(skip)]
    pub span: std::ops::Range<usize>,
}

/// Every alert; a warning comes before the critical alert on the same signal.
pub(super) fn read_alerts(reader: &Reader<'_>) -> Vec<Alert> {
    let alerts = named(reader, "alerts", read_alert, |item| (&item.id, &item.span));
    check::alerts(reader, &alerts);
    alerts
}

fn read_alert(node: Node<'_>) -> Option<Alert> {
    let reader = node.table()?;
    let id = reader.need("id", value::name);
    let severity = reader.need("severity", |node| node.one_of(&Severity::NAMES));
    let when = reader.need("when", condition::read);
    let (id, span) = id?;
    Some(Alert { id, severity: severity?, when: when?, span })
}

pub(super) fn read_objective(node: Node<'_>) -> Option<Objective> {
    let reader = node.table()?;
    let id = reader.need("id", value::name);
    let title = reader.need("title", Node::string);
    let when_met = reader.need("when_met", condition::read);
    let (id, span) = id?;
    Some(Objective { id, title: title?, when_met: when_met?, span })
}
