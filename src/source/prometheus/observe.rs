//! From shaped series to observations: with the whole of a share, the reach of a histogram, the origin.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    NAME,
    reader::Way,
    shape::{Shaped, label},
    stitch::Whole,
};
use crate::{
    signal::{Quantity, Signal, Unit},
    snapshot::{Limit, Observation, Origin, Unavailable},
};

/// What was asked beside the signal itself.
pub(super) struct Extras {
    /// The whole of which the signal is a share.
    pub(super) capacity: Result<Whole, Unavailable>,
    /// The buckets of the histogram of which the signal is a quantile.
    pub(super) buckets: Result<Whole, Unavailable>,
    /// What the server warned of.
    pub(super) warnings: BTreeSet<String>,
}

/// One observation for each instance.
pub(super) fn observations(
    signal: &Signal,
    way: &Way,
    query: &str,
    shaped: Vec<Shaped>,
    extras: &Extras,
) -> Vec<Observation> {
    let ceiling = extras.buckets.as_ref().ok().and_then(highest_bound);
    let observation = |Shaped { instance, values, mut notes }: Shaped| {
        let mut attributes = BTreeMap::from([("exporter".to_owned(), way.exporter.clone())]);
        if let Some(ceiling) = ceiling
            && let Some(note) = touching(ceiling, signal.unit, values.values())
        {
            attributes.insert("at_highest_bucket".to_owned(), ceiling.to_string());
            notes.push(note);
        }
        if let Err(failure) = &extras.capacity {
            notes.push(format!("the whole could not be read: {}", failure.detail));
        }
        notes.extend(extras.warnings.iter().map(|warning| format!("partial: {warning}")));
        Observation {
            limit: capacity(signal, instance.as_deref(), extras),
            instance,
            attributes,
            notes,
            ..Observation::new(
                signal.id(),
                values,
                Origin { source: NAME.to_owned(), query: query.to_owned() },
            )
        }
    };
    shaped.into_iter().map(observation).collect()
}

/// The newest value of the whole for an instance, or of the only whole there is.
fn capacity(signal: &Signal, instance: Option<&str>, extras: &Extras) -> Option<Limit> {
    let series = &extras.capacity.as_ref().ok()?.series;
    let own = signal.instance.as_ref().and_then(|name| {
        let mut own = series.iter().filter(|series| label(series, name) == instance);
        own.next().filter(|_| own.next().is_none())
    });
    let series = own.or_else(|| series.first().filter(|_| series.len() == 1))?;
    let unit = if signal.of.as_deref() == Some("bytes") { Unit::Bytes } else { Unit::Count };
    Limit::constant(*series.samples.values.last()?, unit)
}

/// The highest finite bound among buckets.
fn highest_bound(buckets: &Whole) -> Option<f64> {
    let bounds = buckets.series.iter().filter_map(|series| label(series, "le")?.parse::<f64>().ok());
    bounds.filter(|bound| bound.is_finite()).reduce(f64::max)
}

/// A quantile that lies beyond the highest finite bucket is given as that bucket's bound: it is only a lower
/// bound of the truth.
fn touching(ceiling: f64, unit: Unit, values: &[f64]) -> Option<String> {
    let count = values.iter().filter(|value| **value >= ceiling).count();
    let bound = Quantity::new(ceiling, unit)?;
    (count > 0).then(|| {
        format!(
            "{count} of {} samples lie at the highest bucket: they are at least {bound}, and may be more",
            values.len()
        )
    })
}
