//! Getting a snapshot: from the live system, from a file, or the embedded demo.

use std::{path::Path, sync::mpsc, time::Duration};

use anyhow::{Context, Result, bail};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::{
    demo,
    history::{StorePlace, remote_write_secrets},
    notify,
    options::{ReplayOptions, SourceOptions},
    progress,
    project::Project,
    scope::of_one_scope,
    sources,
    terminal::{safe_lines, warn},
};
use crate::{
    assess::continued,
    files::{self, Kind},
    foreign::{Foreign, Secrets},
    history::{HistoryError, Range},
    roadmap::{Condition, Roadmap},
    snapshot::{Observation, Snapshot, Status, Window, join_history},
    source::{self, Past, Request, Search, Source},
};

/// The time between two samples of a counter, unasked.
const SAMPLE: Duration = Duration::from_secs(5);
/// The longest distance between samples that is chosen unasked.
const STEP: Duration = Duration::from_secs(60);
/// The shortest one.
const SHORTEST_STEP: Duration = Duration::from_secs(15);
/// A moment this long ago still counts as now for systems that keep no history, and one this far ahead as another
/// clock's now.
const NOW_ENOUGH: TimeDelta = TimeDelta::minutes(5);

/// The largest snapshot that is read: that of twenty million samples.
const LARGEST_SNAPSHOT: u64 = 512 << 20;

/// Which of the series that we kept ourselves are joined to what the servers report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joined {
    /// Those that forecasts continue: nothing else is judged by its past.
    Continued,
    /// All of them.
    All,
}

/// A snapshot as the flags ask for it.
///
/// # Errors
/// When nothing could be read, with what was tried.
pub(super) fn snapshot(
    replay: &ReplayOptions,
    options: &SourceOptions,
    project: &Project,
    roadmap: &Roadmap,
) -> Result<Snapshot> {
    let snapshot = given(replay).unwrap_or_else(|| live(options, project, roadmap))?;
    of_one_scope(snapshot, roadmap)
}

/// The same with all that we kept ourselves: a month is reported whether a forecast continues it or not.
///
/// # Errors
/// When nothing could be read, with what was tried.
pub(super) fn snapshot_with_all_kept(
    replay: &ReplayOptions,
    options: &SourceOptions,
    project: &Project,
    roadmap: &Roadmap,
) -> Result<Snapshot> {
    let live = || answered(read_and_join(options, project, roadmap, Joined::All)?);
    of_one_scope(given(replay).unwrap_or_else(live)?, roadmap)
}

/// A snapshot that is not read from the live system.
pub(super) fn given(replay: &ReplayOptions) -> Option<Result<Snapshot>> {
    match &replay.snapshot {
        Some(path) => Some(from_file(path)),
        None => replay.demo.then(demo::snapshot),
    }
}

pub(super) fn from_file(path: &Path) -> Result<Snapshot> {
    let name = safe_lines(&path.display().to_string());
    let text = files::read_text(path, LARGEST_SNAPSHOT, Kind::Readable)
        .with_context(|| format!("cannot read the snapshot {name}"))?;
    let mut snapshot =
        Snapshot::from_json(&text).with_context(|| format!("cannot use the snapshot {name}"))?;
    snapshot.pass(&Foreign::default());
    Ok(snapshot)
}

/// Reads every source there is.
///
/// # Errors
/// When the sources' settings are wrong, when none of those that were asked for answered, or when it has to be chosen
/// which of several products is meant.
pub(super) fn live(options: &SourceOptions, project: &Project, roadmap: &Roadmap) -> Result<Snapshot> {
    of_one_scope(live_of_any_scope(options, project, roadmap)?, roadmap)
}

/// The same, whoever's load it is.
///
/// # Errors
/// When the sources' settings are wrong, or when none of those that were asked for answered.
pub(super) fn live_of_any_scope(
    options: &SourceOptions,
    project: &Project,
    roadmap: &Roadmap,
) -> Result<Snapshot> {
    answered(read(options, project, roadmap)?)
}

/// The same without insisting that something answered.
pub(super) fn read(options: &SourceOptions, project: &Project, roadmap: &Roadmap) -> Result<Snapshot> {
    read_and_join(options, project, roadmap, Joined::Continued)
}

/// What the servers that list their metrics hold outside the catalogue.
///
/// # Errors
/// When none is configured, or none answered.
pub(super) fn searched(options: &SourceOptions, project: &Project, roadmap: &Roadmap) -> Result<Snapshot> {
    let now = moment(options)?;
    let mut sources = sources::build(options, project, Utc::now() - now > NOW_ENOUGH)?;
    sources.retain(|source| source.name() == source::prometheus::NAME);
    if sources.is_empty() {
        bail!("no metrics server is configured; set PROMETHEUS_URL, or use --exposition FILE");
    }
    let request = Request {
        now,
        window: window(now, options, roadmap)?,
        past: None,
        search: options.search,
        sample: options.sample.unwrap_or(SAMPLE),
        deadline: options.timeout,
    };
    answered(collected(sources, &request, options, project)?)
}

/// What all sources answer, with progress on the terminal.
fn collected(
    sources: Vec<Box<dyn Source>>,
    request: &Request,
    options: &SourceOptions,
    project: &Project,
) -> Result<Snapshot> {
    let names = sources.iter().map(|source| source.name().to_owned()).collect();
    let (sender, answers) = mpsc::channel();
    let progress = progress::follow(names, answers, options.quiet);
    let snapshot = source::collect(sources, request, &sender).context("cannot read the sources");
    drop(sender); // which ends the follower
    let _ = progress.join(); // a follower that failed has nothing to say
    let mut snapshot = snapshot?;
    snapshot.pass(&Foreign::new(further_secrets(options, project)));
    Ok(snapshot)
}

/// What one server of metrics is asked for, where it is the only source.
///
/// # Errors
/// When the flags ask for an impossible time range.
pub(super) fn request(options: &SourceOptions, roadmap: &Roadmap) -> Result<Request> {
    let now = moment(options)?;
    Ok(Request {
        now,
        window: window(now, options, roadmap)?,
        past: past(now, options, roadmap)?,
        search: options.search,
        sample: options.sample.unwrap_or(SAMPLE),
        deadline: options.timeout,
    })
}

fn read_and_join(
    options: &SourceOptions,
    project: &Project,
    roadmap: &Roadmap,
    joined: Joined,
) -> Result<Snapshot> {
    let now = moment(options)?;
    let is_past = Utc::now() - now > NOW_ENOUGH;
    let sources = sources::build(options, project, is_past)?;
    let request = Request {
        now,
        window: window(now, options, roadmap)?,
        past: past(now, options, roadmap)?,
        search: if options.one_of_many { Search::No } else { options.search },
        sample: options.sample.unwrap_or(SAMPLE),
        deadline: options.timeout,
    };
    if let (Some(warning), false) = (too_coarse(&request.window, roadmap), options.one_of_many) {
        warn(&warning);
    }
    let mut snapshot = collected(sources, &request, options, project)?;
    if let Some(past) = &request.past {
        join_kept(&mut snapshot, past, options, project, joined);
    }
    Ok(snapshot)
}

/// The secrets of servers that are written to. One that is read may have them from a log.
fn further_secrets(options: &SourceOptions, project: &Project) -> Secrets {
    let mut secrets = remote_write_secrets(project);
    secrets.extend(notify::secrets(project));
    if let Ok(place) = StorePlace::resolve(&options.history, project) {
        secrets.extend(place.secrets());
    }
    secrets
}

/// A snapshot that something answered for, of what was asked.
///
/// # Errors
/// When nothing did, with what was tried.
fn answered(snapshot: Snapshot) -> Result<Snapshot> {
    let asked: Vec<_> =
        snapshot.sources.iter().filter(|report| report.source != source::host::NAME).collect();
    let answered = |status: &Status| *status == Status::Answered;
    let host_only = asked.is_empty() && !snapshot.sources.is_empty();
    if host_only || asked.iter().any(|report| answered(&report.status)) || !snapshot.exhausted.is_empty() {
        return Ok(snapshot);
    }
    let tried: Vec<String> = asked
        .iter()
        .map(|report| {
            let failure = report.failure().unwrap_or_default();
            format!("  {} at {}: {failure}", report.title(), report.address)
        })
        .collect();
    if tried.is_empty() {
        bail!(
            "no source is configured; set PROMETHEUS_URL, DATABASE_URL or REDIS_URL, or try `check --demo`"
        );
    }
    bail!("no source answered:\n{}", tried.join("\n"))
}

/// The instant that counts as now.
///
/// # Errors
/// When it is ahead: nothing has been measured then, and what is measured now would bear its date.
pub(super) fn moment(options: &SourceOptions) -> Result<DateTime<Utc>> {
    let clock = Utc::now();
    let at = options.at.unwrap_or(clock);
    if at - clock > NOW_ENOUGH {
        bail!(
            "--at {} is in the future; the current time is {}",
            at.to_rfc3339_opts(SecondsFormat::Secs, true),
            clock.to_rfc3339_opts(SecondsFormat::Secs, true)
        );
    }
    Ok(at)
}

/// The past that forecasts use; none where nothing is to be looked at.
fn past(now: DateTime<Utc>, options: &SourceOptions, roadmap: &Roadmap) -> Result<Option<Past>> {
    let length = TimeDelta::from_std(options.past).context("--past is too long")?;
    let from = now.checked_sub_signed(length).context("--past reaches beyond the supported date range")?;
    Ok((!length.is_zero()).then(|| Past { from, signals: continued(roadmap) }))
}

/// Adds what we kept ourselves of the past, as far as it is asked for.
///
/// # Errors
/// When the flags ask for an impossible time range.
pub(super) fn join_own_history(
    snapshot: &mut Snapshot,
    options: &SourceOptions,
    project: &Project,
    roadmap: &Roadmap,
) -> Result<()> {
    if let Some(past) = past(snapshot.taken_at, options, roadmap)? {
        join_kept(snapshot, &past, options, project, Joined::Continued);
    }
    Ok(())
}

/// Adds what we kept ourselves of the past. A history that cannot be read takes nothing away from what the servers
/// report.
fn join_kept(
    snapshot: &mut Snapshot,
    past: &Past,
    options: &SourceOptions,
    project: &Project,
    joined: Joined,
) {
    let range = Range { from_ms: past.from.timestamp_millis(), to_ms: snapshot.taken_at.timestamp_millis() };
    let read = || -> Result<_> {
        let store = StorePlace::resolve(&options.history, project)?.read_only()?;
        Ok((store.simulated()?, store.hourly(range)?))
    };
    match read() {
        // Real and simulated figures are never mixed.
        Ok((None, mut kept)) => {
            let foreign = Foreign::default();
            for observation in &mut kept {
                observation.pass(&foreign);
            }
            let is_joined = |observation: &Observation| {
                joined == Joined::All || past.signals.contains(&observation.signal)
            };
            let Snapshot { history, observations, .. } = snapshot;
            join_history(history, observations, kept.into_iter().filter(is_joined));
        }
        Ok((Some(_), _)) => {}
        // Keeping one is optional.
        Err(error) if matches!(error.downcast_ref(), Some(HistoryError::Missing(_))) => {}
        Err(error) => {
            warn(&format!("warning: ignoring history: {}\n", safe_lines(&format!("{error:#}"))));
        }
    }
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
fn too_coarse(window: &Window, roadmap: &Roadmap) -> Option<String> {
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
