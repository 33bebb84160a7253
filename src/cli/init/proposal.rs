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

/// The built-in roadmap whose systems have most in common with those that are there; the default one where
/// nothing tells them apart.
pub(super) fn profile(systems: &BTreeSet<String>) -> &'static str {
    let roadmaps: Vec<(&str, Roadmap)> =
        builtin_ids().filter_map(|id| Some((id, read_roadmap(builtin(id)?).0?))).collect();
    // A system that no roadmap expects speaks for none of them.
    let expected: BTreeSet<&String> = roadmaps.iter().flat_map(|(_, roadmap)| &roadmap.stack).collect();
    let there: BTreeSet<&String> = systems.iter().filter(|system| expected.contains(system)).collect();
    let fit = |roadmap: &Roadmap| {
        let stack: BTreeSet<&String> = roadmap.stack.iter().collect();
        let common = stack.intersection(&there).count() as f64;
        common / stack.union(&there).count().max(1) as f64
    };
    let best = roadmaps.iter().max_by(|(a, one), (b, other)| {
        let default = |id: &str| id == DEFAULT_PROFILE;
        fit(one).total_cmp(&fit(other)).then_with(|| default(a).cmp(&default(b)))
    });
    best.map_or(DEFAULT_PROFILE, |(id, _)| id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_roadmap_is_proposed_for_its_own_systems() {
        for id in builtin_ids() {
            let (Some(roadmap), _) = read_roadmap(builtin(id).unwrap()) else { panic!("{id}") };
            assert_eq!(profile(&roadmap.stack.iter().cloned().collect()), id);
        }
    }

    #[test]
    fn where_nothing_tells_the_default_is_proposed() {
        let of = |systems: &[&str]| profile(&systems.iter().map(|system| (*system).to_owned()).collect());
        assert_eq!(of(&[]), DEFAULT_PROFILE);
        assert_eq!(of(&["host"]), DEFAULT_PROFILE);
        assert_eq!(of(&["host", "http", "mongo", "websocket", "node"]), "socketio-mongo-chat");
    }
}
