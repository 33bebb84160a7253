//! What was measured, what was not, and why.

use std::collections::BTreeSet;

use super::{AssessmentInput, Context, Coverage};
use crate::{
    signal::{Signal, SignalId, catalog},
    snapshot::{Gap, Reason, Snapshot},
};

/// Compares what is called for with what was measured.
///
/// Called for is what the roadmap's conditions name, what belongs to a system of its stack or to a system
/// that is read directly, what the settings say where to read, and whatever was measured anyway or is there
/// without being readable. What the team declares absent is not.
pub(super) fn assess(context: &Context<'_>) -> Coverage {
    let wanted = wanted(context);
    let measured = &context.measured;
    let mut gaps: Vec<Gap> =
        context.gaps.iter().copied().filter(|gap| wanted.contains(&gap.signal)).cloned().collect();
    let explained: BTreeSet<SignalId> = gaps.iter().map(|gap| gap.signal).collect();
    for signal in &wanted {
        if !measured.contains(signal) && !explained.contains(signal) {
            gaps.push(unread(*signal));
        }
    }
    gaps.sort();
    // What does not apply is neither missing nor measured.
    let applicable = |signal: &&SignalId| measured.contains(signal) || !context.is_not_applicable(**signal);
    Coverage {
        wanted: wanted.iter().filter(applicable).count(),
        measured: wanted.iter().filter(|signal| measured.contains(signal)).count(),
        gaps,
    }
}

/// The signals that an assessment would look for.
pub fn called_for(input: &AssessmentInput, snapshot: &Snapshot) -> BTreeSet<SignalId> {
    wanted(&Context::new(input, snapshot, &[]))
}

pub(super) fn wanted(context: &Context<'_>) -> BTreeSet<SignalId> {
    let roadmap = &context.input.roadmap;
    let mut wanted: BTreeSet<SignalId> =
        roadmap.conditions().into_iter().flat_map(|(_, condition)| condition.signals()).collect();
    wanted.extend(&context.input.declared.named);
    wanted.extend(roadmap.defined());
    wanted.extend(&context.measured);
    wanted.extend(context.gaps.iter().filter(|gap| shows(gap)).map(|gap| gap.signal));
    let systems: BTreeSet<&str> = roadmap
        .stack
        .iter()
        .map(String::as_str)
        .chain(context.snapshot.sources.iter().map(|report| report.source.as_str()))
        .collect();
    // What comes with its own limits is evaluated where it is found, and not reported missing where it is not: not
    // every machine tracks connections, and not every cluster has quotas.
    let is_missed = |signal: &&Signal| systems.contains(signal.system.as_str()) && signal.limits.is_empty();
    let of_systems = catalog().signals().filter(is_missed);
    wanted.extend(of_systems.map(Signal::id));
    // What is computed is not read: it is known or not with what it is computed from.
    wanted.retain(|signal| !context.is_absent(*signal) && signal.entry().computed.is_none());
    wanted
}

/// Whether a gap shows that something can be judged, which only could not be read. What brings its own limits along
/// has none where a machine sets none, as newer kernels do for open files.
fn shows(gap: &Gap) -> bool {
    let is_unlimited = gap.reason == Reason::LabelMismatch && !gap.signal.entry().limits.is_empty();
    is_there(gap.reason) && !is_unlimited
}

/// Whether a reason is that something could not be read, and not that there is nothing.
fn is_there(reason: Reason) -> bool {
    match reason {
        Reason::Stopped
        | Reason::LabelMismatch
        | Reason::SeveralSeries
        | Reason::Empty
        | Reason::NotFinite
        | Reason::TooFewSamples
        | Reason::Partial
        | Reason::NotPermitted
        | Reason::TooLarge => true,
        Reason::NotConfigured
        | Reason::NotApplicable
        | Reason::NeverExisted
        | Reason::Unreachable
        | Reason::TimedOut
        | Reason::SignInRefused
        | Reason::NotInstalled
        | Reason::QueryFailed
        | Reason::UnexpectedReply
        | Reason::Full => false,
    }
}

fn unread(signal: SignalId) -> Gap {
    Gap {
        signal,
        source: "none".to_owned(),
        reason: Reason::NotConfigured,
        detail: "no configured source reads it".to_owned(),
        hint: how_to_read(signal),
    }
}

/// Which config would make a signal readable; `None` for a signal that only another machine could provide.
pub fn how_to_read(signal: SignalId) -> Option<String> {
    let entry = signal.entry();
    if let Some(example) = &entry.example {
        return Some(format!(
            "bind it in scale-advisor.toml to a metric of the application: `[signals.\"{signal}\"]` with `prometheus = '{example}'`"
        ));
    }
    let prometheus = (!entry.prometheus.is_empty()).then_some("PROMETHEUS_URL");
    let native = entry.native.iter().filter_map(|source| match source.as_str() {
        "host" => None,
        "postgres" => Some("DATABASE_URL".to_owned()),
        "redis" => Some("REDIS_URL".to_owned()),
        other => Some(format!("[sources.{other}]")),
    });
    let ways: Vec<String> = prometheus.map(str::to_owned).into_iter().chain(native).collect();
    let set = (!ways.is_empty()).then(|| format!("set {}", ways.join(" or ")))?;
    // Every service has users, requests and a host; not every one has a queue.
    let needless = ["users", "http", "host"].contains(&entry.system.as_str());
    let absent = format!("; or add `absent = [\"{}\"]` to scale-advisor.toml if there is none", entry.system);
    Some(if needless { set } else { set + &absent })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn hint(signal: &str) -> Option<String> {
        how_to_read(SignalId::find(signal).unwrap())
    }

    #[test]
    fn a_hint_names_the_setting_that_would_help() {
        assert!(hint("redis.memory").unwrap().starts_with("set PROMETHEUS_URL or REDIS_URL; or add"));
        let bound = hint("users.registered").unwrap();
        assert!(bound.contains("`[signals.\"users.registered\"]` with `prometheus = '"), "{bound}");
    }
}
