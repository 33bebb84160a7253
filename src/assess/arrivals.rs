//! The jobs that arrive at a queue: those that were finished and those that the queue grew by.
//!
//! Completions alone tell of the workers, not of the demand: while a queue is overloaded more jobs arrive than are
//! finished, and while it drains fewer do. Over a short span, arrivals = completions + the slope of the depth.

use super::{Context, peak_hour};
use crate::{
    signal::{Series, SignalId},
    snapshot::Observation,
};

/// The slope of the depth is taken over so many of its steps, as the rate of the completions is.
const STEPS: i64 = 4;
/// The shortest span for a slope in milliseconds.
const SHORTEST_SPAN_MS: i64 = 60_000;
/// Samples of the depth that are farther apart than so many steps tell nothing of the time between them.
const FARTHEST_STEPS: i64 = 3;

/// Jobs that arrive each second, at the times of the completions; completions alone where no depth is known.
pub(super) fn arrivals(context: &Context<'_>, completions: &Observation) -> Series {
    let queue = completions.instance.as_deref();
    match for_queue(context, "queue.depth", queue) {
        Some(depth) if !depth.values.is_spot() => with_growth(&completions.values, &depth.values),
        _ => completions.values.clone(),
    }
}

/// Jobs that arrive each second in the peak hour: the highest of what the window shows and of what its past tells.
///
/// `None` where the values are too large to calculate with.
pub(super) fn peak_arrivals(context: &Context<'_>, completions: &Observation) -> Option<f64> {
    let arrivals = arrivals(context, completions);
    let direction = completions.signal.entry().direction;
    let present = peak_hour::peak_value(&arrivals, direction, context.window_end_ms());
    let known = peak_hour::peak(context, &Observation { values: arrivals, ..completions.clone() })?;
    Some(known.value.value().max(present))
}

/// What one queue shows of a signal.
pub(super) fn for_queue<'a>(
    context: &Context<'a>,
    signal: &str,
    queue: Option<&str>,
) -> Option<&'a Observation> {
    context.evaluated_by_name(SignalId::find(signal)?, queue)
}

fn with_growth(completions: &Series, depth: &Series) -> Series {
    let span = (STEPS * depth.step_ms()).max(SHORTEST_SPAN_MS);
    let times = completions.at_ms().iter().zip(completions.values());
    let arrivals = times.map(|(&at, &finished)| (finished + slope(depth, at, span).unwrap_or(0.0)).max(0.0));
    Series::new(completions.step_ms(), completions.at_ms().to_vec(), arrivals.collect())
        .unwrap_or_else(|_| completions.clone())
}

/// By how many jobs a second the depth grew over the span before an instant, or the part of it that is known;
/// `None` where that is less than half of it.
fn slope(depth: &Series, at_ms: i64, span_ms: i64) -> Option<f64> {
    let from_ms = (at_ms - span_ms).max(depth.first_ms());
    let known_ms = at_ms - from_ms;
    (known_ms * 2 >= span_ms).then_some(())?;
    let grown = depth_at(depth, at_ms)? - depth_at(depth, from_ms)?;
    Some(grown * 1000.0 / known_ms as f64)
}

/// The depth at an instant, on the line between the samples around it.
fn depth_at(depth: &Series, at_ms: i64) -> Option<f64> {
    let times = depth.at_ms();
    let after = times.partition_point(|time| *time < at_ms);
    if times.get(after) == Some(&at_ms) {
        return depth.values().get(after).copied();
    }
    let before = after.checked_sub(1)?;
    let (from, to) = (*times.get(before)?, *times.get(after)?);
    let near = to - from <= FARTHEST_STEPS * depth.step_ms().max(1);
    let share = (at_ms - from) as f64 / (to - from) as f64;
    near.then(|| depth.values()[before] + share * (depth.values()[after] - depth.values()[before]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(values: &[f64]) -> Series {
        let at = (0_i64..).map(|minute| minute * 60_000).take(values.len()).collect();
        Series::new(60_000, at, values.to_vec()).unwrap()
    }

    #[test]
    fn what_the_queue_grows_by_arrived_as_well() {
        let depth: Vec<f64> = (0..20).map(|minute| f64::from(minute) * 480.0).collect();
        let arrivals = with_growth(&minutes(&[4.0; 20]), &minutes(&depth));
        assert!(arrivals.values()[2..].iter().all(|rate| (rate - 12.0).abs() < 1e-9), "{arrivals:?}");
    }

    #[test]
    fn a_queue_that_drains_has_fewer_arrivals_than_completions() {
        let depth: Vec<f64> = (0..20).map(|minute| 4560.0 - f64::from(minute) * 240.0).collect();
        let arrivals = with_growth(&minutes(&[4.0; 20]), &minutes(&depth));
        assert!(arrivals.values()[2..].iter().all(|rate| rate.abs() < 1e-9), "{arrivals:?}");
    }

    #[test]
    fn a_hole_in_the_depth_tells_of_no_growth() {
        let depth = Series::new(60_000, vec![0, 600_000, 660_000], vec![0.0, 9000.0, 9000.0]).unwrap();
        assert_eq!(slope(&depth, 300_000, 240_000), None);
        assert_eq!(slope(&depth, 720_000, 240_000), None);
    }
}
