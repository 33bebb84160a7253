//! Asking which of several products or environments is meant.

use std::fmt::Write;

use anyhow::{Result, bail};

use crate::{
    render::safe,
    roadmap::Roadmap,
    snapshot::{AmbiguousScope, SERVER, ScopeValue, Snapshot},
};

/// Values that are listed; more do not help anybody choose.
const MAX_VALUES: usize = 20;

/// A snapshot of one product in one environment.
///
/// # Errors
/// When the load that is judged comes from several and nothing says that they belong together. The message lists them
/// with the flags that choose.
pub(super) fn of_one_scope(snapshot: Snapshot, roadmap: &Roadmap) -> Result<Snapshot> {
    match question(&snapshot, roadmap) {
        Some(question) => bail!("{question}"),
        None => Ok(snapshot),
    }
}

/// What has to be chosen before a load means anything; `None` where that is clear.
pub(super) fn question(snapshot: &Snapshot, roadmap: &Roadmap) -> Option<String> {
    let scopes = choices(snapshot, roadmap);
    let heading = heading(scopes.first()?);
    let labels: Vec<String> = scopes.into_iter().map(listed).collect();
    Some(format!("no scope chosen: {heading}\n{}", labels.join("\n")))
}

/// The labels of which a value has to be chosen: those of the load that is judged.
pub(super) fn choices<'a>(snapshot: &'a Snapshot, roadmap: &Roadmap) -> Vec<&'a AmbiguousScope> {
    let load = roadmap.load.signal;
    let is_measured = snapshot.observations.iter().any(|observation| observation.signal == load);
    let concerns = |scope: &&AmbiguousScope| !is_measured || scope.signal == load;
    let first = snapshot.ambiguous.iter().find(concerns).map(|scope| scope.signal);
    snapshot.ambiguous.iter().filter(concerns).filter(|scope| Some(scope.signal) == first).collect()
}

/// What is not one.
pub(super) fn heading(scope: &AmbiguousScope) -> String {
    format!("several products or environments report {}", scope.signal.entry().title)
}

/// The values of a label with their shares, and the flag for each.
pub(super) fn listed(scope: &AmbiguousScope) -> String {
    let mut text = String::new();
    let label = safe(&scope.label);
    let is_server = label == SERVER;
    for ScopeValue { value, share } in scope.values.iter().take(MAX_VALUES) {
        let value = quoted(&safe(value));
        let flag =
            if is_server { format!("--prometheus {value}") } else { format!("--match {label}={value}") };
        let _ = writeln!(text, "  {:>5.1}%  {flag}", share * 100.0);
    }
    let further = scope.values.len().saturating_sub(MAX_VALUES);
    if further > 0 {
        let _ = writeln!(text, "  and {further} more values of {label}");
    }
    let _ = if is_server {
        write!(
            text,
            "          or `loads = false` under the `[[sources.prometheus]]` whose load does not count"
        )
    } else {
        write!(text, "          --together {label}  (they are one product: add them up)")
    };
    text
}

/// A value as a shell takes it.
fn quoted(value: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "-_./:".contains(letter);
    if value.chars().all(plain) { value.to_owned() } else { format!("'{}'", value.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::SignalId;

    #[test]
    fn every_value_has_its_share_and_its_flag() {
        let value = |value: &str, share| ScopeValue { value: value.to_owned(), share };
        let scope = AmbiguousScope {
            signal: SignalId::find("users.concurrent").unwrap(),
            label: "env".to_owned(),
            values: vec![value("prod", 0.9), value("load test", 0.1)],
        };
        let expected = "   90.0%  --match env=prod\n   10.0%  --match env='load test'\n          --together env  (they are one product: add them up)";
        assert_eq!(listed(&scope), expected);
        let many = AmbiguousScope { values: vec![value("x", 0.04); 25], ..scope };
        assert!(listed(&many).contains("and 5 more values of env"));
    }
}
