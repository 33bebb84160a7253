//! What has been told.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Subject;
use crate::assess::Verdict;

/// What a recipient knows of a system from earlier messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The verdict of the last assessment.
    pub verdict: Verdict,
    /// What ran out next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Subject>,
    /// What was wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
}

/// Before the first message everything is assumed to be well, so that it says whatever is not.
impl Default for Told {
    fn default() -> Self {
        Self { verdict: Verdict::Ok, next: None, problems: Vec::new() }
    }
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// What it is about.
    #[serde(flatten)]
    pub subject: Subject,
    /// Its display name.
    pub title: String,
    /// How bad it is; unknown where it was wrong and is not measured any more.
    pub verdict: Verdict,
}
