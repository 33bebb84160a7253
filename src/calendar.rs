//! A calendar month, in UTC.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, Utc};

/// A month of a year. Months begin and end at midnight UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(NaiveDate);

/// A text that names no month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write a month like 2026-10")]
pub struct NotAMonth;

impl Month {
    /// The month an instant lies in.
    pub fn of_instant(instant: DateTime<Utc>) -> Self {
        Self::containing(instant.date_naive())
    }

    /// The month a day lies in.
    pub fn containing(day: NaiveDate) -> Self {
        Self(day.with_day(1).unwrap_or(day))
    }

    /// Its first day.
    pub fn first_day(self) -> NaiveDate {
        self.0
    }

    /// The one before.
    #[must_use]
    pub fn previous(self) -> Self {
        Self(self.0.checked_sub_months(Months::new(1)).unwrap_or(self.0))
    }

    /// The one after.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.checked_add_months(Months::new(1)).unwrap_or(self.0))
    }

    /// Its first instant.
    pub fn begin(self) -> DateTime<Utc> {
        self.0.and_time(NaiveTime::MIN).and_utc()
    }

    /// The first instant after it.
    pub fn end(self) -> DateTime<Utc> {
        self.next().begin()
    }

    /// Its days, in order.
    pub fn days(self) -> impl Iterator<Item = NaiveDate> {
        let end = self.next().0;
        self.0.iter_days().take_while(move |day| *day < end)
    }

    /// Whether a day lies in it.
    pub fn holds(self, day: NaiveDate) -> bool {
        Self::containing(day) == self
    }

    /// `October 2026`.
    pub fn title(self) -> String {
        self.0.format("%B %Y").to_string()
    }
}

/// `2026-10`.
impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m"))
    }
}

impl FromStr for Month {
    type Err = NotAMonth;

    fn from_str(text: &str) -> Result<Self, NotAMonth> {
        // Only four digits, a hyphen and two digits; chrono itself takes signs and blanks.
        let shaped = text.len() == 7
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        let day = NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d").ok();
        day.filter(|_| shaped).map(Self).ok_or(NotAMonth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_follow_each_other() {
        let december: Month = "2026-12".parse().unwrap();
        assert_eq!(december.next().to_string(), "2027-01");
        assert_eq!(december.previous().title(), "November 2026");
        assert_eq!(december.days().count(), 31);
        assert_eq!("2028-02".parse::<Month>().unwrap().days().count(), 29);
        assert_eq!(december.end().to_rfc3339(), "2027-01-01T00:00:00+00:00");
    }

    #[test]
    fn only_months_are_months() {
        for text in ["2026", "2026-13", "2026-00", "26-10", "2026-1", "+026-10", "2026-10-01", "October"] {
            assert_eq!(text.parse::<Month>(), Err(NotAMonth), "{text}");
        }
    }
}
