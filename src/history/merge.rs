//! Hourly means as the assessment reads them: the series of a signal and instance become one.

use std::collections::BTreeMap;

use super::{HOUR_MS, SeriesName, StoredSeries};
use crate::{
    signal::{Series, SignalId, Unit, counted},
    snapshot::{Observation, Origin},
};

/// The hourly means of every signal and instance: one observation each, with a sample at the beginning of every hour of
/// which something is known.
///
/// Where several series have values of the same thing (another source, a query that was changed), each hour has the mean of
/// the one that was read last of all, or of the next one that has the hour; a note says so. Series whose signal or unit
/// this version of the program does not know are left out.
pub(super) fn hourly(stored: &[StoredSeries]) -> Vec<Observation> {
    let mut groups: BTreeMap<(SignalId, Option<&str>), Vec<&StoredSeries>> = BTreeMap::new();
    for stored in stored {
        if let Some(signal) = known(&stored.series) {
            groups.entry((signal, stored.series.instance.as_deref())).or_default().push(stored);
        }
    }
    let merged = |((signal, instance), group)| merged(signal, instance, group);
    groups.into_iter().filter_map(merged).collect()
}

fn known(series: &SeriesName) -> Option<SignalId> {
    let signal = SignalId::find(&series.signal)?;
    let (_, unit) = Unit::NAMES.iter().find(|(name, _)| *name == series.unit)?;
    (signal.entry().unit == *unit).then_some(signal)
}

fn merged(signal: SignalId, instance: Option<&str>, mut group: Vec<&StoredSeries>) -> Option<Observation> {
    // The newest first; of equally new ones that with most samples; after that the order of names decides.
    let newest =
        |stored: &StoredSeries| stored.rollups.last().map(|last| (last.period, last.minutes, last.count));
    group.sort_by_key(|stored| std::cmp::Reverse(newest(stored)));
    let mut hours: Vec<(i64, f64)> = Vec::new();
    let mut notes = Vec::new();
    for stored in &group {
        let known = |hour: i64| hours.binary_search_by_key(&hour, |(hour, _)| *hour).is_ok();
        let missing = stored.rollups.iter().filter(|rollup| !known(rollup.period));
        let added: Vec<(i64, f64)> = missing.map(|rollup| (rollup.period, rollup.mean)).collect();
        let SeriesName { source, query, .. } = &stored.series;
        notes.push(format!("{} from {source} ({query})", counted(added.len(), "hour")));
        hours.extend(added);
        hours.sort_by_key(|(hour, _)| *hour);
    }
    let (at_ms, values) = hours.into_iter().map(|(hour, mean)| (hour * HOUR_MS, mean)).unzip();
    let values = Series::new(HOUR_MS, at_ms, values).ok()?;
    if let [_] = notes[..] {
        notes.clear();
    }
    let first = &group.first()?.series;
    Some(Observation {
        instance: instance.map(str::to_owned),
        notes,
        ..Observation::new(
            signal,
            values,
            Origin { source: first.source.clone(), query: first.query.clone() },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Rollup;

    fn stored(signal: &str, source: &str, hours: &[(i64, f64)]) -> StoredSeries {
        let rollup = |&(period, value): &(i64, f64)| Rollup::from_samples(period, &[value], 60_000).unwrap();
        let series = SeriesName {
            signal: signal.to_owned(),
            instance: None,
            source: source.to_owned(),
            query: "q".to_owned(),
            unit: "ratio".to_owned(),
        };
        StoredSeries { series, rollups: hours.iter().map(rollup).collect() }
    }

    #[test]
    fn the_series_read_last_goes_first_and_others_fill_its_gaps() {
        let all = [
            stored("postgres.connections", "prometheus", &[(1, 0.1), (2, 0.2), (5, 0.5)]),
            stored("postgres.connections", "postgres", &[(2, 0.9), (6, 0.6)]),
            stored("host.cpu", "host", &[(3, 0.3)]),
        ];
        let [cpu, connections] = hourly(&all).try_into().unwrap();
        assert_eq!((cpu.values.at_ms(), cpu.notes.len()), (&[3 * HOUR_MS][..], 0));
        assert_eq!(connections.values.at_ms(), [1, 2, 5, 6].map(|hour| hour * HOUR_MS));
        assert_eq!(connections.values.values(), [0.1, 0.9, 0.5, 0.6]);
        assert_eq!(connections.values.step_ms(), HOUR_MS);
        assert_eq!(connections.origin.source, "postgres");
        assert_eq!(connections.notes, ["2 hours from postgres (q)", "2 hours from prometheus (q)"]);
    }

    #[test]
    fn unknown_signals_and_units_are_left_out() {
        let mut seconds = stored("host.cpu", "host", &[(3, 0.3)]);
        seconds.series.unit = "seconds".to_owned();
        assert_eq!(hourly(&[stored("host.soul", "host", &[(3, 0.3)]), seconds]), []);
    }
}
