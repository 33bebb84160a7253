//! Tracks that are one, and tracks that are not.

use super::*;

const MINUTE: i64 = 60_000;

fn track(labels: &[(&str, &str)], minutes: std::ops::Range<i64>, value: impl Fn(i64) -> f64) -> Track {
    let mut samples = Samples::default();
    minutes.for_each(|minute| samples.push(minute * MINUTE, value(minute)));
    let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Track { labels, samples, ..Track::default() }
}

fn wave(minute: i64) -> f64 {
    100.0 + 80.0 * (minute as f64 / 20.0).sin()
}

#[test]
fn an_exporter_in_two_jobs_counts_once_and_two_servers_of_one_name_count_twice() {
    let pair = |second: fn(i64) -> f64| {
        let tracks = vec![
            track(&[("instance", "db"), ("job", "a")], 0..100, wave),
            track(&[("instance", "db"), ("job", "b")], 0..100, second),
        ];
        without_duplicates(tracks, Some(Identity::Server))
    };
    let kept = pair(|minute| wave(minute) * 1.01);
    assert_eq!((kept.len(), kept[0].notes[0].as_str()), (1, "also scraped as job b; counted once"));
    assert_eq!(pair(|minute| wave(minute) / 2.0).len(), 2);
    let places = ["eu", "us"].map(|place| track(&[("cluster", place), ("job", "a")], 0..100, wave));
    assert_eq!(without_duplicates(places.to_vec(), Some(Identity::Server)).len(), 2);
}

#[test]
fn what_two_services_count_alike_is_counted_once() {
    let tracks = vec![
        track(&[("job", "api")], 0..100, |minute| wave(minute) * 0.99),
        track(&[("job", "gateway")], 0..100, wave),
        track(&[("job", "other")], 0..100, |minute| wave(minute + 40)),
    ];
    let (left, notes) = without_second_counts(tracks, "job");
    assert_eq!(
        (left.len(), notes),
        (2, vec!["job gateway shows the same as job api; counted once".to_owned()])
    );
    let constant = [1, 2].map(|job| track(&[("job", &job.to_string())], 0..100, |_| 50.0));
    assert_eq!(without_second_counts(constant.to_vec(), "job").0.len(), 2);
}

#[test]
fn a_share_has_the_limit_of_its_time() {
    let series = |track: Track| RawSeries {
        labels: track.labels.into_iter().collect(),
        samples: track.samples,
        histograms: false,
    };
    let usage = ["a", "b", "c"].map(|name| series(track(&[("instance", name)], 0..4, |_| 50.0)));
    let limits = [
        series(track(&[("instance", "a")], 0..4, |minute| if minute < 2 { 100.0 } else { 200.0 })),
        series(track(&[("instance", "b")], 0..2, |_| 50.0)),
    ];
    let shares = shares(usage.to_vec(), &limits);
    let values: Vec<&[f64]> = shares.iter().map(|track| track.samples.values.as_slice()).collect();
    assert_eq!(values, [&[0.5, 0.5, 0.25, 0.25][..], &[1.0, 1.0, 1.0, 1.0]]);
}

#[test]
fn the_only_limit_is_no_limit_of_another_thing() {
    let series = |labels: &[(&str, &str)]| {
        let Track { labels, samples, .. } = track(labels, 0..4, |_| 50.0);
        RawSeries { labels: labels.into_iter().collect(), samples, histograms: false }
    };
    let shared_by = |limit: &[(&str, &str)]| {
        let usage = ["a", "b"].map(|name| series(&[("instance", name)]));
        let shares = shares(usage.to_vec(), &[series(limit)]);
        shares.iter().filter_map(|track| track.label("instance")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(shared_by(&[("instance", "a")]), ["a"]);
    assert_eq!(shared_by(&[("instance", "a"), ("server", "db")]), ["a"]);
    assert_eq!(shared_by(&[]), ["a", "b"]);
    assert_eq!(shared_by(&[("server", "db")]), ["a", "b"]);
}

#[test]
fn the_same_thing_is_found_again_under_other_labels() {
    let pods = vec![
        track(&[("instance", "10.0.0.1:9187"), ("pod", "exporter-7d4b9c6f5d-aaaaa")], 0..50, wave),
        track(&[("instance", "10.0.0.9:9187"), ("pod", "exporter-6f5d7d4b9c-bbbbb")], 45..100, wave),
    ];
    let merged = joined(pods, "instance");
    assert_eq!((merged.len(), merged[0].samples.at_ms.len()), (1, 100));
    assert_eq!(merged[0].label("instance"), Some("10.0.0.9:9187"));
    let moved = vec![
        track(&[("instance", "old:9187")], 0..50, wave),
        track(&[("instance", "new:9187")], 55..100, wave),
        track(&[("instance", "other:9187")], 0..100, wave),
    ];
    let found = joined(moved, "instance");
    assert_eq!(found.len(), 2);
    assert!(found.iter().any(|track| track.notes == ["was old:9187 before"]), "{found:?}");
    // Two ended and two began: which became which is unknown.
    let unclear = [("a", 0), ("b", 0), ("c", 55), ("d", 55)]
        .map(|(name, from)| track(&[("instance", name)], from..from + 45, wave));
    assert_eq!(joined(unclear.to_vec(), "instance").len(), 4);
    let together = ["exporter-0", "exporter-1"].map(|pod| track(&[("pod", pod)], 0..100, wave));
    assert_eq!(joined(together.to_vec(), "instance").len(), 2);
}

#[test]
fn the_worst_pod_of_a_workload_counts() {
    let pods = [("api-7d4b9c6f5d-aaaaa", 1.0), ("api-7d4b9c6f5d-bbbbb", 2.0), ("db-0", 3.0)]
        .map(|(pod, value)| track(&[("pod", pod), ("namespace", "shop")], 0..10, move |_| value));
    let workloads = by_workload(pods.to_vec(), Reduce::Max);
    let found: Vec<_> =
        workloads.iter().map(|track| (track.label("workload"), track.samples.values[0])).collect();
    assert_eq!(found, [(Some("api"), 2.0), (Some("db-0"), 3.0)]);
    assert_eq!(workloads[0].notes, ["the worst of 2 pods (2 over time)"]);
}
