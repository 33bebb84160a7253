//! A day of one series: what a store holds of it, and what becomes of that.

use std::collections::BTreeMap;

use super::{
    rollup::{HOURS, Rollup},
    samples::{Samples, pooled_p95},
};

/// What is known of an hour.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Hour {
    pub(super) rollup: Option<Rollup>,
    /// What the rollup is made of, for as long as that is at hand.
    pub(super) samples: Samples,
    /// Whether something was learnt since the store was asked.
    pub(super) changed: bool,
}

impl Hour {
    /// Takes samples in. While the earlier ones are at hand, all of them make the rollup together. Afterwards they take
    /// the place of a rollup that tells less of the hour than they do, and else leave no trace: added to it, what was
    /// read twice would count twice.
    fn offer(&mut self, hour: i64, offered: Samples) {
        let closed = self.rollup.is_some() && self.samples.is_empty();
        let mut all = self.samples.clone();
        all.add(offered);
        if all == self.samples {
            return;
        }
        let Some(rollup) = all.rollup(hour) else { return };
        if closed && !self.rollup.is_some_and(|held| rollup.tells_more_than(&held)) {
            return;
        }
        *self = Self { rollup: Some(rollup), samples: all, changed: true };
    }

    /// Takes a rollup in whose samples are not at hand.
    fn offer_rollup(&mut self, offered: Rollup) {
        if self.rollup.is_none_or(|held| offered.tells_more_than(&held)) {
            *self = Self { rollup: Some(offered), samples: Samples::default(), changed: true };
        }
    }
}

/// A day, as far as it is known.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Day {
    /// By hours since the beginning of 1970.
    pub(super) hours: BTreeMap<i64, Hour>,
    /// The day's rollup as it is held.
    pub(super) held: Option<Rollup>,
}

impl Day {
    /// Takes the samples of an hour in.
    pub(super) fn offer(&mut self, hour: i64, samples: Samples) {
        self.hours.entry(hour).or_default().offer(hour, samples);
    }

    /// Takes the rollup of an hour in.
    pub(super) fn offer_rollup(&mut self, rollup: Rollup) {
        self.hours.entry(rollup.period).or_default().offer_rollup(rollup);
    }

    /// Whether something was learnt.
    pub(super) fn changed(&self) -> bool {
        self.hours.values().any(|hour| hour.changed)
    }

    /// The day's rollup as it is now.
    ///
    /// Its percentile comes from the samples of all hours. Where some are gone, the one computed while they were there
    /// stands if nothing changed since; else it is not known.
    pub(super) fn rollup(&self) -> Option<Rollup> {
        let known: Vec<(Rollup, &Samples)> =
            self.hours.values().filter_map(|hour| Some((hour.rollup?, &hour.samples))).collect();
        let p95 = if known.iter().all(|(_, samples)| !samples.is_empty()) {
            pooled_p95(known.iter().map(|(_, samples)| *samples))
        } else if self.changed() {
            None
        } else {
            self.held.and_then(|held| held.p95)
        };
        let hours: Vec<Rollup> = known.into_iter().map(|(rollup, _)| rollup).collect();
        Rollup::of_hours(day_of(hours.first()?.period), &hours, p95)
    }

    /// The day with the percentile of another rollup of the same samples.
    pub(super) fn with_p95_of(&self, other: &Rollup) -> Option<Rollup> {
        let day = self.rollup()?;
        let key = |day: &Rollup| (day.count, day.minutes, day.min.to_bits(), day.max.to_bits());
        let p95 = if key(&day) == key(other) { day.p95.or(other.p95) } else { day.p95 };
        Some(Rollup { p95, ..day })
    }
}

/// The day of an hour.
pub(super) fn day_of(hour: i64) -> i64 {
    hour.div_euclid(HOURS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::samples::Sample;

    /// Minutes from one to another (exclusive), each with its number as value.
    fn minutes(range: std::ops::Range<u32>) -> Samples {
        let sample = |minute| Sample { offset_ms: minute * 60_000, value: f64::from(minute) };
        Samples::of(60_000, range.map(sample).collect())
    }

    fn count(day: &Day) -> u32 {
        day.rollup().unwrap().count
    }

    /// The same day after its samples have been forgotten.
    fn closed(day: &Day) -> Day {
        let mut closed = Day { held: day.rollup(), ..day.clone() };
        for hour in closed.hours.values_mut() {
            *hour = Hour { samples: Samples::default(), changed: false, ..hour.clone() };
        }
        closed
    }

    #[test]
    fn an_open_hour_takes_every_sample_once() {
        let mut day = Day::default();
        for range in [0..20, 10..30, 0..20, 25..60] {
            day.offer(48, minutes(range));
        }
        assert_eq!((count(&day), day.rollup().unwrap().period), (60, 2));
        assert_eq!(day.rollup().unwrap().p95, Some(56.05));
    }

    #[test]
    fn a_closed_hour_changes_for_more_and_never_adds() {
        let mut day = Day::default();
        day.offer(0, minutes(0..20));
        let mut day = closed(&day);
        let before = day.clone();
        day.offer(0, minutes(0..20));
        day.offer(0, minutes(40..55));
        assert_eq!(day, before);
        assert_eq!(day.rollup(), before.held);
        day.offer(0, minutes(20..60));
        assert_eq!((count(&day), day.changed()), (40, true));
    }

    #[test]
    fn a_percentile_that_cannot_be_computed_is_not_known() {
        let mut day = Day::default();
        day.offer(0, minutes(0..60));
        day.offer(1, minutes(0..60));
        assert!(day.rollup().unwrap().p95.is_some());
        let mut day = closed(&day);
        assert!(day.rollup().unwrap().p95.is_some());
        day.offer(2, minutes(0..60));
        assert_eq!((count(&day), day.rollup().unwrap().p95), (180, None));
    }

    #[test]
    fn an_imported_day_brings_its_percentile() {
        let mut original = Day::default();
        original.offer(0, minutes(0..60));
        let (hour, day) = (original.hours[&0].rollup.unwrap(), original.rollup().unwrap());
        let mut copy = Day::default();
        copy.offer_rollup(hour);
        assert_eq!(copy.rollup().unwrap().p95, None);
        assert_eq!(copy.with_p95_of(&day), Some(day));
        assert_eq!(copy.with_p95_of(&Rollup { count: 7, ..day }).unwrap().p95, None);
        copy.offer_rollup(Rollup { count: 59, minutes: 59, ..hour });
        assert_eq!(copy.hours[&0].rollup, Some(hour));
    }
}
