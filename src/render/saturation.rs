//! At which load and on which date a resource ends, and by when to act, in words.

use chrono::{DateTime, Utc};

use super::{
    format::{bounds, count, dates, grade, percent, short},
    reason::demand_cap,
};
use crate::assess::{Assessment, Bottleneck, ForecastReason, Interval, SaturationDate};

/// "saturates at 389 users (361–422), now 342, around 12 Dec (4–27 Dec), confidence B"; `None` where neither is known.
pub(super) fn line(assessment: &Assessment, bottleneck: &Bottleneck) -> Option<String> {
    let load = bottleneck.saturates_at_load.as_ref().map(|load| {
        let now = assessment.load.peak.map(|peak| format!(", now {}", count(peak))).unwrap_or_default();
        format!(" at {}{now},", interval(load, &assessment.load.unit))
    });
    let date = match &bottleneck.saturates_on {
        Some(on) => Some(format!(" {}", around(on, assessment.generated_at))),
        None => load.as_ref().map(|_| " no date".to_owned()),
    };
    let (load, date) = (load.unwrap_or_default(), date?);
    let first = bottleneck.probability_first.filter(|probability| *probability < 0.95);
    let first = first.map(|probability| format!(", {} likely first", percent(probability)));
    let confidence = grade(bottleneck.grade);
    let saturates = cap(bottleneck)
        .map_or_else(|| "saturates".to_owned(), |cap| format!("reaches a cap of {cap}, below its limit,"));
    Some(format!("{saturates}{load}{date}{}, confidence {confidence}", first.unwrap_or_default()))
}

/// The value below its limit that a resource never exceeds: what caps it, such as the pool of an application, is what
/// runs out.
pub(super) fn cap(bottleneck: &Bottleneck) -> Option<String> {
    match &bottleneck.saturation_reason.forecast {
        ForecastReason::Demand { demand } => demand_cap(demand),
        _ => None,
    }
}

/// "around 12 Dec (4–27 Dec)", "after 4 Dec (95%)".
fn around(on: &SaturationDate, now: DateTime<Utc>) -> String {
    let dates = dates(on, now);
    if on.mid.is_some() { format!("around {dates}") } else { dates }
}

/// "queue workers: saturates at 380 users around 5 Dec": what comes after the next one, where anything is known to.
pub(super) fn runner_up(assessment: &Assessment) -> Option<String> {
    let next = assessment.next_bottleneck.as_ref()?;
    let mut after =
        assessment.bottlenecks.iter().skip_while(|bottleneck| bottleneck.resource != next.resource);
    let second =
        after.find(|bottleneck| bottleneck.resource != next.resource && bottleneck.signal.is_some())?;
    let name = second.resource.entry().of_instance(second.instance.as_deref());
    let load = second.saturates_at_load.as_ref();
    let load = load.map(|load| format!(" at {}", interval(load, &assessment.load.unit)));
    let date = second.saturates_on.as_ref().map(|on| format!(" {}", around(on, assessment.generated_at)));
    let known: Vec<String> = load.into_iter().chain(date).collect();
    let saturates = if second.resource.entry().plural { "saturate" } else { "saturates" };
    (!known.is_empty()).then(|| format!("{name} {saturates}{}", known.concat()))
}

/// The load, the date and the evidence for a table.
pub(super) fn cells(assessment: &Assessment, bottleneck: &Bottleneck) -> [String; 3] {
    let none = || "–".to_owned();
    let now = assessment.generated_at;
    let load = bottleneck.saturates_at_load.as_ref().map_or_else(none, |load| count(load.mid));
    let date = bottleneck.saturates_on.as_ref().map_or_else(none, |on| match on.mid {
        Some(mid) => short(mid, now),
        None => format!("after {}", short(on.low, now)),
    });
    let known = bottleneck.saturates_at_load.is_some() || bottleneck.saturates_on.is_some();
    let grade = if known { grade(bottleneck.grade).to_owned() } else { none() };
    [load, date, grade]
}

/// "389 users (361–422)".
fn interval(load: &Interval<f64>, unit: &str) -> String {
    format!("{} {unit}{}", count(load.mid), bounds(load))
}
