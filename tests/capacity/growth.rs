//! What holds for every forecast.

use proptest::prelude::*;
use scale_advisor::capacity::{
    growth::{Forecast, History, NotEnough, forecast},
    random::Random,
};

use super::{
    close,
    simulate::{Kind, series},
};

fn numbered(values: &[f64]) -> Result<History, NotEnough> {
    let days: Vec<i32> = (0..).take(values.len()).collect();
    History::new(&days, values)
}

fn simulated(seed: u64, kind: Kind, days: usize) -> Vec<f64> {
    series(&mut Random::new(seed), kind, days, 0).into_iter().map(f64::exp).collect()
}

fn continued(values: &[f64], days: usize) -> Forecast {
    forecast(&numbered(values).unwrap(), days)
}

#[test]
fn too_short_or_broken_histories_are_refused() {
    assert_eq!(numbered(&[1.0; 13]), Err(NotEnough::Days { days: 13 }));
    assert!(numbered(&[1.0; 14]).is_ok());
    assert_eq!(numbered(&[1.0, f64::NAN]), Err(NotEnough::Invalid { index: 1 }));
    assert_eq!(History::new(&[0, 0], &[1.0, 1.0]), Err(NotEnough::Invalid { index: 1 }));
    assert_eq!(History::new(&[i32::MIN, i32::MAX], &[1.0, 1.0]), Err(NotEnough::Days { days: 2 }));
    let sparse: Vec<i32> = (0..20).map(|day| day * 3).collect();
    assert_eq!(History::new(&sparse, &[1.0; 20]), Err(NotEnough::Gaps { missing: 38, days: 58 }));
}

#[test]
fn a_few_missing_days_and_outages_change_little() {
    let values = simulated(1, Kind::Linear, 120);
    let whole = continued(&values, 30);
    let mut broken = values.clone();
    broken[40] = 0.0;
    let kept: Vec<usize> = (0..120).filter(|day| ![7, 8, 60, 100].contains(day)).collect();
    let days: Vec<i32> = kept.iter().map(|day| i32::try_from(*day).unwrap()).collect();
    let values: Vec<f64> = kept.iter().map(|day| broken[*day]).collect();
    let history = History::new(&days, &values).unwrap();
    assert_eq!((history.days(), history.observed()), (120, 115));
    let patched = forecast(&history, 30);
    for (first, other) in whole.paths.bands().iter().zip(patched.paths.bands()) {
        close(first[3], other[3], 0.05);
    }
}

#[test]
fn a_steady_figure_stays() {
    let forecast = continued(&[42.0; 90], 60);
    for band in forecast.paths.bands() {
        for value in band {
            close(value, 42.0, 1e-6);
        }
    }
    assert!(!forecast.growth.is_distinguishable() && forecast.change.is_none());
    let crossing = forecast.paths.reach(43.0);
    assert_eq!((crossing.probability, crossing.low), (0.0, None));
    assert_eq!(forecast.paths.reach(42.0 - 1e-4).high, Some(0));
}

#[test]
fn a_clear_growth_reaches_its_limit_on_the_day() {
    // 0.5% a day: from 100 to 180 in 117.6 days, of which 90 are past.
    let mut random = Random::new(5);
    let values: Vec<f64> =
        (0..90).map(|day| 100.0 * (0.005 * f64::from(day) + 0.01 * random.normal()).exp()).collect();
    let forecast = continued(&values, 60);
    assert!(forecast.growth.is_distinguishable());
    close(forecast.growth.mid, 0.15_f64.exp_m1(), 0.05);
    let crossing = forecast.paths.reach(180.0);
    let (low, mid) = (crossing.low.unwrap(), crossing.mid.unwrap());
    assert!(
        low <= 28 && (20..=36).contains(&mid) && crossing.high.is_none_or(|high| high >= 27),
        "{crossing:?}"
    );
    assert!(crossing.probability > 0.9, "{crossing:?}");
}

#[test]
fn no_growth_gives_no_date() {
    for seed in 0..20 {
        let values = simulated(seed, Kind::Flat, 90);
        let crossing = continued(&values, 60).paths.reach(100.0 * 1.8);
        assert_eq!(crossing.mid, None, "{crossing:?}");
    }
}

#[test]
fn growth_is_told_from_none_as_often_as_it_claims() {
    let told =
        (0..200).filter(|seed| continued(&simulated(*seed, Kind::Flat, 90), 1).growth.is_distinguishable());
    // 10% by construction.
    assert!((5..=35).contains(&told.count()));
    let told = (0..50)
        .filter(|seed| continued(&simulated(*seed, Kind::HeavyTails, 90), 1).growth.is_distinguishable());
    assert!(told.count() >= 48);
}

#[test]
fn a_change_of_the_trend_is_seen_and_rarely_imagined() {
    let seen =
        |kind| (0..100).filter(|seed| continued(&simulated(*seed, kind, 90), 1).change.is_some()).count();
    assert!(seen(Kind::SlopeChange) >= 45, "{}", seen(Kind::SlopeChange));
    assert!(seen(Kind::Flat) <= 10, "{}", seen(Kind::Flat));
    assert!(seen(Kind::Linear) <= 15, "{}", seen(Kind::Linear));
    // And it is what it is: a faster growth since.
    let change = |seed| continued(&simulated(seed, Kind::SlopeChange, 90), 1).change;
    let right = (0..100)
        .filter_map(change)
        .filter(|change| change.step.is_some() || change.errors > 3.0 && change.since > change.before);
    let right = right.count();
    assert!(right * 10 >= seen(Kind::SlopeChange) * 8, "{right}");
}

/// What grows by the same amount each day, with noise and weekends in proportion to the level.
fn straight(seed: u64, [from, to]: [f64; 2], days: u32, noise: f64, weekend: f64) -> Vec<f64> {
    let mut random = Random::new(seed);
    let mut value = |day: u32| {
        let line = from + (to - from) * f64::from(day + 1) / f64::from(days);
        line * if day % 7 >= 5 { weekend } else { 1.0 } * (1.0 + noise * random.normal())
    };
    (0..days).map(&mut value).collect()
}

#[test]
fn a_straight_line_has_no_change_and_ends_on_its_day() {
    let changed = |series: &dyn Fn(u64) -> Vec<f64>| {
        (0..12).filter(|seed| continued(&series(*seed), 1).change.is_some()).count()
    };
    let disk = |seed| straight(seed, [0.3, 0.7], 180, 0.006, 1.0);
    assert!(changed(&disk) <= 2, "{}", changed(&disk));
    let short = |seed| straight(seed, [0.4, 0.6], 90, 0.006, 1.0);
    assert!(changed(&short) <= 1, "{}", changed(&short));
    let load = |seed| straight(seed, [100.0, 150.0], 90, 0.01, 0.75);
    // At this noise the likelihood does not always speak clearly for the line.
    assert!(changed(&load) <= 3, "{}", changed(&load));
    for seed in 0..6 {
        // 0.3 are left, at 0.4 in 180 days.
        let forecast = continued(&disk(seed), 180);
        let mid = forecast.paths.reach(1.0).mid.unwrap();
        assert!(mid.abs_diff(135) <= 14, "{mid}");
        // A month's part of the present level.
        assert!(forecast.growth.relative);
        close(forecast.growth.mid, 30.0 * 0.4 / 180.0 / 0.7, 0.05);
    }
}

#[test]
fn a_straight_fall_is_never_more_than_all_there_is() {
    let growth = continued(&straight(1, [100.0, 12.0], 90, 0.002, 1.0), 30).growth;
    assert!(growth.relative && growth.is_distinguishable());
    assert!(growth.low >= -1.0 && growth.high < 0.0, "{growth:?}");
}

#[test]
fn weekends_of_a_straight_line_grow_with_it() {
    let values = straight(3, [100.0, 200.0], 180, 0.01, 0.5);
    let bands = continued(&values, 28).paths.bands();
    for (day, band) in (180_u32..).zip(&bands) {
        let line = 100.0 + 100.0 * f64::from(day + 1) / 180.0;
        close(band[3], line * if day % 7 >= 5 { 0.5 } else { 1.0 }, 0.03);
    }
}

#[test]
fn days_of_the_week_and_seasons_come_back() {
    let mut random = Random::new(9);
    let mut day = |day: i32| {
        let weekend = if day.rem_euclid(7) >= 5 { 0.5 } else { 1.0 };
        let year = (std::f64::consts::TAU * f64::from(day) / 365.2425).sin();
        1000.0 * weekend * (0.3 * year + 0.02 * random.normal()).exp()
    };
    let values: Vec<f64> = (0..1000).map(&mut day).collect();
    let truth: Vec<f64> = (1000..1060).map(&mut day).collect();
    let forecast = continued(&values, 60);
    assert!(forecast.yearly);
    let bands = forecast.paths.bands();
    let within = bands.iter().zip(&truth).filter(|(band, value)| band[0] <= **value && **value <= band[6]);
    assert!(within.count() >= 48);
    for (band, value) in bands.iter().zip(&truth) {
        close(band[3], *value, 0.25);
    }
    assert!(!continued(&values[..700], 1).yearly, "one year shows no cycle");
}

#[test]
fn figures_that_are_zero_or_negative_are_continued_too() {
    let zeros: Vec<f64> =
        (0..60).map(|day| if day % 7 == 6 { 0.0 } else { 10.0 + f64::from(day % 3) }).collect();
    assert!(continued(&zeros, 30).paths.bands().iter().all(|band| band[0] >= 0.0));
    let negative: Vec<f64> = (0..60).map(|day| f64::from(day % 5) - 20.0).collect();
    assert!(continued(&negative, 30).paths.bands().iter().all(|band| band[6] < 0.0));
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop::sample::select(super::simulate::KINDS.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn bands_are_ordered_and_dates_too(kind in kinds(), seed in 0u64..1000, days in 14usize..200) {
        let values = simulated(seed, kind, days);
        let forecast = continued(&values, 40);
        for band in forecast.paths.bands() {
            prop_assert!(band.is_sorted() && band[0] > 0.0 && band[6].is_finite());
        }
        let mut before = 1.0;
        for limit in [0.5, 0.9, 1.0, 1.1, 1.5, 3.0].map(|share| share * values[days - 1]) {
            let crossing = forecast.paths.reach(limit);
            prop_assert!((0.0..=before).contains(&crossing.probability), "a higher limit is no likelier");
            before = crossing.probability;
            let day = |day: Option<usize>| day.unwrap_or(usize::MAX);
            prop_assert!(day(crossing.low) <= day(crossing.mid) && day(crossing.mid) <= day(crossing.high));
            prop_assert_eq!(crossing.mid.is_some(), crossing.probability >= 0.5);
        }
    }

    #[test]
    fn the_same_history_gives_the_same_futures_and_more_days_only_add(kind in kinds(), seed in 0u64..1000) {
        let values = simulated(seed, kind, 90);
        let (short, long) = (continued(&values, 20), continued(&values, 50));
        prop_assert!(short == continued(&values, 20));
        for day in 0..20 {
            prop_assert!(short.paths.day(day) == long.paths.day(day), "day {day}");
        }
        let later = long.paths.from_day(20);
        prop_assert!(later.day(3) == long.paths.day(23));
    }

    #[test]
    fn units_do_not_matter(kind in kinds(), seed in 0u64..1000, unit in 1e-6f64..1e9) {
        let values = simulated(seed, kind, 90);
        let scaled: Vec<f64> = values.iter().map(|value| value * unit).collect();
        let (first, other) = (continued(&values, 30), continued(&scaled, 30));
        // Other bits, other random numbers: equal but for the error of 1,600 futures.
        for (first, other) in first.paths.bands().iter().zip(other.paths.bands()) {
            prop_assert!((other[3] / unit / first[3]).ln().abs() < 0.1);
        }
        prop_assert!((first.growth.mid - other.growth.mid).abs() < 1e-9);
    }

    #[test]
    fn any_values_are_continued_or_refused(values in prop::collection::vec(-1e12f64..1e12, 0..80), days in 0usize..70) {
        if let Ok(history) = numbered(&values) {
            for band in forecast(&history, days).paths.bands() {
                prop_assert!(band.iter().all(|value| value.is_finite()));
            }
        }
    }
}
