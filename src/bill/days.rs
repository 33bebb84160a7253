//! Which days of a month are covered.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::calendar::Month;

/// Days of a month that charges cover.
#[derive(Debug, Default)]
pub(super) struct Days(BTreeSet<NaiveDate>);

impl Days {
    /// Adds those from a day until before another; the first day in any case, as charges of an hour end on it.
    pub(super) fn add(&mut self, from: NaiveDate, until: NaiveDate) {
        self.0.insert(from);
        if self.0.len() < 31 {
            let month = Month::containing(from);
            let further = from.iter_days().skip(1);
            self.0.extend(further.take_while(|day| *day < until && month.holds(*day)));
        }
    }

    /// Whether they are all of a month.
    pub(super) fn cover(&self, month: Month) -> bool {
        month.days().all(|day| self.0.contains(&day))
    }
}
