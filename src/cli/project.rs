//! Finding and reading the project's config.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{
    demo,
    options::{ProjectOptions, ReplayOptions},
    terminal::{Terminal, safe_lines, warn},
};
use crate::{
    config::{Config, holds_secrets, read_config, redacted},
    diagnostic::{Diagnostic, SourceFile, has_errors, render},
    files::{self, Kind},
};

/// The name that is looked for.
const FILE_NAME: &str = "scale-advisor.toml";

/// The project's config, and the directory that paths in it are relative to.
#[derive(Debug)]
pub(super) struct Project {
    pub config: Config,
    pub folder: PathBuf,
    /// The text of that file, with its secrets redacted.
    pub source: Option<SourceFile>,
    /// The file they come from; `None` when there is none and everything is a default.
    pub file: Option<PathBuf>,
}

impl Project {
    /// The config to evaluate with: the demo's for the demo, unless a file is named, else the user's.
    ///
    /// # Errors
    /// When the file cannot be read or has errors, which have been printed then.
    pub(super) fn judged(
        options: &ProjectOptions,
        replay: &ReplayOptions,
        terminal: &Terminal,
    ) -> Result<Self> {
        if replay.demo && options.config.is_none() {
            Ok(demo::project())
        } else {
            Self::load(options, terminal)
        }
    }

    /// Reads the named file, or the nearest `scale-advisor.toml` here or above.
    ///
    /// # Errors
    /// When the file cannot be read or has errors, which have been printed then.
    pub(super) fn load(options: &ProjectOptions, terminal: &Terminal) -> Result<Self> {
        let here = std::env::current_dir().context("cannot determine the current directory")?;
        let file = match &options.config {
            Some(path) => Some(path.clone()),
            None => here.ancestors().map(|folder| folder.join(FILE_NAME)).find(|path| path.is_file()),
        };
        let Some(file) = file else {
            return Ok(Self { config: Config::default(), folder: here, source: None, file: None });
        };
        let text = read_text(&file)?;
        let (config, diagnostics) = read_config(&text, &environment);
        let source = SourceFile::new(file.display().to_string(), redacted(&text));
        report(&source, &diagnostics, terminal)?;
        warn_of_readers(&file, &text);
        let folder = file.parent().map_or_else(|| here.clone(), Path::to_path_buf);
        Ok(Self { config, folder, source: Some(source), file: Some(file) })
    }
}

/// Warns where others may read the secrets in the config.
fn warn_of_readers(file: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    const OTHERS: u32 = 0o044;
    let mode = std::fs::metadata(file).map_or(0, |metadata| metadata.permissions().mode());
    if mode & OTHERS != 0 && holds_secrets(text) {
        let name = safe_lines(&file.display().to_string());
        warn(&format!("warning: other accounts can read the secrets in {name}; run `chmod 0600 {name}`\n"));
    }
}

/// Prints diagnostics about the configuration.
///
/// # Errors
/// When one of them is an error.
pub(super) fn report(source: &SourceFile, diagnostics: &[Diagnostic], terminal: &Terminal) -> Result<()> {
    if !diagnostics.is_empty() {
        warn(&render(source, diagnostics, terminal.errors_styled()));
    }
    if has_errors(diagnostics) {
        bail!("{} has errors, see above", source.name);
    }
    Ok(())
}

/// An environment variable; an empty one counts as unset.
pub(super) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Reads a text file of a size that a person could have written.
///
/// # Errors
/// With the path, when it is missing, too large or not text.
pub(super) fn read_text(path: &Path) -> Result<String> {
    const LARGEST: u64 = 16 << 20;
    read_text_up_to(path, LARGEST)
}

/// Reads a text file that this program wrote.
///
/// # Errors
/// With the path, when it is missing, too large or not text.
pub(super) fn read_text_up_to(path: &Path, largest: u64) -> Result<String> {
    files::read_text(path, largest, Kind::Readable)
        .with_context(|| format!("cannot read {}", safe_lines(&path.display().to_string())))
}
