//! Readings: the busy hour, spikes and durations, ceilings, and what is said about them.

use super::world::{DAY, World, bottleneck, finding, next, world};
use crate::{
    assess::{Assessment, Status, Verdict},
    signal::Quantity,
};

#[track_caller]
fn check(world: World, id: &str, verdict: Verdict, words: &[&str]) -> Assessment {
    let assessment = world.judge();
    let found = finding(&assessment, id);
    assert_eq!(found.verdict, verdict, "{}", found.because);
    for word in words {
        assert!(found.because.contains(word), "no `{word}` in: {}", found.because);
    }
    assessment
}

/// A day with one stretch of minutes at another value.
fn stretch(signal: &str, usual: f64, minutes: std::ops::Range<i64>, value: f64) -> World {
    world().minutes(signal, DAY, move |minute| Some(if minutes.contains(&minute) { value } else { usual }))
}

#[test]
fn the_busy_hour_is_judged_and_not_the_mean() {
    // Two busy hours of 24: the mean is 27 %.
    let world = stretch("postgres.connections", 0.2, 600..720, 0.85).out_of(97.0);
    let words =
        ["82 of 97 connections (85%) at the busy hour", "limit 80%", "for 5 min", "passed for 119 min"];
    let assessment = check(world, "threshold:postgres.connections", Verdict::Warning, &words);
    let connections = bottleneck(&assessment, "postgres.connections");
    assert_eq!(connections.now.map(Quantity::value), Some(0.85));
    assert!((connections.headroom.unwrap() - 0.15).abs() < 1e-9);
    assert_eq!(next(&assessment), "postgres.connections");
}

#[test]
fn a_spike_shorter_than_its_duration_is_no_finding() {
    // 14 minutes of a limit that asks for 15: the busy hour's p95 is beyond it, the finding is not.
    let world = stretch("host.cpu", 0.2, 600..615, 0.97);
    let words = ["beyond the limit of 80%", "for 14 min at most", "counts after 15 min"];
    let assessment = check(world, "threshold:host.cpu", Verdict::Ok, &words);
    assert_eq!(next(&assessment), "");
    check(
        stretch("host.cpu", 0.2, 600..616, 0.97),
        "threshold:host.cpu",
        Verdict::Critical,
        &["passed for 15 min"],
    );
}

#[test]
fn a_single_reading_is_judged_by_itself_and_says_so() {
    let world = world().spot("postgres.connections", 92.0 / 97.0).out_of(97.0);
    let words = ["92 of 97 connections (94.8%) (one sample)", "limit 90%"];
    let assessment = check(world, "threshold:postgres.connections", Verdict::Critical, &words);
    assert_eq!(finding(&assessment, "threshold:postgres.connections").samples, 1);
}

#[test]
fn too_short_a_history_is_unknown_whatever_it_shows() {
    let words = ["too short", "80%", "15 min"];
    for value in [0.2, 0.99] {
        let world = world().minutes("host.cpu", 5, |_| Some(value));
        let assessment = check(world, "threshold:host.cpu", Verdict::Unknown, &words);
        assert_eq!(bottleneck(&assessment, "host.cpu").status, Status::Unknown);
        assert_eq!(assessment.verdict, Verdict::Unknown);
        let because = &assessment.next_bottleneck_because;
        assert!(because.contains("may be near its limit"), "{because}");
    }
}

#[test]
fn flat_at_the_ceiling_is_said() {
    let full = world().flat("postgres.connections", 1.0).out_of(97.0);
    let words = ["flat at its ceiling for 24 h", "real demand is higher"];
    let assessment = check(full, "threshold:postgres.connections", Verdict::Critical, &words);
    assert_eq!(bottleneck(&assessment, "postgres.connections").status, Status::Saturated);
    // Just below the ceiling counts as lying at it; a limit that is no ceiling does not.
    check(
        stretch("postgres.connections", 0.4, 1400..1441, 0.995),
        "threshold:postgres.connections",
        Verdict::Critical,
        &["flat at its ceiling for 40 min"],
    );
    let queue = world().flat("queue.depth", 5000.0).judge();
    assert!(!finding(&queue, "threshold:queue.depth").because.contains("flat"));
    let early = stretch("postgres.connections", 0.4, 600..700, 1.0).judge();
    assert!(!finding(&early, "threshold:postgres.connections").because.contains("flat"));
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
    let assessment = check(world, "threshold:postgres.cache_hit", Verdict::Critical, &["85%", "limit 90%"]);
    assert!((bottleneck(&assessment, "postgres.cache").headroom.unwrap() + 0.5).abs() < 1e-9);
}

#[test]
fn values_too_large_to_calculate_with_are_unknown() {
    // The percentile lies between the two largest numbers there are, and cannot be computed.
    let world =
        world().minutes("redis.evictions", 29, |minute| Some(if minute < 28 { -f64::MAX } else { f64::MAX }));
    check(world, "threshold:redis.evictions", Verdict::Unknown, &["too large to calculate with"]);
}
