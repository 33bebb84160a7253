//! Flags that several commands share.

use std::{ffi::OsString, path::PathBuf, time::Duration};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use clap::Args;

use crate::signal::parse_duration;

/// Which project and roadmap.
#[derive(Debug, Args)]
pub(super) struct ProjectOptions {
    /// The project's settings [default: scale-advisor.toml here or in a folder above]
    #[arg(short, long, env = "SCALE_ADVISOR_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The roadmap: a built-in id (see `profiles list`) or a path
    #[arg(long, value_name = "ID|FILE")]
    pub profile: Option<String>,
}

/// Where to read, and which stretch of time.
#[derive(Debug, Clone, Args)]
pub(super) struct SourceOptions {
    /// A Prometheus-compatible server [default: PROMETHEUS_URL]
    #[arg(long, value_name = "URL")]
    pub prometheus: Option<String>,
    /// A PostgreSQL server [default: DATABASE_URL, or libpq's PG* variables]
    #[arg(long, value_name = "URL")]
    pub postgres: Option<String>,
    /// A Redis or Valkey server [default: REDIS_URL]
    #[arg(long, value_name = "URL")]
    pub redis: Option<String>,
    /// How far back to look
    #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = duration)]
    pub window: Duration,
    /// How far back forecasts look, where servers and our own history reach so far
    #[arg(long, value_name = "DURATION", default_value = "800d", value_parser = duration)]
    pub past: Duration,
    /// Time between samples [default: a minute, or less where a condition asks for it]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub step: Option<Duration>,
    /// The instant that counts as now, such as 2026-11-20T16:40:00Z; only history can be read for it
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub at: Option<DateTime<Utc>>,
    /// Time between the two samples of a counter that keeps no history [default: 5s]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub sample: Option<Duration>,
    /// After how long a source is given up
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration)]
    pub timeout: Duration,
    /// Whether this is one of the days of a backfill, of which nothing is told that the last reading tells as well
    #[arg(skip)]
    pub one_of_many: bool,
    #[command(flatten)]
    pub history: HistoryOptions,
    /// Do not tell on standard error what is being read
    #[arg(short, long)]
    pub quiet: bool,
}

/// Which history.
#[derive(Debug, Clone, Args)]
pub(super) struct HistoryOptions {
    /// The history: a file, or postgres://… [default: .scale-advisor/history.db beside the settings]
    #[arg(long, value_name = "FILE|URL")]
    pub history: Option<OsString>,
}

/// What to judge instead of the live system.
#[derive(Debug, Args)]
pub(super) struct ReplayOptions {
    /// Judge a snapshot written by `collect` instead of the live system
    #[arg(long, value_name = "FILE", conflicts_with = "demo")]
    pub snapshot: Option<PathBuf>,
    /// Judge a simulated company, to see what the output looks like
    #[arg(long)]
    pub demo: bool,
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    match parse_duration(text)? {
        Duration::ZERO => Err("must be longer than nothing".to_owned()),
        duration => Ok(duration),
    }
}

fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.to_utc());
    }
    let date: Result<NaiveDate, _> = text.parse();
    date.map(|date| date.and_time(NaiveTime::MIN).and_utc())
        .map_err(|_| "write it like 2026-11-20T16:40:00Z or 2026-11-20".to_owned())
}
