//! Whether a history still holds what was recorded.

use std::collections::BTreeMap;

use super::{
    Resolution, Rollup, SeriesName,
    backend::{Backend, Filter},
    day::{Samples, day_of, from_bytes},
    error::BackendError,
    fleet,
    rows::{LabelsRow, RollupRow, SamplesRow},
    schema::{ASSESSMENTS, DESTINATIONS, FLEET_SERVICES, LABELS, METADATA, PENDING, SAMPLES, Table},
    series, statements,
};

/// The most errors that are reported; a damaged history has no end of them.
const MAX_ERRORS: usize = 20;

/// Rollups by series.
type Rollups = BTreeMap<i64, Vec<Rollup>>;

/// Everything that is wrong with a history; nothing when it is intact.
pub(super) fn errors(backend: &dyn Backend) -> Result<Vec<String>, BackendError> {
    let structural = backend.structural_errors()?;
    if !structural.is_empty() {
        return Ok(structural);
    }
    backend.count_mismatches();
    let mut check = Check { names: BTreeMap::new(), errors: Vec::new() };
    check.series(backend)?;
    let hourly = check.rollups(backend, Resolution::Hour)?;
    let daily = check.rollups(backend, Resolution::Day)?;
    for series in check.names.keys().copied().collect::<Vec<_>>() {
        let [hours, days] = [&hourly, &daily].map(|all| all.get(&series).map_or(&[][..], Vec::as_slice));
        check.days(series, hours, days);
    }
    check.samples(backend, &hourly)?;
    check.errors.extend(statements::errors(backend)?);
    check.errors.truncate(MAX_ERRORS);
    for table in [&METADATA, &DESTINATIONS, &PENDING, &ASSESSMENTS, &FLEET_SERVICES] {
        backend.scan(table, Filter::ALL, &mut |_| Ok(()))?;
    }
    fleet::scan_days(backend)?;
    check.errors.extend(backend.mismatches());
    Ok(check.errors)
}

struct Check {
    names: BTreeMap<i64, SeriesName>,
    errors: Vec<String>,
}

impl Check {
    /// Labels are readable, and belong to a series.
    fn series(&mut self, backend: &dyn Backend) -> Result<(), BackendError> {
        self.names = series::all(backend)?.into_iter().map(|row| (row.id, row.name)).collect();
        let labels: Vec<LabelsRow> = backend.rows(&LABELS, Filter::ALL)?;
        for row in labels.iter().filter(|row| series::parse_labels(&row.json).is_none()) {
            self.errors.push(format!("the labels of series {} are unreadable", row.series));
        }
        self.report_orphans(&LABELS, labels.iter().map(|row| (row.series, 1)));
        Ok(())
    }

    /// Each rollup belongs to a series and does not contradict itself.
    fn rollups(&mut self, backend: &dyn Backend, resolution: Resolution) -> Result<Rollups, BackendError> {
        let mut all = Rollups::new();
        backend.each(resolution.table(), Filter::ALL, |RollupRow { series, rollup }| {
            all.entry(series).or_default().push(rollup);
        })?;
        self.report_orphans(resolution.table(), all.iter().map(|(series, rollups)| (*series, rollups.len())));
        for (series, rollups) in &all {
            for rollup in rollups {
                if let Some(contradiction) = rollup.contradiction() {
                    self.report(*series, resolution, rollup.period, contradiction);
                }
            }
        }
        Ok(all)
    }

    /// Each day is what its hours make of it.
    fn days(&mut self, series: i64, hours: &[Rollup], days: &[Rollup]) {
        let mut held = days.iter().peekable();
        for of_day in hours.chunk_by(|hour, next| day_of(hour.period) == day_of(next.period)) {
            let Some(day) = of_day.first().map(|hour| day_of(hour.period)) else { continue };
            while let Some(spare) = held.next_if(|held| held.period < day) {
                self.report(series, Resolution::Day, spare.period, "it has no hours");
            }
            let held = held.next_if(|held| held.period == day);
            let expected = Rollup::from_hours(day, of_day, held.and_then(|held| held.p95));
            if held.copied() != expected {
                self.report(series, Resolution::Day, day, "it does not follow from its hours");
            }
        }
        for spare in held {
            self.report(series, Resolution::Day, spare.period, "it has no hours");
        }
    }

    /// Samples that are kept make the rollups of their hours.
    fn samples(&mut self, backend: &dyn Backend, hourly: &Rollups) -> Result<(), BackendError> {
        let mut held: BTreeMap<(i64, i64), Option<Samples>> = BTreeMap::new();
        let mut rows: BTreeMap<i64, usize> = BTreeMap::new();
        backend.each(&SAMPLES, Filter::ALL, |SamplesRow { series, hour, step_ms, bytes }| {
            *rows.entry(series).or_default() += 1;
            let of_hour = held.entry((series, hour)).or_insert_with(|| Some(Samples::default()));
            match (of_hour.as_mut(), from_bytes(&bytes)) {
                (Some(of_hour), Some(samples)) => of_hour.add(Samples::with_step(step_ms, samples)),
                _ => *of_hour = None,
            }
        })?;
        self.report_orphans(&SAMPLES, rows.into_iter());
        for ((series, hour), samples) in held {
            let rollups = hourly.get(&series).map_or(&[][..], Vec::as_slice);
            let found = rollups.binary_search_by_key(&hour, |rollup| rollup.period).ok();
            let found = found.and_then(|index| rollups.get(index));
            let made = samples.and_then(|samples| samples.rollup(hour));
            if made.is_none() || made.as_ref() != found {
                self.report(series, Resolution::Hour, hour, "its samples do not make its rollup");
            }
        }
        Ok(())
    }

    fn report_orphans(&mut self, table: &Table, rows: impl Iterator<Item = (i64, usize)>) {
        let orphans = rows.filter(|(series, _)| !self.names.contains_key(series));
        let count: usize = orphans.map(|(_, count)| count).sum();
        if count > 0 {
            self.errors.push(format!("{count} rows of {} belong to no series", table.name));
        }
    }

    fn report(&mut self, series: i64, resolution: Resolution, period: i64, error: &str) {
        if self.errors.len() < MAX_ERRORS {
            let name = self.names.get(&series).map_or_else(
                || format!("series {series}"),
                |name| {
                    let instance = name.instance.as_deref().map(|name| format!(" of {name}"));
                    format!("{}{}", name.signal, instance.unwrap_or_default())
                },
            );
            self.errors.push(format!("{name}, {} {period}: {error}", resolution.name()));
        }
    }
}
