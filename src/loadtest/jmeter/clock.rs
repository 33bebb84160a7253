//! The times of samples, which `timestamp_format` writes in many ways.

use chrono::{NaiveDate, NaiveTime};

use crate::{
    loadtest::{
        LoadTestError,
        error::shortened,
        input::{Source, digits},
    },
    tabular::Rows,
};

/// Reads the times of the samples of a file.
#[derive(Debug, Default)]
pub(super) struct Clock {
    /// Whether times are finer than a second.
    pub fine: bool,
    /// The date of the rows, where it is written in a way that does not say what is day and what is month.
    date: Option<String>,
}

impl Clock {
    /// When the sample began, in seconds; `None` where there is no time.
    pub(super) fn time(
        &mut self,
        rows: &Rows<Source<'_>>,
        column: Option<usize>,
    ) -> Result<Option<f64>, LoadTestError> {
        let bytes = rows.bytes(column);
        if let Some(milliseconds) = digits(bytes) {
            self.fine = true;
            return Ok(Some(milliseconds * 1e-3));
        }
        if column.is_none() {
            return Ok(None);
        }
        let text = rows.text(column);
        let time = self.formatted(&text).ok_or_else(|| {
            let message = format!(
                "`{}` is not a time that is read; set jmeter.save.saveservice.timestamp_format=ms",
                shortened(&text)
            );
            LoadTestError::Broken { line: rows.line(), message }
        })?;
        Ok(Some(time))
    }

    /// `2026/11/20 16:00:00.123`, `2026-11-20T16:00:00`, `16:00:00.123`; other dates only if all rows have the same.
    fn formatted(&mut self, text: &str) -> Option<f64> {
        let (date, time) = text.split_once([' ', 'T']).unwrap_or(("", text));
        let time = time.trim_end_matches('Z').replace(',', ".");
        let (clock, decimals) = time.split_once('.').map_or((time.as_str(), None), |(a, b)| (a, Some(b)));
        let clock = NaiveTime::parse_from_str(clock, "%H:%M:%S").ok()?;
        let fraction = match decimals {
            Some(decimals) => {
                self.fine = true;
                digits(decimals.as_bytes())? / 10_f64.powi(i32::try_from(decimals.len()).ok()?)
            }
            None => 0.0,
        };
        let days = match NaiveDate::parse_from_str(&date.replace('/', "-"), "%Y-%m-%d") {
            Ok(day) => day.signed_duration_since(NaiveDate::default()).num_days(),
            Err(_) if self.date.get_or_insert_with(|| date.to_owned()) == date => 0,
            Err(_) => return None,
        };
        let seconds = clock.signed_duration_since(NaiveTime::MIN).num_seconds();
        Some((days * 86_400 + seconds) as f64 + fraction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_written() {
        let time = |text: &str| Clock::default().formatted(text);
        assert_eq!(time("1970-01-02T00:00:01"), Some(86_401.0));
        assert_eq!(time("11/20/26 00:00:01.5"), Some(1.5), "the day does not matter within a day");
        assert_eq!(time("yesterday"), None);
        let mut clock = Clock::default();
        assert!(
            clock.formatted("11/20/26 23:59:59").is_some() && clock.formatted("11/21/26 00:00:00").is_none()
        );
    }
}
