//! Business figures that stand in a file: registered users, the monthly bill.
//!
//! Such figures are slow. They reach back beyond the window that servers are asked for, so that growth can be
//! seen, and the newest of them stands for the present until it is 45 days old: a bill comes once a month, and
//! somebody has to write it down.

use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::{Answer, Request, Source, file_not_readable, read_aside};
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
    let metadata = std::fs::metadata(path).map_err(|error| file_not_readable(&error))?;
    if !metadata.is_file() {
        return Err(Unavailable::new(Reason::NotConfigured, "this is not a file"));
    }
    if metadata.len() > MAX_BYTES {
        return Err(Unavailable::new(Reason::TooLarge, "the file is larger than 16 MiB"));
    }
    let file = std::fs::File::open(path).map_err(|error| file_not_readable(&error))?;
    decoded_text(file, MAX_BYTES).map_err(|error| file_not_readable(&error))
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
mod tests {
    use super::*;

    const NOW: &str = "2026-11-20T16:40:00Z";

    fn now() -> DateTime<Utc> {
        NOW.parse().unwrap()
    }

    fn settings() -> Settings {
        let signal = SignalId::find("users.registered").unwrap();
        Settings { path: PathBuf::new(), name: "users.csv".to_owned(), signal }
    }

    #[track_caller]
    fn observed(text: &str) -> Observation {
        let mut reading = interpret(&settings(), &read_daily(text).unwrap(), now());
        assert_eq!(reading.gaps, []);
        reading.observations.remove(0)
    }

    #[test]
    fn days_in_any_order_and_with_holes_become_a_series() {
        let found = observed(
            "\u{feff}Date,Value\r\n2026-11-18,300\r\n\r\n2026-11-15,-100.5\r\n\"2026-11-16\", 200\r\n2026-11-17,\r\n",
        );
        assert_eq!(found.values.values(), [-100.5, 200.0, 300.0]);
        let days: Vec<i64> = found.values.at_ms().iter().map(|at| at / DAY_MS).collect();
        assert_eq!(days, [20_772, 20_773, 20_775]);
        assert_eq!(found.origin.query, "users.csv, line 2 (2026-11-18)");
        assert_eq!(found.notes, ["the newest value is of 2026-11-18, 2 days ago"]);
    }

    #[test]
    fn instants_count_for_their_day_in_utc() {
        let found = observed("date,value\n2026-11-19T23:30:00-02:00,7\n2026-11-18T00:00:00Z,6\n");
        let days: Vec<i64> = found.values.at_ms().iter().map(|at| at / DAY_MS).collect();
        assert_eq!(days, [20_775, 20_777]);
    }

    #[test]
    fn what_is_too_old_is_told_and_not_used() {
        for (day, reason) in
            [("2026-10-07", None), ("2026-10-05", Some(Reason::Stopped)), ("2027-01-01", Some(Reason::Empty))]
        {
            let rows = read_daily(&format!("date,value\n{day},5\n")).unwrap();
            let reading = interpret(&settings(), &rows, now());
            assert_eq!(reading.gaps.first().map(|gap| gap.reason), reason, "{day}");
            assert_eq!(reading.observations.len(), usize::from(reason.is_none()), "{day}");
        }
    }

    #[test]
    fn the_future_is_left_out() {
        let rows = read_daily("date,value\n2026-11-20,5\n2026-11-21,6\n").unwrap();
        let reading = interpret(&settings(), &rows, now());
        assert_eq!(reading.observations[0].values.values(), [5.0]);
        assert_eq!(reading.report.notes, ["rows with future dates are left out: 1"]);
    }
}
