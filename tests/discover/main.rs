//! How much of what is near its limit is found in expositions of exporters, without a catalogue, and how much else.
//!
//! Each file of `tests/fixtures/discover` is written from its exporter's documentation, with planted values. Comments
//! at its top say what is near its limit, `# near USAGE LIMIT` (with `|` between names that tell the same), and
//! what is a resource besides, `# also PREFIX`. Whatever else is found is false.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use scale_advisor::{
    discover::{Confidence, Found, Inventory, Labels, discover, read_exposition},
    snapshot::{DiscoveredResource, NEAR_LIMIT},
};

/// An exposition with what is known of it.
struct Exposition {
    name: String,
    text: String,
    /// Of each planted resource, the metrics that may tell it.
    near: Vec<BTreeSet<String>>,
    also: Vec<String>,
}

/// What came out of some expositions.
#[derive(Debug, Default)]
struct Score {
    planted: usize,
    found: usize,
    missed: Vec<String>,
    wrong: Vec<String>,
    metrics: usize,
}

impl Score {
    fn share(&self) -> f64 {
        self.found as f64 / self.planted as f64
    }

    fn wrong_in_a_hundred(&self) -> f64 {
        self.wrong.len() as f64 / self.metrics as f64 * 100.0
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/discover")
}

fn expositions() -> Vec<Exposition> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|path| exposition(path)).collect()
}

fn exposition(path: &Path) -> Exposition {
    let text = std::fs::read_to_string(path).unwrap();
    let lines = |mark: &'static str| text.lines().filter_map(move |line| line.strip_prefix(mark));
    let names = |line: &str| line.split([' ', '|']).map(str::to_owned).collect();
    Exposition {
        name: path.file_name().unwrap().to_string_lossy().into_owned(),
        near: lines("# near ").map(names).collect(),
        also: lines("# also ").map(str::to_owned).collect(),
        text: text.clone(),
    }
}

fn score(inventory: impl Fn(&Exposition) -> Inventory) -> Score {
    let mut score = Score::default();
    for exposition in expositions() {
        let inventory = inventory(&exposition);
        let found = discover(&inventory);
        score.metrics += inventory.metrics.len();
        for near in &exposition.near {
            let tells = |found: &Found| {
                found.now() >= NEAR_LIMIT && found.form.metrics().iter().any(|metric| near.contains(*metric))
            };
            score.planted += 1;
            if found.iter().any(tells) {
                score.found += 1;
            } else {
                score.missed.push(format!("{}: {near:?}", exposition.name));
            }
        }
        let known = |found: &Found| {
            let name = found.form.name();
            exposition.near.iter().any(|near| near.contains(name))
                || exposition.also.iter().any(|prefix| name.starts_with(prefix))
        };
        let wrong: BTreeSet<String> =
            found.iter().filter(|found| !known(found)).map(|found| found.form.name().to_owned()).collect();
        score.wrong.extend(wrong.iter().map(|name| format!("{}: {name}", exposition.name)));
    }
    score
}

#[track_caller]
fn holds(score: &Score, share: f64, wrong_in_a_hundred: f64) {
    assert!(score.share() >= share && score.wrong_in_a_hundred() <= wrong_in_a_hundred, "{score:#?}");
}

#[test]
fn nine_of_ten_resources_near_their_limits_are_found() {
    assert!(expositions().len() >= 15);
    holds(&score(|exposition| read_exposition(&exposition.text, 0)), 0.9, 1.0);
}

#[test]
fn a_server_that_keeps_no_types_and_help_texts_costs_little() {
    let bare = |exposition: &Exposition| {
        let lines = exposition.text.lines().filter(|line| !line.starts_with('#'));
        read_exposition(&lines.collect::<Vec<_>>().join("\n"), 0)
    };
    holds(&score(bare), 0.85, 1.0);
}

#[test]
fn nothing_is_found_twice() {
    for exposition in expositions() {
        let found = discover(&read_exposition(&exposition.text, 0));
        let mut seen = BTreeSet::new();
        for resource in &found {
            let usage = resource.form.usage_query(&resource.labels);
            assert!(seen.insert(usage.clone()), "{}: {usage}", exposition.name);
        }
    }
}

#[test]
fn queries_choose_the_instance_and_read_as_promql() {
    let path = folder().join("proxmox_ve-from-documentation.txt");
    let found = discover(&read_exposition(&exposition(&path).text, 0));
    let first = DiscoveredResource::new(found.first().unwrap(), "test");
    assert_eq!(first.usage, "pve_disk_usage_bytes{id=\"storage/pve1/vms\"}");
    assert_eq!(first.limit, "pve_disk_size_bytes{id=\"storage/pve1/vms\"}");
    assert_eq!(first.definition.usage, "pve_disk_usage_bytes");
    assert_eq!(first.definition.unit, "bytes");
    assert_eq!(first.instance.as_deref(), Some("storage/pve1/vms"));
    assert_eq!(first.metrics, ["pve_disk_usage_bytes", "pve_disk_size_bytes"]);
    for exposition in expositions() {
        for resource in discover(&read_exposition(&exposition.text, 0)) {
            let (usage, limit) = resource.definition();
            let queries = [
                resource.form.usage_query(&resource.telling),
                resource.form.limit_query(&Labels::new()),
                usage,
                limit,
            ];
            for query in queries {
                promql_parser::parser::parse(&query).unwrap_or_else(|error| panic!("{query}: {error}"));
            }
        }
    }
}

/// A usage and a limit over time.
fn over_time(points: usize, value: impl Fn(usize) -> (f64, f64)) -> Inventory {
    named_over_time(["pool_connections_current", "pool_connections_max"], points, value)
}

fn named_over_time(names: [&str; 2], points: usize, value: impl Fn(usize) -> (f64, f64)) -> Inventory {
    let mut inventory = read_exposition(&format!("{} 1\n{} 2\n", names[0], names[1]), 0);
    for (index, name) in names.into_iter().enumerate() {
        let sample = |at: usize| {
            let (usage, limit) = value(at);
            (i64::try_from(at).unwrap() * 1_800_000, if index == 0 { usage } else { limit })
        };
        inventory.series.get_mut(name).unwrap()[0].samples = (0..points).map(sample).collect();
    }
    inventory
}

#[test]
fn what_never_moves_from_its_maximum_may_be_of_a_fixed_size() {
    let names = ["broker_file_descriptors_used", "broker_file_descriptors_limit"];
    let still = discover(&named_over_time(names, 49, |_| (100.0, 100.0)));
    assert_eq!(still[0].confidence, Confidence::Medium);
    let filled = discover(&named_over_time(names, 49, |at| (if at == 0 { 99.0 } else { 100.0 }, 100.0)));
    assert_eq!(filled[0].confidence, Confidence::High);
}

#[test]
fn a_maximum_that_rises_with_the_usage_is_a_mark_of_the_past() {
    let kept = discover(&over_time(49, |at| (90.0 + (at % 7) as f64, 100.0)));
    assert_eq!(kept.len(), 1);
    assert!(kept[0].since(0.8).is_some_and(|since| since == 0));
    let mark = discover(&over_time(49, |at| (at as f64 * 10.0, at as f64 * 10.0)));
    assert_eq!(mark, []);
    let exceeded = discover(&over_time(49, |at| (90.0 + at as f64, 100.0)));
    assert_eq!(exceeded, [], "a usage above its limit is none of it");
}

#[test]
fn the_trend_is_told_by_day_and_since_when_it_is_high() {
    // From 50% by half a point each half hour.
    let found = discover(&over_time(49, |at| (500.0 + at as f64 * 8.0, 1000.0)));
    let trend = found[0].trend_per_day().unwrap();
    assert!((trend - 0.384).abs() < 1e-9, "{trend}");
    assert_eq!(found[0].since(0.8), Some(38 * 1_800_000));
}
