//! Sending what was recorded on to another store.

use anyhow::{Context, Result};

use super::super::{project::Project, sources::apply_http, terminal::warn};
use crate::{
    history::{Store, messages},
    render::safe,
    source::{http::Endpoint, remote_write},
};

/// Sends the hours that ended before an instant and that the server of `[remote_write]`, if there is one, has not got
/// as they are. Returns how many.
///
/// # Errors
/// When they could not be sent; the next run sends them with its own.
pub(in crate::cli) fn send(
    project: &Project,
    store: &mut dyn Store,
    before_ms: i64,
) -> Result<Option<usize>> {
    let Some(settings) = &project.config.remote_write else { return Ok(None) };
    if store.simulated()?.is_some() {
        warn("note: simulated values are not sent by remote write, where they would look like real ones\n");
        return Ok(None);
    }
    let url = settings.url.as_deref().unwrap_or_default();
    let mut endpoint = Endpoint::new(url).context("the address of [remote_write] cannot be used")?;
    apply_http(settings, &project.folder, &mut endpoint);
    let address = endpoint.address();
    let kept = store.unsent(&address, before_ms)?;
    let words = remote_write::send(&endpoint, &messages(&kept)).with_context(|| {
        format!("what was recorded is safe, but not sent to {}; the next run sends it", safe(&address))
    })?;
    store.sent(&address, &kept)?;
    if let Some(first) = words.first() {
        warn(&format!(
            "note: {} has some of these hours already, or does not take hours so old: {}\n",
            safe(&address),
            safe(first)
        ));
    }
    Ok(Some(kept.iter().map(|kept| kept.rollups.len()).sum()))
}
