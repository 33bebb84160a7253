//! Resources outside the catalogue, in words, as JSON and as definitions in TOML.

use std::fmt::Write;

use serde::Serialize;

use super::{format::percent, json::pretty, safe};
use crate::{
    assess::{Assessment, is_at_limit},
    signal::{ResourceId, SignalId},
    snapshot::{
        AT_LIMIT, Confidence, DiscoveredResource, Discovery, NEAR_LIMIT, NotSearched, NotSearchedReason,
    },
};

/// How many are named in a sentence.
const NAMED: usize = 3;

/// "2 resources outside the roadmap are above 90%"; `None` where none is.
pub(super) fn at_limit(assessment: &Assessment) -> Option<String> {
    let full = assessment.outside_roadmap.iter().filter(|resource| is_at_limit(resource)).count();
    (full > 0).then(|| counted(full, AT_LIMIT))
}

fn counted(count: usize, share: f64) -> String {
    let (noun, are) = if count == 1 { ("resource", "is") } else { ("resources", "are") };
    format!("{count} {noun} outside the roadmap {are} above {}", percent(share))
}

/// The same with their names: "2 resources outside the roadmap are above 90%: `a` 97%, `b` (db-1) 93%".
pub(super) fn sentence(assessment: &Assessment) -> Option<String> {
    let all = &assessment.outside_roadmap;
    let full: Vec<&DiscoveredResource> = all.iter().filter(|resource| is_at_limit(resource)).collect();
    let (shown, share) = if full.is_empty() { (all.iter().collect(), NEAR_LIMIT) } else { (full, AT_LIMIT) };
    if shown.is_empty() {
        return None;
    }
    let mut names: Vec<String> = shown.iter().take(NAMED).map(|resource| named(resource)).collect();
    let more = all.len() - names.len();
    if more > 0 {
        names.push(format!("{more} more in `discover`"));
    }
    Some(format!("{}: {}", counted(shown.len(), share), names.join(", ")))
}

/// "`kubelet_volume_stats_used_bytes` 97% (data-0)".
pub(super) fn named(resource: &DiscoveredResource) -> String {
    let instance = resource.instance.as_deref().map(|instance| format!(" ({instance})")).unwrap_or_default();
    format!("`{}` {}{instance}", resource.name(), percent(resource.utilization))
}

/// Why a server was not searched, and what to do.
pub(super) fn not_searched(server: &NotSearched) -> String {
    match &server.reason {
        NotSearchedReason::TooManyNames { names, budget } => format!(
            "{} has {names} metrics, more than the search limit of {budget}; use `discover --all`, or narrow the search with `--match`",
            server.source
        ),
        NotSearchedReason::NotListed => format!("{} does not list its metrics", server.source),
        NotSearchedReason::Failed { detail } => format!("{}: {detail}", server.source),
    }
}

/// What was found, for programs.
pub fn discovered_json(discovery: &Discovery) -> String {
    #[derive(Serialize)]
    struct Resources<'a> {
        resources: &'a [DiscoveredResource],
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        not_searched: &'a [NotSearched],
    }
    pretty(&Resources { resources: &discovery.resources, not_searched: &discovery.not_searched })
}

/// What was found as definitions, one for each kind of resource, the fullest first. Those that are in the catalogue
/// already are left out, and so is what a file cannot hold as it is.
pub fn discovered_toml<'a>(resources: impl IntoIterator<Item = &'a DiscoveredResource>) -> String {
    let mut text = String::new();
    let (mut defined, mut ids) = (Vec::new(), Vec::new());
    for resource in resources.into_iter().filter(|resource| !resource.is_read) {
        let definition = &resource.definition;
        // Where a sign was replaced, the text is not what the server has.
        let altered = |query: &String| query.contains('\u{fffd}') || safe(query) != *query;
        if defined.contains(&definition) || altered(&definition.usage) || altered(&definition.limit) {
            continue;
        }
        defined.push(definition);
        let mut id = id(resource.name());
        while ids.contains(&id) || SignalId::find(&id).is_some() || ResourceId::find(&id).is_some() {
            id.push_str("_2");
        }
        define(&mut text, resource, &id);
        ids.push(id);
    }
    text
}

fn define(text: &mut String, resource: &DiscoveredResource, id: &str) {
    let string = |value: &str| toml::Value::String(value.to_owned()).to_string();
    let definition = &resource.definition;
    let instance =
        resource.instance.as_deref().map(|instance| format!(" ({})", safe(instance))).unwrap_or_default();
    let unsure = match resource.confidence {
        Confidence::High => "",
        Confidence::Medium | Confidence::Low => ", by its name; please check",
    };
    let separator = if text.is_empty() { "" } else { "\n" };
    // A share needs no limit: its unit says what counts as all.
    let limit = match definition.limit.parse::<f64>() {
        Ok(_) => String::new(),
        Err(_) => format!("limit = {}\n", string(&definition.limit)),
    };
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "{separator}# {} used{instance}{unsure}\n[resources.\"{id}\"]\ntitle = {}\nunit = {}\nusage = {}\n{limit}warning = \"80%\"\ncritical = \"90%\"\nfor = \"5m\"\n",
        percent(resource.utilization),
        string(&title(id)),
        string(&definition.unit),
        string(&definition.usage),
    );
}

/// `kubelet.volume_stats_used_bytes` of `kubelet_volume_stats_used_bytes`.
fn id(metric: &str) -> String {
    let clean: String = metric
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' })
        .collect();
    let clean = clean.trim_matches('_');
    match clean.split_once('_') {
        Some((system, rest)) if !system.is_empty() && !rest.trim_matches('_').is_empty() => {
            format!("{system}.{}", rest.trim_matches('_'))
        }
        _ => format!("found.{clean}"),
    }
}

/// "Kubelet volume stats used bytes".
fn title(id: &str) -> String {
    let words = id.replace(['.', '_'], " ");
    super::summary::capitalised(&words)
}
