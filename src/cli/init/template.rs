//! The config as it is first written: what is known is set, everything else is there as a comment.
//!
//! A line that begins with `#` and a letter or a bracket is a setting to be switched on; prose begins with `# `.

use std::collections::BTreeSet;

use crate::{
    assess::is_sure,
    render::{discovered_toml, safe},
    roadmap::{FactValue, Roadmap},
    signal::{Unit, catalog},
    snapshot::{Discovery, PossibleLoad},
};

/// What goes into the config.
#[derive(Debug)]
pub(super) struct Answers<'a> {
    pub profile: &'a str,
    pub roadmap: &'a Roadmap,
    pub addresses: Vec<Address>,
    pub monthly_cost: Option<f64>,
    /// `[scope]`, empty where there is nothing to choose.
    pub scope: String,
    /// What was found outside the catalogue.
    pub discovery: Option<&'a Discovery>,
    /// Systems that the roadmap expects and of which nothing was measured.
    pub unseen: BTreeSet<String>,
}

/// Where a source is.
#[derive(Debug)]
pub(super) struct Address {
    pub source: &'static str,
    /// The environment variable that may hold the address instead.
    pub variable: &'static str,
    /// Whether an address was given that does not belong in a file.
    pub secret: bool,
    pub url: Option<String>,
    /// How to sign in there, by key.
    pub sign_in: Vec<(&'static str, String)>,
}

/// The text of the config.
pub(super) fn settings(answers: &Answers<'_>) -> String {
    let blocks = [
        head(answers),
        sources(&answers.addresses),
        answers.scope.clone(),
        facts(answers),
        plan(answers.roadmap),
        loads(answers),
        signals(answers.roadmap),
        resources(answers),
        gate(),
    ];
    blocks.into_iter().filter(|block| !block.is_empty()).collect::<Vec<_>>().join("\n")
}

fn head(answers: &Answers<'_>) -> String {
    let mut text = format!(
        "# Config of scale-advisor. `scale-advisor doctor` shows what can be read with it.\n\
         # For completion in editors: run `scale-advisor schema config > config.json` and start\n\
         # this file with the line `#:schema ./config.json`.\n\n\
         # {}\n\
         profile = {}\n",
        answers.roadmap.title,
        quoted(answers.profile)
    );
    text.push_str(
        "\n# Where `scale-advisor record` stores its history.\n\
         #history = \".scale-advisor/history.db\"\n",
    );
    if !answers.unseen.is_empty() {
        let unseen: Vec<String> = answers.unseen.iter().map(|system| quoted(system)).collect();
        let absent = format!(
            "\n# No data for these systems. List those that do not exist here: anything else that is not\n\
             # measured stays unknown, and unknown never passes.\n\
             #absent = [{}]\n",
            unseen.join(", ")
        );
        text.push_str(&absent);
    }
    text
}

fn sources(addresses: &[Address]) -> String {
    let source = |address: &Address| {
        let Address { source, variable, url, sign_in, .. } = address;
        let sign_in: String = sign_in.iter().fold(String::new(), |mut text, (key, value)| {
            text.extend([key, " = ", &quoted(value), "\n"]);
            text
        });
        match url {
            Some(url) => format!("[sources.{source}]\nurl = {}\n{sign_in}", quoted(url)),
            None if !sign_in.is_empty() => format!(
                "# ${{{variable}}} is used by default; keep URLs with passwords there.\n\
                 [sources.{source}]\n#url = \"${{{variable}}}\"\n{sign_in}"
            ),
            None => format!(
                "# ${{{variable}}} is used by default; keep URLs with passwords there.\n\
                 #[sources.{source}]\n#url = \"${{{variable}}}\"\n"
            ),
        }
    };
    addresses.iter().map(source).collect::<Vec<_>>().join("\n")
}

/// What no server can report: the monthly cost, and every fact that the roadmap asks for.
fn facts(answers: &Answers<'_>) -> String {
    let mut text =
        "# Facts that no server can report. A condition on a missing fact is unknown.\n[facts]\n".to_owned();
    let currency = &answers.roadmap.currency;
    let cost = answers.monthly_cost.map(|cost| format!("monthly_cost = {cost}"));
    text.extend([cost.as_deref().unwrap_or("#monthly_cost = 640"), " # ", currency, "\n"]);
    let facts = answers.roadmap.facts().into_iter().filter(|(name, _)| *name != "monthly_cost");
    for (name, fact) in facts {
        let places: Vec<String> = fact.places.into_iter().collect();
        text.extend(["#", name, " = ", &literal(fact.value), " # ", &places.join(", "), "\n"]);
    }
    for signal in catalog().signals().filter(|signal| answers.roadmap.stack.contains(&signal.system)) {
        let of_signal: BTreeSet<&str> = signal.facts().collect();
        text.extend(of_signal.iter().map(|name| format!("#{name} = 1 # {}\n", signal.id())));
    }
    text
}

fn plan(roadmap: &Roadmap) -> String {
    let first = roadmap.phases.iter().flat_map(|phase| &phase.actions).next();
    let done = first.map(|action| quoted(&action.id)).unwrap_or_default();
    let phase = roadmap.phases.first().map_or(1, |phase| phase.number);
    format!(
        "#[plan]\n# Completed actions (ids as in `scale-advisor plan`), and the phase this system is built for.\n\
         #done = [{done}]\n#phase = {phase}\n"
    )
}

/// Metrics that look like a load. One alone is bound; of several it is unknown which is meant.
fn loads(answers: &Answers<'_>) -> String {
    let found: Vec<&PossibleLoad> = answers.discovery.iter().flat_map(|discovery| &discovery.loads).collect();
    let mut signals: Vec<_> = found.iter().map(|load| load.signal).collect();
    signals.dedup();
    let mut text = String::new();
    for signal in signals {
        let alike: Vec<&&PossibleLoad> = found.iter().filter(|load| load.signal == signal).collect();
        let what = if signal.as_str() == "http.requests" { "a request counter" } else { "a number of users" };
        let off = if alike.len() == 1 { "" } else { "#" };
        for load in alike {
            let (name, query) = (quoted(signal.as_str()), quoted(&load.query));
            let metric = safe(&load.metric);
            let block =
                format!("# {metric} looks like {what}.\n{off}[signals.{name}]\n{off}prometheus = {query}\n");
            text.push_str(&block);
        }
    }
    text
}

/// Resources outside the catalogue whose names leave no doubt.
fn resources(answers: &Answers<'_>) -> String {
    let sure =
        answers.discovery.iter().flat_map(|discovery| &discovery.resources).filter(|found| is_sure(found));
    let definitions = discovered_toml(sure);
    if definitions.is_empty() {
        return definitions;
    }
    format!("# Resources found here that no roadmap covers.\n{definitions}")
}

fn signals(roadmap: &Roadmap) -> String {
    let load = roadmap.load.signal;
    format!(
        "# A custom query, for a signal that is not found automatically.\n\
         #[signals.{}]\n#prometheus = \"sum(my_users_online)\"\n\n\
         # A custom threshold.\n#[thresholds.\"host.cpu\"]\n#warning = \"70%\"\n",
        quoted(load.as_str())
    )
}

fn gate() -> String {
    "#[gate]\n\
     # Required signals; without them the result is inconclusive.\n\
     #require = [\"http.latency\"]\n\
     # Tolerated loss per build, and minimum headroom below the saturation load.\n\
     #margin = \"5%\"\n\
     #min_headroom = \"20%\"\n\
     # Per metric: tolerated loss, smallest relevant change, and which direction of a custom metric is better.\n\
     #margins = { latency_p95 = \"10%\" }\n\
     #floors = { latency_p95 = \"5 ms\" }\n\
     #directions = { orders = \"higher\" }\n\
     # Metrics to exclude from the comparison.\n\
     #ignore = [\"temperature\"]\n\
     # Severity of findings that fails a build: critical or warning.\n\
     #fail_on = \"critical\"\n\
     # Result when inconclusive or without a baseline: report (exit code 3), pass or fail.\n\
     #on_inconclusive = \"report\"\n\
     #on_missing_baseline = \"report\"\n\
     # Failures that are accepted until a date.\n\
     #acknowledge = [{ id = \"metric:latency_p95\", reason = \"a new index\", until = \"2027-01-31\", owner = \"data\" }]\n"
        .to_owned()
}

/// A string of TOML.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let code = format!("\\u{:04X}", u32::from(c));
                out.push_str(&code);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn literal(value: &FactValue) -> String {
    match value {
        FactValue::Flag(flag) => flag.to_string(),
        FactValue::Number(number) if number.unit() == Unit::Count => number.value().to_string(),
        FactValue::Number(number) => quoted(&number.to_string()),
        FactValue::Text(text) => quoted(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::DiscoveredResource;
    use crate::{
        config::read_config,
        discover::{LoadKind, LoadLike, discover, read_exposition},
        roadmap::{builtin, builtin_ids, read_roadmap},
    };

    fn written(id: &str, url: Option<&str>, cost: Option<f64>) -> String {
        let (Some(roadmap), _) = read_roadmap(builtin(id).unwrap()) else { panic!("{id}") };
        let address = |source, variable| Address {
            source,
            variable,
            secret: false,
            url: url.map(str::to_owned),
            sign_in: Vec::new(),
        };
        settings(&Answers {
            profile: id,
            roadmap: &roadmap,
            addresses: vec![address("prometheus", "PROMETHEUS_URL"), address("postgres", "DATABASE_URL")],
            monthly_cost: cost,
            scope: String::new(),
            discovery: None,
            unseen: roadmap.stack.iter().cloned().collect(),
        })
    }

    /// Every setting switched on.
    fn switched_on(text: &str) -> String {
        let line = |line: &str| match line.strip_prefix('#') {
            Some(setting) if !setting.starts_with(' ') => format!("{setting}\n"),
            _ => format!("{line}\n"),
        };
        text.lines().map(line).collect()
    }

    #[test]
    fn what_is_written_reads_without_a_diagnostic_and_so_does_what_it_offers() {
        for id in builtin_ids() {
            for (url, cost) in [(None, None), (Some("http://127.0.0.1:9090"), Some(640.0))] {
                let text = written(id, url, cost);
                let (config, diagnostics) = read_config(&text, &|_| None);
                assert!(diagnostics.is_empty(), "{diagnostics:#?}\n{text}");
                assert_eq!(config.profile.as_deref(), Some(id));
                assert_eq!(!config.sources.prometheus.is_empty(), url.is_some());
                assert_eq!(config.facts.values.contains_key("monthly_cost"), cost.is_some());
                let all = switched_on(&text);
                let (config, diagnostics) = read_config(&all, &|_| Some("http://127.0.0.1".to_owned()));
                assert!(diagnostics.is_empty(), "{diagnostics:#?}\n{all}");
                assert!(
                    !config.gate.require.is_empty()
                        && !config.plan.done.is_empty()
                        && !config.absent.is_empty()
                );
                assert!(
                    !config.sources.postgres.is_empty() && config.facts.values.contains_key("monthly_cost")
                );
            }
        }
    }

    #[test]
    fn what_was_found_is_written_as_definitions_that_read() {
        let exposition = "# TYPE seats_used gauge\nacme_seats_used{pool=\"a\"} 96\nacme_seats_total{pool=\"a\"} 100\n\
            acme_disk_free_bytes 4e9\nacme_disk_size_bytes 1e11\nacme_open_files 990\nacme_max_files 1000\n\
            acme_quota{type=\"used\"} 9\nacme_quota{type=\"hard\"} 10\n\
            # HELP acme_pool_usage share, 0-1\nacme_pool_usage 0.97\nredis_memory_used_bytes 9\nredis_memory_max_bytes 10\n";
        let found = discover(&read_exposition(exposition, 0));
        assert_eq!(found.len(), 6, "{found:#?}");
        let resources = found.iter().map(|found| DiscoveredResource::new(found, "test")).collect();
        let load = LoadLike { kind: LoadKind::Requests, metric: "acme_http_requests_total".to_owned() };
        let loads = PossibleLoad::new(&load).into_iter().collect();
        let discovery = Discovery { resources, loads, ..Discovery::default() };
        let (Some(roadmap), _) = read_roadmap(builtin("web-service").unwrap()) else { panic!() };
        let answers = Answers {
            profile: "web-service",
            roadmap: &roadmap,
            addresses: Vec::new(),
            monthly_cost: None,
            scope: String::new(),
            discovery: Some(&discovery),
            unseen: BTreeSet::new(),
        };
        let text = settings(&answers);
        let (config, diagnostics) = read_config(&text, &|_| None);
        assert!(diagnostics.is_empty(), "{diagnostics:#?}\n{text}");
        assert!(config.resources.len() >= 5, "{text}");
        assert!(text.contains("\n[resources.\"acme.seats_used\"]\n"), "{text}");
        assert!(text.contains("# acme_http_requests_total looks like a request counter."), "{text}");
    }

    #[test]
    fn every_fact_of_a_roadmap_is_offered_with_what_asks_for_it() {
        let text = written("node-queue-chat", None, None);
        assert!(text.contains("#team_size = 10 # decision split-services\n"), "{text}");
        assert!(text.contains("#uptime_sla = \"99.9%\" # phase 4 enter\n"), "{text}");
        assert!(text.contains("#multi_region = true # phase 3 enter, phase 4 enter\n"), "{text}");
        assert!(!text.contains("vector_dimensions"), "{text}");
        let text = written("node-qdrant-saas", None, None);
        assert!(text.contains("#vector_dimensions = 1 # vector.memory_needed\n"), "{text}");
    }

    #[test]
    fn strings_are_those_of_toml() {
        assert_eq!(quoted("a\"b\\c\u{7}"), "\"a\\\"b\\\\c\\u0007\"");
    }
}
