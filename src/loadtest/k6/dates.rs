//! The times of points, of which many lie within the same minute.

use chrono::{DateTime, NaiveDate};

use crate::loadtest::input::digits;

/// Seconds of Unix time.
pub(super) fn seconds<Z: chrono::TimeZone>(time: &DateTime<Z>) -> f64 {
    time.timestamp() as f64 + f64::from(time.timestamp_subsec_nanos()) * 1e-9
}

/// Parses times of which many lie within the same minute.
#[derive(Debug, Default)]
pub(super) struct Dates {
    /// The text up to the minute, and the seconds of that.
    minute: [u8; 16],
    seconds: f64,
}

impl Dates {
    /// `2026-11-20T16:38:54.502324997Z`; other zones take longer.
    pub(super) fn parse(&mut self, text: &[u8]) -> Option<f64> {
        let (minute, rest) = text.split_first_chunk::<16>()?;
        let Some(rest) = rest.strip_suffix(b"Z") else {
            let text = std::str::from_utf8(text).ok()?;
            return DateTime::parse_from_rfc3339(text).ok().map(|time| seconds(&time));
        };
        if *minute != self.minute {
            let text = std::str::from_utf8(minute).ok()?;
            let (date, clock) = text.split_once('T')?;
            let date: NaiveDate = date.parse().ok()?;
            let (hours, minutes) = clock.split_once(':')?;
            let midnight = date.signed_duration_since(NaiveDate::default()).num_seconds();
            let minutes = hours.parse::<u32>().ok()? * 60 + minutes.parse::<u32>().ok()?;
            (self.minute, self.seconds) = (*minute, midnight as f64 + f64::from(minutes) * 60.0);
        }
        let (rest, decimals) = (rest.get(1..3)?, rest.get(3..)?);
        let whole = digits(rest)?;
        let fraction = match decimals.split_first() {
            None => 0.0,
            Some((b'.', decimals)) => digits(decimals)? / 10_f64.powi(i32::try_from(decimals.len()).ok()?),
            Some(_) => return None,
        };
        Some(self.seconds + whole + fraction)
    }
}
