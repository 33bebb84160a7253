//! Names, dates and shares as the page tells them.

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    assess::{Interval, SaturationDate, Verdict},
    render::format::{self, bounds, count, percent},
    report::Month,
    signal::{ResourceId, SignalId},
};

/// `PostgreSQL connections of db-1`.
pub(super) fn resource(resource: ResourceId, instance: Option<&str>) -> String {
    capital(&resource.entry().of_instance(instance))
}

/// `CPU of app-1` by its signal.
pub(super) fn signal(signal: SignalId, instance: Option<&str>) -> String {
    capital(&signal.entry().of_instance(instance))
}

pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The name of a month; what is no month stays as it is.
pub(super) fn month(month: &str) -> String {
    month.parse::<Month>().map_or_else(|_| month.to_owned(), Month::title)
}

/// `3 Dec 2026`.
pub(super) fn day(date: NaiveDate) -> String {
    date.format("%-d %b %Y").to_string()
}

/// `3 Dec`, with the year where it is another than now.
pub(super) fn short(date: DateTime<Utc>, now: DateTime<Utc>) -> String {
    format::short(date, now)
}

/// When something is reached, with its interval.
pub(super) fn dates(on: Option<&SaturationDate>, now: DateTime<Utc>) -> String {
    on.map_or_else(|| "no date".to_owned(), |on| format::dates(on, now))
}

/// What to sort a date by.
pub(super) fn date_key(on: Option<&SaturationDate>) -> Option<f64> {
    on.map(|on| on.mid.unwrap_or(on.horizon).timestamp() as f64)
}

/// `389 (361–422)`.
pub(super) fn load(interval: &Interval<f64>) -> String {
    format!("{}{}", count(interval.mid), bounds(interval))
}

/// `23%`, `0.4%`.
pub(super) fn share(share: f64) -> String {
    if share.abs() < 0.1 { format!("{:.1}%", share * 100.0) } else { percent(share) }
}

/// `+23%`, `−4%`.
pub(super) fn signed(change: f64) -> String {
    let text = share(change);
    match text.strip_prefix('-') {
        Some(size) if size != "0.0%" => format!("−{size}"),
        Some(size) => size.to_owned(),
        None if change > 0.0 && text != "0.0%" => format!("+{text}"),
        None => text,
    }
}

/// `+23.7% a month (90% between +23.4% and +24%)`.
pub(super) fn growth(growth: &Interval<f64>) -> String {
    let [low, mid, high] = [growth.low, growth.mid, growth.high].map(precise);
    format!("{mid} a month (90% between {low} and {high})")
}

fn precise(share: f64) -> String {
    let text = format!("{:.1}%", share.abs() * 100.0);
    match text.as_str() {
        "0.0%" => text,
        _ if share < 0.0 => format!("−{text}"),
        _ => format!("+{text}"),
    }
}

/// A count of something: `1 hour`, `5 hours`.
pub(super) fn plural(number: usize, one: &str) -> String {
    format!("{} {one}{}", count(number as f64), if number == 1 { "" } else { "s" })
}

pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "OK",
        Verdict::Unknown => "unknown",
        Verdict::Warning => "warning",
        Verdict::Critical => "critical",
    }
}

/// A name for a file: small letters, digits and hyphens.
pub(super) fn slug(text: &str) -> String {
    let mut slug = String::new();
    for letter in text.chars() {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter.to_ascii_lowercase());
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
        if slug.len() >= 60 {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "picture".to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_have_a_sign() {
        assert_eq!(
            [0.234, 0.031, 0.0, -0.001, -0.04, -0.5].map(signed),
            ["+23%", "+3.1%", "0.0%", "−0.1%", "−4.0%", "−50%"]
        );
    }

    #[test]
    fn names_of_files_hold_nothing_strange() {
        assert_eq!(slug("../CPU of app-1:9100"), "cpu-of-app-1-9100");
        assert_eq!(slug("接続"), "picture");
    }
}
