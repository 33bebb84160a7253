//! What kind of terminal there is, and writing to it.

use std::{
    io::{IsTerminal, Write},
    sync::{Mutex, OnceLock, PoisonError},
};

use anstream::ColorChoice as Choice;
use chrono::{DateTime, SecondsFormat, Utc};
use clap::ValueEnum;
use serde_json::json;

use super::output::Output;
use crate::{
    foreign::{escape_harmful, without_commands},
    render::{TerminalStyle, safe},
};

/// `--color`.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(super) enum ColorChoice {
    /// On terminals with color support, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// `--log-format`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// Plain text
    #[default]
    Text,
    /// One JSON object per message: time, level, message
    Json,
}

/// How messages are written. It is set once, before anything is said.
static LOG_FORMAT: OnceLock<LogFormat> = OnceLock::new();

/// Says how messages are written from here on.
pub(super) fn set_log_format(format: LogFormat) {
    let _ = LOG_FORMAT.set(format); // there is one command line
}

/// The width of a page where nothing says otherwise.
const DEFAULT_WIDTH: usize = 80;

/// Standard output and standard error as they are.
#[derive(Debug, Clone)]
pub(super) struct Terminal {
    /// Columns of standard output.
    pub width: usize,
    /// Whether standard output takes colour.
    pub styled: bool,
    /// Whether standard error takes colour.
    errors_styled: bool,
}

impl Terminal {
    pub(super) fn detect(color: ColorChoice) -> Self {
        match color {
            ColorChoice::Auto => {}
            ColorChoice::Always => Choice::Always.write_global(),
            ColorChoice::Never => Choice::Never.write_global(),
        }
        let styled = |choice: Choice| matches!(choice, Choice::Always | Choice::AlwaysAnsi);
        Self {
            width: width(),
            styled: styled(anstream::AutoStream::choice(&std::io::stdout())),
            errors_styled: styled(anstream::AutoStream::choice(&std::io::stderr())),
        }
    }

    /// How a page on standard output, or in a file, looks.
    pub(super) fn style(&self, output: &Output) -> TerminalStyle {
        TerminalStyle { width: self.width, colour: self.styled && !output.is_file() }
    }

    /// Whether diagnostics may be coloured.
    pub(super) fn errors_styled(&self) -> bool {
        self.errors_styled
    }

    /// Writes a failure with its causes to standard error.
    #[expect(clippy::unused_self, reason = "writing belongs to the terminal")]
    pub(super) fn error(&self, error: &anyhow::Error) {
        warn(&error_text(error));
    }
}

/// A failure with its causes.
pub(super) fn error_text(error: &anyhow::Error) -> String {
    let mut text = format!("error: {}\n", safe_lines(&error.to_string()));
    for cause in error.chain().skip(1) {
        text.extend(["  cause: ", &safe_lines(&cause.to_string()), "\n"]);
    }
    text
}

/// Messages that are kept instead of written, while there is a page to show them on.
static KEPT: Mutex<Option<String>> = Mutex::new(None);

/// Runs something and keeps what it says to standard error. One thing at a time can be kept.
pub(super) fn captured<T>(run: impl FnOnce() -> T) -> (T, String) {
    let replaced = |text: Option<String>| {
        std::mem::replace(&mut *KEPT.lock().unwrap_or_else(PoisonError::into_inner), text)
    };
    replaced(Some(String::new()));
    let result = run();
    (result, replaced(None).unwrap_or_default())
}

/// Writes text to standard error; that it cannot be written is nobody's concern. No line of it is a command to the CI
/// runner that reads it.
pub(super) fn warn(text: &str) {
    if let Some(kept) = KEPT.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
        kept.push_str(text);
        return;
    }
    let written = match LOG_FORMAT.get() {
        Some(LogFormat::Json) => logged(text, Utc::now()),
        _ => without_commands(text),
    };
    let _ = anstream::stderr().write_all(written.as_bytes());
}

/// A message as a line of JSON.
fn logged(text: &str, now: DateTime<Utc>) -> String {
    let text = anstream::adapter::strip_str(text.trim_end()).to_string();
    let levels = [("error", "error: "), ("error", "error["), ("warning", "warning: "), ("info", "note: ")];
    let level = levels.into_iter().find_map(|(level, mark)| Some((level, mark, text.strip_prefix(mark)?)));
    let (level, message) = match level {
        Some((level, "error[", _)) => (level, text.as_str()),
        Some((level, _, rest)) => (level, rest),
        None => ("info", text.as_str()),
    };
    let time = now.to_rfc3339_opts(SecondsFormat::Millis, true);
    // An array keeps the order of its parts, and a map would not.
    let [time, level, message] = [time.as_str(), level, message].map(|part| json!(part).to_string());
    escape_harmful(&format!("{{\"time\":{time},\"level\":{level},\"message\":{message}}}")) + "\n"
}

/// Keeps line breaks of our own and makes everything else harmless.
pub(super) fn safe_lines(text: &str) -> String {
    text.split('\n').map(safe).collect::<Vec<_>>().join("\n")
}

/// The columns and rows of the terminal, for what fills it.
pub(super) fn size() -> (usize, usize) {
    const USUAL_ROWS: usize = 24;
    match terminal_size::terminal_size_of(std::io::stdout()) {
        Some((_, terminal_size::Height(rows))) if rows > 0 => (width(), usize::from(rows)),
        _ => (width(), USUAL_ROWS),
    }
}

/// The terminal's width, unless it does not know it (0 columns in some containers) or there is none.
fn width() -> usize {
    if !std::io::stdout().is_terminal() {
        return std::env::var("COLUMNS")
            .ok()
            .and_then(|columns| columns.parse().ok())
            .unwrap_or(DEFAULT_WIDTH);
    }
    match terminal_size::terminal_size_of(std::io::stdout()) {
        Some((terminal_size::Width(columns), _)) if columns > 0 => usize::from(columns),
        _ => DEFAULT_WIDTH,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_object_on_one_line() {
        let now = DateTime::from_timestamp(1_764_380_000, 5_000_000).unwrap();
        let line = |text: &str| logged(text, now);
        assert_eq!(
            line("error: no \"x\"\n  cause: y\n"),
            "{\"time\":\"2025-11-29T01:33:20.005Z\",\"level\":\"error\",\"message\":\"no \\\"x\\\"\\n  cause: y\"}\n"
        );
        assert!(line("warning: a\n").contains("\"level\":\"warning\",\"message\":\"a\""));
        assert!(line("note: a\n").contains("\"level\":\"info\",\"message\":\"a\""));
        assert!(line("\u{1b}[31merror[toml/x]: a\u{1b}[0m").contains("\"message\":\"error[toml/x]: a\""));
    }
}
