//! One HTTP client for all questions: signed, bounded in time and number, retried when it helps.

mod endpoints;
mod receive;
mod refusal;
mod retry;

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use reqwest::Response;
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep, timeout_at},
};

use super::{error::too_large, settings::Settings};
use crate::{
    snapshot::{Reason, Unavailable},
    source::http::{self, Unsent, transport_error},
};
use receive::{Budget, Receive};

/// How many requests are in flight at a time; Prometheus itself answers 20 by default.
const IN_FLIGHT: usize = 6;

/// A client of one server for one run.
#[derive(Debug)]
pub(super) struct Client {
    http: http::Client,
    settings: Settings,
    in_flight: Semaphore,
    until: Instant,
    patience: Duration,
    only_get: AtomicBool,
    budget: Budget,
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
    pub(super) fn new(settings: &Settings, patience: Duration) -> Result<Self, Unavailable> {
        Ok(Self {
            http: http::Client::new(&settings.endpoint, patience)?,
            settings: settings.clone(),
            in_flight: Semaphore::new(IN_FLIGHT),
            until: Instant::now() + patience,
            patience,
            only_get: AtomicBool::new(false),
            budget: Budget::default(),
        })
    }

    /// Asks until there is an answer, a refusal that will not pass, or no time left.
    async fn ask<R: Receive>(&self, ask: &Ask, receiver: impl Fn() -> R) -> Result<R::Output, Unavailable> {
        let attempts = async {
            let _permit = self.in_flight.acquire().await;
            let mut count = 1;
            loop {
                let trouble = match self.attempt(ask, receiver()).await {
                    Ok(output) => return Ok(output),
                    Err(trouble) => trouble,
                };
                let delay = retry::delay(count, trouble.asked).filter(|_| trouble.passing);
                let Some(delay) =
                    delay.filter(|delay| *delay < self.until.saturating_duration_since(Instant::now()))
                else {
                    return Err(given_up(trouble.failure, count));
                };
                sleep(delay).await;
                count += 1;
            }
        };
        timeout_at(self.until, attempts).await.unwrap_or_else(|_| Err(self.timed_out()))
    }

    fn timed_out(&self) -> Unavailable {
        let patience = crate::signal::duration_text(self.patience);
        Unavailable::new(Reason::TimedOut, format!("no complete answer within {patience}"))
            .hint("raise --timeout, or ask for a shorter --window")
    }

    async fn attempt<R: Receive>(&self, ask: &Ask, mut receiver: R) -> Result<R::Output, Trouble> {
        let mut response = self.respond(ask).await?;
        let status = response.status();
        let asked = retry::asked_delay(&response);
        if let Some(failure) = refusal::refusal(&mut response).await {
            // A query that ran into the server's own time limit would do so again.
            let passing = retry::is_passing(status) && failure.reason != Reason::TimedOut;
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
        let post = ask.post && !self.only_get.load(Ordering::Relaxed);
        let response = self.send(ask, post).await?;
        if !post || !refusal::may_accept_get(response.status()) {
            return Ok(response);
        }
        let response = self.send(ask, false).await?;
        if !refusal::may_accept_get(response.status()) {
            self.only_get.store(true, Ordering::Relaxed);
        }
        Ok(response)
    }

    async fn send(&self, ask: &Ask, post: bool) -> Result<Response, Trouble> {
        let mut url = self.settings.api(&ask.path);
        if !post && !ask.parameters.is_empty() {
            url.query_pairs_mut().extend_pairs(&ask.parameters);
        }
        let request = |http: &reqwest::Client| {
            if post { http.post(url.clone()).form(&ask.parameters) } else { http.get(url.clone()) }
        };
        Ok(self.http.send(request).await?)
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
