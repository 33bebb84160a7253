//! Where an export goes: standard output, a file, or a file of its usual name in a directory.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::ValueEnum;

use crate::cli::{output::Output, output_options::OutputFormat};

/// Opens the output. A directory, or a path that ends with a slash, gets a file of the usual name.
///
/// # Errors
/// When the file cannot be written.
pub(super) fn open(path: Option<&Path>, usual_name: &str) -> Result<Output> {
    let is_directory = |path: &Path| path.is_dir() || path.as_os_str().as_encoded_bytes().ends_with(b"/");
    let within: Option<PathBuf> = path.filter(|path| is_directory(path)).map(|path| path.join(usual_name));
    Output::open(within.as_deref().or(path))
}

/// The only format of resources for Kubernetes.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(super) enum YamlFormat {
    /// For `kubectl apply`
    #[default]
    #[value(alias = "yml")]
    Yaml,
}

impl OutputFormat for YamlFormat {
    const JSON: Option<Self> = None;
}

/// The only format of dashboards.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(super) enum JsonFormat {
    /// For Grafana
    #[default]
    Json,
}

impl OutputFormat for JsonFormat {
    const JSON: Option<Self> = None;
}
