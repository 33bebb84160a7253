//! The protocol-buffer message `prometheus.WriteRequest`, as far as it is needed:
//! `WriteRequest { 1: TimeSeries { 1: Label { 1: name, 2: value }, 2: Sample { 1: double value, 2: int64 timestamp } } }`.

use std::collections::BTreeMap;

use super::Labels;
use crate::{
    history::{Rollup, rollup::HOUR_MS},
    snapshot::ROLLUP_METRIC,
};

/// A statistic's name, and what it is of a rollup.
type Statistic = (&'static str, fn(&Rollup) -> Option<f64>);

const STATISTICS: [Statistic; 6] = [
    ("count", |rollup| Some(f64::from(rollup.count))),
    ("last", |rollup| Some(rollup.last)),
    ("max", |rollup| Some(rollup.max)),
    ("mean", |rollup| Some(rollup.mean)),
    ("min", |rollup| Some(rollup.min)),
    ("p95", |rollup| rollup.p95),
];

/// The message of some series, each with its hours in the order of time.
pub(super) fn of(series: &BTreeMap<Labels<'_>, Vec<Rollup>>) -> Vec<u8> {
    let mut message = Vec::new();
    for (labels, rollups) in series {
        for (name, statistic) in STATISTICS {
            let samples = rollups.iter().filter_map(|rollup| Some((end_ms(rollup), statistic(rollup)?)));
            field(&mut message, 1, &time_series(labels, name, samples));
        }
    }
    message
}

fn end_ms(rollup: &Rollup) -> i64 {
    (rollup.period + 1).saturating_mul(HOUR_MS)
}

fn time_series(
    (signal, instance, source): &Labels<'_>,
    statistic: &str,
    samples: impl Iterator<Item = (i64, f64)>,
) -> Vec<u8> {
    let mut series = Vec::new();
    // In the order of their names, as the protocol asks.
    let labels = [
        ("__name__", Some(ROLLUP_METRIC)),
        ("instance", *instance),
        ("signal", Some(*signal)),
        ("source", Some(*source)),
        ("statistic", Some(statistic)),
    ];
    for (name, value) in labels.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        let mut label = Vec::new();
        field(&mut label, 1, name.as_bytes());
        field(&mut label, 2, value.as_bytes());
        field(&mut series, 1, &label);
    }
    for (at_ms, value) in samples {
        let mut sample = vec![1 << 3 | 1]; // 64 bits
        sample.extend(value.to_le_bytes());
        sample.push(2 << 3); // a varint
        varint(&mut sample, at_ms.cast_unsigned());
        field(&mut series, 2, &sample);
    }
    series
}

/// A field of bytes with their length in front.
fn field(message: &mut Vec<u8>, number: u8, bytes: &[u8]) {
    message.push(number << 3 | 2);
    varint(message, bytes.len() as u64);
    message.extend(bytes);
}

/// Seven bits a byte, the lowest first; the eighth says that more follow.
fn varint(message: &mut Vec<u8>, mut number: u64) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            message.push(low);
            return;
        }
        message.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_as_many_bytes_as_they_need() {
        let bytes = |number| {
            let mut bytes = Vec::new();
            varint(&mut bytes, number);
            bytes
        };
        assert_eq!(bytes(0), [0]);
        assert_eq!(bytes(127), [127]);
        assert_eq!(bytes(300), [0xac, 2]);
        assert_eq!(bytes(u64::MAX).len(), 10);
    }

    #[test]
    fn a_sample_stands_at_the_end_of_its_hour() {
        let rollup = Rollup::of(0, &[2.0], 60_000).unwrap();
        let message = of(&BTreeMap::from([(("s", None, "p"), vec![rollup])]));
        let sample = [&[0x12, 14, 9][..], &2.0_f64.to_le_bytes(), &[0x10, 0x80, 0xdd, 0xdb, 1]].concat();
        assert!(message.windows(sample.len()).any(|part| part == sample), "{message:x?}");
        assert!(!String::from_utf8_lossy(&message).contains("instance"));
    }
}
