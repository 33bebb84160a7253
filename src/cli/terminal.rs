//! What kind of terminal there is, and writing to it.

use std::io::{IsTerminal, Write};

use anstream::ColorChoice as Choice;
use clap::ValueEnum;

use super::output::Output;
use crate::{
    foreign::without_commands,
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

/// The width of a page where nothing says otherwise.
const DEFAULT_WIDTH: usize = 80;

/// Standard output and standard error as they are.
#[derive(Debug)]
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
        let mut text = format!("error: {}\n", safe_lines(&error.to_string()));
        for cause in error.chain().skip(1) {
            text.extend(["  cause: ", &safe_lines(&cause.to_string()), "\n"]);
        }
        warn(&text);
    }
}

/// Writes text to standard error; that it cannot be written is nobody's concern. No line of it is a command to the CI
/// runner that reads it.
pub(super) fn warn(text: &str) {
    let _ = anstream::stderr().write_all(without_commands(text).as_bytes());
}

/// Keeps line breaks of our own and makes everything else harmless.
pub(super) fn safe_lines(text: &str) -> String {
    text.split('\n').map(safe).collect::<Vec<_>>().join("\n")
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
