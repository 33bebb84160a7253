//! What other limits and numbers of replicas do, in words.

use chrono::{DateTime, Utc};

use super::joined;
use crate::{
    assess::{LimitEffect, ReplicaEffect, ReplicaResource, UnderLimit},
    diff::{NotResolved, REPLICA_SETTINGS, SettingChange, UnresolvedChange},
    render::format::{percent, short},
    signal::listed,
    snapshot::{AssumedReplicas, ChangedLimit, LimitBasis},
};

/// So many names are written out.
const MAX_NAMES: usize = 5;

/// "PostgreSQL connections 97 → 197: reached about 14 Jan 2027 instead of 3 Dec; headroom 55% instead of 8%".
pub(crate) fn limit_effect(effect: &LimitEffect, now: DateTime<Utc>) -> String {
    let ChangedLimit { signal, instance, present, assumed, .. } = &effect.change;
    let title = signal.entry().title.as_str();
    let named = format!("{title}{} {present} → {assumed}", super::of_instance(instance.as_deref()));
    let Some(after) = &effect.after else {
        return format!("{named}: not evaluated, so its effect is unknown");
    };
    let warned = effect.is_too_small.then(|| "too small".to_owned());
    let parts = warned.into_iter().chain(compared(effect.before.as_ref(), after, "", now));
    format!("{named}: {}", joined(parts))
}

/// What an assumed limit rests on that nobody states.
pub(crate) fn limit_basis(basis: &LimitBasis) -> String {
    match basis {
        LimitBasis::Processors { from, to } => {
            format!("a vCPU of {to} is assumed to do as much as one of {from}")
        }
        LimitBasis::DefaultConnections { from, to } => format!(
            "max_connections is assumed to keep the RDS default, which follows the memory of the class ({from} → {to}); RDS \
             reserves a larger share of small classes, so a smaller one may allow fewer"
        ),
        LimitBasis::NodeMemory { from, to } => {
            format!(
                "the memory for data is that of the node type ({from} → {to}), with the same share reserved"
            )
        }
    }
}

/// When a limit is reached and how much room it leaves, each beside what it is now. `bound` is put before the headroom.
fn compared(
    before: Option<&UnderLimit>,
    after: &UnderLimit,
    bound: &str,
    now: DateTime<Utc>,
) -> impl Iterator<Item = String> {
    let day = |under: Option<&UnderLimit>| {
        let mid = under?.saturates_on.as_ref()?.mid?;
        Some(if mid <= now { "now".to_owned() } else { format!("about {}", short(mid, now)) })
    };
    let room = |under: Option<&UnderLimit>| under?.headroom.map(percent);
    let reached = match (day(before), day(Some(after))) {
        (Some(before), Some(then)) if before == then => Some(format!("reached {then} either way")),
        (Some(before), Some(then)) => Some(format!("reached {then} instead of {before}")),
        (Some(before), None) => {
            let until = after.saturates_on.as_ref().map(|on| short(on.horizon, now));
            let until = until.map(|day| format!(" until {day}")).unwrap_or_default();
            Some(format!("probably not reached{until}, where it was {before}"))
        }
        (None, Some(then)) => Some(format!("reached {then}, where it was not in the forecast")),
        (None, None) => None,
    };
    let headroom = match (room(before), room(Some(after))) {
        (Some(before), Some(then)) => Some(format!("headroom {bound}{then} instead of {before}")),
        (None, Some(then)) => Some(format!("headroom {bound}{then}")),
        _ => None,
    };
    [reached, headroom].into_iter().flatten()
}

/// "shop/api 3 → 6 replicas: CPU of container shop/api: reached about 14 Jan 2027 instead of 3 Dec; headroom 55% instead of 8%".
pub(crate) fn replica_effect(effect: &ReplicaEffect, now: DateTime<Utc>) -> (String, Vec<String>) {
    let ReplicaEffect { workload, present, assumed, cost, resources } = effect;
    let told = |resource: &ReplicaResource| {
        let named = resource.resource.entry().of_instance(resource.instance.as_deref());
        let Some(after) = &resource.after else {
            return format!("{named}: not evaluated, so its effect is unknown");
        };
        let bound = match (resource.load_part_known, assumed > present) {
            (true, _) => "",
            (false, true) => "at most ",
            (false, false) => "at least ",
        };
        let too_small = match (resource.is_too_small, resource.may_be_too_small) {
            (true, _) => Some("too few".to_owned()),
            (false, true) => Some("perhaps too few".to_owned()),
            (false, false) => None,
        };
        let parts = too_small.into_iter().chain(compared(resource.before.as_ref(), after, bound, now));
        format!("{named}: {}", joined(parts))
    };
    let mut lines: Vec<String> = resources.iter().map(told).collect();
    let first = if lines.is_empty() { "nothing is judged".to_owned() } else { lines.remove(0) };
    if resources.iter().any(|resource| !resource.load_part_known) {
        lines.push("how much of it follows the load is not known yet: all of it is assumed to".to_owned());
    }
    lines.push("load-dependent usage is assumed to be shared by all replicas, as it is today".to_owned());
    lines.splice(0..0, cost.as_ref().map(super::change_cost));
    (format!("{workload} {present} → {assumed} replicas: {first}"), lines)
}

/// "db.conf:63 max_connections 100 → 50: may be postgres.connections@a or postgres.connections@b; choose one with --set".
pub(crate) fn unresolved_change(unresolved: &UnresolvedChange) -> String {
    let SettingChange { place, line, setting, from, to, .. } = &unresolved.change;
    let line = line.map(|line| format!(":{line}")).unwrap_or_default();
    let from = from.as_ref().map(|from| format!("{from} → ")).unwrap_or_default();
    let why = match &unresolved.reason {
        NotResolved::NotMeasured { signals } => {
            let names: Vec<&str> = signals.iter().map(|signal| signal.as_str()).collect();
            format!("its effect is unknown, because {} is not measured", names.join(" or "))
        }
        NotResolved::NoInstance { known } => {
            format!(
                "its effect is unknown, because no limit matches it; measured: {}",
                listed(known, MAX_NAMES)
            )
        }
        NotResolved::NoWorkload { known } if known.is_empty() => {
            "its effect is unknown, because no workload's replicas are measured".to_owned()
        }
        NotResolved::NoWorkload { known } => format!(
            "its effect is unknown, because no workload of that name and number is measured; measured: {}",
            listed(known, MAX_NAMES)
        ),
        NotResolved::UnreadableValue => {
            "its effect is unknown, because the new value is not a number of at least zero".to_owned()
        }
        NotResolved::NoCount => {
            let (least, most) = AssumedReplicas::COUNTS.into_inner();
            format!("its effect is unknown, because the number of replicas must be from {least} to {most}")
        }
        NotResolved::Autoscaled { autoscaler } => {
            format!("no effect, because the autoscaler {autoscaler} decides how many replicas there are")
        }
        NotResolved::NotShared { workload } => {
            format!("its effect is unknown, because the replicas of {workload} do not share its work equally")
        }
        NotResolved::NewClass => {
            "its effect is unknown, because the class it replaces is not given".to_owned()
        }
        NotResolved::UnknownClass { class } => {
            format!(
                "its effect is unknown, because the size of {class} is not known; say the limits with --set"
            )
        }
        NotResolved::SameSize => "no effect, because both are of the same size".to_owned(),
        NotResolved::ParameterGroup { instance, connections, default } => format!(
            "max_connections is {connections:.0}, where the default of the class is about {default:.0}: whether it follows the \
             class is unknown; say with --set {instance}=COUNT"
        ),
        NotResolved::SeveralInstances { possible } if REPLICA_SETTINGS.contains(&setting.as_str()) => {
            format!("may be {}; choose one with --replicas", possible.join(" or "))
        }
        NotResolved::SeveralInstances { possible } => {
            format!("may be {}; choose one with --set", possible.join(" or "))
        }
    };
    format!("{place}{line} {setting} {from}{to}: {why}")
}
