//! The peak hour: what a system has to carry, as against its average.

use crate::signal::{Direction, Series, quantile};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

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
    let q = match direction {
        Direction::HigherIsWorse => 0.95,
        Direction::LowerIsWorse => 0.05,
    };
    quantile(&peaks, q).unwrap_or_else(|| series.last().1)
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
