//! Reads services slice by slice and judges each as it comes, on all cores.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZero,
    sync::{Mutex, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use super::{
    FleetOptions,
    estate::{Estate, Kind, Member},
    nights::Nights,
};
use crate::{
    assess::{Assessment, AssessmentInput, assess},
    cli::{
        scope,
        terminal::{Terminal, warn},
    },
    fleet::{Row, Service, Standing, Unjudged},
    signal::SignalId,
    snapshot::{Snapshot, SourceResult, merge},
    source::Request,
};

/// How many services are read together at first.
const FIRST_SLICE: usize = 50;
const SMALLEST_SLICE: usize = 5;
const LARGEST_SLICE: usize = 500;
/// So many bytes of answers are wanted for a slice: about twice as much is in memory while it is judged.
const BYTES_OF_SLICE: u64 = 40 << 20;
/// How often progress is told.
const PROGRESS: Duration = Duration::from_secs(5);

/// What came of judging a fleet.
#[derive(Debug)]
pub(super) struct Judged {
    pub rows: Vec<Row>,
    /// How many questions were asked.
    pub questions: usize,
    /// How many services were read.
    services: usize,
    /// How many samples the server read, where that is counted.
    pub samples: u64,
    /// Whether services were not read because that was too many.
    pub is_cut_short: bool,
}

/// Judges all services of a fleet.
///
/// # Errors
/// When a roadmap cannot be read, or the server does not answer at all.
pub(super) fn judge(
    estate: &Estate,
    options: &FleetOptions,
    nights: &mut Nights,
    terminal: &Terminal,
) -> Result<Judged> {
    let mut judged =
        Judged { rows: Vec::new(), questions: 0, services: 0, samples: estate.samples, is_cut_short: false };
    let mut kinds: BTreeMap<&Kind, Vec<&Member>> = BTreeMap::new();
    for member in &estate.members {
        match member.standing {
            Standing::Vanished { .. } => judged.rows.push(estate.unjudged(member, Unjudged::Vanished)),
            _ => kinds.entry(&member.kind).or_default().push(member),
        }
    }
    let mut progress = Progress::new(estate.members.len(), options.sources.quiet);
    for (kind, members) in kinds {
        match estate.input_of(kind, terminal)? {
            Ok(input) => {
                let work = Work { estate, input: &input, require: &estate.project.config.gate.require };
                work.judge(options, &members, nights, &mut judged, &mut progress)?;
            }
            Err(why) => {
                judged.rows.extend(members.into_iter().map(|member| estate.unjudged(member, why.clone())));
            }
        }
    }
    Ok(judged)
}

/// Judging the services of one kind.
struct Work<'a> {
    estate: &'a Estate,
    input: &'a AssessmentInput,
    require: &'a [SignalId],
}

impl Work<'_> {
    fn judge(
        &self,
        options: &FleetOptions,
        members: &[&Member],
        nights: &mut Nights,
        judged: &mut Judged,
        progress: &mut Progress,
    ) -> Result<()> {
        let (reader, request) = self.estate.reader(options, self.input)?;
        let facts = self.input.declared.numbers();
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        // A few results wait, so that no thread does.
        let (sender, receiver) = mpsc::sync_channel::<(&Member, SourceResult)>(2 * threads);
        let receiver = Mutex::new(receiver);
        // As text until all are there: rows among what reading and judging allocate and free would keep all of that
        // memory from being used again.
        let rows = Mutex::new(Vec::<u8>::new());
        let (earlier, mut services_read, mut is_cut_short) = (judged.samples, judged.services, false);
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    loop {
                        let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
                        let Ok((member, result)) = next else { return };
                        let row = self.row(member, result, &request);
                        keep(&rows, &row);
                    }
                });
            }
            let sender = sender;
            let is_all = members.len() == self.estate.found;
            let mut size = FIRST_SLICE;
            let mut rest = members;
            while !rest.is_empty() {
                match self.affordable(services_read, earlier + reader.samples()) {
                    Some(0) => {
                        let detail = beyond_budget(self.estate.max_samples.unwrap_or_default());
                        self.not_read(rest, &detail).for_each(|row| keep(&rows, &row));
                        is_cut_short = true;
                        return;
                    }
                    Some(most) => size = size.min(most),
                    None => {}
                }
                let (slice, later) = rest.split_at(size.min(rest.len()));
                let services: Vec<Service> = slice.iter().map(|member| member.service.clone()).collect();
                let whole = is_all && slice.len() == members.len();
                let kept = nights.kept(&services, &request);
                let reading = reader.read(&services, whole, &facts, kept);
                size = next_size(slice.len(), reading.bytes);
                if let Some(detail) = nothing_answered(&reading.results) {
                    self.not_read(rest, &detail).for_each(|row| keep(&rows, &row));
                    return;
                }
                if let Some(kept) = reading.kept {
                    nights.keep(&services, kept, &request);
                }
                for (member, result) in slice.iter().zip(reading.results) {
                    // The receiver lives as long as this scope.
                    let _ = sender.send((member, result));
                }
                services_read += slice.len();
                progress.tell(slice.len());
                rest = later;
            }
        });
        let rows = rows.into_inner().unwrap_or_else(PoisonError::into_inner);
        for row in serde_json::Deserializer::from_slice(&rows).into_iter() {
            judged.rows.push(row.context("a row cannot be read back")?);
        }
        judged.questions += reader.questions();
        judged.services = services_read;
        judged.samples += reader.samples();
        judged.is_cut_short |= is_cut_short;
        Ok(())
    }

    /// How many services may be read next, where there is a budget; `samples` were read until now.
    fn affordable(&self, services_read: usize, samples: u64) -> Option<usize> {
        let left = self.estate.max_samples?.saturating_sub(samples);
        Some(affordable(left, services_read, samples.saturating_sub(self.estate.samples)))
    }

    /// Rows of services that were not read.
    fn not_read(&self, members: &[&Member], detail: &str) -> impl Iterator<Item = Row> {
        let why = Unjudged::NotRead { detail: detail.to_owned() };
        members.iter().map(move |member| self.estate.unjudged(member, why.clone()))
    }

    /// Judges a service, with its own silences as well.
    fn assess(&self, member: &Member, snapshot: &Snapshot) -> Assessment {
        if member.silences.is_empty() {
            return assess(self.input, snapshot);
        }
        let mut input = self.input.clone();
        input.declared.silences.extend(member.silences.iter().cloned());
        assess(&input, snapshot)
    }

    fn row(&self, member: &Member, result: SourceResult, request: &Request) -> Row {
        let snapshot = merge(request.now, request.window, vec![result]);
        let roadmap = &self.input.roadmap;
        let places: Vec<_> = scope::choices(&snapshot, roadmap).into_iter().cloned().collect();
        if !places.is_empty() {
            return self.estate.unjudged(member, Unjudged::SeveralPlaces { places });
        }
        let measured: BTreeSet<SignalId> =
            snapshot.observations.iter().map(|observation| observation.signal).collect();
        let assessment = self.assess(member, &snapshot);
        let labels = member.shown.labels(&self.estate.by);
        let row = Row::new(member.shown.name(), labels, assessment, member.standing, &member.silences);
        let missing = self.require.iter().filter(|signal| !measured.contains(signal)).copied().collect();
        Row { missing, ..row.owned_by(member.owner.clone()) }
    }
}

/// How many services the samples that are left of a budget suffice for, if they are like those that were read. Before any
/// was, the smallest slice shows what they take.
fn affordable(left: u64, services_read: usize, samples_read: u64) -> usize {
    match samples_read.div_ceil(services_read.max(1) as u64) {
        _ if left == 0 => 0,
        0 if services_read == 0 => SMALLEST_SLICE,
        each => usize::try_from(left.checked_div(each).unwrap_or(u64::MAX)).unwrap_or(usize::MAX),
    }
}

fn beyond_budget(budget: u64) -> String {
    format!(
        "the budget of {budget} samples is too small to read it; raise --max-samples or split the fleet with --shard"
    )
}

/// Appends a row as a line of JSON.
fn keep(rows: &Mutex<Vec<u8>>, row: &Row) {
    // Maps of a row have texts as keys, and a vector takes all that is written: this cannot fail.
    let line = serde_json::to_vec(row).unwrap_or_default();
    rows.lock().unwrap_or_else(PoisonError::into_inner).extend(line);
}

/// How many services are read next, by what the last ones took.
fn next_size(services: usize, bytes: u64) -> usize {
    let each = (bytes / services.max(1) as u64).max(1);
    usize::try_from(BYTES_OF_SLICE / each).unwrap_or(LARGEST_SLICE).clamp(SMALLEST_SLICE, LARGEST_SLICE)
}

/// Why the server gave nothing at all, where it has stopped answering.
fn nothing_answered(results: &[SourceResult]) -> Option<String> {
    let failed = |result: &SourceResult| {
        result.observations.is_empty() && result.gaps.iter().any(|gap| gap.reason.is_of_source())
    };
    let first = results.first().filter(|_| results.iter().all(failed))?;
    first.gaps.iter().find(|gap| gap.reason.is_of_source()).map(|gap| gap.detail.clone())
}

/// Tells how far it is, where that takes long.
struct Progress {
    told: Instant,
    done: usize,
    all: usize,
    quiet: bool,
}

impl Progress {
    fn new(all: usize, quiet: bool) -> Self {
        Self { told: Instant::now(), done: 0, all, quiet }
    }

    fn tell(&mut self, services: usize) {
        self.done += services;
        if !self.quiet && self.told.elapsed() >= PROGRESS {
            self.told = Instant::now();
            warn(&format!("{} of {} services read …\n", self.done, self.all));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_are_as_large_as_memory_allows() {
        assert_eq!(next_size(50, 50 * (1 << 20)), 40);
        assert_eq!(next_size(50, 1000), LARGEST_SLICE);
        assert_eq!(next_size(5, u64::MAX), SMALLEST_SLICE);
        assert_eq!(next_size(0, 0), LARGEST_SLICE);
    }

    #[test]
    fn a_budget_bounds_every_slice() {
        assert_eq!(affordable(1_000_000, 0, 0), SMALLEST_SLICE);
        assert_eq!(affordable(0, 0, 0), 0);
        assert_eq!(affordable(1000, 5, 500), 10);
        assert_eq!(affordable(99, 5, 500), 0);
        // 101 for each, rounded up.
        assert_eq!(affordable(1000, 5, 501), 9);
        assert_eq!(affordable(1, 5, 0), usize::MAX);
    }
}
