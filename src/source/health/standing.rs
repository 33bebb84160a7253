//! How an application says it is.

use serde_json::Value;

use super::answer::Document;
use crate::{
    snapshot::{Reason, Unavailable},
    source::http::excerpt,
};

/// Where most documents say how the application is.
const USUAL_PLACE: &str = "/status";

/// The meaning of the words there. Capitals make no difference.
#[derive(Debug, Clone)]
pub struct Words {
    /// All is well.
    pub healthy: Vec<String>,
    /// It works, in part or slowly.
    pub degraded: Vec<String>,
    /// It does not work.
    pub unhealthy: Vec<String>,
}

impl Default for Words {
    /// The words of Spring Boot, ASP.NET, the health+json draft, Terminus and Elasticsearch.
    fn default() -> Self {
        let list = |words: &str| words.split(' ').map(str::to_owned).collect();
        Self {
            healthy: list("ok pass up healthy green"),
            degraded: list("warn warning degraded yellow"),
            unhealthy: list("fail failed error down unhealthy red out_of_service shutting_down"),
        }
    }
}

/// What an application says about itself.
#[derive(Debug, PartialEq)]
pub(super) struct Standing {
    /// 1 when all is well, 0.5 when it works in part, 0 when it does not.
    pub value: f64,
    /// What was looked at.
    pub query: String,
    /// Its message.
    pub note: Option<String>,
}

/// Judges by the HTTP status and by the word at `place`, or at the usual place where there is one.
///
/// # Errors
/// When there is no word at the configured place, or its meaning is not configured.
pub(super) fn judge(
    document: &Document,
    place: Option<&str>,
    words: &Words,
) -> Result<Standing, Unavailable> {
    let by_status = |value| Standing {
        value,
        query: "HTTP status".to_owned(),
        note: Some(format!("answered {}", document.status)),
    };
    if document.status.is_server_error() {
        return Ok(by_status(0.0));
    }
    let pointer = place.unwrap_or(USUAL_PLACE);
    let word = match &document.json {
        Ok(json) => json.pointer(pointer),
        Err(failure) if place.is_some() => return Err(failure.clone()),
        Err(_) => None,
    };
    match (word, place) {
        (Some(word), _) => Ok(Standing {
            value: value(word, words)?,
            query: pointer.to_owned(),
            note: Some(format!("it says {}", shown(word))),
        }),
        (None, None) => Ok(by_status(1.0)),
        (None, Some(pointer)) => Err(Unavailable::new(
            Reason::NeverExisted,
            format!("there is nothing at {pointer} in the document"),
        )
        .hint("correct `status` under [sources.health], or leave it out")),
    }
}

fn value(word: &Value, words: &Words) -> Result<f64, Unavailable> {
    if let Value::Bool(well) = word {
        return Ok(f64::from(u8::from(*well)));
    }
    let text = word.as_str().unwrap_or_default();
    let is_one_of = |list: &[String]| list.iter().any(|listed| listed.eq_ignore_ascii_case(text));
    let meanings = [(1.0, &words.healthy), (0.5, &words.degraded), (0.0, &words.unhealthy)];
    meanings.into_iter().find(|(_, list)| is_one_of(list)).map(|(value, _)| value).ok_or_else(|| {
        Unavailable::new(Reason::UnexpectedReply, format!("unknown state: {}", shown(word)))
            .hint("add the word to `healthy`, `degraded` or `unhealthy` under [sources.health]")
    })
}

fn shown(word: &Value) -> String {
    excerpt(&word.to_string())
}
