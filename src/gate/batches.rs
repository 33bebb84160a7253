//! Runs that were made together, on one machine or in one job, share what was particular about it: they are fewer
//! independent values than they seem.

use std::collections::BTreeMap;

use statrs::distribution::{ContinuousCDF, FisherSnedecor};

use super::selection::MeasuredMetric;
use crate::signal::quantile;

/// How sure it must be that batches differ before their runs no longer count one by one.
const LEVEL: f64 = 0.05;

/// A value with the batch it belongs to, where that is known.
pub(super) type Batched = (Option<String>, f64);

/// The metric with what its batches have in common taken out.
///
/// Where each batch holds runs of both builds, its level is divided out: what remains differs by the build alone. Where
/// batches are of one build each and differ by more than their runs do (a one-way analysis of variance), each counts
/// once, with its median; runs without a batch are then one batch, too.
pub(super) fn without_batch_effects(measured: MeasuredMetric) -> MeasuredMetric {
    let MeasuredMetric { baseline, candidate, earlier, batches, .. } = &measured;
    let sides = [&batches.baseline, &batches.candidate];
    let with = |batches: &[Option<String>], values: &[f64]| -> Vec<Batched> {
        batches.iter().cloned().zip(values.iter().copied()).collect()
    };
    let [before, after] = [with(sides[0], baseline), with(sides[1], candidate)];
    if let Some((baseline, candidate)) = aligned(&before, &after) {
        return MeasuredMetric { baseline, candidate, ..measured };
    }
    let values: Vec<f64> = earlier.iter().map(|(_, value)| *value).collect();
    let past = with(&batches.earlier, &values);
    // Of a history, the baseline and the earlier runs are the same.
    let beside: &[Batched] = if measured.history { &[] } else { &past };
    if !batches_differ(&[&before, &after, beside]) {
        return measured;
    }
    let (baseline, candidate) = (by_batch(&before), by_batch(&after));
    let names: BTreeMap<u64, &String> = earlier.iter().map(|(name, value)| (value.to_bits(), name)).collect();
    let name = |value: f64| names.get(&value.to_bits()).map_or_else(String::new, |name| (*name).clone());
    let earlier = by_batch(&past).into_iter().map(|value| (name(value), value)).collect();
    MeasuredMetric { baseline, candidate, earlier, ..measured }
}

/// The values by batch, in the order in which batches begin.
fn groups(values: &[Batched]) -> Vec<Vec<f64>> {
    let mut order: Vec<&Option<String>> = Vec::new();
    let mut found: Vec<Vec<f64>> = Vec::new();
    for (batch, value) in values {
        if let Some(index) = order.iter().position(|known| *known == batch) {
            found[index].push(*value);
        } else {
            order.push(batch);
            found.push(vec![*value]);
        }
    }
    found
}

/// The median of each batch.
fn by_batch(values: &[Batched]) -> Vec<f64> {
    groups(values).iter().filter_map(|group| quantile(group, 0.5)).collect()
}

/// Both sides without the levels of their batches, if each of several batches holds runs of both.
fn aligned(before: &[Batched], after: &[Batched]) -> Option<(Vec<f64>, Vec<f64>)> {
    let mut levels: BTreeMap<&String, [Vec<f64>; 2]> = BTreeMap::new();
    for (side, values) in [before, after].into_iter().enumerate() {
        for (batch, value) in values {
            if *value <= 0.0 {
                return None;
            }
            levels.entry(batch.as_ref()?).or_default()[side].push(value.ln());
        }
    }
    if levels.len() < 2 || levels.values().any(|sides| sides.iter().any(Vec::is_empty)) {
        return None;
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let level = |sides: &[Vec<f64>; 2]| f64::midpoint(mean(&sides[0]), mean(&sides[1]));
    let all = mean(&levels.values().map(level).collect::<Vec<f64>>());
    let without = |values: &[Batched]| -> Vec<f64> {
        let own =
            |batch: &Option<String>| batch.as_ref().and_then(|batch| levels.get(batch)).map_or(all, level);
        values.iter().map(|(batch, value)| (value.ln() - own(batch) + all).exp()).collect()
    };
    Some((without(before), without(after)))
}

/// Whether batches differ by more than their runs do, over groups whose builds may differ.
fn batches_differ(sides: &[&[Batched]]) -> bool {
    let (mut between, mut between_freedom, mut within, mut within_freedom) = (0.0, 0, 0.0, 0);
    for side in sides {
        let known: Vec<Batched> = side.iter().filter(|(batch, _)| batch.is_some()).cloned().collect();
        let groups = groups(&known);
        let all: Vec<f64> = groups.iter().flatten().copied().collect();
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        for group in &groups {
            let own = mean(group);
            within += group.iter().map(|value| (value - own).powi(2)).sum::<f64>();
            within_freedom += group.len() - 1;
            between += group.len() as f64 * (own - mean(&all)).powi(2);
        }
        between_freedom += groups.len().saturating_sub(1);
    }
    if between_freedom == 0 || within_freedom == 0 || within <= 0.0 {
        return false;
    }
    let ratio = between / between_freedom as f64 / (within / within_freedom as f64);
    let distribution = FisherSnedecor::new(between_freedom as f64, within_freedom as f64);
    distribution.is_ok_and(|distribution| distribution.sf(ratio) <= LEVEL)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batched(values: &[(&str, f64)]) -> Vec<Batched> {
        values.iter().map(|(batch, value)| (Some((*batch).to_owned()), *value)).collect()
    }

    #[test]
    fn the_level_of_a_batch_is_divided_out() {
        let before = batched(&[("a", 100.0), ("b", 200.0), ("b", 200.0)]);
        let after = batched(&[("a", 110.0), ("a", 110.0), ("b", 220.0)]);
        let (before, after) = aligned(&before, &after).unwrap();
        assert!(before.iter().zip(&after).all(|(before, after)| (after / before - 1.1).abs() < 1e-9));
        assert!((before[0] - before[1]).abs() < 1e-9);
        assert!(aligned(&batched(&[("a", 1.0)]), &batched(&[("b", 1.0)])).is_none());
    }

    #[test]
    fn batches_that_differ_count_once() {
        let far =
            batched(&[("a", 100.0), ("a", 101.0), ("b", 120.0), ("b", 121.0), ("c", 90.0), ("c", 91.0)]);
        assert!(batches_differ(&[&far]));
        assert_eq!(by_batch(&far), [100.5, 120.5, 90.5]);
        let near =
            batched(&[("a", 100.0), ("a", 121.0), ("b", 120.0), ("b", 101.0), ("c", 99.0), ("c", 119.0)]);
        assert!(!batches_differ(&[&near]) && !batches_differ(&[&[(None, 1.0), (None, 9.0)]]));
    }
}
