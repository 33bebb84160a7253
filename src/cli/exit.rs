//! Exit codes.

use std::process::ExitCode;

/// The table for `--help`.
pub(super) const HELP: &str = "\
Exit codes:
  0  success: no finding at or above --fail-on, no capacity regression
  1  a finding at or above --fail-on, or a capacity regression
  2  error: invalid usage or files, no reachable source, output not writable, --notify failed (1 and 3 come first)
  3  inconclusive: required data missing, or no baseline
With --format nagios, plugin exit codes apply: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN (also on errors);
with --fail-on, findings below it do not count.";

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: assessed, and nothing at or above `--fail-on`.
    Assessed,
    /// 1: a finding at or above `--fail-on`. A breach wins over missing evidence.
    Breach,
    /// 2: could not assess, or not tell of it.
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
