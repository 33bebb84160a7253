//! Where baselines are kept: a JSON file each, in a directory beside the config.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{
    cli::{
        atomic::{self, Readers},
        project::read_text,
        terminal::safe_lines,
    },
    diagnostic::did_you_mean,
    gate::StoredBaseline,
};

/// The directory below that of the config.
const DIRECTORY: &str = ".scale-advisor/baselines";

/// A directory of baselines.
#[derive(Debug)]
pub(super) struct Store {
    directory: PathBuf,
}

impl Store {
    /// The directory that was asked for, else the one beside the config.
    pub(super) fn new(asked: Option<&Path>, project: &Path) -> Self {
        Self { directory: asked.map_or_else(|| project.join(DIRECTORY), Path::to_owned) }
    }

    /// The directory, for messages.
    pub(super) fn shown(&self) -> String {
        safe_lines(&self.directory.display().to_string())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.join(format!("{name}.json"))
    }

    /// The baseline of a name; none where there is none.
    ///
    /// # Errors
    /// When it is damaged.
    pub(super) fn find(&self, name: &str) -> Result<Option<StoredBaseline>> {
        let path = self.path(name);
        if !path.is_file() {
            return Ok(None);
        }
        let shown = safe_lines(&path.display().to_string());
        let stored = StoredBaseline::from_json(&read_text(&path)?);
        stored.map(Some).with_context(|| format!("cannot use the baseline {shown}"))
    }

    /// The baseline of a name that must be there.
    ///
    /// # Errors
    /// When it is not, or damaged.
    pub(super) fn get(&self, name: &str) -> Result<StoredBaseline> {
        if let Some(stored) = self.find(name)? {
            return Ok(stored);
        }
        let names = self.names()?;
        let near = did_you_mean(name, names.iter().map(String::as_str));
        match near {
            Some(near) => bail!("unknown baseline `{name}` in {}; did you mean `{near}`?", self.shown()),
            None if names.is_empty() => bail!("no baselines in {}", self.shown()),
            None => {
                bail!("unknown baseline `{name}` in {}; available: {}", self.shown(), names.join(", "))
            }
        }
    }

    /// The names of all baselines, in order.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub(super) fn names(&self) -> Result<Vec<String>> {
        if !self.directory.is_dir() {
            return Ok(Vec::new());
        }
        let mut names = Vec::new();
        for entry in
            std::fs::read_dir(&self.directory).with_context(|| format!("cannot read {}", self.shown()))?
        {
            let path = entry.with_context(|| format!("cannot read {}", self.shown()))?.path();
            let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            if path.extension().is_some_and(|extension| extension == "json") && is_name(name) {
                names.push(name.to_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// Saves a baseline: written next to its place and then moved there, so that a reader sees the old one or the new
    /// one.
    ///
    /// # Errors
    /// When the directory cannot be written.
    pub(super) fn save(&self, stored: &StoredBaseline) -> Result<()> {
        let cannot = || format!("cannot write to {}", self.shown());
        std::fs::create_dir_all(&self.directory).with_context(cannot)?;
        atomic::write(&self.path(&stored.name), stored.to_json().as_bytes(), Readers::Umask)
            .with_context(cannot)
    }

    /// Takes a baseline away.
    ///
    /// # Errors
    /// When there is none of the name, or it cannot be removed.
    pub(super) fn drop(&self, name: &str) -> Result<()> {
        let path = self.path(name);
        if !path.is_file() {
            self.get(name)?;
        }
        std::fs::remove_file(&path)
            .with_context(|| format!("cannot remove {}", safe_lines(&path.display().to_string())))
    }
}

/// Letters, digits, `.`, `-` and `_`, not beginning with a dot: a name, and never a path.
pub(super) fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    !text.is_empty() && text.len() <= 100 && !text.starts_with('.') && text.chars().all(plain)
}

/// For clap.
pub(super) fn name(text: &str) -> Result<String, String> {
    if is_name(text) {
        Ok(text.to_owned())
    } else {
        Err("a name may contain letters, digits, `.`, `-` and `_`, and must not start with a dot".to_owned())
    }
}
