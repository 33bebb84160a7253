//! How a system stands at one time, as far as messages are about it, and what has been told of it.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::assess::Verdict;

/// What a message can be about. It stays the same while a problem gets better or worse.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Subject {
    /// A signal, a resource, a finding, a source or a service.
    pub name: String,
    /// Which of several instances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// What of it.
    pub aspect: Aspect,
}

/// What of a subject a check is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// Whether it is within its limits.
    Limit,
    /// Whether the date to act by has passed.
    ActBy,
    /// Whether it is at its limit outside the roadmap. It is listed only while it is.
    Outside,
    /// Whether it can be read at all.
    Source,
    /// Whether there is an assessment.
    Assessment,
}

/// One check of a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What people call the subject, with its instance.
    pub title: String,
    /// How it stands.
    pub state: CheckState,
}

/// How a check stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckState {
    /// As it should be.
    Fine,
    /// Beyond a limit, but not yet for long enough to be sure.
    Pending,
    /// Not measured.
    Unknown,
    /// Silenced by the team, whatever it is.
    Silenced,
    /// Wrong: a warning, critical, or a source that cannot be read.
    Wrong {
        /// How bad it is.
        verdict: Verdict,
        /// Why, in words.
        message: String,
    },
}

/// How a system stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The verdict of what is not silenced; `None` where there is no assessment.
    pub verdict: Option<Verdict>,
    /// What runs out next, if that is not silenced.
    pub next: Option<Subject>,
    /// Every check.
    pub checks: BTreeMap<Subject, Check>,
    /// Whether everything that could be full outside the roadmap was searched for.
    pub searched: bool,
}

impl Standing {
    /// That of a system that could not be assessed.
    pub fn unassessed(reason: String) -> Self {
        let subject = Subject { name: "assessment".to_owned(), instance: None, aspect: Aspect::Assessment };
        let state = CheckState::Wrong { verdict: Verdict::Unknown, message: reason };
        let check = Check { title: "assessment".to_owned(), state };
        Self { verdict: None, next: None, checks: BTreeMap::from([(subject, check)]), searched: false }
    }

    /// What is measured of any instance: names and aspects.
    pub(super) fn measured(&self) -> BTreeSet<(&str, Aspect)> {
        let measured = self.checks.iter().filter(|(_, check)| check.state != CheckState::Unknown);
        measured.map(|(subject, _)| (subject.name.as_str(), subject.aspect)).collect()
    }
}

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
