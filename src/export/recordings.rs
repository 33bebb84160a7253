//! Recording rules: of the signals of a system, and of the hourly figures of a fleet.

use std::{collections::BTreeMap, time::Duration};

use super::{
    Basis, ExportInput, Recorded, Recording, Rule, RuleGroup, RuleSet, SkipReason, Skipped,
    expression::{Sent, pretty},
    measured::{MeasuredSignal, measured, skip_reason},
};
use crate::signal::{Role, SignalId};

/// How often values are recorded.
const OFTEN: Duration = Duration::from_secs(60);
/// How often hourly figures are recorded.
const RARELY: Duration = Duration::from_secs(300);

/// Rules for the usage and the limit of every resource that Prometheus measures, and for the load.
pub fn recording_rules(export: &ExportInput<'_>) -> RuleSet {
    let (mut values, mut hourly, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
    let load = export.input.roadmap.load.signal;
    for (signal, source) in measured(export) {
        if signal.entry().role != Role::Resource && signal != load {
            continue;
        }
        match source {
            Ok(source) => record(&source, &mut values, &mut hourly),
            Err(reason) => skipped.push(Skipped { signal, reason }),
        }
    }
    let groups = [
        RuleGroup { name: "scale-advisor-values".to_owned(), interval: Some(OFTEN), rules: values },
        RuleGroup { name: "scale-advisor-hourly".to_owned(), interval: Some(RARELY), rules: hourly },
    ];
    RuleSet {
        basis: export.basis(),
        groups: groups.into_iter().filter(|group| !group.rules.is_empty()).collect(),
        skipped,
        compound_alerts: Vec::new(),
    }
}

fn record(source: &MeasuredSignal<'_>, values: &mut Vec<Rule>, hourly: &mut Vec<Rule>) {
    let signal = source.signal;
    let rule = |recorded, name: &str, expression| {
        // Hourly figures have the labels of what they are made of.
        let is_first = matches!(recorded, Recorded::Value | Recorded::Limit);
        let labels = is_first.then(|| ("signal", signal.as_str().to_owned())).into_iter().collect();
        Rule::Recording(Recording { recorded, name: name.to_owned(), expression: pretty(expression), labels })
    };
    let usage = series_name(signal, if signal.entry().role == Role::Load { "load" } else { "usage" });
    values.push(rule(Recorded::Value, &usage, source.usage()));
    let mean = |of: &str| (format!("{of}:mean1h"), format!("avg_over_time({of}[1h])"));
    let (name, expression) = mean(&usage);
    hourly.push(rule(Recorded::HourlyMean, &name, expression));
    hourly.push(rule(Recorded::HourlyPeak, &format!("{usage}:max1h"), format!("max_over_time({usage}[1h])")));
    if let Some(limit) = source.limit() {
        let series = series_name(signal, "limit");
        values.push(rule(Recorded::Limit, &series, limit));
        let (name, expression) = mean(&series);
        hourly.push(rule(Recorded::HourlyMean, &name, expression));
    }
}

/// `scale_advisor:postgres_connections:usage`.
fn series_name(signal: SignalId, what: &str) -> String {
    let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
    let signal: String = signal.as_str().chars().map(letter).collect();
    format!("scale_advisor:{signal}:{what}")
}

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
