//! Where the result goes.

use std::{
    fs::File,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// Standard output, or a file that is opened before any work begins, so that a bad path fails early.
#[derive(Debug)]
pub(super) struct Output {
    file: Option<(File, PathBuf)>,
}

impl Output {
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn open(path: Option<&Path>) -> Result<Self> {
        let file = match path {
            None => None,
            Some(path) => {
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
