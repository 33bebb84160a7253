//! Which observations speak about a signal.

use super::Context;
use crate::{
    signal::{Quantity, SignalId},
    snapshot::{Observation, Reason},
};

impl<'a> Context<'a> {
    /// The observations that conditions judge: every instance of the signal.
    ///
    /// Where one source keeps a history and another took a single reading of the same thing, the history is
    /// judged, because a reading has no average and no duration.
    pub(super) fn judged(&self, signal: SignalId, instance: Option<&str>) -> Vec<&'a Observation> {
        let named = |observation: &&Observation| {
            instance.is_none_or(|name| observation.instance.as_deref() == Some(name))
        };
        let all: Vec<&Observation> = self.all(signal).filter(named).collect();
        let histories: Vec<&Observation> =
            all.iter().copied().filter(|observation| !observation.values.is_spot()).collect();
        let outdone = |spot: &Observation| histories.iter().any(|history| same_thing(spot, history));
        all.into_iter().filter(|observation| !observation.values.is_spot() || !outdone(observation)).collect()
    }

    /// Every observation of a signal, from every source.
    pub(super) fn all(&self, signal: SignalId) -> impl Iterator<Item = &'a Observation> {
        self.observations.iter().copied().filter(move |observation| observation.signal == signal)
    }

    /// Whether the team says that the installation has no such system.
    pub(super) fn is_absent(&self, signal: SignalId) -> bool {
        self.input.declared.absent.contains(&signal.entry().system)
    }

    /// Whether a source says that there is nothing to measure: no standby, no ceiling.
    pub(super) fn is_not_applicable(&self, signal: SignalId) -> bool {
        self.gaps.iter().any(|gap| gap.signal == signal && gap.reason == Reason::NotApplicable)
    }

    /// Why a signal was not measured, in a few words.
    pub(super) fn why_missing(&self, signal: SignalId) -> String {
        if self.all(signal).next().is_some() {
            return format!("{signal} is too large to calculate with");
        }
        if let Some(needs) = &signal.entry().computed {
            return format!("{signal} cannot be computed: it needs {needs}");
        }
        match self.gaps.iter().find(|gap| gap.signal == signal) {
            Some(gap) => format!("{signal} is not measured: {}: {}", gap.source, gap.detail),
            None => format!("{signal} is not measured: no configured source reads it"),
        }
    }

    /// Why one instance of a signal was not measured.
    pub(super) fn why_instance_missing(&self, signal: SignalId, instance: &str) -> String {
        let known: Vec<&str> = self.all(signal).filter_map(|one| one.instance.as_deref()).collect();
        if known.is_empty() {
            return self.why_missing(signal);
        }
        format!("{signal} of {instance} is not measured, only of {}", known.join(", "))
    }

    /// The end of the window in Unix milliseconds.
    pub(super) fn window_end_ms(&self) -> i64 {
        self.snapshot.window.to.timestamp_millis()
    }
}

/// Whether a single reading and a history speak of the same thing.
///
/// A queue has one name everywhere. Servers and machines do not: every source has its own name for them, so
/// that a history of any of them is taken for a history of this one.
fn same_thing(spot: &Observation, history: &Observation) -> bool {
    let named_by_source = spot.signal.entry().instance.as_deref() == Some("instance");
    named_by_source || spot.instance.is_none() || spot.instance == history.instance
}

/// "92 of 97 connections (94.8%)", or the plain quantity where there is no whole.
pub(super) fn amount(value: Quantity, observation: &Observation) -> String {
    let Some(capacity) = observation.capacity() else { return value.to_string() };
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
