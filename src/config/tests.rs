//! Tests of reading configurations.

use secrecy::ExposeSecret;

use super::*;
use crate::signal::{Quantity, Unit};

/// The environment of these tests.
fn environment(name: &str) -> Option<String> {
    (name == "TOKEN").then(|| "s3cret".to_owned())
}

/// Reads a configuration that must have no errors.
#[track_caller]
fn read(text: &str) -> Config {
    let (config, diagnostics) = read_config(text, &environment);
    assert_eq!(diagnostics, []);
    config
}

/// The codes of the errors with the text that each one underlines.
fn errors(text: &str) -> Vec<(&'static str, &str)> {
    let (_, diagnostics) = read_config(text, &environment);
    let mut found: Vec<_> =
        diagnostics.into_iter().map(|error| (error.primary.span.clone(), error.code)).collect();
    found.sort_by_key(|(span, _)| span.start);
    found.into_iter().map(|(span, code)| (code, &text[span])).collect()
}

#[test]
fn nothing_is_required() {
    let config = read("");
    assert!(
        config.profile.is_none() && config.sources.prometheus.is_empty() && config.facts.values.is_empty()
    );
}

#[test]
fn every_source_is_read() {
    let config = read(
        r#"
        [sources.prometheus]
        url = "https://prom.example"
        bearer_token = "${TOKEN}"
        headers = { X-Scope-OrgID = "shop" }
        scrape_interval = "30s"
        ca_file = "ca.pem"
        [sources.postgres]
        url = "postgres://advisor:${TOKEN}@db/shop"
        [sources.redis]
        url = "redis://cache"
        prefix = "jobs"
        queues = ["mail"]
        [sources.host]
        enabled = false
        "#,
    );
    let [prometheus] = config.sources.prometheus.try_into().unwrap();
    assert_eq!(prometheus.http.bearer_token.unwrap().expose_secret(), "s3cret");
    assert!(prometheus.http.headers.contains_key("X-Scope-OrgID"));
    assert_eq!(prometheus.scrape_interval.unwrap().as_secs(), 30);
    assert_eq!(prometheus.http.tls.ca_file.unwrap().to_str(), Some("ca.pem"));
    assert_eq!(
        config.sources.postgres[0].url.as_ref().unwrap().expose_secret(),
        "postgres://advisor:s3cret@db/shop"
    );
    let [redis] = config.sources.redis.try_into().unwrap();
    assert_eq!(
        (redis.prefix.as_deref(), redis.queues.as_deref()),
        (Some("jobs"), Some(&["mail".to_owned()][..]))
    );
    assert!(!config.sources.host.unwrap().enabled);
}

#[test]
fn health_endpoints_name_the_places_of_values() {
    let config = read(
        r#"
        [[sources.health]]
        name = "api"
        url = "https://api.example/health"
        bearer_token = "${TOKEN}"
        status = "/state"
        healthy = ["fine"]
        [sources.health.values]
        "app.pool" = { pointer = "/pool/active", capacity = "/pool/total" }
        "http.latency" = { pointer = "/p95_ms", unit = "ms" }
        [[sources.health]]
        name = "mail"
        url = "https://mail.example/health"
        values = { "queue.depth" = "/jobs" }
        "#,
    );
    let [api, mail] = config.sources.health.as_slice() else { panic!("{:?}", config.sources.health) };
    assert_eq!((api.name.as_deref(), api.status.as_deref()), (Some("api"), Some("/state")));
    assert_eq!(api.http.bearer_token.as_ref().unwrap().expose_secret(), "s3cret");
    assert_eq!((api.healthy.as_deref(), &api.unhealthy), (Some(&["fine".to_owned()][..]), &None));
    let (pool, latency) = (&api.values[0].1, &api.values[1].1);
    assert_eq!((pool.pointer.as_str(), pool.capacity.as_deref()), ("/pool/active", Some("/pool/total")));
    assert!((latency.scale - 0.001).abs() < 1e-12 && latency.capacity.is_none());
    assert_eq!(mail.values[0].1.pointer, "/jobs");
    let named: Vec<&str> = config.named_signals().into_iter().map(SignalId::as_str).collect();
    assert_eq!(named, ["app.healthy", "app.pool", "http.latency", "queue.depth"]);
}

#[test]
fn one_endpoint_needs_no_name_and_files_need_a_signal() {
    let config = read(
        "[sources.health]\nurl = \"http://a\"\n[sources.pgbouncer]\nurl = \"postgres://s@p\"\n\
         [[sources.csv]]\nfile = \"users.csv\"\nsignal = \"users.registered\"\n",
    );
    assert_eq!((config.sources.health.len(), config.sources.csv.len()), (1, 1));
    assert_eq!(config.sources.csv[0].signal.as_str(), "users.registered");
    assert_eq!(config.sources.pgbouncer[0].url.as_ref().unwrap().expose_secret(), "postgres://s@p");
    assert_eq!(errors("[[sources.csv]]\nfile = \"a.csv\"\n").len(), 1);
}

#[test]
fn errors_about_documents_are_named() {
    let text = r#"
        [[sources.health]]
        url = "http://a"
        name = "one"
        status = "state"
        [sources.health.values]
        "app.pool" = { pointer = "/a", unit = "GB" }
        "queue.depth" = { pointer = "/a", capacity = "/b" }
        "queue.dept" = "/a"
        [[sources.health]]
        url = "http://b"
        name = "one"
        [[sources.health]]
        name = "two"
        "#;
    let expected = [
        ("config/pointer", "\"state\""),
        ("config/unit", "\"GB\""),
        ("config/capacity", "\"/b\""),
        ("roadmap/unknown-signal", "\"queue.dept\""),
        ("config/source-name", "\"one\""),
    ];
    let found = errors(text);
    assert_eq!(found[..5], expected);
    assert_eq!((found.len(), found[5].0), (6, "toml/missing-key"));
}

#[test]
fn facts_and_limits_are_read() {
    let config = read(
        r#"
        absent = ["queue"]
        [facts]
        team_size = 8
        multi_region = false
        uptime_sla = "99.9%"
        [plan]
        done = ["2.1"]
        phase = 2
        [gate]
        require = ["http.latency"]
        [signals."users.concurrent"]
        prometheus = "sum(sockets)"
        [thresholds."postgres.connections"]
        warning = "70%"
        "#,
    );
    assert!(
        config.absent.contains("queue") && config.plan.done.contains("2.1") && config.plan.phase == Some(2)
    );
    assert_eq!(config.facts.values["multi_region"], FactValue::Flag(false));
    assert_eq!(
        config.facts.values["uptime_sla"],
        FactValue::Number(Quantity::new(0.999, Unit::Ratio).unwrap())
    );
    assert_eq!(config.gate.require, [SignalId::find("http.latency").unwrap()]);
    assert_eq!(config.signals[&SignalId::find("users.concurrent").unwrap()].prometheus, "sum(sockets)");
    let limit = config.thresholds.of(SignalId::find("postgres.connections").unwrap());
    assert_eq!((limit.warning, limit.critical), (Quantity::new(0.7, Unit::Ratio), None));
}

#[test]
fn five_errors_are_five_diagnostics() {
    let text = r#"
        absent = ["redix"]
        [sources.postgres]
        url = "${NOWHERE}"
        [sources.prometheus]
        ulr = "http://x"
        [thresholds."host.cpu"]
        warning = "95%"
        critical = "90%"
        [gate]
        require = ["http.latenzy"]
        "#;
    let expected = [
        ("roadmap/unknown-system", "\"redix\""),
        ("config/variable", "\"${NOWHERE}\""),
        ("toml/unknown-key", "ulr"),
        ("thresholds/order", "\"95%\""),
        ("roadmap/unknown-signal", "\"http.latenzy\""),
    ];
    assert_eq!(errors(text), expected);
}

#[test]
fn several_servers_of_a_kind_have_names_and_addresses() {
    let text = r#"
        [[sources.postgres]]
        name = "orders"
        url = "postgres://orders"
        [[sources.postgres]]
        name = "users"
        url = "postgres://users"
        [[sources.prometheus]]
        url = "http://only"
        "#;
    let config = read(text);
    let names: Vec<_> = config.sources.postgres.iter().map(|server| server.name.as_deref()).collect();
    assert_eq!(names, [Some("orders"), Some("users")]);
    assert!(config.sources.prometheus[0].loads);
    let text = r#"
        [[sources.redis]]
        name = "a"
        url = "redis://a"
        [[sources.redis]]
        name = "a"
        [[sources.redis]]
        url = "redis://b"
        "#;
    let found: Vec<_> = errors(text).into_iter().map(|(code, _)| code).collect();
    assert_eq!(found, ["config/source-url", "config/source-name", "config/source-name"]);
}

#[test]
fn two_ways_to_sign_in_are_an_error() {
    let text = "[sources.prometheus]\nbearer_token = \"a\"\nusername = \"b\"\n";
    assert_eq!(errors(text), [("config/two-sign-ins", "\"b\"")]);
}

#[test]
fn secrets_do_not_show() {
    let config = read(
        "[sources.prometheus]\npassword = \"hunter2\"\nusername = \"x\"\n[sources.redis]\nurl = \"redis://:hunter2@h\"\n",
    );
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn the_readmes_example_is_valid() {
    let readme = include_str!("../../README.md");
    let (_, rest) = readme.split_once("```toml\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    let (config, diagnostics) = read_config(example, &|_| Some("set".to_owned()));
    assert_eq!(diagnostics, []);
    assert!(!config.sources.prometheus.is_empty() && config.plan.done.contains("2.1"));
}
