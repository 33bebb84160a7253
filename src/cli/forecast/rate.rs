//! A rate of growth as people write it.

/// Days of a month, as everywhere in forecasts.
const MONTH: f64 = 30.0;

/// "8%/month", "8%" or "100%/year" as a share a month.
///
/// # Errors
/// When it is no such rate, or everything would be gone.
pub(super) fn rate(text: &str) -> Result<f64, String> {
    let wrong =
        || format!("invalid growth rate `{text}`; expected a rate such as 8%/month, -2%/week or 100%/year");
    let (share, period) = text.split_once('/').unwrap_or((text, "month"));
    let share: f64 =
        share.trim().strip_suffix('%').and_then(|share| share.trim().parse().ok()).ok_or_else(wrong)?;
    let days = match period.trim() {
        "day" => 1.0,
        "week" => 7.0,
        "month" => MONTH,
        "year" => 365.0,
        _ => return Err(wrong()),
    };
    let monthly = (MONTH / days * (share / 100.0).ln_1p()).exp_m1();
    if monthly.is_finite() && monthly > -1.0 && monthly < 100.0 { Ok(monthly) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_brought_to_a_month() {
        assert!((rate("8%/month").unwrap() - 0.08).abs() < 1e-12);
        assert!((rate("8 %").unwrap() - 0.08).abs() < 1e-12);
        assert!((rate("-2%/week").unwrap() - (0.98_f64.powf(30.0 / 7.0) - 1.0)).abs() < 1e-12);
        assert!((rate("100%/year").unwrap() - (2.0_f64.powf(30.0 / 365.0) - 1.0)).abs() < 1e-12);
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        for text in ["", "8", "8/month", "%", "eight%", "8%/fortnight", "-100%", "NaN%", "inf%", "1e9%/day"] {
            assert!(rate(text).is_err(), "{text}");
        }
    }
}
