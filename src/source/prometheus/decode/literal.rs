//! JSON numbers and the three words.

use super::{
    FaultKind,
    token::{LONGEST_TOKEN, Token},
};

/// `true`, `false` or `null`; `None` when it is not all there yet.
pub(super) fn word<'a>(
    input: &[u8],
    at: &mut usize,
    word: &[u8],
    token: Token<'a>,
) -> Result<Option<Token<'a>>, FaultKind> {
    let found = &input[*at..input.len().min(*at + word.len())];
    if !word.starts_with(found) {
        return Err(FaultKind::Syntax { expected: "a value" });
    }
    if found.len() < word.len() {
        return Ok(None);
    }
    *at += word.len();
    Ok(Some(token))
}

/// A number ends where something else begins, so the last byte of the input never ends one.
pub(super) fn number<'a>(input: &'a [u8], at: &mut usize) -> Result<Option<Token<'a>>, FaultKind> {
    let rest = &input[*at..];
    let length = rest.iter().position(|byte| !matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'));
    let Some(length) = length else {
        return if rest.len() > LONGEST_TOKEN { Err(FaultKind::TooLong) } else { Ok(None) };
    };
    let text = std::str::from_utf8(&rest[..length]).unwrap_or_default();
    if !is_number(text) {
        return Err(FaultKind::Syntax { expected: "a number" });
    }
    *at += length;
    Ok(Some(Token::Number(text)))
}

/// The grammar of RFC 8259, section 6.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (text, exponent) =
        text.split_once(['e', 'E']).map_or((text, None), |(text, exponent)| (text, Some(exponent)));
    let (whole, decimals) =
        text.split_once('.').map_or((text, None), |(whole, decimals)| (whole, Some(decimals)));
    digits(whole)
        && (whole.len() == 1 || !whole.starts_with('0'))
        && decimals.is_none_or(digits)
        && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}
