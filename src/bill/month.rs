//! Months, and which days of one are covered.

use std::collections::BTreeSet;

use chrono::{Datelike, Days as CountOfDays, Months, NaiveDate};

/// The first day of the month of a day.
pub(super) fn first_day(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

/// The first day of the month after that which begins on a day.
pub(super) fn next(month: NaiveDate) -> NaiveDate {
    month.checked_add_months(Months::new(1)).unwrap_or(month)
}

/// Days of a month that charges cover.
#[derive(Debug, Default)]
pub(super) struct Days(BTreeSet<NaiveDate>);

impl Days {
    /// Adds those from a day until before another; the first day in any case, as charges of an hour end on it.
    pub(super) fn add(&mut self, from: NaiveDate, until: NaiveDate) {
        let end = next(first_day(from)).min(until);
        self.0.insert(from);
        if self.0.len() < 31 {
            self.0.extend(from.iter_days().skip(1).take_while(|day| *day < end));
        }
    }

    /// Whether they are all that lie between.
    pub(super) fn cover(&self, from: NaiveDate, until: NaiveDate) -> bool {
        let days = until.signed_duration_since(from).num_days();
        let last = until.checked_sub_days(CountOfDays::new(1));
        i64::try_from(self.0.len()) == Ok(days) && self.0.last().copied() == last
    }
}
