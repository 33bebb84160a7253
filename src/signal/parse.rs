//! Quantities as people write them: `200ms`, `8GiB`, `80%`, `1000/min`.

use std::time::Duration;

use super::{Quantity, Unit};

/// Seconds of 365 days.
const YEAR: u64 = 365 * 86_400;
/// Longer durations are meaningless here, and would leave the range of dates.
const LONGEST: Duration = Duration::from_secs(100 * YEAR);

/// Reads a quantity in the notation of roadmaps and configuration.
///
/// The unit follows from the notation: a percentage is a ratio, a duration is seconds, a size is bytes, something per
/// time is a rate, a plain number is a count.
///
/// # Errors
/// A sentence fragment that says what is wrong.
pub fn parse_quantity(text: &str) -> Result<Quantity, String> {
    let text = text.trim();
    let (number, unit) = if let Some(percent) = text.strip_suffix('%') {
        (hundredths(percent)?, Unit::Ratio)
    } else if let Some((amount, per)) = text.split_once('/') {
        rate(amount.trim(), per.trim())?
    } else if let Ok(number) = plain_number(text) {
        (number, Unit::Count)
    } else if let Ok(duration) = parse_duration(text) {
        (duration.as_secs_f64(), Unit::Seconds)
    } else if let Some(bytes) = size(text) {
        (bytes, Unit::Bytes)
    } else {
        return Err(format!(
            "`{text}` is not a quantity; write it like 100, \"80%\", \"200ms\", \"8GiB\" or \"1000/min\""
        ));
    };
    Quantity::new(number, unit).ok_or_else(|| format!("`{text}` is not a finite number"))
}

/// Reads a duration such as `10m`, `1h30m` or `28d`.
///
/// Months and years are refused: nobody agrees on their length. So is what is longer than 100 years.
///
/// # Errors
/// A sentence fragment that says what is wrong.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let unit_of_months =
        |word: &str| matches!(word, "M" | "y") || word.starts_with("month") || word.starts_with("year");
    if text.split(|c: char| !c.is_alphabetic()).any(unit_of_months) {
        return Err(format!("`{text}` uses months or years, whose length is not fixed; write days"));
    }
    let duration = humantime::parse_duration(text).map_err(|_| {
        format!("`{text}` is not a duration; write it like \"90s\", \"10m\", \"24h\" or \"28d\"")
    })?;
    if duration > LONGEST {
        return Err(format!("`{text}` is longer than {} years", LONGEST.as_secs() / YEAR));
    }
    Ok(duration)
}

fn plain_number(text: &str) -> Result<f64, String> {
    let text = text.trim();
    let looks_plain = text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.');
    match text.replace('_', "").parse::<f64>() {
        Ok(number) if looks_plain && number.is_finite() => Ok(number),
        _ => Err(format!("`{text}` is not a number")),
    }
}

/// A percentage as a share. Moving the decimal point within the text rounds once; dividing would round twice
/// and make 0.9990000000000001 of 99.9%.
fn hundredths(text: &str) -> Result<f64, String> {
    let number = plain_number(text)?;
    Ok(format!("{}e-2", text.trim().replace('_', "")).parse().unwrap_or(number / 100.0))
}

fn rate(amount: &str, per: &str) -> Result<(f64, Unit), String> {
    let seconds = match per {
        "s" | "sec" | "second" => 1.0,
        "m" | "min" | "minute" => 60.0,
        "h" | "hour" => 3600.0,
        "d" | "day" => 86_400.0,
        _ => return Err(format!("`/{per}` is not a time; write /s, /min, /h or /day")),
    };
    if let Ok(number) = plain_number(amount) {
        return Ok((number / seconds, Unit::PerSecond));
    }
    match size(amount) {
        Some(bytes) => Ok((bytes / seconds, Unit::BytesPerSecond)),
        None => Err(format!("`{amount}` is neither a number nor a size")),
    }
}

/// Bytes; a sign is no part of a size.
fn size(text: &str) -> Option<f64> {
    let size = text.parse::<bytesize::ByteSize>().ok()?;
    (!text.starts_with('+')).then(|| size.as_u64() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, value: f64, unit: Unit) {
        let quantity = parse_quantity(text).unwrap();
        assert_eq!(quantity.unit(), unit, "{text}");
        assert!(
            (quantity.value() - value).abs() < 1e-9 * value.abs().max(1.0),
            "{text}: {}",
            quantity.value()
        );
    }

    #[test]
    fn the_notation_tells_the_unit() {
        check("100", 100.0, Unit::Count);
        check("10_000", 10_000.0, Unit::Count);
        check("80%", 0.8, Unit::Ratio);
        check("0.1 %", 0.001, Unit::Ratio);
        check("200ms", 0.2, Unit::Seconds);
        check("1h30m", 5400.0, Unit::Seconds);
        check("8GiB", 8.0 * 1_073_741_824.0, Unit::Bytes);
        check("1GB", 1e9, Unit::Bytes);
        check("1000/min", 1000.0 / 60.0, Unit::PerSecond);
        check("100/s", 100.0, Unit::PerSecond);
        check("50MB/s", 5e7, Unit::BytesPerSecond);
    }

    #[test]
    fn percentages_are_the_nearest_share() {
        for (text, share) in [("99.9%", 0.999), ("7%", 0.07), ("0.1%", 0.001), ("1e1%", 0.1)] {
            assert_eq!(parse_quantity(text).unwrap().value().to_bits(), f64::to_bits(share), "{text}");
        }
    }

    #[test]
    fn nonsense_is_refused_with_a_hint() {
        for text in ["", "lots", "NaN", "inf", "80 percent", "5/fortnight", "2y", "3months", "+5", "+5/s"] {
            assert!(parse_quantity(text).is_err(), "{text}");
        }
        assert!(parse_duration("2M").unwrap_err().contains("months"));
        for text in ["18446744073709551615s", "36501d"] {
            assert!(parse_duration(text).unwrap_err().ends_with("is longer than 100 years"), "{text}");
        }
        assert!(parse_duration("36500d").is_ok());
    }
}
