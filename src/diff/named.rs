//! Instances by their names, and by the words of a diff that may name them.

use std::collections::BTreeSet;

use super::assignment::words;
use crate::snapshot::Observation;

/// Those of which the names of their instances have the most parts that the diff names; none where it names none.
pub(super) fn best_named<'t, T>(
    all: &[&'t T],
    instance: impl Fn(&T) -> Option<&str>,
    is_named: impl Fn(&str) -> bool,
) -> Vec<&'t T> {
    let shared = |item: &T| {
        let name = instance(item).unwrap_or_default();
        // `api` of `shop/api/api` counts once.
        let parts: BTreeSet<&str> = name.split(['/', ' ', ':']).flat_map(words).collect();
        parts.into_iter().filter(|part| is_named(part)).count()
    };
    let most = all.iter().map(|item| shared(item)).max().unwrap_or_default();
    all.iter().filter(|item| most > 0 && shared(item) == most).copied().collect()
}

/// `postgres.connections@db-1`, as `plan --set` takes it.
pub(super) fn name(observation: &Observation) -> String {
    let instance = observation.instance.as_ref().map(|instance| format!("@{instance}"));
    format!("{}{}", observation.signal, instance.unwrap_or_default())
}
