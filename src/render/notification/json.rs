//! A message for programs.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use super::Message;
use crate::{
    assess::Verdict,
    notify::{Change, Problem},
    render::{json::schema_of, pretty},
};

/// The version of the shape.
const SCHEMA: &str = "scale-advisor/notification/1";

/// What is new of a system since the last message.
#[derive(Debug, Serialize, JsonSchema)]
struct Notification<'a> {
    /// Always `scale-advisor/notification/1`.
    schema: &'static str,
    /// When it was assessed.
    at: DateTime<Utc>,
    /// What the system is called.
    system: &'a str,
    /// Where the values come from when the system is not real; null when it is.
    simulated: Option<&'a str>,
    /// The verdict of what is not silenced; null where there is no assessment.
    verdict: Option<Verdict>,
    /// The verdict of the assessment before.
    previous_verdict: Verdict,
    /// The state in one sentence.
    headline: &'a str,
    /// By when to do what; null where nothing is to be done.
    act: Option<&'a str>,
    /// What changed, the worst first; empty where only the verdict did.
    changes: &'a [Change],
    /// Everything that is wrong and not silenced.
    problems: &'a [Problem],
}

pub(super) fn body(message: &Message<'_>) -> String {
    pretty(&Notification {
        schema: SCHEMA,
        at: message.at,
        system: message.system,
        simulated: message.simulated,
        verdict: message.verdict,
        previous_verdict: message.news.previous,
        headline: message.headline,
        act: message.act,
        changes: &message.news.changes,
        problems: &message.news.told.problems,
    })
}

/// The JSON Schema of a message.
pub fn notification_schema() -> String {
    schema_of::<Notification<'_>>()
}
