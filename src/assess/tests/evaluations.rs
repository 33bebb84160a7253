//! Evaluations against limits: the peak hour, spikes and durations, ceilings, and what is said about them.

use super::world::{DAY, World, bottleneck, finding, json, next, world};
use crate::{
    assess::{Assessment, RankingReason, Status, Verdict},
    signal::Quantity,
};

#[track_caller]
fn check(world: World, id: &str, verdict: Verdict, words: &[&str]) -> Assessment {
    let assessment = world.judge();
    let found = finding(&assessment, id);
    let reason = json(&found.reason);
    assert_eq!(found.verdict, verdict, "{reason}");
    for word in words {
        assert!(reason.contains(word), "no {word} in {reason}");
    }
    assessment
}

/// A day with one stretch of minutes at another value.
fn stretch(signal: &str, usual: f64, minutes: std::ops::Range<i64>, value: f64) -> World {
    world().minutes(signal, DAY, move |minute| Some(if minutes.contains(&minute) { value } else { usual }))
}

#[test]
fn the_peak_hour_is_evaluated_and_not_the_mean() {
    // Two peak hours of 24: the mean is 27 %.
    let world = stretch("postgres.connections", 0.2, 600..720, 0.85).out_of(97.0);
    let words = [
        r#""value":{"value":0.85,"unit":"ratio"},"capacity":{"value":97.0,"unit":"count"}"#,
        r#""at":{"value":0.8,"#,
        r#""required_seconds":300.0"#,
        r#""longest_seconds":7140.0"#,
    ];
    let assessment = check(world, "threshold:postgres.connections", Verdict::Warning, &words);
    let connections = bottleneck(&assessment, "postgres.connections");
    assert_eq!(connections.now.map(Quantity::value), Some(0.85));
    assert!((connections.headroom.unwrap() - 0.15).abs() < 1e-9);
    assert_eq!(next(&assessment), "postgres.connections");
}

#[test]
fn a_spike_shorter_than_its_duration_is_no_finding() {
    // 14 minutes of a limit that asks for 15: the peak hour's p95 is beyond it, the finding is not.
    let world = stretch("host.cpu", 0.2, 600..615, 0.97);
    let words = [
        r#""at":{"value":0.8,"#,
        r#""beyond":true"#,
        r#""required_seconds":900.0"#,
        r#""longest_seconds":840.0"#,
    ];
    let assessment = check(world, "threshold:host.cpu", Verdict::Ok, &words);
    assert_eq!(next(&assessment), "");
    check(
        stretch("host.cpu", 0.2, 600..616, 0.97),
        "threshold:host.cpu",
        Verdict::Critical,
        &[r#""longest_seconds":900.0"#],
    );
}

#[test]
fn a_single_reading_is_judged_by_itself_and_says_so() {
    let world = world().spot("postgres.connections", 92.0 / 97.0).out_of(97.0);
    let words = [r#""samples":1,"#, r#""at":{"value":0.9,"#];
    let assessment = check(world, "threshold:postgres.connections", Verdict::Critical, &words);
    assert_eq!(finding(&assessment, "threshold:postgres.connections").samples, 1);
}

#[test]
fn too_short_a_history_is_unknown_whatever_it_shows() {
    let words = [r#""at":{"value":0.8,"#, r#""verdict":"unknown""#, r#""required_seconds":900.0"#];
    for value in [0.2, 0.99] {
        let world = world().minutes("host.cpu", 5, |_| Some(value));
        let assessment = check(world, "threshold:host.cpu", Verdict::Unknown, &words);
        assert_eq!(bottleneck(&assessment, "host.cpu").status, Status::Unknown);
        assert_eq!(assessment.verdict, Verdict::Unknown);
        let reason = &assessment.next_bottleneck_reason;
        assert!(matches!(reason, RankingReason::Undecided { .. }), "{reason:?}");
    }
}

#[test]
fn flat_at_the_ceiling_is_said() {
    let full = world().flat("postgres.connections", 1.0).out_of(97.0);
    let words = [r#""flat_seconds":86400.0"#];
    let assessment = check(full, "threshold:postgres.connections", Verdict::Critical, &words);
    assert_eq!(bottleneck(&assessment, "postgres.connections").status, Status::Saturated);
    // Just below the ceiling counts as lying at it; a limit that is no ceiling does not.
    check(
        stretch("postgres.connections", 0.4, 1400..1441, 0.995),
        "threshold:postgres.connections",
        Verdict::Critical,
        &[r#""flat_seconds":2400.0"#],
    );
    let queue = world().flat("queue.depth", 5000.0).judge();
    assert!(!json(&finding(&queue, "threshold:queue.depth").reason).contains("flat_seconds"));
    let early = stretch("postgres.connections", 0.4, 600..700, 1.0).judge();
    assert!(!json(&finding(&early, "threshold:postgres.connections").reason).contains("flat_seconds"));
}

#[test]
fn twenty_four_hours_are_one_day() {
    // Hourly samples: the first one must not count as a day of its own.
    let world = world().minutes("queue.oldest_age", DAY, |minute| {
        (minute % 60 == 0).then_some(if minute == 720 { 100.0 } else { 10.0 })
    });
    let assessment = world.judge();
    let value = finding(&assessment, "threshold:queue.oldest_age").value.unwrap();
    assert!((value.value() - 100.0).abs() < 1e-9, "{value}");
}

#[test]
fn the_leanest_hour_counts_where_less_is_worse() {
    let world = stretch("postgres.cache_hit", 0.999, 600..660, 0.85);
    let assessment = check(
        world,
        "threshold:postgres.cache_hit",
        Verdict::Critical,
        &[r#""value":{"value":0.85,"#, r#""at":{"value":0.9,"#],
    );
    assert!((bottleneck(&assessment, "postgres.cache").headroom.unwrap() + 0.5).abs() < 1e-9);
}

#[test]
fn values_too_large_to_calculate_with_are_unknown() {
    // The percentile lies between the two largest numbers there are, and cannot be computed.
    let world =
        world().minutes("redis.evictions", 29, |minute| Some(if minute < 28 { -f64::MAX } else { f64::MAX }));
    check(world, "threshold:redis.evictions", Verdict::Unknown, &[r#""kind":"too_large""#]);
}
