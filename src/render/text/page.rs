//! Lines of limited width with a margin, harmless text and optional colour.

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use crate::{
    assess::Verdict,
    render::{safe, wrap},
};

/// Columns before the text of an entry.
pub(super) const MARGIN: usize = 11;

/// A page being written.
#[derive(Debug)]
pub(in crate::render) struct Page {
    width: usize,
    styled: bool,
    text: String,
}

impl Page {
    pub(in crate::render) fn new(width: usize, styled: bool) -> Self {
        Self { width: width.clamp(40, 100), styled, text: String::new() }
    }

    pub(in crate::render) fn width(&self) -> usize {
        self.width
    }

    pub(in crate::render) fn finish(self) -> String {
        self.text
    }

    pub(in crate::render) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// A heading of its own line.
    pub(in crate::render) fn heading(&mut self, text: &str) {
        self.blank();
        let heading = self.paint(Style::new().bold(), &safe(text));
        self.push(&format!(" {heading}"));
    }

    /// A word in the margin and text beside it, broken into lines.
    pub(in crate::render) fn entry(&mut self, label: &str, style: Style, text: &str) {
        let label = safe(label);
        let padding = " ".repeat(MARGIN.saturating_sub(label.width() + 1).max(1));
        let room = self.width.saturating_sub(MARGIN);
        for (index, line) in wrap(&safe(text), room).into_iter().enumerate() {
            if index == 0 {
                let painted = self.paint(style, &label);
                self.push(&format!(" {painted}{padding}{line}"));
            } else {
                self.push(&format!("{}{line}", " ".repeat(MARGIN)));
            }
        }
    }

    /// Text at the margin, broken into lines.
    pub(in crate::render) fn text(&mut self, text: &str) {
        self.entry("", Style::new(), text);
    }

    /// Text with its continuation lines indented under it.
    pub(in crate::render) fn item(&mut self, indent: usize, mark: &str, text: &str) {
        let mark = safe(mark);
        let hang = indent + mark.width() + 1;
        for (index, line) in wrap(&safe(text), self.width.saturating_sub(hang)).into_iter().enumerate() {
            if index == 0 {
                self.push(&format!("{}{mark} {line}", " ".repeat(indent)));
            } else {
                self.push(&format!("{}{line}", " ".repeat(hang)));
            }
        }
    }

    /// One line with something at its right edge, when both fit; otherwise on two lines.
    pub(in crate::render) fn entry_with_right(&mut self, label: &str, style: Style, text: &str, right: &str) {
        let (text, right) = (safe(text), safe(right));
        let used = MARGIN + text.width();
        if used + 2 + right.width() <= self.width {
            let gap = " ".repeat(self.width - used - right.width());
            self.entry_unbroken(label, style, &format!("{text}{gap}{right}"));
        } else {
            self.entry(label, style, &text);
            self.text(&right);
        }
    }

    fn entry_unbroken(&mut self, label: &str, style: Style, text: &str) {
        let label = safe(label);
        let padding = " ".repeat(MARGIN.saturating_sub(label.width() + 1).max(1));
        let painted = self.paint(style, &label);
        self.push(&format!(" {painted}{padding}{text}"));
    }

    /// A line that is already harmless and narrow enough, such as a table's.
    pub(in crate::render) fn raw_line(&mut self, line: &str) {
        self.push(line);
    }

    fn push(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if self.styled && !text.is_empty() { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

/// The word for a verdict.
pub(super) fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "OK",
        Verdict::Unknown => "UNKNOWN",
        Verdict::Warning => "WARNING",
        Verdict::Critical => "CRITICAL",
    }
}

/// The colour for a verdict.
pub(super) fn verdict_style(verdict: Verdict) -> Style {
    let colour = match verdict {
        Verdict::Ok => AnsiColor::Green,
        Verdict::Unknown => AnsiColor::Magenta,
        Verdict::Warning => AnsiColor::Yellow,
        Verdict::Critical => AnsiColor::Red,
    };
    Style::new().bold().fg_color(Some(colour.into()))
}
