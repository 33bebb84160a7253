//! Properties of runways, and the rates and dates of known spend.

use proptest::prelude::*;

use super::*;

/// Monday, 30 November 2026, midnight.
const NOW: i64 = 1_795_996_800_000;

/// Totals of so many days of hours up to now.
fn totals(days: i64, per_hour: impl Fn(i64) -> f64) -> Spend {
    let mut total = 0.0;
    let hour = |hour: i64| {
        total += per_hour(hour);
        (NOW - (days * 24 - hour) * HOUR_MS, total)
    };
    Spend::from_totals((0..=days * 24).map(hour).collect::<Vec<_>>().into_iter(), HOUR_MS)
}

#[track_caller]
fn near(found: f64, expected: f64, by: f64) {
    assert!((found - expected).abs() <= by * expected.abs().max(1e-9), "{found} is not {expected}");
}

#[test]
fn an_even_spend_ends_when_it_is_spent() {
    let spend = totals(20, |_| 2.0);
    let found = runway(&spend, 240.0, NOW, NOW + 10 * DAY_MS).unwrap();
    near(found.per_day[1], 48.0, 0.001);
    near(found.until_end[1], 480.0, 0.001);
    assert!(found.exhausted.iter().all(|hours| hours.is_some_and(|hours| (119..=120).contains(&hours))));
    assert!((found.probability() - 1.0).abs() < 1e-12 && found.tells_weekends && found.days == 14);
}

#[test]
fn a_reset_before_exhaustion_gives_no_date() {
    let found = runway(&totals(20, |_| 2.0), 240.0, NOW, NOW + 4 * DAY_MS).unwrap();
    assert_eq!(found.exhausted, vec![None; FUTURES]);
    near(found.until_end[2], 192.0, 0.001);
}

#[test]
fn resets_are_no_negative_spend() {
    // 48 a day, reset every four days.
    let samples = (0..=20 * 24).map(|hour: i64| (NOW - (480 - hour) * HOUR_MS, (hour % 96) as f64 * 2.0));
    let spend = Spend::from_totals(samples, HOUR_MS);
    assert_eq!(spend.resets, 5);
    near(runway(&spend, 240.0, NOW, NOW + 9 * DAY_MS).unwrap().per_day[1], 48.0, 0.001);
}

#[test]
fn weekends_without_spend_make_it_last_longer() {
    let office = |hour: i64| {
        let at = NOW - (20 * 24 - hour) * HOUR_MS - HOUR_MS;
        let is_office = (8..18).contains(&at.div_euclid(HOUR_MS).rem_euclid(24));
        if is_office && !is_weekend(at) { 10.0 } else { 0.0 }
    };
    let spend = totals(20, office);
    // Friday evening ends the fifth day; what is left of 550 is spent on the Monday after that, at 13:00.
    let found = runway(&spend, 550.0, NOW, NOW + 14 * DAY_MS).unwrap();
    let hours: Vec<usize> = found.exhausted.iter().map(|hours| hours.unwrap()).collect();
    assert!(hours.iter().all(|hours| (7 * 24 + 11..=7 * 24 + 14).contains(hours)), "{hours:?}");
}

#[test]
fn after_a_change_only_the_days_since_count() {
    for (before, since) in [(2.0, 8.0), (8.0, 2.0)] {
        let spend = totals(20, |hour| if hour > 17 * 24 { since } else { before });
        let found = runway(&spend, 1e9, NOW, NOW + DAY_MS).unwrap();
        near(found.per_day[1], since * 24.0, 0.15);
        assert_eq!(found.days, 3);
    }
}

#[test]
fn newer_days_count_more() {
    // A tenth more each day, at last 48 a day.
    let spend = totals(14, |hour| 2.0 * 1.1_f64.powi(i32::try_from(hour / 24).unwrap() - 13));
    let [low, mid, high] = runway(&spend, 1e9, NOW, NOW + DAY_MS).unwrap().per_day;
    assert!(low > 20.0 && mid > 30.0 && high > 39.0, "{low} {mid} {high}");
}

#[test]
fn little_is_known_of_the_rate_of_some_hours_and_nothing_of_fewer() {
    let found = runway(&totals(0, |_| 2.0), 100.0, NOW, NOW + DAY_MS);
    assert_eq!(found, None);
    let hours = (0..=8).map(|hour| (NOW - (8 - hour) * HOUR_MS, hour as f64 * 2.0));
    let found = runway(&Spend::from_totals(hours, HOUR_MS), 100.0, NOW, NOW + DAY_MS).unwrap();
    assert!(found.days == 0 && found.per_day[0] < 28.0 && found.per_day[2] > 84.0, "{found:?}");
    assert_eq!(runway(&totals(20, |_| 2.0), 100.0, NOW, NOW), None, "the reset is due");
}

proptest! {
    #[test]
    fn spending_more_never_lasts_longer(
        hours in prop::collection::vec(0.0..9.0_f64, 24..400),
        more in 1.0..5.0_f64,
        left in 0.0..2000.0_f64,
        ahead in 1..60_i64,
    ) {
        let days = i64::try_from(hours.len()).unwrap();
        let of = |scale: f64| {
            let amounts = hours.iter().enumerate().map(|(hour, amount)| {
                (NOW - (days - i64::try_from(hour).unwrap()) * HOUR_MS, amount * scale)
            });
            runway(&Spend::from_amounts(amounts, HOUR_MS), left, NOW, NOW + ahead * DAY_MS).unwrap()
        };
        let (slow, fast) = (of(1.0), of(more));
        prop_assert!(slow.until_end.iter().zip(&fast.until_end).all(|(a, b)| *a <= b * (1.0 + 1e-12)));
        for (slow, fast) in slow.exhausted.iter().zip(&fast.exhausted) {
            let never = usize::MAX;
            prop_assert!(fast.unwrap_or(never) <= slow.unwrap_or(never));
        }
    }
}
