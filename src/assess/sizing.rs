//! Sizing: how many workers a queue needs, and what is underutilized.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Context,
    arrivals::{for_queue, peak_arrivals},
    peak_hour,
};
use crate::{
    capacity::queueing::{Queue, WaitingTarget, smallest_servers},
    roadmap::{Amount, Comparison, Condition, Objective, SignalTest},
    signal::{Aggregate, Direction, Quantity, ResourceId, SignalId, Unit},
    snapshot::Observation,
};

/// How many workers a queue needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WorkersNeeded {
    /// The queue; null where it has no name.
    pub queue: Option<String>,
    /// Jobs that arrive each second in the peak hour.
    pub arrivals_per_second: f64,
    /// How long a worker takes for a job, in seconds.
    pub job_seconds: f64,
    /// Workers that are busy on average: arrivals times duration.
    pub busy_workers: f64,
    /// The mean number of jobs that may wait; null where the roadmap sets no target, and a job may then wait as
    /// long as it takes.
    pub waiting_target: Option<f64>,
    /// The fewest workers that keep to that.
    pub needed: u32,
    /// How long a job waits for that many workers on average, in seconds.
    pub wait_seconds: f64,
    /// The roadmap's own number of workers for this queue, with the action that states it.
    pub stated: Option<StatedWorkers>,
}

/// A number of workers that stands in the roadmap.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StatedWorkers {
    /// How many.
    pub count: f64,
    /// The action it belongs to.
    pub action: String,
}

/// What could be saved by bringing a signal to the middle of its band. Never an alarm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Saving {
    /// Stable name, such as `saving:worker-utilization`.
    pub id: String,
    /// The target that is missed, in the roadmap's words.
    pub title: String,
    /// What is underutilized.
    pub signal: SignalId,
    /// Which of several instances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// How much is used at the peak hour.
    pub value: Quantity,
    /// The middle of the band.
    pub target: Quantity,
    /// The share of the present capacity, and of what it costs, that is not needed.
    pub share: f64,
    /// How many there are; null where they were not counted.
    pub present: Option<u64>,
    /// How many would be enough for the middle of the band.
    pub needed: Option<u64>,
    /// The lower end of the band; null in what version 1 recorded.
    pub band_from: Option<Quantity>,
    /// What 100% is, for a share of something countable.
    pub capacity: Option<Quantity>,
}

/// Every queue whose arrivals and jobs were measured.
pub(super) fn workers(context: &Context<'_>) -> Vec<WorkersNeeded> {
    let arrivals = SignalId::find("queue.arrivals").filter(|signal| !context.is_absent(*signal));
    let Some(arrivals) = arrivals else { return Vec::new() };
    context.evaluated(arrivals).iter().filter_map(|observation| size_queue(context, observation)).collect()
}

fn size_queue(context: &Context<'_>, observation: &Observation) -> Option<WorkersNeeded> {
    let queue = observation.instance.as_deref();
    let arrivals = peak_arrivals(context, observation)?;
    let job = for_queue(context, "queue.job_duration", queue)?;
    let seconds = Aggregate::Avg.of(job.values.values()).filter(|seconds| *seconds > 0.0)?;
    let load = arrivals * seconds;
    let target = waiting_target(context, queue);
    // Little's law: the jobs that wait are the arrivals times the wait.
    let wait = match target {
        Some(waiting) if load > 0.0 => waiting / load,
        _ => 1.0,
    };
    let needed = smallest_servers(load, WaitingTarget::MeanWait(wait))?;
    let mean = Queue::new(needed, load)?.mean_wait()?;
    let stated = queue.and_then(|queue| stated(context, queue));
    Some(WorkersNeeded {
        queue: queue.map(str::to_owned),
        arrivals_per_second: arrivals,
        job_seconds: seconds,
        busy_workers: load,
        waiting_target: target,
        needed,
        wait_seconds: mean * seconds,
        stated,
    })
}

/// The mean number of waiting jobs that an objective of the roadmap allows, for this queue or for all.
fn waiting_target(context: &Context<'_>, queue: Option<&str>) -> Option<f64> {
    let depth = SignalId::find("queue.depth")?;
    context.input.roadmap.objectives.iter().find_map(|objective| {
        let Condition::Signal(test) = &objective.when_met else { return None };
        let is_depth = test.signal == depth && test.aggregate == Aggregate::Avg;
        let named = test.instance.is_none() || test.instance.as_deref() == queue;
        match &test.comparison {
            Comparison::Below(limit) | Comparison::AtMost(limit) if is_depth && named => Some(limit.value()),
            _ => None,
        }
    })
}

/// The number the roadmap gives: the figure `<queue>_workers` of an action that relieves queue workers.
fn stated(context: &Context<'_>, queue: &str) -> Option<StatedWorkers> {
    let resource = ResourceId::find("queue.workers")?;
    let wanted = format!("{queue}_workers").replace('-', "_");
    let actions = context.input.roadmap.phases.iter().flat_map(|phase| &phase.actions);
    actions.filter(|action| action.relieves.contains(&resource)).find_map(|action| {
        let figure = action.figures.iter().find(|figure| figure.name == wanted)?;
        let Amount::Exact(count) = figure.value else { return None };
        Some(StatedWorkers { count: count.value(), action: action.id.clone() })
    })
}

/// Every target band that some instance misses because it is underutilized.
pub(super) fn savings(context: &Context<'_>) -> Vec<Saving> {
    let objectives = context.input.roadmap.objectives.iter();
    objectives
        .filter_map(|objective| Some((objective, band(objective)?)))
        .flat_map(|(objective, test)| {
            context
                .evaluated_of(test.signal, test.instance.as_deref())
                .into_iter()
                .filter_map(move |observation| saving(context, objective, test, observation))
        })
        .collect()
}

/// The band of an objective, where the signal is the use of something and more use is worse.
fn band(objective: &Objective) -> Option<&SignalTest> {
    let Condition::Signal(test) = &objective.when_met else { return None };
    let entry = test.signal.entry();
    let use_of = entry.unit == Unit::Ratio && entry.direction == Direction::HigherIsWorse;
    (use_of && matches!(test.comparison, Comparison::Inside(..))).then_some(test)
}

fn saving(
    context: &Context<'_>,
    objective: &Objective,
    test: &SignalTest,
    observation: &Observation,
) -> Option<Saving> {
    let Comparison::Inside(low, high) = &test.comparison else { return None };
    // What the peak hour needs is not idle, however quiet the nights are.
    let used = peak_hour::peak(context, observation)?.value.value();
    if used >= low.value() {
        return None;
    }
    let middle = f64::midpoint(low.value(), high.value());
    let (value, target) = (Quantity::new(used, Unit::Ratio)?, Quantity::new(middle, Unit::Ratio)?);
    let whole = observation.capacity().filter(|whole| whole.unit() == Unit::Count && whole.value() >= 1.0);
    // One is always needed, and a part of one is one.
    let needed = whole.map(|whole| (whole.value() * used / middle).ceil().max(1.0));
    let share = match (whole, needed) {
        (Some(whole), Some(needed)) => 1.0 - needed / whole.value(),
        _ => 1.0 - used / middle,
    };
    (share > 0.0).then(|| Saving {
        id: format!("saving:{}", objective.id),
        title: objective.title.clone(),
        signal: test.signal,
        instance: observation.instance.clone(),
        value,
        target,
        share,
        present: whole.map(whole_number),
        needed: needed.and_then(|needed| Quantity::new(needed, Unit::Count)).map(whole_number),
        band_from: Some(*low),
        capacity: observation.capacity(),
    })
}

/// A count as an integer: counts are not negative, and those beyond all integers are the largest one.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
fn whole_number(count: Quantity) -> u64 {
    count.value().round() as u64
}
