//! One HTTP client for all questions: signed, bounded in time and number, retried when it helps.

mod endpoints;
mod receive;
mod refusal;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use reqwest::Response;
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep, timeout_at},
};

use super::{
    decode::{DecodeError, FaultKind},
    fleet::Share,
    settings::Settings,
};
use crate::{
    snapshot::{Reason, Unavailable},
    source::http::{self, Unsent, transport_error},
};
use receive::{Budget, Receive};

/// How many requests are in flight at a time; Prometheus itself answers 20 by default.
const IN_FLIGHT: usize = 6;

/// A client of one server for one run.
#[derive(Debug, Clone)]
pub(super) struct Client {
    server: Arc<Server>,
    until: Instant,
    patience: Duration,
    budget: Budget,
    demands: Demands,
    /// For one service of a fleet: its share of the answers for all of them.
    share: Option<Share>,
}

/// What all clients of one server have in common.
#[derive(Debug)]
struct Server {
    http: http::Client,
    settings: Settings,
    in_flight: Semaphore,
    only_get: AtomicBool,
    questions: AtomicUsize,
    samples: AtomicU64,
}

/// What is asked of every answer of a client.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Demands {
    /// That no data are missing from it: what is partial is a failure.
    pub(super) whole: bool,
    /// That it says how many samples the server read for it.
    pub(super) statistics: bool,
}

/// A question to the API.
#[derive(Debug)]
struct Ask {
    path: String,
    parameters: Vec<(&'static str, String)>,
    /// Long queries do not fit into an address, so they are posted where the server allows it.
    post: bool,
}

/// A failed attempt.
struct Trouble {
    failure: Unavailable,
    /// Whether another attempt may succeed.
    passing: bool,
    /// How long the server wants to be left alone.
    asked: Option<Duration>,
}

impl From<Unavailable> for Trouble {
    fn from(failure: Unavailable) -> Self {
        Self { failure, passing: false, asked: None }
    }
}

impl From<Unsent> for Trouble {
    fn from(unsent: Unsent) -> Self {
        match unsent {
            Unsent::Unsigned(failure) => failure.into(),
            Unsent::Broken(error) => broken(error),
        }
    }
}

impl Client {
    /// A client whose every question ends within `patience` from now.
    ///
    /// # Errors
    /// When certificates or headers cannot be used.
    pub(super) fn new(
        settings: &Settings,
        patience: Duration,
        demands: Demands,
    ) -> Result<Self, Unavailable> {
        let server = Server {
            http: http::Client::new(&settings.endpoint, patience)?,
            settings: settings.clone(),
            in_flight: Semaphore::new(IN_FLIGHT),
            only_get: AtomicBool::new(false),
            questions: AtomicUsize::new(0),
            samples: AtomicU64::new(0),
        };
        let (until, budget) = (Instant::now() + patience, Budget::default());
        Ok(Self { server: Arc::new(server), until, patience, budget, demands, share: None })
    }

    /// A client for one service of a fleet, which takes its share of what is asked for all of them.
    pub(super) fn sharing(&self, share: Share) -> Self {
        Self { share: Some(share), ..self.clone() }
    }

    /// A client that asks for itself, with the whole patience before it.
    pub(super) fn renewed(&self) -> Self {
        Self { until: Instant::now() + self.patience, share: None, ..self.clone() }
    }

    /// A client that asks for itself and may receive as much as a whole run.
    pub(super) fn with_new_budget(&self) -> Self {
        Self { budget: Budget::default(), ..self.renewed() }
    }

    /// The share that it takes of what is asked for a fleet.
    pub(super) fn share(&self) -> Option<&Share> {
        self.share.as_ref()
    }

    /// Whether it takes a share of what is asked for a fleet.
    pub(super) fn is_of_fleet(&self) -> bool {
        self.share.is_some()
    }

    /// How many questions were asked, each counted once however often it was tried.
    pub(super) fn questions(&self) -> usize {
        self.server.questions.load(Ordering::Relaxed)
    }

    /// How many samples the server says that it read.
    pub(super) fn samples(&self) -> u64 {
        self.server.samples.load(Ordering::Relaxed)
    }

    /// How many bytes of answers are kept.
    pub(super) fn bytes(&self) -> u64 {
        self.budget.taken()
    }

    /// Asks until there is an answer, a refusal that will not pass, or no time left.
    async fn ask<R: Receive>(&self, ask: &Ask, receiver: impl Fn() -> R) -> Result<R::Output, Unavailable> {
        // A slice of a fleet takes as long as it takes; each of its questions has its own time.
        let until = if self.share.is_some() { Instant::now() + self.patience } else { self.until };
        let attempts = async {
            let _permit = self.server.in_flight.acquire().await;
            self.server.questions.fetch_add(1, Ordering::Relaxed);
            let mut count = 1;
            loop {
                let trouble = match self.attempt(ask, receiver()).await {
                    Ok(output) => return Ok(output),
                    Err(trouble) => trouble,
                };
                let delay = refusal::delay(count, trouble.asked).filter(|_| trouble.passing);
                let Some(delay) =
                    delay.filter(|delay| *delay < until.saturating_duration_since(Instant::now()))
                else {
                    return Err(given_up(trouble.failure, count));
                };
                sleep(delay).await;
                count += 1;
            }
        };
        timeout_at(until, attempts).await.unwrap_or_else(|_| Err(self.timed_out()))
    }

    fn timed_out(&self) -> Unavailable {
        let patience = crate::signal::duration_text(self.patience);
        Unavailable::new(Reason::TimedOut, format!("no complete answer within {patience}"))
            .hint("raise --timeout, or use a shorter --window")
    }

    async fn attempt<R: Receive>(&self, ask: &Ask, mut receiver: R) -> Result<R::Output, Trouble> {
        let mut response = self.respond(ask).await?;
        let status = response.status();
        let asked = refusal::asked_delay(&response);
        if let Some(failure) = refusal::refusal(&mut response).await {
            // A query that ran into the server's own time limit would do so again.
            let passing = refusal::is_passing(status) && failure.reason != Reason::TimedOut;
            return Err(Trouble { failure, passing, asked });
        }
        if response.content_length().is_some_and(|length| length > receiver.limit()) {
            return Err(too_large(receiver.limit()).into());
        }
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            receiver.feed(&chunk)?;
        }
        receiver.finish().map_err(|failure| {
            let passing = failure.reason == Reason::Unreachable; // the answer broke off
            Trouble { failure, passing, asked: None }
        })
    }

    /// Posts, or gets from servers that do not accept posts.
    async fn respond(&self, ask: &Ask) -> Result<Response, Trouble> {
        let post = ask.post && !self.server.only_get.load(Ordering::Relaxed);
        let response = self.send(ask, post).await?;
        if !post || !refusal::may_accept_get(response.status()) {
            return Ok(response);
        }
        let response = self.send(ask, false).await?;
        if !refusal::may_accept_get(response.status()) {
            self.server.only_get.store(true, Ordering::Relaxed);
        }
        Ok(response)
    }

    async fn send(&self, ask: &Ask, post: bool) -> Result<Response, Trouble> {
        let mut url = self.server.settings.api(&ask.path);
        if !post && !ask.parameters.is_empty() {
            url.query_pairs_mut().extend_pairs(&ask.parameters);
        }
        let request = |http: &reqwest::Client| {
            if post { http.post(url.clone()).form(&ask.parameters) } else { http.get(url.clone()) }
        };
        Ok(self.server.http.send(request).await?)
    }
}

/// A refused connection stays refused; one that was made and dropped may be made again.
fn broken(error: reqwest::Error) -> Trouble {
    let passing = !error.is_connect() && !error.is_builder();
    Trouble { failure: transport_error(error), passing, asked: None }
}

fn given_up(mut failure: Unavailable, attempts: u32) -> Unavailable {
    if attempts > 1 {
        failure.detail = format!("{} ({attempts} attempts)", failure.detail);
    }
    failure
}

/// True when every other query would fail in the same way, because the server was not even reached.
pub(super) fn fails_every_query(failure: &Unavailable) -> bool {
    matches!(
        failure.reason,
        Reason::Unreachable | Reason::TimedOut | Reason::SignInRefused | Reason::NotConfigured
    )
}

/// More bytes than are read.
pub(super) fn too_large(limit: u64) -> Unavailable {
    exceeds_limit(&FaultKind::TooLarge { limit })
}

fn exceeds_limit(kind: &FaultKind) -> Unavailable {
    Unavailable::new(Reason::TooLarge, kind.to_string())
        .hint("use a shorter --window, a longer --step, or fewer series in the query")
}

impl From<DecodeError> for Unavailable {
    fn from(error: DecodeError) -> Self {
        match error.kind {
            FaultKind::TooLarge { .. } | FaultKind::TooManySeries { .. } => exceeds_limit(&error.kind),
            FaultKind::Truncated => Self::new(Reason::Unreachable, error.to_string()),
            _ => Self::new(Reason::UnexpectedReply, format!("not an answer of the Prometheus API: {error}")),
        }
    }
}

/// An answer from which data are missing, where it has to be whole.
pub(super) fn partial(missing: &str) -> Unavailable {
    Unavailable::new(Reason::Partial, format!("the answer is partial: {missing}"))
        .hint("a store behind the server does not respond, or its retention is too short")
}

/// An answer without the number of samples, which a budget needs.
pub(super) fn without_statistics() -> Unavailable {
    Unavailable::new(
        Reason::UnexpectedReply,
        "the server does not say how many samples it reads, so --max-samples cannot be enforced",
    )
    .hint("leave out --max-samples, or max_samples under [fleet]; Prometheus, Mimir and Thanos send these statistics")
}
