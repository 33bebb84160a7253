//! How many workers a queue needs: Erlang C on its arrivals and the duration of its jobs.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Context, busy};
use crate::{
    capacity::queueing::{Queue, WaitingTarget, smallest_servers},
    roadmap::{Amount, Comparison, Condition},
    signal::{Aggregate, Direction, Quantity, ResourceId, SignalId},
    snapshot::Observation,
};

/// How many workers one queue needs.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct WorkersNeeded {
    /// The queue; null where it has no name.
    pub queue: Option<String>,
    /// Jobs that arrive each second in the busy hour.
    pub arrivals_per_second: f64,
    /// How long a worker takes for one of them, in seconds.
    pub job_seconds: f64,
    /// Workers that are busy on average: arrivals times duration.
    pub busy_workers: f64,
    /// The mean number of jobs that may wait; null where the roadmap sets no target, and a job may then wait as
    /// long as it takes.
    pub waiting_target: Option<f64>,
    /// The fewest workers that keep to that.
    pub needed: u32,
    /// How long a job waits for one of so many workers on average, in seconds.
    pub wait_seconds: f64,
    /// The roadmap's own number of workers for this queue, with the action that states it.
    pub stated: Option<StatedWorkers>,
    /// The reasoning in words.
    pub because: String,
}

/// A number of workers that stands in the roadmap.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct StatedWorkers {
    /// How many.
    pub count: f64,
    /// The action it belongs to.
    pub action: String,
}

/// Every queue whose arrivals and jobs were measured.
pub(super) fn assess(context: &Context<'_>) -> Vec<WorkersNeeded> {
    let Some(arrivals) = SignalId::find("queue.arrivals") else { return Vec::new() };
    context.judged(arrivals, None).into_iter().filter_map(|observation| size(context, observation)).collect()
}

fn size(context: &Context<'_>, observation: &Observation) -> Option<WorkersNeeded> {
    let queue = observation.instance.as_deref();
    let finished = busy::busy_value(&observation.values, Direction::HigherIsWorse, context.window_end_ms());
    let arrivals = finished + growth(context, queue);
    let job = of_queue(context, "queue.job_duration", queue)?;
    let seconds = Aggregate::Avg.of(job.values.values()).filter(|seconds| *seconds > 0.0)?;
    let load = arrivals * seconds;
    let target = target(context, queue);
    // Little's law: the jobs that wait are the arrivals times the wait.
    let wait = match target {
        Some(waiting) if load > 0.0 => waiting / load,
        _ => 1.0,
    };
    let needed = smallest_servers(load, WaitingTarget::MeanWait(wait))?;
    let mean = Queue::new(needed, load)?.mean_wait()?;
    let stated = queue.and_then(|queue| stated(context, queue));
    let mut needs = WorkersNeeded {
        queue: queue.map(str::to_owned),
        arrivals_per_second: arrivals,
        job_seconds: seconds,
        busy_workers: load,
        waiting_target: target,
        needed,
        wait_seconds: mean * seconds,
        stated,
        because: String::new(),
    };
    needs.because = needs.words();
    Some(needs)
}

/// How fast the queue grows, in jobs a second: so many arrive beyond those that leave.
fn growth(context: &Context<'_>, queue: Option<&str>) -> f64 {
    let Some(depth) = of_queue(context, "queue.depth", queue) else { return 0.0 };
    let values = &depth.values;
    let span = (values.last().0 - values.first_ms()) as f64 / 1000.0;
    let first = values.values().first().copied().unwrap_or_default();
    if span > 0.0 { ((values.last().1 - first) / span).max(0.0) } else { 0.0 }
}

fn of_queue<'a>(context: &Context<'a>, signal: &str, queue: Option<&str>) -> Option<&'a Observation> {
    let all = context.judged(SignalId::find(signal)?, None);
    all.into_iter().find(|one| one.instance.as_deref() == queue)
}

/// The mean number of waiting jobs that an objective of the roadmap allows, for this queue or for all.
fn target(context: &Context<'_>, queue: Option<&str>) -> Option<f64> {
    let depth = SignalId::find("queue.depth")?;
    context.input.roadmap.objectives.iter().find_map(|objective| {
        let Condition::Signal(test) = &objective.when_met else { return None };
        let ours = test.signal == depth && test.aggregate == Aggregate::Avg;
        let named = test.instance.is_none() || test.instance.as_deref() == queue;
        match &test.comparison {
            Comparison::Below(limit) | Comparison::AtMost(limit) if ours && named => Some(limit.value()),
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

impl WorkersNeeded {
    fn words(&self) -> String {
        let rate = Quantity::new(self.arrivals_per_second, crate::signal::Unit::PerSecond);
        let rate = rate.map_or_else(String::new, |rate| rate.to_string());
        let span = crate::signal::span_text;
        let queue = self.queue.as_deref().unwrap_or("the queue");
        let kept = match self.waiting_target {
            Some(waiting) => format!("so that fewer than {waiting} jobs wait"),
            None => "so that a job waits no longer than it takes".to_owned(),
        };
        let stated = self
            .stated
            .as_ref()
            .map(|stated| format!("; the roadmap states {} (action {})", stated.count, stated.action));
        let workers = if self.needed == 1 { "worker" } else { "workers" };
        format!(
            "{queue} needs {} {workers} {kept}: {rate} of {} keep {:.1} busy; the mean wait is {}{}",
            self.needed,
            span(self.job_seconds),
            self.busy_workers,
            span(self.wait_seconds),
            stated.unwrap_or_default()
        )
    }
}
