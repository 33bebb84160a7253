//! A PostgreSQL server that runs out of connections, or takes too long.

use super::{
    load::during,
    program::{Expected, Project},
};
use crate::support::postgres::{Client, Postgres, Setup};

fn project(server: &Postgres, role: &str) -> Project {
    Project::new(&format!("[sources.postgres]\nurl = \"{}\"", server.url(role)))
}

/// A server with few connections, three of them reserved.
fn small(connections: &str) -> Postgres {
    let settings = [connections, "superuser_reserved_connections=3"];
    let server = Postgres::start(&Setup { settings: &settings, ..Setup::default() });
    server.execute("CREATE ROLE app LOGIN");
    server
}

#[test]
fn nine_of_ten_connections_in_use_are_found() {
    let server = small("max_connections=53");
    let _held: Vec<Client> = (0..45).map(|_| server.client_as("app")).collect();
    let judged = project(&server, "postgres").check("--sample 300ms");
    judged.expect(&Expected {
        verdict: "critical",
        resource: "postgres.connections",
        instance: None,
        now: (0.9, 0.9),
        limit: 1.0,
        headline: "PostgreSQL connections",
    });
    assert_eq!(judged.part("/next_bottleneck/capacity/value"), 50.0);
    assert!(judged.page.contains("45 of 50 connections (90%)"), "{}", judged.page);
}

#[test]
fn the_limit_of_a_role_is_found_before_the_servers() {
    let server = Postgres::with_statements(None);
    let script = include_str!("../../fixtures/cases/postgres-limit-of-a-role-or-database/setup.sql");
    server.script(script.split_once(';').unwrap().1);
    let _held: Vec<Client> =
        (0..10).map(|_| Client::connect(server.port(), "app", "shop").unwrap()).collect();
    let judged = project(&server, "mon").check("--sample 300ms");
    judged.expect(&Expected {
        verdict: "critical",
        resource: "postgres.connections",
        instance: Some("role app"),
        now: (1.0, 1.0),
        limit: 1.0,
        headline: "PostgreSQL connections",
    });
    assert!(judged.page.contains("10 of 10 connections (100%)"), "{}", judged.page);
}

#[test]
fn a_server_that_refuses_us_is_critical() {
    let server = small("max_connections=13");
    let _held: Vec<Client> = (0..10).map(|_| server.client_as("app")).collect();
    let project = project(&server, "app");
    let judged = project.check("--sample 300ms");
    let next = judged.part("/next_bottleneck");
    assert_eq!(next["resource"], "postgres.connections", "{}", judged.page);
    assert_eq!((&next["verdict"], &next["status"]), (&"critical".into(), &"saturated".into()));
    assert!(judged.page.starts_with(" CRITICAL  PostgreSQL connections"), "{}", judged.page);
    let refusal = judged.finding("refusal:postgres.connections");
    let message = refusal["reason"]["message"].as_str().unwrap();
    assert!(message.contains("connection slots are reserved"), "{refusal:#}");
    assert_eq!(project.run("check --fail-on critical").code, 1);
}

#[test]
fn a_slow_statement_is_found() {
    let server = Postgres::with_statements(None);
    let sleep = |client: &mut Client| drop(client.query("SELECT pg_sleep(0.7)").unwrap());
    let judged = during(4, || server.client(), sleep, || project(&server, "postgres").check("--sample 3s"));
    judged.expect(&Expected {
        verdict: "unknown", // one reading of three seconds
        resource: "postgres.queries",
        instance: None,
        now: (0.7, 0.9),
        limit: 0.5,
        headline: "Slowest query (mean)",
    });
    assert_eq!(judged.part("/next_bottleneck/state"), "pending");
    let decisions = judged.part("/decisions").as_array().unwrap();
    let due = decisions.iter().find(|decision| decision["id"] == "optimize-database").unwrap();
    // One reading decides this no more than it decides the verdict.
    assert_eq!((&due["verdict"], &due["reason"]["holds"]), (&"unknown".into(), &true.into()), "{due:#}");
}
