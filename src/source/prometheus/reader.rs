//! Reads one signal after the other from a server that is known to answer.

use std::{collections::BTreeSet, time::Duration};

use tokio::sync::OnceCell;

use super::{
    client::Client,
    error::fails_every_query,
    grid::Grid,
    observe::{Extras, observations},
    settings::Settings,
    shape::shape,
    stitch::{Whole, stitch},
};
use crate::{
    signal::{Candidate, Signal},
    snapshot::{Observation, Reason, Unavailable},
    source::{Past, Request},
};

/// When neither the settings nor the server tell: Prometheus' own default.
const USUAL_SCRAPE_INTERVAL: Duration = Duration::from_secs(60);

/// Everything needed to read signals.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) client: Client,
    pub(super) settings: Settings,
    pub(super) grid: Grid,
    /// The past that is needed.
    pub(super) past: Option<Past>,
    /// The length of the range that `$rate` stands for, in seconds, where the step is not longer.
    four_scrapes: f64,
    /// The metrics of the window; absent on servers that do not list them.
    pub(super) names: Option<BTreeSet<String>>,
    ever: OnceCell<BTreeSet<String>>,
}

/// One way to read a signal, ready to be sent.
#[derive(Debug)]
pub(super) struct Way {
    pub(super) exporter: String,
    pub(super) needs: Vec<String>,
    pub(super) query: String,
    capacity: Option<String>,
    buckets: Option<String>,
}

/// What reading one signal gave besides a failure.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) observations: Vec<Observation>,
    /// Hourly means of the past, where they are needed.
    pub(super) history: Vec<Observation>,
    pub(super) notes: BTreeSet<String>,
}

impl Reader {
    /// Asks the server for what all signals need: its metrics and its scrape interval.
    ///
    /// # Errors
    /// When the server does not answer, or not as such a server does.
    pub(super) async fn connect(
        settings: &Settings,
        request: &Request,
        patience: Duration,
    ) -> Result<(Self, Option<String>), Unavailable> {
        let client = Client::new(settings, patience)?;
        let grid = Grid::of(request.window);
        let interval = async {
            match settings.scrape_interval {
                Some(interval) => Some(interval),
                None => client.scrape_interval().await,
            }
        };
        let (names, version, interval) = tokio::join!(names(&client, grid), client.version(), interval);
        let names = names?;
        let four_scrapes = interval.unwrap_or(USUAL_SCRAPE_INTERVAL).saturating_mul(4).as_secs_f64().ceil();
        let (settings, past) = (settings.clone(), request.past.clone());
        Ok((Self { client, settings, grid, past, four_scrapes, names, ever: OnceCell::new() }, version))
    }

    /// The metrics of all time, asked for once and only when something is missing.
    pub(super) async fn names_of_all_time(&self) -> Result<&BTreeSet<String>, Unavailable> {
        self.ever.get_or_try_init(|| self.client.names(None)).await
    }

    /// Reads a signal in the first way that gives something.
    ///
    /// # Errors
    /// With the reason of the first way when none does.
    pub(super) async fn read(&self, signal: &Signal) -> Result<Found, Unavailable> {
        let ways = self.ways(signal);
        let mut first = None;
        for way in &ways {
            match self.read_in(signal, way).await {
                Ok(found) => return Ok(found),
                Err(failure) if fails_every_query(&failure) => return Err(failure),
                Err(failure) => _ = first.get_or_insert(failure),
            }
        }
        match first {
            Some(failure) => Err(failure),
            None => Err(self.why_no_candidate(signal).await),
        }
    }

    /// The user's own query alone, or the catalogue's whose metrics exist.
    fn ways(&self, signal: &Signal) -> Vec<Way> {
        if let Some(query) = self.settings.bindings.get(&signal.id()) {
            return vec![Way {
                exporter: "configuration".to_owned(),
                needs: Vec::new(),
                query: query.clone(),
                capacity: None,
                buckets: None,
            }];
        }
        let listed = |candidate: &&Candidate| match &self.names {
            Some(names) => candidate.needs.iter().all(|metric| names.contains(metric)),
            None => true,
        };
        signal.prometheus.iter().filter(listed).map(|candidate| self.way(candidate)).collect()
    }

    fn way(&self, candidate: &Candidate) -> Way {
        Way {
            exporter: candidate.exporter.clone(),
            needs: candidate.needs.clone(),
            query: candidate.query.clone(),
            capacity: candidate.capacity.as_ref().map(|query| self.sent(query, self.grid.step)),
            buckets: candidate.buckets.as_ref().map(|metric| format!("count by (le) ({metric})")),
        }
    }

    /// A query as it is sent for instants `step` seconds apart: `$rate` becomes a range of at least four scrapes.
    pub(super) fn sent(&self, query: &str, step: i64) -> String {
        query.replace("$rate", &self.rate(step))
    }

    /// What `$rate` stands for.
    pub(super) fn rate(&self, step: i64) -> String {
        format!("{}s", self.four_scrapes.max(step as f64))
    }

    async fn read_in(&self, signal: &Signal, way: &Way) -> Result<Found, Unavailable> {
        let query = self.sent(&way.query, self.grid.step);
        let (whole, capacity, buckets) = tokio::join!(
            self.whole(&query, self.grid.pieces()),
            self.recent(way.capacity.as_deref()),
            self.recent(way.buckets.as_deref()),
        );
        let whole = whole?;
        if whole.series.is_empty() {
            return Err(match whole.warnings.first() {
                Some(warning) => {
                    Unavailable::new(Reason::Partial, format!("nothing, and a warning: {warning}"))
                }
                None => self.why_empty(way).await,
            });
        }
        let mut notes = whole.infos.clone();
        notes.extend(whole.warnings.iter().cloned());
        let instances = shape(signal, whole.series, self.grid)?;
        notes.extend(instances.notes);
        let extras = Extras { capacity, buckets, warnings: whole.warnings };
        let observations = observations(signal, way, &query, instances.alive, &extras);
        let mut found = Found { observations, history: Vec::new(), notes };
        if let Some(past) = self.past.as_ref().filter(|past| past.signals.contains(&signal.id())) {
            match self.read_past(signal, way, past.from.timestamp()).await {
                Ok(history) => found.history = history,
                Err(failure) => {
                    found.notes.insert(format!(
                        "the past of {} is not known: {}",
                        signal.id(),
                        failure.detail
                    ));
                }
            }
        }
        Ok(found)
    }

    /// A stretch of time, piece by piece.
    pub(super) async fn whole(
        &self,
        query: &str,
        pieces: impl Iterator<Item = Grid>,
    ) -> Result<Whole, Unavailable> {
        let mut answers = Vec::new();
        for piece in pieces {
            answers.push(self.client.range(query, piece).await?);
        }
        Ok(stitch(answers))
    }

    /// The newest values of a query; nothing when there is no query.
    async fn recent(&self, query: Option<&str>) -> Result<Whole, Unavailable> {
        match query {
            Some(query) => Ok(stitch(vec![self.client.range(query, self.grid.recent()).await?])),
            None => Ok(Whole::default()),
        }
    }
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
