//! A JSON document over HTTP in which an application reports its health: the usual `/health`.
//!
//! One `GET` is sent. The document's words decide about `app.healthy`; further signals are picked from it by JSON
//! pointers (RFC 6901). An application that answers with a status of 500 or above is unhealthy, whatever its document
//! says.

mod answer;
mod standing;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::Value;

use self::{answer::Document, standing::Words};
use super::{
    Answer, Request, Source,
    http::{AddressError, Endpoint, excerpt},
    result_builder::SourceResultBuilder,
    unavailable,
};
use crate::{
    foreign::Secrets,
    signal::{SignalId, Unit, parse_quantity},
    snapshot::{Reason, SourceReport, SourceResult, Unavailable},
};
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

/// Where a value is.
#[derive(Debug, Clone, PartialEq)]
pub struct Pick {
    /// A JSON pointer to it.
    pub pointer: String,
    /// A JSON pointer to the whole of which it is a part; without it the value itself is what is wanted.
    pub capacity: Option<String>,
    /// How much of the signal's base unit one is.
    pub scale: f64,
}

/// A value in the signal's unit.
#[derive(Debug, PartialEq)]
struct Picked {
    pub value: f64,
    /// For a share: the whole.
    pub capacity: Option<(f64, Unit)>,
}

impl Pick {
    /// What is looked at, in words.
    fn query(&self) -> String {
        match &self.capacity {
            Some(whole) => format!("{} / {whole}", self.pointer),
            None => self.pointer.clone(),
        }
    }

    /// Picks the value of a signal from a document.
    ///
    /// # Errors
    /// When there is nothing, or something else than a number.
    fn from(&self, document: &Value, signal: SignalId) -> Result<Picked, Unavailable> {
        let Some(whole) = &self.capacity else {
            let value = quantity(document, &self.pointer, signal.entry().unit, self.scale)?;
            return Ok(Picked { value, capacity: None });
        };
        let unit = signal.entry().usage_unit();
        let part = quantity(document, &self.pointer, unit, 1.0)?;
        let total = quantity(document, whole, unit, 1.0)?;
        if total <= 0.0 {
            let detail = format!("the total at {whole} is {total}, so no ratio can be computed");
            return Err(Unavailable::new(Reason::NotFinite, detail));
        }
        Ok(Picked { value: part / total, capacity: Some((total, unit)) })
    }
}

/// A number, or a string such as "12 ms" that says its unit by itself.
fn quantity(document: &Value, pointer: &str, unit: Unit, scale: f64) -> Result<f64, Unavailable> {
    let foreign =
        |what: String| Unavailable::new(Reason::UnexpectedReply, format!("the value at {pointer} is {what}"));
    match document.pointer(pointer) {
        None => Err(nothing(document, pointer)),
        Some(Value::Null) => Err(Unavailable::new(Reason::Empty, format!("the value at {pointer} is null"))),
        Some(Value::Number(number)) => Ok(number.as_f64().unwrap_or(f64::NAN) * scale),
        Some(Value::String(text)) => match parse_quantity(text) {
            Ok(quantity) if quantity.unit() == unit => Ok(quantity.value()),
            Ok(quantity) if quantity.unit() == Unit::Count => Ok(quantity.value() * scale),
            _ => Err(foreign(format!("`{}`, not {}", excerpt(text), unit.example()))),
        },
        Some(Value::Bool(_)) => Err(foreign("true or false, not a number".to_owned())),
        Some(Value::Array(_)) => Err(foreign("a list, not a number".to_owned())),
        Some(Value::Object(_)) => Err(foreign("an object, not a number".to_owned())),
    }
}

/// What there is instead, so that a pointer can be fixed without opening the document.
fn nothing(document: &Value, pointer: &str) -> Unavailable {
    const MOST_KEYS: usize = 12;
    let mut place = pointer;
    let deepest = loop {
        place = place.rsplit_once('/').map_or("", |(before, _)| before);
        if let Some(value) = document.pointer(place) {
            break value;
        }
    };
    let keys: Vec<&str> = deepest.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
    let shown = keys.iter().take(MOST_KEYS).copied().collect::<Vec<_>>().join(", ");
    let there = match (place, keys.len()) {
        (_, 0) => String::new(),
        ("", _) => format!("; the document has {}", excerpt(&shown)),
        (place, _) => format!("; {place} has {}", excerpt(&shown)),
    };
    Unavailable::new(Reason::NeverExisted, format!("there is nothing at {pointer}{there}"))
        .hint("correct the pointer under [sources.health.values]")
}
