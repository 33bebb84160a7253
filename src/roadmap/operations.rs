//! Running the system: targets to hold, alerts, recovery after a disaster, playbooks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Amount, Comparison, Condition, SignalTest,
    amount::{DURATION, read_amount_of},
    values::{IDENTIFIER, check_unique},
};
use crate::{
    diagnostic::{Diagnostic, FromToml, Kind, Reader, Spans, toml_table},
    signal::Quantity,
};

toml_table! {
    /// A target to hold.
    #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
    pub struct Objective {
        /// Its name.
        pub id: String as IDENTIFIER,
        /// What it promises.
        pub title: String,
        /// When it is met.
        pub when_met: Condition,
        /// The places of its values in the file.
        #[serde(skip)]
        pub spans: Spans as flatten,
    }
    check_list = check_objectives;
}

fn check_objectives(objectives: &[Option<Objective>], reader: &Reader<'_>, key: &'static str) {
    check_unique(reader, key, objectives.iter().flatten().map(|objective| (&objective.id, &objective.spans)));
}

toml_table! {
    /// A target and the value that the document states.
    #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
    pub struct Benchmark {
        /// What is compared.
        pub title: String,
        /// When the target is met: a condition on one signal.
        pub target: Condition as ON_ONE_SIGNAL,
        /// The value that the document states, in the unit of that signal.
        pub current: Option<Amount>,
    }
    check = check_unit_of_benchmark;
}

/// A condition on one signal: what combines several has no single value to compare with.
const ON_ONE_SIGNAL: Kind<Condition> = Kind {
    read: |node| match Condition::from_toml(node)? {
        condition @ Condition::Signal(_) => Some(condition),
        _ => node.fail("roadmap/benchmark-target", "a benchmark compares one signal with its target"),
    },
    schema: || json!({ "$ref": "#/$defs/condition", "required": ["signal"] }),
};

fn check_unit_of_benchmark(benchmark: &mut Benchmark, reader: &Reader<'_>) {
    if let (Condition::Signal(test), Some(_)) = (&benchmark.target, benchmark.current) {
        benchmark.current = reader.get("current", |node| read_amount_of(node, test.signal.entry()));
    }
}

/// How bad it is when an alert fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Needs attention soon.
    Warning,
    /// Act now.
    Critical,
}

impl Severity {
    /// Both with their names in files.
    pub const NAMES: [(&'static str, Self); 2] = [("warning", Self::Warning), ("critical", Self::Critical)];
}

toml_table! {
    /// A condition that needs a person's attention.
    #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
    pub struct Alert {
        /// Its name.
        pub id: String as IDENTIFIER,
        /// How bad it is when it fires.
        pub severity: Severity,
        /// When it fires.
        pub when: Condition,
        /// The places of its values in the file.
        #[serde(skip)]
        pub spans: Spans as flatten,
    }
    check_list = check_alerts;
}

/// A warning must come before the critical alert on the same signal.
fn check_alerts(alerts: &[Option<Alert>], reader: &Reader<'_>, key: &'static str) {
    check_unique(reader, key, alerts.iter().flatten().map(|alert| (&alert.id, &alert.spans)));
    let with_severity = |severity: Severity| {
        alerts.iter().flatten().filter(move |alert| alert.severity == severity).filter_map(|alert| {
            match &alert.when {
                Condition::Signal(test) => Some((alert, test)),
                Condition::Fact(_) | Condition::Any(_) | Condition::All(_) => None,
            }
        })
    };
    for (warning, warns) in with_severity(Severity::Warning) {
        let mut critical = with_severity(Severity::Critical);
        let Some((critical, breaks)) = critical.find(|(_, breaks)| is_beyond(warns, breaks)) else {
            continue;
        };
        let message =
            format!("the warning `{}` fires after the critical alert `{}`", warning.id, critical.id);
        reader.report(
            Diagnostic::error("roadmap/warning-beyond-critical", warning.spans.of_key("id"), message)
                .label(format!("warns when {}", warns.comparison))
                .also(critical.spans.of_key("id"), format!("is already critical when {}", breaks.comparison))
                .help("swap the two limits"),
        );
    }
}

/// Whether one test begins to hold only after the other one; false where they test different things.
fn is_beyond(test: &SignalTest, other: &SignalTest) -> bool {
    let tested = |test: &SignalTest| (test.signal, test.aggregate, test.instance.clone());
    if tested(test) != tested(other) {
        return false;
    }
    match (&test.comparison, &other.comparison) {
        (
            Comparison::Above(limit) | Comparison::AtLeast(limit),
            Comparison::Above(earlier) | Comparison::AtLeast(earlier),
        ) => limit > earlier,
        (
            Comparison::Below(limit) | Comparison::AtMost(limit),
            Comparison::Below(earlier) | Comparison::AtMost(earlier),
        ) => limit < earlier,
        _ => false,
    }
}

toml_table! {
    /// Targets for the recovery after a disaster.
    #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
    pub struct Recovery {
        /// Recovery time objective: within this time the service is back.
        pub rto: Option<Quantity> as DURATION,
        /// Recovery point objective: no more than the data of this time is lost.
        pub rpo: Option<Quantity> as DURATION,
        /// What is done to reach these targets.
        pub measures: Vec<String>,
    }
}

toml_table! {
    /// What to do about one symptom.
    #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
    pub struct Playbook {
        /// Its name.
        pub id: String as IDENTIFIER,
        /// The symptom.
        pub symptom: String,
        /// The symptom as a condition, where it can be measured.
        pub when: Option<Condition>,
        /// What to do, in this order.
        pub remedies: Vec<String>,
        /// The places of its values in the file.
        #[serde(skip)]
        pub spans: Spans as flatten,
    }
    check_list = check_playbooks;
}

fn check_playbooks(playbooks: &[Option<Playbook>], reader: &Reader<'_>, key: &'static str) {
    check_unique(reader, key, playbooks.iter().flatten().map(|playbook| (&playbook.id, &playbook.spans)));
}
