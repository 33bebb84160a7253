//! A Prometheus-compatible server.

use anyhow::{Context, Result};

use super::{found, http};
use crate::{
    cli::{
        options::SourceOptions,
        project::{Project, environment},
    },
    config,
    roadmap::FactValue,
    source::prometheus::{Binding, Settings},
};

/// Where it listens by default.
const PORT: u16 = 9090;

/// The settings of the server that is named or found, if any.
///
/// # Errors
/// When its address is none.
pub(super) fn build(options: &SourceOptions, project: &Project) -> Result<Option<Settings>> {
    let settings = project.config.sources.prometheus.as_ref();
    let configured = settings.and_then(|settings| settings.url.clone());
    let named = options.prometheus.clone().or(configured).or_else(|| environment("PROMETHEUS_URL"));
    let Some(url) = named.or_else(|| found(project, PORT).map(|address| format!("http://{address}"))) else {
        return Ok(None);
    };
    let mut source = Settings::new(&url).context("invalid Prometheus URL")?;
    let queries = project.config.signals.iter();
    source.bindings = queries.map(|(signal, binding)| (*signal, own_query(binding))).collect();
    source.scope = options.scope.applied_to(&project.config.scope);
    let numbers = project.config.facts.values.iter().filter_map(|(name, value)| match value {
        FactValue::Number(number) => Some((name.clone(), number.value())),
        FactValue::Flag(_) | FactValue::Text(_) => None,
    });
    source.facts = numbers.collect();
    if let Some(settings) = settings {
        http::apply(&settings.http, &project.folder, &mut source.endpoint);
        source.scrape_interval = settings.scrape_interval;
    }
    Ok(Some(source))
}

fn own_query(binding: &config::Binding) -> Binding {
    Binding { query: binding.prometheus.clone(), scoped: binding.scoped }
}
