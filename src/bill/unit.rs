//! What a provider bills by: the PricingUnit of FOCUS.
//!
//! <https://focus.finops.org/focus-specification/v1-2/#unit-format>

/// Hours of a month, as providers count them.
const HOURS: f64 = 730.0;

/// How much one unit of a SKU is of, for a month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Amount {
    /// So many bytes.
    Bytes(f64),
    /// So many of what a resource counts, such as connections.
    Count(f64),
    /// So many machines, or whatever is bought: each holds what the settings say of it.
    Purchases(f64),
}

/// A PricingUnit from which a price a month follows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct PricingUnit {
    /// How much is held for the time of one unit.
    pub(super) of: Amount,
    /// How many units make a month.
    pub(super) in_a_month: f64,
}

impl PricingUnit {
    /// `Hours`, `GB-Mo`, `GiB-Hours`, `User-Months`, `GB/Month`, `Days`; with a block before it, `1000 Hours`, one unit is
    /// that much of it.
    ///
    /// `None` for what has no time or a size that is not known, and for rates: `GB/Hour` is how fast, not how much.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (block, unit) = block(text.trim())?;
        let (thing, sign, time) = match unit.rfind(['-', ' ', '/']) {
            Some(at) => (&unit[..at], &unit[at..=at], &unit[at + 1..]),
            None => ("", "", unit),
        };
        let in_a_month = match time.to_ascii_lowercase().as_str() {
            "month" | "months" | "mo" => 1.0,
            _ if sign == "/" => return None,
            "hour" | "hours" | "hr" | "hrs" | "h" => HOURS,
            "day" | "days" => HOURS / 24.0,
            _ => return None,
        };
        // A thousand hours of a thing are the hours of one thing.
        let (of, units) = match size(thing.trim())? {
            Amount::Bytes(bytes) if sign == "/" => (Amount::Bytes(bytes * block), in_a_month),
            Amount::Count(count) if sign == "/" => (Amount::Count(count * block), in_a_month),
            Amount::Purchases(count) if sign == "/" => (Amount::Purchases(count * block), in_a_month),
            of => (of, in_a_month / block),
        };
        Some(Self { of, in_a_month: units })
    }
}

/// How many of a unit are billed as one, and the unit.
fn block(text: &str) -> Option<(f64, &str)> {
    if !text.starts_with(|letter: char| letter.is_ascii_digit()) {
        return Some((1.0, text));
    }
    let end = text.find([' ', '/'])?;
    let number = &text[..end];
    let is_plain = number.bytes().all(|letter| letter.is_ascii_digit() || letter == b'.');
    let number: f64 = number.parse().ok().filter(|number| is_plain && *number > 0.0)?;
    Some((number, text[end..].trim_start_matches(' ')))
}

/// What a size or a thing counts; nothing before the time is one purchase.
fn size(thing: &str) -> Option<Amount> {
    let bytes = match thing {
        "B" => 1.0,
        "kB" | "KB" => 1e3,
        "MB" => 1e6,
        "GB" => 1e9,
        "TB" => 1e12,
        "PB" => 1e15,
        "KiB" => 1024.0,
        "MiB" => 1_048_576.0,
        "GiB" => 1_073_741_824.0,
        "TiB" => 1_099_511_627_776.0,
        "PiB" => 1_125_899_906_842_624.0,
        // With capitals as above: `Gb` are bits.
        _ => {
            let word = thing.to_ascii_lowercase();
            return match word.strip_suffix('s').unwrap_or(&word) {
                "byte" => Some(Amount::Bytes(1.0)),
                "megabyte" => Some(Amount::Bytes(1e6)),
                "mebibyte" => Some(Amount::Bytes(1_048_576.0)),
                "gigabyte" => Some(Amount::Bytes(1e9)),
                "gibibyte" => Some(Amount::Bytes(1_073_741_824.0)),
                "terabyte" => Some(Amount::Bytes(1e12)),
                "tebibyte" => Some(Amount::Bytes(1_099_511_627_776.0)),
                "" | "unit" | "instance" | "machine" | "vm" | "server" | "node" | "host" | "database"
                | "cluster" | "replica" | "container" | "pod" | "task" | "worker" | "license" => {
                    Some(Amount::Purchases(1.0))
                }
                "connection" | "user" | "seat" => Some(Amount::Count(1.0)),
                _ => None,
            };
        }
    };
    Some(Amount::Bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Amount::{Bytes, Count, Purchases};

    /// What one unit is of, and how many of it make a month.
    #[track_caller]
    fn check(text: &str, of: Amount, in_a_month: f64) {
        let unit = PricingUnit::parse(text).unwrap_or_else(|| panic!("{text} is no unit"));
        assert_eq!(unit.of, of, "{text}");
        assert!((unit.in_a_month - in_a_month).abs() < 1e-9, "{text}: {}", unit.in_a_month);
    }

    #[test]
    fn a_unit_says_how_much_and_for_how_long() {
        check("Hours", Purchases(1.0), 730.0);
        check("Days", Purchases(1.0), 730.0 / 24.0);
        check("User-Months", Count(1.0), 1.0);
        check("GB-Mo", Bytes(1e9), 1.0);
        check("GiB-Hours", Bytes(1_073_741_824.0), 730.0);
        check("gibibyte month", Bytes(1_073_741_824.0), 1.0);
        check("GB/Month", Bytes(1e9), 1.0);
    }

    #[test]
    fn a_block_is_divided_by() {
        check("1000 Hours", Purchases(1.0), 0.73);
        check("100 GB-Hours", Bytes(1e9), 7.3);
        check("100 GB/Month", Bytes(100e9), 1.0);
        check("1/Month", Purchases(1.0), 1.0);
        check("0.5 Months", Purchases(1.0), 2.0);
    }

    #[test]
    fn what_is_no_amount_for_a_time_is_refused() {
        for text in [
            "10K Hours",
            "1,000 Hours",
            "0 Hours",
            "1e3 Hours",
            "100Hours",
            "GB/Hour",
            "Instances/Day",
            "Gb-Mo",
            "vCPU-Hours",
            "Tokens",
            "1000 Requests",
            "Units/3 Months",
            "several units",
            "1000",
            "",
        ] {
            assert_eq!(PricingUnit::parse(text), None, "{text}");
        }
    }
}
