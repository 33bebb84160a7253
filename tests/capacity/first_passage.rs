//! Which limit is reached first.

use proptest::prelude::*;
use scale_advisor::capacity::{
    first_passage::{Course, race},
    growth::{History, Paths, forecast},
};

use super::close;

/// Futures of something that grows by `rate` a day from 100, with a little noise.
fn growing(rate: f64) -> Paths {
    let value = |day: i32| 100.0 * (rate * f64::from(day - 89) + 0.01 * f64::from((day * 37) % 11 - 5)).exp();
    let days: Vec<i32> = (0..90).collect();
    let values: Vec<f64> = days.iter().map(|day| value(*day)).collect();
    forecast(&History::new(&days, &values).unwrap(), 60).paths
}

#[test]
fn the_smaller_load_is_first() {
    let load = growing(0.005);
    let race = race(&load, &[Course::Load(&[130.0, 131.0]), Course::Load(&[120.0]), Course::Load(&[])]);
    let shares: Vec<f64> = race.passages.iter().map(|passage| passage.probability_first).collect();
    assert_eq!(shares, [0.0, 1.0, 0.0]);
    assert_eq!(race.first, race.passages[1].crossing);
    assert_eq!(race.passages[1].load, Some([120.0; 3]));
    assert_eq!(race.passages[1].crossing, load.reach(120.0));
    assert_eq!((race.passages[2].load, race.passages[2].crossing.probability), (None, 0.0));
}

#[test]
fn doubt_about_the_load_is_shared() {
    let race = race(&growing(0.005), &[Course::Load(&[110.0, 130.0]), Course::Load(&[120.0])]);
    close(race.passages[0].probability_first, 0.5, 0.1);
    close(race.passages.iter().map(|passage| passage.probability_first).sum(), 1.0, 1e-9);
}

#[test]
fn beyond_the_horizon_the_smaller_load_decides() {
    let race = race(&growing(0.0), &[Course::Load(&[900.0]), Course::Load(&[800.0])]);
    close(race.passages[1].probability_first, 1.0, 1e-12);
    assert_eq!((race.first.probability, race.first.low), (0.0, None));
}

#[test]
fn what_fills_by_itself_runs_along() {
    let disk = growing(0.02);
    let own = |limit| race(&growing(0.001), &[Course::Load(&[120.0]), Course::Own(&disk, limit)]);
    let full = own(150.0);
    assert!(full.passages[1].probability_first > 0.9 && full.passages[1].load.is_none());
    let roomy = own(1e6);
    close(roomy.passages[0].probability_first, 1.0, 1e-12);
    assert!(race(&disk, &[]).passages.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn shares_add_up_and_the_first_is_never_later(limits in prop::collection::vec(101.0f64..140.0, 1..6)) {
        let draws: Vec<Vec<f64>> = limits.iter().map(|limit| vec![*limit, limit * 1.05]).collect();
        let courses: Vec<Course<'_>> = draws.iter().map(|draws| Course::Load(draws)).collect();
        let race = race(&growing(0.004), &courses);
        let all: f64 = race.passages.iter().map(|passage| passage.probability_first).sum();
        prop_assert!((all - 1.0).abs() < 1e-9);
        let day = |day: Option<usize>| day.unwrap_or(usize::MAX);
        for passage in &race.passages {
            prop_assert!(race.first.probability >= passage.crossing.probability);
            prop_assert!(day(race.first.mid) <= day(passage.crossing.mid));
        }
    }
}
