//! Gates on builds whose truth is known.

use scale_advisor::{
    capacity::random::Random,
    gate::{Baseline, Comparison, GateConfig, Outcome, Run, Value, evaluate},
};

/// A situation: what truly changed, and how restless runs are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Truth {
    /// The candidate's latency as a share of the baseline's.
    pub(crate) change: f64,
    /// The spread between runs of one build, as a share.
    pub(crate) noise: f64,
    /// Runs a side.
    pub(crate) runs: usize,
    /// Metrics judged together, each changed alike and with noise of its own.
    pub(crate) metrics: usize,
}

/// How often a gate passed, failed, and could not tell, as shares; and how often the number of further runs it named
/// settled the matter.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Shares {
    pub(crate) pass: f64,
    pub(crate) fail: f64,
    pub(crate) open: f64,
    pub(crate) settled: f64,
}

const METRICS: [&str; 4] = ["latency_p95", "throughput_cost", "queries", "cpu"];

/// Judges `rounds` pairs of builds.
pub(crate) fn simulate(truth: Truth, rounds: usize) -> Shares {
    let mut random = Random::new(truth.runs as u64 * 1_000 + truth.metrics as u64);
    let mut shares = Shares::default();
    let [one, mut named] = [1.0 / rounds as f64, 0.0];
    for _ in 0..rounds {
        let (outcome, further) = gate(truth, truth.runs, &mut random);
        match outcome {
            Outcome::Pass => shares.pass += one,
            Outcome::Fail => shares.fail += one,
            Outcome::Inconclusive | Outcome::NoBaseline => shares.open += one,
        }
        if let Some(further) = further {
            named += 1.0;
            let (again, _) = gate(truth, truth.runs + further, &mut random);
            shares.settled += f64::from(u8::from(again != Outcome::Inconclusive));
        }
    }
    shares.settled /= f64::max(named, 1.0);
    shares
}

/// One gate: its outcome, and the most runs that an open metric asks for.
fn gate(truth: Truth, runs: usize, random: &mut Random) -> (Outcome, Option<usize>) {
    let mut side = |level: f64| -> Vec<Run> {
        let run = |_| {
            let values = METRICS[..truth.metrics].iter().map(|metric| {
                let value = 200.0 * level * (truth.noise * random.normal()).exp();
                ((*metric).to_owned(), Value { value, unit: "ms".to_owned() })
            });
            Run { values: values.collect(), ..Run::default() }
        };
        (0..runs).map(run).collect()
    };
    let comparison = Comparison {
        now: "2026-11-20T12:00:00Z".parse().unwrap(),
        baseline: Baseline::Paired(side(1.0)),
        stored: None,
        candidate: side(truth.change),
        objectives: Vec::new(),
        required: Vec::new(),
        required_signals: Vec::new(),
        current: None,
        profile: None,
    };
    let mut policy = GateConfig::default();
    let lower = scale_advisor::gate::Better::Lower;
    policy.directions.extend(METRICS[..truth.metrics].iter().map(|metric| ((*metric).to_owned(), lower)));
    let report = evaluate(&comparison, &policy).unwrap();
    let open = report.metrics.iter().filter_map(|metric| metric.runs_needed).max();
    (report.outcome, open)
}
