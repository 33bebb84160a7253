//! Where each build runs out, by what there is to tell it.

use super::{
    Comparison, Method, MetricVerdict, Run, Saturation, Standing, THROUGHPUT, Verdict,
    standing::StandingBottleneck,
};
use crate::{assess::Interval, capacity::usl};

/// Both builds' saturation.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Translation {
    pub method: Method,
    pub unit: String,
    pub resource: Option<String>,
    pub baseline: Saturation,
    pub candidate: Saturation,
    /// The present load, in the same unit.
    pub load: Option<f64>,
    /// Whether it is sure that something was lost.
    pub sure: bool,
}

/// The best way of telling it that there is, else why there is none.
pub(super) fn translate(comparison: &Comparison, metrics: &[MetricVerdict]) -> Result<Translation, String> {
    let assessed = assessed(comparison);
    if let Some(found) = assessed {
        return Ok(found);
    }
    match stepped(comparison) {
        Some(Ok(found)) => return Ok(found),
        Some(Err(why)) => return Err(why),
        None => {}
    }
    let throughput = metrics.iter().find(|metric| metric.metric == THROUGHPUT);
    let Some((throughput, share)) = throughput.and_then(|metric| Some((metric, share(metric)?))) else {
        return Err(
            "no stepped test, no assessment and no throughput of both builds says where they run out"
                .to_owned(),
        );
    };
    let Some((current, bottleneck, load)) = known(comparison) else {
        return Err(
            "where the system runs out today is not known; give an assessment that says it with `--assessment`"
                .to_owned(),
        );
    };
    let sure = throughput.verdict == Verdict::Fail;
    Ok(scaled(current, bottleneck, load, share, Method::Throughput, sure))
}

/// Today's standing with the load at which it runs out.
fn known(comparison: &Comparison) -> Option<(&Standing, &StandingBottleneck, Interval<f64>)> {
    let current = comparison.current.as_ref()?;
    let (bottleneck, load) = current.first()?;
    Some((current, bottleneck, load))
}

/// What is left of the throughput, as a share of the baseline's.
fn share(metric: &MetricVerdict) -> Option<Interval<f64>> {
    let (median, shift) = (metric.baseline.median.filter(|median| *median > 0.0)?, metric.shift?);
    let share = |shift: f64| 1.0 + shift / median;
    let mid = share(shift.mid);
    Some(Interval { low: share(shift.low?), mid, high: share(shift.high?) })
}

/// Today's saturation, and the same with a share of it left.
fn scaled(
    current: &Standing,
    bottleneck: &StandingBottleneck,
    load: Interval<f64>,
    share: Interval<f64>,
    method: Method,
    sure: bool,
) -> Translation {
    let left = Interval {
        low: (load.low * share.low).max(0.0),
        mid: (load.mid * share.mid).max(0.0),
        high: (load.high * share.high).max(0.0),
    };
    let today = of_bottleneck(current, bottleneck, load);
    let on = current.reaches(left.mid);
    // The remedy takes as long as before.
    let lead = today.on.zip(today.act_by).map(|(on, act_by)| on - act_by);
    let act_by = on.zip(lead).map(|(on, lead)| on - lead);
    Translation {
        method,
        unit: current.load.unit.clone(),
        resource: Some(bottleneck.resource.clone()),
        baseline: today,
        candidate: Saturation { load: Some(left), on, act_by },
        load: current.load.peak,
        sure,
    }
}

fn of_bottleneck(standing: &Standing, bottleneck: &StandingBottleneck, load: Interval<f64>) -> Saturation {
    let on = bottleneck.saturates_on.and_then(|on| on.mid).or_else(|| standing.reaches(load.mid));
    Saturation { load: Some(load), on, act_by: bottleneck.act_by.and_then(|act_by| act_by.date) }
}

/// From the assessments of both builds: of several a side the middle one.
fn assessed(comparison: &Comparison) -> Option<Translation> {
    let middle = |runs: &[Run]| {
        let mut known: Vec<(&Standing, Interval<f64>)> = Vec::new();
        for standing in runs.iter().filter_map(|run| run.standing.as_ref()) {
            known.extend(standing.first().map(|(_, load)| (standing, load)));
        }
        known.sort_by(|(_, one), (_, other)| one.mid.total_cmp(&other.mid));
        known.get(known.len().saturating_sub(1) / 2).map(|(standing, _)| (*standing).clone())
    };
    let (before, after) = (middle(comparison.baseline.runs())?, middle(&comparison.candidate)?);
    let ((bottleneck_before, load_before), (bottleneck, load)) = (before.first()?, after.first()?);
    Some(Translation {
        method: Method::Assessments,
        unit: after.load.unit.clone(),
        resource: Some(bottleneck.resource.clone()),
        baseline: of_bottleneck(&before, bottleneck_before, load_before),
        candidate: of_bottleneck(&after, bottleneck, load),
        load: after.load.peak,
        sure: load.high < load_before.low,
    })
}

/// From the peaks of a scalability curve through the steps of all runs of a side.
fn stepped(comparison: &Comparison) -> Option<Result<Translation, String>> {
    let steps = |runs: &[Run]| runs.iter().flat_map(|run| run.steps.clone()).collect::<Vec<_>>();
    let sides = [steps(comparison.baseline.runs()), steps(&comparison.candidate)];
    if sides.iter().any(Vec::is_empty) {
        return None;
    }
    let mut peaks = Vec::new();
    for (side, steps) in ["baseline", "candidate"].into_iter().zip(sides) {
        let (loads, throughputs): (Vec<f64>, Vec<f64>) =
            steps.iter().map(|step| (step.load, step.throughput)).unzip();
        match peak(&loads, &throughputs) {
            Ok(peak) => peaks.push(peak),
            Err(why) => {
                return Some(Err(format!("the {side}'s steps do not show where throughput peaks: {why}")));
            }
        }
    }
    let [before, after] = peaks.as_slice() else { return None };
    let sure = after.high < before.low;
    if let Some((current, bottleneck, load)) = known(comparison) {
        let share = Interval {
            low: after.low / before.high,
            mid: after.mid / before.mid,
            high: after.high / before.low,
        };
        return Some(Ok(scaled(current, bottleneck, load, share, Method::SteppedTests, sure)));
    }
    let alone = |load: Interval<f64>| Saturation { load: Some(load), on: None, act_by: None };
    Some(Ok(Translation {
        method: Method::SteppedTests,
        unit: "simulated users".to_owned(),
        resource: None,
        baseline: alone(*before),
        candidate: alone(*after),
        load: None,
        sure,
    }))
}

fn peak(loads: &[f64], throughputs: &[f64]) -> Result<Interval<f64>, String> {
    let fit = usl::fit(loads, throughputs).map_err(|error| error.to_string())?;
    match (fit.curve.peak(), fit.peak.high) {
        (Some(mid), Some(high)) if !fit.is_extrapolated() => Ok(Interval { low: fit.peak.low, mid, high }),
        _ => Err(format!("it still rises at the largest load tested, {}", fit.tested)),
    }
}
