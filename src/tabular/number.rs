//! Numbers as people and programs write them.

/// The sign before the decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DecimalSign {
    /// `100.5`
    #[default]
    Point,
    /// `100,5`
    Comma,
}

/// Why a text is not a number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// It has separators of thousands, or a decimal comma where the others have a point.
    #[error("`{0}` has separators; write a plain number such as 1234.5")]
    Separators(String),
    /// `1,100` is one and a tenth or eleven hundred.
    #[error("`{0}` may be a decimal or a thousand; write a plain number such as 1234.5")]
    Ambiguous(String),
    /// It has a unit.
    #[error("`{0}` has a unit; write a plain number such as 1234.5")]
    Unit(String),
    /// It is something else, or not finite.
    #[error("`{0}` is not a finite number")]
    NotANumber(String),
}

/// Finds the decimal sign of a file from its numbers, one after the other.
#[derive(Debug, Default)]
pub struct SignFinder {
    /// The first number with a decimal point, and its line.
    point: Option<(usize, String)>,
    /// The first number that can only have a decimal comma, and its line.
    comma: Option<(usize, String)>,
    /// The first number whose comma may separate thousands.
    ambiguous: Option<(usize, String)>,
}

impl SignFinder {
    /// Reads a field.
    pub fn see(&mut self, line: usize, text: &str) {
        if plain(text) {
            if text.contains('.') {
                self.point.get_or_insert_with(|| (line, text.to_owned()));
            }
            return;
        }
        let Some((whole, decimals)) = text.split_once(',') else { return };
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole.trim_start_matches(['-', '+'])) || !digits(decimals) {
            return;
        }
        let thousands = decimals.len() == 3 && !whole.trim_start_matches(['-', '+']).starts_with('0');
        let found = if thousands { &mut self.ambiguous } else { &mut self.comma };
        found.get_or_insert_with(|| (line, text.to_owned()));
    }

    /// The sign of all numbers seen.
    ///
    /// # Errors
    /// With the line, when both signs are there, or a comma may separate thousands.
    pub fn sign(&self) -> Result<DecimalSign, (usize, NumberError)> {
        match (&self.point, &self.comma, &self.ambiguous) {
            (Some(_), Some((line, text)), _) | (Some(_), None, Some((line, text))) => {
                Err((*line, NumberError::Separators(text.clone())))
            }
            (None, None, Some((line, text))) => Err((*line, NumberError::Ambiguous(text.clone()))),
            (None, Some(_), _) => Ok(DecimalSign::Comma),
            (_, None, None) => Ok(DecimalSign::Point),
        }
    }
}

/// A finite number without a unit or separators of thousands.
///
/// # Errors
/// With what is wrong.
pub fn parse_number(text: &str, sign: DecimalSign) -> Result<f64, NumberError> {
    let shown = || super::shortened(text);
    let number = match sign {
        DecimalSign::Point => plain(text).then(|| text.parse::<f64>().ok()),
        DecimalSign::Comma => {
            let pointed = text.replacen(',', ".", 1);
            (plain(&pointed) && !text.contains('.')).then(|| pointed.parse::<f64>().ok())
        }
    };
    if let Some(number) = number.flatten().filter(|number| number.is_finite()) {
        return Ok(number);
    }
    let digits = text.bytes().any(|byte| byte.is_ascii_digit());
    let other = |sign: char| sign.is_alphabetic() || matches!(sign, '%' | '$' | '€' | '£');
    let exponent = text.trim_end_matches(|sign: char| sign.is_ascii_digit()).ends_with(['e', 'E']);
    Err(match (digits, text.contains(other) && !exponent) {
        (false, _) => NumberError::NotANumber(shown()),
        (true, true) => NumberError::Unit(shown()),
        (true, false) if exponent => NumberError::NotANumber(shown()),
        (true, false) => NumberError::Separators(shown()),
    })
}

/// Powers of ten, exact as doubles.
const TENS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// Parses a number of up to 15 digits with at most one decimal point; `None` for everything else.
///
/// The digits as an integer and the power of ten are exact doubles, so their quotient is rounded once and equals the
/// result of `str::parse` (W. Clinger, *PLDI* 1990).
pub fn decimal(text: &[u8]) -> Option<f64> {
    if text.len() > 16 {
        return None;
    }
    let (mut digits, mut count, mut decimals) = (0_u64, 0, None);
    for byte in text {
        match byte {
            b'0'..=b'9' => {
                digits = digits * 10 + u64::from(byte - b'0');
                count += 1;
            }
            b'.' if decimals.is_none() => decimals = Some(count),
            _ => return None,
        }
    }
    let behind = decimals.map_or(0, |before| count - before);
    (1..=15).contains(&count).then(|| digits as f64 / TENS[behind])
}

/// Digits with at most one point, a sign and an exponent.
fn plain(text: &str) -> bool {
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if let Some((mantissa, exponent)) = rest.split_once(['e', 'E']) {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if exponent.is_empty() || !exponent.bytes().all(|byte| byte.is_ascii_digit()) {
            return false;
        }
        rest = mantissa;
    }
    let digits = rest.bytes().filter(u8::is_ascii_digit).count();
    let points = rest.bytes().filter(|byte| *byte == b'.').count();
    digits > 0 && points <= 1 && digits + points == rest.len()
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, option, prelude::*, sample::select};

    use super::*;

    #[test]
    fn plain_numbers_are_read_and_everything_else_is_named() {
        for (text, expected) in [("1234.5", 1234.5), ("-3", -3.0), ("1e3", 1000.0), ("+.5", 0.5)] {
            assert_eq!(parse_number(text, DecimalSign::Point), Ok(expected), "{text}");
        }
        assert_eq!(parse_number("100,5", DecimalSign::Comma), Ok(100.5));
        let wrong = |text: &str| parse_number(text, DecimalSign::Point).unwrap_err();
        assert_eq!(wrong("1,234"), NumberError::Separators("1,234".to_owned()));
        assert_eq!(wrong("12ms"), NumberError::Unit("12ms".to_owned()));
        for text in ["", "NaN", "inf", "many", "1e999", "0x1f"] {
            assert!(parse_number(text, DecimalSign::Point).is_err(), "{text}");
        }
        assert!(parse_number("1.5", DecimalSign::Comma).is_err());
    }

    proptest! {
        #[test]
        fn short_decimals_are_what_the_standard_library_reads(
            digits in vec(select(b"0123456789".to_vec()), 1..=15),
            point in option::of(0..16_usize),
        ) {
            let mut text = digits;
            if let Some(place) = point {
                text.insert(place.min(text.len()), b'.');
            }
            let text = String::from_utf8(text).unwrap();
            prop_assert_eq!(decimal(text.as_bytes()), text.parse().ok());
        }
    }

    #[test]
    fn whatever_else_is_no_short_decimal() {
        for text in ["", ".", "1.2.3", "-1", "1e3", "1234567890123456", "1 ", "NaN"] {
            assert_eq!(decimal(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn the_decimal_sign_is_that_of_all_numbers() {
        let sign = |texts: &[&str]| {
            let mut finder = SignFinder::default();
            texts.iter().enumerate().for_each(|(index, text)| finder.see(index + 1, text));
            finder.sign().map_err(|(line, _)| line)
        };
        assert_eq!(sign(&["1", "2"]), Ok(DecimalSign::Point));
        assert_eq!(sign(&["1.5", "2"]), Ok(DecimalSign::Point));
        assert_eq!(sign(&["1,5", "2", "1,100"]), Ok(DecimalSign::Comma));
        assert_eq!(sign(&["0,125"]), Ok(DecimalSign::Comma), "no thousands begin with a zero");
        assert_eq!(sign(&["2", "1,100"]), Err(2), "one and a tenth, or eleven hundred");
        assert_eq!(sign(&["1.5", "1,5"]), Err(2));
        assert_eq!(sign(&["1.5", "1,100"]), Err(2));
    }
}
