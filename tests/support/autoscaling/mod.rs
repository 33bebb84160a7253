//! Weeks of traffic under autoscalers: the one that is exported from weeks before, and one with a CPU target of 80%.
//!
//! A service whose requests take 50 ms of CPU runs in containers of four cores, each an M/M/4 queue, between which requests
//! are spread evenly. Pods are ready after 45 to 90 seconds. For five weeks the usual autoscaler is at work and what
//! Prometheus would show is kept as a snapshot; the program exports its settings from that; in the week that follows, both
//! have the same traffic.

pub(crate) mod cluster;
pub(crate) mod hpa;
mod manifest;
pub(crate) mod query;
mod record;
pub(crate) mod traffic;

use std::{path::Path, process::Command};

use cluster::{CORES, Outcome, Step, outcome, run};
use hpa::{Autoscaler, Bounds, Metric};
use manifest::{Manifest, Target};
use traffic::{Pattern, RECORDED, WEEK};

/// The fewest replicas and the most of the autoscaler that was at work.
const MIN: u32 = 3;
const MAX: u32 = 200;
/// Its target, as a share of the CPU limit, which is what its pods request.
const USUAL: f64 = 0.8;

/// A week under each autoscaler.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Compared {
    /// With a CPU target of 80% and the defaults of Kubernetes, and the maximum that is exported.
    pub(crate) usual: Outcome,
    /// With the exported `HorizontalPodAutoscaler`.
    pub(crate) hpa: Outcome,
    /// With the exported `ScaledObject`.
    pub(crate) keda: Outcome,
}

/// Replays a pattern with a daily peak of `peak` users.
pub(crate) fn replay(pattern: Pattern, peak: f64, seed: u64, program: fn(&Path) -> Command) -> Compared {
    let users = pattern.users(peak, seed);
    let (from, usual) = (RECORDED * WEEK, |max| Manifest {
        bounds: Bounds::default_between(MIN, max),
        targets: vec![Target::Cpu(USUAL * f64::from(CORES))],
    });
    let recorded = under(usual(MAX), &users[..from], 0, MIN, seed);
    let folder = tempfile::tempdir().unwrap();
    let snapshot = record::snapshot(&users[..from], &recorded, MAX);
    std::fs::write(folder.path().join("weeks.json"), snapshot.to_string()).unwrap();
    std::fs::write(folder.path().join("scale-advisor.toml"), settings(pattern)).unwrap();
    let export = |arguments: &[&str]| {
        let mut command = program(folder.path());
        command.arg("export").args(arguments).args(["--snapshot", "weeks.json"]);
        let output = command.output().unwrap();
        let [text, errors] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        assert!(output.status.success(), "{arguments:?}: {errors}\n{text}");

        Manifest::parse(&text)
    };
    let hpa = export(&["hpa"]);
    let start = recorded.last().map_or(MIN, |step| step.replicas);
    let week = |manifest: Manifest| outcome(&under(manifest, &users, from, start, seed));
    Compared { usual: week(usual(hpa.bounds.max)), hpa: week(hpa), keda: week(export(&["keda"])) }
}

/// The settings of the project: the sale is announced.
fn settings(pattern: Pattern) -> String {
    let event = match pattern {
        Pattern::Event => "\n[[events]]\nname = \"Sale\"\nfrom = 2026-11-26\nload = \"+100%\"\n",
        Pattern::Daily | Pattern::Bursty | Pattern::Growing => "",
    };
    format!("profile = \"web-service\"\n{event}")
}

fn under(manifest: Manifest, users: &[f64], from: usize, start: u32, seed: u64) -> Vec<Step> {
    let Manifest { bounds, targets } = manifest;
    let metrics = |steps: &[Step], at: usize| {
        // The metrics server looks every 15 seconds and shows the mean between its last two looks.
        let now = steps.len() - 1;
        let seen = &steps[now.saturating_sub(2)..now.max(1)];
        let mean = seen.iter().map(|step| step.cpu).sum::<f64>() / seen.len() as f64 * f64::from(CORES);
        let metric = |target: &Target| match target {
            Target::Cpu(target) => Some(Metric::Pods { mean, target: *target }),
            Target::Load(query, target) => {
                query.at(users, at).map(|total| Metric::External { total, target: *target })
            }
        };
        targets.iter().filter_map(metric).collect()
    };
    run(users, from, start, Autoscaler::new(bounds), metrics, seed)
}
