//! The verdict on a metric of the gate in words, and values with their units.

use crate::{
    gate::{
        BaselineKind, Better, GateReport, MetricReason, MetricVerdict, Shift, metric_title, value_quantity,
    },
    signal::{Quantity, Unit},
};

/// Decimals that are added at most to tell two values apart.
const MAX_DECIMALS: usize = 9;

/// "p95 latency rose by 18% (12 to 24%), more than the 5% allowed: 205 ms → 242 ms, 5 runs each, p = 0.004".
pub(in crate::render) fn metric(report: &GateReport, verdict: &MetricVerdict) -> String {
    let title = metric_title(&verdict.metric);
    let runs = (verdict.baseline.n, verdict.candidate.n);
    let untested = match verdict.reason {
        MetricReason::TooFewRuns { minimum } => format!(
            "{} against {} runs are too few to compare (at least {minimum} per side); only absolute limits apply",
            runs.0, runs.1
        ),
        MetricReason::ShortHistory { minimum, since_change } => {
            let since = if since_change { " since the last change of level" } else { "" };
            format!("{}{since}, {minimum} are needed", counted(runs.0, "earlier run"))
        }
        MetricReason::NotComparable => "not comparable".to_owned(),
        MetricReason::LossBeyondMargin
        | MetricReason::WithinMargin
        | MetricReason::Gain
        | MetricReason::NoLossBeyondMargin
        | MetricReason::DirectionDoubtful
        | MetricReason::Undecided { .. } => {
            let judgement = judgement(verdict);
            let change = verdict.shift.map_or_else(String::new, |shift| change(verdict, shift));
            let history = report.baseline.kind == BaselineKind::History;
            let evidence = evidence(verdict, history);
            let next = next_step(verdict, history);
            return format!("{title} {change}, {judgement}: {}{evidence}{next}", medians(verdict));
        }
    };
    format!("{title}: {}{untested}", medians(verdict))
}

fn judgement(verdict: &MetricVerdict) -> String {
    let allowed = allowed(verdict);
    match verdict.reason {
        MetricReason::LossBeyondMargin => format!("more than the {allowed} allowed"),
        MetricReason::WithinMargin => format!("within the {allowed} allowed"),
        MetricReason::Gain => format!("a gain ({} is better)", direction_name(verdict.direction)),
        MetricReason::NoLossBeyondMargin => format!("no loss beyond the {allowed} allowed"),
        MetricReason::DirectionDoubtful => {
            let (metric, way) = (&verdict.metric, direction_name(verdict.direction));
            format!(
                "a gain only if {way} is better, which its name does not show; add `--direction {metric}={way}` or the \
                 other"
            )
        }
        _ => format!("inconclusive ({allowed} allowed)"),
    }
}

/// The change for the worse that is allowed: a share, or a value where the floor is more.
pub(in crate::render) fn allowed(verdict: &MetricVerdict) -> String {
    let by_floor =
        verdict.baseline.median.is_none_or(|median| verdict.allowed > verdict.margin * median.abs());
    if by_floor { value_text(verdict.allowed, &verdict.unit) } else { amount(verdict, verdict.allowed) }
}

fn direction_name(better: Better) -> &'static str {
    match better {
        Better::Lower => "lower",
        Better::Higher => "higher",
    }
}

fn change(verdict: &MetricVerdict, shift: Shift) -> String {
    // No metric loses more than all of it, although some run of the baseline lay above its median.
    let all = verdict.baseline.median.filter(|median| *median > 0.0);
    let least = all.map_or(f64::NEG_INFINITY, |all| (-all).min(shift.mid));
    let ends = match (shift.low.map(|low| low.max(least)), shift.high) {
        (Some(low), Some(high)) if shift.mid < 0.0 => {
            format!(" ({} to {})", amount(verdict, -high), amount(verdict, -low))
        }
        (Some(low), Some(high)) => format!(" ({} to {})", amount(verdict, low), amount(verdict, high)),
        _ => String::new(),
    };
    if shift.mid > 0.0 {
        format!("rose by {}{ends}", amount(verdict, shift.mid))
    } else if shift.mid < 0.0 {
        format!("fell by {}{ends}", amount(verdict, -shift.mid))
    } else {
        format!("stayed the same{ends}")
    }
}

/// A difference as a share of the baseline, else in the metric's unit.
fn amount(verdict: &MetricVerdict, difference: f64) -> String {
    match verdict.baseline.median.filter(|median| *median != 0.0) {
        Some(median) => share(difference / median.abs()),
        None => value_text(difference, &verdict.unit),
    }
}

/// The same with its sign: `+18.5%`.
pub(in crate::render) fn signed_amount(verdict: &MetricVerdict, difference: f64) -> String {
    let sign = if difference > 0.0 { "+" } else { "" };
    format!("{sign}{}", amount(verdict, difference))
}

/// Both medians where they are known, with as many digits as tell them apart.
pub(in crate::render) fn median_texts(verdict: &MetricVerdict) -> [Option<String>; 2] {
    let unit = verdict.unit.as_str();
    match (verdict.baseline.median, verdict.candidate.median) {
        (Some(before), Some(after)) => distinct_texts([before, after], unit).map(Some),
        medians => [medians.0, medians.1].map(|median| median.map(|median| value_text(median, unit))),
    }
}

fn medians(verdict: &MetricVerdict) -> String {
    match median_texts(verdict) {
        [Some(before), Some(after)] => format!("{before} → {after}, "),
        [None, Some(after)] => format!("{after} now, "),
        [Some(before), None] => format!("{before} before, "),
        [None, None] => String::new(),
    }
}

fn evidence(verdict: &MetricVerdict, history: bool) -> String {
    let (before, after) = (verdict.baseline.n, verdict.candidate.n);
    let runs = if history {
        format!("{} against {}", counted(after, "run"), counted(before, "earlier run"))
    } else if before == after {
        format!("{} each", counted(before, "run"))
    } else {
        format!("{before} against {}", counted(after, "run"))
    };
    let p = verdict.p_holm.map(|p| format!(", p = {}", probability(p))).unwrap_or_default();
    let spread = verdict.spread_of.map(|runs| format!(", by the spread of {}", counted(runs, "earlier run")));
    let together = if verdict.tests > 1 { format!(" over {} metrics", verdict.tests) } else { String::new() };
    format!("{runs}{p}{together}{}", spread.unwrap_or_default())
}

/// "p95 latency has drifted up by 6.1% over 58 runs, since about build-7: each build changed too little to detect (p = 0.0002)".
pub(in crate::render) fn creep(verdict: &MetricVerdict) -> Option<String> {
    let creep = verdict.creep.as_ref()?;
    let way = if creep.moved > 0.0 { "up" } else { "down" };
    Some(format!(
        "{} has drifted {way} by {} over {}, since about {}: each build changed too little to detect (p = {})",
        metric_title(&verdict.metric),
        share(creep.moved.abs()),
        counted(creep.runs, "run"),
        creep.since,
        probability(creep.p)
    ))
}

fn next_step(verdict: &MetricVerdict, history: bool) -> String {
    let MetricReason::Undecided { enough_runs } = verdict.reason else { return String::new() };
    let reach = if enough_runs {
        String::new()
    } else {
        format!("; so few runs cannot show a loss in {}", counted(verdict.tests, "metric"))
    };
    match verdict.runs_needed {
        Some(runs) => {
            let side = if history { "" } else { " per side" };
            format!("{reach}; about {}{side} would decide it", counted(runs, "more run"))
        }
        None => format!("{reach}; even 100 runs per side may be inconclusive"),
    }
}

/// A probability with two digits, never a zero.
pub(in crate::render) fn probability(p: f64) -> String {
    match p {
        p if p < 0.0001 => "below 0.0001".to_owned(),
        p if p < 0.1 => format!("{p:.4}").trim_end_matches('0').to_owned(),
        p => format!("{p:.2}"),
    }
}

/// A number with its unit: `205 ms`, `1,310 users`, `12%`.
pub(in crate::render) fn value_text(value: f64, unit: &str) -> String {
    precise_text(value, unit, 0)
}

/// Two values with as many digits as tell them apart.
fn distinct_texts(values: [f64; 2], unit: &str) -> [String; 2] {
    let texts = |more: usize| values.map(|value| precise_text(value, unit, more));
    let differ = |texts: &[String; 2]| texts[0] != texts[1];
    (0..=MAX_DECIMALS).map(texts).find(differ).unwrap_or_else(|| texts(0))
}

fn precise_text(value: f64, unit: &str, more: usize) -> String {
    if let Some(quantity) = value_quantity(value, unit) {
        return format!("{quantity:.more$}");
    }
    let number =
        Quantity::new(value, Unit::Count).map_or_else(|| "?".to_owned(), |number| format!("{number:.more$}"));
    if unit.is_empty() { number } else { format!("{number} {unit}") }
}

pub(super) fn share(value: f64) -> String {
    value_text(value, "ratio")
}

/// "1 run", "5 runs".
pub(super) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::{Baseline, Comparison, GateConfig, Run, Value, evaluate};

    #[test]
    fn units_read_as_people_write_them() {
        assert_eq!(value_text(205.0, "ms"), "205 ms");
        assert_eq!(value_text(0.205, "seconds"), "205 ms");
        assert_eq!(value_text(12.0, "%"), "12%");
        assert_eq!(value_text(1310.0, "1/s"), "1,310/s");
        assert_eq!(value_text(1310.0, "rps"), "1,310/s");
        assert_eq!(value_text(1310.0, "users"), "1,310 users");
        assert_eq!(value_text(3.5, ""), "3.5");
    }

    #[test]
    fn values_that_differ_look_different() {
        let [before, after] = distinct_texts([100.0, 100.5], "1/s");
        assert_eq!((before.as_str(), after.as_str()), ("100/s", "100.5/s"));
        let [before, after] = distinct_texts([7.0, 7.0], "ms");
        assert_eq!((before.as_str(), after.as_str()), ("7 ms", "7 ms"));
    }

    fn report(before: [f64; 5], after: [f64; 5]) -> GateReport {
        let side = |values: [f64; 5]| -> Vec<Run> {
            let run = |value: f64| Run {
                values: [("latency_p95".to_owned(), Value { value, unit: "ms".to_owned() })].into(),
                ..Run::default()
            };
            values.into_iter().map(run).collect()
        };
        let comparison = Comparison {
            now: chrono::DateTime::UNIX_EPOCH,
            baseline: Baseline::Paired(side(before)),
            stored: None,
            earlier: Vec::new(),
            candidate: side(after),
            objectives: Vec::new(),
            required: Vec::new(),
            required_signals: Vec::new(),
            current: None,
            profile: None,
        };
        evaluate(&comparison, &GateConfig::default()).unwrap()
    }

    #[test]
    fn a_metric_says_how_much_it_changed_and_how_sure_that_is() {
        const BASE: [f64; 5] = [200.0, 205.0, 203.0, 208.0, 206.0];
        const SLOWER: [f64; 5] = [240.0, 242.0, 239.0, 246.0, 244.0];
        let text = |before, after| {
            let report = report(before, after);
            metric(&report, &report.metrics[0])
        };
        assert_eq!(
            text(BASE, SLOWER),
            "p95 latency rose by 18.5% (16.6% to 20%), more than the 5% allowed: 205 ms → 242 ms, 5 runs each, \
             p = 0.004"
        );
        let gain = text(SLOWER, BASE);
        assert!(
            gain.starts_with("p95 latency fell by ") && gain.contains("a gain (lower is better):"),
            "{gain}"
        );
        let noisy = text([180.0, 220.0, 200.0, 240.0, 170.0], [190.0, 230.0, 205.0, 250.0, 168.0]);
        assert!(noisy.ends_with("; even 100 runs per side may be inconclusive"), "{noisy}");
        let near = text(BASE, [207.0, 214.0, 210.0, 216.0, 211.0]);
        assert!(near.ends_with(" more runs per side would decide it"), "{near}");
    }
}
