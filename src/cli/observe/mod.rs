//! Getting a snapshot: from the live system and the own history, with progress output when that takes long, from a file, or
//! the embedded demo.

mod request;

use std::{
    path::Path,
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::{
    demo,
    history::{StorePlace, remote_write_secrets},
    notify,
    options::{ReplayOptions, SourceOptions},
    project::Project,
    scope::of_one_scope,
    sources,
    terminal::{safe_lines, warn},
};
use crate::{
    files::{self, Kind},
    foreign::{Foreign, Secrets},
    history::{HistoryError, Range},
    roadmap::Roadmap,
    snapshot::{Observation, Snapshot, Status, join_history},
    source::{self, Past, Request, Search, Source},
};
use request::{past, request_at, too_coarse};

/// A moment this long ago still counts as now for systems that keep no history, and one this far ahead as another
/// clock's now.
const NOW_ENOUGH: TimeDelta = TimeDelta::minutes(5);

/// The largest snapshot that is read: that of twenty million samples.
const LARGEST_SNAPSHOT: u64 = 512 << 20;

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
    let request = Request { past: None, ..request_at(now, options, roadmap)? };
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
    let progress = follow(names, answers, options.quiet);
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
    request_at(moment(options)?, options, roadmap)
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
    let search = if options.one_of_many { Search::No } else { options.search };
    let request = Request { search, ..request_at(now, options, roadmap)? };
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

/// Which of the series that we kept ourselves are joined to what the servers report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joined {
    /// Those that forecasts continue: nothing else is judged by its past.
    Continued,
    /// All of them.
    All,
}

/// Adds what we kept ourselves of the past, as far as it is asked for.
///
/// # Errors
/// When the flags ask for an impossible time range.
pub(in crate::cli) fn join_own_history(
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

/// How long a run may take before progress is shown.
const PATIENCE: Duration = Duration::from_secs(1);

/// Follows the sources' answers until the sender is dropped.
///
/// Nothing is written when all of them answer within a second.
pub(super) fn follow(names: Vec<String>, answers: Receiver<String>, quiet: bool) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let began = Instant::now();
        let mut waiting = names;
        let mut told = false;
        loop {
            let patience = PATIENCE.saturating_sub(began.elapsed());
            let answer = if told {
                answers.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                answers.recv_timeout(patience)
            };
            match answer {
                Ok(name) => {
                    if let Some(place) = waiting.iter().position(|waited| *waited == name) {
                        waiting.remove(place);
                    }
                    if told && !waiting.is_empty() && !quiet {
                        warn(&format!("{name} answered; waiting for {}\n", waiting.join(", ")));
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    told = true;
                    if !quiet {
                        warn(&format!("reading {} …\n", waiting.join(", ")));
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    })
}
