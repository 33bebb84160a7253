//! Sending recorded hours to another store by remote write.

use anyhow::{Context, Result};

use super::super::{project::Project, sources::apply_http, terminal::warn};
use crate::{
    foreign::Secrets,
    history::{Store, write_requests},
    render::safe,
    source::{http::Endpoint, remote_write},
};

/// Sends the hours that ended before an instant and that the server of `[remote_write]`, if there is one, has not got
/// as they are now. Returns how many.
///
/// # Errors
/// When they could not be sent; the next run sends them with its own.
pub(in crate::cli) fn send(project: &Project, store: &mut Store, before_ms: i64) -> Result<Option<usize>> {
    let Some(endpoint) = endpoint(project)? else { return Ok(None) };
    if store.simulated()?.is_some() {
        warn("note: simulated values are not sent by remote write\n");
        return Ok(None);
    }
    let address = endpoint.address();
    let unsent = store.unsent(&address, before_ms)?;
    let rejections = remote_write::send(&endpoint, &write_requests(&unsent)).with_context(|| {
        format!("recorded locally, but remote write to {} failed; the next run retries", safe(&address))
    })?;
    store.mark_sent(&address, &unsent)?;
    if let Some(first) = rejections.first() {
        warn(&format!(
            "note: {} rejected some samples as duplicate or too old: {}\n",
            safe(&address),
            safe(first)
        ));
    }
    Ok(Some(unsent.iter().map(|stored| stored.rollups.len()).sum()))
}

/// Every secret that requests to the server of `[remote_write]` contain.
pub(in crate::cli) fn secrets(project: &Project) -> Secrets {
    // An address that is none is reported where it is used.
    endpoint(project).ok().flatten().map(|endpoint| endpoint.secrets()).unwrap_or_default()
}

fn endpoint(project: &Project) -> Result<Option<Endpoint>> {
    let Some(settings) = &project.config.remote_write else { return Ok(None) };
    let mut endpoint = Endpoint::new(&settings.url).context("invalid [remote_write] URL")?;
    apply_http(&settings.http, &project.folder, &mut endpoint)?;
    Ok(Some(endpoint))
}
