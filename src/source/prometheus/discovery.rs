//! Looks for resources that the catalogue does not know, with few questions.
//!
//! Names and types are one question each, labels of states one, values one for a hundred pairs. A server with more
//! names than the budget is not queried, unless everything is requested.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join_all;

use super::{
    NAME,
    decode::RawSeries,
    grid::Grid,
    promql::Query,
    reader::{Reader, not_scoped},
};
use crate::{
    discover::{
        self, Candidate, Inventory, LoadLike, Metric, MetricKind, MetricSeries, STATE_LABELS, USED_VALUES,
        declaration,
    },
    snapshot::{
        DiscoveredResource, Discovery, NotSearched, NotSearchedReason, Observation, PossibleLoad, Reason,
        Unavailable,
    },
    source::Search,
};

/// Servers with more names than this are searched only on request.
const NAME_BUDGET: usize = 20_000;
/// How many metrics are requested at once: a hundred pairs.
const METRICS_AT_ONCE: usize = 200;
/// How many metrics with state labels are checked.
const MOST_LABELLED: usize = 200;
/// How many metrics are named that may be the load.
const MOST_LOADS: usize = 10;
/// Values are asked for at so many instants.
const INSTANTS: i64 = 48;

/// What a search gave, or why there was none.
pub(super) type Searched = Result<(Vec<discover::Found>, Vec<LoadLike>), NotSearchedReason>;

/// What was found besides what the observations read. That the search failed is part of the answer: nothing else is
/// lost by it.
pub(super) fn discovery(searched: Searched, observations: &[Observation]) -> Discovery {
    let (found, loads) = match searched {
        Ok(found) => found,
        Err(reason) => {
            let not_searched = vec![NotSearched { source: NAME.to_owned(), reason }];
            return Discovery { not_searched, ..Discovery::default() };
        }
    };
    let read = read_metrics(observations);
    let resource = |found: &discover::Found| {
        let resource = DiscoveredResource::new(found, NAME);
        DiscoveredResource { is_read: resource.metrics.iter().any(|name| read.contains(name)), ..resource }
    };
    // What the catalogue tries already is no near miss.
    let missing = |load: &PossibleLoad| {
        let tried = &load.signal.entry().prometheus;
        !observations.iter().any(|observation| observation.signal == load.signal)
            && !tried.iter().any(|candidate| candidate.needs.contains(&load.metric))
    };
    Discovery {
        resources: found.iter().map(resource).collect(),
        loads: loads.iter().filter_map(PossibleLoad::new).filter(missing).take(MOST_LOADS).collect(),
        not_searched: Vec::new(),
    }
}

/// What is looked for: the same in every part of a server.
#[derive(Debug)]
pub(super) struct Prospects {
    metrics: Vec<Metric>,
    candidates: Vec<Candidate>,
    loads: Vec<LoadLike>,
}

/// Looks for resources among the metrics of the server.
pub(super) async fn search_all(reader: &Reader, search: Search, now_ms: i64) -> Searched {
    search_for(reader, &prospects(reader, search).await?, now_ms).await
}

/// What may be a resource or a load by its name, its kind or its labels.
pub(super) async fn prospects(reader: &Reader, search: Search) -> Result<Prospects, NotSearchedReason> {
    let names = reader.names.as_ref().ok_or(NotSearchedReason::NotListed)?;
    if names.len() > NAME_BUDGET && search != Search::All {
        return Err(NotSearchedReason::TooManyNames { names: names.len(), budget: NAME_BUDGET });
    }
    let (declared, labelled) = tokio::join!(reader.client.metadata(), labelled(reader));
    let metrics: Vec<Metric> = names
        .iter()
        .map(|name| {
            let (kind, help) = declaration(name, &declared);
            Metric { name: name.clone(), kind, help }
        })
        .collect();
    let loads = discover::loads(&metrics);
    let mut candidates = discover::candidates(&metrics);
    candidates.extend(labelled_candidates(&metrics, &labelled));
    Ok(Prospects { metrics, candidates, loads })
}

/// What is a resource by its values as well.
pub(super) async fn search_for(reader: &Reader, prospects: &Prospects, now_ms: i64) -> Searched {
    let Prospects { metrics, candidates, loads } = prospects;
    let series = values(reader, candidates, now_ms)
        .await
        .map_err(|failure| NotSearchedReason::Failed { detail: failure.detail })?;
    let metrics = metrics.iter().filter(|metric| series.contains_key(&metric.name)).cloned().collect();
    Ok((discover::resources(candidates, &Inventory { metrics, series }), loads.clone()))
}

/// The metrics that the catalogue reads here.
fn read_metrics(observations: &[Observation]) -> BTreeSet<String> {
    let queries: BTreeSet<&str> =
        observations.iter().map(|observation| observation.origin.query.as_str()).collect();
    queries
        .into_iter()
        .filter_map(|query| Query::parse(query).ok())
        .flat_map(|query| query.metrics())
        .collect()
}

fn labelled_candidates(metrics: &[Metric], labelled: &BTreeSet<String>) -> Vec<Candidate> {
    let may_be = |metric: &&Metric| {
        matches!(metric.kind, MetricKind::Gauge | MetricKind::Unknown) && labelled.contains(&metric.name)
    };
    let names = metrics.iter().filter(may_be).map(|metric| metric.name.as_str());
    discover::labelled_candidates(names.take(MOST_LABELLED))
}

/// The metrics with a label of states one of whose values means use; none where the server does not answer that.
async fn labelled(reader: &Reader) -> BTreeSet<String> {
    let selectors: Vec<String> =
        STATE_LABELS.iter().map(|label| format!("{{{label}=~\"{USED_VALUES}\"}}")).collect();
    let query = format!("count by (__name__) ({})", selectors.join(" or "));
    let now = Grid { from: reader.grid.to, ..reader.grid };
    let Ok(query) = scoped(reader, &query) else { return BTreeSet::new() };
    let Ok(answer) = reader.client.range(&query, now).await else { return BTreeSet::new() };
    answer.series.into_iter().filter_map(|series| parted(series.labels).0).collect()
}

/// The values of all metrics that candidates are read from.
async fn values(
    reader: &Reader,
    candidates: &[Candidate],
    now_ms: i64,
) -> Result<BTreeMap<String, Vec<MetricSeries>>, Unavailable> {
    let names: Vec<&str> = discover::metrics_of(candidates).into_iter().collect();
    let questions = names.chunks(METRICS_AT_ONCE).map(|names| values_of(reader, names));
    let mut series: BTreeMap<String, Vec<MetricSeries>> = BTreeMap::new();
    for series_of_one in try_join_all(questions).await?.into_iter().flatten() {
        take(reader, series_of_one, now_ms, &mut series);
    }
    Ok(series)
}

/// The series of some metrics, in several questions where one answer would be too large.
async fn values_of(reader: &Reader, names: &[&str]) -> Result<Vec<RawSeries>, Unavailable> {
    let grid = coarse(reader.grid);
    let mut series = Vec::new();
    let mut waiting = vec![names];
    while let Some(names) = waiting.pop() {
        let query = scoped(reader, &selector(names))?;
        match reader.client.range(&query, grid).await {
            Ok(answer) => series.extend(answer.series),
            // One of them has very many series; the others are not lost by it.
            Err(failure) if failure.reason == Reason::TooLarge && names.len() > 1 => {
                let (first, second) = names.split_at(names.len() / 2);
                waiting.extend([second, first]);
            }
            Err(failure) if failure.reason == Reason::TooLarge => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(series)
}

/// A few instants of the window, the last of them its end.
fn coarse(grid: Grid) -> Grid {
    let step = ((grid.to - grid.from) / INSTANTS).max(grid.step).max(1);
    let points = (grid.to - grid.from) / step;
    Grid { from: grid.to - points * step, to: grid.to, step }
}

/// A selector of all series of some metrics.
fn selector(names: &[&str]) -> String {
    let escaped = |name: &&str| {
        name.chars().fold(String::new(), |mut text, letter| {
            if !letter.is_alphanumeric() && letter != '_' && letter != ':' {
                text.push_str("\\\\");
            }
            text.push(letter);
            text
        })
    };
    let names: Vec<String> = names.iter().map(escaped).collect();
    format!("{{__name__=~\"{}\"}}", names.join("|"))
}

fn scoped(reader: &Reader, query: &str) -> Result<String, Unavailable> {
    let mut query = Query::parse(query).map_err(|error| not_scoped(&error))?;
    query.narrow(&reader.settings.scope.matchers).map_err(|error| not_scoped(&error))?;
    Ok(query.text())
}

/// Takes a series that is alive; of copies that differ in the replica alone, one.
fn take(reader: &Reader, series: RawSeries, now_ms: i64, all: &mut BTreeMap<String, Vec<MetricSeries>>) {
    let (Some(name), mut labels) = parted(series.labels) else { return };
    labels.retain(|label, _| !reader.settings.scope.replica_labels.contains(label));
    let samples: Vec<(i64, f64)> = series.samples.at_ms.into_iter().zip(series.samples.values).collect();
    let alive = samples.last().is_some_and(|(at, _)| now_ms - at <= reader.grid.tolerance() * 1000);
    let of_metric = all.entry(name).or_default();
    if alive && !of_metric.iter().any(|other| other.labels == labels) {
        of_metric.push(MetricSeries { labels, samples });
    }
}

/// The name of the metric, and its labels.
fn parted(labels: Vec<(String, String)>) -> (Option<String>, BTreeMap<String, String>) {
    let mut labels: BTreeMap<String, String> = labels.into_iter().collect();
    (labels.remove("__name__"), labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_selected_as_they_are_written() {
        assert_eq!(selector(&["a_b", "c.d"]), r#"{__name__=~"a_b|c\\.d"}"#);
        assert!(Query::parse(&selector(&["a_b", "c.d"])).is_ok());
    }

    #[test]
    fn the_last_instant_is_the_end_of_the_window() {
        let grid = coarse(Grid::new(0, 86_400, 60));
        assert_eq!((grid.from, grid.to, grid.step, grid.points()), (0, 86_400, 1800, 49));
        let grid = coarse(Grid::new(0, 600, 60));
        assert_eq!((grid.from, grid.to, grid.step), (0, 600, 60));
    }
}
