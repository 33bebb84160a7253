//! The peak hour: what a system has to carry, as against its average.

use super::{Context, outlook::Past};
use crate::{
    signal::{Direction, Driver, Quantity, Series, Unit, quantile},
    snapshot::Observation,
};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Days of history whose peak hours count.
const PEAK_DAYS: i64 = 28;
/// Hours that a day of the history must have so that its peak hour is known.
const MIN_HOURS: usize = 18;
/// The same in milliseconds.
const MIN_HOURS_MS: i64 = 18 * HOUR_MS;
/// Busy minutes within an hour are at most so many times its mean.
const MAX_BUSY_MINUTES: f64 = 2.0;

/// The value of the peak hours.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Peak {
    /// The 95th percentile over the days' peak hours, with the busy minutes in them; in the signal's unit.
    pub value: Quantity,
    /// The mean of each known day's peak hour, as a share of today's limit, oldest first. None where less than a day
    /// is known.
    pub days: Vec<f64>,
}

/// The peak of the last 28 days as far as they are known: weekdays and weekends as they come, so that it is the same
/// on Friday and on Sunday. What fills by itself has no peak but the present one.
///
/// `None` where the values are too large to calculate with.
pub(super) fn peak(context: &Context<'_>, observation: &Observation) -> Option<Peak> {
    let past = Past::for_instance(context, observation.signal, observation.instance.as_deref());
    peak_with(context, observation, past.as_ref())
}

/// The same for an observation whose past is known already.
pub(super) fn peak_with(
    context: &Context<'_>,
    observation: &Observation,
    past: Option<&Past>,
) -> Option<Peak> {
    let entry = observation.signal.entry();
    let direction = entry.direction;
    let present = peak_value(&observation.values, direction, context.window_end_ms());
    // Of a figure that stands in a file once a day, the newest is the present.
    let past = past.filter(|past| entry.driven_by != Some(Driver::Itself) && past.step_ms < DAY_MS);
    let days = past.map(|past| past_days(context, past, direction)).unwrap_or_default();
    if days.len() < 2 {
        let (last_ms, _) = observation.values.last();
        let whole_day = last_ms - observation.values.first_ms() >= MIN_HOURS_MS;
        let days = if whole_day { vec![present] } else { Vec::new() };
        return Some(Peak { value: Quantity::new(present, entry.unit)?, days });
    }
    let of_hours = quantile(&days, quantile_of(direction))?;
    let value = of_hours * busy_minutes(&observation.values, direction, context.window_end_ms());
    let value = match (direction, entry.unit == Unit::Ratio) {
        (Direction::HigherIsWorse, true) => value.min(of_hours.max(1.0)),
        _ => value,
    };
    Some(Peak { value: Quantity::new(value, entry.unit)?, days })
}

fn quantile_of(direction: Direction) -> f64 {
    match direction {
        Direction::HigherIsWorse => 0.95,
        Direction::LowerIsWorse => 0.05,
    }
}

/// The mean of the peak hour of each of the last days that is known.
fn past_days(context: &Context<'_>, past: &Past, direction: Direction) -> Vec<f64> {
    let now = context.snapshot.taken_at.timestamp_millis();
    let recent = past.samples().filter(|(at, _)| now - at <= PEAK_DAYS * DAY_MS);
    let hours: Vec<(i64, f64)> = recent.map(|(at, value)| ((now - at) / DAY_MS, value)).collect();
    let days = hours.chunk_by(|a, b| a.0 == b.0).filter(|day| day.len() >= MIN_HOURS);
    let worst = |day: &[(i64, f64)]| {
        day.iter().map(|(_, value)| *value).reduce(|a, b| match direction {
            Direction::HigherIsWorse => a.max(b),
            Direction::LowerIsWorse => a.min(b),
        })
    };
    days.filter_map(worst).collect()
}

/// How much the busy minutes of the window's peak hour lie beyond its mean.
fn busy_minutes(series: &Series, direction: Direction, to_ms: i64) -> f64 {
    let hours = days(series, to_ms).into_iter().flatten();
    let worst = hours.map(|hour| mean(&hour)).reduce(|a, b| match direction {
        Direction::HigherIsWorse => a.max(b),
        Direction::LowerIsWorse => a.min(b),
    });
    let ratio = peak_value(series, direction, to_ms) / worst.unwrap_or(f64::NAN);
    match direction {
        Direction::HigherIsWorse if ratio.is_finite() => ratio.clamp(1.0, MAX_BUSY_MINUTES),
        Direction::LowerIsWorse if ratio.is_finite() => ratio.clamp(1.0 / MAX_BUSY_MINUTES, 1.0),
        _ => 1.0,
    }
}

/// The present value of a signal: its 95th percentile over the busiest hour of each day, or its 5th over
/// the leanest hours where less is worse.
///
/// Days and hours are counted backwards from `to_ms` (Unix milliseconds), so that the newest are whole. A
/// peak hour has at least half the samples of the fullest hour: a single sample at the edge of the window is
/// not an hour. A single reading is its own peak hour.
pub(super) fn peak_value(series: &Series, direction: Direction, to_ms: i64) -> f64 {
    let mut peaks: Vec<f64> = Vec::new();
    for day in days(series, to_ms) {
        let fullest = day.iter().map(Vec::len).max().unwrap_or(0);
        let whole = day.into_iter().filter(|hour| hour.len() * 2 >= fullest);
        let worst = whole.max_by(|a, b| {
            let (a, b) = (mean(a), mean(b));
            match direction {
                Direction::HigherIsWorse => a.total_cmp(&b),
                Direction::LowerIsWorse => b.total_cmp(&a),
            }
        });
        peaks.extend(worst.unwrap_or_default());
    }
    quantile(&peaks, quantile_of(direction)).unwrap_or_else(|| series.last().1)
}

/// Samples by day and hour, both counted backwards; empty hours are left out.
fn days(series: &Series, to_ms: i64) -> Vec<Vec<Vec<f64>>> {
    let mut days: Vec<Vec<Vec<f64>>> = Vec::new();
    let mut place = None;
    for (&at, &value) in series.at_ms().iter().zip(series.values()) {
        // A sample at the very start of a day belongs to it, so that 24 hours are one day and not two.
        let age = (to_ms - at - 1).max(0);
        let here = (age / DAY_MS, age / HOUR_MS);
        match (place, days.last_mut()) {
            (Some((day, hour)), Some(hours)) if day == here.0 => match hours.last_mut() {
                Some(samples) if hour == here.1 => samples.push(value),
                _ => hours.push(vec![value]),
            },
            _ => days.push(vec![vec![value]]),
        }
        place = Some(here);
    }
    days
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(values: impl Fn(i64) -> f64, minutes: i64) -> (Series, i64) {
        let at: Vec<i64> = (0..=minutes).map(|minute| minute * 60_000).collect();
        let values = at.iter().map(|at| values(at / 60_000)).collect();
        (Series::new(60_000, at, values).unwrap(), minutes * 60_000)
    }

    #[test]
    fn twenty_minutes_beyond_the_limit_show() {
        let (series, to) = series(|minute| if (700..720).contains(&minute) { 0.95 } else { 0.2 }, 1440);
        assert!((peak_value(&series, Direction::HigherIsWorse, to) - 0.95).abs() < 1e-9);
    }

    #[test]
    fn one_spike_does_not() {
        let (series, to) = series(|minute| if minute == 700 { 0.99 } else { 0.2 }, 1440);
        assert!((peak_value(&series, Direction::HigherIsWorse, to) - 0.2).abs() < 1e-9);
    }

    #[test]
    fn where_less_is_worse_the_leanest_hour_counts() {
        let (series, to) = series(|minute| if (700..760).contains(&minute) { 0.5 } else { 0.99 }, 1440);
        assert!((peak_value(&series, Direction::LowerIsWorse, to) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn a_single_reading_is_itself() {
        let series = Series::new(0, vec![5], vec![0.7]).unwrap();
        assert!((peak_value(&series, Direction::HigherIsWorse, 5) - 0.7).abs() < 1e-12);
    }
}
