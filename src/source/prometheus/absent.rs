//! Why there is nothing: never existed, stopped, or there but with other labels.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    grid::{DAY, Grid, HOUR},
    instances::{listed, stopped, time_text},
    plan::{QueryPlan, Range},
    reader::Reader,
};
use crate::{
    signal::Signal,
    snapshot::{Reason, Unavailable},
};

const MINUTE: i64 = 60;
/// How far back a metric that is gone is looked for.
const FAR: i64 = 90 * DAY;
const COARSE: i64 = 6 * HOUR;

impl Reader {
    /// None of the catalogue's candidates has its metrics in the window.
    pub(super) async fn why_no_candidate(&self, signal: &Signal) -> Unavailable {
        let ever = match self.names_of_all_time().await {
            Ok(ever) => ever,
            Err(failure) => return failure,
        };
        let existed =
            |needs: &Vec<String>| !needs.is_empty() && needs.iter().all(|metric| ever.contains(metric));
        let Some(gone) = signal.prometheus.iter().find(|candidate| existed(&candidate.needs)) else {
            return never_existed(signal, ever);
        };
        self.why_not_alive(&gone.needs).await.unwrap_or_else(|| {
            Unavailable::new(
                Reason::Stopped,
                format!("{} appeared only after the window", gone.needs.join(", ")),
            )
        })
    }

    /// A query gave no series.
    pub(super) async fn why_empty(&self, plan: &QueryPlan, ranges: &[Range]) -> Unavailable {
        if plan.needs.is_empty() || self.names.is_none() {
            return Unavailable::new(
                Reason::Empty,
                format!("the query returned nothing in the window: {}", plan.query),
            )
            .hint("try the query in the server's UI; you can configure a different one");
        }
        if let Some(metric) = self.out_of_scope(&plan.needs).await {
            let detail = format!("{metric} exists, but not with the labels of the scope");
            return Unavailable::new(Reason::NeverExisted, detail)
                .hint("if this system exists, use a scope that includes its series");
        }
        if self.client.is_of_fleet() {
            let detail = format!("the metrics exist, but no series matches {}", plan.query);
            return Unavailable::new(Reason::LabelMismatch, detail)
                .hint("bind the signal to a query that matches the labels of this service");
        }
        match self.why_not_alive(&plan.needs).await {
            Some(failure) => failure,
            None => self.label_mismatch(plan, ranges).await,
        }
    }

    /// One of some metrics that the server has, but not within the scope.
    async fn out_of_scope<'a>(&self, metrics: &'a [String]) -> Option<&'a String> {
        for name in metrics {
            if self.metric(name).await.is_ok_and(|metric| metric.is_out_of_scope) {
                return Some(name);
            }
        }
        None
    }

    /// `None` when all metrics have samples at the end of the window.
    async fn why_not_alive(&self, metrics: &[String]) -> Option<Unavailable> {
        for metric in metrics {
            match self.newest(metric).await {
                Ok(Some(at)) if at >= self.grid.to - self.grid.tolerance() => {}
                Ok(Some(at)) => return Some(of_metric(metric, stopped(at * 1000))),
                Ok(None) => {
                    let before = time_text((self.grid.to - FAR) * 1000);
                    let detail = format!("{metric} has had no sample since {before}");
                    return Some(Unavailable::new(Reason::Stopped, detail));
                }
                Err(failure) => return Some(failure),
            }
        }
        None
    }

    /// The metrics are alive, so it must be their labels.
    async fn label_mismatch(&self, plan: &QueryPlan, ranges: &[Range]) -> Unavailable {
        let mut found = Vec::new();
        for metric in &plan.needs {
            let sets = self.client.label_sets(metric, self.grid.recent()).await.unwrap_or_default();
            found.push(format!("{metric} has {}", labels_text(&sets)));
        }
        let detail = format!("the metrics exist, but no series matches {}: {}", plan.query, found.join("; "));
        let longest = ranges.iter().map(|range| range.seconds).max().unwrap_or_default();
        let hint = if plan.query.contains("$rate") {
            format!(
                "bind the signal to a query that matches these labels; if they are scraped less than four times in {longest}s, set `scrape_interval`"
            )
        } else {
            "bind the signal to a query that matches these labels".to_owned()
        };
        Unavailable::new(Reason::LabelMismatch, detail).hint(hint)
    }

    /// When a metric had its newest sample, in Unix seconds and to the minute: first in steps of hours, then
    /// within the last of them.
    async fn newest(&self, metric: &str) -> Result<Option<i64>, Unavailable> {
        let far = Grid::new(self.grid.to - FAR, self.grid.to + COARSE, COARSE);
        let Some(coarse) = self.newest_on(metric, "6h", far).await? else { return Ok(None) };
        let near = Grid::new(coarse - COARSE, coarse.min(self.grid.to), MINUTE);
        Ok(self.newest_on(metric, "1m", near).await?.or(Some(coarse.min(self.grid.to))))
    }

    async fn newest_on(&self, metric: &str, range: &str, grid: Grid) -> Result<Option<i64>, Unavailable> {
        let answer = self.client.range(&format!("count(last_over_time({metric}[{range}]))"), grid).await?;
        let newest = answer.series.iter().filter_map(|series| series.samples.at_ms.last()).max();
        Ok(newest.map(|at_ms| at_ms / 1000))
    }
}

fn of_metric(metric: &str, mut failure: Unavailable) -> Unavailable {
    failure.detail = format!("{metric}: {}", failure.detail);
    failure
}

fn never_existed(signal: &Signal, ever: &BTreeSet<String>) -> Unavailable {
    let missing = |needs: &[String]| needs.iter().find(|metric| !ever.contains(*metric)).cloned();
    let partly =
        signal.prometheus.iter().find(|candidate| candidate.needs.iter().any(|metric| ever.contains(metric)));
    let detail = match partly.and_then(|candidate| Some((candidate, missing(&candidate.needs)?))) {
        Some((candidate, missing)) => format!("{missing} of {} is missing", candidate.exporter),
        None => format!("no known metric for it exists, such as {}", known_metrics(signal)),
    };
    Unavailable::new(Reason::NeverExisted, detail)
        .hint(format!("scrape such an exporter, or set your own query under [signals.\"{}\"]", signal.id()))
}

/// The first metric of each candidate with its exporter, a few of them.
fn known_metrics(signal: &Signal) -> String {
    let known = signal.prometheus.iter().filter_map(|candidate| Some((candidate.needs.first()?, candidate)));
    let known: BTreeMap<&String, &str> =
        known.map(|(metric, candidate)| (metric, candidate.exporter.as_str())).collect();
    let texts: Vec<String> =
        known.iter().take(4).map(|(metric, exporter)| format!("{metric} ({exporter})")).collect();
    texts.join(", ")
}

fn labels_text(sets: &[BTreeMap<String, String>]) -> String {
    let names: BTreeSet<&str> = sets.iter().flat_map(|set| set.keys().map(String::as_str)).collect();
    let values = |name: &str| sets.iter().filter_map(|set| set.get(name).map(String::as_str)).collect();
    let labels = names.into_iter().filter(|name| *name != "__name__").take(8);
    let texts: Vec<String> = labels.map(|name| listed(name, &values(name))).collect();
    if texts.is_empty() { "no labels".to_owned() } else { texts.join(", ") }
}
