//! The machine this program runs on.

use std::time::Duration;

use crate::{cli::project::Project, source::host::Settings};

/// Long enough to tell a busy processor: twenty ticks of each core.
const SHORT_SAMPLE: Duration = Duration::from_millis(200);

/// `hurry` is set when everything else keeps its history and nothing has to be waited for.
pub(super) fn build(project: &Project, hurry: bool) -> Option<Settings> {
    let enabled = project.config.sources.host.as_ref().is_none_or(|host| host.enabled);
    let sample = hurry.then_some(SHORT_SAMPLE);
    enabled.then(|| Settings { sample, ..Settings::default() })
}
