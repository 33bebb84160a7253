//! Exit codes.

use std::process::ExitCode;

/// The table for `--help`.
pub(super) const HELP: &str = "\
Exit codes:
  0  assessed; nothing at or above --fail-on; no loss of capacity
  1  a finding at or above --fail-on; a loss of capacity
  2  could not assess: wrong usage, invalid files, no source answering, output not writable
  3  inconclusive: required evidence is missing, or there is no baseline
With --format nagios, the codes of plugins hold instead: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN, which is
also what a run that could not assess ends with; with --fail-on, only what that would fail counts.";

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: assessed, and nothing at or above `--fail-on`.
    Assessed,
    /// 1: a finding at or above `--fail-on`. A breach wins over missing evidence.
    Breach,
    /// 2: could not assess.
    NotAssessed,
    /// 3: required evidence is missing.
    Inconclusive,
    /// The code of a monitoring plugin, which has a table of its own.
    Plugin(u8),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Assessed => 0,
            Exit::Breach => 1,
            Exit::NotAssessed => 2,
            Exit::Inconclusive => 3,
            Exit::Plugin(code) => code,
        })
    }
}
