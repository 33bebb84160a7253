//! Rollups for other stores: messages of Prometheus' remote write.
//!
//! Each hour becomes one sample for each statistic, at the hour's end:
//! `scale_advisor_rollup{signal="host.cpu", instance="web-1", source="prometheus", statistic="mean"}`.

mod message;

use std::collections::BTreeMap;

use super::{Rollup, StoredSeries};

/// So many rollups go into one message.
const AT_ONCE: usize = 800;

/// What tells a rollup from others at its destination: signal, instance, source.
type Labels<'a> = (&'a str, Option<&'a str>, &'a str);

/// The messages of these rollups, to be sent one after the other: in the order of time, because a server that has got
/// a sample takes older ones for a while only. Of two queries that tell of the same hour, the one that tells more goes.
pub fn messages(kept: &[StoredSeries]) -> Vec<Vec<u8>> {
    let mut hours: BTreeMap<i64, BTreeMap<Labels<'_>, Rollup>> = BTreeMap::new();
    for one in kept {
        let labels = (one.series.signal.as_str(), one.series.instance.as_deref(), one.series.source.as_str());
        for rollup in &one.rollups {
            let held = hours.entry(rollup.period).or_default().entry(labels).or_insert(*rollup);
            if rollup.tells_more_than(held) {
                *held = *rollup;
            }
        }
    }
    let mut messages = Vec::new();
    let mut gathered: BTreeMap<Labels<'_>, Vec<Rollup>> = BTreeMap::new();
    let mut count = 0;
    for of_hour in hours.into_values() {
        count += of_hour.len();
        for (labels, rollup) in of_hour {
            gathered.entry(labels).or_default().push(rollup);
        }
        if count >= AT_ONCE {
            messages.push(message::of(&std::mem::take(&mut gathered)));
            count = 0;
        }
    }
    if count > 0 {
        messages.push(message::of(&gathered));
    }
    messages
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::SeriesName;

    fn kept(query: &str, hours: std::ops::Range<i64>, values: &[f64]) -> StoredSeries {
        let series = SeriesName {
            signal: "host.cpu".to_owned(),
            instance: Some("web-1".to_owned()),
            source: "prometheus".to_owned(),
            query: query.to_owned(),
            unit: "ratio".to_owned(),
        };
        let rollups = hours.map(|hour| Rollup::of(hour, values, 60_000).unwrap()).collect();
        StoredSeries { series, rollups }
    }

    #[test]
    fn nothing_is_no_message_and_much_is_several() {
        assert_eq!(messages(&[]), Vec::<Vec<u8>>::new());
        let all = messages(&[kept("q", 0..2000, &[0.5])]);
        assert_eq!(all.len(), 3);
        assert_eq!(all[..2], messages(&[kept("q", 0..1600, &[0.5])]));
    }

    #[test]
    fn of_two_queries_the_one_that_tells_more_goes() {
        let both = [kept("a", 0..1, &[0.1]), kept("b", 0..1, &[0.2, 0.3])];
        assert_eq!(messages(&both), messages(&both[1..]));
    }
}
