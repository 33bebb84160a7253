//! What is kept of the pasts of a fleet's services: rows whose bytes mean something to the reader of fleets alone.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::{
    backend::{Backend, Filter},
    error::BackendError,
    rows::{FleetDayRow, FleetServiceRow},
    schema::{FLEET_DAYS, FLEET_SERVICES},
    statements::leading_bits,
};

/// Of so many services all days are read at once.
const SERVICES_AT_ONCE: usize = 20;

/// What is kept of a service's past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPast {
    /// What tells the service from those of all fleets in the history.
    pub name: String,
    /// What is kept of each query.
    pub coverage: Vec<u8>,
    /// The figures of days since the beginning of 1970, UTC.
    pub days: BTreeMap<i64, Vec<u8>>,
}

/// The pasts of services, each with its days from one on; `None` of which nothing is kept. Rows that do not match their
/// checksums are given as they are: their bytes say by themselves whether they are whole.
pub(super) fn pasts(
    backend: &dyn Backend,
    names: &[String],
    from_day: i64,
) -> Result<Vec<Option<StoredPast>>, BackendError> {
    let ids: Vec<i64> = names.iter().map(|name| id(name)).collect();
    backend.count_mismatches();
    let read = found(backend, &ids, from_day);
    let _ = backend.mismatches();
    let mut found = read?;
    let named = |(id, name): (&i64, &String)| found.remove(id).filter(|past| past.name == *name);
    Ok(ids.iter().zip(names).map(named).collect())
}

fn found(
    backend: &dyn Backend,
    ids: &[i64],
    from_day: i64,
) -> Result<BTreeMap<i64, StoredPast>, BackendError> {
    let mut found = BTreeMap::new();
    backend.each(&FLEET_SERVICES, Filter::owners(ids), |FleetServiceRow { id, name, coverage }| {
        found.insert(id, StoredPast { name, coverage, days: BTreeMap::new() });
    })?;
    let known: Vec<i64> = found.keys().copied().collect();
    let days = Filter::owners(&known).within(from_day, i64::MAX);
    backend.each(&FLEET_DAYS, days, |FleetDayRow { service, day, figures }| {
        if let Some(past) = found.get_mut(&service) {
            past.days.insert(day, figures);
        }
    })?;
    Ok(found)
}

/// Keeps the pasts of services in the place of what was kept of the same days, and deletes their days before one.
///
/// All writers lock the rows in the order of their ids, services first, so that those of the same service wait for each
/// other and never in a circle.
pub(super) fn keep(backend: &dyn Backend, pasts: &[StoredPast], first_day: i64) -> Result<(), BackendError> {
    let by_id: BTreeMap<i64, &StoredPast> = pasts.iter().map(|past| (id(&past.name), past)).collect();
    let service = |(id, past): (&i64, &&StoredPast)| FleetServiceRow {
        id: *id,
        name: past.name.clone(),
        coverage: past.coverage.clone(),
    };
    backend.put(&FLEET_SERVICES, &by_id.iter().map(service).collect::<Vec<_>>())?;
    let days = |(id, past): (&i64, &&StoredPast)| {
        let row = |(day, figures): (&i64, &Vec<u8>)| FleetDayRow {
            service: *id,
            day: *day,
            figures: figures.clone(),
        };
        past.days.iter().map(row).collect::<Vec<_>>()
    };
    backend.put(&FLEET_DAYS, &by_id.iter().flat_map(days).collect::<Vec<_>>())?;
    let ids: Vec<i64> = by_id.into_keys().collect();
    backend.delete(&FLEET_DAYS, Filter::owners(&ids).within(i64::MIN, first_day))?;
    Ok(())
}

/// Reads every day, a few services at a time: a server's answer is in memory as a whole.
pub(super) fn scan_days(backend: &dyn Backend) -> Result<(), BackendError> {
    let services: Vec<i64> = backend.owners(&FLEET_DAYS, Filter::ALL)?.into_iter().collect();
    let mut parts = services.chunks(SERVICES_AT_ONCE);
    parts.try_for_each(|part| backend.scan(&FLEET_DAYS, Filter::owners(part), &mut |_| Ok(())))
}

/// Deletes the services of which nothing was kept since a day: those that are read have their own end.
pub(super) fn prune(backend: &dyn Backend, day: i64) -> Result<(), BackendError> {
    let kept = backend.owners(&FLEET_DAYS, Filter::periods(day, i64::MAX))?;
    let mut all = backend.owners(&FLEET_SERVICES, Filter::ALL)?;
    all.extend(backend.owners(&FLEET_DAYS, Filter::ALL)?);
    let gone: Vec<i64> = all.difference(&kept).copied().collect();
    backend.delete(&FLEET_SERVICES, Filter::owners(&gone))?;
    backend.delete(&FLEET_DAYS, Filter::owners(&gone))?;
    Ok(())
}

/// 63 bits of the SHA-256 of a name, so that writers beside each other need not agree on a number.
fn id(name: &str) -> i64 {
    leading_bits(Sha256::new().chain_update(name))
}
