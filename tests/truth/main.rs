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
mod members;
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

/// Every so many stacks are evaluated in VictoriaMetrics as well.
const SAMPLE: usize = 9;

#[test]
fn alerts_do_the_same_in_victoria_metrics() {
    let known = known_faults();
    let stacks: Vec<Stack> = all().into_iter().filter(|stack| !known.contains(stack.name.as_str())).collect();
    let sample: Vec<&Stack> = stacks.iter().step_by(SAMPLE).collect();
    let outcomes = Mutex::new(Vec::new());
    each(&sample, |stack| {
        let outcome = stack.alerts_in_victoria_metrics();
        outcomes.lock().unwrap().extend(outcome.map(|outcome| (stack.name.clone(), outcome)));
    });
    let outcomes = outcomes.into_inner().unwrap();
    let count =
        |fires: bool| outcomes.iter().filter(|(_, outcome)| outcome.critical.is_empty() != fires).count();
    println!(
        "critical alerts fire in {} of {} stacks, and are silent in {}",
        count(true),
        sample.len(),
        count(false)
    );
    let wrong: Vec<_> = outcomes.iter().filter(|(_, outcome)| !outcome.faults.is_empty()).collect();
    let wrong: Vec<_> = wrong.iter().map(|(name, outcome)| (name, &outcome.faults)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    // A sample of one kind alone would say little.
    let is_whole = std::env::var("TRUTH").is_err();
    assert!(!is_whole || count(true) >= 5 && count(false) >= 5, "{} and {}", count(true), count(false));
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
        members::stacks(),
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
    let wrong = Mutex::new(BTreeMap::new());
    let stacks: Vec<&Stack> = stacks.iter().collect();
    each(&stacks, |stack| {
        let faults = stack.faults();
        if !faults.is_empty() {
            wrong.lock().unwrap().insert(stack.name.clone(), faults);
        }
    });
    wrong.into_inner().unwrap()
}

/// Does something with each stack, some of them at the same time.
fn each(stacks: &[&Stack], act: impl Fn(&Stack) + Sync) {
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(stack) = stacks.get(next.fetch_add(1, Ordering::Relaxed)) {
            act(stack);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(work);
        }
    });
}
