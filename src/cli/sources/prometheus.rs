//! A Prometheus-compatible server.

use anyhow::{Context, Result, anyhow, bail};
use secrecy::SecretString;

use super::{found, http, named};
use crate::{
    cli::{
        options::{ClientOptions, Header, ScopeOptions, SourceOptions},
        project::{Project, environment},
    },
    config,
    roadmap::FactValue,
    source::{
        Named,
        http::Auth,
        prometheus::{Binding, Settings},
    },
};

/// Where it listens by default.
const PORT: u16 = 9090;

/// The servers that are named or found.
///
/// # Errors
/// When an address is none.
pub(super) fn build_all(options: &SourceOptions, project: &Project) -> Result<Vec<Named<Settings>>> {
    let configured = &project.config.sources.prometheus;
    let is_one = configured.len() < 2 || options.prometheus.is_some();
    if !is_one && !options.client.is_empty() {
        bail!(
            "authentication flags need a single metrics server, and several are configured: {}",
            choice(configured)
        );
    }
    // What the environment and flags sign in with must not reach a server that it is not for.
    let client = is_one.then_some(&options.client);
    let mut servers = named(options.prometheus.as_deref(), configured, |flag, settings| {
        server(flag, settings, client, &options.scope, project)
    })?;
    for server in servers.iter_mut().filter(|server| server.name.is_some()) {
        let settings = configured.iter().find(|settings| settings.name == server.name);
        server.loads = settings.is_none_or(|settings| settings.loads);
    }
    Ok(servers)
}

/// The same where there can be only one; none where there is none.
///
/// # Errors
/// When the address is none, or there are several servers.
pub(in crate::cli) fn build_only(options: &SourceOptions, project: &Project) -> Result<Option<Settings>> {
    let mut servers = build_all(options, project)?;
    if servers.len() > 1 {
        bail!("several metrics servers are configured: {}", choice(&project.config.sources.prometheus));
    }
    Ok(servers.pop().map(|server| server.source))
}

/// How to choose one of several.
fn choice(configured: &[config::Prometheus]) -> String {
    let names: Vec<&str> = configured.iter().filter_map(|server| server.name.as_deref()).collect();
    format!("choose one with --prometheus {}", names.join("|"))
}

/// `client` holds flags that sign in; without it, neither they nor the environment count.
fn server(
    flag: Option<&str>,
    settings: Option<&config::Prometheus>,
    client: Option<&ClientOptions>,
    scope: &ScopeOptions,
    project: &Project,
) -> Result<Option<Settings>> {
    let environment = |name: &str| client.and_then(|_| environment(name));
    let configured = settings.and_then(|settings| settings.url.clone());
    let datasource = datasource(client, settings)?;
    let address = flag.map(str::to_owned).or(configured);
    let address = address.or_else(|| environment("GRAFANA_URL").filter(|_| datasource.is_some()));
    let address = address.or_else(|| environment("PROMETHEUS_URL"));
    let Some(url) = address.or_else(|| found(project, PORT).map(|address| format!("http://{address}")))
    else {
        return Ok(None);
    };
    let mut source = Settings::new(&url).context("invalid Prometheus URL")?;
    let queries = project.config.signals.iter();
    source.bindings = queries.map(|(signal, binding)| (*signal, own_query(binding))).collect();
    source.scope = scope.applied_to(&project.config.scope);
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
    if let Some(file) = client.and_then(|client| client.http_config_file.as_ref()) {
        http::apply_file(file, &mut source.endpoint)?;
    }
    for (name, value) in client.map(headers).transpose()?.unwrap_or_default() {
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
fn datasource(
    client: Option<&ClientOptions>,
    settings: Option<&config::Prometheus>,
) -> Result<Option<String>> {
    let configured = settings.and_then(|settings| settings.grafana_datasource.clone());
    let uid = client.and_then(|client| client.grafana_datasource.clone()).or(configured);
    let Some(uid) = uid.or_else(|| client.and_then(|_| environment("GRAFANA_DATASOURCE"))) else {
        return Ok(None);
    };
    if !config::is_datasource(&uid) {
        bail!("the uid of a Grafana data source has up to 40 letters, digits, `-` and `_`");
    }
    Ok(Some(uid))
}

/// The headers of the environment and of flags; a flag takes the place of the environment's.
fn headers(client: &ClientOptions) -> Result<Vec<(String, SecretString)>> {
    let mut headers = Vec::new();
    if let Some(tenant) = environment("PROMETHEUS_TENANT") {
        headers.push(("X-Scope-OrgID".to_owned(), SecretString::from(tenant)));
    }
    let lines = environment("PROMETHEUS_HEADERS").unwrap_or_default();
    for line in lines.lines().filter(|line| !line.trim().is_empty()) {
        let Header(name, value) = line.parse().map_err(|error| anyhow!("$PROMETHEUS_HEADERS: {error}"))?;
        headers.push((name, value));
    }
    headers.extend(client.headers.iter().map(|Header(name, value)| (name.clone(), value.clone())));
    Ok(headers)
}

fn own_query(binding: &config::Binding) -> Binding {
    Binding { query: binding.prometheus.clone(), scoped: binding.scoped }
}
