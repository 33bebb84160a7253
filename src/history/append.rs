//! Recording a run and importing another history: what becomes of the days they have something for.

use std::{collections::BTreeMap, rc::Rc};

use super::{
    Batch, Contents, HistoryError, Rollup, StoredAssessment, StoredSeries, Written,
    backend::{Backend, Filter},
    batch::by_hour,
    day::{Day, Samples, day_of, from_bytes, to_bytes},
    error::BackendError,
    rollup::{HOUR_MS, HOURS},
    rows::{AssessmentRow, AssessmentTimeRow, DestinationRow, PendingRow, RollupRow, SamplesRow, TextRow},
    schema::{ASSESSMENT_TIMES, ASSESSMENTS, DAILY, DESTINATIONS, HOURLY, METADATA, PENDING, SAMPLES},
    series, statements,
};
use crate::signal::{Definition, Series};

/// How many samples are merged at a time: enough to need few statements, and few enough to stay in the caches.
const MAX_SAMPLES: usize = 50_000;
/// How many rollups are imported at a time.
const MAX_ROLLUPS: usize = 10_000;

/// Days by series and day.
type Days = BTreeMap<(i64, i64), Day>;

/// Records everything of a run.
pub(super) fn append(backend: &dyn Backend, batch: &Batch) -> Result<Written, BackendError> {
    require_same_kind(backend, batch.simulated.as_deref())?;
    put_definitions(backend, &batch.definitions)?;
    let taken_ms = batch.taken_at.timestamp_millis();
    // Today and yesterday may still grow: every run reads back a day.
    let open_from = (day_of(taken_ms.div_euclid(HOUR_MS)) - 1) * HOURS;
    let ids = series::ids(backend, batch.series.iter().map(|(name, _)| name))?;
    let merge = Merge::new(backend, open_from)?;
    let series: Vec<(i64, &Series)> =
        ids.into_iter().zip(batch.series.iter().map(|(_, values)| values)).collect();
    let mut written = Written {
        series: series.len(),
        samples: series.iter().map(|(_, values)| values.len()).sum(),
        hours: 0,
    };
    for part in parts(&series, MAX_SAMPLES, |(_, values)| values.len()) {
        written.hours += merge.samples(part)?;
    }
    // Those of series that had nothing to offer this time.
    backend.delete(&SAMPLES, Filter::before(open_from))?;
    for sample in &batch.statements {
        statements::append(backend, sample)?;
    }
    if let Some(json) = &batch.assessment {
        put_assessments(backend, &[StoredAssessment { at: batch.taken_at, json: json.clone() }])?;
        thin_out_assessments(backend, open_from)?;
    }
    Ok(written)
}

/// Imports another history. Of an hour that is held already, the rollup that covers more of it is kept, so that
/// importing twice changes nothing.
pub(super) fn import(backend: &dyn Backend, contents: &Contents) -> Result<Written, BackendError> {
    require_same_kind(backend, contents.simulated.as_deref())?;
    let merge = Merge::new(backend, i64::MIN)?;
    let mut written = Written { series: contents.hourly.len(), ..Written::default() };
    for part in parts(&with_ids(backend, &contents.hourly)?, MAX_ROLLUPS, |(_, stored)| stored.rollups.len())
    {
        written.hours += merge.rollups(part)?;
    }
    // A day follows from its hours; only its percentile does not.
    for part in parts(&with_ids(backend, &contents.daily)?, MAX_ROLLUPS, |(_, stored)| stored.rollups.len()) {
        merge.percentiles(part)?;
    }
    statements::import(backend, &contents.statements, &contents.statement_samples)?;
    put_assessments(backend, &contents.assessments)?;
    let defined = contents.assessments.iter().rev().find_map(|stored| defined_in(&stored.json));
    put_definitions(backend, &defined.unwrap_or_default())?;
    Ok(written)
}

/// Slices of a list, each of about the same size.
fn parts<T>(items: &[T], limit: usize, size: impl Fn(&T) -> usize) -> impl Iterator<Item = &[T]> {
    let mut rest = items;
    std::iter::from_fn(move || {
        let mut sum = 0;
        let fits = rest.iter().take_while(|item| {
            sum += size(item);
            sum <= limit
        });
        let (part, others) = rest.split_at_checked(fits.count().max(1))?;
        rest = others;
        Some(part)
    })
}

fn with_ids<'a>(
    backend: &dyn Backend,
    all: &'a [StoredSeries],
) -> Result<Vec<(i64, &'a StoredSeries)>, BackendError> {
    let ids = series::ids(backend, all.iter().map(|stored| &stored.series))?;
    Ok(ids.into_iter().zip(all).collect())
}

/// Merges samples and rollups with the days that a history holds.
struct Merge<'a> {
    backend: &'a dyn Backend,
    destinations: Vec<DestinationRow>,
    /// The first hour whose samples are kept.
    open_from: i64,
}

impl<'a> Merge<'a> {
    fn new(backend: &'a dyn Backend, open_from: i64) -> Result<Self, BackendError> {
        Ok(Self { backend, destinations: backend.rows(&DESTINATIONS, Filter::ALL)?, open_from })
    }

    /// Merges the samples of some series. Returns how many hours changed.
    fn samples(&self, series: &[(i64, &Series)]) -> Result<usize, BackendError> {
        let offered: Vec<_> = series.iter().map(|(id, values)| (*id, by_hour(values))).collect();
        let ids: Vec<i64> = series.iter().map(|(id, _)| *id).collect();
        let days = offered.iter().flat_map(|(_, hours)| hours.keys().map(|hour| day_of(*hour)));
        let mut held = self.held(&ids, days)?;
        for (id, hours) in offered {
            for (hour, samples) in hours {
                held.entry((id, day_of(hour))).or_default().offer(hour, samples);
            }
        }
        // After they were read and before new ones are written, so that these reuse their space in the file.
        self.backend.delete(&SAMPLES, Filter::owners(&ids).within(i64::MIN, self.open_from))?;
        self.write(&held)
    }

    /// Merges the hourly rollups of some series. Returns how many hours changed.
    fn rollups(&self, series: &[(i64, &StoredSeries)]) -> Result<usize, BackendError> {
        let ids: Vec<i64> = series.iter().map(|(id, _)| *id).collect();
        let offered =
            || series.iter().flat_map(|(id, stored)| stored.rollups.iter().map(move |rollup| (*id, rollup)));
        let mut held = self.held(&ids, offered().map(|(_, rollup)| day_of(rollup.period)))?;
        for (id, rollup) in offered() {
            held.entry((id, day_of(rollup.period))).or_default().offer_rollup(*rollup);
        }
        self.write(&held)
    }

    /// Takes the percentiles of days that were computed from the same hours.
    fn percentiles(&self, series: &[(i64, &StoredSeries)]) -> Result<(), BackendError> {
        let ids: Vec<i64> = series.iter().map(|(id, _)| *id).collect();
        let offered =
            || series.iter().flat_map(|(id, stored)| stored.rollups.iter().map(move |rollup| (*id, rollup)));
        let held = self.held(&ids, offered().map(|(_, rollup)| rollup.period))?;
        let better = |(id, rollup): (i64, &Rollup)| {
            let day = held.get(&(id, rollup.period))?;
            let better = day.with_p95_of(rollup).filter(|better| Some(*better) != day.held)?;
            Some(((id, rollup.period), RollupRow { series: id, rollup: better }))
        };
        // One for each day, whatever the text holds.
        let better: BTreeMap<(i64, i64), RollupRow> = offered().filter_map(better).collect();
        self.backend.put(&DAILY, &better.into_values().collect::<Vec<_>>())
    }

    /// What is held of some series from the first to the last of some days.
    fn held(&self, series: &[i64], days: impl Iterator<Item = i64>) -> Result<Days, BackendError> {
        let mut held = Days::new();
        let range = days.fold(None, |range: Option<(i64, i64)>, day| {
            Some(range.map_or((day, day), |(first, last)| (first.min(day), last.max(day))))
        });
        let Some((first, last)) = range else { return Ok(held) };
        let days = Filter::owners(series).within(first, last + 1);
        let hours = Filter::owners(series).within(first * HOURS, (last + 1) * HOURS);
        self.backend.each(&HOURLY, hours, |RollupRow { series, rollup }| {
            let day = held.entry((series, day_of(rollup.period))).or_default();
            day.hours.entry(rollup.period).or_default().rollup = Some(rollup);
        })?;
        self.backend.each(&DAILY, days, |RollupRow { series, rollup }| {
            held.entry((series, rollup.period)).or_default().held = Some(rollup);
        })?;
        self.backend.each(&SAMPLES, hours, |SamplesRow { series, hour, step_ms, bytes }| {
            let day = held.entry((series, day_of(hour))).or_default();
            day.sample_keys.push((hour, step_ms));
            // Damaged samples count as forgotten; `verify` reports them.
            if let Some(samples) = from_bytes(&bytes) {
                day.hours.entry(hour).or_default().samples.add(Samples::with_step(step_ms, samples));
            }
        })?;
        Ok(held)
    }

    /// Writes what changed. Returns how many hours that were.
    fn write(&self, days: &Days) -> Result<usize, BackendError> {
        let mut hourly = Vec::new();
        let mut daily = Vec::new();
        let mut samples = Vec::new();
        let mut forgotten = Vec::new();
        for ((series, _), day) in days.iter().filter(|(_, day)| day.changed()) {
            let row = |rollup| RollupRow { series: *series, rollup };
            for (hour, known) in day.hours.iter().filter(|(_, known)| known.changed) {
                hourly.extend(known.rollup.map(row));
                let samples_row =
                    |step_ms, bytes| SamplesRow { series: *series, hour: *hour, step_ms, bytes };
                if *hour >= self.open_from {
                    samples.extend(known.samples.steps().map(|(step, all)| samples_row(step, to_bytes(all))));
                }
                if known.samples.is_empty() {
                    let keys = day.sample_keys.iter().filter(|(of_hour, _)| of_hour == hour);
                    forgotten.extend(keys.map(|(_, step_ms)| samples_row(*step_ms, Vec::new())));
                }
            }
            daily.extend(day.rollup().filter(|rollup| Some(*rollup) != day.held).map(row));
        }
        self.backend.put(&HOURLY, &hourly)?;
        self.mark_pending(&hourly)?;
        self.backend.remove(&SAMPLES, &forgotten)?;
        self.backend.put(&SAMPLES, &samples)?;
        self.backend.put(&DAILY, &daily)?;
        Ok(hourly.len())
    }

    /// Remembers that no destination has these hours as they are now.
    fn mark_pending(&self, hours: &[RollupRow]) -> Result<(), BackendError> {
        for DestinationRow(destination) in &self.destinations {
            let destination = Rc::from(destination.as_str());
            let pending = |row: &RollupRow| PendingRow {
                destination: Rc::clone(&destination),
                series: row.series,
                hour: row.rollup.period,
            };
            self.backend.put(&PENDING, &hours.iter().map(pending).collect::<Vec<_>>())?;
        }
        Ok(())
    }
}

/// Where the values come from when they are simulated, and "" when they are real; `None` while nothing is recorded.
pub(super) fn simulated(backend: &dyn Backend) -> Result<Option<String>, BackendError> {
    let metadata: Vec<TextRow> = backend.rows(&METADATA, Filter::ALL)?;
    Ok(metadata.into_iter().find(|row| row.key == "simulated").map(|row| row.value))
}

/// Refuses to mix real and simulated values, and remembers which of them the history holds.
fn require_same_kind(backend: &dyn Backend, offered: Option<&str>) -> Result<(), BackendError> {
    let text = offered.unwrap_or_default().to_owned();
    match simulated(backend)? {
        Some(held) if held != text => Err(HistoryError::Mixed {
            file: backend.place().to_owned(),
            held: Some(held).filter(|held| !held.is_empty()),
            offered: offered.map(str::to_owned),
        }
        .into()),
        Some(_) => Ok(()),
        None => backend.put(&METADATA, &[TextRow { key: "simulated".to_owned(), value: text }]),
    }
}

/// What the key of a definition begins with, before its name.
const DEFINITION: &str = "definition:";

/// What is measured and not known to the program by itself. A definition that cannot be read says nothing.
pub(super) fn definitions(backend: &dyn Backend) -> Result<Vec<Definition>, BackendError> {
    let metadata: Vec<TextRow> = backend.rows(&METADATA, Filter::ALL)?;
    let definitions = metadata.into_iter().filter(|row| row.key.starts_with(DEFINITION));
    Ok(definitions.filter_map(|row| serde_json::from_str(&row.value).ok()).collect())
}

/// Keeps definitions, so that the series of their names are understood wherever the history is read.
fn put_definitions(backend: &dyn Backend, definitions: &[Definition]) -> Result<(), BackendError> {
    let row = |definition: &Definition| {
        let value = serde_json::to_string(definition).ok()?;
        Some(TextRow { key: format!("{DEFINITION}{}", definition.name), value })
    };
    let rows: Vec<TextRow> = definitions.iter().filter_map(row).collect();
    if rows.is_empty() { Ok(()) } else { backend.put(&METADATA, &rows) }
}

/// The definitions that an assessment includes.
fn defined_in(json: &str) -> Option<Vec<Definition>> {
    #[derive(serde::Deserialize)]
    struct Head {
        definitions: Vec<Definition>,
    }
    serde_json::from_str::<Head>(json).ok().map(|head| head.definitions)
}

/// Keeps the newest assessment of each hour.
fn put_assessments(backend: &dyn Backend, offered: &[StoredAssessment]) -> Result<(), BackendError> {
    let hour_of = |at_ms: i64| at_ms.div_euclid(HOUR_MS);
    let mut newest: BTreeMap<i64, AssessmentRow> = BTreeMap::new();
    for StoredAssessment { at, json } in offered {
        let row = AssessmentRow {
            hour: hour_of(at.timestamp_millis()),
            at_ms: at.timestamp_millis(),
            json: json.clone(),
        };
        if newest.get(&row.hour).is_none_or(|held| held.at_ms <= row.at_ms) {
            newest.insert(row.hour, row);
        }
    }
    let (Some(first), Some(last)) = (newest.keys().next(), newest.keys().next_back()) else { return Ok(()) };
    let hours = Filter::periods(*first, last + 1);
    backend.each(&ASSESSMENT_TIMES, hours, |held: AssessmentTimeRow| {
        if newest.get(&held.hour).is_some_and(|offered| offered.at_ms < held.at_ms) {
            newest.remove(&held.hour);
        }
    })?;
    backend.put(&ASSESSMENTS, &newest.into_values().collect::<Vec<_>>())
}

/// Keeps of each day before an hour the last assessment.
fn thin_out_assessments(backend: &dyn Backend, before: i64) -> Result<(), BackendError> {
    let times: Vec<AssessmentTimeRow> = backend.rows(&ASSESSMENT_TIMES, Filter::before(before))?;
    let older = times.windows(2).filter(|pair| day_of(pair[0].hour) == day_of(pair[1].hour));
    backend.remove(&ASSESSMENTS, &older.map(|pair| pair[0]).collect::<Vec<_>>())
}
