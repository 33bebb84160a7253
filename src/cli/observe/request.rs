//! What sources are asked for, by the flags and the roadmap, at a given time.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    assess::continued,
    cli::options::SourceOptions,
    roadmap::{Condition, Roadmap},
    snapshot::Window,
    source::{Past, Request, SampleTime},
};

/// The time between two samples of a counter, unasked.
const SAMPLE: SampleTime = SampleTime { shortest: Duration::from_secs(1), longest: Duration::from_secs(5) };
/// The longest distance between samples that is chosen unasked.
const STEP: Duration = Duration::from_secs(60);
/// The shortest one.
const SHORTEST_STEP: Duration = Duration::from_secs(15);

/// What every source is asked for.
///
/// # Errors
/// When the flags ask for an impossible time range.
pub(super) fn request_at(now: DateTime<Utc>, options: &SourceOptions, roadmap: &Roadmap) -> Result<Request> {
    Ok(Request {
        now,
        window: window(now, options, roadmap)?,
        past: past(now, options, roadmap)?,
        search: options.search,
        sample: options.sample.map_or(SAMPLE, SampleTime::exactly),
        deadline: options.timeout,
    })
}

/// The past that forecasts use; none where nothing is to be looked at.
pub(super) fn past(now: DateTime<Utc>, options: &SourceOptions, roadmap: &Roadmap) -> Result<Option<Past>> {
    let length = TimeDelta::from_std(options.past).context("--past is too long")?;
    let from = now.checked_sub_signed(length).context("--past reaches beyond the supported date range")?;
    Ok((!length.is_zero()).then(|| Past { from, signals: continued(roadmap) }))
}

fn window(now: DateTime<Utc>, options: &SourceOptions, roadmap: &Roadmap) -> Result<Window> {
    let step = options.step.unwrap_or_else(|| {
        let shortest = durations(roadmap).into_iter().min().unwrap_or(STEP);
        (shortest / 2).clamp(SHORTEST_STEP, STEP)
    });
    let Some(step_seconds) = u32::try_from(step.as_secs()).ok().filter(|seconds| *seconds > 0) else {
        bail!("--step must be between 1 s and 100 years");
    };
    let age = now.timestamp().rem_euclid(i64::from(step_seconds));
    let now = if options.whole_steps { now - TimeDelta::seconds(age) } else { now };
    let length = TimeDelta::from_std(options.window).context("--window is too long")?;
    let from = now.checked_sub_signed(length).context("--window reaches beyond the supported date range")?;
    if length.num_seconds() < i64::from(step_seconds) * 2 {
        bail!("--window must cover at least two steps of {step_seconds} s");
    }
    Ok(Window { from, to: now, step_seconds })
}

/// A warning about conditions whose duration the step cannot show.
pub(super) fn too_coarse(window: &Window, roadmap: &Roadmap) -> Option<String> {
    let two_steps = Duration::from_secs(u64::from(window.step_seconds) * 2);
    let shortest = durations(roadmap).into_iter().filter(|duration| *duration < two_steps).min()?;
    let needed = (shortest / 2).as_secs().max(1);
    Some(format!(
        "warning: a roadmap condition has `for` = {} s, less than two steps of {} s; use --step {needed}s or less\n",
        shortest.as_secs(),
        window.step_seconds
    ))
}

fn durations(roadmap: &Roadmap) -> Vec<Duration> {
    fn of(condition: &Condition, durations: &mut Vec<Duration>) {
        match condition {
            Condition::Signal(test) => durations.extend(test.sustained),
            Condition::Fact(_) => {}
            Condition::Any(parts) | Condition::All(parts) => {
                for part in parts {
                    of(part, durations);
                }
            }
        }
    }
    let mut durations = Vec::new();
    for (_, condition) in roadmap.conditions() {
        of(condition, &mut durations);
    }
    durations
}
