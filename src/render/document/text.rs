//! Text with its emphasis, and how bad something is.

use std::fmt;

use serde::Serialize;

use crate::assess::Verdict;

/// A line of text: plain words, and code that is to be copied verbatim.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(in crate::render) struct Text(Vec<Span>);

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "text", rename_all = "lowercase")]
pub(in crate::render) enum Span {
    /// Words.
    Plain(String),
    /// Emphasised words.
    Strong(String),
    /// A command, a name or a value, to be copied; never broken.
    Code(String),
}

impl Text {
    /// A text with code between backticks, as roadmaps and our own sentences write it.
    pub(in crate::render) fn with_code(text: &str) -> Self {
        let mut spans = Vec::new();
        let mut rest = text;
        while let Some((before, code, after)) = next_code(rest) {
            spans.push(Span::Plain(before.to_owned()));
            spans.push(Span::Code(code.to_owned()));
            rest = after;
        }
        spans.push(Span::Plain(rest.to_owned()));
        spans.retain(|span| !span.as_str().is_empty());
        Self(spans)
    }

    /// Emphasised words.
    pub(in crate::render) fn strong(text: impl Into<String>) -> Self {
        Self(vec![Span::Strong(text.into())])
    }

    /// Code.
    pub(in crate::render) fn code(text: impl Into<String>) -> Self {
        Self(vec![Span::Code(text.into())])
    }

    /// This text with another behind it.
    pub(in crate::render) fn then(mut self, other: impl Into<Self>) -> Self {
        self.0.extend(other.into().0);
        self
    }

    /// The pieces in order.
    pub(in crate::render) fn spans(&self) -> &[Span] {
        &self.0
    }
}

impl Span {
    /// Its characters, without marks.
    pub(in crate::render) fn as_str(&self) -> &str {
        match self {
            Self::Plain(text) | Self::Strong(text) | Self::Code(text) => text,
        }
    }
}

/// What comes before the first pair of backticks, between them and after them.
fn next_code(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('`')?;
    let (code, after) = rest.split_once('`')?;
    (!code.is_empty()).then_some((before, code, after))
}

/// The characters without marks.
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|span| f.write_str(span.as_str()))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(vec![Span::Plain(text)])
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

/// How bad something is; words say it as well.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::render) enum Tone {
    /// Nothing to say.
    #[default]
    Plain,
    /// Fine.
    Ok,
    /// Not known.
    Unknown,
    /// Deserves a look.
    Warning,
    /// Needs action now.
    Critical,
}

impl Tone {
    /// The word for it, for terminals and readers without colour.
    pub(in crate::render) fn word(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Ok => "OK",
            Self::Unknown => "UNKNOWN",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
        }
    }
}

impl From<Verdict> for Tone {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Ok => Self::Ok,
            Verdict::Unknown => Self::Unknown,
            Verdict::Warning => Self::Warning,
            Verdict::Critical => Self::Critical,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_stands_between_backticks() {
        let text = Text::with_code("Set `maxmemory`: `CONFIG SET maxmemory 1gb`.");
        let code: Vec<_> = text.spans().iter().filter(|span| matches!(span, Span::Code(_))).collect();
        assert_eq!(code.len(), 2);
        assert_eq!(text.to_string(), "Set maxmemory: CONFIG SET maxmemory 1gb.");
        for odd in ["an odd ` backtick", "``", ""] {
            assert_eq!(Text::with_code(odd).to_string(), odd);
        }
    }
}
