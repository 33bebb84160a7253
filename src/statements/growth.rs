//! What happened between two samples of a server's counters.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::{CountedDay, DAY_MS, StatementCount, StatementDay, StatementName, StatementSnapshot};

/// When two samples lie farther apart, the days in between are unknown: their work would be spread over months.
const FARTHEST: TimeDelta = TimeDelta::days(92);

/// What happened between two samples, by day.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Growth {
    /// How much of each day is known.
    pub counted: Vec<CountedDay>,
    /// What each statement did; a lower bound where counters were reset in between.
    pub statements: Vec<(StatementName, Vec<StatementDay>)>,
}

/// How the counters of a later sample follow from those of an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Continuity {
    /// They went on counting.
    Unbroken,
    /// All of them were reset at this time, after the earlier sample.
    Anew(DateTime<Utc>),
    /// They are those of another server, or nothing is known of how they follow.
    Foreign,
}

/// What happened since an earlier sample, if there is one. `None` when the sample is not the newer of both: it adds
/// nothing, and must not take the other's place.
pub fn growth(before: Option<&StatementSnapshot>, after: &StatementSnapshot) -> Option<Growth> {
    let Some(before) = before else { return Some(Growth::default()) };
    if after.at <= before.at {
        return None;
    }
    if after.at - before.at > FARTHEST {
        return Some(Growth::default());
    }
    let (begin, whole_anew) = match continuity(before, after) {
        Continuity::Unbroken => (before.at, false),
        Continuity::Anew(at) => (at, true),
        Continuity::Foreign => return Some(Growth::default()),
    };
    let parts = over_days(begin.timestamp_millis(), after.at.timestamp_millis());
    let earlier: HashMap<_, &StatementCount> = before
        .statements
        .iter()
        .filter(|_| !whole_anew)
        .map(|statement| (key(statement), statement))
        .collect();
    let did = |statement: &StatementCount| match earlier.get(&key(statement)) {
        Some(earlier) => Some(since(before, earlier, statement)),
        None => (whole_anew || is_new(before, statement)).then_some((statement.calls, statement.seconds)),
    };
    let of_statement = |statement: &StatementCount| {
        let (calls, seconds) = did(statement).filter(|(calls, seconds)| *calls > 0.0 && *seconds >= 0.0)?;
        let day = |part: &Part| StatementDay {
            day: part.day,
            calls: calls * part.share,
            seconds: seconds * part.share,
        };
        Some((StatementName::of(after, statement), parts.iter().map(day).collect()))
    };
    let statements = after.statements.iter().filter_map(of_statement).collect();
    Some(Growth { counted: counted(&parts, before, after, whole_anew), statements })
}

/// How much of each day is known. A reset counts on the day on which it happened, evictions on the last one.
fn counted(
    parts: &[Part],
    before: &StatementSnapshot,
    after: &StatementSnapshot,
    whole_anew: bool,
) -> Vec<CountedDay> {
    let known = if whole_anew { None } else { before.evictions };
    let evictions = after.evictions.unwrap_or(0).saturating_sub(known.unwrap_or(0));
    let hidden = before.hidden.max(after.hidden) as u64;
    let day =
        |part: &Part| CountedDay { day: part.day, seconds: part.seconds, resets: 0, evictions: 0, hidden };
    let mut days: Vec<CountedDay> = parts.iter().map(day).collect();
    if let Some(first) = days.first_mut() {
        first.resets = u64::from(whole_anew);
    }
    if let Some(last) = days.last_mut() {
        last.evictions = evictions;
    }
    days
}

fn continuity(before: &StatementSnapshot, after: &StatementSnapshot) -> Continuity {
    if before.database != after.database {
        return Continuity::Foreign;
    }
    match (before.counting_since, after.counting_since) {
        (Some(earlier), Some(later)) if earlier == later => Continuity::Unbroken,
        (Some(_), Some(later)) if later >= before.at => Continuity::Anew(later.min(after.at)),
        // A restart keeps the counters; but what answers now may be a standby with counters of its own.
        (None, None) if before.started == after.started => Continuity::Unbroken,
        // No reset happens at a time at which the server was seen counting. And an extension that begins or ceases to
        // report it was replaced.
        _ => Continuity::Foreign,
    }
}

/// What a statement did since an earlier sample of it. Where its own counters were reset, all that they show happened
/// since then.
fn since(look: &StatementSnapshot, before: &StatementCount, after: &StatementCount) -> (f64, f64) {
    // One that began while the earlier sample was taken is in that sample with what it had done by then.
    let told = after.since.is_some_and(|since| since >= look.at && before.since != Some(since));
    if told || after.calls < before.calls || after.seconds < before.seconds {
        return (after.calls, after.seconds);
    }
    (after.calls - before.calls, after.seconds - before.seconds)
}

/// Whether a statement that is missing from an earlier sample did not exist then: it may only have been hidden, or
/// another role took that sample.
fn is_new(before: &StatementSnapshot, statement: &StatementCount) -> bool {
    match statement.since {
        Some(since) => since >= before.at,
        None => before.complete && before.hidden == 0,
    }
}

fn key(statement: &StatementCount) -> (i64, i64, bool) {
    (statement.role, statement.query, statement.toplevel)
}

/// The part of a time range that lies on a day.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Part {
    day: i64,
    /// Of the whole range.
    share: f64,
    seconds: f64,
}

/// The days of a time range (Unix milliseconds).
fn over_days(begin: i64, end: i64) -> Vec<Part> {
    let whole = (end - begin).max(0);
    let part = |day: i64| {
        let part = end.min((day + 1) * DAY_MS) - begin.max(day * DAY_MS);
        let share = if whole == 0 { 1.0 } else { part as f64 / whole as f64 };
        Part { day, share, seconds: part.max(0) as f64 / 1000.0 }
    };
    // A range that ends at midnight has no part in the day that begins then.
    let last = if whole == 0 { end } else { end - 1 };
    (begin.div_euclid(DAY_MS)..=last.div_euclid(DAY_MS)).map(part).collect()
}

#[cfg(test)]
mod tests;
