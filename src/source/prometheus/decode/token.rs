//! JSON, token by token, from input that arrives in pieces.

use std::borrow::Cow;

use super::{FaultKind, literal, text};

/// A key or string longer than this is refused: it would have to be kept until its end arrives.
pub(super) const LONGEST_TOKEN: usize = 256 * 1024;
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
            b'-' | b'0'..=b'9' => literal::number(input, at)?,
            b't' => literal::word(input, at, b"true", Token::True)?,
            b'f' => literal::word(input, at, b"false", Token::False)?,
            b'n' => literal::word(input, at, b"null", Token::Null)?,
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
        let string = text::read(&input[*at..])?;
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
