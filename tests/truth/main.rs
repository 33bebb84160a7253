//! Stacks with one right answer each, in a real Prometheus: what the headline says of systems nobody tuned it to.
//!
//! Each stack is an example of a kind; the kinds are files here. A stack that is not judged right stands in
//! `faults.txt` with its reason.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

#[path = "../live/support/mod.rs"]
mod support;

mod alerts;
mod answer;
mod decoys;
mod first_config;
mod identity;
mod levels;
mod parts;
mod scope;
mod stack;
mod states;
mod systems;
mod time;
mod walls;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, atomic::AtomicUsize, atomic::Ordering},
};

use stack::Stack;

/// The stacks that are not judged right yet, and why; every other stack must be.
const FAULTS: &str = include_str!("faults.txt");

/// Stacks at the same time: each is a Prometheus and one run of the program.
const AT_ONCE: usize = 3;

#[test]
fn the_headline_names_the_cause() {
    let stacks = all();
    let names: BTreeSet<&str> = stacks.iter().map(|stack| stack.name.as_str()).collect();
    assert_eq!(names.len(), stacks.len(), "two stacks share a name");
    let wrong = judge_all(&stacks);
    let right = stacks.len() - wrong.len();
    println!("{right} of {} stacks are judged right", stacks.len());
    for (name, faults) in &wrong {
        println!("  {name}: {}", faults.join("; "));
    }
    let known = known_faults();
    let unexpected: Vec<_> = wrong.keys().filter(|name| !known.contains(name.as_str())).collect();
    let right_again: Vec<_> =
        names.iter().filter(|name| known.contains(*name) && !wrong.contains_key(**name)).collect();
    assert!(unexpected.is_empty(), "judged wrong: {unexpected:#?}");
    assert!(right_again.is_empty(), "judged right, and still listed in faults.txt: {right_again:#?}");
}

fn known_faults() -> BTreeSet<&'static str> {
    let lines = FAULTS.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split_once(" | ").expect("each fault has its reason").0).collect()
}

fn all() -> Vec<Stack> {
    let only = std::env::var("TRUTH").unwrap_or_default();
    [
        identity::stacks(),
        scope::stacks(),
        walls::stacks(),
        levels::stacks(),
        states::stacks(),
        systems::stacks(),
        decoys::stacks(),
        time::stacks(),
    ]
    .into_iter()
    .flatten()
    .filter(|stack| stack.name.contains(&only))
    .collect()
}

fn judge_all(stacks: &[Stack]) -> BTreeMap<String, Vec<String>> {
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(BTreeMap::new());
    let work = || {
        while let Some(stack) = stacks.get(next.fetch_add(1, Ordering::Relaxed)) {
            let faults = stack.faults();
            if !faults.is_empty() {
                wrong.lock().unwrap().insert(stack.name.clone(), faults);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(work);
        }
    });
    wrong.into_inner().unwrap()
}
