//! Every way to read a system that no scene shows, each by itself, from expositions made after the documentation of its
//! exporter.
//!
//! The figures are made so that one rule tells what is right: of every limit three quarters are in use, and every other
//! value is 7, or a part of ten of it.

use std::{collections::BTreeSet, fs};

use scale_advisor::signal::{Candidate, Signal, catalog};

use super::{GROWTH, assert_settles, built_in, expected, exporter::Exporter, prometheus::Prometheus};

/// What another value than the rule's is right for: a share of what nobody knows the whole of, a flag, a quantile.
const OTHER_VALUES: [(&str, f64); 5] = [
    ("etcd.fsync", 0.001_99),
    ("etcd.no_leader", 1.0),
    ("gpu.errors", 0.0),
    ("llm.requests_left", 0.0),
    ("llm.tokens_left", 0.0),
];

/// Names with dots are exported by servers that are newer than those of this test.
const WITH_DOTS: &str = "http.server.request.duration_count";

/// The ways that no scene shows, as signals and positions.
pub(super) fn ways() -> BTreeSet<(&'static str, usize)> {
    let scenes = expected::all_scenes();
    let rows = scenes.iter().flat_map(|scene| &scene.rows);
    let shown: BTreeSet<_> = rows.map(|row| (row.signal, row.candidate)).collect();
    let known = built_in()
        .flat_map(|signal| (0..signal.prometheus.len()).map(|number| (signal.id().as_str(), number)));
    known.filter(|way| !shown.contains(way)).collect()
}

#[test]
fn every_way_reads_what_its_exporter_shows() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/systems");
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let exporter = |name: &String| Exporter {
        job: name.trim_end_matches(".txt").to_owned().leak(),
        text: fs::read_to_string(format!("{folder}/{name}")).unwrap(),
    };
    let prometheus = Prometheus::scraping(names.iter().map(exporter).collect(), GROWTH);
    assert_settles(|| faults(&prometheus));
}

/// What the ways give that is not what the exporters show.
fn faults(prometheus: &Prometheus) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, number) in ways() {
        let signal = catalog().signals().find(|signal| signal.id().as_str() == name).unwrap();
        let candidate = &signal.prometheus[number];
        if candidate.needs.iter().any(|metric| metric == WITH_DOTS) {
            assert_eq!(prometheus.values(&candidate.query), Ok(Vec::new()));
            continue;
        }
        wrong.extend(fault(prometheus, signal, candidate).map(|fault| format!("{name} {number}: {fault}")));
    }
    wrong
}

fn fault(prometheus: &Prometheus, signal: &Signal, candidate: &Candidate) -> Option<String> {
    let metric = candidate.suffix.as_ref().map(|suffix| format!("shop{suffix}"));
    let query = candidate.query.replace("$metric", metric.as_deref().unwrap_or_default());
    let values = match prometheus.values(&query) {
        Ok(values) if !values.is_empty() => values,
        other => return Some(format!("{other:?} from {query}")),
    };
    let limits = candidate.limit.as_ref().map(|limit| prometheus.values(limit));
    let shares: Vec<f64> = match limits {
        None => values,
        Some(Ok(limits)) if !limits.is_empty() => values.iter().map(|value| value / limits[0]).collect(),
        Some(other) => return Some(format!("{other:?} from {:?}", candidate.limit)),
    };
    let usual = if signal.of.is_some() || signal.id().as_str().ends_with("kv_cache") { 0.75 } else { 7.0 };
    let right = |value: &f64| {
        let other = OTHER_VALUES.iter().find(|(name, _)| *name == signal.id().as_str());
        let wanted = other.map_or(usual, |(_, value)| *value);
        let near = |wanted: f64| (value - wanted).abs() <= wanted * 0.1 + 1e-9;
        near(wanted) || other.is_none() && (near(usual / 10.0) || near(0.75))
    };
    (!shares.iter().all(right)).then(|| format!("{shares:?} from {query}"))
}
