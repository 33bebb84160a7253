//! Hourly means that `record` sent by remote write, read back.

use std::collections::{BTreeMap, btree_map::Entry};

use super::{
    client::Client,
    decode::RawSeries,
    grid::{Grid, HOUR},
    instances::label,
    stitch::stitch,
};
use crate::{
    signal::{Series, SignalId},
    snapshot::{Observation, Origin, ROLLUP_METRIC, Unavailable},
};

/// Hours in one question.
const HOURS_AT_ONCE: i64 = 60 * 24;

/// The means of the whole hours between two instants (Unix seconds), each at the time at which its hour begins: one
/// observation for each signal and instance. Where several sources report the same thing, each hour is taken from the
/// one that reported last, or else from the next that has it.
///
/// # Errors
/// When the server does not answer, or not as such a server does.
pub(super) async fn kept(client: &Client, from: i64, to: i64) -> Result<Vec<Observation>, Unavailable> {
    // No sample is older than its instant: a server that looks further back would fill hours that were never read.
    let query = format!("last_over_time({ROLLUP_METRIC}{{statistic=\"mean\"}}[1m])");
    let mut answers = Vec::new();
    let first = from + (HOUR - from.rem_euclid(HOUR)) % HOUR;
    if first + HOUR <= to {
        // Hours are stored at their ends.
        for piece in Grid::new(first + HOUR, to, HOUR).pieces_of(HOURS_AT_ONCE) {
            answers.push(client.range(&query, piece).await?);
        }
    }
    Ok(joined(&stitch(answers).series, &query))
}

fn joined(all: &[RawSeries], query: &str) -> Vec<Observation> {
    let mut groups: BTreeMap<(SignalId, Option<&str>), Vec<&RawSeries>> = BTreeMap::new();
    for series in all {
        let Some(signal) = label(series, "signal").and_then(SignalId::find) else { continue };
        groups.entry((signal, label(series, "instance"))).or_default().push(series);
    }
    let observation = |((signal, instance), mut group): ((SignalId, Option<&str>), Vec<&RawSeries>)| {
        group.sort_by_key(|series| std::cmp::Reverse(series.samples.at_ms.last()));
        let mut hours = BTreeMap::new();
        for series in &group {
            for (at_ms, value) in series.samples.at_ms.iter().zip(&series.samples.values) {
                if let Entry::Vacant(hour) = hours.entry(at_ms - HOUR * 1000) {
                    hour.insert(*value);
                }
            }
        }
        let at_ms = hours.keys().copied().collect();
        let source = group.first().and_then(|series| label(series, "source")).unwrap_or(super::NAME);
        Some(Observation {
            instance: instance.map(str::to_owned),
            ..Observation::new(
                signal,
                Series::new(HOUR * 1000, at_ms, hours.into_values().collect()).ok()?,
                Origin { source: source.to_owned(), query: query.to_owned() },
            )
        })
    };
    groups.into_iter().filter_map(observation).collect()
}
