//! The demand map on data with a known truth.

use proptest::prelude::*;
use scale_advisor::capacity::{
    demand::{Demand, DemandError, Grade, Samples, Saturation, Strictness, fit},
    random::Random,
};

use super::close;

/// Hours of a load with a daily wave and growth, and a signal made from it.
struct Hours {
    load: Vec<f64>,
    signal: Vec<f64>,
    day: Vec<i32>,
}

impl Hours {
    fn new(days: i32, seed: u64, signal: impl Fn(f64, &mut Random) -> f64) -> Self {
        let mut random = Random::new(seed);
        let mut hours = Self { load: Vec::new(), signal: Vec::new(), day: Vec::new() };
        for hour in 0..days * 24 {
            let wave = (std::f64::consts::TAU * f64::from(hour) / 24.0).sin();
            let load = 200.0 + 100.0 * wave + 5.0 * random.normal();
            hours.load.push(load);
            hours.signal.push(signal(load, &mut random));
            hours.day.push(hour / 24);
        }
        hours
    }

    fn samples(&self) -> Samples<'_> {
        Samples { load: &self.load, signal: &self.signal, day: &self.day }
    }

    fn fit(&self) -> Result<Demand, DemandError> {
        fit(self.samples(), Strictness::HourlyMean)
    }
}

/// Connections as 4 and 0.24 for each user.
fn connections(days: i32) -> Hours {
    Hours::new(days, 4, |load, random| 4.0 + 0.24 * load + random.normal())
}

#[test]
fn the_load_at_the_limit_is_found() {
    let demand = connections(28).fit().unwrap();
    close(demand.per_load, 0.24, 0.02);
    assert!(!demand.bent && !demand.flattens && demand.steepest.is_none());
    assert!(demand.changed.is_none() && demand.own.is_none() && demand.wall.is_none());
    assert!(demand.explained > 0.99, "{}", demand.explained);
    let saturation = demand.saturation(97.0);
    let truth = 93.0 / 0.24;
    close(saturation.mid, truth, 0.01);
    assert!(saturation.low < truth && truth < saturation.high, "{saturation:?}");
    assert!(saturation.high < 1.05 * truth);
    assert_eq!((saturation.grade, saturation.extrapolated), (Grade::A, false));
    assert_eq!(saturation.draws.len(), 400);
}

#[test]
fn grades_follow_days_and_distance() {
    let grade = |days, limit| connections(days).fit().unwrap().saturation(limit).grade;
    assert_eq!([grade(28, 97.0), grade(28, 150.0), grade(28, 400.0)], [Grade::A, Grade::B, Grade::C]);
    assert_eq!([grade(14, 97.0), grade(10, 97.0)], [Grade::B, Grade::C]);
}

#[test]
fn far_loads_are_said_to_be_extrapolated() {
    let demand = connections(28).fit().unwrap();
    let far = demand.saturation(400.0);
    let near = demand.saturation(97.0);
    let width = |saturation: &Saturation| (saturation.high - saturation.low) / saturation.mid;
    assert!(far.extrapolated && width(&far) > 2.0 * width(&near), "{far:?}");
    let reached = demand.saturation(1.0);
    assert!(reached.mid.abs() < 1e-12 && reached.grade == Grade::A);
}

#[test]
fn busy_minutes_may_saturate_earlier() {
    let hours = Hours::new(28, 3, |load, random| 0.05 + 0.002 * load + 0.05 * random.normal());
    let at = |strictness| fit(hours.samples(), strictness).unwrap().saturation(0.8);
    // The middle stays where the mean hour ends; the low end allows for an hour of the worst 10% of the upper half.
    let earlier = at(Strictness::HourlyMean).low - at(Strictness::BusyMinutes).low;
    assert!((0.4..1.2).contains(&(earlier / (1.645 * 0.05 / 0.002))), "{earlier}");
    close(at(Strictness::HourlyMean).mid, at(Strictness::BusyMinutes).mid, 0.03);
}

#[test]
fn a_release_today_gives_no_load_and_says_so() {
    let mut hours = connections(28);
    hours.signal.iter_mut().skip(26 * 24).for_each(|signal| *signal *= 1.6);
    let refused = hours.fit().unwrap_err();
    assert!(matches!(refused, DemandError::Disagrees { days: 2, by } if by > 0.4), "{refused:?}");
}

#[test]
fn a_release_is_told_and_only_what_came_after_counts() {
    let mut hours = connections(28);
    hours.signal.iter_mut().skip(18 * 24).for_each(|signal| *signal *= 0.57);
    let demand = hours.fit().unwrap();
    let changed = demand.changed.unwrap();
    assert_eq!(changed.day, 18);
    close(changed.by, -0.43, 0.05);
    let saturation = demand.saturation(97.0);
    let truth = (97.0 / 0.57 - 4.0) / 0.24;
    assert!(saturation.low < truth && truth < saturation.high, "{saturation:?}");
    assert_eq!(demand.days, 10);
}

#[test]
fn a_cap_before_the_limit_is_the_wall() {
    let mut hours = connections(28);
    hours.signal.iter_mut().for_each(|signal| *signal = signal.min(64.0));
    let demand = hours.fit().unwrap();
    assert_eq!(demand.wall, Some(64.0));
    close(demand.saturation(97.0).mid, 60.0 / 0.24, 0.02);
    // A limit before the cap is the limit.
    close(demand.saturation(50.0).mid, 46.0 / 0.24, 0.02);
}

#[test]
fn what_cannot_be_known_is_refused() {
    let refused = |hours: &Hours| hours.fit().unwrap_err();
    assert_eq!(refused(&connections(9)), DemandError::TooFewDays { days: 9 });
    let noise = Hours::new(28, 1, |_, random| random.normal());
    assert!(matches!(refused(&noise), DemandError::Unrelated { explained } if explained < 0.1));
    let falling = Hours::new(28, 1, |load, random| 100.0 - 0.2 * load + random.normal());
    assert_eq!(refused(&falling), DemandError::NoDemand);
    let mut even = connections(28);
    even.load.iter_mut().for_each(|load| *load = 1000.0 + *load * 0.1);
    assert!(matches!(refused(&even), DemandError::LoadTooEven { ratio } if ratio < 1.1));
    let mut torn = connections(28);
    torn.signal.pop();
    assert_eq!(refused(&torn), DemandError::Invalid);
    assert_eq!(
        fit(Samples { load: &[], signal: &[], day: &[] }, Strictness::HourlyMean),
        Err(DemandError::TooFewDays { days: 0 })
    );
}

#[test]
fn a_line_that_bends_upwards_is_continued_by_its_upper_part() {
    let knee = |load: f64| 0.001 * load + 0.004 * (load - 270.0).max(0.0);
    let hours = Hours::new(28, 5, |load, random| knee(load) + 0.01 * random.normal());
    let demand = hours.fit().unwrap();
    assert!(demand.bent);
    let mid = demand.saturation(0.8).mid;
    let truth = 270.0 + (0.8 - 0.27) / 0.005;
    close(mid, truth, 0.08);
}

#[test]
fn an_inaccurate_load_is_bracketed() {
    let mut hours = Hours::new(28, 5, |load, random| 4.0 + 0.24 * load + random.normal());
    let mut random = Random::new(8);
    for load in &mut hours.load {
        *load = (*load + 40.0 * random.normal()).max(1.0);
    }
    let demand = hours.fit().unwrap();
    let saturation = demand.saturation(97.0);
    let truth = 93.0 / 0.24;
    assert!(demand.explained < 0.9 && saturation.mid > 1.05 * truth, "the line alone is too hopeful");
    assert!(saturation.low <= truth, "the pessimistic end is not: {}", saturation.low);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn units_do_not_matter(load_unit in 1e-3f64..1e6, signal_unit in 1e-6f64..1e6) {
        let mut hours = connections(20);
        let first = hours.fit().unwrap().saturation(97.0);
        hours.load.iter_mut().for_each(|load| *load *= load_unit);
        hours.signal.iter_mut().for_each(|signal| *signal *= signal_unit);
        let other = hours.fit().unwrap().saturation(97.0 * signal_unit);
        prop_assert!((other.mid / load_unit / first.mid - 1.0).abs() < 0.01);
        prop_assert_eq!(first.grade, other.grade);
    }

    #[test]
    fn a_higher_limit_is_reached_at_a_higher_load(limit in 10.0f64..500.0) {
        let demand = connections(20).fit().unwrap();
        let (first, other) = (demand.saturation(limit), demand.saturation(limit * 1.1));
        prop_assert!(first.low <= first.mid && first.mid <= first.high);
        prop_assert!(first.mid < other.mid && first.low < other.low);
    }
}
