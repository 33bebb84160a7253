//! The catalogue's queries against a real Prometheus that scrapes what real exporters have served.

mod expected;
mod exporter;
mod prometheus;
mod stacks;
mod systems;

use std::collections::BTreeSet;

use expected::{Row, Scene};
use exporter::Exporter;
use prometheus::{Answer, Prometheus};
use scale_advisor::signal::{Candidate, Signal, SignalId, catalog};

use crate::support::wait_for;

/// By how much counters grow in a second, as a share of their first value.
const GROWTH: f64 = 0.01;

#[test]
fn servers() {
    check(Prometheus::scraping, expected::servers());
}

#[test]
fn newer_servers() {
    check(Prometheus::scraping, expected::newer_servers());
}

#[test]
fn node_application() {
    check(Prometheus::scraping, expected::node_application());
}

#[test]
fn spring_application() {
    check(Prometheus::scraping, expected::spring_application());
}

#[test]
fn ingress() {
    check(Prometheus::scraping, expected::ingress());
}

#[test]
fn collector() {
    check(Prometheus::scraping, expected::collector());
}

#[test]
fn a_chat() {
    check(Prometheus::scraping, stacks::chat());
}

#[test]
fn a_service_on_vectors() {
    check(Prometheus::scraping, stacks::vectors());
}

#[test]
fn a_mesh() {
    check(Prometheus::scraping, stacks::mesh());
}

#[test]
fn managed_stores() {
    check(Prometheus::scraping, stacks::managed());
}

#[test]
fn victoria_metrics_reads_stacks_the_same() {
    for stack in stacks::all() {
        check(Prometheus::victoria_metrics_scraping, stack);
    }
}

#[test]
fn victoria_metrics_reads_the_same() {
    check(Prometheus::victoria_metrics_scraping, expected::servers());
    check(Prometheus::victoria_metrics_scraping, expected::newer_servers());
    check(Prometheus::victoria_metrics_scraping, expected::node_application());
}

#[test]
fn every_row_is_of_a_way_to_read_something() {
    let scenes = expected::all_scenes();
    for row in scenes.iter().flat_map(|scene| &scene.rows) {
        let signal = SignalId::find(row.signal).unwrap().entry();
        assert!(row.candidate < signal.prometheus.len(), "{}", row.signal);
    }
}

#[test]
fn without_traffic_shares_and_quantiles_are_absent() {
    let scenes = [
        expected::servers(),
        expected::node_application(),
        stacks::chat(),
        stacks::vectors(),
        stacks::mesh(),
    ];
    let letters: [&str; 26] = std::array::from_fn(|number| &"abcdefghijklmnopqrstuvwxyz"[number..=number]);
    let renamed = scenes.map(|scene| scene.exporters).concat().into_iter().zip(letters);
    let prometheus =
        Prometheus::scraping(renamed.map(|(exporter, job)| Exporter { job, ..exporter }).collect(), 0.0);
    for signal in [
        "app.cache_hit",
        "container.cpu_throttled",
        "http.errors",
        "http.latency",
        "llm.latency",
        "mongo.operation_latency",
        "postgres.cache_hit",
        "redis.hit_ratio",
    ] {
        let signal = SignalId::find(signal).unwrap().entry();
        let candidates = usable(signal, &prometheus.metrics());
        assert!(!candidates.is_empty(), "{}", signal.id());
        for candidate in candidates {
            let label = signal.instance.as_deref().unwrap_or_default();
            assert_eq!(
                prometheus.query_by(&candidate.query, label),
                Ok(Answer::new()),
                "{}",
                candidate.query
            );
        }
    }
}

#[test]
fn examples_of_bindings_are_queries() {
    let any = Exporter::recorded("api", "message_counter-from-documentation.txt");
    let prometheus = Prometheus::scraping(vec![any], GROWTH);
    for signal in built_in() {
        if let Some(example) = &signal.example {
            assert_eq!(prometheus.query(example), Ok(Answer::new()), "{}", signal.id());
        }
    }
}

#[test]
fn no_failures_are_no_gap_but_no_status_is_one() {
    let express = Exporter::recorded("app", "express_prom_bundle_8.0_prom_client_15.1.metrics.txt");
    let good = Prometheus::scraping(
        vec![express.clone().edited("status_code=\"500\"", "status_code=\"404\"")],
        GROWTH,
    );
    let blind = Prometheus::scraping(vec![express.edited("status_code", "verb")], GROWTH);
    let errors = SignalId::find("http.errors").unwrap().entry();
    let query = &usable(errors, &good.metrics())[0].query;
    assert_eq!(good.query(query), Ok(Answer::from([(String::new(), 0.0)])));
    assert_eq!(blind.query(query), Ok(Answer::new()));
}

#[test]
fn redis_without_maxmemory_has_no_share() {
    let redis = Exporter::recorded("redis", "redis_exporter_1.45_redis7.0.metrics.txt")
        .edited("redis_memory_max_bytes 6.7108864e+07", "redis_memory_max_bytes 0");
    let prometheus = Prometheus::scraping(vec![redis], GROWTH);
    let memory = SignalId::find("redis.memory").unwrap().entry();
    let [candidate] = usable(memory, &prometheus.metrics())[..] else { panic!("one candidate is usable") };
    assert!(!prometheus.query(&candidate.query).unwrap().is_empty(), "the memory in use is exported");
    let limit = candidate.limit.as_ref().unwrap();
    assert_eq!(prometheus.query(limit), Ok(Answer::new()));
}

#[test]
fn budgets_are_told_apart_by_who_has_them() {
    let llm = Exporter::recorded("llm", "litellm_1.109_budgets-from-documentation.txt");
    let prometheus = Prometheus::scraping(vec![llm], GROWTH);
    let answers = |signal: &str| -> Answer {
        let ways = &SignalId::find(signal).unwrap().entry().prometheus;
        let read = |query: &str| prometheus.query_by(query, "budget").unwrap();
        let of_way = |way: &Candidate| match &way.limit {
            Some(limit) => shares(read(&way.query), &read(limit)),
            None => read(&way.query),
        };
        ways.iter().flat_map(of_way).collect()
    };
    let expected = |values: &[(&str, f64)]| -> Answer {
        values.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
    };
    // Of what has no alias the id is the name; what has no maximum, or none above zero, is no budget.
    let used = expected(&[
        ("team search", 0.75),
        ("team 7b0a5f0e-0a51-4c8e-8f43-9d7c2c1de5b2", 0.1),
        ("team 9a9b2f7e-3c38-4b8e-a1d6-5f9c6c1b7d33", 0.6),
        ("organization shop", 0.4),
        ("key search", 0.9),
        ("key 88dc28d0f030", 0.4),
        ("user ada", 0.1),
    ]);
    let resets = expected(&[
        ("team search", 86_400.0),
        ("team 7b0a5f0e-0a51-4c8e-8f43-9d7c2c1de5b2", 864_000.0),
        ("organization shop", 864_000.0),
        ("user ada", 18_000.0),
    ]);
    assert_settles(|| {
        [("llm.budget", &used), ("llm.budget_reset", &resets)]
            .into_iter()
            .filter(|(signal, expected)| !close(&answers(signal), expected))
            .map(|(signal, expected)| format!("{signal}: {:?}, not {expected:?}", answers(signal)))
            .collect()
    });
}

/// Every signal of a scene is found by the expected candidate and read with the expected values.
fn check(start: fn(Vec<Exporter>, f64) -> Prometheus, scene: Scene) {
    let Scene { exporters, rows } = scene;
    let prometheus = start(exporters, GROWTH);
    assert_settles(|| differences(&prometheus, &rows));
}

/// The signals that the program knows by itself: other tests of this process read settings that define more.
fn built_in() -> impl Iterator<Item = &'static Signal> {
    catalog().signals().filter(|signal| signal.is_built_in())
}

/// Insists that nothing is wrong, at the latest after a minute: while the machine is busy scrapes come unevenly, and
/// rates over four seconds are off.
#[track_caller]
fn assert_settles(differences: impl Fn() -> Vec<String>) {
    wait_for(|| {
        let found = differences();
        if found.is_empty() { Ok(()) } else { Err(found.join("\n")) }
    });
}

/// What the server gives that is not what the rows say.
fn differences(prometheus: &Prometheus, rows: &[Row]) -> Vec<String> {
    let metrics = prometheus.metrics();
    let mut wrong = Vec::new();
    // What scenes hold beside what they are about.
    let elsewhere = systems::ways();
    for signal in built_in() {
        let row = rows.iter().find(|row| row.signal == signal.id().as_str());
        let found = usable(signal, &metrics).first().copied();
        match (row, found) {
            (Some(row), Some(candidate)) => wrong.extend(compare(prometheus, signal, candidate, row)),
            (None, None) => {}
            (None, Some(candidate))
                if elsewhere.contains(&(signal.id().as_str(), position(signal, candidate))) => {}
            (row, found) => wrong.push(format!(
                "{}: expected candidate {:?}, found {:?}",
                signal.id(),
                row.map(|row| row.candidate),
                found.map(|candidate| &candidate.exporter)
            )),
        }
    }
    wrong
}

fn position(signal: &Signal, candidate: &Candidate) -> usize {
    signal.prometheus.iter().position(|known| std::ptr::eq(known, candidate)).unwrap()
}

/// The candidates whose metrics all exist.
fn usable<'a>(signal: &'a Signal, metrics: &BTreeSet<String>) -> Vec<&'a Candidate> {
    signal
        .prometheus
        .iter()
        .filter(|candidate| candidate.suffix.is_none())
        .filter(|candidate| candidate.needs.iter().all(|name| metrics.contains(name)))
        .collect()
}

fn compare(prometheus: &Prometheus, signal: &Signal, candidate: &Candidate, row: &Row) -> Option<String> {
    let label = signal.instance.as_deref().unwrap_or_default();
    let expected: Answer = row.values.iter().cloned().collect();
    if !std::ptr::eq(candidate, &raw const signal.prometheus[row.candidate]) {
        return Some(format!("{}: {} was chosen", row.signal, candidate.exporter));
    }
    let whole =
        expected.keys().map(|instance| (instance.clone(), row.capacity.unwrap_or_default())).collect();
    let capacity = candidate.limit.as_ref().map(|query| prometheus.query_by(query, label));
    let read = prometheus.query_by(&candidate.query, label);
    let value = match &capacity {
        Some(Ok(limits)) => read.map(|usage| shares(usage, limits)),
        _ => read,
    };
    let agrees = value.as_ref().is_ok_and(|value| close(value, &expected))
        && capacity
            .as_ref()
            .is_none_or(|whole_read| whole_read.as_ref().is_ok_and(|read| close(read, &whole)))
        && capacity.is_some() == row.capacity.is_some();
    (!agrees).then(|| {
        format!("{}: expected {expected:?} of {:?}, read {value:?} of {capacity:?}", row.signal, row.capacity)
    })
}

/// Of each instance the share of its limit that it uses; without a limit there is none.
fn shares(usage: Answer, limits: &Answer) -> Answer {
    let share = |(instance, used): (String, f64)| Some((instance.clone(), used / limits.get(&instance)?));
    usage.into_iter().filter_map(share).collect()
}

/// The same instances with the same values, within what the timing of scrapes does to a rate.
fn close(read: &Answer, expected: &Answer) -> bool {
    read.keys().eq(expected.keys())
        && read
            .values()
            .zip(expected.values())
            .all(|(read, expected)| (read - expected).abs() <= expected.abs() * 0.1)
}
