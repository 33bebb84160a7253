//! The verdict on one metric: a rank test against paired runs, or a prediction from earlier ones.

use super::{
    Better, Creep, MetricReason, MetricVerdict, Sample, Shift, Verdict,
    batches::without_batch_effects,
    runs_needed::{UndecidedMetric, can_reach, further_runs, min_runs_for},
    selection::MeasuredMetric,
};
use crate::{
    capacity::{
        change_point::last_change,
        creep::creep,
        few_runs::{pooled_difference, robust_difference},
        prediction::Difference,
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
/// Below this many runs per side, values are compared with each other only by the spread of earlier runs.
const MIN_RUNS: usize = 4;
/// How many runs a side with one and the same value count as unchanged.
const MIN_CONSTANT_RUNS: usize = 3;

/// The fewest runs of a history that predict anything.
const MIN_EARLIER_RUNS: usize = 10;
/// Runs from further back are irrelevant today.
const MAX_EARLIER_RUNS: usize = 50;
/// How sure a change of level must be before the runs ahead of it are left out.
const CHANGE_LEVEL: f64 = 0.001;
/// Each end of a predicted interval is right with this probability.
const PREDICTION_CONFIDENCE: f64 = 0.95;

/// How many runs a history needs to be searched for a creep.
const MAX_CREEPING_RUNS: usize = 200;
/// How sure a creep must be. A history is searched with each build, so that it must be surer than a single test.
const CREEP_LEVEL: f64 = 0.001;
/// A creep is reported from this share of the margin on: by the time that it is all lost, it is too late.
const CREEP_SHARE: f64 = 0.5;

/// A metric after its test, before the others are known.
#[derive(Debug, Clone)]
struct TestedMetric {
    measured: MeasuredMetric,
    /// The baseline's values that were used; of a history those since its last change.
    baseline: Vec<f64>,
    /// The probability, if nothing changed, of a candidate that looks this much worse.
    p: Option<f64>,
    shift: Option<Shift>,
    /// How many earlier runs gave the spread, where the sides' own runs are too few.
    spread_of: Option<usize>,
    /// Why there is no test.
    untested: Option<MetricReason>,
}

impl TestedMetric {
    fn untested(measured: MeasuredMetric, baseline: Vec<f64>, reason: MetricReason) -> Self {
        Self { measured, baseline, p: None, shift: None, spread_of: None, untested: Some(reason) }
    }
}

/// Tests each metric, then decides on all of them together.
pub(super) fn test_metrics(measured: Vec<MeasuredMetric>) -> Vec<MetricVerdict> {
    let level = LEVEL / measured.len().max(1) as f64;
    let test = |metric: MeasuredMetric| {
        let metric = without_batch_effects(metric);
        if metric.history { test_history(metric, level) } else { test_pairs(metric) }
    };
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
    let fewest = baseline.len().min(measured.candidate.len());
    if fewest >= MIN_RUNS {
        return test_ranks(measured, baseline);
    }
    if fewest >= MIN_CONSTANT_RUNS && is_constant(&measured) {
        return unchanged(measured, baseline);
    }
    test_by_earlier_spread(measured, baseline)
}

/// What never changed before and has not changed now: no interval is wider than unlimited.
fn unchanged(measured: MeasuredMetric, baseline: Vec<f64>) -> TestedMetric {
    let shift = Shift { low: Some(0.0), mid: 0.0, high: Some(0.0) };
    TestedMetric { measured, baseline, p: Some(1.0), shift: Some(shift), spread_of: None, untested: None }
}

#[expect(clippy::float_cmp, reason = "a value that never changes is always the very same")]
fn is_constant(measured: &MeasuredMetric) -> bool {
    let mut values = measured.baseline.iter().chain(&measured.candidate);
    values.next().is_some_and(|first| values.all(|value| value == first))
}

/// Few runs a side, by the spread that the earlier runs of the branch have shown since they last changed their level.
fn test_by_earlier_spread(measured: MeasuredMetric, baseline: Vec<f64>) -> TestedMetric {
    let values: Vec<f64> = measured.earlier.iter().map(|(_, value)| *value).collect();
    let earlier = since_last_change(&values, measured.margin).0;
    let too_few = MetricReason::TooFewRuns { minimum: MIN_RUNS };
    if earlier.len() < MIN_EARLIER_RUNS || baseline.is_empty() || measured.candidate.is_empty() {
        return TestedMetric::untested(measured, baseline, too_few);
    }
    let scale = Scale::of(earlier.iter().chain(&baseline).chain(&measured.candidate));
    let [before, first, second] =
        [&earlier, &baseline, &measured.candidate].map(|values| scale.apply(values));
    match pooled_difference(&before, &first, &second, PREDICTION_CONFIDENCE) {
        Some(difference) => {
            let spread_of = Some(earlier.len());
            TestedMetric { spread_of, ..by_difference(measured, baseline, scale, &first, difference) }
        }
        None => TestedMetric::untested(measured, baseline, too_few),
    }
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
    TestedMetric { measured, baseline, p, shift, spread_of: None, untested }
}

/// Compares the candidate with the earlier runs of the main branch, since they last changed their level: by ranks where
/// so many runs can reach the level, which one odd run among either cannot upset; else by medians.
fn test_history(measured: MeasuredMetric, level: f64) -> TestedMetric {
    let (baseline, changed) = since_last_change(&measured.baseline, measured.margin);
    if baseline.len() < MIN_EARLIER_RUNS || measured.candidate.is_empty() {
        let reason = MetricReason::ShortHistory { minimum: MIN_EARLIER_RUNS, since_change: changed };
        return TestedMetric::untested(measured, baseline, reason);
    }
    if is_constant(&measured) {
        return unchanged(measured, baseline);
    }
    if can_reach(level, baseline.len(), measured.candidate.len()) {
        return test_ranks(measured, baseline);
    }
    let scale = Scale::of(baseline.iter().chain(&measured.candidate));
    let [before, after] = [&baseline, &measured.candidate].map(|values| scale.apply(values));
    match robust_difference(&before, &after, PREDICTION_CONFIDENCE) {
        Some(difference) => by_difference(measured, baseline, scale, &before, difference),
        None => test_ranks(measured, baseline),
    }
}

/// The newest values since they last changed their level, and whether they did.
///
/// A change is measured as a share of the level itself, not of its logarithm.
fn since_last_change(values: &[f64], margin: f64) -> (Vec<f64>, bool) {
    let recent = &values[values.len().saturating_sub(MAX_EARLIER_RUNS)..];
    let since = last_change(recent, CHANGE_LEVEL, margin);
    (recent[since..].to_vec(), since > 0)
}

/// Logarithms where all values are above zero, because times and rates spread in proportion to their size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scale {
    Logarithm,
    Plain,
}

impl Scale {
    fn of<'a>(values: impl Iterator<Item = &'a f64>) -> Self {
        let mut values = values;
        if values.all(|value| *value > 0.0) { Self::Logarithm } else { Self::Plain }
    }

    fn apply(self, values: &[f64]) -> Vec<f64> {
        values.iter().map(|value| if self == Self::Logarithm { value.ln() } else { *value }).collect()
    }
}

/// A test whose difference from the `before` values is known on their scale.
fn by_difference(
    measured: MeasuredMetric,
    baseline: Vec<f64>,
    scale: Scale,
    before: &[f64],
    difference: Difference,
) -> TestedMetric {
    let center = quantile(before, 0.5).unwrap_or_default();
    let shift = |difference: f64| match scale {
        Scale::Logarithm => center.exp() * difference.exp_m1(),
        Scale::Plain => difference,
    };
    // More is worse where lower is better, and the other way round.
    let p = if measured.better.loss(1.0) > 0.0 { difference.greater } else { 1.0 - difference.greater };
    let shift = Shift {
        low: Some(shift(difference.low)),
        mid: shift(difference.estimate),
        high: Some(shift(difference.high)),
    };
    TestedMetric { measured, baseline, p: Some(p), shift: Some(shift), spread_of: None, untested: None }
}

/// A loss that has crept in over the builds of the branch up to the candidate.
fn crept(measured: &MeasuredMetric) -> Option<Creep> {
    let recent = &measured.earlier[measured.earlier.len().saturating_sub(MAX_CREEPING_RUNS)..];
    let mut values: Vec<f64> = recent.iter().map(|(_, value)| *value).collect();
    values.extend(quantile(&measured.candidate, 0.5));
    let found = creep(&values, CREEP_LEVEL, CREEP_SHARE * measured.margin)?;
    let worse = measured.certain && measured.better.loss(found.moved) > 0.0;
    let (since, _) = recent.get(found.since).filter(|_| worse)?;
    let runs = values.len() - 1 - found.since;
    Some(Creep { since: since.clone(), runs, moved: found.moved, p: found.p })
}

/// The verdict on a metric, given its adjusted probability and how many metrics were tested together.
fn decide(tested: TestedMetric, p_holm: Option<f64>, tests: usize) -> MetricVerdict {
    let TestedMetric { measured, baseline, p, shift, spread_of, untested } = tested;
    let creep = crept(&measured);
    let sample = |values: &[f64]| Sample { n: values.len(), median: quantile(values, 0.5) };
    let median = quantile(&baseline, 0.5);
    let allowed = median.map_or(0.0, |median| measured.margin * median.abs()).max(measured.floor);
    let level = LEVEL / tests.max(1) as f64;
    let enough_runs =
        measured.history || spread_of.is_some() || can_reach(level, baseline.len(), measured.candidate.len());
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
        spread_of,
        creep,
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
