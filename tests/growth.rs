//! How the work of judging grows with the number of instances, counted in allocations: in proportion, and no faster.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

#[path = "support/many_instances.rs"]
mod many_instances;

use std::{alloc::System, collections::BTreeSet};

use many_instances::{input, snapshot, with_pasts};
use scale_advisor::{
    assess::{Assumptions, survey},
    diagnostic::Spans,
    roadmap::FailureDomain,
    signal::Series,
    snapshot::{Observation, Origin, Snapshot},
};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The label whose values are lost in turn.
const ZONE: &str = "zone";

/// Its name, so many instances, and what makes a snapshot of them.
type Scene = (&'static str, usize, fn(usize) -> Snapshot);

/// Allocations and their bytes.
fn work(snapshot: &Snapshot) -> [usize; 2] {
    let mut input = input();
    // Snapshots without zones have nothing to ask about.
    if snapshot.observations.iter().any(|observation| observation.place(ZONE).is_some()) {
        let zones = FailureDomain {
            label: ZONE.to_owned(),
            values: BTreeSet::new(),
            resources: BTreeSet::new(),
            spans: Spans::default(),
        };
        input.declared.failure_domains.push(zones);
    }
    let region = Region::new(ALLOCATOR);
    let survey = survey(&input, snapshot, Assumptions::default());
    let counted = region.change();
    assert!(!survey.assessment.bottlenecks.is_empty());
    [counted.allocations, counted.bytes_allocated]
}

/// Instances of which another source took single readings, under names of its own.
fn read_twice(count: usize) -> Snapshot {
    let mut snapshot = snapshot(count);
    let readings: Vec<Observation> = snapshot
        .observations
        .iter()
        .map(|observation| Observation {
            instance: observation.instance.as_ref().map(|name| format!("server {name}")),
            ..Observation::new(
                observation.signal,
                Series::spot(snapshot.taken_at, observation.values.last().1).unwrap(),
                Origin { source: "server".to_owned(), query: "q".to_owned() },
            )
        })
        .collect();
    snapshot.observations.extend(readings);
    snapshot
}

/// Instances of one name, of which every other has a service and a zone of its own, and the rest no label at all.
fn half_labelled(count: usize) -> Snapshot {
    let mut snapshot = snapshot(count);
    for (number, observation) in snapshot.observations.iter_mut().enumerate() {
        observation.instance = Some(format!("web-{}", number % count));
        observation.labels.clear();
        if number.is_multiple_of(2) {
            let label = |name: &str| (name.to_owned(), format!("{name}-{}", number % count));
            observation.labels.extend([label("service"), label(ZONE)]);
        }
    }
    snapshot
}

/// The only test here: what others allocate would count.
#[test]
fn twice_the_instances_take_twice_the_work() {
    // What is made once for all takes its part the first time.
    work(&snapshot(10));
    let scenes: [Scene; 4] = [
        ("instances", 300, snapshot),
        ("instances that two sources read", 200, read_twice),
        ("instances of which half have labels", 200, half_labelled),
        ("instances with a past", 4, |count| with_pasts(count, 30)),
    ];
    for (scene, count, make) in scenes {
        let [some, twice] = [count, 2 * count].map(|count| work(&make(count)));
        for (some, twice) in some.into_iter().zip(twice) {
            assert!(twice * 10 <= some * 22, "{scene}: {some} became {twice}");
        }
    }
}
