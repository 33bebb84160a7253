//! Rules for Prometheus: a rule file, or a resource of the Prometheus operator.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::yaml::{Yaml, comment};
use crate::{
    export::{DateAlert, LimitAlert, Recording, Remedy, Rule, RuleGroup, RuleSet, SkipReason, Skipped},
    render::{
        format::{bounds, count, dates, day, grade},
        reason, safe,
    },
    roadmap::Severity,
    signal::{Direction, SignalId, Unit, duration_text},
};

/// A format of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleFormat<'a> {
    /// A file for `rule_files` of Prometheus, Mimir, Thanos or vmalert.
    File,
    /// A `PrometheusRule` for the Prometheus operator.
    PrometheusRule(ResourceMetadata<'a>),
}

/// What a Kubernetes resource is called and found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResourceMetadata<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its namespace; that of `kubectl` where there is none.
    pub namespace: Option<&'a str>,
    /// Its labels, by which an operator may choose what it loads.
    pub labels: &'a [(String, String)],
}

/// Rules as text, with comments on what they rest on and on what is not in them.
pub fn rule_file(rules: &RuleSet, format: RuleFormat<'_>) -> String {
    let groups = ("groups", Yaml::List(rules.groups.iter().map(group).collect()));
    let document = match format {
        RuleFormat::File => Yaml::map([groups]),
        RuleFormat::PrometheusRule(metadata) => Yaml::map([
            ("apiVersion", Yaml::text("monitoring.coreos.com/v1")),
            ("kind", Yaml::text("PrometheusRule")),
            ("metadata", metadata.yaml()),
            ("spec", Yaml::map([groups])),
        ]),
    };
    comment(&header(rules)) + &document.document()
}

impl ResourceMetadata<'_> {
    /// The `metadata` of a resource.
    pub(super) fn yaml(self) -> Yaml {
        let labels = self.labels.iter().map(|(name, value)| (name.as_str(), Yaml::text(value)));
        let labels = (!self.labels.is_empty()).then(|| Yaml::map(labels));
        Yaml::map_of_known([
            ("name", Some(Yaml::text(self.name))),
            ("namespace", self.namespace.map(Yaml::text)),
            ("labels", labels),
        ])
    }
}

fn header(rules: &RuleSet) -> Vec<String> {
    let basis = &rules.basis;
    let mut lines = vec![format!(
        "Written by scale-advisor {} for roadmap {} from measurements of {}.",
        basis.tool_version,
        basis.profile,
        basis.generated_at.format("%-d %b %Y %H:%M UTC")
    )];
    lines.extend(basis.simulated.as_ref().map(|simulated| format!("Demo data: {simulated}.")));
    lines.extend(rules.skipped.iter().map(skipped_line));
    let compound = rules.compound_alerts.iter();
    lines.extend(compound.map(|id| {
        format!("Not exported: alert {id} of the roadmap (it is on one instance, or combines conditions)")
    }));
    lines
}

/// Why a signal is not exported.
pub fn skip_reason(reason: &SkipReason) -> String {
    match reason {
        SkipReason::OtherSource { sources } => {
            format!("read from {}, not from Prometheus", sources.join(" and "))
        }
        SkipReason::NotForAll { detail } => format!("not for all services at once: {detail}"),
        SkipReason::NotMeasured => "not measured".to_owned(),
        SkipReason::Computed => "computed from other signals".to_owned(),
        SkipReason::NotPromQl => "its query is not PromQL, or too long to be stored".to_owned(),
        SkipReason::MetricsQl => "its query uses MetricsQL functions".to_owned(),
        SkipReason::CountedTwice => {
            "several jobs show the same, and a sum would count it twice; choose one with --match job=…"
                .to_owned()
        }
        SkipReason::ByDesign => "beyond its limits by design: a cache, or not known to be one".to_owned(),
        SkipReason::JudgedByReset => {
            "its thresholds, because it is judged by its reset; only its end has an alert".to_owned()
        }
        SkipReason::AboveBuckets { limit, highest } => format!(
            "the limit of {limit} is above the highest bucket of the histogram, {highest}: no value beyond that is ever \
             reported; add a bucket at {limit}"
        ),
        SkipReason::NotTellable => {
            "some instances exceed their limits by design, and no label distinguishes them from the others"
                .to_owned()
        }
    }
}

/// What is not exported, with its reason.
pub(super) fn skipped_line(skipped: &Skipped) -> String {
    format!("Not exported: {} ({})", skipped.signal, skip_reason(&skipped.reason))
}

fn group(group: &RuleGroup) -> Yaml {
    Yaml::map_of_known([
        ("name", Some(Yaml::text(&group.name))),
        ("interval", group.interval.map(|interval| Yaml::text(duration(interval)))),
        ("rules", Some(Yaml::List(group.rules.iter().map(rule).collect()))),
    ])
}

fn rule(rule: &Rule) -> Yaml {
    match rule {
        Rule::Limit(alert) => limit_alert(alert),
        Rule::Date(alert) => date_alert(alert),
        Rule::Recording(recording) => recording_rule(recording),
    }
}

fn recording_rule(recording: &Recording) -> Yaml {
    let labels = recording.labels.iter().map(|(name, value)| (*name, Yaml::text(inert(value))));
    Yaml::map_of_known([
        ("record", Some(Yaml::text(&recording.name))),
        ("expr", Some(Yaml::text(&recording.expression))),
        ("labels", (!recording.labels.is_empty()).then(|| Yaml::map(labels))),
    ])
}

fn limit_alert(alert: &LimitAlert) -> Yaml {
    let LimitAlert { signal, severity, limit, sustained, .. } = alert;
    let entry = signal.entry();
    let severity = severity_name(*severity);
    let of_instance = alert.instance_label.as_ref();
    let of_instance =
        of_instance.map(|label| format!("{{{{ with $labels.{label} }}}} of {{{{ . }}}}{{{{ end }}}}"));
    let title = format!("{}{}", inert(&capitalized(&entry.title)), of_instance.unwrap_or_default());
    let side = match entry.direction {
        Direction::HigherIsWorse => "above",
        Direction::LowerIsWorse => "below",
    };
    let time =
        if sustained.is_zero() { String::new() } else { format!(" for {}", duration_text(*sustained)) };
    let summary = format!("{title} {side} {}{time}", alert.bucket.unwrap_or(limit.at));
    let bucket = alert.bucket.map(|bound| format!(" The limit lies inside a histogram bucket that ends at {bound}: it is certainly exceeded only above that."));
    let which =
        if alert.is_end { "end of the resource from".to_owned() } else { format!("{severity} limit") };
    let description = format!(
        "{title}: {{{{ $value | {} }}}}, {which} {} ({}).{} {} `scale-advisor explain {signal}` shows where the limit comes from.",
        humanizer(entry.unit),
        limit.at,
        inert(&reason::limit_origin(&limit.origin)),
        bucket.unwrap_or_default(),
        inert(&entry.description),
    );
    let name = if alert.is_end { "Saturated".to_owned() } else { capitalized(severity) };
    let annotations = Yaml::map_of_known([
        ("summary", Some(Yaml::text(summary))),
        ("description", Some(Yaml::text(description))),
        ("runbook", alert.remedy.as_ref().map(runbook)),
    ]);
    Yaml::map_of_known([
        ("alert", Some(Yaml::text(camel_case(signal.as_str()) + &name))),
        ("expr", Some(Yaml::text(&alert.expression))),
        ("for", (!sustained.is_zero()).then(|| Yaml::text(duration(*sustained)))),
        ("labels", Some(labels(severity, *signal, None))),
        ("annotations", Some(annotations)),
    ])
}

fn date_alert(alert: &DateAlert) -> Yaml {
    let resource = alert.resource.entry();
    let name = inert(&resource.of_instance(alert.instance.as_deref()));
    let act_by = day(alert.act_by);
    let saturates = if resource.plural { "saturate" } else { "saturates" };
    let summary = format!("Start by {act_by}: {name} {saturates} around {}", around(alert));
    let load = alert
        .saturates_at_load
        .as_ref()
        .map(|load| format!(" at {} {}{}", count(load.mid), inert(&alert.load_unit), bounds(load)));
    let lead = alert.lead_time.map_or_else(
        || "14 days are assumed for the remedy".to_owned(),
        |lead| format!("the remedy takes {}", duration_text(lead.to_std().unwrap_or_default())),
    );
    let description = format!(
        "{name} {saturates}{} around {}, confidence {}; {lead}. This date is fixed: export again after acting, and regularly.",
        load.unwrap_or_default(),
        around(alert),
        grade(alert.grade),
    );
    let stamp = |date: DateTime<Utc>| Yaml::text(date.format("%Y-%m-%d").to_string());
    let on = &alert.saturates_on;
    let annotations = Yaml::map_of_known([
        ("summary", Some(Yaml::text(summary))),
        ("description", Some(Yaml::text(description))),
        ("runbook", alert.remedy.as_ref().map(runbook)),
        ("act_by", Some(stamp(alert.act_by))),
        ("saturates_low", Some(stamp(on.low))),
        ("saturates_median", on.mid.map(stamp)),
        ("saturates_high", on.high.map(stamp)),
    ]);
    Yaml::map([
        ("alert", Yaml::text(format!("{}ActBy", camel_case(alert.resource.as_str())))),
        ("expr", Yaml::text(format!("vector(time()) >= {}", alert.act_by.timestamp()))),
        ("labels", labels("warning", alert.signal, alert.instance.as_deref())),
        ("annotations", annotations),
    ])
}

fn around(alert: &DateAlert) -> String {
    dates(&alert.saturates_on, DateTime::<Utc>::UNIX_EPOCH)
}

fn labels(severity: &str, signal: SignalId, instance: Option<&str>) -> Yaml {
    Yaml::map_of_known([
        ("severity", Some(Yaml::text(severity))),
        ("signal", Some(Yaml::text(signal.as_str()))),
        ("instance", instance.map(|instance| Yaml::text(inert(instance)))),
    ])
}

/// "[2.2] Tune PostgreSQL; start by 3 Dec 2026; takes 14 d".
fn runbook(remedy: &Remedy) -> Yaml {
    let id = remedy.id.as_ref().map(|id| format!("[{id}] ")).unwrap_or_default();
    let start = remedy.start_by.map(|date| format!("; start by {}", day(date)));
    let takes = remedy.lead_time.and_then(|time| time.to_std().ok());
    let takes = takes.map(|time| format!("; takes {}", duration_text(time)));
    Yaml::text(inert(&format!(
        "{id}{}{}{}",
        remedy.title,
        start.unwrap_or_default(),
        takes.unwrap_or_default()
    )))
}

fn severity_name(severity: Severity) -> &'static str {
    Severity::NAMES.into_iter().find(|(_, known)| *known == severity).map_or("warning", |(name, _)| name)
}

/// The function of templates that shows a value of a unit.
fn humanizer(unit: Unit) -> &'static str {
    match unit {
        Unit::Ratio => "humanizePercentage",
        Unit::Bytes | Unit::BytesPerSecond => "humanize1024",
        Unit::Seconds => "humanizeDuration",
        Unit::Count | Unit::PerSecond => "humanize",
    }
}

/// `PostgresConnections` of `postgres.connections`.
fn camel_case(name: &str) -> String {
    name.split(|letter: char| !letter.is_ascii_alphanumeric()).map(capitalized).collect()
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A duration as Prometheus writes it: `90s`, `15m`, `2h`.
fn duration(duration: Duration) -> String {
    match duration.as_secs() {
        seconds if seconds % 3600 == 0 && seconds > 0 => format!("{}h", seconds / 3600),
        seconds if seconds % 60 == 0 && seconds > 0 => format!("{}m", seconds / 60),
        seconds => format!("{seconds}s"),
    }
}

/// A text that a template of Go shows as it is, whatever stands before or behind it.
pub(super) fn inert(text: &str) -> String {
    safe(text).replace('{', "{{ \"{\" }}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_durations_are_those_of_prometheus() {
        assert_eq!(camel_case("postgres.connections"), "PostgresConnections");
        assert_eq!(camel_case("http.latency_p99"), "HttpLatencyP99");
        let texts = [0, 90, 900, 7200].map(|seconds| duration(Duration::from_secs(seconds)));
        assert_eq!(texts, ["0s", "90s", "15m", "2h"]);
    }

    #[test]
    fn a_brace_begins_no_action() {
        assert_eq!(inert("a {{ .Labels }}"), "a {{ \"{\" }}{{ \"{\" }} .Labels }}");
        assert_eq!(inert("50% \"of\" it"), "50% \"of\" it");
    }
}
