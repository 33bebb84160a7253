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
