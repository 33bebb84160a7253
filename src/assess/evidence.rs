//! Which observations speak about a signal.

use super::Context;
use crate::{
    signal::{Quantity, SignalId},
    snapshot::{Observation, Reason},
};

/// The source that reads the machine this program runs on.
const THIS_MACHINE: &str = "host";

impl<'a> Context<'a> {
    /// The observations that conditions judge: every instance of the signal.
    ///
    /// Where one source keeps a history and another took a single reading, the history is judged, because a
    /// reading has no average and no duration.
    pub(super) fn judged(&self, signal: SignalId, instance: Option<&str>) -> Vec<&'a Observation> {
        let of = |observation: &&Observation| {
            observation.signal == signal
                && instance.is_none_or(|name| observation.instance.as_deref() == Some(name))
        };
        let all: Vec<&Observation> = self.snapshot.observations.iter().filter(of).collect();
        let histories: Vec<&Observation> =
            all.iter().copied().filter(|observation| !observation.values.is_spot()).collect();
        if histories.is_empty() { all } else { histories }
    }

    /// Every observation of a signal, from every source.
    ///
    /// The machine this program runs on stands aside where a server knows hosts by name: it need not be one of
    /// them.
    pub(super) fn all(&self, signal: SignalId) -> impl Iterator<Item = &'a Observation> {
        let of = move |observation: &&Observation| observation.signal == signal;
        let named = self.snapshot.observations.iter().filter(of).any(|one| one.origin.source != THIS_MACHINE);
        let counts = move |one: &&Observation| !(named && one.origin.source == THIS_MACHINE);
        self.snapshot.observations.iter().filter(of).filter(counts)
    }

    /// Whether the team says that the installation has no such system.
    pub(super) fn is_absent(&self, signal: SignalId) -> bool {
        self.framework.declared.absent.contains(&signal.entry().system)
    }

    /// Whether a source says that there is nothing to measure: no standby, no ceiling.
    pub(super) fn is_not_applicable(&self, signal: SignalId) -> bool {
        let mut gaps = self.snapshot.gaps.iter().filter(|gap| gap.signal == signal).peekable();
        gaps.peek().is_some() && gaps.any(|gap| gap.reason == Reason::NotApplicable)
    }

    /// Why a signal was not measured, in a few words.
    pub(super) fn why_missing(&self, signal: SignalId) -> String {
        match self.snapshot.gaps.iter().find(|gap| gap.signal == signal) {
            Some(gap) => format!("{signal} is not measured: {}: {}", gap.source, gap.detail),
            None => format!("{signal} is not measured: no configured source reads it"),
        }
    }

    /// The end of the window in Unix milliseconds.
    pub(super) fn window_end_ms(&self) -> i64 {
        self.snapshot.window.to.timestamp_millis()
    }
}

/// "92 of 97 connections (94.8%)", or the plain quantity where there is no whole.
pub(super) fn amount(value: Quantity, observation: &Observation) -> String {
    let Some(capacity) = observation.capacity else { return value.to_string() };
    let Some(used) = Quantity::new(value.value() * capacity.value(), capacity.unit()) else {
        return value.to_string();
    };
    let used = match capacity.unit() {
        // Things that are counted come in whole numbers.
        crate::signal::Unit::Count if capacity.value() >= 20.0 => {
            Quantity::new(used.value().round(), used.unit()).unwrap_or(used)
        }
        _ => used,
    };
    let of = observation.signal.entry().of.as_deref().filter(|of| *of != "bytes").unwrap_or_default();
    let of = if of.is_empty() { String::new() } else { format!(" {of}") };
    format!("{used} of {capacity}{of} ({value})")
}

/// " of the intent queue", or nothing where there is one instance.
pub(super) fn instance_words(observation: &Observation) -> String {
    observation.instance.as_deref().map(|instance| format!(" of {instance}")).unwrap_or_default()
}
