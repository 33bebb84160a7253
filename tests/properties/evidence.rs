//! What more evidence, another cluster, a raised limit or another weekday may change.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use scale_advisor::{
    assess::{Assessment, Bottleneck, State, assess},
    roadmap::default_thresholds,
    signal::{Series, Signal, SignalId, Unit, catalog},
    snapshot::{Exhausted, Limit, Observation, Origin, Snapshot, Window, merge},
};

use super::worlds::{self, World, load, world};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn connections() -> SignalId {
    SignalId::find("postgres.connections").unwrap()
}

fn observed(signal: SignalId, step_ms: i64, at_ms: Vec<i64>, value: impl Fn(i64) -> f64) -> Observation {
    let values = at_ms.iter().map(|at| value(*at)).collect();
    let origin = Origin { source: "prometheus".to_owned(), query: signal.to_string() };
    Observation::new(signal, Series::new(step_ms, at_ms, values).unwrap(), origin)
}

/// A day of minutes and `days` of hours before `now`.
fn known(
    now: DateTime<Utc>,
    days: i64,
    signal: SignalId,
    value: impl Fn(i64) -> f64,
) -> (Observation, Observation) {
    let end = now.timestamp_millis();
    let minutes = (0..=1440).map(|minute| end - (1440 - minute) * MINUTE_MS).collect();
    let last = end / HOUR_MS;
    let hours = (0..days * 24).map(|hour| (last - days * 24 + hour) * HOUR_MS).collect();
    (observed(signal, MINUTE_MS, minutes, &value), observed(signal, HOUR_MS, hours, &value))
}

fn snapshot(now: DateTime<Utc>, known: impl IntoIterator<Item = (Observation, Observation)>) -> Snapshot {
    let window = Window { from: now - TimeDelta::hours(24), to: now, step_seconds: 60 };
    let mut snapshot = merge(now, window, Vec::new());
    for (present, past) in known {
        snapshot.observations.push(present);
        snapshot.history.push(past);
    }
    snapshot
}

/// A number between 0 and 1 that looks random, the same for the same time and seed.
fn noise(at_ms: i64, seed: u64) -> f64 {
    let mixed = (at_ms.unsigned_abs() ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40) as f64 / f64::from(1 << 24)
}

/// Users of a time: busy by day, growing by so many a day.
fn users(at_ms: i64, now: DateTime<Utc>, growth: f64, seed: u64) -> f64 {
    let days = (at_ms - now.timestamp_millis()) as f64 / (24 * HOUR_MS) as f64;
    let hour = at_ms.rem_euclid(24 * HOUR_MS) as f64 / HOUR_MS as f64;
    let busy = 0.6 + 0.4 * (std::f64::consts::TAU * (hour - 9.0) / 24.0).sin();
    (300.0 + growth * days).max(10.0) * busy * (1.0 + 0.04 * (noise(at_ms, seed) - 0.5))
}

fn judged(world: &World, snapshot: &Snapshot) -> Assessment {
    assess(&world.input, snapshot)
}

fn row(assessment: &Assessment, signal: SignalId) -> &Bottleneck {
    assessment.bottlenecks.iter().find(|row| row.signal == Some(signal)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_raised_limit_brings_no_date_nearer(
        world in world(),
        growth in 0.5..4.0_f64,
        limit in 120.0..400.0_f64,
        raised in 1.05..4.0_f64,
        seed in any::<u64>(),
    ) {
        let now = at("2026-11-20T16:40:00Z");
        let used = |at_ms| 4.0 + 0.25 * users(at_ms, now, growth, seed);
        let with_limit = |limit: f64| {
            let (mut present, mut past) = known(now, 60, connections(), |at_ms| used(at_ms) / limit);
            present.limit = Limit::constant(limit, Unit::Count);
            past.limit = Limit::constant(limit, Unit::Count);
            let load = known(now, 60, load(), |at_ms| users(at_ms, now, growth, seed));
            judged(&world, &snapshot(now, [load, (present, past)]))
        };
        let (before, after) = (with_limit(limit), with_limit(limit * raised));
        let (before, after) = (row(&before, connections()), row(&after, connections()));
        prop_assert!(after.headroom >= before.headroom);
        let load_of = |row: &Bottleneck| row.saturates_at_load.as_ref().map(|load| load.mid);
        if let (Some(before), Some(after)) = (load_of(before), load_of(after)) {
            prop_assert!(after >= before, "{before:?} becomes {after:?}");
        }
        let date_of = |row: &Bottleneck| row.saturates_on.as_ref().and_then(|dates| dates.mid);
        match (date_of(before), date_of(after)) {
            (Some(before), Some(after)) => prop_assert!(after >= before, "{before} becomes {after}"),
            (None, Some(after)) => prop_assert!(false, "a date appears: {after}"),
            (_, None) => {}
        }
    }

    #[test]
    fn friday_and_sunday_are_in_the_same_phase(
        world in world(),
        scale in 0.2..20.0_f64,
        weekend in 0.1..0.6_f64,
        seed in any::<u64>(),
    ) {
        let on = |now: DateTime<Utc>| {
            let value = |at_ms: i64| {
                // 1970 began on a Thursday.
                let quiet = matches!((at_ms.div_euclid(24 * HOUR_MS) + 4).rem_euclid(7), 0 | 6);
                scale * users(at_ms, now, 0.0, seed) * if quiet { weekend } else { 1.0 }
            };
            judged(&world, &snapshot(now, [known(now, 42, load(), value)]))
        };
        let (friday, sunday) = (on(at("2026-11-20T16:40:00Z")), on(at("2026-11-22T16:40:00Z")));
        let peaks = [friday.load.peak.unwrap(), sunday.load.peak.unwrap()];
        prop_assert!((peaks[0] / peaks[1] - 1.0).abs() < 0.03, "{peaks:?}");
        // Samples that differ by their noise may lie on both sides of a boundary.
        let low = |phase: &scale_advisor::roadmap::Phase| phase.users.low() as f64;
        let near = |bound: f64| peaks.iter().any(|peak| (peak / bound - 1.0).abs() < 0.05);
        prop_assume!(!world.input.roadmap.phases.iter().map(low).any(near));
        prop_assert_eq!(friday.phase.current, sunday.phase.current);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_healthy_cluster_changes_no_row_of_another(world in world()) {
        let mut both = world.snapshot.clone();
        let mut seen = std::collections::BTreeSet::new();
        for observation in &world.snapshot.observations {
            // What refuses clients is taken to be the fullest.
            let refuses = |exhausted: &Exhausted| observation.signal.entry().resource == Some(exhausted.resource);
            let is_told = observation.instance.is_some() && !world.snapshot.exhausted.iter().any(refuses);
            let healthy = worlds::healthy(observation.signal).filter(|_| is_told);
            let Some(value) = healthy.filter(|_| seen.insert(observation.signal)) else { continue };
            let series = &observation.values;
            let values = Series::new(series.step_ms(), series.at_ms().to_vec(), vec![value; series.len()]).unwrap();
            both.observations.push(Observation { instance: Some("healthy".to_owned()), values, ..observation.clone() });
        }
        let rows = |snapshot: &Snapshot| {
            let assessment = judged(&world, snapshot);
            let rows = assessment.bottlenecks.into_iter().filter(|row| row.instance.is_some());
            let rows = rows.filter(|row| row.instance.as_deref() != Some("healthy"));
            let mut rows: Vec<_> =
                rows.map(|row| (row.signal, row.instance, row.state, row.now, row.headroom)).collect();
            rows.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
            rows
        };
        prop_assert_eq!(rows(&world.snapshot), rows(&both));
    }

    #[test]
    fn more_samples_of_the_same_state_never_weaken_it(
        world in world(),
        which in any::<prop::sample::Index>(),
        beyond in 1.0..1.5_f64,
        fewer in 1_usize..60,
        more in 0_usize..200,
    ) {
        let limited = catalog().signals().filter(|signal| {
            default_thresholds().of(signal.id()).critical.is_some() && worlds::grows_worse(signal)
        });
        let limited: Vec<SignalId> = limited.map(Signal::id).collect();
        let signal = *which.get(&limited);
        let critical = default_thresholds().of(signal).critical.unwrap().value();
        let of_samples = |samples: usize| {
            let mut snapshot = world.snapshot.clone();
            snapshot.observations.retain(|observation| observation.signal != signal);
            let end = snapshot.taken_at.timestamp_millis();
            let count = i64::try_from(samples).unwrap();
            let times: Vec<i64> = (0..count).map(|index| end - (count - 1 - index) * MINUTE_MS).collect();
            snapshot.observations.push(observed(signal, MINUTE_MS, times, |_| critical * beyond + 1e-9));
            let assessment = judged(&world, &snapshot);
            let of_rows = assessment.bottlenecks.iter().filter(|row| row.signal == Some(signal)).map(|row| row.state);
            let of_levels = assessment.service_levels.iter().filter(|level| level.signal == signal).map(|level| level.state);
            of_rows.chain(of_levels).max()
        };
        let (before, after) = (of_samples(fewer), of_samples(fewer + more));
        prop_assert!(after >= before, "{signal}: {before:?} becomes {after:?}");
        prop_assert!(before.is_none_or(|state| state != State::Ok), "{signal}: {before:?} beyond its critical limit");
    }
}
