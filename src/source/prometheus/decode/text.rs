//! JSON strings.

use std::borrow::Cow;

use super::FaultKind;

/// Reads the string whose opening quote is the first byte: its content and its length with both quotes.
/// `None` when the closing quote is not there yet.
pub(super) fn read(input: &[u8]) -> Result<Option<(Cow<'_, str>, usize)>, FaultKind> {
    let mut end = 1;
    let mut escaped = false;
    loop {
        match input.get(end) {
            None => return Ok(None),
            Some(b'"') => break,
            Some(b'\\') => {
                escaped = true;
                end += 2;
            }
            Some(..0x20) => return Err(FaultKind::Syntax { expected: "no control character in a string" }),
            Some(_) => end += 1,
        }
    }
    let raw = std::str::from_utf8(&input[1..end]).map_err(|_| FaultKind::Syntax { expected: "UTF-8" })?;
    let text = if escaped { Cow::Owned(unescape(raw)?) } else { Cow::Borrowed(raw) };
    Ok(Some((text, end + 1)))
}

fn unescape(raw: &str) -> Result<String, FaultKind> {
    let wrong = || FaultKind::Syntax { expected: "an escape such as \\n or \\u0041" };
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((plain, escape)) = rest.split_once('\\') {
        text.push_str(plain);
        let letter = escape.chars().next().ok_or_else(wrong)?;
        rest = &escape[letter.len_utf8()..];
        text.push(match letter {
            '"' | '\\' | '/' => letter,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => unicode(&mut rest).ok_or_else(wrong)?,
            _ => return Err(wrong()),
        });
    }
    text.push_str(rest);
    Ok(text)
}

/// The character of `\uXXXX`, or of a pair of surrogates.
fn unicode(rest: &mut &str) -> Option<char> {
    let high = hexadecimal(rest)?;
    if !(0xd800..0xdc00).contains(&high) {
        return char::from_u32(high);
    }
    *rest = rest.strip_prefix("\\u")?;
    let low = hexadecimal(rest)?;
    (0xdc00..0xe000)
        .contains(&low)
        .then(|| 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))
        .and_then(char::from_u32)
}

fn hexadecimal(rest: &mut &str) -> Option<u32> {
    let digits = rest.get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    *rest = &rest[4..];
    u32::from_str_radix(digits, 16).ok()
}
