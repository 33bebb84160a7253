//! Where the result goes.

use std::{
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use super::{
    atomic::{self, Readers},
    output_options::OutputFormat,
    terminal::safe_lines,
};
use crate::render::{DocumentFormat, TerminalStyle};

/// Names of formats, which nobody means as the name of a file.
const FORMATS: [&str; 20] = [
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
    "wide",
];

/// Refuses `--output json`, which would write a page into a file named json.
///
/// # Errors
/// With what to write instead.
pub(super) fn refuse_format_name(path: &Path) -> Result<()> {
    if is_format_name(path) {
        let (path, name) = (path.display(), path.display().to_string().to_ascii_lowercase());
        bail!(
            "`--output {path}` names a file, not a format; use `--format {name}`, or `--output ./{path}` for a file of that name"
        );
    }
    Ok(())
}

/// Whether a path is the name of a format and nothing else.
pub(super) fn is_format_name(path: &Path) -> bool {
    let name = path.to_str().unwrap_or_default().to_ascii_lowercase();
    FORMATS.contains(&name.as_str())
}

/// Formats of a page.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(super) enum PageFormat {
    /// A page for a terminal
    #[default]
    Text,
    /// For a wiki, an issue or a pull request
    #[value(alias = "md")]
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

/// Formats of a page that has more to show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum WidePageFormat {
    /// A page for a terminal
    #[default]
    Text,
    /// The same with all details, as with -v
    Wide,
    /// For a wiki, an issue or a pull request
    #[value(alias = "md")]
    Markdown,
    /// One page for a browser
    Html,
}

impl WidePageFormat {
    /// The format of a document, with what it looks like on a terminal.
    pub(super) fn of_document(self, style: TerminalStyle) -> DocumentFormat {
        match self {
            Self::Text | Self::Wide => DocumentFormat::Text(style),
            Self::Markdown => DocumentFormat::Markdown,
            Self::Html => DocumentFormat::Html,
        }
    }
}

impl OutputFormat for WidePageFormat {
    const JSON: Option<Self> = None;
}

impl OutputFormat for PageFormat {
    const JSON: Option<Self> = None;
}

impl OutputFormat for ChartFormat {
    const JSON: Option<Self> = Some(Self::Json);
}

/// Formats of a result with a chart.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(super) enum ChartFormat {
    /// A page for a terminal
    #[default]
    Text,
    /// For a wiki, an issue or a pull request
    #[value(alias = "md")]
    Markdown,
    /// One page for a browser
    Html,
    /// For programs
    Json,
    /// The JSON data as YAML
    #[value(alias = "yml")]
    Yaml,
    /// The chart alone
    Svg,
}

/// Standard output, or a file that is looked at before any work begins, so that a bad path fails early, and written as
/// a whole at the end, so that a run that fails leaves the old one.
#[derive(Debug)]
pub(super) struct Output {
    file: Option<(PathBuf, Readers)>,
}

impl Output {
    /// A file that others may read, if the umask allows it; without one, and for `-`, the result goes to standard
    /// output.
    ///
    /// # Errors
    /// When the file cannot be written, or has the name of a format.
    pub(super) fn open(path: Option<&Path>) -> Result<Self> {
        Self::open_for(path, Readers::Umask)
    }

    /// The same with a file that only its owner may read.
    ///
    /// # Errors
    /// When the file cannot be written, or has the name of a format.
    pub(super) fn open_private(path: Option<&Path>) -> Result<Self> {
        Self::open_for(path, Readers::Owner)
    }

    fn open_for(path: Option<&Path>, readers: Readers) -> Result<Self> {
        let file = match path.filter(|path| *path != Path::new("-")) {
            None => None,
            Some(path) => {
                refuse_format_name(path)?;
                atomic::check(path).with_context(|| cannot_write(path))?;
                Some((path.to_owned(), readers))
            }
        };
        Ok(Self { file })
    }

    /// Whether the result goes to a file.
    pub(super) fn is_file(&self) -> bool {
        self.file.is_some()
    }

    /// Writes the result, once.
    ///
    /// # Errors
    /// When the result cannot be written. A closed pipe (`| head`) is not an error.
    pub(super) fn write(&mut self, text: &str) -> Result<()> {
        if let Some((path, readers)) = &self.file {
            return write_file(path, text, *readers);
        }
        let mut stdout = std::io::stdout();
        unless_closed(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))
    }
}

/// What came of writing to standard output: a reader that has seen enough (`| head`) is no error, a full device is one.
pub(super) fn unless_closed(written: std::io::Result<()>) -> Result<()> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result.context("cannot write to standard output"),
    }
}

/// Writes a file as a whole, or leaves the old one.
///
/// # Errors
/// With the path, when it cannot be written.
pub(super) fn write_file(path: &Path, text: &str, readers: Readers) -> Result<()> {
    atomic::write(path, text.as_bytes(), readers).with_context(|| cannot_write(path))
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write to {}", safe_lines(&path.display().to_string()))
}
