//! Settings that steps of the roadmap would change, against those that the servers have.
//!
//! A roadmap states values for the installation that its author had. Where a server has a higher one already, the
//! statement would lower it: it is left out of the step, and the plan says so. Where the present value is unknown, the
//! plan asks for it first.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PlanItem;
use crate::{
    assess::Context,
    signal::{Quantity, SignalId, Unit, parse_quantity},
    snapshot::SETTING,
};

/// How a step of the roadmap changes a setting of PostgreSQL.
const STATEMENT: &str = "ALTER SYSTEM SET ";

/// Settings of PostgreSQL of which more is meant where a roadmap sets them. Others have no better direction.
const RAISED: [&str; 5] =
    ["max_connections", "shared_buffers", "effective_cache_size", "work_mem", "maintenance_work_mem"];

/// A setting that the roadmap states and that is at least as high already.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KeptSetting {
    /// The name, such as `max_connections`.
    pub name: String,
    /// What it is now; the lowest where several servers differ.
    pub present: Quantity,
    /// What the roadmap would set.
    pub stated: Quantity,
}

/// Takes out of the steps what would lower a setting, and asks for the present value where it is not known.
pub(super) fn fit(context: &Context<'_>, mut item: PlanItem) -> PlanItem {
    let mut unknown: Vec<String> = Vec::new();
    let mut steps = Vec::new();
    for step in &item.steps {
        let mut kept_text = step.clone();
        for (name, stated, statement) in statements(step) {
            match present(context, name, stated) {
                Some(present) if present.value() >= stated.value() => {
                    kept_text = kept_text.replace(statement, "");
                    item.kept.push(KeptSetting { name: name.to_owned(), present, stated });
                }
                Some(_) => {}
                None => unknown.push(name.to_owned()),
            }
        }
        if kept_text == *step {
            steps.push(kept_text);
        } else if kept_text.contains(STATEMENT) {
            steps.push(kept_text.replace("` ", "`").replace("  ", " ").replace(" `.", "`."));
        }
    }
    if !unknown.is_empty() {
        let shown: Vec<String> = unknown.iter().map(|name| format!("SHOW {name};")).collect();
        let first =
            format!("Read the present values first, and keep those that are higher: `{}`", shown.join(" "));
        steps.insert(0, first);
    }
    item.steps = steps;
    item
}

/// The statements of a step that raise a setting: its name, the value, and the text up to its semicolon.
fn statements(step: &str) -> Vec<(&'static str, Quantity, &str)> {
    let starts = step.match_indices(STATEMENT).map(|(start, _)| start);
    starts
        .filter_map(|start| {
            let text = &step[start..];
            let end = text.find(';').map_or(text.len(), |end| end + 1);
            let (name, value) = text[STATEMENT.len()..end].split_once('=')?;
            let name = RAISED.into_iter().find(|known| *known == name.trim())?;
            let value = value.trim().trim_end_matches(';').trim().trim_matches('\'');
            Some((name, quantity(value)?, &text[..end]))
        })
        .collect()
}

/// A value as PostgreSQL writes it: its units of memory are powers of 1024.
fn quantity(value: &str) -> Option<Quantity> {
    let unit = ["kB", "MB", "GB", "TB"].into_iter().zip(1..).find(|(unit, _)| value.ends_with(unit));
    match unit {
        Some((unit, power)) => {
            let number: f64 = value.trim_end_matches(unit).trim().parse().ok()?;
            Quantity::new(number * 1024.0_f64.powi(power), Unit::Bytes)
        }
        None => parse_quantity(value).ok().filter(|value| value.unit() == Unit::Count),
    }
}

/// The lowest present value of a setting on any server; `None` where none is known.
fn present(context: &Context<'_>, name: &str, stated: Quantity) -> Option<Quantity> {
    let connections = SignalId::find("postgres.connections")?;
    let key = format!("{SETTING}{name}");
    let known = context.evaluated(connections).iter().filter_map(|observation| {
        let read = observation.attributes.get(&key).and_then(|value| value.parse().ok());
        // What may be used is at most what there is.
        let usable = observation.capacity().filter(|_| name == "max_connections").map(Quantity::value);
        Quantity::new(read.or(usable)?, stated.unit())
    });
    known.reduce(|a, b| if b.value() < a.value() { b } else { a })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_that_raise_a_setting_are_found() {
        let step = "Raise: `ALTER SYSTEM SET max_connections = 200; ALTER SYSTEM SET shared_buffers = '256MB'; \
                    ALTER SYSTEM SET idle_in_transaction_session_timeout = '60s';`";
        let found: Vec<(&str, f64)> =
            statements(step).into_iter().map(|(name, value, _)| (name, value.value())).collect();
        assert_eq!(found, [("max_connections", 200.0), ("shared_buffers", 268_435_456.0)]);
        assert!(statements("Set `maxmemory 2gb`").is_empty());
    }
}
