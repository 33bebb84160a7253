//! The verdict on one metric: a rank test against paired runs, or a prediction from earlier ones.

use super::{
    Better, MetricReason, MetricVerdict, Sample, Shift, Verdict,
    runs_needed::{UndecidedMetric, can_reach, further_runs, min_runs_for},
    selection::MeasuredMetric,
};
use crate::{
    capacity::{
        change_point::last_change,
        prediction::difference_from_history,
        rank_test::{self, holm, mann_whitney},
    },
    signal::quantile,
};

/// The chance of even one false alarm among all metrics, if runs are so noisy that the margin rules nothing out. With
/// calmer runs it is far less, because a change must also be larger than the margin. At 1% a loss of a tenth under
/// 5% of noise would be found by ten runs in 92% of cases only; at this level in 96%.
const LEVEL: f64 = 0.025;
/// Each end of a shift's interval is right with 95%, so that both are with 90%.
const CONFIDENCE: f64 = 0.90;
/// Below this many runs per side, values are not compared with each other.
const MIN_RUNS: usize = 4;

/// A history of fewer runs predicts nothing.
const MIN_EARLIER_RUNS: usize = 10;
/// Runs from further back say nothing about today.
const MAX_EARLIER_RUNS: usize = 50;
/// How sure a change of level must be before the runs ahead of it are left out.
const CHANGE_LEVEL: f64 = 0.001;
/// Each end of a predicted interval is right with this probability.
const PREDICTION_CONFIDENCE: f64 = 0.95;

/// A metric after its test, before the others are known.
#[derive(Debug, Clone)]
struct TestedMetric {
    measured: MeasuredMetric,
    /// The baseline's values that were used; of a history those since its last change.
    baseline: Vec<f64>,
    /// The probability, if nothing changed, of a candidate that looks this much worse.
    p: Option<f64>,
    shift: Option<Shift>,
    /// Why there is no test.
    untested: Option<MetricReason>,
}

/// Tests each metric, then decides on all of them together.
pub(super) fn test_metrics(measured: Vec<MeasuredMetric>) -> Vec<MetricVerdict> {
    let test =
        |metric: MeasuredMetric| if metric.history { test_history(metric) } else { test_pairs(metric) };
    let tested: Vec<TestedMetric> = measured.into_iter().map(test).collect();
    let probabilities: Vec<f64> = tested.iter().filter_map(|tested| tested.p).collect();
    let mut adjusted = holm(&probabilities).into_iter();
    let tests = probabilities.len();
    let verdict = |tested: TestedMetric| {
        let p_holm = tested.p.and_then(|_| adjusted.next());
        decide(tested, p_holm, tests)
    };
    tested.into_iter().map(verdict).collect()
}

fn test_pairs(measured: MeasuredMetric) -> TestedMetric {
    let baseline = measured.baseline.clone();
    if baseline.len().min(measured.candidate.len()) < MIN_RUNS {
        let untested = Some(MetricReason::TooFewRuns { minimum: MIN_RUNS });
        return TestedMetric { measured, baseline, p: None, shift: None, untested };
    }
    test_ranks(measured, baseline)
}

/// By ranks, exactly; no assumption on how values are distributed.
fn test_ranks(measured: MeasuredMetric, baseline: Vec<f64>) -> TestedMetric {
    let loss = |values: &[f64]| values.iter().map(|value| measured.better.loss(*value)).collect::<Vec<_>>();
    let p = mann_whitney(&loss(&baseline), &loss(&measured.candidate)).map(|test| test.less);
    let shift = rank_test::Shift::between(&baseline, &measured.candidate, CONFIDENCE).map(|shift| Shift {
        low: Some(shift.low).filter(|low| low.is_finite()),
        mid: shift.estimate,
        high: Some(shift.high).filter(|high| high.is_finite()),
    });
    let untested = shift.is_none().then_some(MetricReason::NotComparable);
    TestedMetric { measured, baseline, p, shift, untested }
}

/// Compares the candidate with what earlier runs of the main branch predict, since they last changed their level.
///
/// By logarithms where all values are above zero, because times and rates spread in proportion to their size. A
/// history that never varies is compared by ranks.
fn test_history(measured: MeasuredMetric) -> TestedMetric {
    let recent = &measured.baseline[measured.baseline.len().saturating_sub(MAX_EARLIER_RUNS)..];
    let positive = recent.iter().chain(&measured.candidate).all(|value| *value > 0.0);
    let scaled = |values: &[f64]| -> Vec<f64> {
        values.iter().map(|value| if positive { value.ln() } else { *value }).collect()
    };
    // A change is measured as a share of the level itself, not of its logarithm.
    let since = last_change(recent, CHANGE_LEVEL, measured.margin);
    let baseline = recent[since..].to_vec();
    if baseline.len() < MIN_EARLIER_RUNS || measured.candidate.is_empty() {
        let reason = MetricReason::ShortHistory { minimum: MIN_EARLIER_RUNS, since_change: since > 0 };
        return TestedMetric { measured, baseline, p: None, shift: None, untested: Some(reason) };
    }
    let Some(difference) =
        difference_from_history(&scaled(&baseline), &scaled(&measured.candidate), PREDICTION_CONFIDENCE)
    else {
        return test_ranks(measured, baseline);
    };
    let center = scaled(&baseline).iter().sum::<f64>() / baseline.len() as f64;
    let shift = |difference: f64| if positive { center.exp() * difference.exp_m1() } else { difference };
    // More is worse where lower is better, and the other way round.
    let p = if measured.better.loss(1.0) > 0.0 { difference.greater } else { 1.0 - difference.greater };
    let shift = Shift {
        low: Some(shift(difference.low)),
        mid: shift(difference.estimate),
        high: Some(shift(difference.high)),
    };
    TestedMetric { measured, baseline, p: Some(p), shift: Some(shift), untested: None }
}

/// The verdict on a metric, given its adjusted probability and how many metrics were tested together.
fn decide(tested: TestedMetric, p_holm: Option<f64>, tests: usize) -> MetricVerdict {
    let TestedMetric { measured, baseline, p, shift, untested } = tested;
    let sample = |values: &[f64]| Sample { n: values.len(), median: quantile(values, 0.5) };
    let median = quantile(&baseline, 0.5);
    let allowed = median.map_or(0.0, |median| measured.margin * median.abs()).max(measured.floor);
    let level = LEVEL / tests.max(1) as f64;
    let enough_runs = measured.history || can_reach(level, baseline.len(), measured.candidate.len());
    let (verdict, reason) = match (untested, p_holm, shift) {
        (None, Some(p_holm), Some(shift)) => {
            let decided = decide_by_shift(measured.better, p_holm, shift, allowed, enough_runs);
            if measured.certain { decided } else { doubted(decided, measured.better, shift, allowed) }
        }
        (untested, ..) => (Verdict::Inconclusive, untested.unwrap_or(MetricReason::NotComparable)),
    };
    let undecided = verdict == Verdict::Inconclusive && reason != MetricReason::DirectionDoubtful;
    let runs_needed = undecided.then(|| runs_needed(&measured, &baseline, shift, allowed, level));
    MetricVerdict {
        id: format!("metric:{}", measured.metric),
        verdict,
        baseline: sample(&baseline),
        candidate: sample(&measured.candidate),
        p,
        p_holm,
        shift,
        shift_ratio: shift
            .zip(median)
            .map(|(shift, median)| shift.mid / median.abs())
            .filter(|share| share.is_finite()),
        margin: measured.margin,
        allowed,
        runs_needed: runs_needed.flatten(),
        tests,
        reason,
        direction: measured.better,
        metric: measured.metric,
        unit: measured.unit,
    }
}

/// Fails what is significant and more than allowed; passes what is shown not to be more than allowed. All metrics must
/// pass, so that the second needs no correction for their number.
fn decide_by_shift(
    better: Better,
    p_holm: f64,
    shift: Shift,
    allowed: f64,
    enough_runs: bool,
) -> (Verdict, MetricReason) {
    let worst = match better {
        Better::Lower => shift.high,
        Better::Higher => shift.low,
    };
    let worst = worst.map(|worst| better.loss(worst));
    let loss = better.loss(shift.mid);
    if p_holm <= LEVEL && loss > allowed {
        return (Verdict::Fail, MetricReason::LossBeyondMargin);
    }
    match worst.filter(|worst| *worst <= allowed) {
        None => (Verdict::Inconclusive, MetricReason::Undecided { enough_runs }),
        Some(_) if loss >= 0.0 => (Verdict::Pass, MetricReason::WithinMargin),
        Some(worst) if worst <= 0.0 => (Verdict::Pass, MetricReason::Gain),
        Some(_) => (Verdict::Pass, MetricReason::NoLossBeyondMargin),
    }
}

/// A direction that is guessed from a name may show a loss; a gain may be one the other way round.
fn doubted(
    decided: (Verdict, MetricReason),
    better: Better,
    shift: Shift,
    allowed: f64,
) -> (Verdict, MetricReason) {
    let other_end = match better {
        Better::Lower => shift.low,
        Better::Higher => shift.high,
    };
    let unchanged = other_end.is_some_and(|end| -better.loss(end) <= allowed);
    match decided {
        (Verdict::Pass, _) if unchanged => (Verdict::Pass, MetricReason::WithinMargin),
        (Verdict::Pass, _) => (Verdict::Inconclusive, MetricReason::DirectionDoubtful),
        other => other,
    }
}

/// How many more runs would decide an inconclusive metric.
fn runs_needed(
    measured: &MeasuredMetric,
    baseline: &[f64],
    shift: Option<Shift>,
    allowed: f64,
    level: f64,
) -> Option<usize> {
    match shift {
        Some(shift) => further_runs(UndecidedMetric {
            baseline,
            candidate: &measured.candidate,
            loss: measured.better.loss(shift.mid),
            allowed,
            level,
            history: measured.history,
        }),
        None if measured.history => None,
        None => {
            let fewer = baseline.len().min(measured.candidate.len());
            Some(min_runs_for(level).saturating_sub(fewer).max(1))
        }
    }
}
