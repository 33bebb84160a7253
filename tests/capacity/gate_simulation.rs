//! Gates on builds whose truth is known.

use scale_advisor::{
    capacity::random::Random,
    gate::{Baseline, Comparison, GateConfig, GateReport, Outcome, Run, Value, evaluate},
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
        earlier: Vec::new(),
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

/// How runs of one build spread, and how often one is an outlier: a run beside which something else was at work.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Noise {
    /// The spread as a share.
    pub(crate) spread: f64,
    /// The share of runs that are outliers, by half to twice as much again.
    pub(crate) outliers: f64,
}

/// Latencies of runs whose level is a share of 200 ms.
pub(crate) fn latencies(count: usize, level: f64, noise: Noise, random: &mut Random) -> Vec<f64> {
    let mut run = || {
        let value = 200.0 * level * (noise.spread * random.normal()).exp();
        if random.uniform() < noise.outliers { value * (1.5 + 0.5 * random.uniform()) } else { value }
    };
    (0..count).map(|_| run()).collect()
}

fn latency_runs(values: &[f64]) -> Vec<Run> {
    let run = |(index, value): (usize, &f64)| Run {
        name: format!("build {index}"),
        values: [("latency_p95".to_owned(), Value { value: *value, unit: "ms".to_owned() })].into(),
        ..Run::default()
    };
    values.iter().enumerate().map(run).collect()
}

/// A gate on latencies: against a baseline beside earlier runs, or against these alone.
pub(crate) fn judged(baseline: Option<&[f64]>, earlier: &[f64], candidate: &[f64]) -> GateReport {
    let history = latency_runs(earlier);
    let (baseline, earlier) = match baseline {
        Some(runs) => (Baseline::Paired(latency_runs(runs)), history),
        None => (Baseline::History(history), Vec::new()),
    };
    evaluate(&comparison(baseline, earlier, latency_runs(candidate)), &GateConfig::default()).unwrap()
}

fn comparison(baseline: Baseline, earlier: Vec<Run>, candidate: Vec<Run>) -> Comparison {
    Comparison {
        now: "2026-11-20T12:00:00Z".parse().unwrap(),
        baseline,
        stored: None,
        earlier,
        candidate,
        objectives: Vec::new(),
        required: Vec::new(),
        required_signals: Vec::new(),
        current: None,
        profile: None,
    }
}

/// The share of gates that fail: three runs a side with twenty stored ones beside them.
pub(crate) fn few_runs_fail(change: f64, noise: Noise, rounds: u32) -> f64 {
    let mut random = Random::new(31);
    let failed = (0..rounds).filter(|_| {
        let [earlier, before] = [20, 3].map(|count| latencies(count, 1.0, noise, &mut random));
        let after = latencies(3, change, noise, &mut random);
        judged(Some(&before), &earlier, &after).outcome == Outcome::Fail
    });
    failed.count() as f64 / f64::from(rounds)
}

/// The share of gates that fail: so many runs against thirty earlier ones.
pub(crate) fn earlier_fail(change: f64, noise: Noise, runs: usize, rounds: u32) -> f64 {
    let mut random = Random::new(32 + runs as u64);
    let failed = (0..rounds).filter(|_| {
        let earlier = latencies(30, 1.0, noise, &mut random);
        let after = latencies(runs, change, noise, &mut random);
        judged(None, &earlier, &after).outcome == Outcome::Fail
    });
    failed.count() as f64 / f64::from(rounds)
}

/// A branch whose level creeps away after some builds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Creeping {
    /// Builds before it begins.
    pub(crate) calm: usize,
    /// By how much each build is slower than the one before.
    pub(crate) per_build: f64,
    pub(crate) noise: f64,
}

/// For each branch: after how many builds of creeping it was told, and how far off the build that it was said to begin
/// with lies when sixty builds have crept.
pub(crate) fn creeps(branch: Creeping, rounds: usize) -> Vec<(Option<usize>, Option<usize>)> {
    let mut random = Random::new(33);
    let noise = Noise { spread: branch.noise, outliers: 0.0 };
    let tell = |values: &[f64]| {
        let (last, earlier) = values.split_last().unwrap();
        judged(None, earlier, &[*last]).metrics[0].creep.clone()
    };
    let round = |_| {
        let level = |index: usize| (branch.per_build * index.saturating_sub(branch.calm) as f64).exp();
        let values: Vec<f64> =
            (0..branch.calm + 60).flat_map(|index| latencies(1, level(index), noise, &mut random)).collect();
        let told = (10..=60).step_by(10).find(|builds| tell(&values[..branch.calm + builds]).is_some());
        let named = tell(&values).and_then(|creep| creep.since.strip_prefix("build ")?.parse::<usize>().ok());
        (told, named.map(|build| build.abs_diff(branch.calm)))
    };
    (0..rounds).map(round).collect()
}

/// The share of gates that fail, of a batch of three runs against twenty earlier ones, where a batch shares a level of its
/// own with a spread as large as that of its runs; told of the batches, or not.
pub(crate) fn batches_fail(change: f64, noise: f64, told: bool, rounds: u32) -> f64 {
    let mut random = Random::new(34);
    let failed = (0..rounds).filter(|_| {
        let mut batch = |number: usize, level: f64| -> Vec<Run> {
            let level = level * (noise * random.normal()).exp();
            let values = latencies(3, level, Noise { spread: noise, outliers: 0.0 }, &mut random);
            let mut runs = latency_runs(&values);
            for run in &mut runs {
                run.batch = told.then(|| number.to_string());
            }
            runs
        };
        let earlier: Vec<Run> = (0..20).flat_map(|number| batch(number, 1.0)).collect();
        let comparison = comparison(Baseline::History(earlier), Vec::new(), batch(20, change));
        evaluate(&comparison, &GateConfig::default()).unwrap().outcome == Outcome::Fail
    });
    failed.count() as f64 / f64::from(rounds)
}
