//! A Prometheus-compatible server.

use anyhow::{Context, Result, anyhow, bail};
use secrecy::SecretString;

use super::{found, http};
use crate::{
    cli::{
        options::{Header, SourceOptions},
        project::{Project, environment},
    },
    config,
    roadmap::FactValue,
    source::{
        http::Auth,
        prometheus::{Binding, Settings},
    },
};

/// Where it listens by default.
const PORT: u16 = 9090;

/// The settings of the server that is named or found, if any.
///
/// # Errors
/// When its address is none.
pub(in crate::cli) fn build(options: &SourceOptions, project: &Project) -> Result<Option<Settings>> {
    let settings = project.config.sources.prometheus.as_ref();
    let configured = settings.and_then(|settings| settings.url.clone());
    let datasource = datasource(options, project)?;
    let named = options.prometheus.clone().or(configured);
    let named = named.or_else(|| environment("GRAFANA_URL").filter(|_| datasource.is_some()));
    let named = named.or_else(|| environment("PROMETHEUS_URL"));
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
        http::apply(&settings.http, &project.folder, &mut source.endpoint)?;
        source.scrape_interval = settings.scrape_interval;
    }
    if let Some(uid) = &datasource {
        source.endpoint.behind_grafana(uid);
        if let (Auth::None, Some(token)) = (&source.endpoint.auth, environment("GRAFANA_TOKEN")) {
            source.endpoint.auth = Auth::Bearer(token.into());
        }
    }
    if let Some(file) = &options.client.http_config_file {
        http::apply_file(file, &mut source.endpoint)?;
    }
    for (name, value) in headers(options)? {
        let endpoint = &mut source.endpoint;
        endpoint.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(&name));
        if name.eq_ignore_ascii_case("authorization") {
            endpoint.auth = Auth::None;
        }
        endpoint.headers.push((name, value));
    }
    Ok(Some(source))
}

/// The uid of the data source, where Grafana is asked.
fn datasource(options: &SourceOptions, project: &Project) -> Result<Option<String>> {
    let configured =
        project.config.sources.prometheus.as_ref().and_then(|settings| settings.grafana_datasource.clone());
    let named = options.client.grafana_datasource.clone().or(configured);
    let Some(uid) = named.or_else(|| environment("GRAFANA_DATASOURCE")) else { return Ok(None) };
    if !config::is_datasource(&uid) {
        bail!("the uid of a data source of Grafana has up to 40 letters, digits, `-` and `_`");
    }
    Ok(Some(uid))
}

/// The headers of the environment and of flags; a flag takes the place of the environment's.
fn headers(options: &SourceOptions) -> Result<Vec<(String, SecretString)>> {
    let mut headers = Vec::new();
    if let Some(tenant) = environment("PROMETHEUS_TENANT") {
        headers.push(("X-Scope-OrgID".to_owned(), SecretString::from(tenant)));
    }
    let lines = environment("PROMETHEUS_HEADERS").unwrap_or_default();
    for line in lines.lines().filter(|line| !line.trim().is_empty()) {
        let Header(name, value) = line.parse().map_err(|error| anyhow!("$PROMETHEUS_HEADERS: {error}"))?;
        headers.push((name, value));
    }
    headers.extend(options.client.headers.iter().map(|Header(name, value)| (name.clone(), value.clone())));
    Ok(headers)
}

fn own_query(binding: &config::Binding) -> Binding {
    Binding { query: binding.prometheus.clone(), scoped: binding.scoped }
}
