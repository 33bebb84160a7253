//! Names of instances, made of the labels that tell them apart.

use std::{collections::BTreeSet, net::IpAddr};

use super::{labels::is_place, tracks::Track};
use crate::signal::{Identity, Scope, Signal};

/// A name for each track, `None` where there is nothing to tell apart.
///
/// The label that the catalogue names comes first. Where it is the same for several, the labels in which these differ
/// are added, as few as it takes: `db:9187 in eu`. Where it is the same for all, those labels are the name.
pub(super) fn names(tracks: &[Track], signal: &Signal, scope: &Scope) -> Vec<Option<String>> {
    let primaries: Vec<Option<String>> = tracks.iter().map(|track| primary(track, signal)).collect();
    let one_primary = primaries.iter().collect::<BTreeSet<_>>().len() == 1;
    let name = |(track, primary): (&Track, &Option<String>)| {
        let twins: Vec<&Track> = tracks
            .iter()
            .zip(&primaries)
            .filter(|(_, other)| *other == primary)
            .map(|(track, _)| track)
            .collect();
        if twins.len() == 1 {
            return primary.clone();
        }
        let labels = telling(&twins, signal, scope);
        let words = |labels: &[&str]| {
            labels.iter().filter_map(|label| track.label(label)).collect::<Vec<_>>().join(" ")
        };
        match primary {
            Some(primary) if !one_primary => {
                let is_place = labels.iter().all(|label| is_place(label, scope));
                Some(format!("{primary}{}{}", if is_place { " in " } else { " " }, words(&labels)))
            }
            _ => Some(words(&labels)).filter(|words| !words.is_empty()).or_else(|| primary.clone()),
        }
    };
    tracks.iter().zip(&primaries).map(name).collect()
}

/// The main part of the name. An address that a pod has only until it is replaced gives way to its workload.
fn primary(track: &Track, signal: &Signal) -> Option<String> {
    let key = signal.instance.as_deref()?;
    if let Some(workload) = track.label("workload").filter(|_| signal.identity() == Identity::Workload) {
        return Some(workload.to_owned());
    }
    let value = track.label(key)?;
    let passing = key == "instance" && signal.system != "host" && is_address(value);
    if let Some(workload) = track.workload().filter(|_| passing) {
        return Some(workload.to_owned());
    }
    Some(without_repetition(value))
}

/// `10.0.3.7:9187`, `[::1]:9187`.
fn is_address(instance: &str) -> bool {
    let host = instance.rsplit_once(':').map_or(instance, |(host, _)| host);
    host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
}

/// `shop/api` for `shop/api/api`: a container that is named as its workload.
fn without_repetition(name: &str) -> String {
    match name.rsplit_once('/') {
        Some((rest, last)) if rest.rsplit('/').next() == Some(last) => rest.to_owned(),
        _ => name.to_owned(),
    }
}

/// As few labels as it takes to tell tracks apart: places first, then what an exporter shows, who scraped it last.
fn telling<'a>(tracks: &[&'a Track], signal: &Signal, scope: &Scope) -> Vec<&'a str> {
    let all: BTreeSet<&str> =
        tracks.iter().flat_map(|track| track.labels.keys().map(String::as_str)).collect();
    let rank = |label: &str| match label {
        label if is_place(label, scope) => 0,
        "instance" if signal.instance.as_deref() != Some("instance") => 3,
        "job" | "pod" | "pod_name" | "node" => 2,
        _ => 1,
    };
    let mut labels: Vec<&str> = all.into_iter().collect();
    labels.sort_by_key(|label| (rank(label), *label));
    let differing = |labels: &[&str]| {
        let values = |track: &&Track| {
            labels.iter().map(|label| track.label(label).unwrap_or_default().to_owned()).collect::<Vec<_>>()
        };
        tracks.iter().map(values).collect::<BTreeSet<_>>().len()
    };
    let mut chosen: Vec<&str> = Vec::new();
    for label in labels {
        let with = [chosen.as_slice(), &[label]].concat();
        if differing(&with) > differing(&chosen) {
            chosen = with;
        }
        if differing(&chosen) == tracks.len() {
            break;
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::SignalId;

    #[track_caller]
    fn check(signal: &str, tracks: &[&[(&str, &str)]], expected: &[&str]) {
        let tracks: Vec<Track> = tracks
            .iter()
            .map(|labels| Track {
                labels: labels
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                    .collect(),
                ..Track::default()
            })
            .collect();
        let names = names(&tracks, SignalId::find(signal).unwrap().entry(), &Scope::default());
        let names: Vec<&str> = names.iter().map(|name| name.as_deref().unwrap_or_default()).collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn as_few_labels_as_it_takes() {
        let pg = "postgres.connections";
        check(pg, &[&[("instance", "a"), ("job", "x")], &[("instance", "b"), ("job", "y")]], &["a", "b"]);
        check(
            pg,
            &[
                &[("instance", "db"), ("cluster", "eu"), ("job", "x")],
                &[("instance", "db"), ("cluster", "us"), ("job", "x")],
                &[("instance", "other"), ("cluster", "us")],
            ],
            &["db in eu", "db in us", "other"],
        );
        check(
            pg,
            &[&[("instance", "e"), ("server", "orders")], &[("instance", "e"), ("server", "users")]],
            &["orders", "users"],
        );
        check(pg, &[&[("instance", "e"), ("server", "orders")]], &["e"]);
        check(pg, &[&[]], &[""]);
    }

    #[test]
    fn the_address_of_a_pod_gives_way_to_its_workload() {
        check(
            "redis.memory",
            &[
                &[("instance", "10.0.0.1:9121"), ("pod", "redis-0")],
                &[("instance", "10.0.0.2:9121"), ("pod", "redis-1")],
            ],
            &["redis-0", "redis-1"],
        );
        check(
            "host.cpu",
            &[&[("instance", "10.0.0.1:9100"), ("pod", "node-exporter-x8k2m")]],
            &["10.0.0.1:9100"],
        );
        check("node.cpu", &[&[("workload", "api"), ("namespace", "shop")]], &["api"]);
        check("container.memory", &[&[("instance", "shop/api/api")]], &["shop/api"]);
    }
}
