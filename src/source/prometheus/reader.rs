//! Reads one signal after the other from a server that is known to answer.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use futures_util::future::try_join_all;
use tokio::sync::{Mutex, OnceCell};

use super::{
    client::{Client, Demands, fails_every_query},
    grid::{Grid, RangeResult, stitch},
    labels,
    observe::SignalResult,
    plan::{QueryPlan, Range, Turn},
    promql::Query,
    settings::Settings,
};
use crate::{
    signal::{Candidate, LabelMatcher, Signal},
    snapshot::{Reason, Unavailable},
    source::{Past, Request},
};

/// When neither the config nor the server says: Prometheus' own default.
const USUAL_SCRAPE_INTERVAL: Duration = Duration::from_secs(60);

/// Everything needed to read signals.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    pub(super) client: Client,
    pub(super) settings: Arc<Settings>,
    pub(super) grid: Grid,
    /// The past that is needed.
    pub(super) past: Option<Arc<Past>>,
    /// The scrape intervals of jobs, where the server reports them.
    intervals: Arc<BTreeMap<String, Duration>>,
    /// The metrics of the window; absent on servers that do not list them.
    pub(super) names: Option<Arc<BTreeSet<String>>>,
    ever: Arc<OnceCell<BTreeSet<String>>>,
    metrics: Metrics,
}

/// What is known of metrics, by their names.
type Metrics = Arc<Mutex<BTreeMap<String, Arc<OnceCell<Metric>>>>>;

/// What is known of a metric besides its values.
#[derive(Debug, Clone, Default)]
pub(super) struct Metric {
    /// The names of its labels.
    pub(super) labels: BTreeSet<String>,
    /// The jobs that export it.
    pub(super) jobs: BTreeSet<String>,
    /// Whether the server said that the scope has no series of it.
    pub(super) is_out_of_scope: bool,
}

impl Reader {
    /// Asks the server for what all signals need: its metrics and its scrape intervals.
    ///
    /// # Errors
    /// When the server does not answer, or not as such a server does.
    pub(super) async fn connect(
        settings: &Settings,
        request: &Request,
        timeout: Duration,
        demands: Demands,
    ) -> Result<(Self, Option<String>), Unavailable> {
        let client = Client::new(settings, timeout, demands)?;
        let grid = Grid::of(request.window);
        let intervals = async {
            match settings.scrape_interval {
                Some(_) => BTreeMap::new(),
                None => client.scrape_intervals().await,
            }
        };
        let (names, version, intervals) = tokio::join!(names(&client, grid), client.version(), intervals);
        let names = names?.map(Arc::new);
        let (settings, past) = (Arc::new(settings.clone()), request.past.clone().map(Arc::new));
        let (ever, metrics, intervals) = (Arc::default(), Metrics::default(), Arc::new(intervals));
        Ok((Self { client, settings, grid, past, intervals, names, ever, metrics }, version))
    }

    /// The same for another part of the server, of which nothing is known so far.
    pub(super) fn of_part(&self, settings: Arc<Settings>, client: Client) -> Self {
        Self { client, settings, metrics: Metrics::default(), ..self.clone() }
    }

    /// The same with another client, which shares what is known.
    pub(super) fn asking(&self, client: Client) -> Self {
        Self { client, ..self.clone() }
    }

    /// The metrics of all time, requested once and only when something is missing.
    pub(super) async fn names_of_all_time(&self) -> Result<&BTreeSet<String>, Unavailable> {
        self.ever.get_or_try_init(|| self.client.names(None)).await
    }

    /// Reads a signal in the first way that gives something, and in those that stand beside it.
    ///
    /// # Errors
    /// With the reason of the first way when none does.
    pub(super) async fn read(&self, signal: &Signal) -> Result<SignalResult, Unavailable> {
        let mut first = None;
        let mut read_so_far: Option<SignalResult> = None;
        for plan in self.plans(signal) {
            if read_so_far.is_some() && plan.turn == Turn::Otherwise {
                continue;
            }
            let (is_native, exporter) = (plan.is_native, plan.exporter.clone());
            let read = async { self.read_plan(signal, &plan.with_facts(&self.settings.facts)?).await };
            match read.await {
                Ok(found) => match &mut read_so_far {
                    Some(before) => before.extend(found),
                    None => read_so_far = Some(found),
                },
                Err(failure) if fails_every_query(&failure) => return Err(failure),
                // What has the name of a native histogram may be a summary.
                Err(failure) if is_native && failure.reason == Reason::Empty => {}
                Err(failure) => match &mut read_so_far {
                    Some(before) => {
                        before.notes.insert(format!("{} of {exporter}: {}", signal.id(), failure.detail));
                    }
                    None => _ = first.get_or_insert(failure),
                },
            }
        }
        match (read_so_far, first) {
            (Some(found), _) => Ok(found),
            (None, Some(failure)) => Err(failure),
            (None, None) => Err(self.why_no_candidate(signal).await),
        }
    }

    /// The user's own query alone, or those of the catalogue whose metrics exist.
    pub(super) fn plans(&self, signal: &Signal) -> Vec<QueryPlan> {
        if let Some(binding) = self.settings.bindings.get(&signal.id()) {
            return vec![QueryPlan::from_binding(binding)];
        }
        let stated = |metric: &String| self.settings.facts.contains_key(metric);
        let plans = |candidate: &Candidate| match &self.names {
            Some(names) if !candidate.needs.iter().all(|metric| names.contains(metric) || stated(metric)) => {
                QueryPlan::from_native_histogram(signal, candidate, names).into_iter().collect()
            }
            _ => vec![QueryPlan::from_candidate(signal, candidate)],
        };
        let named = signal.prometheus.iter().filter(|candidate| candidate.suffix.is_none());
        let any_prefix = self.names.as_ref().and_then(|names| QueryPlan::from_suffixes(signal, names));
        named.flat_map(plans).chain(any_prefix).collect()
    }

    /// Asks for the present and the past side by side: what the server takes for both is not added up.
    async fn read_plan(&self, signal: &Signal, plan: &QueryPlan) -> Result<SignalResult, Unavailable> {
        let ask_past = async {
            match self.past.as_ref().filter(|past| past.signals.contains(&signal.id())) {
                // That it fails is a note beside the present, and does not end it.
                Some(past) => Ok(Some(self.ask_past(signal, plan, past.from.timestamp()).await)),
                None => Ok(None),
            }
        };
        let (mut found, past) =
            tokio::try_join!(Box::pin(self.read_present(signal, plan)), Box::pin(ask_past))?;
        if let Some(Ok(answers)) = &past {
            let note = |warning: &String| format!("the past of {} is partial: {warning}", signal.id());
            found.notes.extend(answers.warnings.iter().map(note));
        }
        let history = past.map(|answers| self.history(signal, plan, answers?, &found.observations));
        match history {
            None => {}
            Some(Ok(history)) => found.history = history,
            Some(Err(failure)) => {
                let note = format!("the past of {} is not known: {}", signal.id(), failure.detail);
                found.notes.insert(note);
            }
        }
        Ok(found)
    }

    /// A query over a grid, as it was sent, and what it gave: once for each range of its rates.
    pub(super) async fn whole(
        &self,
        signal: &Signal,
        plan: &QueryPlan,
        query: &str,
        ranges: &[Range],
        grid: Grid,
    ) -> Result<(String, RangeResult), Unavailable> {
        let mut sent = Vec::new();
        for range in ranges {
            sent.push(self.rewritten(signal, plan, query, range).await?);
        }
        let questions = sent.iter().flat_map(|query| grid.pieces().map(move |piece| (query, piece)));
        let answers = try_join_all(questions.map(|(query, piece)| self.client.range(query, piece))).await?;
        // Each is for other jobs, so that together they are one query.
        Ok((sent.join(" or "), stitch(answers)))
    }

    pub(super) async fn whole_of(
        &self,
        signal: &Signal,
        plan: &QueryPlan,
        query: Option<&str>,
        ranges: &[Range],
        grid: Grid,
    ) -> Result<(String, RangeResult), Unavailable> {
        match query {
            Some(query) => self.whole(signal, plan, query, ranges, grid).await,
            None => Ok((String::new(), RangeResult::default())),
        }
    }

    /// A query as it is sent: with its ranges, in the scope, without replicas and missing parts, and with the labels
    /// that tell instances apart.
    ///
    /// # Errors
    /// When it has to be changed and is no PromQL.
    pub(super) async fn rewritten(
        &self,
        signal: &Signal,
        plan: &QueryPlan,
        query: &str,
        range: &Range,
    ) -> Result<String, Unavailable> {
        let text = query.replace("$rate", &format!("{}s", range.seconds));
        let scope = &self.settings.scope;
        let mut tree = match Query::parse(&text) {
            Ok(tree) => tree,
            Err(_) if !plan.scoped || scope.matchers.is_empty() => return Ok(text),
            Err(error) => return Err(not_scoped(&error)),
        };
        if !plan.scoped {
            return Ok(text);
        }
        tree.without_missing(&|metric| {
            plan.optional.iter().any(|optional| optional == metric) && self.is_missing(metric)
        });
        let metrics = self.metrics_of(&tree).await?;
        let replicas = metrics.iter().map(|(name, metric)| {
            let labels = scope.replica_labels.iter().filter(|label| metric.labels.contains(*label));
            (name.clone(), labels.cloned().collect())
        });
        tree.without_replicas(&replicas.collect());
        if !plan.is_bound {
            tree.keep_labels(&self.labels_to_keep(signal, &metrics));
        }
        let jobs = range.jobs.iter().cloned();
        let matchers: Vec<LabelMatcher> = scope.matchers.iter().cloned().chain(jobs).collect();
        tree.narrow(&matchers).map_err(|error| not_scoped(&error))?;
        Ok(tree.text())
    }

    /// The labels that all metrics of a query have and that tell instances of the signal apart.
    fn labels_to_keep(&self, signal: &Signal, metrics: &BTreeMap<String, Metric>) -> Vec<String> {
        let kept = |(name, metric): (&String, &Metric)| -> BTreeSet<String> {
            labels::kept(name, &metric.labels, signal, &self.settings.scope).into_iter().collect()
        };
        let existing = metrics.iter().filter(|(_, metric)| !metric.labels.is_empty());
        let common = existing.map(kept).reduce(|a, b| a.intersection(&b).cloned().collect());
        let mut common: Vec<String> = common.unwrap_or_default().into_iter().collect();
        let several_jobs = metrics.values().any(|metric| metric.jobs.len() > 1);
        if signal.instance.is_none() && signal.reduce.is_some() {
            // An address that two jobs scrape is found twice only where addresses are told apart.
            let told_apart =
                several_jobs && metrics.values().all(|metric| metric.labels.contains("instance"));
            common.extend(told_apart.then(|| "instance".to_owned()));
            common.retain(|label| label != "job" || several_jobs);
        } else if signal.instance.is_none() {
            common.clear();
        }
        common
    }

    async fn metrics_of(&self, query: &Query) -> Result<BTreeMap<String, Metric>, Unavailable> {
        let mut metrics = BTreeMap::new();
        for name in query.metrics() {
            let metric = self.metric(&name).await?;
            metrics.insert(name, metric);
        }
        Ok(metrics)
    }

    /// What is known of a metric, requested once.
    pub(super) async fn metric(&self, name: &str) -> Result<Metric, Unavailable> {
        if self.is_missing(name) {
            return Ok(Metric::default());
        }
        let cell = Arc::clone(self.metrics.lock().await.entry(name.to_owned()).or_default());
        let metric = cell.get_or_try_init(|| async {
            let selector = Query::parse(name).and_then(|mut selector| {
                selector.narrow(&self.settings.scope.matchers)?;
                Ok(selector.text())
            });
            let selector = selector.map_err(|error| not_scoped(&error))?;
            let labels = self.client.label_names(&selector, self.grid).await?;
            let jobs = if labels.contains("job") {
                self.client.label_values("job", &selector, self.grid).await?
            } else {
                BTreeSet::new()
            };
            let is_out_of_scope = labels.is_empty() && !self.settings.scope.matchers.is_empty();
            Ok(Metric { labels, jobs, is_out_of_scope })
        });
        match metric.await {
            Ok(metric) => Ok(metric.clone()),
            Err(failure) if fails_every_query(&failure) => Err(failure),
            // A server that does not list labels can still answer queries.
            Err(_) => Ok(Metric::default()),
        }
    }

    /// Whether the server is known not to have a metric.
    pub(super) fn is_missing(&self, metric: &str) -> bool {
        self.names.as_ref().is_some_and(|names| !names.contains(metric))
    }

    /// The ranges that replace `$rate`, four scrapes of the jobs that they are for, and no less than a step. One is
    /// enough where all jobs are scraped alike.
    pub(super) async fn ranges(&self, plan: &QueryPlan, step: i64) -> Vec<Range> {
        let text = format!("{} {}", plan.query, plan.limit.as_deref().unwrap_or_default());
        let usual = self.settings.scrape_interval.unwrap_or(USUAL_SCRAPE_INTERVAL);
        if !text.contains("$rate") {
            return vec![Range::for_all_jobs(usual, step)];
        }
        let tree = Query::parse(&plan.query.replace("$rate", "1m"));
        let metrics = match (&self.settings.scrape_interval, &tree) {
            (None, Ok(tree)) => self.metrics_of(tree).await.unwrap_or_default(),
            _ => return vec![Range::for_all_jobs(usual, step)],
        };
        let mut intervals: BTreeMap<String, Duration> = BTreeMap::new();
        for (name, metric) in metrics.iter().filter(|(_, metric)| !metric.labels.is_empty()) {
            let known = |job: &String| Some((job.clone(), *self.intervals.get(job)?));
            let known: BTreeMap<String, Duration> = metric.jobs.iter().filter_map(known).collect();
            if known.len() < metric.jobs.len().max(1) {
                let observed = self.client.observed_intervals(name, self.grid).await;
                // The server sees those of every system, whatever the scope.
                let is_meant = |job: &String| metric.jobs.is_empty() || metric.jobs.contains(job);
                intervals.extend(observed.into_iter().filter(|(job, _)| is_meant(job)));
            }
            intervals.extend(known);
        }
        let same_jobs = {
            let mut jobs =
                metrics.values().filter(|metric| !metric.labels.is_empty()).map(|metric| &metric.jobs);
            let first = jobs.next();
            jobs.all(|jobs| Some(jobs) == first)
        };
        Range::by_interval(&intervals, step, usual, same_jobs)
    }
}

/// A query that the scope cannot be put into.
pub(super) fn not_scoped(error: &str) -> Unavailable {
    Unavailable::new(Reason::QueryFailed, format!("the scope cannot be put into this query: {error}")).hint(
        "write the query in PromQL, or set `scoped = false` next to it and select the labels in the query",
    )
}

/// The metrics of the window; `None` when the server answers queries but does not list its metrics.
async fn names(client: &Client, grid: Grid) -> Result<Option<BTreeSet<String>>, Unavailable> {
    let failure = match client.names(Some(grid)).await {
        Ok(names) => return Ok(Some(names)),
        Err(failure) => failure,
    };
    if fails_every_query(&failure) {
        return Err(failure);
    }
    client.probe().await.map(|()| None)
}
