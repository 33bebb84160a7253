//! A workload whose replicas serve requests, with an autoscaler.

use scale_advisor::capacity::{queueing::Queue, random::Random};

use super::{
    hpa::{Autoscaler, Metric, Pods},
    traffic::SYNC,
};

/// CPU time of a request, in seconds.
const SERVICE: f64 = 0.05;
/// Requests of a user in a second.
const REQUESTS: f64 = 0.1;
/// The CPU limit of a replica.
pub(crate) const CORES: u32 = 4;
/// The objective: 95% of the answers within 300 ms, six times the time they take without waiting.
const OBJECTIVE: (f64, f64) = (0.95, 6.0);

/// How busy a replica may be for the objective to hold, by M/M/c.
pub(crate) fn busiest() -> f64 {
    let holds = |busy: f64| {
        let queue = Queue::new(CORES, busy * f64::from(CORES)).unwrap();
        queue.response_quantile(OBJECTIVE.0).is_some_and(|response| response <= OBJECTIVE.1)
    };
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        if holds(middle) { low = middle } else { high = middle }
    }
    low
}

/// What happened in a step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub(crate) replicas: u32,
    /// The share of the CPU limit that a ready replica used.
    pub(crate) cpu: f64,
    /// The share that it would have needed; beyond 1 requests fail.
    pub(crate) offered: f64,
}

/// Runs an autoscaler over the users of each step from one on. `metrics` tells what it sees: of its steps so far, at one.
pub(crate) fn run(
    users: &[f64],
    from: usize,
    start: u32,
    mut autoscaler: Autoscaler,
    metrics: impl Fn(&[Step], usize) -> Vec<Metric>,
    seed: u64,
) -> Vec<Step> {
    let mut random = Random::new(seed);
    // The step from which on each pod is ready.
    let mut pods: Vec<usize> = vec![0; start as usize];
    let mut steps: Vec<Step> = Vec::with_capacity(users.len() - from);
    for (at, users) in users.iter().enumerate().skip(from) {
        let ready = pods.iter().filter(|ready| **ready <= at).count();
        let offered = users * REQUESTS * SERVICE / (ready.max(1) as f64 * f64::from(CORES));
        steps.push(Step { replicas: count(pods.len()), cpu: offered.min(1.0), offered });
        let seen = Pods { ready: count(ready), all: count(pods.len()) };
        let next = autoscaler.look(seen, &metrics(&steps, at)) as usize;
        // Pods that start go first, then the youngest.
        pods.sort_unstable();
        pods.truncate(next);
        while pods.len() < next {
            // A pod is scheduled, its image pulled, and it answers its probe after 45 to 90 seconds.
            pods.push(at + (45 + random.below(46)).div_ceil(SYNC));
        }
    }
    steps
}

fn count(pods: usize) -> u32 {
    u32::try_from(pods).unwrap()
}

/// How a period went.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Outcome {
    /// Minutes in which replicas were busier than the objective allows.
    pub(crate) minutes: usize,
    pub(crate) replica_hours: f64,
    /// How many pods were started.
    pub(crate) started: u32,
}

pub(crate) fn outcome(steps: &[Step]) -> Outcome {
    let busiest = busiest();
    let is_violated = |minute: &&[Step]| {
        minute.iter().map(|step| step.offered).sum::<f64>() / minute.len() as f64 > busiest
    };
    let hours = steps.iter().map(|step| f64::from(step.replicas)).sum::<f64>() * SYNC as f64 / 3_600.0;
    let started = steps.windows(2).map(|pair| pair[1].replicas.saturating_sub(pair[0].replicas)).sum();
    Outcome { minutes: steps.chunks(60 / SYNC).filter(is_violated).count(), replica_hours: hours, started }
}
