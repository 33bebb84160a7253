//! At which load and on which date a resource ends, and by when to act, in words.

use super::format::{bounds, count, dates, day, grade, percent, short};
use crate::assess::{Assessment, Bottleneck, Interval};

/// "full at 389 users (361–422), now 342 · 12 Dec (4–27 Dec) · evidence B"; nothing where neither is known.
pub(super) fn line(assessment: &Assessment, bottleneck: &Bottleneck) -> Option<String> {
    let mut parts = Vec::new();
    if let Some(load) = &bottleneck.saturates_at_load {
        let now = assessment.load.peak.map(|peak| format!(", now {}", count(peak))).unwrap_or_default();
        parts.push(format!("full at {}{now}", interval(load, &assessment.load.unit)));
    }
    parts.extend(bottleneck.saturates_on.as_ref().map(|on| dates(on, assessment.generated_at)));
    if parts.is_empty() {
        return None;
    }
    if bottleneck.saturates_on.is_none() {
        parts.push("no date".to_owned());
    }
    if let Some(probability) = bottleneck.probability_first.filter(|probability| *probability < 0.95) {
        parts.push(format!("first with {}", percent(probability)));
    }
    parts.push(format!("evidence {}", grade(bottleneck.grade)));
    Some(parts.join(" · "))
}

/// "then queue workers: full at 380 users · 5 Dec": what comes after the next one, where anything is known to.
pub(super) fn runner_up(assessment: &Assessment) -> Option<String> {
    let next = assessment.next_bottleneck.as_ref()?;
    let mut after = assessment.bottlenecks.iter().skip_while(|one| one.resource != next.resource);
    let second = after.find(|one| one.resource != next.resource && one.signal.is_some())?;
    let name = second.resource.entry().of_instance(second.instance.as_deref());
    let load = second.saturates_at_load.as_ref();
    let load = load.map(|load| format!("full at {}", interval(load, &assessment.load.unit)));
    let date = second.saturates_on.as_ref().map(|on| dates(on, assessment.generated_at));
    let known: Vec<String> = load.into_iter().chain(date).collect();
    (!known.is_empty()).then(|| format!("then {name}: {}", known.join(" · ")))
}

/// The load, the date and the evidence for a table.
pub(super) fn cells(assessment: &Assessment, bottleneck: &Bottleneck) -> [String; 3] {
    let none = || "–".to_owned();
    let now = assessment.generated_at;
    let load = bottleneck.saturates_at_load.as_ref().map_or_else(none, |load| count(load.mid));
    let date = bottleneck.saturates_on.as_ref().map_or_else(none, |on| match on.mid {
        Some(mid) => short(mid, now),
        None => format!("from {}", short(on.low, now)),
    });
    let known = bottleneck.saturates_at_load.is_some() || bottleneck.saturates_on.is_some();
    let grade = if known { grade(bottleneck.grade).to_owned() } else { none() };
    [load, date, grade]
}

/// "act by 28 Nov 2026, at 371 users"; in the past: "should have begun by 3 Nov 2026".
pub(super) fn act_by(assessment: &Assessment, bottleneck: &Bottleneck) -> Option<String> {
    let act_by = bottleneck.act_by.as_ref()?;
    let measured = bottleneck.saturates_at_load.is_some() || bottleneck.saturates_on.is_some();
    let load =
        act_by.load.filter(|_| measured).map(|load| format!("{} {}", count(load), assessment.load.unit));
    match (act_by.date, load) {
        (Some(date), _) if date <= assessment.generated_at => {
            Some(format!("act now: it should have begun by {}", day(date)))
        }
        (Some(date), Some(load)) => Some(format!("act by {}, at {load}", day(date))),
        (Some(date), None) => Some(format!("act by {}", day(date))),
        (None, Some(load)) => Some(format!("act by {load}")),
        (None, None) => None,
    }
}

/// "389 users (361–422)".
fn interval(load: &Interval<f64>, unit: &str) -> String {
    format!("{} {unit}{}", count(load.mid), bounds(load))
}
