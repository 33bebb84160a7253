//! One of several servers of a kind.

use super::{Answer, Request, Source};
use crate::{
    foreign::Secrets,
    signal::{Role, SignalId},
};

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
