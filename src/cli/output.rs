//! Where the result goes.

use std::{
    fs::File,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::render::{DocumentFormat, TerminalStyle};

/// Names of formats, which nobody means as the name of a file.
const FORMATS: [&str; 19] = [
    "text",
    "txt",
    "json",
    "jsonl",
    "yaml",
    "yml",
    "markdown",
    "md",
    "html",
    "csv",
    "svg",
    "toml",
    "github",
    "gitlab",
    "sarif",
    "junit",
    "nagios",
    "openmetrics",
    "xml",
];

/// Refuses `-o json`, which would write a page into a file named json.
///
/// # Errors
/// With what to write instead.
pub(super) fn refuse_format_name(path: &Path) -> Result<()> {
    let name = path.to_str().unwrap_or_default().to_ascii_lowercase();
    if FORMATS.contains(&name.as_str()) {
        let path = path.display();
        bail!(
            "`--output {path}` names a file, not a format; use `--format {name}`, or `--output ./{path}` for a file of that name"
        );
    }
    Ok(())
}

/// Formats of a page.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(super) enum PageFormat {
    /// A page for a terminal
    #[default]
    Text,
    /// For a wiki, an issue or a pull request
    Markdown,
    /// One page for a browser
    Html,
}

impl PageFormat {
    /// The format of a document, with what it looks like on a terminal.
    pub(super) fn of_document(self, style: TerminalStyle) -> DocumentFormat {
        match self {
            Self::Text => DocumentFormat::Text(style),
            Self::Markdown => DocumentFormat::Markdown,
            Self::Html => DocumentFormat::Html,
        }
    }
}

/// Formats of a result with a chart.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(super) enum ChartFormat {
    /// A page for a terminal
    #[default]
    Text,
    /// For a wiki, an issue or a pull request
    Markdown,
    /// One page for a browser
    Html,
    /// For programs
    Json,
    /// The chart alone
    Svg,
}

/// Standard output, or a file that is opened before any work begins, so that a bad path fails early.
#[derive(Debug)]
pub(super) struct Output {
    file: Option<(File, PathBuf)>,
}

impl Output {
    /// Opens the file; without one, and for `-`, the result goes to standard output.
    ///
    /// # Errors
    /// When the file cannot be written, or has the name of a format.
    pub(super) fn open(path: Option<&Path>) -> Result<Self> {
        let file = match path.filter(|path| *path != Path::new("-")) {
            None => None,
            Some(path) => {
                refuse_format_name(path)?;
                let file =
                    File::create(path).with_context(|| format!("cannot write to {}", path.display()))?;
                Some((file, path.to_owned()))
            }
        };
        Ok(Self { file })
    }

    /// Whether the result goes to a file.
    pub(super) fn is_file(&self) -> bool {
        self.file.is_some()
    }

    /// # Errors
    /// When the result cannot be written. A closed pipe (`| head`) is not an error.
    pub(super) fn write(&mut self, text: &str) -> Result<()> {
        match &mut self.file {
            Some((file, path)) => {
                file.write_all(text.as_bytes()).with_context(|| format!("cannot write to {}", path.display()))
            }
            None => {
                match std::io::stdout().write_all(text.as_bytes()).and_then(|()| std::io::stdout().flush()) {
                    Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
                    result => result.context("cannot write to standard output"),
                }
            }
        }
    }
}
