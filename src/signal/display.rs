//! Quantities as people read them, always with their unit.

use std::{fmt, time::Duration};

use super::{Quantity, Unit};

/// A precision asks for so many decimals more than usual: `{:.2}`.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value();
        let more = f.precision().unwrap_or(0);
        match self.unit() {
            Unit::Ratio => write!(f, "{}%", significant(value * 100.0, more)),
            Unit::Seconds => f.write_str(&span(value, more)),
            Unit::Bytes => f.write_str(&bytes(value, more)),
            Unit::BytesPerSecond => write!(f, "{}/s", bytes(value, more)),
            Unit::Count => f.write_str(&significant(value, more)),
            Unit::PerSecond if value.abs() > 0.0 && value.abs() < 1.0 => {
                write!(f, "{}/min", significant(value * 60.0, more))
            }
            Unit::PerSecond => write!(f, "{}/s", significant(value, more)),
        }
    }
}

/// How many of a noun whose plural ends in `s`: `1 sample`, `5 samples`.
pub fn counted(number: impl fmt::Display, noun: &str) -> String {
    let number = number.to_string();
    let ending = if number == "1" { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

/// The first few names, and how many more there are: `zone, node and 3 more`.
pub fn listed(names: &[String], most: usize) -> String {
    let shown = names.iter().take(most).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// A duration in words short enough for a table cell: `10 min`, `2 h 30 min`, `28 d`.
pub fn duration_text(duration: Duration) -> String {
    span_text(duration.as_secs_f64())
}

/// A number of seconds in the unit a person would choose.
pub fn span_text(seconds: f64) -> String {
    span(seconds, 0)
}

fn span(seconds: f64, more: usize) -> String {
    let magnitude = seconds.abs();
    let (scale, unit) = match magnitude {
        m if m == 0.0 || (1.0..120.0).contains(&m) => (1.0, "s"),
        m if m < 1e-3 => (1e6, "µs"),
        m if m < 1.0 => (1e3, "ms"),
        m if m < 2.0 * 3600.0 => (1.0 / 60.0, "min"),
        m if m < 2.0 * 86_400.0 => (1.0 / 3600.0, "h"),
        _ => (1.0 / 86_400.0, "d"),
    };
    format!("{} {unit}", significant(seconds * scale, more))
}

fn bytes(value: f64, more: usize) -> String {
    const UNITS: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut scaled = value;
    let mut unit = 0;
    while scaled.abs() >= 1024.0 && unit + 1 < UNITS.len() {
        scaled /= 1024.0;
        unit += 1;
    }
    format!("{} {}", significant(scaled, more), UNITS[unit])
}

/// Three significant digits below a thousand, whole numbers with separators from there on, and so many decimals more.
fn significant(value: f64, more: usize) -> String {
    let magnitude = value.abs();
    let decimals = if magnitude >= 99.95 || magnitude == 0.0 {
        0
    } else if magnitude >= 9.995 {
        1
    } else if magnitude >= 0.0995 {
        2
    } else {
        4
    };
    let decimals = decimals + more;
    let text = format!("{value:.decimals$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    let text = if text == "-0" { "0" } else { text };
    grouped(text)
}

fn grouped(text: &str) -> String {
    let (sign, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, fraction) =
        rest.split_once('.').map_or((rest, None), |(whole, fraction)| (whole, Some(fraction)));
    let mut out = String::with_capacity(text.len() + 4);
    out.push_str(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: f64, unit: Unit, expected: &str) {
        assert_eq!(Quantity::new(value, unit).unwrap().to_string(), expected);
    }

    #[test]
    fn quantities_read_like_prose() {
        check(0.95, Unit::Ratio, "95%");
        check(0.948_45, Unit::Ratio, "94.8%");
        check(0.2, Unit::Seconds, "200 ms");
        check(5.0, Unit::Seconds, "5 s");
        check(600.0, Unit::Seconds, "10 min");
        check(86_400.0 * 28.0, Unit::Seconds, "28 d");
        check(8.0 * 1_073_741_824.0, Unit::Bytes, "8 GiB");
        check(1000.0 / 60.0, Unit::PerSecond, "16.7/s");
        check(0.5, Unit::PerSecond, "30/min");
        check(12_345.6, Unit::Count, "12,346");
        check(97.0, Unit::Count, "97");
        check(-0.001, Unit::Count, "-0.001");
        check(0.0, Unit::Seconds, "0 s");
        check(1_000_000.0, Unit::Count, "1,000,000");
    }

    #[test]
    fn a_precision_asks_for_more_decimals() {
        let text = |value, unit| format!("{:.2}", Quantity::new(value, unit).unwrap());
        assert_eq!(text(100.504, Unit::PerSecond), "100.5/s");
        assert_eq!(text(0.200_251, Unit::Seconds), "200.25 ms");
    }
}
