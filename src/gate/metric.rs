//! The verdict on one metric.

use super::{
    Better, MetricVerdict, Sample, Shift, Verdict,
    compare::Measured,
    history, names,
    runs_needed::{Unsettled, can_reach, fewest_for, further_runs},
    unit,
};
use crate::{
    capacity::rank_test::{self, mann_whitney},
    signal::quantile,
};

/// The chance of even one false alarm among all metrics, if runs are so restless that the margin rules nothing out. With
/// calmer runs it is far less, because a change must also be larger than the margin. At 1% a loss of a tenth under
/// 5% of noise would be found by ten runs in 92% of cases only; at this level in 96%.
pub(super) const LEVEL: f64 = 0.025;
/// Each end of a shift's interval is right with 95%, so that both are with 90%.
const CONFIDENCE: f64 = 0.90;
/// Below this many runs a side, values are not compared with each other.
pub(super) const FEWEST_RUNS: usize = 4;

/// A metric after its test, before the others are known.
#[derive(Debug, Clone)]
pub(super) struct Tested {
    pub measured: Measured,
    /// The baseline's values that were used; of a history those since its last change.
    pub baseline: Vec<f64>,
    /// The probability, if nothing changed, of a candidate that looks this much worse.
    pub p: Option<f64>,
    pub shift: Option<Shift>,
    /// Why there is no test.
    pub untested: Option<String>,
}

/// Tests one metric.
pub(super) fn test(measured: Measured) -> Tested {
    if measured.history { history::test(measured) } else { paired(measured) }
}

fn paired(measured: Measured) -> Tested {
    let baseline = measured.baseline.clone();
    let (before, after) = (baseline.len(), measured.candidate.len());
    if before.min(after) < FEWEST_RUNS {
        let untested = format!(
            "{before} against {after} runs are too few to compare; below {FEWEST_RUNS} a side only absolute limits \
             count"
        );
        return Tested { measured, baseline, p: None, shift: None, untested: Some(untested) };
    }
    ranked(measured, baseline)
}

/// By ranks, exactly; nothing is assumed of how values are spread.
pub(super) fn ranked(measured: Measured, baseline: Vec<f64>) -> Tested {
    let worse = |values: &[f64]| values.iter().map(|value| measured.better.worse(*value)).collect::<Vec<_>>();
    let p = mann_whitney(&worse(&baseline), &worse(&measured.candidate)).map(|test| test.less);
    let shift = rank_test::Shift::between(&baseline, &measured.candidate, CONFIDENCE).map(|shift| Shift {
        low: Some(shift.low).filter(|low| low.is_finite()),
        mid: shift.estimate,
        high: Some(shift.high).filter(|high| high.is_finite()),
    });
    Tested { measured, baseline, p, shift, untested: None }
}

/// Judges a metric, given its adjusted probability and how many metrics were tested together.
pub(super) fn decide(tested: Tested, p_holm: Option<f64>, tests: usize) -> MetricVerdict {
    let Tested { measured, baseline, p, shift, untested } = tested;
    let sample = |values: &[f64]| Sample { n: values.len(), median: quantile(values, 0.5) };
    let median = quantile(&baseline, 0.5);
    let allowed = median.map_or(0.0, |median| measured.margin * median.abs()).max(measured.floor);
    let verdict = verdict(measured.better, p_holm, shift, allowed);
    let level = LEVEL / tests.max(1) as f64;
    let runs_needed = match (verdict, shift) {
        (Verdict::Inconclusive, Some(shift)) => further_runs(Unsettled {
            baseline: &baseline,
            candidate: &measured.candidate,
            worse: measured.better.worse(shift.mid),
            allowed,
            level,
            history: measured.history,
        }),
        (Verdict::Inconclusive, None) if !measured.history => {
            let fewer = baseline.len().min(measured.candidate.len());
            Some(fewest_for(level).saturating_sub(fewer).max(1))
        }
        _ => None,
    };
    let judged = Judged {
        sizes: [baseline.len(), measured.candidate.len()],
        measured: &measured,
        median,
        after: quantile(&measured.candidate, 0.5),
        verdict,
        shift,
        allowed,
        p_holm,
        tests,
        runs_needed,
        untested: untested.as_deref(),
    };
    let because = judged.because(level);
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
        runs_needed,
        because,
        direction: measured.better,
        metric: measured.metric,
        unit: measured.unit,
    }
}

/// Fails what is significant and more than allowed; passes what is shown not to be more than allowed. All metrics must
/// pass, so that the second needs no correction for their number.
fn verdict(better: Better, p_holm: Option<f64>, shift: Option<Shift>, allowed: f64) -> Verdict {
    let (Some(p_holm), Some(shift)) = (p_holm, shift) else { return Verdict::Inconclusive };
    let worst = match better {
        Better::Lower => shift.high,
        Better::Higher => shift.low.map(|low| -low),
    };
    if p_holm <= LEVEL && better.worse(shift.mid) > allowed {
        Verdict::Fail
    } else if worst.is_some_and(|worst| worst <= allowed) {
        Verdict::Pass
    } else {
        Verdict::Inconclusive
    }
}

/// What a sentence is made of.
struct Judged<'a> {
    sizes: [usize; 2],
    measured: &'a Measured,
    median: Option<f64>,
    after: Option<f64>,
    verdict: Verdict,
    shift: Option<Shift>,
    allowed: f64,
    p_holm: Option<f64>,
    tests: usize,
    runs_needed: Option<usize>,
    untested: Option<&'a str>,
}

impl Judged<'_> {
    /// "p95 latency rose by 18% (12–24%), more than the 5% allowed: 205 ms → 242 ms, 5 runs each, p = 0.004".
    fn because(&self, level: f64) -> String {
        let title = names::title(&self.measured.metric);
        let (Some(shift), None) = (self.shift, self.untested) else {
            let why = self.untested.unwrap_or("it cannot be compared");
            return format!("{title}: {}{why}", self.values());
        };
        let by_floor = self.median.is_none_or(|median| self.allowed > self.measured.margin * median.abs());
        let allowed =
            if by_floor { unit::text(self.allowed, &self.measured.unit) } else { self.amount(self.allowed) };
        let judgement = match self.verdict {
            Verdict::Fail => format!("more than the {allowed} allowed"),
            Verdict::Pass => self.passed(shift, &allowed),
            Verdict::Inconclusive => format!("which does not settle it ({allowed} allowed)"),
        };
        let change = self.change(shift);
        format!("{title} {change}, {judgement}: {}{}{}", self.values(), self.evidence(), self.next(level))
    }

    /// A gain needs no allowance, only what may be lost within its interval does.
    fn passed(&self, shift: Shift, allowed: &str) -> String {
        let better = self.measured.better;
        let worst = match better {
            Better::Lower => shift.high,
            Better::Higher => shift.low,
        };
        if better.worse(shift.mid) >= 0.0 {
            format!("within the {allowed} allowed")
        } else if worst.is_some_and(|worst| better.worse(worst) <= 0.0) {
            "which is a gain".to_owned()
        } else {
            format!("and no loss beyond the {allowed} allowed")
        }
    }

    fn change(&self, shift: Shift) -> String {
        let ends = match (shift.low, shift.high) {
            (Some(low), Some(high)) if shift.mid < 0.0 => {
                format!(" ({} to {})", self.amount(-high), self.amount(-low))
            }
            (Some(low), Some(high)) => format!(" ({} to {})", self.amount(low), self.amount(high)),
            _ => String::new(),
        };
        if shift.mid > 0.0 {
            format!("rose by {}{ends}", self.amount(shift.mid))
        } else if shift.mid < 0.0 {
            format!("fell by {}{ends}", self.amount(-shift.mid))
        } else {
            format!("stayed the same{ends}")
        }
    }

    /// A difference as a share of the baseline, else in the metric's unit.
    fn amount(&self, difference: f64) -> String {
        match self.median.filter(|median| *median != 0.0) {
            Some(median) => unit::text(difference / median.abs(), "ratio"),
            None => unit::text(difference, &self.measured.unit),
        }
    }

    fn values(&self) -> String {
        let text = |value: f64| unit::text(value, &self.measured.unit);
        match (self.median, self.after) {
            (Some(before), Some(after)) => format!("{} → {}, ", text(before), text(after)),
            (None, Some(after)) => format!("{} now, ", text(after)),
            (Some(before), None) => format!("{} before, ", text(before)),
            (None, None) => String::new(),
        }
    }

    fn evidence(&self) -> String {
        let [before, after] = self.sizes;
        let runs = if self.measured.history {
            format!("{after} {} against {before} earlier ones", if after == 1 { "run" } else { "runs" })
        } else if before == after {
            format!("{before} runs each")
        } else {
            format!("{before} against {after} runs")
        };
        let p = self.p_holm.map(|p| format!(", p = {}", probability(p))).unwrap_or_default();
        let together =
            if self.tests > 1 { format!(" for {} metrics together", self.tests) } else { String::new() };
        format!("{runs}{p}{together}")
    }

    fn next(&self, level: f64) -> String {
        if self.verdict != Verdict::Inconclusive {
            return String::new();
        }
        let [before, after] = self.sizes;
        let unreachable = !self.measured.history && !can_reach(level, before, after);
        let reach = if unreachable {
            format!("; so few runs cannot show a loss in {} metrics at once", self.tests)
        } else {
            String::new()
        };
        match self.runs_needed {
            Some(runs) => {
                let runs = if runs == 1 { "1 more run".to_owned() } else { format!("{runs} more runs") };
                let side = if self.measured.history { "" } else { " a side" };
                format!("{reach}; about {runs}{side} would")
            }
            None => format!("{reach}; a hundred runs a side would hardly tell"),
        }
    }
}

/// A probability with two digits, never a zero.
fn probability(p: f64) -> String {
    match p {
        p if p < 0.0001 => "below 0.0001".to_owned(),
        p if p < 0.1 => format!("{p:.4}").trim_end_matches('0').to_owned(),
        p => format!("{p:.2}"),
    }
}
