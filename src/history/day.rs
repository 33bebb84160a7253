//! A day of one series: the samples of its hours, what a history holds of it, and what becomes of that.

use std::collections::BTreeMap;

use super::rollup::{HOUR_MS, HOURS, MINUTE_MS, Rollup};
use crate::signal::quantile;

/// A sample and when it was taken, in milliseconds from the hour's beginning.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sample {
    pub(super) offset_ms: u32,
    pub(super) value: f64,
}

/// Samples of one hour, by the step (milliseconds) of the readings they come from; single readings have a step of 0.
///
/// Steps are kept apart, because samples a minute apart and samples fifteen seconds apart of the same period, counted
/// together, would count it twice.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Samples {
    steps: BTreeMap<i64, Vec<Sample>>,
}

impl Samples {
    /// Samples of one step, in time order.
    pub(super) fn with_step(step_ms: i64, samples: Vec<Sample>) -> Self {
        Self { steps: BTreeMap::from([(step_ms, samples)]) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.steps.values().all(Vec::is_empty)
    }

    pub(super) fn steps(&self) -> impl Iterator<Item = (i64, &[Sample])> {
        self.steps.iter().map(|(step, samples)| (*step, samples.as_slice()))
    }

    /// Adds samples that were read later. Each step of the hour has one sample: of two readings within one step the
    /// earlier instant is kept, of two readings of one instant the newer one.
    pub(super) fn add(&mut self, newer: Self) {
        for (step_ms, mut all) in newer.steps {
            let held = self.steps.entry(step_ms).or_default();
            all.append(held);
            all.sort_by_key(|sample| sample.offset_ms);
            let width = width_ms(step_ms);
            all.dedup_by_key(|sample| i64::from(sample.offset_ms) / width);
            *held = all;
        }
    }

    /// The rollup of the step that covers most of the hour; of the finest where several do.
    pub(super) fn rollup(&self, hour: i64) -> Option<Rollup> {
        let (step_ms, _) = self.best()?;
        Rollup::from_samples(hour, &self.values(), width_ms(step_ms))
    }

    /// The values the rollup is made of.
    pub(super) fn values(&self) -> Vec<f64> {
        self.best()
            .map(|(_, samples)| samples.iter().map(|sample| sample.value).collect())
            .unwrap_or_default()
    }

    fn best(&self) -> Option<(i64, &[Sample])> {
        let covered = |(step_ms, samples): &(i64, &[Sample])| {
            let count = i64::try_from(samples.len()).unwrap_or(i64::MAX);
            (count.saturating_mul(width_ms(*step_ms)).min(HOUR_MS), -step_ms)
        };
        self.steps().filter(|(_, samples)| !samples.is_empty()).max_by_key(covered)
    }
}

/// How much time a sample covers: its step, a single reading a minute, none more than the hour.
fn width_ms(step_ms: i64) -> i64 {
    if step_ms == 0 { MINUTE_MS } else { step_ms.min(HOUR_MS) }
}

/// The 95th percentile over several hours, from all their values.
pub(super) fn pooled_p95<'a>(hours: impl Iterator<Item = &'a Samples>) -> Option<f64> {
    let values: Vec<f64> = hours.flat_map(Samples::values).collect();
    quantile(&values, 0.95)
}

/// Samples as bytes: 4 of the offset and 8 of the value for each, least significant first.
pub(super) fn to_bytes(samples: &[Sample]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(samples.len() * 12);
    for sample in samples {
        bytes.extend(sample.offset_ms.to_le_bytes());
        bytes.extend(sample.value.to_le_bytes());
    }
    bytes
}

/// The samples that [`to_bytes`] wrote; `None` for any other bytes.
pub(super) fn from_bytes(bytes: &[u8]) -> Option<Vec<Sample>> {
    let (chunks, rest) = bytes.as_chunks::<12>();
    let samples: Vec<Sample> = chunks.iter().map(sample).collect();
    let rising = samples.windows(2).all(|pair| pair[0].offset_ms < pair[1].offset_ms);
    let valid = |sample: &Sample| i64::from(sample.offset_ms) < HOUR_MS && sample.value.is_finite();
    (rest.is_empty() && rising && samples.iter().all(valid)).then_some(samples)
}

fn sample([a, b, c, d, value @ ..]: &[u8; 12]) -> Sample {
    Sample { offset_ms: u32::from_le_bytes([*a, *b, *c, *d]), value: f64::from_le_bytes(*value) }
}

/// What is known of an hour.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Hour {
    pub(super) rollup: Option<Rollup>,
    /// What the rollup is made of, for as long as that is kept.
    pub(super) samples: Samples,
    /// Whether it differs from what the history holds.
    pub(super) changed: bool,
}

impl Hour {
    /// Adds samples. While the earlier ones are kept, all of them make the rollup together. Afterwards they replace a
    /// rollup that covers less of the hour than they do, and are ignored otherwise: added to it, samples that were read
    /// twice would count twice.
    fn offer(&mut self, hour: i64, offered: Samples) {
        let closed = self.rollup.is_some() && self.samples.is_empty();
        let mut all = self.samples.clone();
        all.add(offered);
        if all == self.samples {
            return;
        }
        let Some(rollup) = all.rollup(hour) else { return };
        if closed && !self.rollup.is_some_and(|held| rollup.covers_more_than(&held)) {
            return;
        }
        *self = Self { rollup: Some(rollup), samples: all, changed: true };
    }

    /// Adds a rollup whose samples are not kept.
    fn offer_rollup(&mut self, offered: Rollup) {
        if self.rollup.is_none_or(|held| offered.covers_more_than(&held)) {
            *self = Self { rollup: Some(offered), samples: Samples::default(), changed: true };
        }
    }
}

/// A day, as far as it is known.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Day {
    /// By hours since the beginning of 1970.
    pub(super) hours: BTreeMap<i64, Hour>,
    /// The day's rollup as the history holds it.
    pub(super) held: Option<Rollup>,
    /// The hour and step of all samples that the history holds.
    pub(super) sample_keys: Vec<(i64, i64)>,
}

impl Day {
    /// Adds the samples of an hour.
    pub(super) fn offer(&mut self, hour: i64, samples: Samples) {
        self.hours.entry(hour).or_default().offer(hour, samples);
    }

    /// Adds the rollup of an hour.
    pub(super) fn offer_rollup(&mut self, rollup: Rollup) {
        self.hours.entry(rollup.period).or_default().offer_rollup(rollup);
    }

    /// Whether it differs from what the history holds.
    pub(super) fn changed(&self) -> bool {
        self.hours.values().any(|hour| hour.changed)
    }

    /// The day's rollup as it is now.
    ///
    /// Its percentile comes from the samples of all hours. Where some are gone, the one computed while they were there
    /// is kept if nothing changed since; otherwise it is unknown.
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
        Rollup::from_hours(day_of(hours.first()?.period), &hours, p95)
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

    fn samples(step_ms: i64, samples: &[(u32, f64)]) -> Samples {
        let sample = |&(offset_ms, value)| Sample { offset_ms, value };
        Samples::with_step(step_ms, samples.iter().map(sample).collect())
    }

    #[test]
    fn samples_read_twice_count_once() {
        let mut held = samples(60_000, &[(0, 1.0), (60_000, 2.0)]);
        held.add(samples(60_000, &[(60_000, 2.0), (120_000, 3.0)]));
        assert_eq!(held, samples(60_000, &[(0, 1.0), (60_000, 2.0), (120_000, 3.0)]));
    }

    #[test]
    fn readings_between_the_steps_do_not_double() {
        let mut held = samples(60_000, &[(7_000, 1.0), (67_000, 2.0)]);
        held.add(samples(60_000, &[(3_000, 5.0), (63_000, 6.0), (123_000, 7.0)]));
        assert_eq!(held.values(), [5.0, 6.0, 7.0]);
        let mut spots = samples(0, &[(301_000, 1.0)]);
        spots.add(samples(0, &[(318_000, 9.0)]));
        spots.add(samples(0, &[(362_000, 2.0)]));
        assert_eq!(spots.values(), [1.0, 2.0]);
    }

    #[test]
    fn the_newer_reading_of_an_instant_is_kept() {
        let mut held = samples(60_000, &[(0, 1.0)]);
        held.add(samples(60_000, &[(0, 4.0)]));
        assert_eq!(held.values(), [4.0]);
    }

    #[test]
    fn the_step_that_covers_most_of_the_hour_makes_the_rollup() {
        let mut held = samples(60_000, &[(0, 1.0), (60_000, 1.0)]);
        held.add(samples(15_000, &[(0, 9.0), (15_000, 9.0), (30_000, 9.0)]));
        assert_eq!(held.rollup(0).unwrap().mean.to_bits(), 1.0_f64.to_bits());
        held.add(samples(
            15_000,
            &[(45_000, 9.0), (60_000, 9.0), (75_000, 9.0), (90_000, 9.0), (105_000, 9.0)],
        ));
        let rollup = held.rollup(0).unwrap();
        assert_eq!((rollup.count, rollup.minutes, rollup.max.to_bits()), (8, 2, 9.0_f64.to_bits()));
        assert_eq!(Samples::default().rollup(0), None);
    }

    #[test]
    fn bytes_come_back_and_damage_is_seen() {
        let held = [Sample { offset_ms: 3, value: -0.5 }, Sample { offset_ms: 3_599_999, value: 1e300 }];
        let bytes = to_bytes(&held);
        assert_eq!(from_bytes(&bytes).unwrap(), held);
        assert_eq!(from_bytes(&bytes[1..]), None);
        assert_eq!(from_bytes(&[&bytes[12..], &bytes[..12]].concat()), None);
        assert_eq!(from_bytes(&to_bytes(&[Sample { offset_ms: 0, value: f64::NAN }])), None);
    }

    /// Minutes from one to another (exclusive), each with its number as value.
    fn minutes(range: std::ops::Range<u32>) -> Samples {
        let sample = |minute| Sample { offset_ms: minute * 60_000, value: f64::from(minute) };
        Samples::with_step(60_000, range.map(sample).collect())
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
    fn a_percentile_that_cannot_be_computed_is_unknown() {
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
