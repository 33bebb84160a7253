//! A JSON document over HTTP in which an application reports its health: the usual `/health`.
//!
//! One `GET` is sent. The document's words decide about `app.healthy`; further signals are picked from it by JSON
//! pointers (RFC 6901). An application that answers with a status of 500 or above is unhealthy, whatever its document
//! says.

mod answer;
mod pick;
mod standing;

use std::collections::BTreeMap;

use self::{answer::Document, standing::Words};
use super::{
    Answer, Request, Source,
    http::{AddressError, Endpoint},
    result_builder::SourceResultBuilder,
    unavailable,
};
use crate::{
    foreign::Secrets,
    signal::SignalId,
    snapshot::{SourceReport, SourceResult},
};

pub use pick::Pick;
pub use standing::Words as StandingWords;

/// The source's name in output and configuration.
pub const NAME: &str = "health";

/// The signal for the health of the application.
const HEALTHY: &str = "app.healthy";

/// Where an application reports its health.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What tells it from others; the name of the instance.
    pub name: Option<String>,
    /// Where the document is and how to sign in.
    pub endpoint: Endpoint,
    /// A JSON pointer to the word that says how the application is; where most put it when absent.
    pub status: Option<String>,
    /// What that word means.
    pub words: Words,
    /// Where further signals are.
    pub values: BTreeMap<SignalId, Pick>,
}

impl Settings {
    /// An endpoint with nothing but an address.
    ///
    /// # Errors
    /// When the text is not an HTTP address.
    pub fn new(url: &str) -> Result<Self, AddressError> {
        Ok(Self {
            name: None,
            endpoint: Endpoint::new(url)?,
            status: None,
            words: Words::default(),
            values: BTreeMap::new(),
        })
    }
}

impl Source for Settings {
    fn name(&self) -> &'static str {
        NAME
    }

    fn address(&self) -> String {
        self.endpoint.address()
    }

    fn secrets(&self) -> Secrets {
        self.endpoint.secrets()
    }

    fn read<'a>(&'a self, request: &'a Request) -> Answer<'a> {
        Box::pin(read(self, request))
    }

    /// Its health, and what the config picks.
    fn wanted(&self) -> Vec<SignalId> {
        SignalId::find(HEALTHY).into_iter().chain(self.values.keys().copied()).collect()
    }
}

async fn read(settings: &Settings, request: &Request) -> SourceResult {
    match answer::ask(&settings.endpoint, request.deadline.mul_f64(0.9)).await {
        Ok(document) => interpret(settings, request, &document),
        Err(why) => unavailable(settings, why),
    }
}

fn interpret(settings: &Settings, request: &Request, document: &Document) -> SourceResult {
    let mut draft = SourceResultBuilder::wanting(NAME, settings.wanted(), request.now);
    let instance = settings.name.as_deref();
    match standing::judge(document, settings.status.as_deref(), &settings.words) {
        Ok(standing) => {
            draft.observe(HEALTHY, standing.value, standing.query).instance_if(instance).note(standing.note);
        }
        Err(failure) => draft.unavailable(HEALTHY, failure),
    }
    for (signal, pick) in &settings.values {
        match document.json.as_ref().map_err(Clone::clone).and_then(|json| pick.from(json, *signal)) {
            Ok(picked) => {
                let observed =
                    draft.observe(signal.as_str(), picked.value, pick.query()).instance_if(instance);
                if let Some((whole, unit)) = picked.capacity {
                    observed.capacity(whole, unit);
                }
            }
            Err(failure) => draft.unavailable(signal.as_str(), failure),
        }
    }
    draft.finish(SourceReport {
        notes: settings.name.iter().map(|name| format!("this is {name}")).collect(),
        ..SourceReport::answered(NAME, settings.address())
    })
}

#[cfg(test)]
mod tests;
