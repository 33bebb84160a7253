//! What a change means in users and dates, and whether enough is left.

use chrono::{DateTime, Utc};

use super::{
    AssessmentSummary, Comparison, Consequence, ConsequenceReason, ConsequenceUnknown, GateConfig, Method,
    MetricVerdict, Run, SATURATION, Saturation, SideName, Step, THROUGHPUT, Verdict,
    summary::SummaryBottleneck,
};
use crate::{assess::Interval, capacity::usl};

/// The id of this finding.
const ID: &str = "consequence";

/// Both builds' saturation.
#[derive(Debug, Clone, PartialEq)]
struct Translation {
    method: Method,
    unit: String,
    resource: Option<String>,
    baseline: Saturation,
    candidate: Saturation,
    /// The present load, in the same unit.
    load: Option<f64>,
    /// Whether it is certain that something was lost.
    certain: bool,
}

/// The consequence, by the best evidence there is.
///
/// # Errors
/// With the reason, where it is unknown.
pub(super) fn derive(
    comparison: &Comparison,
    config: &GateConfig,
    metrics: &[MetricVerdict],
) -> Result<Consequence, ConsequenceUnknown> {
    let translation = translate(comparison, metrics)?;
    let [before, after] =
        [&translation.baseline, &translation.candidate].map(|side| side.load.map(|load| load.mid));
    let loss = before.filter(|before| *before > 0.0).zip(after).map(|(before, after)| 1.0 - after / before);
    let headroom =
        translation.load.zip(after).and_then(|(load, after)| (after > 0.0).then(|| 1.0 - load / after));
    let (verdict, reason) = decide(&translation, comparison.now, config, headroom, loss);
    Ok(Consequence {
        id: ID.to_owned(),
        method: translation.method,
        verdict,
        unit: translation.unit,
        resource: translation.resource,
        baseline: translation.baseline,
        candidate: translation.candidate,
        loss,
        headroom,
        reason,
    })
}

/// Fails where too little is left. Assessments are compared here, too, because nothing else compares them: their
/// intervals must lie apart for a failure, and the middle of the candidate's within the margin for a pass.
fn decide(
    translation: &Translation,
    now: DateTime<Utc>,
    config: &GateConfig,
    headroom: Option<f64>,
    loss: Option<f64>,
) -> (Verdict, ConsequenceReason) {
    if let Some(shortage) = shortage(translation, now, config, headroom, loss) {
        return (Verdict::Fail, shortage);
    }
    let allowed = config.margin_of(SATURATION);
    let lost = translation.method == Method::Assessments && loss.is_some_and(|loss| loss > allowed);
    match (lost, translation.certain) {
        (false, _) => (Verdict::Pass, ConsequenceReason::Enough),
        (true, true) => (Verdict::Fail, ConsequenceReason::LossBeyondMargin { allowed }),
        (true, false) => (Verdict::Inconclusive, ConsequenceReason::IntervalsOverlap),
    }
}

/// What is too little, if anything is. The minimum of headroom is a rule of its own; the lead time is broken by the
/// candidate only if it was kept before and the loss is certain or more than the margin.
fn shortage(
    translation: &Translation,
    now: DateTime<Utc>,
    config: &GateConfig,
    headroom: Option<f64>,
    loss: Option<f64>,
) -> Option<ConsequenceReason> {
    if let Some((minimum, _)) = config.min_headroom.zip(headroom).filter(|(minimum, left)| left < minimum) {
        return Some(ConsequenceReason::HeadroomBelow { minimum });
    }
    let lost = translation.certain || loss.is_some_and(|loss| loss > config.margin());
    let late = |act_by: Option<DateTime<Utc>>| act_by.is_some_and(|act_by| act_by < now);
    let (on, begin_by) = (translation.candidate.on?, translation.candidate.act_by?);
    if lost && late(Some(begin_by)) && !late(translation.baseline.act_by) {
        let lead_seconds = (on - begin_by).as_seconds_f64();
        return Some(ConsequenceReason::RemedyTooLate { lead_seconds, begin_by });
    }
    None
}

/// By assessments of both builds, else by stepped tests, else by throughput.
fn translate(comparison: &Comparison, metrics: &[MetricVerdict]) -> Result<Translation, ConsequenceUnknown> {
    if let Some(found) = by_assessments(comparison) {
        return Ok(found);
    }
    if let Some(found) = by_stepped_tests(comparison) {
        return found;
    }
    let throughput = metrics.iter().find(|metric| metric.metric == THROUGHPUT);
    let (throughput, share) = throughput
        .and_then(|metric| Some((metric, share_left(metric)?)))
        .ok_or(ConsequenceUnknown::NoEvidence)?;
    let present = present_saturation(comparison).ok_or(ConsequenceUnknown::SaturationUnknown)?;
    Ok(scaled(present, share, Method::Throughput, throughput.verdict == Verdict::Fail))
}

/// The present assessment with its first bottleneck and the load at which that saturates.
type Present<'a> = (&'a AssessmentSummary, &'a SummaryBottleneck, Interval<f64>);

fn present_saturation(comparison: &Comparison) -> Option<Present<'_>> {
    let current = comparison.current.as_ref()?;
    let (bottleneck, load) = current.first()?;
    Some((current, bottleneck, load))
}

/// What is left of the throughput, as a share of the baseline's.
fn share_left(metric: &MetricVerdict) -> Option<Interval<f64>> {
    let (median, shift) = (metric.baseline.median.filter(|median| *median > 0.0)?, metric.shift?);
    let share = |shift: f64| 1.0 + shift / median;
    Some(Interval { low: share(shift.low?), mid: share(shift.mid), high: share(shift.high?) })
}

/// Today's saturation, and the same with a share of it left.
fn scaled(
    (current, bottleneck, load): Present<'_>,
    share: Interval<f64>,
    method: Method,
    certain: bool,
) -> Translation {
    let left = Interval {
        low: (load.low * share.low).max(0.0),
        mid: (load.mid * share.mid).max(0.0),
        high: (load.high * share.high).max(0.0),
    };
    let today = saturation_of(current, bottleneck, load);
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
        certain,
    }
}

fn saturation_of(
    assessment: &AssessmentSummary,
    bottleneck: &SummaryBottleneck,
    load: Interval<f64>,
) -> Saturation {
    let on = bottleneck.saturates_on.and_then(|on| on.mid).or_else(|| assessment.reaches(load.mid));
    Saturation { load: Some(load), on, act_by: bottleneck.act_by.and_then(|act_by| act_by.date) }
}

/// From the assessments of both builds: of several per side the median one.
fn by_assessments(comparison: &Comparison) -> Option<Translation> {
    let median = |runs: &[Run]| {
        let mut known: Vec<(&AssessmentSummary, Interval<f64>)> = Vec::new();
        for assessment in runs.iter().filter_map(|run| run.assessment.as_ref()) {
            known.extend(assessment.first().map(|(_, load)| (assessment, load)));
        }
        known.sort_by(|(_, load), (_, other)| load.mid.total_cmp(&other.mid));
        known.get(known.len().saturating_sub(1) / 2).map(|(assessment, _)| (*assessment).clone())
    };
    let (before, after) = (median(comparison.baseline.runs())?, median(&comparison.candidate)?);
    let ((bottleneck_before, load_before), (bottleneck, load)) = (before.first()?, after.first()?);
    Some(Translation {
        method: Method::Assessments,
        unit: after.load.unit.clone(),
        resource: Some(bottleneck.resource.clone()),
        baseline: saturation_of(&before, bottleneck_before, load_before),
        candidate: saturation_of(&after, bottleneck, load),
        load: after.load.peak,
        certain: load.high < load_before.low,
    })
}

/// From the peaks of a scalability curve through the steps of all runs of a side.
fn by_stepped_tests(comparison: &Comparison) -> Option<Result<Translation, ConsequenceUnknown>> {
    let steps = |runs: &[Run]| runs.iter().flat_map(|run| run.steps.clone()).collect::<Vec<_>>();
    let [before, after] = [steps(comparison.baseline.runs()), steps(&comparison.candidate)];
    if before.is_empty() || after.is_empty() {
        return None;
    }
    let peaks =
        peak(SideName::Baseline, &before).and_then(|before| Ok((before, peak(SideName::Candidate, &after)?)));
    Some(peaks.map(|(before, after)| by_peaks(comparison, before, after)))
}

fn by_peaks(comparison: &Comparison, before: Interval<f64>, after: Interval<f64>) -> Translation {
    let certain = after.high < before.low;
    if let Some(present) = present_saturation(comparison) {
        let share = Interval {
            low: after.low / before.high,
            mid: after.mid / before.mid,
            high: after.high / before.low,
        };
        return scaled(present, share, Method::SteppedTests, certain);
    }
    let saturation = |load: Interval<f64>| Saturation { load: Some(load), on: None, act_by: None };
    Translation {
        method: Method::SteppedTests,
        unit: "simulated users".to_owned(),
        resource: None,
        baseline: saturation(before),
        candidate: saturation(after),
        load: None,
        certain,
    }
}

/// The load of the highest throughput, with its interval.
fn peak(side: SideName, steps: &[Step]) -> Result<Interval<f64>, ConsequenceUnknown> {
    let (loads, throughputs): (Vec<f64>, Vec<f64>) =
        steps.iter().map(|step| (step.load, step.throughput)).unzip();
    let fit = usl::fit(&loads, &throughputs)
        .map_err(|error| ConsequenceUnknown::NoCurve { side, detail: error.to_string() })?;
    match (fit.curve.peak(), fit.peak.high) {
        (Some(mid), Some(high)) if !fit.is_extrapolated() => Ok(Interval { low: fit.peak.low, mid, high }),
        _ => Err(ConsequenceUnknown::StillRising { side, largest_load: fit.tested }),
    }
}
