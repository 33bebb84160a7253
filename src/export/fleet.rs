//! Recording rules for a fleet: the hourly figures that forecasts need, of all services at once.

use std::{collections::BTreeMap, time::Duration};

use super::{
    Basis, Recorded, Recording, Rule, RuleGroup, RuleSet, SkipReason, Skipped,
    expression::{Sent, pretty},
    measured::skip_reason,
    recordings::series_name,
};
use crate::signal::{Role, SignalId};

/// How often the rules are evaluated: each gives the mean of the last hour.
const HOURLY: Duration = Duration::from_secs(3600);

/// A query that gives the mean of the last hour for every service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HourlyFigure {
    /// Which exporter shows it.
    pub exporter: String,
    /// Whether it is the limit of the signal, and not the signal.
    pub is_limit: bool,
    /// The query.
    pub query: String,
}

/// A group of rules for each signal, so that they are evaluated beside each other. What several exporters show has a rule
/// for each, told apart by a label.
pub fn fleet_rules(basis: Basis, figures: BTreeMap<SignalId, Result<Vec<HourlyFigure>, String>>) -> RuleSet {
    let (mut groups, mut skipped) = (Vec::new(), Vec::new());
    for (signal, figures) in figures {
        let mut rules = Vec::new();
        match figures {
            Ok(figures) => {
                for figure in figures {
                    match Sent::parse(&figure.query, false) {
                        Ok(_) => rules.push(rule(signal, figure)),
                        Err(why) => skipped.push(Skipped { signal, reason: skip_reason(why) }),
                    }
                }
            }
            Err(detail) => skipped.push(Skipped { signal, reason: SkipReason::NotForAll { detail } }),
        }
        if !rules.is_empty() {
            groups.push(RuleGroup {
                name: format!("scale-advisor-fleet-{signal}"),
                interval: Some(HOURLY),
                rules,
            });
        }
    }
    RuleSet { basis, groups, skipped, compound_alerts: Vec::new() }
}

fn rule(signal: SignalId, figure: HourlyFigure) -> Rule {
    let HourlyFigure { exporter, is_limit, query } = figure;
    let what = match signal.entry().role {
        _ if is_limit => "limit",
        Role::Load => "load",
        Role::Resource => "usage",
        _ => "value",
    };
    let labels = vec![("signal", signal.as_str().to_owned()), ("exporter", exporter)];
    Rule::Recording(Recording {
        recorded: Recorded::HourlyMean,
        name: format!("{}:mean1h", series_name(signal, what)),
        expression: pretty(query),
        labels,
    })
}
