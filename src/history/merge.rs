//! Hourly means as the assessment reads them: the series of a signal and instance become one.

use std::cmp::Reverse;

use super::{HOUR_MS, SeriesName, StoredSeries};
use crate::{
    signal::{Series, SignalId, Unit, counted},
    snapshot::{InstanceIndex, Observation, Origin},
};

/// The hourly means of every signal and instance: one observation each, with a sample at the beginning of every hour of
/// which something is known.
///
/// Series are of one instance by their labels, or by its name where labels do not contradict. Where several have values
/// (another source, a query that was changed), each hour has the mean of the one that was read last of all, or of the
/// next one that has the hour; a note says so. Series whose signal or unit this version of the program does not know are
/// left out.
pub(super) fn hourly(stored: &[StoredSeries]) -> Vec<Observation> {
    let mut known: Vec<(SignalId, &StoredSeries)> =
        stored.iter().filter_map(|stored| Some((known(&stored.series)?, stored))).collect();
    // The newest first, whose name is today's; of equally new ones that with most samples; after that the order of
    // names decides.
    let newest =
        |stored: &StoredSeries| stored.rollups.last().map(|last| (last.period, last.minutes, last.count));
    known.sort_by_key(|(_, stored)| Reverse(newest(stored)));
    let mut index = InstanceIndex::new();
    let mut groups: Vec<(SignalId, Vec<&StoredSeries>)> = Vec::new();
    for (signal, stored) in known {
        let SeriesName { instance, labels, .. } = &stored.series;
        let place = index.find(&signal, instance.as_deref(), labels).unwrap_or(groups.len());
        index.insert(&signal, instance.as_deref(), labels, place);
        match groups.get_mut(place) {
            Some((_, group)) => group.push(stored),
            None => groups.push((signal, vec![stored])),
        }
    }
    let mut merged: Vec<Observation> =
        groups.iter().filter_map(|(signal, group)| merged(*signal, group)).collect();
    merged.sort_by(|a, b| (a.signal, &a.instance, &a.labels).cmp(&(b.signal, &b.instance, &b.labels)));
    merged
}

fn known(series: &SeriesName) -> Option<SignalId> {
    let signal = SignalId::find(&series.signal)?;
    let (_, unit) = Unit::NAMES.iter().find(|(name, _)| *name == series.unit)?;
    (signal.entry().unit == *unit).then_some(signal)
}

/// What a group of series says, the newest first.
fn merged(signal: SignalId, group: &[&StoredSeries]) -> Option<Observation> {
    let mut hours: Vec<(i64, f64)> = Vec::new();
    let mut notes = Vec::new();
    for stored in group {
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
    let labels = group.iter().map(|stored| &stored.series.labels).find(|labels| !labels.is_empty());
    Some(Observation {
        instance: first.instance.clone(),
        labels: labels.cloned().unwrap_or_default(),
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
    use crate::{history::Rollup, snapshot::Labels};

    fn stored(signal: &str, source: &str, hours: &[(i64, f64)]) -> StoredSeries {
        let rollup = |&(period, value): &(i64, f64)| Rollup::from_samples(period, &[value], 60_000).unwrap();
        let series = SeriesName {
            signal: signal.to_owned(),
            instance: None,
            labels: Labels::new(),
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

    fn of_cluster(instance: &str, cluster: &str, hours: &[(i64, f64)]) -> StoredSeries {
        let mut stored = stored("postgres.connections", "prometheus", hours);
        stored.series.instance = Some(instance.to_owned());
        stored.series.labels = [("cluster".to_owned(), cluster.to_owned())].into();
        stored
    }

    #[test]
    fn an_instance_keeps_its_past_under_another_name() {
        let found = hourly(&[of_cluster("db", "eu", &[(1, 0.1)]), of_cluster("db in eu", "eu", &[(2, 0.2)])]);
        let [eu] = &found[..] else { panic!("{found:?}") };
        assert_eq!((eu.instance.as_deref(), eu.values.values()), (Some("db in eu"), &[0.1, 0.2][..]));
    }

    #[test]
    fn two_instances_of_one_name_stay_two() {
        let found = hourly(&[of_cluster("db", "us", &[(1, 0.1)]), of_cluster("db", "eu", &[(2, 0.2)])]);
        assert_eq!(found.len(), 2);
    }
}
