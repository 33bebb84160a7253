//! The signals that rules can measure: those that were read from Prometheus, with the queries that read them; and what
//! the load did from week to week, and within minutes.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    ExportInput,
    expression::{NotRepeatable, Sent, any_of, reduced},
};
use crate::{
    assess::SignalLimit,
    signal::{Direction, Quantity, Role, Series, Signal, SignalId, quantile},
    snapshot::{COUNTED_ONCE, Observation, Resolution},
};

/// The name of the source whose queries rules repeat.
const PROMETHEUS: &str = "prometheus";

/// A signal that was measured and has no rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Skipped {
    /// The signal.
    pub signal: SignalId,
    /// Why.
    pub reason: SkipReason,
}

/// Why a signal has no rule.
#[derive(Debug, Clone, PartialEq)]
pub enum SkipReason {
    /// Other sources read it.
    OtherSource {
        /// Which.
        sources: Vec<String>,
    },
    /// Nothing measured it.
    NotMeasured,
    /// It is computed from other signals.
    Computed,
    /// Its query cannot be asked for all services of a fleet at once.
    NotForAll {
        /// Why.
        detail: String,
    },
    /// Its query is no PromQL, or was too long to be kept.
    NotPromQl,
    /// Its query calls functions that only VictoriaMetrics has.
    MetricsQl,
    /// Several jobs show the same, which the program counts once and a sum would count twice.
    CountedTwice,
    /// All its instances are beyond their limits by design.
    ByDesign,
    /// All its instances are judged by their reset: of their limits the end alone has a rule.
    JudgedByReset,
    /// Some instances are beyond their limits by design, and no label tells them from the others.
    NotTellable,
    /// The limit lies above the highest bucket of the histogram, beyond which no value is ever reported.
    AboveBuckets {
        /// The limit.
        limit: Quantity,
        /// The bound of the highest bucket.
        highest: Quantity,
    },
}

/// A signal with what measures it in Prometheus.
#[derive(Debug, Clone)]
pub(super) struct MeasuredSignal<'a> {
    /// The signal.
    pub(super) signal: SignalId,
    /// The queries that were sent, each for other instances.
    pub(super) sent: Vec<Sent>,
    /// What they gave.
    pub(super) observations: Vec<&'a Observation>,
}

/// From where on a value is certainly beyond a limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Certain {
    /// What to compare with.
    pub(super) threshold: f64,
    /// Whether the threshold itself counts.
    pub(super) inclusive: bool,
}

impl MeasuredSignal<'_> {
    fn entry(&self) -> &'static Signal {
        self.signal.entry()
    }

    /// The value in the signal's unit.
    pub(super) fn value(&self) -> String {
        self.joined(Sent::value)
    }

    /// The usage in its own unit; the value where it is no share of something counted.
    pub(super) fn usage(&self) -> String {
        self.joined(Sent::usage)
    }

    /// What the usage may reach, where queries say.
    pub(super) fn limit(&self) -> Option<String> {
        let limits: Vec<String> = self.sent.iter().filter_map(Sent::limit).collect();
        (limits.len() == self.sent.len()).then(|| any_of(&limits))
    }

    fn joined(&self, part: impl Fn(&Sent) -> String) -> String {
        let all = any_of(&self.sent.iter().map(part).collect::<Vec<_>>());
        let is_single = self.sent.iter().all(|sent| sent.labels().is_some_and(|labels| labels.is_empty()));
        match self.entry().reduce.filter(|_| self.entry().instance.is_none()) {
            Some(reduce) if !is_single || self.sent.len() > 1 => reduced(&all, reduce),
            _ => all,
        }
    }

    /// From where on its values are certainly beyond a limit. A quantile of a histogram is known to its bucket: of one
    /// within the bucket of the limit it is not known on which side it lies.
    ///
    /// # Errors
    /// When no value is ever beyond it: whatever lies beyond the highest bucket is reported as its bound.
    pub(super) fn certainly_beyond(&self, limit: &SignalLimit) -> Result<Certain, SkipReason> {
        let at = limit.at.value();
        let mut certain = Certain { threshold: at, inclusive: limit.inclusive };
        if self.entry().direction == Direction::LowerIsWorse {
            return Ok(certain);
        }
        let mut highest: Option<f64> = None;
        for observation in &self.observations {
            let other = match &observation.resolution {
                Some(Resolution::Buckets(bounds)) => {
                    let Some(last) = bounds.last() else { continue };
                    highest = Some(highest.map_or(*last, |highest| highest.max(*last)));
                    let Some(bound) = bounds.iter().find(|bound| **bound >= at) else { continue };
                    // A value on a bound belongs to the bucket below it, unless there is none above.
                    Certain { threshold: *bound, inclusive: bound.to_bits() == last.to_bits() }
                }
                Some(Resolution::Factor(factor)) if *factor > 1.0 => {
                    Certain { threshold: at * factor, inclusive: true }
                }
                Some(Resolution::Factor(_)) | None => continue,
            };
            // Of instances with other buckets the one that is known least decides for all.
            if other.threshold >= certain.threshold {
                certain = other;
            }
        }
        match highest
            .filter(|highest| *highest < at)
            .and_then(|highest| Quantity::new(highest, limit.at.unit()))
        {
            Some(highest) => Err(SkipReason::AboveBuckets { limit: limit.at, highest }),
            None => Ok(certain),
        }
    }

    /// The label that names the instances, where the series have it.
    pub(super) fn instance_label(&self) -> Option<String> {
        let label = self.entry().instance.clone()?;
        let in_query = |sent: &Sent| sent.labels().is_none_or(|labels| labels.contains(&label));
        self.sent.iter().all(in_query).then_some(label)
    }
}

/// Everything that was measured, by signal: with its queries, or why there is no rule for it.
pub(super) fn measured<'a>(
    export: &ExportInput<'a>,
) -> BTreeMap<SignalId, Result<MeasuredSignal<'a>, SkipReason>> {
    let absent = &export.input.declared.absent;
    let mut by_signal: BTreeMap<SignalId, Vec<&Observation>> = BTreeMap::new();
    for observation in &export.snapshot.observations {
        if !absent.contains(&observation.signal.entry().system) {
            by_signal.entry(observation.signal).or_default().push(observation);
        }
    }
    by_signal.into_iter().map(|(signal, observations)| (signal, of_signal(signal, observations))).collect()
}

fn of_signal(signal: SignalId, observations: Vec<&Observation>) -> Result<MeasuredSignal<'_>, SkipReason> {
    if signal.entry().computed.is_some() {
        return Err(SkipReason::Computed);
    }
    let sources: BTreeSet<&str> =
        observations.iter().map(|observation| observation.origin.source.as_str()).collect();
    if !sources.contains(PROMETHEUS) {
        return Err(SkipReason::OtherSource { sources: sources.into_iter().map(str::to_owned).collect() });
    }
    let observations: Vec<&Observation> =
        observations.into_iter().filter(|observation| observation.origin.source == PROMETHEUS).collect();
    let is_load = signal.entry().role == Role::Load;
    let twice =
        |observation: &&Observation| observation.notes.iter().any(|note| note.ends_with(COUNTED_ONCE));
    if is_load && observations.iter().any(twice) {
        return Err(SkipReason::CountedTwice);
    }
    let mut queries: Vec<(&str, bool)> = Vec::new();
    for observation in &observations {
        let query = (observation.origin.query.as_str(), observation.limit.is_some());
        if !queries.iter().any(|(known, _)| *known == query.0) {
            queries.push(query);
        }
    }
    let sent = queries.into_iter().map(|(query, has_limit)| Sent::parse(query, has_limit));
    let sent = sent.collect::<Result<Vec<_>, _>>().map_err(skip_reason)?;
    Ok(MeasuredSignal { signal, sent, observations })
}

/// Why what Prometheus would not understand is no rule.
pub(super) fn skip_reason(problem: NotRepeatable) -> SkipReason {
    match problem {
        NotRepeatable::Syntax => SkipReason::NotPromQl,
        NotRepeatable::MetricsQl => SkipReason::MetricsQl,
    }
}

/// In how many seconds more replicas are there at the latest: the autoscaler looks every 15 seconds at figures that are
/// up to a minute old, and then replicas start.
const REACTION: i64 = 300;
/// Milliseconds of a week.
const WEEK_MS: i64 = 7 * 86_400_000;
/// The fewest hours that show how a week compares with the one before it.
const MIN_HOURS: usize = 84;

/// The hourly load_past of the load, the longest where there are several.
pub(super) fn load_past<'a>(export: &ExportInput<'a>, load: SignalId) -> Option<&'a Series> {
    let history = export.snapshot.history.iter().filter(|load_past| load_past.signal == load);
    history.map(|load_past| &load_past.values).max_by_key(|values| values.len())
}

/// The factor by which the load grows from a week to the next, at least 1: the median over the hours of the last week, each
/// compared with the same hour of the week before. `None` where fewer than half of them were measured in both.
pub(super) fn weekly_growth(export: &ExportInput<'_>, load: SignalId) -> Option<f64> {
    let values = load_past(export, load)?;
    let last = values.last().0;
    let hours = by_hour(values);
    let compared = hours.range(last - WEEK_MS + 1..).filter_map(|(at_ms, load)| {
        let before = hours.get(&(at_ms - WEEK_MS)).filter(|before| **before > 0.0)?;
        Some(load / before)
    });
    let compared: Vec<f64> = compared.collect();
    if compared.len() < MIN_HOURS {
        return None;
    }
    quantile(&compared, 0.5).map(|growth| growth.max(1.0))
}

/// The values of a series by their time.
pub(super) fn by_hour(series: &Series) -> BTreeMap<i64, f64> {
    series.at_ms().iter().copied().zip(series.values().iter().copied()).collect()
}

/// By which factor the load rises while replicas start: in busy hours, the 95% quantile.
pub(super) fn load_rise(export: &ExportInput<'_>, load: SignalId) -> Option<f64> {
    let series = export.snapshot.observations.iter().filter(|observation| observation.signal == load);
    let series = &series.max_by_key(|observation| observation.values.len())?.values;
    let step = series.step_ms();
    if step <= 0 || step > REACTION * 1000 {
        return None;
    }
    let later = usize::try_from(REACTION * 1000 / step).ok()?;
    let busy = quantile(series.values(), 0.5)?;
    let values = series.values();
    let pairs = values.iter().zip(values.get(later..)?);
    let rises: Vec<f64> =
        pairs.filter(|(from, _)| **from >= busy && **from > 0.0).map(|(from, to)| to / from).collect();
    quantile(&rises, 0.95).map(|load_rise| load_rise.max(1.0))
}
