//! At which load and on which date a resource ends, and by when to act, in words.

use chrono::{DateTime, Utc};

use super::number::{count, percent};
use crate::assess::{Assessment, Bottleneck, Grade, Interval, SaturationDate};

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

/// " (361–422)", where rounding leaves them apart.
pub(super) fn bounds(load: &Interval<f64>) -> String {
    let (low, high) = (count(load.low), count(load.high));
    if low == high { String::new() } else { format!(" ({low}–{high})") }
}

/// "12 Dec (4–27 Dec)"; where the middle lies beyond the horizon, "not before 4 Dec".
pub(super) fn dates(on: &SaturationDate, now: DateTime<Utc>) -> String {
    let Some(mid) = on.mid else {
        let chance = percent(on.probability);
        return format!("from {} on, {chance} by {}", short(on.low, now), short(on.horizon, now));
    };
    match on.high {
        Some(high) if high == on.low => short(mid, now),
        Some(high) => format!("{} ({}–{})", short(mid, now), before(on.low, high, now), short(high, now)),
        None => {
            format!("{} (from {}, to beyond {})", short(mid, now), short(on.low, now), short(on.horizon, now))
        }
    }
}

/// A letter, or what stands for none.
pub(super) fn grade(grade: Grade) -> &'static str {
    match grade {
        Grade::A => "A",
        Grade::B => "B",
        Grade::C => "C",
        Grade::Insufficient => "insufficient",
    }
}

fn day(date: DateTime<Utc>) -> String {
    date.format("%-d %b %Y").to_string()
}

/// The year is told where it is another one than now.
pub(super) fn short(date: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let same = date.format("%Y").to_string() == now.format("%Y").to_string();
    date.format(if same { "%-d %b" } else { "%-d %b %Y" }).to_string()
}

/// The first of two dates, without the month where it is the same.
fn before(low: DateTime<Utc>, high: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let same = low.format("%Y %m").to_string() == high.format("%Y %m").to_string();
    if same { low.format("%-d").to_string() } else { short(low, now) }
}
