//! Where signals are read: one file or directory per system. The only place with asynchronous code.
//!
//! Every source is asked at the same time, each under its own deadline. A source never fails the run: what
//! it cannot give becomes a [`Gap`](crate::snapshot::Gap) with a reason and a hint.

mod collect;
pub mod csv;
pub mod health;
pub mod host;
pub mod http;
pub mod llm;
pub mod pgbouncer;
pub mod postgres;
pub mod prometheus;
pub mod redis;
pub mod remote_write;
mod result_builder;
pub mod webhook;

use std::{collections::BTreeSet, fmt, io, pin::Pin, time::Duration};

use chrono::{DateTime, Utc};
use tokio::task::spawn_blocking;

use crate::{
    foreign::Secrets,
    signal::{Role, Signal, SignalId, catalog},
    snapshot::{Reason, SourceResult, Unavailable, Window},
};
pub use collect::collect;

/// One system to read. To add one: a sibling file or directory whose settings are a source, and a line above.
pub trait Source: fmt::Debug + Send + Sync {
    /// The name under which it appears in output and configuration.
    fn name(&self) -> &'static str;

    /// The name of the server, where several of its kind are read.
    fn server(&self) -> Option<&str> {
        None
    }

    /// Its address, without secrets.
    fn address(&self) -> String;

    /// Reads everything it can report; failures become gaps.
    fn read<'a>(&'a self, request: &'a Request) -> Answer<'a>;

    /// The signals it is expected to report: by default those for which the catalogue names it.
    fn wanted(&self) -> Vec<SignalId> {
        signals_of(self.name())
    }

    /// What its server must not be able to say through us: everything we sign in with. Asked when it was read, since
    /// tokens in files are known only then.
    fn secrets(&self) -> Secrets {
        Secrets::default()
    }

    /// Whether it can report the past, too.
    fn keeps_history(&self) -> bool {
        false
    }
}

/// A reading that is under way.
pub type Answer<'a> = Pin<Box<dyn Future<Output = SourceResult> + Send + 'a>>;

/// What every source is given.
#[derive(Debug, Clone)]
pub struct Request {
    /// The instant that counts as now.
    pub now: DateTime<Utc>,
    /// The time range of history wanted, for sources that keep one.
    pub window: Window,
    /// The past that forecasts need, from sources that keep one.
    pub past: Option<Past>,
    /// Whether to look for resources outside the catalogue.
    pub search: Search,
    /// How long to wait between the two samples of a counter.
    pub sample: SampleTime,
    /// The timeout of a source.
    pub deadline: Duration,
}

/// How long to wait between two samples of what keeps no history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleTime {
    /// What always passes.
    pub shortest: Duration,
    /// What may pass where the first samples do not show enough; not less than the shortest.
    pub longest: Duration,
}

impl SampleTime {
    /// The same time whatever the samples show.
    pub const fn exactly(time: Duration) -> Self {
        Self { shortest: time, longest: time }
    }
}

/// Whether resources are looked for that the catalogue does not know.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Search {
    /// They are not.
    #[default]
    No,
    /// On servers with a usual number of metrics.
    Bounded,
    /// On all servers.
    All,
}

/// Hourly means of some signals.
#[derive(Debug, Clone)]
pub struct Past {
    /// Older data is not read, however far back the source reaches.
    pub from: DateTime<Utc>,
    /// The signals of which it is needed.
    pub signals: BTreeSet<SignalId>,
}

/// The result of a source that could not be read at all.
fn unavailable(source: &dyn Source, why: Unavailable) -> SourceResult {
    SourceResult::failed(source.name(), source.address(), source.wanted(), why)
}

/// The signals a source is expected to read, from the catalogue.
pub fn signals_of(source: &str) -> Vec<SignalId> {
    let reads = |signal: &&Signal| {
        signal.native.iter().any(|native| native == source)
            || source == prometheus::NAME && !signal.prometheus.is_empty()
    };
    catalog().signals().filter(reads).map(Signal::id).collect()
}

/// A server with what settings say about it among others of its kind.
#[derive(Debug)]
pub struct Named<S> {
    /// Its name; none where it is the only one.
    pub name: Option<String>,
    /// Whether the load that it shows counts.
    pub loads: bool,
    /// How it is read.
    pub source: S,
}

impl<S: Source> Source for Named<S> {
    fn name(&self) -> &'static str {
        self.source.name()
    }

    fn server(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn address(&self) -> String {
        self.source.address()
    }

    fn read<'a>(&'a self, request: &'a Request) -> Answer<'a> {
        Box::pin(async move {
            let mut result = self.source.read(request).await;
            if !self.loads {
                let counts = |signal: SignalId| signal.entry().role != Role::Load;
                result.observations.retain(|observation| counts(observation.signal));
                result.history.retain(|observation| counts(observation.signal));
                result.gaps.retain(|gap| counts(gap.signal));
                result.ambiguous.clear();
            }
            result
        })
    }

    fn wanted(&self) -> Vec<SignalId> {
        self.source.wanted()
    }

    fn secrets(&self) -> Secrets {
        self.source.secrets()
    }

    fn keeps_history(&self) -> bool {
        self.source.keeps_history()
    }
}

/// Reads a file aside: a disk that does not answer must not hold up the other sources.
fn read_aside<'a, S: Source + Clone + 'static>(
    settings: &'a S,
    request: &'a Request,
    read: fn(&S, DateTime<Utc>) -> Result<SourceResult, Unavailable>,
) -> Answer<'a> {
    Box::pin(async move {
        let (own, now) = (settings.clone(), request.now);
        let result = match spawn_blocking(move || read(&own, now)).await {
            Ok(result) => result,
            Err(error) => {
                let message = format!("internal error (bug): {error}");
                Err(Unavailable::new(Reason::UnexpectedReply, message))
            }
        };
        result.unwrap_or_else(|why| unavailable(settings, why))
    })
}

/// Why a file could not be opened or decoded.
fn file_not_readable(error: &io::Error) -> Unavailable {
    let reason = match error.kind() {
        io::ErrorKind::PermissionDenied => Reason::NotPermitted,
        io::ErrorKind::InvalidData => Reason::UnexpectedReply,
        _ => Reason::NotConfigured,
    };
    Unavailable::new(reason, format!("the file cannot be read: {error}"))
}
