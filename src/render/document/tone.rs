//! How bad something is.

use serde::Serialize;

use crate::assess::Verdict;

/// How bad something is; words say it as well.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::render) enum Tone {
    /// Nothing to say.
    #[default]
    Plain,
    /// Fine.
    Ok,
    /// Not known.
    Unknown,
    /// Deserves a look.
    Warning,
    /// Needs action now.
    Critical,
}

impl Tone {
    /// The word for it, for terminals and readers without colour.
    pub(in crate::render) fn word(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Ok => "OK",
            Self::Unknown => "UNKNOWN",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
        }
    }
}

impl From<Verdict> for Tone {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Ok => Self::Ok,
            Verdict::Unknown => Self::Unknown,
            Verdict::Warning => Self::Warning,
            Verdict::Critical => Self::Critical,
        }
    }
}
