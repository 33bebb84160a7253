//! The file with what was spent on language models.

use crate::{cli::project::Project, source::llm::Settings};

/// The settings of the file, where one is named.
pub(super) fn build(project: &Project) -> Option<Settings> {
    let file = project.config.llm.spend.as_ref()?;
    Some(Settings { path: project.folder.join(file), name: file.display().to_string() })
}
