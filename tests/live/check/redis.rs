//! A Redis server that is full.

use std::{
    cell::{Cell, RefCell},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use super::{
    load::during,
    program::{Expected, Judged, Project},
};
use crate::support::{
    Server,
    redis::{client, send, start},
    wait_until,
};

/// Bytes of one value.
const VALUE: usize = 1000;

fn project(server: &Server) -> Project {
    Project::new(&format!("[sources.redis]\nurl = \"redis://127.0.0.1:{}\"", server.port))
}

/// How many keys the server has thrown out so far.
fn evicted(client: &mut ::redis::Connection) -> u64 {
    let info: String = ::redis::cmd("INFO").arg("stats").query(client).unwrap();
    let line = info.lines().find_map(|line| line.strip_prefix("evicted_keys:")).unwrap();
    line.parse().unwrap()
}

/// Waits until a full server has thrown out nothing for a second: what its own tables needed is then there.
fn settle(server: &Server) {
    let client = RefCell::new(client(server.port));
    let seen = Cell::new((Instant::now(), 0));
    wait_until("no more keys are evicted", || {
        let evicted = evicted(&mut client.borrow_mut());
        if seen.get().1 != evicted {
            seen.set((Instant::now(), evicted));
        }
        seen.get().0.elapsed() > Duration::from_secs(1)
    });
}

/// Writes keys until the server has no memory left.
fn fill(server: &Server) {
    let mut client = client(server.port);
    for key in 0..20_000 {
        let written: ::redis::RedisResult<()> =
            ::redis::cmd("SET").arg(key).arg("x".repeat(VALUE)).query(&mut client);
        if written.is_err() {
            return;
        }
    }
}

fn full(judged: &Judged) {
    judged.expect(&Expected {
        verdict: "critical",
        resource: "redis.memory",
        instance: None,
        now: (0.97, 1.05),
        limit: 1.0,
        headline: "Redis memory",
    });
}

#[test]
fn evictions_and_a_falling_hit_ratio_make_memory_the_bottleneck() {
    let server = start(&["--maxmemory", "10mb", "--maxmemory-policy", "allkeys-lru"]);
    fill(&server);
    // Ever new keys are written, and ever older ones asked for, which are gone.
    let next = AtomicU64::new(0);
    let churn = |client: &mut ::redis::Connection| {
        let mut commands = ::redis::pipe();
        for _ in 0..50 {
            let key = next.fetch_add(1, Ordering::Relaxed);
            commands.cmd("SET").arg(format!("new:{key}")).arg("x".repeat(VALUE)).ignore();
            commands.cmd("GET").arg(format!("old:{key}")).ignore();
        }
        commands.query::<()>(client).unwrap();
    };
    let judged = during(1, || client(server.port), churn, || project(&server).check("--sample 1s"));
    let next = judged.part("/next_bottleneck");
    // One reading of a second shows no more.
    assert_eq!(
        (&next["resource"], &next["state"]),
        (&"redis.memory".into(), &"pending".into()),
        "{}",
        judged.page
    );
    let cache = judged.part("/next_bottleneck/reason/evaluation/cache");
    assert_eq!((&cache["kind"], &cache["policy"]), (&"evicts".into(), &"allkeys-lru".into()));
    let harmed = cache["harmed"].as_array().unwrap().iter().map(|harmed| &harmed["measured"]["signal"]);
    assert!(harmed.into_iter().any(|signal| signal == "redis.hit_ratio"), "{cache:#}");
    assert_eq!(judged.finding("threshold:redis.evictions")["state"], "pending");
    assert_eq!(judged.finding("threshold:redis.hit_ratio")["state"], "pending");
}

#[test]
fn a_full_store_that_refuses_writes_is_the_bottleneck() {
    let server = start(&["--maxmemory", "10mb", "--maxmemory-policy", "noeviction"]);
    fill(&server);
    full(&project(&server).check("--sample 300ms"));
}

#[test]
fn a_full_cache_that_serves_its_readers_is_none() {
    let server = start(&["--maxmemory", "10mb", "--maxmemory-policy", "allkeys-lru"]);
    fill(&server);
    // Room for the buffers of a few connections, which would push out keys of a cache filled to the last byte.
    let spare: Vec<String> = (19_900..20_000).map(|key| key.to_string()).collect();
    send(&mut client(server.port), &format!("DEL {}", spare.join(" ")));
    send(&mut client(server.port), "SET hot 1");
    let read = |client: &mut ::redis::Connection| {
        let mut commands = ::redis::pipe();
        for _ in 0..50 {
            commands.cmd("GET").arg("hot").ignore();
        }
        commands.query::<()>(client).unwrap();
    };
    let judged = during(
        1,
        || client(server.port),
        read,
        || {
            settle(&server);
            project(&server).check("--sample 1s")
        },
    );
    let memory = judged.finding("threshold:redis.memory");
    assert!(memory["value"]["value"].as_f64().unwrap() > 0.97, "{memory:#}");
    assert_eq!(memory["verdict"], "ok", "{memory:#}");
    assert!(judged.part("/next_bottleneck").is_null(), "{}", judged.page);
}
