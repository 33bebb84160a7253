//! Names, dates and shares as the report shows them.

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    assess::{Interval, SaturationDate, Verdict},
    render::{
        document::Cell,
        format::{self as shared, bounds, count, percent},
        summary::capitalised,
    },
    report::Month,
    signal::{Quantity, ResourceId, SignalId},
};

/// `PostgreSQL connections of db-1`.
pub(super) fn resource(resource: ResourceId, instance: Option<&str>) -> String {
    capitalised(&resource.entry().of_instance(instance))
}

/// `CPU of app-1`, by its signal.
pub(super) fn signal(signal: SignalId, instance: Option<&str>) -> String {
    capitalised(&signal.entry().of_instance(instance))
}

/// The name of a month; anything else stays as it is.
pub(super) fn month(month: &str) -> String {
    month.parse::<Month>().map_or_else(|_| month.to_owned(), Month::title)
}

/// `3 Dec 2026`.
pub(super) fn day(date: NaiveDate) -> String {
    date.format("%-d %b %Y").to_string()
}

/// `3 Dec`, with the year where it differs from that of `now`.
pub(super) fn short(date: DateTime<Utc>, now: DateTime<Utc>) -> String {
    shared::short(date, now)
}

/// When something is reached, with its interval.
pub(super) fn dates(on: Option<&SaturationDate>, now: DateTime<Utc>) -> String {
    on.map_or_else(|| "no date".to_owned(), |on| shared::dates(on, now))
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

/// `+23.7% a month (90% interval +23.4% to +24.0%)`.
pub(super) fn growth(growth: &Interval<f64>) -> String {
    let [low, mid, high] = [growth.low, growth.mid, growth.high].map(precise);
    format!("{mid} a month (90% interval {low} to {high})")
}

/// `+23.7%`, with a digit after the point.
pub(super) fn precise(share: f64) -> String {
    let text = format!("{:.1}%", share.abs() * 100.0);
    match text.as_str() {
        "0.0%" => text,
        _ if share < 0.0 => format!("−{text}"),
        _ => format!("+{text}"),
    }
}

/// A count of something: `1 hour`, `5 hours`.
pub(super) fn plural(number: usize, noun: &str) -> String {
    format!("{} {noun}{}", count(number as f64), if number == 1 { "" } else { "s" })
}

/// The word for a verdict.
pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "OK",
        Verdict::Unknown => "unknown",
        Verdict::Warning => "warning",
        Verdict::Critical => "critical",
    }
}

/// A cell for a number that may be unknown.
pub(super) fn number(value: Option<f64>, text: impl FnOnce(f64) -> String) -> Cell {
    value.map_or_else(Cell::unknown, |value| Cell::number(text(value), Some(value)))
}

/// A cell for a quantity that may be unknown.
pub(super) fn quantity(value: Option<Quantity>, text: impl FnOnce(Quantity) -> String) -> Cell {
    value.map_or_else(Cell::unknown, |value| Cell::number(text(value), Some(value.value())))
}

/// A file name: lower-case letters, digits and hyphens.
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
    fn file_names_are_plain() {
        assert_eq!(slug("../CPU of app-1:9100"), "cpu-of-app-1-9100");
        assert_eq!(slug("接続"), "picture");
    }
}
