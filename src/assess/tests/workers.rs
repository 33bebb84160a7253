//! How many workers a queue needs, against values of Erlang C.

use super::world::{World, signal_named, world};
use crate::{
    assess::WorkersNeeded,
    roadmap::FactValue,
    signal::{Quantity, Unit},
};

fn queue(arrivals: f64, seconds: f64) -> World {
    world().flat("queue.arrivals", arrivals).of("mail").flat("queue.job_duration", seconds).of("mail")
}

#[track_caller]
fn only(world: World) -> WorkersNeeded {
    let [needed] = world.judge().workers.try_into().unwrap();
    needed
}

#[test]
fn without_a_target_a_job_waits_no_longer_than_it_takes() {
    // a = 8: with 9 workers the mean wait is C/(c − a) = 0.6533 service times.
    let needed = only(queue(4.0, 2.0));
    assert_eq!((needed.needed, needed.waiting_target), (9, None));
    assert!((needed.busy_workers - 8.0).abs() < 1e-9);
    assert!((needed.wait_seconds - 2.0 * 0.653_3).abs() < 1e-3, "{needed:?}");
    assert_eq!(needed.queue.as_deref(), Some("mail"));
}

#[test]
fn the_roadmaps_target_for_waiting_jobs_counts() {
    let strict = "{ signal = 'queue.depth', aggregate = 'avg', below = 1 }";
    let loose = "{ signal = 'queue.depth', aggregate = 'avg', below = 50 }";
    let strictly = only(queue(4.0, 2.0).objective("depth", strict));
    assert_eq!((strictly.needed, strictly.waiting_target), (11, Some(1.0)));
    assert_eq!(only(queue(4.0, 2.0).objective("depth", loose)).needed, 9);
    // A target for the peak is none for the mean.
    let peak = "{ signal = 'queue.depth', aggregate = 'max', below = 1 }";
    assert_eq!(only(queue(4.0, 2.0).objective("depth", peak)).waiting_target, None);
}

/// Twelve jobs a second meet workers that finish four, for ten minutes of an hour; then none arrive until the queue
/// has drained, `minutes` after the overload began.
fn overload(minutes: i64) -> World {
    let depth = |minute: i64| 480.0 * minute.min(10) as f64 - 240.0 * (minute - 10).max(0) as f64;
    world()
        .minutes("queue.arrivals", minutes, |_| Some(4.0))
        .of("mail")
        .minutes("queue.depth", minutes, |minute| Some(depth(minute).max(0.0)))
        .of("mail")
        .flat("queue.job_duration", 0.5)
        .of("mail")
}

#[test]
fn a_queue_that_grows_has_more_arrivals_than_completions() {
    // a = 6: with 7 workers the mean wait is 0.6138 service times.
    for minutes in [4, 10, 20, 30] {
        let needed = only(overload(minutes));
        assert!((needed.arrivals_per_second - 12.0).abs() < 1e-9, "after {minutes} minutes: {needed:?}");
        assert_eq!(needed.needed, 7, "after {minutes} minutes");
    }
}

#[test]
fn a_system_without_queues_needs_no_workers() {
    assert!(queue(4.0, 2.0).absent("queue").judge().workers.is_empty());
}

/// What is evaluated of the workers when the team says how many there are.
fn utilization(world: World, workers: f64) -> Option<f64> {
    let count = FactValue::Number(Quantity::new(workers, Unit::Count).unwrap());
    let assessment = world.fact("queue_workers", count).judge();
    let row =
        assessment.bottlenecks.iter().find(|row| row.signal == Some(signal_named("workers.utilization")))?;
    row.now.map(Quantity::value)
}

#[test]
fn busy_workers_are_arrivals_times_duration() {
    assert_eq!(utilization(queue(4.0, 2.0), 10.0), Some(0.8));
    // More than all cannot be busy.
    assert_eq!(utilization(overload(10), 4.0), Some(1.0));
    // What is measured wins.
    assert_eq!(utilization(queue(4.0, 2.0).flat("workers.utilization", 0.3), 10.0), Some(0.3));
}

#[test]
fn workers_of_a_queue_whose_jobs_take_an_unknown_time_are_not_computed() {
    assert_eq!(utilization(queue(4.0, 2.0).flat("queue.arrivals", 1.0).of("video"), 10.0), None);
    assert_eq!(utilization(queue(4.0, 2.0), 0.0), None);
}

#[test]
fn the_roadmaps_own_number_stands_beside_it() {
    let phases = "[[phases]]\nnumber = 1\ntitle = 'One'\nusers = [0]\n[[phases.actions]]\nid = '1.1'\n\
                  title = 'Workers'\ncomponent = 'workers'\nrelieves = ['queue.workers']\nfigures = { mail_workers = 3 }\n";
    let needed = only(queue(4.0, 2.0).phases(phases));
    assert_eq!(needed.stated.map(|stated| (stated.count, stated.action)), Some((3.0, "1.1".to_owned())));
}

#[test]
fn what_is_not_measured_is_not_computed() {
    assert!(world().flat("queue.arrivals", 4.0).of("mail").judge().workers.is_empty());
    assert!(world().flat("queue.job_duration", 2.0).of("mail").judge().workers.is_empty());
    assert!(queue(4.0, 0.0).judge().workers.is_empty());
}
