//! The parts of the API that are used. All of them only read.

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::Pin,
    sync::atomic::Ordering,
    time::Duration,
};

use futures_util::future::try_join_all;
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    super::{
        decode::{Answer, Limits},
        grid::{Grid, HOURS_AT_ONCE, joined},
        resolution::NativeHistograms,
    },
    Ask, Client, partial,
    receive::{Document, Query},
    without_statistics,
};
use crate::{discover::MetricKind, signal::parse_duration, snapshot::Unavailable};

const MEBIBYTE: u64 = 1024 * 1024;

/// An answer that is shared with other services. Its type is forgotten, since the reader of each service is a part of it.
type Shared<'a, T> = Pin<Box<dyn Future<Output = Result<T, Unavailable>> + Send + 'a>>;

fn shared<'a, T>(answer: impl Future<Output = Result<T, Unavailable>> + Send + 'a) -> Shared<'a, T> {
    Box::pin(answer)
}

#[derive(Deserialize)]
struct BuildInfo {
    version: Option<String>,
    /// Mimir and others that imitate the endpoint name themselves here.
    application: Option<String>,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    help: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Targets {
    active_targets: Vec<Target>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Target {
    scrape_interval: Option<String>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
}

impl Client {
    /// The values of a query on a grid of at most 11,000 points.
    pub(in super::super) async fn range(&self, query: &str, grid: Grid) -> Result<Answer, Unavailable> {
        match &self.share {
            Some(share) => shared(share.range(self, query, grid)).await,
            None => self.range_within(query, grid, Limits::default()).await,
        }
    }

    /// The values of a query at the ends of hours, in pieces that a server answers. Between `asked_from` (Unix seconds)
    /// and these hours there are none.
    pub(in super::super) async fn hours(
        &self,
        query: &str,
        ends: Grid,
        asked_from: i64,
    ) -> Result<Answer, Unavailable> {
        if let Some(share) = &self.share {
            return shared(share.hours(self, query, ends, asked_from)).await;
        }
        let pieces = ends.pieces_of(HOURS_AT_ONCE);
        let answers = pieces.map(|piece| self.range_within(query, piece, Limits::default()));
        Ok(joined(try_join_all(answers).await?))
    }

    /// The same with limits of its own.
    pub(in super::super) async fn range_within(
        &self,
        query: &str,
        grid: Grid,
        limits: Limits,
    ) -> Result<Answer, Unavailable> {
        let limits = Limits { points: grid.points(), ..limits };
        let mut parameters = vec![
            ("query", query.to_owned()),
            ("start", grid.from.to_string()),
            ("end", grid.to.to_string()),
            ("step", grid.step.to_string()),
            // VictoriaMetrics would move the ends to multiples of the step; others do not know the parameter.
            ("nocache", "1".to_owned()),
            // When this program has gone, the server need not continue.
            ("timeout", format!("{}ms", self.patience.as_millis())),
        ];
        parameters.extend(self.demanded());
        parameters.extend(self.demands.statistics.then(|| ("stats", "true".to_owned())));
        let ask = Ask { path: "query_range".to_owned(), parameters, post: true };
        let answer = self.ask(&ask, || Query::new(limits, &self.budget)).await?;
        if self.demands.statistics {
            // The server read them for an answer that is refused as well.
            self.server.samples.fetch_add(answer.samples_read.unwrap_or_default(), Ordering::Relaxed);
        }
        if self.demands.whole
            && let Some(missing) = answer.missing()
        {
            return Err(partial(&missing));
        }
        if self.demands.statistics && answer.samples_read.is_none() {
            return Err(without_statistics());
        }
        Ok(answer)
    }

    /// Parameters that refuse what is partial: the first of Thanos, the second of clusters of VictoriaMetrics. Others do
    /// not know them.
    fn demanded(&self) -> impl Iterator<Item = (&'static str, String)> {
        let whole = [("partial_response", "false".to_owned()), ("deny_partial_response", "1".to_owned())];
        whole.into_iter().filter(|_| self.demands.whole)
    }

    /// Asks for a small document.
    async fn document<T: DeserializeOwned>(&self, mut ask: Ask, limit: u64) -> Result<T, Unavailable> {
        ask.parameters.extend(self.demanded());
        self.ask(&ask, || Document::new(limit, self.demands.whole)).await
    }

    /// A request that only checks for an answer.
    pub(in super::super) async fn probe(&self) -> Result<(), Unavailable> {
        let ask = Ask { path: "query".to_owned(), parameters: vec![("query", "1".to_owned())], post: true };
        self.ask(&ask, || Query::new(Limits::default(), &self.budget)).await.map(|_| ())
    }

    /// The names of the metrics that have samples in a window, or ever had.
    pub(in super::super) async fn names(
        &self,
        window: Option<Grid>,
    ) -> Result<BTreeSet<String>, Unavailable> {
        let bounds = window.map(|grid| [("start", grid.from.to_string()), ("end", grid.to.to_string())]);
        let parameters = bounds.into_iter().flatten().collect();
        let ask = Ask { path: "label/__name__/values".to_owned(), parameters, post: false };
        self.document(ask, 64 * MEBIBYTE).await
    }

    /// The native histograms that a query gives at an instant (Unix seconds), with their buckets.
    pub(in super::super) async fn native_histograms(
        &self,
        query: &str,
        at: i64,
    ) -> Result<NativeHistograms, Unavailable> {
        match &self.share {
            Some(share) => shared(share.native_histograms(self, query, at)).await,
            None => self.native_histograms_of_all(query, at).await,
        }
    }

    /// The same of all services of a fleet.
    pub(in super::super) async fn native_histograms_of_all(
        &self,
        query: &str,
        at: i64,
    ) -> Result<NativeHistograms, Unavailable> {
        let parameters = vec![("query", query.to_owned()), ("time", at.to_string())];
        let ask = Ask { path: "query".to_owned(), parameters, post: true };
        self.document(ask, 8 * MEBIBYTE).await
    }

    /// The label sets of a metric in a window; servers that know `limit` send no more than 50.
    pub(in super::super) async fn label_sets(
        &self,
        metric: &str,
        window: Grid,
    ) -> Result<Vec<BTreeMap<String, String>>, Unavailable> {
        let parameters = vec![
            ("match[]", metric.to_owned()),
            ("start", window.from.to_string()),
            ("end", window.to.to_string()),
            ("limit", "50".to_owned()),
        ];
        let ask = Ask { path: "series".to_owned(), parameters, post: true };
        self.document(ask, 8 * MEBIBYTE).await
    }

    /// The type and the help text of each metric, of one target where several differ; nothing where the server does
    /// not keep them.
    pub(in super::super) async fn metadata(&self) -> BTreeMap<String, (MetricKind, String)> {
        let parameters = vec![("limit_per_metric", "1".to_owned())];
        let ask = Ask { path: "metadata".to_owned(), parameters, post: false };
        let answer: Result<BTreeMap<String, Vec<Metadata>>, _> = self.document(ask, 64 * MEBIBYTE).await;
        let first = |(name, all): (String, Vec<Metadata>)| {
            let Metadata { kind, help } = all.into_iter().next()?;
            Some((name, (MetricKind::from_word(&kind), help)))
        };
        answer.unwrap_or_default().into_iter().filter_map(first).collect()
    }

    /// Product and version, when the server reports them.
    pub(in super::super) async fn version(&self) -> Option<String> {
        let ask = Ask { path: "status/buildinfo".to_owned(), parameters: Vec::new(), post: false };
        let info: BuildInfo = self.document(ask, MEBIBYTE).await.ok()?;
        let product = info.application.unwrap_or_else(|| "Prometheus".to_owned());
        Some(match info.version {
            Some(version) => format!("{product} {version}"),
            None => "VictoriaMetrics or compatible".to_owned(),
        })
    }

    /// How often each job is scraped: as nine of ten of its targets are, or more often. Servers that do not scrape by
    /// themselves have no answer.
    pub(in super::super) async fn scrape_intervals(&self) -> BTreeMap<String, Duration> {
        let parameters = vec![("state", "active".to_owned())];
        let ask = Ask { path: "targets".to_owned(), parameters, post: false };
        let targets: Result<Targets, _> = self.document(ask, 64 * MEBIBYTE).await;
        let mut by_job: BTreeMap<String, Vec<Duration>> = BTreeMap::new();
        for target in targets.map(|targets| targets.active_targets).unwrap_or_default() {
            let interval = target.scrape_interval.as_deref().and_then(|text| parse_duration(text).ok());
            let job = target.labels.into_iter().find(|(name, _)| name == "job").map(|(_, job)| job);
            by_job.entry(job.unwrap_or_default()).or_default().extend(interval);
        }
        let slow = |(job, mut intervals): (String, Vec<Duration>)| {
            intervals.sort_unstable();
            let index = (intervals.len() * 9).div_ceil(10).saturating_sub(1);
            Some((job, *intervals.get(index)?))
        };
        by_job.into_iter().filter_map(slow).collect()
    }

    /// The distance between the samples of a metric, by job, as the samples themselves show it.
    pub(in super::super) async fn observed_intervals(
        &self,
        metric: &str,
        window: Grid,
    ) -> BTreeMap<String, Duration> {
        let now = Grid { from: window.to, ..window };
        let mut intervals: BTreeMap<String, Duration> = BTreeMap::new();
        // A short range shows what began a moment ago, a long one what is scraped rarely.
        for seconds in [600.0, 7200.0] {
            let query = format!("max by (job) (count_over_time({metric}[{seconds}s]))");
            let Ok(answer) = self.range(&query, now).await else { continue };
            for series in answer.series {
                let job = series.labels.into_iter().find(|(name, _)| name == "job").map(|(_, job)| job);
                let Some(count) = series.samples.values.last().filter(|count| **count >= 2.0) else {
                    continue;
                };
                // To five seconds: the ends of the range fall somewhere between two samples.
                let interval = (seconds / (count - 1.0) / 5.0).round().max(1.0) * 5.0;
                let interval = Duration::from_secs_f64(interval.min(seconds));
                let known = intervals.entry(job.unwrap_or_default()).or_insert(interval);
                *known = interval.min(*known);
            }
        }
        intervals
    }

    /// The names of the labels that a selector's series have in a window.
    pub(in super::super) async fn label_names(
        &self,
        selector: &str,
        window: Grid,
    ) -> Result<BTreeSet<String>, Unavailable> {
        match &self.share {
            Some(share) => shared(share.label_names(self, selector, window)).await,
            None => self.listed("labels".to_owned(), selector, window).await,
        }
    }

    /// The values of a label that a selector's series have in a window.
    pub(in super::super) async fn label_values(
        &self,
        label: &str,
        selector: &str,
        window: Grid,
    ) -> Result<BTreeSet<String>, Unavailable> {
        match &self.share {
            Some(share) => shared(share.label_values(self, label, selector, window)).await,
            None => self.listed(format!("label/{label}/values"), selector, window).await,
        }
    }

    /// What an endpoint lists of a selector's series in a window, of all services of a fleet.
    pub(in super::super) async fn listed(
        &self,
        path: String,
        selector: &str,
        window: Grid,
    ) -> Result<BTreeSet<String>, Unavailable> {
        let parameters = vec![
            ("match[]", selector.to_owned()),
            ("start", window.from.to_string()),
            ("end", window.to.to_string()),
        ];
        let ask = Ask { path, parameters, post: false };
        self.document(ask, 8 * MEBIBYTE).await
    }
}
