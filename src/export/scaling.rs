//! Settings of autoscalers, from what a replica was measured to carry.
//!
//! Of each of the last days the hour with the most load and those with the most and the least work count. The work of a
//! workload is the CPU of its busiest replica, as a share of the limit of its container, times its replicas: its size in
//! full replicas. Divided by the load it is the demand of one unit of load (the utilisation law, P. Denning and J. Buzen
//! 1978); divided by the warning limit it is the number of replicas that keeps each of them below that limit.
//!
//! `benches/autoscaling.rs` runs these settings over weeks of traffic, beside an autoscaler with a target of 80%.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    Basis, ExportInput, SkipReason,
    measured::{self, by_hour, measured},
};
use crate::{
    assess::{Interval, SignalLimit, SignalLimits},
    signal::{Quantity, SignalId, quantile},
    snapshot::Observation,
};

/// The days that count.
const DAYS: i64 = 28;
/// The fewest that show how days differ.
pub const MIN_DAYS: usize = 10;
/// How far ahead the load is looked at, in days.
const HORIZON: usize = 90;
/// By which share a figure has to be above its target before an autoscaler adds replicas: the default of Kubernetes.
pub const TOLERANCE: f64 = 0.1;
/// By which share the target for CPU lies below what a replica is sized for, as autoscalers tolerate more than their target.
/// More would take more replica-hours than a target of 80% in `benches/autoscaling.rs`.
pub const TARGET_MARGIN: f64 = 0.025;
/// By which share the thresholds for load lie above what a replica carries at the target for CPU. The trigger that asks for the
/// most replicas decides, and the highest of several noisy triggers is above each of them.
pub const LOAD_MARGIN: f64 = 0.03;
/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// What the user knows and no server shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ScalingOptions {
    /// The workload to export for; all whose autoscaler has their name otherwise.
    pub workload: Option<String>,
    /// The name of its autoscaler, where that is another.
    pub autoscaler: Option<String>,
    /// The CPU that one of its pods requests, in cores.
    pub cpu_request: Option<f64>,
    /// Whether settings may be lower than those of now.
    pub allow_lower: bool,
    /// The load that replicas are sized by; the roadmap's otherwise.
    pub load: Option<SignalId>,
}

/// Settings for every workload that was measured, and why there are none for others.
#[derive(Debug, Clone, PartialEq)]
pub struct ScalingSet {
    /// What they rest on.
    pub basis: Basis,
    /// The load.
    pub load: SignalId,
    /// What a unit of load is called.
    pub load_unit: String,
    /// The query for the load; absent where Prometheus does not measure it.
    pub load_query: Result<String, SkipReason>,
    /// The factor by which the load grows from a week to the next, at least 1; `None` where it is not known.
    pub weekly_growth: Option<f64>,
    /// The settings.
    pub workloads: Vec<WorkloadScaling>,
    /// Workloads without settings, by the name of their autoscaler.
    pub refused: Vec<(String, ScalingRefusal)>,
}

/// Why there are no settings for a workload.
#[derive(Debug, Clone, PartialEq)]
pub enum ScalingRefusal {
    /// No container of a workload of this name has a measured CPU and a CPU limit.
    NoCpu {
        /// The workload that was looked for.
        workload: String,
    },
    /// Load, replicas and CPU were not measured together on enough days.
    TooFewDays {
        /// On how many they were.
        days: usize,
    },
    /// The CPU has no warning or critical limit to keep below.
    NoLimit,
}

/// The settings of one autoscaler.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkloadScaling {
    /// Its namespace.
    pub namespace: String,
    /// The workload.
    pub workload: String,
    /// The autoscaler.
    pub autoscaler: String,
    /// The container whose CPU is measured.
    pub container: String,
    /// The fewest replicas.
    pub min: Replicas,
    /// The most replicas.
    pub max: Replicas,
    /// How many replicas the busiest hours need now.
    pub peak: Interval<f64>,
    /// The share of its CPU limit that a replica is sized for, with who set it. Autoscalers tolerate `TOLERANCE` above the
    /// target, which is below this share.
    pub limit: SignalLimit,
    /// The CPU limit of the container, in cores.
    pub limit_cores: Quantity,
    /// The factor by which the load rises while more replicas start, where the target leaves room for that below the CPU
    /// limit; `None` where `limit` leaves enough, or the load was not sampled often enough.
    pub rise: Option<f64>,
    /// The mean CPU of a replica at which to add more, in cores.
    pub target_cores: f64,
    /// The load of a replica at which to add more.
    pub load_per_replica: f64,
    /// The load that brings a replica from idle to its CPU limit.
    pub full_load: Interval<f64>,
    /// How many days it rests on.
    pub days: usize,
}

/// A number of replicas and what it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Replicas {
    /// The number.
    pub count: u64,
    /// How many are needed.
    pub needed: Option<Interval<f64>>,
    /// What is set or was seen: the maximum of today, or the fewest replicas that ran.
    pub present: u64,
    /// The day up to which the need is forecast.
    pub until: Option<NaiveDate>,
    /// How many replicas the nodes hold.
    pub nodes_hold: Option<u64>,
    /// Whether the CPU that nodes have left is part of that.
    pub counts_cpu: bool,
}

/// What one day needed.
#[derive(Debug, Clone, Copy)]
struct DayWork {
    /// The work of the hour with the most work, in full replicas.
    most: f64,
    /// The work of the hour with the least work, in full replicas.
    least: f64,
    /// Work for a unit of load, in the hour with the most load.
    per_load: f64,
}

/// The settings of every autoscaler that was measured, or of the one that the options name.
pub fn scaling(export: &ExportInput<'_>, options: &ScalingOptions) -> ScalingSet {
    let planned = export.input.roadmap.load.signal;
    let load = options.load.unwrap_or(planned);
    let mut measured = measured(export);
    let load_query = measured
        .remove(&load)
        .map_or_else(|| Err(SkipReason::NotMeasured), |source| source.map(|source| source.usage()));
    let (mut workloads, mut refused) = (Vec::new(), Vec::new());
    for replicas in observations(export, "k8s.replicas") {
        let Some(autoscaler) = replicas.instance.as_deref() else { continue };
        let (namespace, name) = autoscaler.split_once('/').unwrap_or(("", autoscaler));
        let wanted = options.autoscaler.as_deref().or(options.workload.as_deref());
        if wanted.is_some_and(|wanted| wanted != name && wanted != autoscaler) {
            continue;
        }
        let workload =
            options.workload.as_deref().map_or(name, |name| name.rsplit('/').next().unwrap_or(name));
        match of_workload(export, options, replicas, (namespace, workload, name)) {
            Ok(found) => workloads.push(found),
            Err(reason) => refused.push((autoscaler.to_owned(), reason)),
        }
    }
    ScalingSet {
        basis: export.basis(),
        load,
        load_unit: if load == planned {
            export.survey.assessment.load.unit.clone()
        } else {
            format!("of {}", load.entry().title)
        },
        load_query,
        weekly_growth: measured::weekly_growth(export, load),
        workloads,
        refused,
    }
}

fn of_workload(
    export: &ExportInput<'_>,
    options: &ScalingOptions,
    replicas: &Observation,
    (namespace, workload, autoscaler): (&str, &str, &str),
) -> Result<WorkloadScaling, ScalingRefusal> {
    let no_cpu = || ScalingRefusal::NoCpu { workload: workload.to_owned() };
    let cpu = busiest_container(export, namespace, workload).ok_or_else(no_cpu)?;
    let limit_cores = cpu.capacity().ok_or_else(no_cpu)?;
    let limits = SignalLimits::for_signal(export.input, cpu.signal);
    let limit = limits.warning.or(limits.critical).ok_or(ScalingRefusal::NoLimit)?;
    let load = options.load.unwrap_or(export.input.roadmap.load.signal);
    let days = days(export, load, replicas, cpu);
    if days.len() < MIN_DAYS {
        return Err(ScalingRefusal::TooFewDays { days: days.len() });
    }
    let share = limit.at.value();
    let too_few = ScalingRefusal::TooFewDays { days: 0 };
    let demand = interval(days.iter().map(|day| day.per_load)).ok_or(too_few.clone())?;
    let work = interval(days.iter().map(|day| day.most)).ok_or(too_few.clone())?;
    let quiet = interval(days.iter().map(|day| day.least)).ok_or(too_few)?;
    let below = |work: Interval<f64>| Interval {
        low: work.low / share,
        mid: work.mid / share,
        high: work.high / share,
    };
    let (peak, needed) = (below(work), below(quiet));
    // Load that rises has to stay below the CPU limit until more replicas are ready.
    let rise = measured::load_rise(export, load).filter(|rise| 1.0 / rise < share);
    let target = rise.map_or(share, |rise| 1.0 / rise);
    let fewest = history(export, replicas).map(|history| lowest(history.usage().values()));
    let fewest = whole(fewest.unwrap_or(f64::INFINITY).min(lowest(replicas.usage().values())));
    let min = Replicas {
        count: if options.allow_lower { whole(needed.low) } else { whole(needed.low).max(fewest) },
        needed: Some(needed),
        present: fewest,
        until: None,
        nodes_hold: None,
        counts_cpu: false,
    };
    let now = whole(peak.high).max(min.count);
    let max = most(export, options, replicas, now, |load: f64, demand: f64| load * demand / share, demand);
    Ok(WorkloadScaling {
        namespace: namespace.to_owned(),
        workload: workload.to_owned(),
        autoscaler: autoscaler.to_owned(),
        container: container_name(cpu).to_owned(),
        min,
        max,
        peak,
        limit,
        limit_cores,
        rise,
        target_cores: target * (1.0 - TARGET_MARGIN) * limit_cores.value(),
        load_per_replica: target / demand.mid * (1.0 + LOAD_MARGIN),
        full_load: Interval { low: 1.0 / demand.high, mid: 1.0 / demand.mid, high: 1.0 / demand.low },
        days: days.len(),
    })
}

/// The most replicas: what the forecast load needs, no fewer than the maximum of now or than the peak needs now, and
/// otherwise no more than the nodes hold.
fn most(
    export: &ExportInput<'_>,
    options: &ScalingOptions,
    replicas: &Observation,
    now: u64,
    replicas_for: impl Fn(f64, f64) -> f64,
    demand: Interval<f64>,
) -> Replicas {
    let present = replicas.capacity().map_or(0, |capacity| whole(capacity.value()));
    let is_planned = options.load.is_none_or(|load| load == export.input.roadmap.load.signal);
    let expected = expected(export).filter(|_| is_planned);
    let needed = expected.map(|(_, load)| Interval {
        low: replicas_for(load.low, demand.low),
        mid: replicas_for(load.mid, demand.mid),
        high: replicas_for(load.high, demand.high),
    });
    let wanted = needed.map_or(present, |needed| whole(needed.high)).max(now);
    let (nodes_hold, counts_cpu) = nodes_hold(export, options, replicas);
    let held = nodes_hold.map_or(wanted, |hold| wanted.min(hold));
    let floor = if options.allow_lower { 0 } else { present };
    let count = held.max(floor).max(now);
    Replicas { count, needed, present, until: expected.map(|(date, _)| date), nodes_hold, counts_cpu }
}

/// The highest load that is expected within the horizon, and the last day of it.
fn expected(export: &ExportInput<'_>) -> Option<(NaiveDate, Interval<f64>)> {
    let future = export.survey.outlook.load.future.as_ref()?;
    let days = future.bands.get(..future.bands.len().min(HORIZON))?;
    let highest = |band: usize| days.iter().map(|day| day[band]).fold(0.0, f64::max);
    let last: DateTime<Utc> = future.date(days.len().checked_sub(1)?);
    Some((last.date_naive(), Interval { low: highest(0), mid: highest(3), high: highest(6) }))
}

/// How many replicas the nodes hold, by the pods that they may run and by the CPU that no pod has requested.
fn nodes_hold(
    export: &ExportInput<'_>,
    options: &ScalingOptions,
    replicas: &Observation,
) -> (Option<u64>, bool) {
    let now = replicas.usage().last().1;
    let free = |observation: &Observation| {
        let capacity = observation.capacity()?.value();
        Some((capacity * (1.0 - observation.values.last().1)).max(0.0))
    };
    let nodes: Vec<f64> = observations(export, "k8s.pods").filter_map(free).map(f64::floor).collect();
    let slots = (!nodes.is_empty()).then(|| nodes.iter().sum());
    let cores = observations(export, "k8s.cpu_requests").find_map(free);
    let by_cpu = options.cpu_request.zip(cores).map(|(request, free)| free / request);
    let more = [slots, by_cpu].into_iter().flatten().reduce(f64::min);
    (more.map(|more| floor(now + more.floor())), by_cpu.is_some())
}

/// What the last days needed.
fn days(export: &ExportInput<'_>, load: SignalId, replicas: &Observation, cpu: &Observation) -> Vec<DayWork> {
    let (Some(loads), Some(replicas), Some(cpu)) =
        (measured::load_past(export, load), history(export, replicas), history(export, cpu))
    else {
        return Vec::new();
    };
    let (loads, replicas, cpu) = (by_hour(loads), by_hour(&replicas.usage()), by_hour(&cpu.values));
    let today = export.now().timestamp_millis().div_euclid(DAY_MS);
    let is_event = |day: i64| {
        let date = DateTime::from_timestamp_millis(day * DAY_MS).map(|at| at.date_naive());
        let events = &export.input.declared.events;
        date.is_some_and(|date| events.iter().any(|event| event.from <= date && date <= event.until))
    };
    let mut by_day: BTreeMap<i64, Vec<(f64, f64)>> = BTreeMap::new();
    for (at_ms, share) in &cpu {
        let day = at_ms.div_euclid(DAY_MS);
        if let (Some(replicas), Some(load)) = (replicas.get(at_ms), loads.get(at_ms))
            && day > today - DAYS
            && *load > 0.0
            && !is_event(day)
        {
            by_day.entry(day).or_default().push((*load, share * replicas));
        }
    }
    let day = |hours: Vec<(f64, f64)>| {
        let (load, work) = hours.iter().copied().max_by(|a, b| a.0.total_cmp(&b.0))?;
        let most = hours.iter().map(|(_, work)| *work).fold(0.0, f64::max);
        let least = hours.iter().map(|(_, work)| *work).fold(f64::INFINITY, f64::min);
        (work > 0.0).then_some(DayWork { most, least, per_load: work / load })
    };
    by_day.into_values().filter_map(day).collect()
}

fn busiest_container<'a>(
    export: &ExportInput<'a>,
    namespace: &str,
    workload: &str,
) -> Option<&'a Observation> {
    let cpu = observations(export, "container.cpu").filter(|observation| {
        let name = full_name(observation);
        let mut parts = name.split('/');
        (parts.next(), parts.next()) == (Some(namespace), Some(workload))
    });
    let work = |observation: &Observation| {
        let cores = observation.capacity().map_or(0.0, Quantity::value);
        quantile(observation.values.values(), 0.95).unwrap_or(0.0) * cores
    };
    cpu.max_by(|a, b| work(a).total_cmp(&work(b)))
}

/// `shop/api/api`: namespace, workload and container.
fn full_name(cpu: &Observation) -> &str {
    cpu.labels.get("instance").or(cpu.instance.as_ref()).map_or("", String::as_str)
}

fn container_name(cpu: &Observation) -> &str {
    full_name(cpu).rsplit('/').next().unwrap_or_default()
}

fn observations<'a>(export: &ExportInput<'a>, signal: &str) -> impl Iterator<Item = &'a Observation> {
    let signal = SignalId::find(signal);
    export.snapshot.observations.iter().filter(move |observation| Some(observation.signal) == signal)
}

/// The hourly past of an observation.
fn history<'a>(export: &ExportInput<'a>, of: &Observation) -> Option<&'a Observation> {
    let same = |past: &&Observation| past.signal == of.signal && past.instance == of.instance;
    export.snapshot.history.iter().find(same)
}

fn interval(values: impl Iterator<Item = f64>) -> Option<Interval<f64>> {
    let values: Vec<f64> = values.collect();
    let at = |level| quantile(&values, level);
    Some(Interval { low: at(0.05)?, mid: at(0.5)?, high: at(0.95)? })
}

fn lowest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

/// The next whole number, at least one. What is a hair above one is that one.
fn whole(count: f64) -> u64 {
    floor((count - 1e-9).ceil().max(1.0))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
fn floor(count: f64) -> u64 {
    count.max(0.0) as u64
}
