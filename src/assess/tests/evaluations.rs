//! Evaluations against limits: the peak hour, spikes and durations, ceilings, and what is said about them.

use super::world::{DAY, World, bottleneck, finding, json, next, world};
use crate::{
    assess::{Assessment, State, Status, Verdict, assess},
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

/// A day with one run of minutes at another value.
fn stretch(signal: &str, usual: f64, minutes: std::ops::Range<i64>, value: f64) -> World {
    world().minutes(signal, DAY, move |minute| Some(if minutes.contains(&minute) { value } else { usual }))
}

#[test]
fn what_is_over_is_an_event_and_the_peak_is_kept() {
    // Two peak hours of 24: the mean is 27 %.
    let world = stretch("postgres.connections", 0.2, 600..720, 0.85).out_of(97.0);
    let words = [
        r#""value":{"value":0.2,"unit":"ratio"},"capacity":{"value":97.0,"unit":"count"}"#,
        r#""at":{"value":0.8,"#,
        r#""past":{"began":"2026-11-20T02:40:00Z","ended":"2026-11-20T04:39:00Z"}"#,
    ];
    let assessment = check(world, "threshold:postgres.connections", Verdict::Ok, &words);
    let connections = bottleneck(&assessment, "postgres.connections");
    assert_eq!(connections.now.map(Quantity::value), Some(0.2));
    assert_eq!(connections.peak.map(Quantity::value), Some(0.85));
    assert!((connections.headroom.unwrap() - 0.15).abs() < 1e-9);
    assert_eq!(next(&assessment), "");
}

#[test]
fn a_spike_shorter_than_its_duration_is_no_finding() {
    // 14 minutes of a limit that asks for 15: the peak hour's p95 is beyond it, the finding is not.
    let world = stretch("host.cpu", 0.2, 600..615, 0.97);
    let words = [
        r#""at":{"value":0.8,"#,
        r#""beyond":false"#,
        r#""required_seconds":900.0"#,
        r#""longest_seconds":840.0"#,
    ];
    let assessment = check(world, "threshold:host.cpu", Verdict::Ok, &words);
    assert_eq!(next(&assessment), "");
    assert!(!json(&finding(&assessment, "threshold:host.cpu").reason).contains("past"));
    let event = &[r#""past":{"#];
    check(stretch("host.cpu", 0.2, 600..616, 0.97), "threshold:host.cpu", Verdict::Ok, event);
    let lasting = [r#""current_seconds":900.0"#];
    check(stretch("host.cpu", 0.2, 1425..1441, 0.97), "threshold:host.cpu", Verdict::Critical, &lasting);
}

#[test]
fn a_single_reading_is_judged_by_itself_and_says_so() {
    let world = world().spot("postgres.connections", 92.0 / 97.0).out_of(97.0);
    let words = [r#""samples":1,"#, r#""at":{"value":0.9,"#];
    let assessment = check(world, "threshold:postgres.connections", Verdict::Critical, &words);
    assert_eq!(finding(&assessment, "threshold:postgres.connections").samples, 1);
}

#[test]
fn what_is_known_for_minutes_is_pending_unless_nothing_is_left() {
    // For a limit that asks for fifteen minutes.
    for (value, minutes, state) in [
        (0.2, 5, State::Ok),
        (0.85, 5, State::Pending),
        (0.95, 14, State::Pending),
        (0.95, 15, State::Critical),
        (1.0, 3, State::Pending),
        (1.0, 5, State::Saturated),
    ] {
        let assessment = world().minutes("host.cpu", minutes, |_| Some(value)).judge();
        let row = bottleneck(&assessment, "host.cpu");
        assert_eq!((row.state, row.verdict), (state, Verdict::from(state)), "{value} for {minutes} min");
    }
}

#[test]
fn one_reading_of_what_fluctuates_is_pending_at_most() {
    let assessment = world().spot("host.cpu", 1.0).judge();
    assert_eq!(bottleneck(&assessment, "host.cpu").state, State::Pending);
    let assessment = world().spot("host.disk_space", 0.95).judge();
    assert_eq!(bottleneck(&assessment, "host.disk").state, State::Critical);
}

#[test]
fn a_share_of_hardly_any_requests_is_unknown() {
    let failing = |rate: f64| {
        let world =
            world()
                .minutes("http.errors", 30, |_| Some(0.5))
                .minutes("http.requests", 30, move |_| Some(rate));
        world.judge().service_levels[0].state
    };
    assert_eq!(failing(0.01), State::Unknown);
    assert_eq!(failing(1.0), State::Critical);
}

#[test]
fn peaks_of_several_days_are_a_warning_at_night() {
    let load = |hour: i64| if hour % 24 == 12 { 0.97 } else { 0.3 };
    let assessment =
        world().hours("postgres.connections", 28, load).flat("postgres.connections", 0.3).judge();
    let row = bottleneck(&assessment, "postgres.connections");
    assert_eq!((row.state, row.peak_days), (State::Warning, 28));
    assert!((row.headroom.unwrap() - 0.03).abs() < 1e-9);
    // A single day is an event of the past.
    let once = |hour: i64| if hour == 300 { 0.97 } else { 0.3 };
    let assessment =
        world().hours("postgres.connections", 28, once).flat("postgres.connections", 0.3).judge();
    assert_eq!(bottleneck(&assessment, "postgres.connections").state, State::Ok);
}

#[test]
fn a_raised_limit_lowers_the_past() {
    let world = world().hours("postgres.connections", 28, |_| 0.9).flat("postgres.connections", 0.45);
    let (input, mut snapshot) = world.out_of(200.0).parts();
    let changed =
        r#"{"unit":"count","changes":[{"from_ms":0,"value":100.0},{"from_ms":1795170000000,"value":200.0}]}"#;
    snapshot.history[0].limit = Some(serde_json::from_str(changed).unwrap());
    let row = bottleneck(&assess(&input, &snapshot), "postgres.connections").clone();
    assert_eq!(row.state, State::Ok);
    assert!((row.headroom.unwrap() - 0.55).abs() < 1e-9, "{:?}", row.headroom);
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
    let value = assessment.service_levels[0].peak;
    assert!((value.value() - 100.0).abs() < 1e-9, "{value}");
}

#[test]
fn the_leanest_hour_counts_where_less_is_worse() {
    let world = stretch("postgres.cache_hit", 0.999, 600..660, 0.85);
    let assessment =
        check(world, "threshold:postgres.cache_hit", Verdict::Ok, &[r#""past":{"#, r#""at":{"value":0.9,"#]);
    assert!((assessment.service_levels[0].peak.value() - 0.85).abs() < 1e-9);
}

#[test]
fn values_too_large_to_calculate_with_are_unknown() {
    // The percentile lies between the two largest numbers there are, and cannot be computed.
    let world =
        world().minutes("redis.evictions", 29, |minute| Some(if minute < 28 { -f64::MAX } else { f64::MAX }));
    check(world, "threshold:redis.evictions", Verdict::Unknown, &[r#""kind":"too_large""#]);
}
