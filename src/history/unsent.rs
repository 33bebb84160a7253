//! What is still to be sent to other stores.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use super::{
    HOUR_MS, Range, Resolution, Rollup, StoredSeries,
    backend::{Backend, Filter},
    error::BackendError,
    rows::{DestinationRow, PendingRow, RollupRow},
    schema::{DESTINATIONS, HOURLY, PENDING},
    series,
    store::rollups,
};

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
