//! JSON, token by token, from input that arrives in pieces.

use std::borrow::Cow;

use super::FaultKind;

/// A key or string longer than this is refused: it would have to be kept until its end arrives.
const LONGEST_TOKEN: usize = 256 * 1024;
const DEEPEST: usize = 32;

/// The next thing in the text. Colons and blanks are read silently.
#[derive(Debug, PartialEq)]
pub(super) enum Token<'a> {
    Open(Container),
    Close,
    Key(Cow<'a, str>),
    Text(Cow<'a, str>),
    Number(&'a str),
    True,
    False,
    Null,
    /// Called so that whoever reads elements by other means can continue with the next one.
    Comma,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    Object,
    Array,
}

/// What may come next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
    Nothing,
}

/// The grammar: what is open and what may come next.
#[derive(Debug)]
pub(super) struct Tokens {
    open: Vec<Container>,
    expect: Expect,
    start: usize,
}

impl Tokens {
    pub(super) fn new() -> Self {
        Self { open: Vec::new(), expect: Expect::Value, start: 0 }
    }

    /// True when the whole value has been read.
    pub(super) fn complete(&self) -> bool {
        self.expect == Expect::Nothing
    }

    /// Where the latest token began in the input it was read from.
    pub(super) fn start(&self) -> usize {
        self.start
    }

    /// True directly before an element of an array.
    pub(super) fn before_element(&self) -> bool {
        matches!(self.expect, Expect::Value | Expect::ValueOrEnd)
    }

    /// Called when elements of the innermost array were read by other means.
    pub(super) fn elements_were_read(&mut self, comma_too: bool) {
        self.expect = if comma_too { Expect::Value } else { Expect::CommaOrEnd };
    }

    /// The next token at `at`, which moves behind it. `None` when it needs more input than there is.
    pub(super) fn next<'a>(
        &mut self,
        input: &'a [u8],
        at: &mut usize,
    ) -> Result<Option<Token<'a>>, FaultKind> {
        loop {
            while input.get(*at).is_some_and(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')) {
                *at += 1;
            }
            let Some(&byte) = input.get(*at) else { return Ok(None) };
            self.start = *at;
            match (self.expect, byte) {
                (Expect::Colon, b':') => self.expect = Expect::Value,
                (Expect::CommaOrEnd, b',') => {
                    self.expect = self.after_comma();
                    *at += 1;
                    return Ok(Some(Token::Comma));
                }
                (Expect::CommaOrEnd | Expect::KeyOrEnd | Expect::ValueOrEnd, b'}' | b']') => {
                    self.close(byte)?;
                    *at += 1;
                    return Ok(Some(Token::Close));
                }
                (Expect::Key | Expect::KeyOrEnd, b'"') => {
                    let key = Self::string(input, at)?;
                    if key.is_some() {
                        self.expect = Expect::Colon;
                    }
                    return Ok(key.map(Token::Key));
                }
                (Expect::Value | Expect::ValueOrEnd, _) => return self.value(input, at, byte),
                (expect, _) => return Err(FaultKind::Syntax { expected: expect.words() }),
            }
            *at += 1;
        }
    }

    fn value<'a>(
        &mut self,
        input: &'a [u8],
        at: &mut usize,
        byte: u8,
    ) -> Result<Option<Token<'a>>, FaultKind> {
        let token = match byte {
            b'{' => return self.enter(Container::Object, at).map(Some),
            b'[' => return self.enter(Container::Array, at).map(Some),
            b'"' => Self::string(input, at)?.map(Token::Text),
            b'-' | b'0'..=b'9' => number(input, at)?,
            b't' => word(input, at, b"true", Token::True)?,
            b'f' => word(input, at, b"false", Token::False)?,
            b'n' => word(input, at, b"null", Token::Null)?,
            _ => return Err(FaultKind::Syntax { expected: self.expect.words() }),
        };
        if token.is_some() {
            self.value_ended();
        }
        Ok(token)
    }

    fn enter(&mut self, container: Container, at: &mut usize) -> Result<Token<'static>, FaultKind> {
        if self.open.len() == DEEPEST {
            return Err(FaultKind::TooDeep);
        }
        self.open.push(container);
        self.expect = match container {
            Container::Object => Expect::KeyOrEnd,
            Container::Array => Expect::ValueOrEnd,
        };
        *at += 1;
        Ok(Token::Open(container))
    }

    fn close(&mut self, byte: u8) -> Result<(), FaultKind> {
        let closed = if byte == b'}' { Container::Object } else { Container::Array };
        if self.open.pop() != Some(closed) {
            return Err(FaultKind::Syntax { expected: "the bracket that closes the one opened before" });
        }
        self.value_ended();
        Ok(())
    }

    fn value_ended(&mut self) {
        self.expect = if self.open.is_empty() { Expect::Nothing } else { Expect::CommaOrEnd };
    }

    fn after_comma(&self) -> Expect {
        if self.open.last() == Some(&Container::Object) { Expect::Key } else { Expect::Value }
    }

    fn string<'a>(input: &'a [u8], at: &mut usize) -> Result<Option<Cow<'a, str>>, FaultKind> {
        let string = string_literal(&input[*at..])?;
        let Some((string, length)) = string else {
            return if input.len() - *at > LONGEST_TOKEN { Err(FaultKind::TooLong) } else { Ok(None) };
        };
        *at += length;
        Ok(Some(string))
    }
}

impl Expect {
    fn words(self) -> &'static str {
        match self {
            Self::Value | Self::ValueOrEnd => "a value",
            Self::Key | Self::KeyOrEnd => "a key in quotes",
            Self::Colon => "a colon",
            Self::CommaOrEnd => "a comma or a closing bracket",
            Self::Nothing => "nothing after the end of the answer",
        }
    }
}

/// `true`, `false` or `null`; `None` when it is not all there yet.
fn word<'a>(
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
fn number<'a>(input: &'a [u8], at: &mut usize) -> Result<Option<Token<'a>>, FaultKind> {
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

/// Reads the string whose opening quote is the first byte: its content and its length with both quotes.
/// `None` when the closing quote is not there yet.
fn string_literal(input: &[u8]) -> Result<Option<(Cow<'_, str>, usize)>, FaultKind> {
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
