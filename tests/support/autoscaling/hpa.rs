//! The algorithm of the `HorizontalPodAutoscaler`, as its documentation and `replica_calculator.go` have it.
//!
//! Each metric proposes `⌈replicas × metric ÷ target⌉`, or no change while the ratio is within the tolerance; the most of
//! them counts. What was proposed within the windows is stabilised, policies bound the steps, minimum and maximum the end.

use std::collections::VecDeque;

use super::traffic::SYNC;

/// Ratios within this of 1 change nothing.
const TOLERANCE: f64 = 0.1;

/// What a metric says at a look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Metric {
    /// The mean CPU of the pods that are ready, against a target of the same unit.
    Pods { mean: f64, target: f64 },
    /// A total outside of the pods, against a target for each (`AverageValue`). KEDA's triggers are of this kind.
    External { total: f64, target: f64 },
}

/// The pods at a look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pods {
    pub(crate) ready: u32,
    pub(crate) all: u32,
}

impl Metric {
    /// How many replicas it asks for.
    fn proposal(self, pods: Pods) -> u32 {
        let within = |ratio: f64| (1.0 - TOLERANCE..=1.0 + TOLERANCE).contains(&ratio);
        match self {
            Self::External { total, target } => {
                let ratio = total / (target * f64::from(pods.all));
                if within(ratio) { pods.all } else { whole(total / target) }
            }
            Self::Pods { mean, target } => {
                let ratio = mean / target;
                let is_starting = pods.all > pods.ready;
                if pods.ready == 0 || (!is_starting && within(ratio)) {
                    return pods.all;
                }
                if !is_starting || ratio <= 1.0 {
                    // Without pods that start, or to remove: the ready ones alone count.
                    return whole(ratio * f64::from(pods.ready));
                }
                // To add, a pod that is not ready counts as idle.
                let ratio = ratio * f64::from(pods.ready) / f64::from(pods.all);
                let proposed = whole(ratio * f64::from(pods.all));
                if ratio < 1.0 || within(ratio) || proposed < pods.all { pods.all } else { proposed }
            }
        }
    }
}

/// How much may change within a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Policy {
    Pods { count: u32, seconds: usize },
    Percent { percent: u32, seconds: usize },
}

/// One direction of `behavior`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Direction {
    pub(crate) window: usize,
    pub(crate) policies: Vec<Policy>,
}

/// What an autoscaler is told.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bounds {
    pub(crate) min: u32,
    pub(crate) max: u32,
    pub(crate) up: Direction,
    pub(crate) down: Direction,
}

impl Bounds {
    /// The defaults of Kubernetes.
    pub(crate) fn default_between(min: u32, max: u32) -> Self {
        Self {
            min,
            max,
            up: Direction {
                window: 0,
                policies: vec![
                    Policy::Percent { percent: 100, seconds: 15 },
                    Policy::Pods { count: 4, seconds: 15 },
                ],
            },
            down: Direction { window: 300, policies: vec![Policy::Percent { percent: 100, seconds: 15 }] },
        }
    }
}

/// An autoscaler at work.
#[derive(Debug)]
pub(crate) struct Autoscaler {
    bounds: Bounds,
    /// What was proposed at the last looks, the newest first.
    proposed: VecDeque<u32>,
    /// How many replicas were added and removed at them.
    changes: VecDeque<i64>,
}

impl Autoscaler {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self { bounds, proposed: VecDeque::new(), changes: VecDeque::new() }
    }

    /// A look: how many replicas there are to be.
    pub(crate) fn look(&mut self, pods: Pods, metrics: &[Metric]) -> u32 {
        let Bounds { min, max, up, down } = &self.bounds;
        let proposals = metrics.iter().map(|metric| metric.proposal(pods));
        let proposed = proposals.max().unwrap_or(pods.all);
        self.proposed.push_front(proposed);
        let longest = up.window.max(down.window).max(3_600) / SYNC + 1;
        self.proposed.truncate(longest);
        self.changes.truncate(longest);
        let within = |window: usize| self.proposed.iter().take(window / SYNC + 1).copied();
        let least = within(up.window).min().unwrap_or(proposed);
        let most = within(down.window).max().unwrap_or(proposed);
        let stable = pods.all.max(least).min(most.max(least));
        let bounded = if stable > pods.all {
            stable.min(self.highest(pods.all))
        } else {
            stable.max(self.lowest(pods.all))
        };
        let next = bounded.clamp(*min, *max);
        self.changes.push_front(i64::from(next) - i64::from(pods.all));
        next
    }

    fn highest(&self, now: u32) -> u32 {
        let of = |policy: &Policy| match *policy {
            Policy::Pods { count, seconds } => self.before(now, seconds, 1) + count,
            Policy::Percent { percent, seconds } => {
                whole(f64::from(self.before(now, seconds, 1)) * (1.0 + f64::from(percent) / 100.0))
            }
        };
        self.bounds.up.policies.iter().map(of).max().unwrap_or(u32::MAX)
    }

    fn lowest(&self, now: u32) -> u32 {
        let of = |policy: &Policy| match *policy {
            Policy::Pods { count, seconds } => self.before(now, seconds, -1).saturating_sub(count),
            Policy::Percent { percent, seconds } => {
                let left = 1.0 - f64::from(percent) / 100.0;
                floor(f64::from(self.before(now, seconds, -1)) * left)
            }
        };
        self.bounds.down.policies.iter().map(of).min().unwrap_or(0)
    }

    /// The replicas before what was added (or removed) within a time.
    fn before(&self, now: u32, seconds: usize, sign: i64) -> u32 {
        let changed: i64 = self
            .changes
            .iter()
            .take((seconds / SYNC).saturating_sub(1))
            .map(|change| (change * sign).max(0))
            .sum();
        u32::try_from((i64::from(now) - sign * changed).max(0)).unwrap_or(u32::MAX)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
fn floor(count: f64) -> u32 {
    count.max(0.0) as u32
}

/// The next whole number; what is a hair above one is that one.
fn whole(count: f64) -> u32 {
    floor((count - 1e-9).ceil())
}
