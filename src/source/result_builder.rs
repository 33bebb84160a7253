//! What a source has gathered so far, while it is being read.

use chrono::{DateTime, Utc};

use super::signals_of;
use crate::{
    signal::{Series, SignalId, Unit},
    snapshot::{Gap, Limit, Observation, Origin, Reason, SourceReport, SourceResult, Unavailable},
};

/// Observations and gaps of one source, all read at the same instant.
#[derive(Debug)]
pub(super) struct SourceResultBuilder {
    source: &'static str,
    now: DateTime<Utc>,
    wanted: Vec<SignalId>,
    observations: Vec<Observation>,
    gaps: Vec<Gap>,
}

impl SourceResultBuilder {
    /// An empty draft of a source, for the signals the catalogue expects of it.
    pub(super) fn new(source: &'static str, now: DateTime<Utc>) -> Self {
        Self::wanting(source, signals_of(source), now)
    }

    /// An empty draft of a source, for the signals its settings name.
    pub(super) fn wanting(source: &'static str, wanted: Vec<SignalId>, now: DateTime<Utc>) -> Self {
        Self { source, now, wanted, observations: Vec::new(), gaps: Vec::new() }
    }

    /// Takes a value in the signal's unit, read by `query`; a value that is not finite becomes a gap.
    ///
    /// A signal that the catalogue does not expect of this source is left out.
    pub(super) fn observe(&mut self, signal: &str, value: f64, query: impl Into<String>) -> Observed<'_> {
        let Some(signal) = self.wanted(signal) else { return Observed(None) };
        let query = query.into();
        let Some(values) = Series::spot(self.now, value) else {
            self.gap(signal.as_str(), Reason::NotFinite, format!("{query} gave {value}"), None);
            return Observed(None);
        };
        let origin = Origin { source: self.source.to_owned(), query };
        self.observations.push(Observation::new(signal, values, origin));
        Observed(self.observations.last_mut())
    }

    /// Says why a signal has no value and what to do about it.
    pub(super) fn gap(
        &mut self,
        signal: &str,
        reason: Reason,
        detail: impl Into<String>,
        hint: Option<&str>,
    ) {
        let Some(signal) = self.wanted(signal) else { return };
        let hint = hint.map(str::to_owned);
        self.gaps.push(Gap { signal, source: self.source.to_owned(), reason, detail: detail.into(), hint });
    }

    /// Says why a signal could not be read.
    pub(super) fn unavailable(&mut self, signal: &str, why: Unavailable) {
        let signal = self.wanted(signal);
        self.gaps.extend(signal.map(|signal| why.gap(signal, self.source)));
    }

    /// Gives this gap to every expected signal that has neither a value nor a gap.
    pub(super) fn rest(&mut self, reason: Reason, detail: &str, hint: &str) {
        for signal in self.wanted.clone() {
            let told = self.observations.iter().any(|observation| observation.signal == signal)
                || self.gaps.iter().any(|gap| gap.signal == signal);
            if !told {
                self.gap(signal.as_str(), reason, detail, Some(hint));
            }
        }
    }

    /// What was gathered, with how the source answered as a whole.
    pub(super) fn finish(self, report: SourceReport) -> SourceResult {
        SourceResult { observations: self.observations, gaps: self.gaps, ..SourceResult::new(report) }
    }

    fn wanted(&self, signal: &str) -> Option<SignalId> {
        self.wanted.iter().copied().find(|wanted| wanted.as_str() == signal)
    }
}

/// An observation just taken, to which more can be told; nothing when the value was refused.
#[derive(Debug)]
pub(super) struct Observed<'a>(Option<&'a mut Observation>);

impl Observed<'_> {
    /// Which of several it belongs to.
    pub(super) fn instance(self, instance: &str) -> Self {
        self.instance_if(Some(instance))
    }

    /// Which of several it belongs to, if there are several.
    pub(super) fn instance_if(mut self, instance: Option<&str>) -> Self {
        if let Some(observation) = &mut self.0 {
            observation.instance = instance.map(str::to_owned);
        }
        self
    }

    /// The whole of which the value is a share.
    pub(super) fn capacity(mut self, value: f64, unit: Unit) -> Self {
        if let Some(observation) = &mut self.0 {
            observation.limit = Limit::constant(value, unit);
        }
        self
    }

    /// A fact that changes the judgement, if it is known.
    pub(super) fn attribute(mut self, name: &str, value: impl Into<Option<String>>) -> Self {
        if let (Some(observation), Some(value)) = (&mut self.0, value.into()) {
            observation.attributes.insert(name.to_owned(), value);
        }
        self
    }

    /// What a reader must know, if there is anything.
    pub(super) fn note(mut self, note: impl Into<Option<String>>) -> Self {
        if let (Some(observation), Some(note)) = (&mut self.0, note.into()) {
            observation.notes.push(note);
        }
        self
    }
}
