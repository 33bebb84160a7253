//! Breaking a text into lines between words.

use std::fmt::Write;

use anstyle::Style;
use unicode_width::UnicodeWidthStr;

use crate::render::{
    document::{Span, Text},
    safe,
};

/// A line of words.
#[derive(Debug, Default)]
pub(super) struct Line {
    words: Vec<Word>,
    width: usize,
}

/// What is never broken: a word, or code with what touches it.
#[derive(Debug, Default)]
struct Word {
    pieces: Vec<(Style, String)>,
}

impl Line {
    /// The words without colour.
    pub(super) fn plain(&self) -> String {
        let words: Vec<String> = self.words.iter().map(Word::plain).collect();
        words.join(" ")
    }

    /// The words with colour.
    pub(super) fn painted(&self) -> String {
        let words: Vec<String> = self.words.iter().map(Word::painted).collect();
        words.join(" ")
    }
}

impl Word {
    fn push(&mut self, style: Style, text: &str) {
        if !text.is_empty() {
            self.pieces.push((style, text.to_owned()));
        }
    }

    fn plain(&self) -> String {
        self.pieces.iter().map(|(_, text)| text.as_str()).collect()
    }

    fn painted(&self) -> String {
        let mut out = String::new();
        for (style, text) in &self.pieces {
            // Writing to a string cannot fail.
            let _ = if *style == Style::new() {
                write!(out, "{text}")
            } else {
                write!(out, "{style}{text}{style:#}")
            };
        }
        out
    }
}

/// The lines of a text. A word that is wider than the page has a line of its own, and is not broken: half a name is
/// another name, and half a command another command.
pub(super) fn wrapped(text: &Text, width: usize) -> Vec<Line> {
    let mut lines = vec![Line::default()];
    for word in words(text) {
        let columns = word.plain().width();
        let fits =
            lines.last().is_some_and(|line| line.words.is_empty() || line.width + 1 + columns <= width);
        if !fits {
            lines.push(Line::default());
        }
        if let Some(line) = lines.last_mut() {
            line.width += columns + usize::from(!line.words.is_empty());
            line.words.push(word);
        }
    }
    lines
}

fn words(text: &Text) -> Vec<Word> {
    let mut words = vec![Word::default()];
    for span in text.spans() {
        let content = safe(span.as_str());
        match span {
            Span::Code(_) => {
                if let Some(word) = words.last_mut() {
                    word.push(Style::new(), &format!("`{content}`"));
                }
            }
            Span::Plain(_) => split(&mut words, &content, Style::new()),
            Span::Strong(_) => split(&mut words, &content, Style::new().bold()),
        }
    }
    words.retain(|word| !word.pieces.is_empty());
    words
}

fn split(words: &mut Vec<Word>, text: &str, style: Style) {
    for (index, part) in text.split(' ').enumerate() {
        if index > 0 {
            words.push(Word::default());
        }
        if let Some(word) = words.last_mut() {
            word.push(style, part);
        }
    }
}
