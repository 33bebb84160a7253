//! Where signals are read: one file or folder per system. The only place with asynchronous code.
//!
//! Every source is asked at the same time, each under its own deadline. A source never fails the run: what
//! it cannot give becomes a [`Gap`](crate::snapshot::Gap) with a reason and a hint.

mod collect;
mod draft;
pub mod host;
pub mod postgres;
pub mod prometheus;
pub mod redis;
mod tls;

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::{
    signal::{Signal, SignalId, catalog},
    snapshot::Window,
};

pub use collect::collect;
pub use tls::{TlsError, TlsSettings};

/// One system to read. To add one: a file beside this, and a line here and in `collect`.
#[derive(Debug)]
pub enum Source {
    /// A Prometheus-compatible server.
    Prometheus(Box<prometheus::Settings>),
    /// A PostgreSQL server.
    Postgres(Box<postgres::Settings>),
    /// A Redis or Valkey server.
    Redis(Box<redis::Settings>),
    /// The machine this program runs on.
    Host(host::Settings),
}

/// What every source is told.
#[derive(Debug, Clone)]
pub struct Request {
    /// The instant that counts as now.
    pub now: DateTime<Utc>,
    /// The stretch of history wanted, for sources that keep one.
    pub window: Window,
    /// How long to wait between the two samples of a counter.
    pub sample: Duration,
    /// After how long a source is given up.
    pub deadline: Duration,
}

/// The signals a source is expected to read, from the catalogue.
pub fn signals_of(source: &str) -> Vec<SignalId> {
    let reads = |signal: &&Signal| {
        signal.native.iter().any(|native| native == source)
            || source == prometheus::NAME && !signal.prometheus.is_empty()
    };
    catalog().signals().filter(reads).map(Signal::id).collect()
}
