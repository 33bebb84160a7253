//! Rollups for other stores: what is still to be sent, and messages of Prometheus' remote write.
//!
//! Each hour becomes one sample for each statistic, at the hour's end:
//! `scale_advisor_rollup{signal="host.cpu", instance="web-1", source="prometheus", statistic="mean"}`. A message is the
//! protocol-buffer message `prometheus.WriteRequest`, as far as it is needed:
//! `WriteRequest { 1: TimeSeries { 1: Label { 1: name, 2: value }, 2: Sample { 1: double value, 2: int64 timestamp } } }`.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use super::{
    Range, Resolution, Rollup, StoredSeries,
    backend::{Backend, Filter},
    error::BackendError,
    rollup::HOUR_MS,
    rows::{DestinationRow, PendingRow, RollupRow},
    schema::{DESTINATIONS, HOURLY, PENDING},
    series,
    store::rollups,
};
use crate::snapshot::ROLLUP_METRIC;

/// How many rollups go into one message.
const MAX_ROLLUPS: usize = 800;

/// What distinguishes a rollup from others at its destination: signal, instance, source.
type Labels<'a> = (&'a str, Option<&'a str>, &'a str);

/// The messages of these rollups, to be sent one after the other: in the order of time, because a server that has got
/// a sample accepts older ones for a while only. Of two queries with values of the same hour, the one that covers more of
/// it is sent.
pub fn write_requests(stored: &[StoredSeries]) -> Vec<Vec<u8>> {
    let mut hours: BTreeMap<i64, BTreeMap<Labels<'_>, Rollup>> = BTreeMap::new();
    for stored in stored {
        let labels =
            (stored.series.signal.as_str(), stored.series.instance.as_deref(), stored.series.source.as_str());
        for rollup in &stored.rollups {
            let held = hours.entry(rollup.period).or_default().entry(labels).or_insert(*rollup);
            if rollup.covers_more_than(held) {
                *held = *rollup;
            }
        }
    }
    let mut requests = Vec::new();
    let mut pending: BTreeMap<Labels<'_>, Vec<Rollup>> = BTreeMap::new();
    let mut count = 0;
    for of_hour in hours.into_values() {
        count += of_hour.len();
        for (labels, rollup) in of_hour {
            pending.entry(labels).or_default().push(rollup);
        }
        if count >= MAX_ROLLUPS {
            requests.push(write_request(&std::mem::take(&mut pending)));
            count = 0;
        }
    }
    if count > 0 {
        requests.push(write_request(&pending));
    }
    requests
}

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
fn write_request(series: &BTreeMap<Labels<'_>, Vec<Rollup>>) -> Vec<u8> {
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

/// The rollups of before an hour that a destination has not got yet. A new destination is owed everything.
pub(super) fn unsent(
    backend: &dyn Backend,
    destination: &Rc<str>,
    before_hour: i64,
) -> Result<Vec<StoredSeries>, BackendError> {
    let known: Vec<DestinationRow> = backend.rows(&DESTINATIONS, Filter::ALL)?;
    if known.iter().all(|known| *known.0 != **destination) {
        backend.put(&DESTINATIONS, &[DestinationRow(destination.to_string())])?;
        let mut pending = Vec::new();
        backend.each(&HOURLY, Filter::ALL, |RollupRow { series, rollup }| {
            pending.push(PendingRow { destination: Rc::clone(destination), series, hour: rollup.period });
        })?;
        backend.put(&PENDING, &pending)?;
    }
    let mut pending: BTreeSet<(i64, i64)> = BTreeSet::new();
    backend.each(&PENDING, Filter::before(before_hour), |row: PendingRow| {
        if row.destination == *destination {
            pending.insert((row.series, row.hour));
        }
    })?;
    let hours = || pending.iter().map(|(_, hour)| *hour);
    let (Some(first), Some(last)) = (hours().min(), hours().max()) else { return Ok(Vec::new()) };
    let range = Range { from_ms: first * HOUR_MS, to_ms: (last + 1) * HOUR_MS };
    let mut stored = rollups(backend, Resolution::Hour, None, range)?;
    let ids = series::ids(backend, stored.iter().map(|stored| &stored.series))?;
    for (id, stored) in ids.iter().zip(&mut stored) {
        stored.rollups.retain(|rollup| pending.contains(&(*id, rollup.period)));
    }
    stored.retain(|stored| !stored.rollups.is_empty());
    Ok(stored)
}

/// Takes note that a destination has got rollups as they are now; what has changed since is owed still.
pub(super) fn mark_sent(
    backend: &dyn Backend,
    destination: &Rc<str>,
    sent: &[StoredSeries],
) -> Result<(), BackendError> {
    let ids = series::ids(backend, sent.iter().map(|stored| &stored.series))?;
    let rollups = || sent.iter().flat_map(|stored| &stored.rollups);
    let periods = || rollups().map(|rollup| rollup.period);
    let (Some(first), Some(last)) = (periods().min(), periods().max()) else { return Ok(()) };
    let sent: BTreeMap<(i64, i64), &Rollup> = ids
        .iter()
        .zip(sent)
        .flat_map(|(id, stored)| stored.rollups.iter().map(move |rollup| ((*id, rollup.period), rollup)))
        .collect();
    let mut done = Vec::new();
    backend.each(&HOURLY, Filter::owners(&ids).within(first, last + 1), |RollupRow { series, rollup }| {
        if sent.get(&(series, rollup.period)).is_some_and(|sent| **sent == rollup) {
            done.push(PendingRow { destination: Rc::clone(destination), series, hour: rollup.period });
        }
    })?;
    backend.remove(&PENDING, &done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::SeriesName;

    fn stored(query: &str, hours: std::ops::Range<i64>, values: &[f64]) -> StoredSeries {
        let series = SeriesName {
            signal: "host.cpu".to_owned(),
            instance: Some("web-1".to_owned()),
            labels: crate::snapshot::Labels::new(),
            source: "prometheus".to_owned(),
            query: query.to_owned(),
            unit: "ratio".to_owned(),
        };
        let rollups = hours.map(|hour| Rollup::from_samples(hour, values, 60_000).unwrap()).collect();
        StoredSeries { series, rollups }
    }

    #[test]
    fn nothing_is_no_message_and_many_hours_are_several() {
        assert_eq!(write_requests(&[]), Vec::<Vec<u8>>::new());
        let all = write_requests(&[stored("q", 0..2000, &[0.5])]);
        assert_eq!(all.len(), 3);
        assert_eq!(all[..2], write_requests(&[stored("q", 0..1600, &[0.5])]));
    }

    #[test]
    fn of_two_queries_the_one_that_covers_more_is_sent() {
        let both = [stored("a", 0..1, &[0.1]), stored("b", 0..1, &[0.2, 0.3])];
        assert_eq!(write_requests(&both), write_requests(&both[1..]));
    }

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
        let rollup = Rollup::from_samples(0, &[2.0], 60_000).unwrap();
        let message = write_request(&BTreeMap::from([(("s", None, "p"), vec![rollup])]));
        let sample = [&[0x12, 14, 9][..], &2.0_f64.to_le_bytes(), &[0x10, 0x80, 0xdd, 0xdb, 1]].concat();
        assert!(message.windows(sample.len()).any(|part| part == sample), "{message:x?}");
        assert!(!String::from_utf8_lossy(&message).contains("instance"));
    }
}
