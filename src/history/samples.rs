//! The samples of an hour that may still grow.

use std::collections::BTreeMap;

use super::rollup::{HOUR_MS, MINUTE_MS, Rollup};
use crate::signal::quantile;

/// A sample and when it was taken, in milliseconds from the hour's beginning.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sample {
    pub(super) offset_ms: u32,
    pub(super) value: f64,
}

/// Samples of one hour, by the step (milliseconds) of the readings they come from; single readings have a step of 0.
///
/// Steps are kept apart, because samples a minute apart and samples fifteen seconds apart of the same stretch of time,
/// counted together, would count it twice.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Samples {
    steps: BTreeMap<i64, Vec<Sample>>,
}

impl Samples {
    /// Samples of one step, in time order.
    pub(super) fn of(step_ms: i64, samples: Vec<Sample>) -> Self {
        Self { steps: BTreeMap::from([(step_ms, samples)]) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.steps.values().all(Vec::is_empty)
    }

    pub(super) fn steps(&self) -> impl Iterator<Item = (i64, &[Sample])> {
        self.steps.iter().map(|(step, samples)| (*step, samples.as_slice()))
    }

    /// Adds what was read later. Each step of the hour has one sample: of two readings within one step the earlier
    /// instant stands, and of two readings of one instant the newer one.
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

    /// The rollup of the step that speaks for most of the hour; of the finest where several do.
    pub(super) fn rollup(&self, hour: i64) -> Option<Rollup> {
        let (step_ms, _) = self.best()?;
        Rollup::of(hour, &self.values(), width_ms(step_ms))
    }

    /// The values the rollup is made of.
    pub(super) fn values(&self) -> Vec<f64> {
        self.best()
            .map(|(_, samples)| samples.iter().map(|sample| sample.value).collect())
            .unwrap_or_default()
    }

    fn best(&self) -> Option<(i64, &[Sample])> {
        let spoken = |(step_ms, samples): &(i64, &[Sample])| {
            let count = i64::try_from(samples.len()).unwrap_or(i64::MAX);
            (count.saturating_mul(width_ms(*step_ms)).min(HOUR_MS), -step_ms)
        };
        self.steps().filter(|(_, samples)| !samples.is_empty()).max_by_key(spoken)
    }
}

/// How long a sample speaks for: its step, a single reading for a minute, none for more than the hour.
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

/// What [`to_bytes`] wrote; `None` when these are no such bytes.
pub(super) fn from_bytes(bytes: &[u8]) -> Option<Vec<Sample>> {
    let (chunks, rest) = bytes.as_chunks::<12>();
    let samples: Vec<Sample> = chunks.iter().map(sample).collect();
    let rising = samples.windows(2).all(|pair| pair[0].offset_ms < pair[1].offset_ms);
    let sound = |sample: &Sample| i64::from(sample.offset_ms) < HOUR_MS && sample.value.is_finite();
    (rest.is_empty() && rising && samples.iter().all(sound)).then_some(samples)
}

fn sample([a, b, c, d, value @ ..]: &[u8; 12]) -> Sample {
    Sample { offset_ms: u32::from_le_bytes([*a, *b, *c, *d]), value: f64::from_le_bytes(*value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(step_ms: i64, samples: &[(u32, f64)]) -> Samples {
        let sample = |&(offset_ms, value)| Sample { offset_ms, value };
        Samples::of(step_ms, samples.iter().map(sample).collect())
    }

    #[test]
    fn what_was_read_twice_counts_once() {
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
    fn of_one_instant_the_newer_reading_stands() {
        let mut held = samples(60_000, &[(0, 1.0)]);
        held.add(samples(60_000, &[(0, 4.0)]));
        assert_eq!(held.values(), [4.0]);
    }

    #[test]
    fn the_step_that_speaks_for_most_of_the_hour_is_told() {
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
}
