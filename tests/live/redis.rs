//! What a Redis server under pressure is read as.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use scale_advisor::snapshot::Reason;

use crate::support::{
    self,
    redis::{client, collect, failure, gap, observed, read, send, settings, start, value},
};

#[test]
fn a_full_memory_evicts_and_loses_hits() {
    let server = start(&["--maxmemory", "8mb", "--maxmemory-policy", "allkeys-random"]);
    let done = AtomicBool::new(false);
    let snapshot = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut client = client(server.port);
            for key in 0_u64.. {
                let _: () = redis::cmd("SET").arg(key).arg("x".repeat(4096)).query(&mut client).unwrap();
                let _: Option<String> = redis::cmd("GET").arg(key / 2).query(&mut client).unwrap();
                if done.load(Ordering::Relaxed) {
                    break;
                }
            }
        });
        support::wait_until("most look-ups miss", || {
            let stats: String = redis::cmd("INFO").arg("stats").query(&mut client(server.port)).unwrap();
            let count = |name: &str| {
                let line = stats.lines().find_map(|line| line.strip_prefix(name)).unwrap();
                line.parse::<u64>().unwrap()
            };
            count("keyspace_misses:") > count("keyspace_hits:")
        });
        let snapshot = read(server.port);
        done.store(true, Ordering::Relaxed);
        snapshot
    });
    assert!(value(&snapshot, "redis.memory", None) > 0.9, "{}", snapshot.to_json());
    assert_eq!(observed(&snapshot, "redis.memory", None).attributes["maxmemory_policy"], "allkeys-random");
    assert!(value(&snapshot, "redis.evictions", None) > 10.0);
    assert!(value(&snapshot, "redis.hit_ratio", None) < 0.9);
    assert!(observed(&snapshot, "redis.hit_ratio", None).origin.query.contains("over 0."));
    assert!(value(&snapshot, "redis.ops", None) > 100.0);
    assert_eq!(value(&snapshot, "redis.rejected_connections", None).to_bits(), 0.0_f64.to_bits());
}

#[test]
fn without_maxmemory_the_machine_is_the_limit() {
    let server = start(&[]);
    let snapshot = read(server.port);
    let memory = observed(&snapshot, "redis.memory", None);
    assert_eq!(memory.attributes["limit"], "host memory");
    assert!(memory.notes[0].contains("maxmemory is 0"), "{:?}", memory.notes);
    assert!(memory.values.last().1 < 0.1);
    assert!(value(&snapshot, "redis.clients", None) < 0.01);
    assert_eq!(gap(&snapshot, "redis.fragmentation").reason, Reason::NotApplicable);
    assert_eq!(gap(&snapshot, "redis.hit_ratio").reason, Reason::Empty);
    assert_eq!(gap(&snapshot, "queue.depth").reason, Reason::NotApplicable);
    assert!(snapshot.sources[0].version.as_ref().unwrap().starts_with("Redis "));
}

#[test]
fn a_server_without_free_slots_is_exhausted_every_time() {
    let server = start(&["--maxclients", "10"]);
    let held = take_every_slot(server.port);
    for attempt in 0..100 {
        let snapshot = read(server.port);
        assert_eq!(failure(&snapshot).0, Reason::Full, "attempt {attempt}: {}", snapshot.to_json());
        assert_eq!(snapshot.exhausted[0].resource.as_str(), "redis.clients");
        assert_eq!(snapshot.exhausted[0].message, "ERR max number of clients reached");
        assert_eq!(gap(&snapshot, "redis.clients").reason, Reason::Full);
    }
    drop(held);
    support::wait_until("slots are free again", || read(server.port).exhausted.is_empty());
}

/// Connects until the server refuses; the slots are free again when the result is dropped.
fn take_every_slot(port: u16) -> Vec<TcpStream> {
    let mut held = Vec::new();
    for _ in 0..100 {
        let mut probe = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let mut answer = [0; 5];
        probe.write_all(b"PING\r\n").unwrap();
        if probe.read(&mut answer).is_ok() && answer.starts_with(b"-ERR") {
            return held;
        }
        held.push(probe);
    }
    panic!("the server never refused");
}

#[test]
fn a_server_that_is_loading_says_so() {
    let mut first = start(&[]);
    let mut admin = client(first.port);
    send(&mut admin, "SET bull:mail:id 1");
    for key in 0..2000 {
        send(&mut admin, &format!("SET key:{key} value"));
    }
    send(&mut admin, "SAVE");
    first.kill();
    let folder = support::folder();
    std::fs::copy(first.folder.path().join("dump.rdb"), folder.path().join("dump.rdb")).unwrap();
    let slow = ["--key-load-delay", "20000", "--loading-process-events-interval-bytes", "1024"];
    let server = support::redis::start_in(folder, support::free_port(), &slow);
    let snapshot = read(server.port);
    assert!(snapshot.sources[0].notes[0].contains("loading"), "{}", snapshot.to_json());
    observed(&snapshot, "redis.clients", None);
    assert!(gap(&snapshot, "queue.depth").detail.contains("LOADING"));
}

#[test]
fn a_script_that_blocks_the_server_is_named() {
    let server = start(&["--busy-reply-threshold", "1"]);
    let mut stuck = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    stuck.write_all(b"EVAL \"while true do end\" 0\r\n").unwrap();
    support::wait_until("the server is busy", || {
        let mut probe = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
        probe.write_all(b"INFO\r\n").unwrap();
        let mut answer = [0; 5];
        probe.read_exact(&mut answer).is_ok() && &answer == b"-BUSY"
    });
    let snapshot = read(server.port);
    assert!(failure(&snapshot).1.contains("BUSY"), "{}", snapshot.to_json());
    assert!(snapshot.sources[0].hint.as_ref().unwrap().contains("SCRIPT KILL"));
}

#[test]
fn counters_reset_between_the_samples_give_no_rates() {
    let server = start(&[]);
    let mut admin = client(server.port);
    for _ in 0..5000 {
        send(&mut admin, "PING");
    }
    let snapshot = std::thread::scope(|scope| {
        scope.spawn(|| {
            support::wait_until("the first sample is taken", || {
                let clients: String =
                    redis::cmd("CLIENT").arg("LIST").query(&mut client(server.port)).unwrap();
                clients.contains("cmd=info")
            });
            send(&mut client(server.port), "CONFIG RESETSTAT");
        });
        let source = Box::new(settings("redis://127.0.0.1:PORT", server.port));
        collect(source, Duration::from_secs(2), Duration::from_secs(30))
    });
    let gap = gap(&snapshot, "redis.ops");
    assert_eq!(gap.reason, Reason::TooFewSamples, "{}", snapshot.to_json());
    assert!(gap.detail.contains("reset"), "{}", gap.detail);
}
