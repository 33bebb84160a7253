//! One way to read a signal, and the ranges of its rates.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::settings::Binding;
use crate::{
    signal::{Candidate, DefinedBy, LabelMatcher, MatchKind, Signal},
    snapshot::{Reason, Unavailable},
};

/// Where a fact occurs in a query: `$fact(seats)`.
const FACT: &str = "$fact(";

/// When a query is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Where those before it gave nothing.
    Otherwise,
    /// Beside them, because it reads other instances.
    Beside,
}

/// The queries that read a signal.
#[derive(Debug, Clone)]
pub(super) struct QueryPlan {
    pub(super) exporter: String,
    pub(super) needs: Vec<String>,
    pub(super) optional: Vec<String>,
    /// The signal, or for a share of something counted the usage.
    pub(super) query: String,
    /// For a share of something counted: what the usage may reach.
    pub(super) limit: Option<String>,
    /// The bucket series of the signal's histogram, where it is a quantile.
    pub(super) buckets: Option<String>,
    /// Whether that is a native histogram, which has no series for its buckets.
    pub(super) is_native: bool,
    /// Whether the scope is put into the queries.
    pub(super) scoped: bool,
    /// Whether the query is the project's own, which is sent as it is but for the scope.
    pub(super) is_bound: bool,
    /// When it is sent.
    pub(super) turn: Turn,
}

impl QueryPlan {
    /// A query of the project's own.
    pub(super) fn from_binding(binding: &Binding) -> Self {
        Self {
            exporter: "configuration".to_owned(),
            needs: Vec::new(),
            optional: Vec::new(),
            query: binding.query.clone(),
            limit: None,
            buckets: None,
            is_native: false,
            scoped: binding.scoped,
            is_bound: true,
            turn: Turn::Otherwise,
        }
    }

    /// A query of the catalogue, or of what configs and roadmaps add to it, which is sent as it is, too.
    pub(super) fn from_candidate(signal: &Signal, candidate: &Candidate) -> Self {
        Self {
            exporter: candidate.exporter.clone(),
            needs: candidate.needs.clone(),
            optional: candidate.optional.clone(),
            query: candidate.query.clone(),
            limit: candidate.limit.clone(),
            buckets: candidate.buckets.clone(),
            is_native: false,
            scoped: true,
            is_bound: signal.defined_by != DefinedBy::Program,
            turn: if candidate.beside { Turn::Beside } else { Turn::Otherwise },
        }
    }

    /// The queries over all metrics whose names end as ways of a signal ask for, as one: applications differ by their
    /// addresses, and of what one address counts under several names the most counts.
    pub(super) fn from_suffixes(signal: &Signal, names: &BTreeSet<String>) -> Option<Self> {
        let ways = signal.prometheus.iter().filter_map(|way| Some((way, way.suffix.as_deref()?)));
        let found: BTreeMap<&str, &Candidate> = ways
            .flat_map(|(way, suffix)| {
                names.iter().filter(|name| has_suffix(name, suffix)).map(move |name| (name.as_str(), way))
            })
            .collect();
        let (_, way) = found.first_key_value()?;
        let metrics: Vec<String> = found.keys().map(|metric| (*metric).to_owned()).collect();
        let queries = found.iter().map(|(metric, way)| way.query.replace("$metric", metric));
        let query = if found.len() == 1 { queries.collect() } else { most_of_each_address(queries) };
        Some(Self {
            exporter: exporters(&metrics),
            needs: metrics,
            query,
            ..Self::from_candidate(signal, way)
        })
    }

    /// The same query over the native histogram of that name; `None` unless there is something of that name in place of
    /// bucket series.
    pub(super) fn from_native_histogram(
        signal: &Signal,
        candidate: &Candidate,
        names: &BTreeSet<String>,
    ) -> Option<Self> {
        let buckets = candidate.buckets.as_ref()?;
        let native = buckets.strip_suffix("_bucket")?;
        let others = candidate.needs.iter().filter(|metric| *metric != buckets);
        let exists = names.contains(native) && !names.contains(buckets);
        let complete = exists && others.clone().all(|metric| names.contains(metric));
        complete.then(|| Self {
            needs: others.cloned().chain([native.to_owned()]).collect(),
            query: candidate.query.replace(buckets.as_str(), native),
            buckets: Some(native.to_owned()),
            is_native: true,
            ..Self::from_candidate(signal, candidate)
        })
    }

    /// Whether what its queries give depends on a fact.
    pub(super) fn takes_fact(&self, fact: &str) -> bool {
        [Some(&self.query), self.limit.as_ref()].into_iter().flatten().any(|query| takes(query, fact))
    }

    /// With the project's facts in the places of limits and queries that name them.
    ///
    /// # Errors
    /// When a fact is not stated, or is no number above zero.
    pub(super) fn with_facts(mut self, facts: &BTreeMap<String, f64>) -> Result<Self, Unavailable> {
        if let Some(limit) = &self.limit
            && let Some(value) = facts.get(limit)
        {
            self.needs.retain(|metric| metric != limit);
            self.limit = Some(format!("vector({value})"));
        }
        for query in [Some(&mut self.query), self.limit.as_mut()].into_iter().flatten() {
            while let Some(begin) = query.find(FACT) {
                let rest = &query[begin + FACT.len()..];
                let name = rest.split(')').next().unwrap_or_default().to_owned();
                let Some(value) = facts.get(&name).filter(|value| **value > 0.0) else {
                    let detail =
                        format!("it needs the fact `{name}`, which is not set to a number above zero");
                    let hint = format!("write `{name} = …` under [facts] in scale-advisor.toml");
                    return Err(Unavailable::new(Reason::NotConfigured, detail).hint(hint));
                };
                query.replace_range(begin..=begin + FACT.len() + name.len(), &value.to_string());
            }
        }
        Ok(self)
    }
}

/// Whether a query takes a fact beside what it selects. One that is the fact alone selects nothing.
fn takes(query: &str, fact: &str) -> bool {
    let text = format!("{FACT}{fact})");
    query.contains(&text) && query != format!("vector({text})")
}

/// The first few of the metrics that are counted together.
fn exporters(metrics: &[String]) -> String {
    const NAMED: usize = 3;
    let named = metrics.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match metrics.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// Whether a metric ends so and is of an application, whatever that is called.
fn has_suffix(metric: &str, suffix: &str) -> bool {
    metric.strip_suffix(suffix).is_some_and(|system| !system.is_empty() && !is_infrastructure(system))
}

/// Of each address the greatest of what several queries give.
fn most_of_each_address(queries: impl Iterator<Item = String>) -> String {
    // Series of equal labels would hide each other behind `or`.
    let numbered = queries
        .zip(1..)
        .map(|(query, number)| format!("label_replace({query}, \"counter\", \"{number}\", \"\", \"\")"));
    format!("max by (instance, job) ({})", numbered.collect::<Vec<_>>().join(" or "))
}

/// Systems that watch and run others: who asks them is no user.
fn is_infrastructure(system: &str) -> bool {
    const INFRASTRUCTURE: [&str; 22] = [
        "prometheus",
        "alertmanager",
        "grafana",
        "loki",
        "cortex",
        "mimir",
        "thanos",
        "tempo",
        "promhttp",
        "kubelet",
        "apiserver",
        "etcd",
        "rest_client",
        "argocd",
        "coredns",
        "vm",
        "vmagent",
        "vmalert",
        "node",
        "cadvisor",
        "otelcol",
        "kube",
    ];
    INFRASTRUCTURE
        .iter()
        .any(|known| system.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('_')))
}

/// The range that replaces `$rate`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Range {
    /// Its length in seconds.
    pub(super) seconds: i64,
    /// The longest scrape interval of its jobs, in seconds.
    pub(super) scrape: i64,
    /// The jobs it is for; all of them where there is no matcher.
    pub(super) jobs: Option<LabelMatcher>,
}

/// Jobs whose ranges differ by no more than this share one.
const ALIKE: i64 = 2;

impl Range {
    /// Four scrapes, or a step where that is longer.
    pub(super) fn for_all_jobs(interval: Duration, step: i64) -> Self {
        Self::of(whole_seconds(interval), step, None)
    }

    fn of(scrape: i64, step: i64, jobs: Option<LabelMatcher>) -> Self {
        Self { seconds: scrape.saturating_mul(4).max(step), scrape, jobs }
    }

    /// Longer by one scrape: a range between two samples at its ends misses what happens outside of them, so that ranges
    /// that lie side by side would never see what always happens where they meet, such as at the full hour.
    pub(super) fn with_one_scrape_more(self) -> Self {
        Self { seconds: self.seconds.saturating_add(self.scrape), ..self }
    }

    /// A range for each kind of jobs that are scraped alike; one for all where jobs cannot be read one by one.
    pub(super) fn by_interval(
        intervals: &BTreeMap<String, Duration>,
        step: i64,
        usual: Duration,
        separable: bool,
    ) -> Vec<Self> {
        let length = |scrape: i64| Self::of(scrape, step, None).seconds;
        let mut jobs: Vec<(i64, &String)> =
            intervals.iter().map(|(job, interval)| (whole_seconds(*interval), job)).collect();
        jobs.sort();
        let (Some((shortest, _)), Some((longest, _))) = (jobs.first(), jobs.last()) else {
            return vec![Self::for_all_jobs(usual, step)];
        };
        if length(*longest) <= ALIKE * length(*shortest) || !separable {
            return vec![Self::of(*longest, step, None)];
        }
        let mut classes: Vec<(i64, i64, Vec<String>)> = Vec::new();
        for (scrape, job) in jobs {
            match classes.last_mut().filter(|(shortest, ..)| length(scrape) <= ALIKE * length(*shortest)) {
                Some((_, longest, class)) => {
                    *longest = scrape;
                    class.push(job.clone());
                }
                None => classes.push((scrape, scrape, vec![job.clone()])),
            }
        }
        let range = |(_, scrape, class): (i64, i64, Vec<String>)| Self::of(scrape, step, job_matcher(&class));
        classes.into_iter().map(range).collect()
    }
}

/// An interval in seconds, rounded up.
fn whole_seconds(interval: Duration) -> i64 {
    i64::try_from(interval.as_secs() + u64::from(interval.subsec_nanos() > 0)).unwrap_or(i64::MAX)
}

/// The matcher for some jobs.
fn job_matcher(jobs: &[String]) -> Option<LabelMatcher> {
    let jobs: Vec<String> = jobs.iter().map(|job| regex::escape(job)).collect();
    LabelMatcher::new("job", MatchKind::Regex, &jobs.join("|")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::SignalId;

    #[test]
    fn a_native_histogram_takes_the_place_of_bucket_series() {
        let latency = SignalId::find("http.latency").unwrap().entry();
        let query = |names: &[&str]| {
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            let mut plans = latency
                .prometheus
                .iter()
                .filter_map(|candidate| QueryPlan::from_native_histogram(latency, candidate, &names));
            plans.next().map(|plan| plan.query)
        };
        let found = query(&["http_request_duration_seconds"]).unwrap();
        assert!(
            found.contains("(rate(http_request_duration_seconds{") && found.contains("}[$rate]))"),
            "{found}"
        );
        assert_eq!(query(&["http_request_duration_seconds", "http_request_duration_seconds_bucket"]), None);
        assert_eq!(query(&["http_request_duration_seconds_count"]), None);
    }

    #[test]
    fn a_fact_in_a_query_is_found_and_one_that_is_a_limit_by_itself_is_not() {
        let plan = |query: &str, limit: &str| QueryPlan {
            limit: Some(limit.to_owned()),
            ..QueryPlan::from_binding(&Binding::from(query))
        };
        assert!(plan("a * $fact(seats)", "b").takes_fact("seats"));
        assert!(plan("a", "$fact(seats) - (b)").takes_fact("seats"));
        assert!(!plan("a * $fact(seats)", "b").takes_fact("seat"));
        assert!(!plan("a", "vector($fact(seats))").takes_fact("seats"));
        assert!(!plan("a", "seats").takes_fact("seats"));
    }

    #[test]
    fn each_kind_of_jobs_has_its_range() {
        let minute = Duration::from_secs(60);
        let intervals = |pairs: &[(&str, u64)]| -> BTreeMap<String, Duration> {
            pairs.iter().map(|(job, seconds)| ((*job).to_owned(), Duration::from_secs(*seconds))).collect()
        };
        let ranges = |pairs: &[(&str, u64)], separable| {
            Range::by_interval(&intervals(pairs), 60, minute, separable)
                .into_iter()
                .map(|range| (range.seconds, range.jobs.map(|jobs| jobs.to_string())))
                .collect::<Vec<_>>()
        };
        assert_eq!(ranges(&[], true), [(240, None)]);
        assert_eq!(ranges(&[("a", 15), ("b", 30)], true), [(120, None)]);
        let apart = [("a", 15), ("b.c", 300), ("d", 15)];
        assert_eq!(
            ranges(&apart, true),
            [(60, Some("job=~a|d".to_owned())), (1200, Some("job=~b\\.c".to_owned()))]
        );
        assert_eq!(ranges(&apart, false), [(1200, None)]);
        assert_eq!(Range::for_all_jobs(minute, 600).seconds, 600);
    }
}
