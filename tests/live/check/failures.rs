//! Sources that are dead, or die while they are read.

use std::{
    cell::RefCell,
    process::{Child, Command, Stdio},
};

use super::program::{Judged, Project, Run};
use crate::support::{
    Server, free_port,
    postgres::Postgres,
    redis::{client, send, start},
    run, wait_until,
};

fn project(postgres: &Postgres, redis: &Server) -> Project {
    Project::new(&format!(
        "[sources.postgres]\nurl = \"{}\"\n[sources.redis]\nurl = \"redis://127.0.0.1:{}\"",
        postgres.url("postgres"),
        redis.port
    ))
}

/// A check that has begun and takes its second sample some seconds later.
fn begin(project: &Project) -> Child {
    let mut command = project.command("check -q --format json --sample 4s --timeout 8s");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[track_caller]
fn finish(child: Child) -> Judged {
    let run = Run::from(child.wait_with_output().unwrap());
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    Judged::from_json(&run.out)
}

/// Waits until PostgreSQL waits for the reader's second sample.
fn wait_for_first_sample(postgres: &Postgres) {
    let client = RefCell::new(postgres.client());
    let idle = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'scale-advisor' AND state = 'idle' \
                AND state_change < clock_timestamp() - interval '1 s'";
    wait_until("the first sample was taken", || !client.borrow_mut().query(idle).unwrap().is_empty());
}

#[test]
fn a_database_that_dies_between_two_samples_leaves_the_rest() {
    let (mut postgres, redis) = (Postgres::with_statements(None), start(&["--maxmemory", "64mb"]));
    let project = project(&postgres, &redis);
    let child = begin(&project);
    wait_for_first_sample(&postgres);
    postgres.stop();
    let judged = finish(child);
    assert_eq!(judged.finding("threshold:redis.memory")["verdict"], "ok");
    let gap = judged.gap("postgres.query_time");
    assert_eq!((&gap["source"], gap["hint"].is_string()), (&"postgres".into(), true), "{gap:#}");
    assert_eq!(judged.finding("threshold:postgres.query_time")["verdict"], "unknown");
}

#[test]
fn a_store_that_hangs_between_two_samples_leaves_the_rest() {
    let (postgres, redis) = (Postgres::with_statements(None), start(&["--maxmemory", "64mb"]));
    let project = project(&postgres, &redis);
    let child = begin(&project);
    wait_for_first_sample(&postgres);
    run(Command::new("kill").args(["-STOP", &redis.process().to_string()]));
    let judged = finish(child);
    assert_eq!(judged.finding("threshold:postgres.connections")["verdict"], "ok");
    let gap = judged.gap("redis.evictions");
    assert_eq!(gap["source"], "redis");
    assert!(gap["detail"].as_str().unwrap().contains("no answer"), "{gap:#}");
    assert_eq!(judged.finding("threshold:redis.memory")["verdict"], "ok");
}

#[test]
fn a_database_that_is_gone_is_named_and_the_rest_is_judged() {
    let (mut postgres, redis) = (Postgres::with_statements(None), start(&["--maxmemory", "64mb"]));
    let project = project(&postgres, &redis);
    let port = postgres.port().to_string();
    postgres.stop();
    let judged = project.check("--sample 300ms");
    assert_eq!(judged.finding("threshold:redis.memory")["verdict"], "ok");
    let gap = judged.gap("postgres.connections");
    assert_eq!((&gap["source"], &gap["reason"]), (&"postgres".into(), &"unreachable".into()));
    let doctor = project.run("doctor -q --sample 300ms");
    let named = doctor.out.lines().any(|line| line.contains("FAILED") && line.contains("postgres at"));
    assert!(doctor.code == 2 && named && doctor.out.contains(&port), "{}", doctor.out);
}

#[test]
fn without_any_source_the_program_says_what_it_tried() {
    let ports: Vec<String> = (0..3).map(|_| free_port().to_string()).collect();
    let project = Project::new(&format!(
        "[sources.prometheus]\nurl = \"http://127.0.0.1:{}\"\n\
         [sources.postgres]\nurl = \"postgres://app:hunter2@127.0.0.1:{}/app\"\n\
         [sources.redis]\nurl = \"redis://:hunter2@127.0.0.1:{}\"",
        ports[0], ports[1], ports[2]
    ));
    for arguments in ["check", "check --format json", "collect"] {
        let run = project.run(arguments);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{}", run.err);
        for words in ["prometheus", "postgres", "redis"].into_iter().chain(ports.iter().map(String::as_str)) {
            assert!(run.err.contains(words), "{words}: {}", run.err);
        }
        assert!(!run.err.contains("hunter2"), "{}", run.err);
    }
}

#[test]
fn a_store_whose_clients_are_full_is_critical() {
    let server = start(&["--maxclients", "3"]);
    let mut held: Vec<_> = (0..3).map(|_| client(server.port)).collect();
    for held in &mut held {
        send(held, "PING");
    }
    let project = Project::new(&format!("[sources.redis]\nurl = \"redis://127.0.0.1:{}\"", server.port));
    let judged = project.check("--sample 300ms");
    assert_eq!(judged.part("/next_bottleneck/resource"), "redis.clients", "{}", judged.page);
    assert_eq!(judged.finding("refusal:redis.clients")["verdict"], "critical");
    let strict = project.run("check -q --fail-on critical");
    assert_eq!(strict.code, 1, "{}", strict.err);
}
