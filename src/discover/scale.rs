//! Whether a share runs from 0 to 1 or from 0 to 100. The name does not say.

use super::{MetricSeries, candidate::Confidence, words::words};

/// A share that was ever above this is one of a hundred.
const ABOVE_ONE: f64 = 1.5;
/// The share of one below which a series without any other sign may be one of a hundred at rest.
const AT_REST: f64 = 0.5;

/// What counts as all, 1 or 100, and how sure that is; `None` where nothing shows it or the values are not shares.
pub(super) fn scale(metric: &str, help: &str, series: &[MetricSeries]) -> Option<(f64, Confidence)> {
    let values = || series.iter().flat_map(|series| series.samples.iter().map(|(_, value)| *value));
    let highest = values().fold(0.0, f64::max);
    if highest > 100.0 * 1.01 || values().any(|value| value < -0.01) {
        return None;
    }
    if highest > ABOVE_ONE {
        return Some((100.0, Confidence::Medium));
    }
    match helped(help) {
        Some(1.0) => return Some((1.0, Confidence::High)),
        Some(scale) => return Some((scale, Confidence::Medium)),
        None => {}
    }
    let words = words(metric);
    let has = |word: &str| words.iter().any(|own| own == word);
    if has("ratio") || has("fraction") {
        return Some((1.0, Confidence::Medium));
    }
    // Whole numbers at 0 or 1 are what is left of a hundred as well.
    let fractions = values().any(|value| value.fract() != 0.0);
    (fractions && highest > AT_REST && highest <= 1.0 + 1e-6).then_some((1.0, Confidence::Low))
}

/// The scale that a help text names. That of a fraction wins: texts explain it in words of percent.
fn helped(help: &str) -> Option<f64> {
    const OF_ONE: [&str; 14] = [
        "0-1",
        "0 - 1",
        "0..1",
        "0.0-1",
        "0.0 - 1",
        "0 to 1",
        "0.0 to 1",
        "between 0 and 1",
        "1 means",
        "1 =",
        "1.0 =",
        "fraction",
        "[0,1]",
        "[0, 1]",
    ];
    const OF_HUNDRED: [&str; 5] = ["percent", "%", "0-100", "0 to 100", "out of 100"];
    let help = help.to_lowercase();
    let names = |words: &[&str]| words.iter().any(|word| help.contains(word));
    let hundred = names(&OF_HUNDRED);
    if names(&OF_ONE) && !(help.contains("0-100") || help.contains("0 - 100") || help.contains("0 to 100")) {
        Some(1.0)
    } else if hundred {
        Some(100.0)
    } else {
        None
    }
}
