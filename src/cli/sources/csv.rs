//! Figures kept in files.

use crate::{cli::project::Project, source::csv::Settings};

/// The settings of every file that is named.
pub(super) fn build(project: &Project) -> Vec<Settings> {
    let files = project.config.sources.csv.iter();
    files
        .map(|csv| Settings {
            path: project.folder.join(&csv.file),
            name: csv.file.display().to_string(),
            signal: csv.signal,
        })
        .collect()
}
