//! Which roadmap fits the systems that are there.

use std::collections::BTreeSet;

use crate::{
    roadmap::{DEFAULT_PROFILE, Roadmap, builtin, builtin_ids, read_roadmap},
    snapshot::Snapshot,
};

/// The systems of which something was measured.
pub(super) fn systems(snapshot: &Snapshot) -> BTreeSet<String> {
    snapshot.observations.iter().map(|observation| observation.signal.entry().system.clone()).collect()
}

/// The built-in roadmaps whose systems have most in common with those that are there, those of equal fit together; the
/// default one alone where nothing points to any.
pub(super) fn profiles(systems: &BTreeSet<String>) -> Vec<&'static str> {
    let roadmaps: Vec<(&'static str, Roadmap)> =
        builtin_ids().filter_map(|id| Some((id, read_roadmap(builtin(id)?).0?))).collect();
    // A system that no roadmap expects points to none of them.
    let expected: BTreeSet<&String> = roadmaps.iter().flat_map(|(_, roadmap)| &roadmap.stack).collect();
    let there: BTreeSet<&String> = systems.iter().filter(|system| expected.contains(system)).collect();
    let fit = |roadmap: &Roadmap| {
        let stack: BTreeSet<&String> = roadmap.stack.iter().collect();
        let common = stack.intersection(&there).count() as f64;
        common / stack.union(&there).count().max(1) as f64
    };
    let best = roadmaps.iter().map(|(_, roadmap)| fit(roadmap)).fold(0.0, f64::max);
    if best == 0.0 {
        return vec![DEFAULT_PROFILE];
    }
    let fits = |(id, roadmap): &(&'static str, Roadmap)| (fit(roadmap) >= best - 1e-9).then_some(*id);
    let mut fitting: Vec<&str> = roadmaps.iter().filter_map(fits).collect();
    // Among equals the one with the fewest requirements comes first.
    fitting.sort_by_key(|id| *id != DEFAULT_PROFILE);
    fitting
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_roadmap_is_proposed_for_its_own_systems() {
        for id in builtin_ids() {
            let (Some(roadmap), _) = read_roadmap(builtin(id).unwrap()) else { panic!("{id}") };
            assert_eq!(profiles(&roadmap.stack.iter().cloned().collect()), [id]);
        }
    }

    #[test]
    fn where_nothing_tells_the_default_is_proposed() {
        let fitting =
            |systems: &[&str]| profiles(&systems.iter().map(|system| (*system).to_owned()).collect());
        assert_eq!(fitting(&[]), [DEFAULT_PROFILE]);
        assert_eq!(fitting(&["host"]).first(), Some(&DEFAULT_PROFILE));
        assert_eq!(fitting(&["host", "http", "mongo", "websocket", "node"]), ["socketio-mongo-chat"]);
    }

    #[test]
    fn several_roadmaps_of_equal_fit_are_all_named() {
        let stacks: Vec<(&str, BTreeSet<String>)> = builtin_ids()
            .filter_map(|id| Some((id, read_roadmap(builtin(id)?).0?.stack.into_iter().collect())))
            .collect();
        for (id, stack) in &stacks {
            for system in stack {
                let fitting = profiles(&BTreeSet::from([system.clone()]));
                let smallest = stacks
                    .iter()
                    .filter(|(_, other)| other.contains(system))
                    .map(|(_, other)| other.len())
                    .min();
                assert_eq!(fitting.contains(id), smallest == Some(stack.len()), "{id} {system}");
            }
        }
    }
}
