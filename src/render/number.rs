//! Money, users and shares for people.

use crate::{
    roadmap::Range,
    signal::{Quantity, Unit},
};

/// A count with separators: `10,000`.
pub fn count(value: f64) -> String {
    let rounded = if value.abs() < 10.0 { (value * 10.0).round() / 10.0 } else { value.round() };
    Quantity::new(rounded, Unit::Count).map_or_else(|| "?".to_owned(), |quantity| quantity.to_string())
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

/// A small share with two digits: `0.87%`.
pub(super) fn precise_percent(share: f64) -> String {
    format!("{:.2}%", share * 100.0 + 0.0).replace("-0.00%", "0.00%")
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
