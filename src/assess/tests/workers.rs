//! How many workers a queue needs, against values of Erlang C.

use super::world::{World, world};
use crate::assess::WorkersNeeded;

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

#[test]
fn a_queue_that_grows_has_more_arrivals_than_departures() {
    let growing = queue(4.0, 2.0).minutes("queue.depth", 60, |minute| Some(60.0 * minute as f64)).of("mail");
    let needed = only(growing);
    assert!((needed.arrivals_per_second - 5.0).abs() < 1e-9, "{needed:?}");
    assert_eq!(needed.needed, 11);
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
