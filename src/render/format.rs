//! Numbers, money, dates and intervals for people.

use chrono::{DateTime, Utc};

use crate::{
    assess::{Grade, Interval, SaturationDate, Verdict},
    roadmap::Range,
    signal::{Quantity, Unit},
};

/// A verdict as a word.
pub(super) fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "ok",
        Verdict::Unknown => "unknown",
        Verdict::Warning => "warning",
        Verdict::Critical => "critical",
    }
}

/// A count with separators: `10,000`.
pub fn count(value: f64) -> String {
    let rounded = if value.abs() < 10.0 { (value * 10.0).round() / 10.0 } else { value.round() };
    Quantity::new(rounded, Unit::Count).map_or_else(|| "?".to_owned(), |quantity| quantity.to_string())
}

/// A change as a share: `+12%`, `−43%`.
pub(super) fn signed_percent(share: f64) -> String {
    let sign = if share < 0.0 { '−' } else { '+' };
    format!("{sign}{}", percent(share.abs()))
}

/// A range of money: `$200–800`, `$15,000 or more`, `EUR 200–800`.
pub(super) fn money_range(currency: &str, range: &Range<f64>) -> String {
    let low = money(currency, range.low());
    match range.high() {
        Some(high) if (high - range.low()).abs() < f64::EPSILON => low,
        Some(high) => format!("{low}–{}", count(high)),
        None => format!("{low} or more"),
    }
}

/// An amount of money.
pub(super) fn money(currency: &str, amount: f64) -> String {
    let text =
        if amount.abs() < 100.0 && amount.fract() != 0.0 { format!("{amount:.2}") } else { count(amount) };
    match currency {
        "USD" => format!("${text}"),
        "EUR" => format!("€{text}"),
        "GBP" => format!("£{text}"),
        other => format!("{other} {text}"),
    }
}

/// A range of work: `1–2 weeks`.
pub(super) fn effort(range: &Range<Quantity>) -> String {
    const UNITS: [(f64, &str); 3] = [(7.0 * 86_400.0, "weeks"), (86_400.0, "days"), (3600.0, "hours")];
    let low = range.low().value();
    let high = range.high().map(Quantity::value);
    let (scale, unit) = UNITS.into_iter().find(|(scale, _)| low >= *scale).unwrap_or(UNITS[2]);
    match high {
        Some(high) if high > low => format!("{}–{} {unit}", count(low / scale), count(high / scale)),
        _ => format!("{} {unit}", count(low / scale)),
    }
}

/// "92 of 97", else the plain value.
pub(super) fn used(now: Quantity, capacity: Option<Quantity>) -> String {
    match capacity {
        Some(capacity) if capacity.unit() == Unit::Count && capacity.value() >= 20.0 => {
            let used = Quantity::new((now.value() * capacity.value()).round(), Unit::Count).unwrap_or(now);
            format!("{used} of {capacity}")
        }
        _ => now.to_string(),
    }
}

/// A share as a percentage: `5%`, `-20%`.
pub(super) fn percent(share: f64) -> String {
    format!("{:.0}%", share * 100.0 + 0.0).replace("-0%", "0%")
}

/// A share with three significant digits: `23.7%`.
pub(super) fn share(share: f64) -> String {
    Quantity::new(share, Unit::Ratio).map_or_else(|| "?".to_owned(), |quantity| quantity.to_string())
}

/// A small share with two digits: `0.87%`.
pub(super) fn precise_percent(share: f64) -> String {
    format!("{:.2}%", share * 100.0 + 0.0).replace("-0.00%", "0.00%")
}

/// " (361–422)", where rounding leaves them apart.
pub(super) fn bounds(load: &Interval<f64>) -> String {
    let (low, high) = (count(load.low), count(load.high));
    if low == high { String::new() } else { format!(" ({low}–{high})") }
}

/// "12 Dec (4–27 Dec)"; where the middle lies beyond the horizon, "after 4 Dec (95%)".
pub(super) fn dates(on: &SaturationDate, now: DateTime<Utc>) -> String {
    let Some(mid) = on.mid else {
        let low = format!("after {} (95%)", short(on.low, now));
        let chance = format!(", {} by {}", percent(on.probability), short(on.horizon, now));
        return if on.low < on.horizon { low + &chance } else { low };
    };
    match on.high {
        Some(high) if high == on.low => short(mid, now),
        Some(high) => format!("{} ({}–{})", short(mid, now), before(on.low, high, now), short(high, now)),
        None => {
            format!("{} (from {}, to beyond {})", short(mid, now), short(on.low, now), short(on.horizon, now))
        }
    }
}

/// "28 Nov 2026".
pub(super) fn day(date: DateTime<Utc>) -> String {
    date.format("%-d %b %Y").to_string()
}

/// The year is shown where it is not the current one.
pub(super) fn short(date: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let same = date.format("%Y").to_string() == now.format("%Y").to_string();
    date.format(if same { "%-d %b" } else { "%-d %b %Y" }).to_string()
}

/// The first of two dates, without the month where it is the same.
fn before(low: DateTime<Utc>, high: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let same = low.format("%Y %m").to_string() == high.format("%Y %m").to_string();
    if same { low.format("%-d").to_string() } else { short(low, now) }
}

/// A letter, or its placeholder.
pub(super) fn grade(grade: Grade) -> &'static str {
    match grade {
        Grade::A => "A",
        Grade::B => "B",
        Grade::C => "C",
        Grade::Insufficient => "insufficient",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_reads_as_money() {
        assert_eq!(money_range("USD", &Range::new(200.0, Some(800.0)).unwrap()), "$200–800");
        assert_eq!(money_range("USD", &Range::new(15_000.0, None).unwrap()), "$15,000 or more");
        assert_eq!(money("CHF", 1.867), "CHF 1.87");
    }

    #[test]
    fn effort_reads_in_weeks() {
        let week = |weeks: f64| Quantity::new(weeks * 7.0 * 86_400.0, Unit::Seconds).unwrap();
        assert_eq!(effort(&Range::new(week(1.0), Some(week(2.0))).unwrap()), "1–2 weeks");
    }

    #[test]
    fn no_negative_zero() {
        assert_eq!(percent(-0.001), "0%");
        assert_eq!(percent(-0.25), "-25%");
    }
}
