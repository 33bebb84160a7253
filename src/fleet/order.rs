//! The order of rows, and which of them are shown.

use std::{cmp::Ordering, collections::BTreeMap};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Change, Row, Unjudged};
use crate::{assess::Verdict, snapshot::Labels};

/// Which rows are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// Only those of these owners; all where there is none.
    pub owners: Vec<String>,
    /// Only those on which to act within so long.
    pub within: Option<TimeDelta>,
    /// Only those with something that an earlier run did not tell.
    pub news: bool,
    /// Only so many of them, the most urgent first.
    pub top: Option<usize>,
}

/// Sorts by the date to act, then by headroom, then by name. What is a warning without a date comes before what is
/// none; what could not be judged comes last.
pub fn most_urgent_first(rows: &mut [Row]) {
    rows.sort_by(compare);
}

fn compare(a: &Row, b: &Row) -> Ordering {
    let group = |row: &Row| match (&row.unjudged, row.act_by, row.verdict) {
        (Some(Unjudged::Vanished), ..) => 4,
        (Some(_), ..) => 3,
        (None, Some(_), _) => 0,
        (None, None, Verdict::Warning | Verdict::Critical) => 1,
        (None, None, Verdict::Unknown | Verdict::Ok) => 2,
    };
    let headroom = |row: &Row| row.headroom.unwrap_or(f64::INFINITY);
    group(a)
        .cmp(&group(b))
        .then_with(|| a.act_by.cmp(&b.act_by))
        .then_with(|| headroom(a).total_cmp(&headroom(b)))
        .then_with(|| b.verdict.cmp(&a.verdict))
        .then_with(|| a.name.cmp(&b.name))
        .then_with(|| a.service.cmp(&b.service))
}

/// Rows of several runs, each service once: as the newest run judged it.
pub fn merged(rows: impl IntoIterator<Item = Row>) -> Vec<Row> {
    let mut newest: BTreeMap<Labels, Row> = BTreeMap::new();
    for row in rows {
        match newest.get(&row.service) {
            Some(known) if known.generated_at >= row.generated_at => {}
            _ => _ = newest.insert(row.service.clone(), row),
        }
    }
    let mut rows: Vec<Row> = newest.into_values().collect();
    most_urgent_first(&mut rows);
    rows
}

/// The rows that are wanted, of rows in their order.
pub fn chosen<'a>(rows: &'a [Row], choice: &Choice, now: DateTime<Utc>) -> Vec<&'a Row> {
    let is_owned = |row: &Row| {
        row.owner.as_ref().is_some_and(|owner| choice.owners.iter().any(|wanted| wanted == owner))
    };
    let is_soon = |row: &Row| {
        let until = choice.within.and_then(|within| now.checked_add_signed(within));
        choice.within.is_none() || row.act_by.is_some_and(|date| until.is_none_or(|until| date <= until))
    };
    rows.iter()
        .filter(|row| choice.owners.is_empty() || is_owned(row))
        .filter(|row| is_soon(row))
        .filter(|row| !choice.news || row.change.as_ref().is_some_and(Change::is_news))
        .take(choice.top.unwrap_or(usize::MAX))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::Standing;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_760_000_000, 0).unwrap()
    }

    fn row(name: &str, verdict: Verdict, days: Option<i64>, headroom: Option<f64>) -> Row {
        let act_by = days.map(|days| now() + TimeDelta::days(days));
        let row = Row::unjudged(name.to_owned(), Labels::new(), Unjudged::Vanished, Standing::Present, now());
        Row { unjudged: None, verdict, unsilenced_verdict: verdict, act_by, headroom, ..row }
    }

    fn names(rows: &[Row]) -> Vec<&str> {
        rows.iter().map(|row| row.name.as_str()).collect()
    }

    fn rows() -> Vec<Row> {
        let at = now();
        let gone = Unjudged::Vanished;
        let mut rows = vec![
            row("unknown", Verdict::Unknown, None, None),
            row("roomy", Verdict::Ok, None, Some(0.8)),
            row("soon", Verdict::Ok, Some(20), Some(0.5)),
            row("now, less room", Verdict::Critical, Some(0), Some(-0.1)),
            row("tight", Verdict::Ok, None, Some(0.2)),
            row("overdue", Verdict::Warning, Some(-3), Some(0.1)),
            row("now", Verdict::Critical, Some(0), Some(0.02)),
            row("slow", Verdict::Warning, None, None),
            Row::unjudged("gone".to_owned(), Labels::new(), gone, Standing::Vanished { at }, at),
            row("later", Verdict::Warning, Some(90), Some(0.3)).owned_by(Some("a-team".to_owned())),
        ];
        most_urgent_first(&mut rows);
        rows
    }

    #[test]
    fn dates_come_first_then_headroom_and_the_vanished_last() {
        let expected = [
            "overdue",
            "now, less room",
            "now",
            "soon",
            "later",
            "slow",
            "tight",
            "roomy",
            "unknown",
            "gone",
        ];
        assert_eq!(names(&rows()), expected);
        let mut turned: Vec<Row> = rows().into_iter().rev().collect();
        most_urgent_first(&mut turned);
        assert_eq!(turned, rows());
    }

    #[test]
    fn of_several_runs_the_newest_counts() {
        let of = |name: &str, seconds| {
            let labels = Labels::from([("service".to_owned(), "a".to_owned())]);
            Row {
                service: labels,
                generated_at: now() + TimeDelta::seconds(seconds),
                ..row(name, Verdict::Ok, None, None)
            }
        };
        let other = row("other", Verdict::Critical, Some(0), None);
        let rows = merged([of("first", 0), of("newest", 9), other.clone(), of("second", 5)]);
        assert_eq!(names(&rows), ["other", "newest"]);
    }

    #[test]
    fn rows_are_chosen_by_owner_date_and_number() {
        let rows = rows();
        let chosen = |choice: Choice| -> Vec<&str> {
            chosen(&rows, &choice, now()).into_iter().map(|row| row.name.as_str()).collect()
        };
        assert_eq!(chosen(Choice::default()).len(), rows.len());
        let within = Choice { within: Some(TimeDelta::days(30)), ..Choice::default() };
        assert_eq!(chosen(within.clone()), ["overdue", "now, less room", "now", "soon"]);
        assert_eq!(chosen(Choice { top: Some(2), ..within }), ["overdue", "now, less room"]);
        assert_eq!(chosen(Choice { owners: vec!["a-team".to_owned()], ..Choice::default() }), ["later"]);
    }
}
