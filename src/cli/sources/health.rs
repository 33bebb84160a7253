//! Health endpoints of applications.

use anyhow::{Context, Result};

use super::http;
use crate::{
    cli::project::Project,
    config,
    source::health::{Pick, Settings},
};

/// The settings of every endpoint that is named.
///
/// # Errors
/// When an address is none.
pub(super) fn build(project: &Project) -> Result<Vec<Settings>> {
    project.config.sources.health.iter().map(|endpoint| settings(endpoint, project)).collect()
}

fn settings(endpoint: &config::Health, project: &Project) -> Result<Settings> {
    let url = &endpoint.url;
    let mut source = Settings::new(url).context("invalid health endpoint URL")?;
    http::apply(&endpoint.http, &project.folder, &mut source.endpoint)?;
    source.name.clone_from(&endpoint.name);
    source.status.clone_from(&endpoint.status);
    let given = [&endpoint.healthy, &endpoint.degraded, &endpoint.unhealthy];
    let known = [&mut source.words.healthy, &mut source.words.degraded, &mut source.words.unhealthy];
    for (given, known) in given.into_iter().zip(known) {
        if let Some(words) = given {
            known.clone_from(words);
        }
    }
    let pick = |pick: &config::Pick| Pick {
        pointer: pick.pointer.clone(),
        capacity: pick.capacity.clone(),
        scale: pick.scale,
    };
    source.values = endpoint.values.iter().map(|(signal, picked)| (*signal, pick(picked))).collect();
    Ok(source)
}
