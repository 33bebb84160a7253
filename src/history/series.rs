//! Which series a history holds, and which of them what is offered belongs to.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    SeriesName,
    backend::{Backend, Filter},
    error::BackendError,
    rows::{LabelsRow, SeriesRow},
    schema::{LABELS, SERIES},
};
use crate::snapshot::{InstanceIndex, Labels};

/// Every series with its labels, by id.
pub(super) fn all(backend: &dyn Backend) -> Result<Vec<SeriesRow>, BackendError> {
    let mut labels: BTreeMap<i64, Labels> = BTreeMap::new();
    backend.each(&LABELS, Filter::ALL, |row: LabelsRow| {
        // Damaged ones count as unknown; `verify` reports them.
        labels.insert(row.series, parse_labels(&row.json).unwrap_or_default());
    })?;
    let mut series: Vec<SeriesRow> = backend.rows(&SERIES, Filter::ALL)?;
    for row in &mut series {
        row.name.labels = labels.remove(&row.id).unwrap_or_default();
    }
    Ok(series)
}

/// The labels that a text of [`labels_text`] says; `None` when it is no such text.
pub(super) fn parse_labels(json: &str) -> Option<Labels> {
    if json.is_empty() { Some(Labels::new()) } else { serde_json::from_str(json).ok() }
}

/// Labels as JSON, sorted by name; empty without any.
pub(super) fn labels_text(labels: &Labels) -> String {
    if labels.is_empty() {
        return String::new();
    }
    serde_json::to_string(labels).unwrap_or_default() // texts always become JSON
}

/// The id of each series, which is new or known: by its labels, or by its name where labels do not contradict. What is
/// known takes the newest name and labels.
pub(super) fn ids<'a>(
    backend: &dyn Backend,
    names: impl Iterator<Item = &'a SeriesName>,
) -> Result<Vec<i64>, BackendError> {
    let mut known = Known::new(all(backend)?);
    let ids = names.map(|name| known.id(backend, name)).collect();
    let changed: Vec<SeriesRow> =
        known.changed.iter().filter_map(|place| known.rows.get(*place)).cloned().collect();
    backend.put(&SERIES, &changed)?;
    let labels = changed.iter().filter(|row| !row.name.labels.is_empty());
    let labels = labels.map(|row| LabelsRow { series: row.id, json: labels_text(&row.name.labels) });
    backend.put(&LABELS, &labels.collect::<Vec<_>>())?;
    Ok(ids)
}

/// What tells series apart besides their instance: signal, source, unit and query.
///
/// The query of a native source describes a single reading ('line 12'), so that it distinguishes only the series of
/// Prometheus; of others the newest is kept.
type Kind = (String, String, String, String);

fn kind(name: &SeriesName) -> Kind {
    let query = if name.source == "prometheus" { name.query.clone() } else { String::new() };
    (name.signal.clone(), name.source.clone(), name.unit.clone(), query)
}

struct Known {
    rows: Vec<SeriesRow>,
    index: InstanceIndex<Kind>,
    ids: BTreeSet<i64>,
    changed: BTreeSet<usize>,
}

impl Known {
    fn new(rows: Vec<SeriesRow>) -> Self {
        let mut index = InstanceIndex::new();
        for (place, SeriesRow { name, .. }) in rows.iter().enumerate() {
            index.insert(&kind(name), name.instance.as_deref(), &name.labels, place);
        }
        let ids = rows.iter().map(|row| row.id).collect();
        Self { rows, index, ids, changed: BTreeSet::new() }
    }

    fn id(&mut self, backend: &dyn Backend, name: &SeriesName) -> i64 {
        let kind = kind(name);
        let found = self.index.find(&kind, name.instance.as_deref(), &name.labels);
        let place = found.unwrap_or(self.rows.len());
        if let Some(row) = self.rows.get_mut(place) {
            // An export of before labels were kept knows less than is known here.
            let labels = if name.labels.is_empty() { &row.name.labels } else { &name.labels };
            let newest = SeriesName { labels: labels.clone(), ..name.clone() };
            if row.name != newest {
                row.name = newest;
                self.changed.insert(place);
            }
        } else {
            let id = self.new_id(backend, name);
            self.ids.insert(id);
            self.rows.push(SeriesRow { id, name: name.clone() });
            self.changed.insert(place);
        }
        self.index.insert(&kind, name.instance.as_deref(), &name.labels, place);
        self.rows.get(place).map_or(0, |row| row.id)
    }

    /// An id that no other series has.
    fn new_id(&self, backend: &dyn Backend, name: &SeriesName) -> i64 {
        let next = || self.ids.last().map_or(1, |largest| largest.wrapping_add(1));
        let mut id = backend.series_id(name).unwrap_or_else(next);
        while self.ids.contains(&id) {
            id = id.wrapping_add(1);
        }
        id
    }
}
