//! How long a series stayed beyond a limit.

use std::time::Duration;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Outcome;
use crate::signal::Series;

/// A gap of up to this many steps neither breaks nor extends a run.
const TOLERATED_STEPS: i64 = 3;
/// Nor does one of up to one part in so many of the required time.
const TOLERATED_PART: i64 = 5;

/// Samples in a row that are beyond a limit.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Run {
    /// When it began, in Unix milliseconds.
    pub began_ms: i64,
    /// From its first to its last sample, in milliseconds.
    pub lasted_ms: i64,
    /// How many samples it has.
    pub samples: usize,
}

/// Runs of samples beyond a limit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Runs {
    /// Whether one run was long enough.
    pub outcome: Outcome,
    /// The run that lasts until the newest sample; without samples when that one is within the limit.
    pub current: Run,
    /// The longest run.
    pub longest: Option<Run>,
    /// Whether the newest samples are missing, so that the current state is unknown.
    pub is_stopped: bool,
    /// All runs in the order of time; the current one is the last.
    all: Vec<Run>,
}

impl Runs {
    /// The same without what is over, except for the longest.
    pub(super) fn without_past(self) -> Self {
        Self { all: Vec::new(), ..self }
    }

    /// The newest run of at least so many milliseconds that is over.
    pub(super) fn newest_past(&self, least_ms: i64) -> Option<Run> {
        let over = self.all.len() - usize::from(self.current.samples > 0);
        self.all.iter().take(over).rev().copied().find(|run| run.lasted_ms >= least_ms)
    }
}

/// How long a series stayed beyond a limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sustained {
    /// Seconds that were asked for.
    pub required_seconds: f64,
    /// Seconds of the run that lasts until now; 0 when the newest sample is within the limit.
    pub current_seconds: f64,
    /// Seconds of the longest run.
    pub longest_seconds: f64,
    /// When the longest run began; null when there was none.
    pub began: Option<DateTime<Utc>>,
}

impl Sustained {
    /// The runs as results show them.
    pub(super) fn new(required: Duration, runs: &Runs) -> Self {
        Self {
            required_seconds: required.as_secs_f64(),
            current_seconds: runs.current.lasted_ms as f64 / 1000.0,
            longest_seconds: runs.longest.unwrap_or_default().lasted_ms as f64 / 1000.0,
            began: runs.longest.and_then(|run| DateTime::from_timestamp_millis(run.began_ms)),
        }
    }
}

/// Whether `beyond` held without interruption for at least `required`, anywhere up to `to_ms`.
///
/// A run lasts from its first to its last sample, as an alert of Prometheus does: with a step of one
/// minute, ten minutes take eleven samples. A gap longer than three steps and than a fifth of `required`
/// ends what is certain; when the missing samples could have completed a run, the outcome is unknown. So it
/// is when the whole history is shorter than `required`.
pub(super) fn runs(series: &Series, required: Duration, to_ms: i64, beyond: impl Fn(f64) -> bool) -> Runs {
    let required_ms = i64::try_from(required.as_millis()).unwrap_or(i64::MAX);
    let tolerated = (required_ms / TOLERATED_PART).max(TOLERATED_STEPS * series.step_ms());
    let all = scan(series, &beyond, |gap| gap <= tolerated);
    let longest = longest(&all);
    let longest_ms = longest.map_or(0, |run| run.lasted_ms);
    let (last_at, last_value) = series.last();
    let history = last_at - series.first_ms();
    let tail = to_ms - last_at;
    let outcome = if longest_ms >= required_ms && (required_ms > 0 || longest.is_some()) {
        Outcome::True
    } else if history < required_ms {
        Outcome::Unknown
    } else {
        // Had every missing sample been beyond the limit, would it have been enough?
        let mut possible = scan_possible(series, &beyond, tolerated);
        if tail > tolerated {
            let running = if beyond(last_value) {
                scan(series, &beyond, |_| true).last().map_or(0, |run| run.lasted_ms)
            } else {
                0
            };
            possible = possible.max(running + tail);
        }
        if possible >= required_ms { Outcome::Unknown } else { Outcome::False }
    };
    let current = if beyond(last_value) { all.last().copied() } else { None };
    Runs { outcome, current: current.unwrap_or_default(), longest, is_stopped: tail > tolerated, all }
}

/// The first of the longest runs.
fn longest(runs: &[Run]) -> Option<Run> {
    runs.iter().copied().reduce(|best, next| if next.lasted_ms > best.lasted_ms { next } else { best })
}

/// The runs when gaps that `bridges` accepts are passed over.
fn scan(series: &Series, beyond: impl Fn(f64) -> bool, bridges: impl Fn(i64) -> bool) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut running = false;
    let mut previous = series.first_ms();
    for (&at, &value) in series.at_ms().iter().zip(series.values()) {
        running &= bridges(at - previous);
        previous = at;
        if !beyond(value) {
            running = false;
            continue;
        }
        match runs.last_mut().filter(|_| running) {
            Some(run) => {
                run.lasted_ms = at - run.began_ms;
                run.samples += 1;
            }
            None => runs.push(Run { began_ms: at, lasted_ms: 0, samples: 1 }),
        }
        running = true;
    }
    runs
}

/// The longest run, in milliseconds, that the missing samples of long gaps could have made.
fn scan_possible(series: &Series, beyond: impl Fn(f64) -> bool, tolerated: i64) -> i64 {
    let mut longest = 0;
    let mut start: Option<i64> = None;
    let mut previous: Option<i64> = None;
    for (&at, &value) in series.at_ms().iter().zip(series.values()) {
        if let Some(previous) = previous
            && at - previous > tolerated
        {
            // The gap itself may have been a run, joined to what came before it.
            let from = *start.get_or_insert(previous);
            longest = longest.max(at - from);
        }
        previous = Some(at);
        if beyond(value) {
            longest = longest.max(at - *start.get_or_insert(at));
        } else {
            start = None;
        }
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One character a minute: `#` beyond, `.` within, a blank for a missing sample.
    fn judge(picture: &str, minutes: u64) -> Runs {
        let kept = || picture.chars().enumerate().filter(|(_, c)| *c != ' ');
        let at: Vec<i64> = kept().map(|(minute, _)| i64::try_from(minute).unwrap() * 60_000).collect();
        let values = kept().map(|(_, c)| if c == '#' { 1.0 } else { 0.0 }).collect();
        let to = (i64::try_from(picture.chars().count()).unwrap() - 1) * 60_000;
        let series = Series::new(60_000, at, values).unwrap();
        runs(&series, Duration::from_secs(minutes * 60), to, |value| value > 0.5)
    }

    #[test]
    fn exactly_long_enough_is_enough() {
        assert_eq!(judge("..######..", 5).outcome, Outcome::True);
        assert_eq!(judge("..#####...", 5).outcome, Outcome::False);
    }

    #[test]
    fn an_interruption_starts_anew() {
        let runs = judge("####.####.", 5);
        assert_eq!(runs.outcome, Outcome::False);
        assert_eq!((runs.longest.unwrap().lasted_ms, runs.current.samples), (180_000, 0));
    }

    #[test]
    fn short_gaps_neither_break_nor_extend() {
        assert_eq!(judge(".## ###..", 5).outcome, Outcome::True);
        assert_eq!(judge(".##  ##..", 5).outcome, Outcome::True);
        assert_eq!(judge(".#####  ..", 5).outcome, Outcome::False);
    }

    #[test]
    fn a_long_gap_inside_a_breach_is_unknown() {
        assert_eq!(judge(".##    ##.......", 5).outcome, Outcome::Unknown);
        assert_eq!(judge(".######....    ..", 5).outcome, Outcome::True);
        assert_eq!(judge("......    ......", 5).outcome, Outcome::Unknown);
        assert_eq!(judge("......    ......", 9).outcome, Outcome::False);
    }

    #[test]
    fn a_long_gap_before_now_is_unknown() {
        assert_eq!(judge("..........##      ", 5).outcome, Outcome::Unknown);
    }

    #[test]
    fn too_little_history_is_unknown() {
        assert_eq!(judge("...", 5).outcome, Outcome::Unknown);
        assert_eq!(judge("###", 5).outcome, Outcome::Unknown);
    }

    #[test]
    fn the_current_run_is_told() {
        let runs = judge(".##..####", 3);
        assert_eq!(
            (runs.current.lasted_ms, runs.current.samples, runs.current.began_ms),
            (180_000, 4, 300_000)
        );
    }
}
