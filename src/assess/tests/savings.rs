//! Target bands that are missed because of spare capacity.

use super::world::{DAY, World, finding, world};
use crate::{
    assess::{Assessment, Verdict},
    signal::Quantity,
};

const BAND: &str = "{ signal = 'workers.utilization', aggregate = 'avg', inside = ['60%', '80%'] }";

fn workers(used: f64) -> World {
    world().objective("busy", BAND).flat("workers.utilization", used)
}

#[track_caller]
fn none(assessment: &Assessment) {
    assert!(assessment.savings.is_empty(), "{:#?}", assessment.savings);
}

#[test]
fn idle_workers_are_a_saving_and_no_alarm() {
    let assessment = workers(0.35).out_of(20.0).judge();
    let [saving] = assessment.savings.as_slice() else { panic!("{:#?}", assessment.savings) };
    assert_eq!((saving.id.as_str(), saving.present, saving.needed), ("saving:busy", Some(20), Some(10)));
    assert!((saving.share - 0.5).abs() < 1e-9 && (saving.target.value() - 0.7).abs() < 1e-9);
    assert_eq!(saving.band_from.map(Quantity::value), Some(0.6));
    assert_eq!(finding(&assessment, "objective:busy").verdict, Verdict::Ok);
}

#[test]
fn where_nobody_counted_the_share_is_told() {
    let assessment = workers(0.35).judge();
    let saving = &assessment.savings[0];
    assert_eq!((saving.present, saving.needed), (None, None));
    assert!((saving.share - 0.5).abs() < 1e-9);
}

#[test]
fn within_or_beyond_the_band_nothing_is_saved() {
    none(&workers(0.6).judge());
    none(&workers(0.7).judge());
    let busy = workers(0.95).judge();
    none(&busy);
    assert_eq!(finding(&busy, "objective:busy").verdict, Verdict::Warning);
    none(&world().objective("busy", BAND).judge());
}

#[test]
fn what_the_busy_hour_needs_is_not_idle() {
    let uneven = |peak: f64| {
        let busy_hour = move |minute: i64| Some(if (600..660).contains(&minute) { peak } else { 0.2 });
        world().objective("busy", BAND).minutes("workers.utilization", DAY, busy_hour).judge()
    };
    none(&uneven(0.9));
    none(&uneven(0.7)); // idle at night, but no more than enough by day
    let share = uneven(0.42).savings[0].share;
    assert!((share - 0.4).abs() < 1e-9, "{share}");
}

#[test]
fn the_last_one_is_needed_even_when_idle() {
    none(&workers(0.01).out_of(1.0).judge());
    assert_eq!(workers(0.0).out_of(4.0).judge().savings[0].needed, Some(1));
}

#[test]
fn each_idle_instance_is_told() {
    let two = workers(0.2).of("mail").flat("workers.utilization", 0.7).of("intent");
    let assessment = two.judge();
    let names: Vec<_> = assessment.savings.iter().map(|saving| saving.instance.as_deref()).collect();
    assert_eq!(names, [Some("mail")]);
}
