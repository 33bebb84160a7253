//! What a change means in users and dates, and whether enough is left.

use chrono::{DateTime, Utc};

use super::{
    Comparison, Consequence, GateConfig, Method, MetricVerdict, SATURATION, Verdict,
    saturation::{Translation, translate},
    unit,
};

/// The name of this finding.
pub(super) const ID: &str = "consequence";

/// The consequence, if it can be told, and the reason either way.
pub(super) fn judge(
    comparison: &Comparison,
    policy: &GateConfig,
    metrics: &[MetricVerdict],
) -> (Option<Consequence>, String) {
    match translate(comparison, metrics) {
        Ok(translation) => {
            let consequence = of(&translation, comparison.now, policy);
            let because = consequence.because.clone();
            (Some(consequence), because)
        }
        Err(why) => (None, why),
    }
}

fn of(told: &Translation, now: DateTime<Utc>, policy: &GateConfig) -> Consequence {
    let [before, after] = [&told.baseline, &told.candidate].map(|side| side.load.map(|load| load.mid));
    let loss = before.filter(|before| *before > 0.0).zip(after).map(|(before, after)| 1.0 - after / before);
    let headroom = told.load.zip(after).and_then(|(load, after)| (after > 0.0).then(|| 1.0 - load / after));
    let mut because = sentence(told);
    let (verdict, why) = verdict(told, now, policy, headroom, loss);
    if let Some(why) = &why {
        because.extend(["; ", why]);
    }
    Consequence {
        id: ID.to_owned(),
        method: told.method,
        verdict,
        unit: told.unit.clone(),
        resource: told.resource.clone(),
        baseline: told.baseline.clone(),
        candidate: told.candidate.clone(),
        loss,
        headroom,
        because,
    }
}

/// Fails where too little is left. Assessments are compared here, too, because nothing else compares them: their
/// intervals must lie apart for a failure, and the middle of the one within the margin of the other for a pass.
fn verdict(
    told: &Translation,
    now: DateTime<Utc>,
    policy: &GateConfig,
    headroom: Option<f64>,
    loss: Option<f64>,
) -> (Verdict, Option<String>) {
    if let Some(short) = shortage(told, now, policy, headroom, loss) {
        return (Verdict::Fail, Some(short));
    }
    let lost = loss.filter(|loss| told.method == Method::Assessments && *loss > policy.margin_of(SATURATION));
    let Some(lost) = lost else { return (Verdict::Pass, None) };
    let allowed = unit::text(policy.margin_of(SATURATION), "ratio");
    let lost = unit::text(lost, "ratio");
    if told.sure {
        (Verdict::Fail, Some(format!("{lost} lost, more than the {allowed} allowed")))
    } else {
        (Verdict::Inconclusive, Some(format!("{lost} lost, but the two intervals overlap")))
    }
}

/// What is too little, if anything is. The share that must stay unused is a rule of its own; the lead time is broken
/// by the candidate only if it was kept before and the loss is certain or more than the margin.
fn shortage(
    told: &Translation,
    now: DateTime<Utc>,
    policy: &GateConfig,
    headroom: Option<f64>,
    loss: Option<f64>,
) -> Option<String> {
    let share = |value: f64| unit::text(value, "ratio");
    if let Some((least, headroom)) = policy.min_headroom.zip(headroom).filter(|(least, left)| left < least) {
        return Some(format!("headroom is {}, less than the {} asked for", share(headroom), share(least)));
    }
    let lost = told.sure || loss.is_some_and(|loss| loss > policy.margin);
    let late = |act_by: Option<DateTime<Utc>>| act_by.is_some_and(|act_by| act_by < now);
    let (on, act_by) = (told.candidate.on?, told.candidate.act_by?);
    if lost && late(Some(act_by)) && !late(told.baseline.act_by) {
        let lead = unit::text((on - act_by).as_seconds_f64(), "seconds");
        return Some(format!(
            "the remedy takes {lead}, so that it would have had to begin by {}",
            day(act_by)
        ));
    }
    None
}

/// "users at saturation fall from 1,310 to 1,120; the date moves from 12 Mar 2027 to 9 Jan 2027".
fn sentence(told: &Translation) -> String {
    let load = |value: f64| unit::text(value.round(), "");
    let mut text = match (told.baseline.load, told.candidate.load) {
        (Some(before), Some(after)) => {
            let verb = match after.mid.round() - before.mid.round() {
                change if change < 0.0 => "fall",
                change if change > 0.0 => "rise",
                _ => "stay",
            };
            let way = if verb == "stay" {
                format!("stay at {}", load(after.mid))
            } else {
                format!("{verb} from {} to {}", load(before.mid), load(after.mid))
            };
            format!("{} at saturation {way} ({}–{})", told.unit, load(after.low), load(after.high))
        }
        _ => "the load at saturation is not known".to_owned(),
    };
    let moved = match (told.baseline.on, told.candidate.on) {
        (Some(before), Some(after)) if day(before) != day(after) => {
            format!("; the date moves from {} to {}", day(before), day(after))
        }
        (Some(before), None) => format!("; the date was {}, and is not known now", day(before)),
        _ => String::new(),
    };
    text.push_str(&moved);
    text.push_str(match told.method {
        Method::SteppedTests => ", by the scalability curves of both builds",
        Method::Assessments => ", by the assessments of both builds",
        Method::Throughput => ", if all resources follow throughput",
    });
    text
}

fn day(date: DateTime<Utc>) -> String {
    date.format("%-d %b %Y").to_string()
}
