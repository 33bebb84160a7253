//! Business figures that stand in a file: registered users, the monthly bill.
//!
//! Such figures are slow. They reach back beyond the window that servers are asked for, so that growth can be
//! seen, and the newest of them stands for the present until it is 45 days old: a bill comes once a month, and
//! somebody has to write it down.

use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::{
    Answer, Request, Source,
    file::{not_readable, read_aside},
};
use crate::{
    signal::{Series, SignalId},
    snapshot::{Observation, Origin, Reason, SourceReport, SourceResult, Unavailable},
    tabular::{
        daily::{DailyValue, read_daily},
        decoded_text,
    },
};

/// The source's name in output and configuration.
pub const NAME: &str = "csv";

/// A newest value that is older than this says nothing about the present.
const MAX_AGE: TimeDelta = TimeDelta::days(45);
const DAY_MS: i64 = 86_400_000;
/// A hundred years of days take less than a tenth of it.
const MAX_BYTES: u64 = 16 << 20;

/// One file.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it is.
    pub path: PathBuf,
    /// How the settings call it.
    pub name: String,
    /// What its values are, in the signal's base unit.
    pub signal: SignalId,
}

impl Source for Settings {
    fn name(&self) -> &'static str {
        NAME
    }

    fn address(&self) -> String {
        self.name.clone()
    }

    fn read<'a>(&'a self, request: &'a Request) -> Answer<'a> {
        read_aside(self, request, read)
    }

    fn wanted(&self) -> Vec<SignalId> {
        vec![self.signal]
    }

    fn keeps_history(&self) -> bool {
        true
    }
}

fn read(settings: &Settings, now: DateTime<Utc>) -> Result<SourceResult, Unavailable> {
    let hint = "correct `file` under [[sources.csv]]; it is relative to the directory of the config";
    let text = read_text(&settings.path).map_err(|why| why.hint(hint))?;
    let rows = read_daily(&text).map_err(|errors| {
        let detail = format!("{}: {errors}", settings.name);
        let hint =
            "expected a header `date,value`, then a day and a number on each line, such as 2026-11-20,1234.5";
        Unavailable::new(Reason::UnexpectedReply, detail).hint(hint)
    })?;
    Ok(interpret(settings, &rows, now))
}

fn read_text(path: &Path) -> Result<String, Unavailable> {
    let metadata = std::fs::metadata(path).map_err(|error| not_readable(&error))?;
    if !metadata.is_file() {
        return Err(Unavailable::new(Reason::NotConfigured, "this is not a file"));
    }
    if metadata.len() > MAX_BYTES {
        return Err(Unavailable::new(Reason::TooLarge, "the file is larger than 16 MiB"));
    }
    let file = std::fs::File::open(path).map_err(|error| not_readable(&error))?;
    decoded_text(file, MAX_BYTES).map_err(|error| not_readable(&error))
}

/// The rows up to now as a series of days, unless the newest is too old.
fn interpret(settings: &Settings, rows: &[DailyValue], now: DateTime<Utc>) -> SourceResult {
    let past: Vec<&DailyValue> = rows.iter().filter(|row| midnight(row.day) <= now).collect();
    let mut notes = Vec::new();
    if past.len() < rows.len() {
        notes.push(format!("rows with future dates are left out: {}", rows.len() - past.len()));
    }
    let report = SourceReport { notes, ..SourceReport::answered(NAME, settings.address()) };
    let mut reading = SourceResult::new(report);
    match observation(settings, &past, now) {
        Ok(observation) => reading.observations.push(observation),
        Err(why) => {
            let why = why.hint(format!("add the newest value to {}", settings.name));
            reading.gaps.push(why.gap(settings.signal, NAME));
        }
    }
    reading
}

fn observation(
    settings: &Settings,
    rows: &[&DailyValue],
    now: DateTime<Utc>,
) -> Result<Observation, Unavailable> {
    let Some(newest) = rows.last() else {
        return Err(Unavailable::new(Reason::Empty, "no row has a value"));
    };
    let age = now - midnight(newest.day);
    let newest_text = format!("the newest value is of {}, {}", newest.day, ago(age.num_days()));
    if age > MAX_AGE {
        let detail = format!("{newest_text}, longer than {} days", MAX_AGE.num_days());
        return Err(Unavailable::new(Reason::Stopped, detail));
    }
    let at_ms = rows.iter().map(|row| midnight(row.day).timestamp_millis()).collect();
    let values = rows.iter().map(|row| row.value).collect();
    let values = Series::new(DAY_MS, at_ms, values)
        .map_err(|error| Unavailable::new(Reason::NotFinite, error.to_string()))?;
    Ok(Observation {
        notes: vec![newest_text],
        ..Observation::new(
            settings.signal,
            values,
            Origin {
                source: NAME.to_owned(),
                query: format!("{}, line {} ({})", settings.name, newest.line, newest.day),
            },
        )
    })
}

fn ago(days: i64) -> String {
    match days {
        0 => "today".to_owned(),
        1 => "a day ago".to_owned(),
        days => format!("{days} days ago"),
    }
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

#[cfg(test)]
mod tests;
