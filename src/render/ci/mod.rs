//! What CI systems and monitoring read: a plain list of cases, and one file for each format of it.
//!
//! `check` and whatever else comes to verdicts fill a [`Cases`]; the formats do not know where it comes from.

mod check;
mod gate;
mod github;
mod gitlab;
mod junit;
mod nagios;
mod openmetrics;
mod place;
mod sarif;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

pub use check::{ExitPolicy, cases_of_check};
pub use gate::{GatePlaces, cases_of_gate};
pub use github::summary as github_summary;
pub use nagios::{code as nagios_code, failure as nagios_failure};
pub(super) use openmetrics::render as openmetrics;
pub use openmetrics::{fleet_list_openmetrics, fleet_openmetrics, freshness_openmetrics, gate_openmetrics};
pub use place::{Place, Places};

use super::{format::word, safe};
use crate::{assess::Verdict, signal::Quantity};

/// A format that is made of cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CiFormat {
    /// Test results, for almost every CI system.
    Junit,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// GitLab's code quality report.
    Gitlab,
    /// GitHub's workflow commands.
    Github,
    /// The lines of a Nagios plugin.
    Nagios,
}

/// The cases in a format.
pub fn render_cases(format: CiFormat, cases: &Cases) -> String {
    match format {
        CiFormat::Junit => junit::render(cases),
        CiFormat::Sarif => sarif::render(cases),
        CiFormat::Gitlab => gitlab::render(cases),
        CiFormat::Github => github::render(cases),
        CiFormat::Nagios => nagios::render(cases),
    }
}

/// Everything that was evaluated in one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Cases {
    /// The program's version.
    pub version: String,
    /// What was evaluated, such as the roadmap's title.
    pub subject: String,
    /// The result in one sentence.
    pub headline: String,
    /// When it was evaluated.
    pub at: DateTime<Utc>,
    /// The verdict from which on a case fails the run, where one was asked for.
    pub fail_on: Option<Verdict>,
    /// What a reader must know besides, such as that the system is simulated.
    pub notes: Vec<String>,
    /// What was evaluated, in the order of the formats that list everything.
    pub cases: Vec<Case>,
    /// Numbers for graphs.
    pub measures: Vec<Measure>,
}

/// The outcome of one rule, for one instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The rule's stable name, such as `alert:queue-depth-critical`.
    pub id: String,
    /// The rule in a few words.
    pub title: String,
    /// Which of several instances was evaluated.
    pub instance: Option<String>,
    /// How it stands.
    pub verdict: Verdict,
    /// The reasoning in words.
    pub message: String,
    /// Where the rule is written, or chosen if it is built in.
    pub place: Option<Place>,
    /// Whether the rule is built in: no file of the repository holds it, `explain` shows it.
    pub built_in: bool,
    /// Whether it fails the run; where nothing was asked for, whatever is a fault does.
    pub counts: bool,
    /// Whether another case reports the same.
    pub repeats: bool,
    /// Why it is acknowledged.
    pub acknowledged: Option<String>,
}

/// A number for graphs.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// Its name.
    pub label: String,
    /// Its value.
    pub value: Quantity,
}

/// How loudly a case is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Error,
    Warning,
    Note,
}

impl Cases {
    /// What to report, worst first: nothing that is fine, nothing twice, the accepted last.
    fn told(&self) -> Vec<&Case> {
        let mut told: Vec<&Case> =
            self.cases.iter().filter(|case| case.verdict != Verdict::Ok && !case.repeats).collect();
        told.sort_by_key(|case| {
            (case.acknowledged.is_some(), std::cmp::Reverse((case.verdict, case.counts)))
        });
        told
    }

    /// "1 critical, 2 warnings, 3 unknown", of what is reported and not accepted.
    fn tally(&self) -> String {
        let told = self.told();
        let count = |verdict| {
            told.iter().filter(|case| case.verdict == verdict && case.acknowledged.is_none()).count()
        };
        let warnings = count(Verdict::Warning);
        let plural = if warnings == 1 { "" } else { "s" };
        let (critical, unknown) = (count(Verdict::Critical), count(Verdict::Unknown));
        format!("{critical} critical, {warnings} warning{plural}, {unknown} unknown")
    }

    /// The worst case that fails the run, or of all where nothing was asked for; nothing evaluated is unknown.
    fn state(&self) -> Verdict {
        let accepted = |case: &&Case| case.acknowledged.is_some();
        let decides = |case: &&Case| self.fail_on.is_none() || case.counts;
        let worst =
            self.cases.iter().filter(|case| !accepted(case) && decides(case)).map(|case| case.verdict);
        worst.max().unwrap_or(if self.cases.is_empty() { Verdict::Unknown } else { Verdict::Ok })
    }
}

impl Case {
    /// The message, with the instance before it where it does not name it; on one line, without control
    /// characters.
    fn text(&self) -> String {
        match &self.instance {
            Some(instance) if !self.message.contains(instance.as_str()) => {
                safe(&format!("{instance}: {}", self.message))
            }
            _ => safe(&self.message),
        }
    }

    /// The text, and how to see a rule that is built in.
    fn text_with_rule(&self) -> String {
        let rule = self.explain().map(|command| format!(" (rule: `{command}`)")).unwrap_or_default();
        format!("{}{rule}", self.text())
    }

    /// The command that shows the rule, if it is built in.
    fn explain(&self) -> Option<String> {
        self.built_in.then(|| format!("scale-advisor explain {}", safe(&self.id)))
    }

    /// The same for the same rule and instance of the same roadmap, whatever was measured: SHA-256, in
    /// hexadecimal digits.
    fn fingerprint(&self) -> String {
        let file = self.place.as_ref().map_or("", |place| place.file.as_str());
        let parts = [file, &self.id, self.instance.as_deref().unwrap_or_default()];
        format!("{:x}", Sha256::digest(parts.join("\u{0}")))
    }

    /// What is unknown is a warning where it fails the run, else a note; as is what is accepted.
    fn level(&self) -> Level {
        match (self.verdict, self.counts, &self.acknowledged) {
            (_, _, Some(_)) | (Verdict::Ok, ..) | (Verdict::Unknown, false, None) => Level::Note,
            (Verdict::Unknown, true, None) | (Verdict::Warning, ..) => Level::Warning,
            (Verdict::Critical, ..) => Level::Error,
        }
    }
}

#[cfg(test)]
mod tests;
