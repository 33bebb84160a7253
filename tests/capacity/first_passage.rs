//! Which limit is reached first.

use proptest::prelude::*;
use scale_advisor::capacity::{
    demand::{Relation, Shape},
    first_passage::{Arrivals, Course, race},
    growth::{History, Paths, forecast},
};

use super::close;

/// Futures of something that grows by `rate` a day from 100, with a little noise.
fn growing(rate: f64) -> Paths {
    growing_for(rate, 60)
}

/// The same for some days.
fn growing_for(rate: f64, days_ahead: usize) -> Paths {
    let value = |day: i32| 100.0 * (rate * f64::from(day - 89) + 0.01 * f64::from((day * 37) % 11 - 5)).exp();
    let days: Vec<i32> = (0..90).collect();
    let values: Vec<f64> = days.iter().map(|day| value(*day)).collect();
    forecast(&History::new(&days, &values).unwrap(), days_ahead).paths
}

/// How likely each is to be the first.
fn shares(load: &Paths, courses: &[Course<'_>]) -> Vec<Option<f64>> {
    race(load, courses).passages.iter().map(|passage| passage.probability_first).collect()
}

#[test]
fn the_smaller_load_is_first() {
    let load = growing(0.005);
    let race = race(&load, &[Course::Load(&[130.0, 131.0]), Course::Load(&[120.0]), Course::Load(&[])]);
    let shares: Vec<Option<f64>> = race.passages.iter().map(|passage| passage.probability_first).collect();
    assert_eq!(shares, [Some(0.0), Some(1.0), Some(0.0)]);
    assert_eq!(race.first, race.passages[1].crossing);
    assert_eq!(race.passages[1].load, Some([120.0; 3]));
    assert_eq!(race.passages[1].crossing, load.reach(120.0));
    assert_eq!((race.passages[2].load, race.passages[2].crossing.probability), (None, 0.0));
}

#[test]
fn doubt_about_the_load_is_shared() {
    let shares = shares(&growing(0.005), &[Course::Load(&[110.0, 130.0]), Course::Load(&[120.0])]);
    close(shares[0].unwrap(), 0.5, 0.1);
    close(shares.iter().flatten().sum(), 1.0, 1e-9);
}

#[test]
fn beyond_the_horizon_the_smaller_load_decides() {
    let race = race(&growing(0.0), &[Course::Load(&[900.0]), Course::Load(&[800.0])]);
    assert_eq!(race.passages[1].probability_first, Some(1.0));
    assert_eq!((race.first.probability, race.first.low), (0.0, None));
}

#[test]
fn what_fills_by_itself_runs_along() {
    let disk = growing(0.02);
    let own =
        |limit| race(&growing(0.001), &[Course::Load(&[120.0]), Course::Own(&Arrivals::new(&disk, limit))]);
    let full = own(150.0);
    assert!(full.passages[1].probability_first > Some(0.9) && full.passages[1].load.is_none());
    // Neither ends within the 60 days: the disk may well be the first afterwards.
    let roomy = own(1e6);
    assert!(roomy.passages.iter().all(|passage| passage.probability_first.is_none()));
    assert!(race(&disk, &[]).passages.is_empty());
}

#[test]
fn nobody_wins_for_being_known_for_longer() {
    let (load, disk) = (growing_for(0.01, 20), growing_for(0.005, 180));
    // The load gets there in 29 days, the disk in 100.
    let found = shares(&load, &[Course::Load(&[134.0]), Course::Own(&Arrivals::new(&disk, 165.0))]);
    assert!(found[0].is_none_or(|first| first > 0.9), "{found:?}");
    // The other way round: the disk ends 15 days after its last known one, the load years later.
    let (load, disk) = (growing_for(0.001, 120), growing_for(0.01, 30));
    let found = shares(&load, &[Course::Load(&[1000.0]), Course::Own(&Arrivals::new(&disk, 157.0))]);
    assert!(found[1].is_none_or(|first| first > 0.9), "{found:?}");
}

#[test]
fn what_the_load_never_ends_does_not_hinder_the_others() {
    let disk = Arrivals::new(&growing_for(0.01, 180), 200.0);
    let never = [Course::Load(&[f64::INFINITY]), Course::Load(&[]), Course::Own(&disk)];
    assert_eq!(shares(&growing_for(0.001, 20), &never), [Some(0.0), Some(0.0), Some(1.0)]);
}

#[test]
fn what_has_ended_is_first_and_the_same_day_is_shared() {
    let (load, disk) = (growing(0.001), growing(0.001));
    let (fifty, far) = (Arrivals::new(&disk, 50.0), Arrivals::new(&disk, 1e6));
    let (full, busy) = (Course::Own(&fifty), Course::Load(&[50.0]));
    assert_eq!(shares(&load, &[full, busy]), [Some(0.5), Some(0.5)]);
    assert_eq!(shares(&load, &[full, busy, Course::Load(&[60.0])]), [Some(0.5), Some(0.5), Some(0.0)]);
    assert_eq!(shares(&load, &[busy, Course::Ended, full]), [Some(0.0), Some(1.0), Some(0.0)]);
    let ended = race(&load, &[Course::Ended, Course::Own(&far)]);
    assert_eq!((ended.passages[0].crossing.high, ended.first.low), (Some(0), Some(0)));
}

#[test]
fn what_grows_besides_ends_sooner_than_the_load_alone_says() {
    let relation =
        |own| Relation { shape: Shape::Line, background: 0.0, amount: 1.0, more: 0.0, own, unit: 1.0 };
    let load = growing_for(0.001, 90);
    let end = |own| race(&load, &[Course::LoadAndTime(&[relation(own)], 160.0)]).passages[0];
    // A load of 100 and 1.2 a day besides: 60 are gone in 45 days.
    let (still, leaking) = (end(0.0), end(1.2));
    assert_eq!(still.crossing.low, None);
    assert!(leaking.crossing.mid.is_some_and(|mid| mid.abs_diff(45) <= 6), "{leaking:?}");
    close(leaking.load.unwrap()[1], 160.0, 1e-9);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn shares_add_up_and_the_first_is_never_later(limits in prop::collection::vec(101.0f64..140.0, 1..6)) {
        let draws: Vec<Vec<f64>> = limits.iter().map(|limit| vec![*limit, limit * 1.05]).collect();
        let courses: Vec<Course<'_>> = draws.iter().map(|draws| Course::Load(draws)).collect();
        let race = race(&growing(0.004), &courses);
        let all: f64 = race.passages.iter().filter_map(|passage| passage.probability_first).sum();
        prop_assert!((all - 1.0).abs() < 1e-9);
        let day = |day: Option<usize>| day.unwrap_or(usize::MAX);
        for passage in &race.passages {
            prop_assert!(race.first.probability >= passage.crossing.probability);
            prop_assert!(day(race.first.mid) <= day(passage.crossing.mid));
        }
    }
}
