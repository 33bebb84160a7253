//! `record`: add what is measured now to the history.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, Result};
use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use clap::Args;

use super::{
    Exit, assessment_input,
    history::{self, StorePlace},
    notify::{self, Notice, NotifyOptions},
    observe,
    options::{ProjectOptions, ReplayOptions, SourceOptions, duration},
    project::Project,
    terminal::{Terminal, warn},
};
use crate::{
    assess::{AssessmentInput, assess},
    history::{Batch, Store, Written},
    render::safe,
    signal::counted,
    snapshot::Snapshot,
};

/// The time between two samples of counters by default: longer than for a single check, because the result is kept.
const SAMPLE: Duration = Duration::from_secs(5);

/// How much one run of a backfill reads.
const DAY: Duration = Duration::from_secs(86_400);

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    project: ProjectOptions,
    #[command(flatten)]
    sources: SourceOptions,
    #[command(flatten)]
    notify: NotifyOptions,
    /// Record a snapshot written by `collect` instead of the live system
    #[arg(long, value_name = "FILE")]
    snapshot: Option<PathBuf>,
    /// First backfill from sources that keep history, day by day
    #[arg(long, value_name = "DURATION", value_parser = duration, conflicts_with = "snapshot")]
    since: Option<Duration>,
    /// Delete data older than this, such as 400d
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    prune: Option<Duration>,
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    let mut project = Project::load(&arguments.project, terminal)?;
    let input = assessment_input::load(arguments.project.profile.as_deref(), &mut project, terminal)?;
    let notifier = arguments.notify.notifier(&project, &arguments.sources, &input.roadmap)?;
    let place = StorePlace::resolve(&arguments.sources.history, &project)?;
    // Opened before anything is read, so that a history that cannot be used is reported at once.
    let mut store = place.open()?;
    let mut written = Written::default();
    if let Some(since) = arguments.since {
        written = backfill(arguments, since, &project, &input, &mut store)?;
    }
    let mut snapshot = read(arguments, &project, &input)
        .inspect_err(|error| notify::tell_of_failure(notifier.as_ref(), error))?;
    // A snapshot from a file has no past of its own, and later reports compare with the forecast made now.
    observe::join_own_history(&mut snapshot, &arguments.sources, &project, &input.roadmap)?;
    let assessment = assess(&input, &snapshot);
    let notice = notifier.as_ref().map(|_| Notice::of_assessment(&assessment, &snapshot));
    let assessment = serde_json::to_string(&assessment).context("cannot serialize the assessment")?;
    for report in &snapshot.sources {
        if let Some(failure) = report.failure() {
            warn(&format!("warning: {}\n", safe(&format!("cannot read {}: {failure}", report.title()))));
        }
    }
    for sample in snapshot.statements.iter().filter(|sample| !sample.is_of(snapshot.taken_at)) {
        let server = safe(&sample.server);
        warn(&format!(
            "warning: the clock of {server} says {}; query statistics are not recorded\n",
            sample.at
        ));
    }
    let now = store.append(&Batch::from_snapshot(&snapshot, Some(assessment)))?;
    written.hours += now.hours;
    written.samples += now.samples;
    let pruned = match arguments.prune {
        Some(age) => Some(store.prune(before(snapshot.taken_at, age)?.timestamp_millis())?),
        None => None,
    };
    if !arguments.sources.quiet {
        let deleted = pruned.map(|hours| format!(", {hours} old hourly rollups deleted")).unwrap_or_default();
        warn(&format!(
            "recorded in {place}: {}, {} series, {} added or updated{deleted}\n",
            counted(written.samples, "sample"),
            now.series,
            counted(written.hours, "hourly rollup")
        ));
    }
    let is_told = notifier.zip(notice).is_none_or(|(notifier, notice)| notifier.tell(&notice));
    let sent = history::send(&project, &mut store, snapshot.taken_at.timestamp_millis())?;
    if let (Some(hours), false) = (sent, arguments.sources.quiet) {
        warn(&format!("remote write: {hours} hourly rollups sent\n"));
    }
    Ok(notify::concluded(Exit::Assessed, is_told))
}

fn read(arguments: &Arguments, project: &Project, input: &AssessmentInput) -> Result<Snapshot> {
    let replay = ReplayOptions { snapshot: arguments.snapshot.clone(), demo: false };
    let sample = arguments.sources.sample.or(Some(SAMPLE));
    let sources = SourceOptions { whole_steps: true, sample, ..arguments.sources.clone() };
    observe::snapshot(&replay, &sources, project, &input.roadmap)
}

/// Records every day from so long ago until today, each as if the program had run at its end. Days that are recorded
/// already do not change, so that an interrupted backfill can be run again.
fn backfill(
    arguments: &Arguments,
    since: Duration,
    project: &Project,
    input: &AssessmentInput,
    store: &mut Store,
) -> Result<Written> {
    let now = observe::moment(&arguments.sources)?;
    let midnight = |at: DateTime<Utc>| at.date_naive().and_time(NaiveTime::MIN).and_utc();
    let mut end = midnight(before(now, since)?);
    let mut written = Written::default();
    while let Some(next) = end.checked_add_days(Days::new(1)).filter(|next| *next <= midnight(now)) {
        end = next;
        let options = SourceOptions {
            at: Some(end),
            window: DAY,
            past: Duration::ZERO,
            one_of_many: true,
            whole_steps: true,
            ..arguments.sources.clone()
        };
        let day = end - TimeDelta::days(1);
        let snapshot = observe::live(&options, project, &input.roadmap)
            .with_context(|| format!("cannot read the {}", day.date_naive()))?;
        if snapshot.observations.is_empty() {
            continue;
        }
        let of_day = store.append(&Batch::from_snapshot(&snapshot, None))?;
        written.hours += of_day.hours;
        written.samples += of_day.samples;
    }
    Ok(written)
}

fn before(now: DateTime<Utc>, age: Duration) -> Result<DateTime<Utc>> {
    let age = TimeDelta::from_std(age).ok();
    age.and_then(|age| now.checked_sub_signed(age)).context("beyond the supported date range")
}
