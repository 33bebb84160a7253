//! The Redis source on recorded answers: what a server does not tell is never zero, and never the machine's.

use scale_advisor::snapshot::{Reason, Snapshot};

use crate::support::{
    redis::{failure, gap, observed, read, value},
    resp::{array, bulk, start},
};

/// A managed server whose INFO tells no maxmemory.
const MANAGED: &str = include_str!("../fixtures/cases/redis-no-maxmemory-in-info/redis28.info");

/// An answer to CONFIG GET of a server that has no such command.
const NO_CONFIG: &str = "-ERR unknown command 'CONFIG'\r\n";

/// Reads a server with this INFO and these answers to CONFIG GET.
fn read_recorded(info: &str, memory: &str, clients: &str) -> Snapshot {
    let (info, memory, clients) = (info.replace("{n}", "1000"), memory.to_owned(), clients.to_owned());
    read(start(move |command| match command {
        "PING" => "+PONG\r\n".to_owned(),
        "INFO all" => bulk(&info),
        "CONFIG GET maxmemory" => memory.clone(),
        "CONFIG GET maxclients" => clients.clone(),
        _ => "-ERR unknown command\r\n".to_owned(),
    }))
}

#[test]
fn a_maxmemory_that_info_does_not_tell_is_asked_for() {
    let snapshot =
        read_recorded(MANAGED, &array(&["maxmemory", "1073741824"]), &array(&["maxclients", "1000"]));
    assert!((value(&snapshot, "redis.memory", None) - 1_054_058_256.0 / 1_073_741_824.0).abs() < 1e-12);
    let memory = observed(&snapshot, "redis.memory", None);
    assert_eq!(memory.attributes["limit"], "maxmemory");
    assert!(memory.notes.iter().any(|note| note.contains("CONFIG GET")), "{:?}", memory.notes);
    assert!((value(&snapshot, "redis.clients", None) - 0.391).abs() < 1e-12);
}

#[test]
fn a_maxmemory_that_nobody_tells_is_unknown() {
    let denied = "-NOPERM this user has no permissions to run the 'config|get' command\r\n";
    for (answer, reason) in [
        (NO_CONFIG, Reason::QueryFailed),
        (denied, Reason::NotPermitted),
        ("*0\r\n", Reason::NotApplicable),
        (&array(&["maxmemory", "1gb"]), Reason::NotApplicable),
    ] {
        let snapshot = read_recorded(MANAGED, answer, answer);
        for (signal, setting) in [("redis.memory", "maxmemory"), ("redis.clients", "maxclients")] {
            let gap = gap(&snapshot, signal);
            assert_eq!(gap.reason, reason, "{answer}");
            assert!(gap.detail.contains(&format!("INFO does not report {setting}")), "{}", gap.detail);
            assert!(gap.hint.is_some(), "{answer}");
        }
        observed(&snapshot, "redis.blocked_clients", None);
    }
}

#[test]
fn a_maxmemory_of_zero_is_no_limit() {
    let snapshot = read_recorded(MANAGED, &array(&["maxmemory", "0"]), NO_CONFIG);
    assert_eq!(observed(&snapshot, "redis.memory", None).attributes["limit"], "host memory");
}

#[test]
fn what_info_gives_is_not_asked_for() {
    let told = format!("{MANAGED}\nmaxmemory:2147483648\nmaxclients:500");
    let snapshot = read_recorded(&told, NO_CONFIG, NO_CONFIG);
    let memory = observed(&snapshot, "redis.memory", None);
    assert_eq!(memory.capacity().unwrap().to_string(), "2 GiB");
    assert!(memory.notes.is_empty(), "{:?}", memory.notes);
}

#[test]
fn numbers_that_are_none_are_told_as_they_stand() {
    let odd = MANAGED
        .replace("mem_fragmentation_ratio:1", "mem_fragmentation_ratio:1,04")
        .replace("used_memory:1054058256", "used_memory:1.054.058.256")
        .replace("connected_clients:391", "connected_clients:-1");
    let snapshot = read_recorded(&odd, &array(&["maxmemory", "1073741824"]), &array(&["maxclients", "1000"]));
    for (signal, text) in
        [("redis.fragmentation", "`1,04`"), ("redis.memory", "`1.054.058.256`"), ("redis.clients", "`-1`")]
    {
        assert_eq!(gap(&snapshot, signal).reason, Reason::UnexpectedReply, "{signal}");
        assert!(gap(&snapshot, signal).detail.contains(text), "{}", gap(&snapshot, signal).detail);
    }
}

#[test]
fn sections_that_are_missing_leave_the_others() {
    let snapshot =
        read_recorded("# Server\r\nupstash_version:1.13.3\r\nredis_version:6.2.6\r\n", NO_CONFIG, NO_CONFIG);
    assert_eq!(snapshot.sources[0].version.as_deref(), Some("Upstash 1.13.3"));
    for signal in ["redis.memory", "redis.clients", "redis.blocked_clients", "redis.ops", "redis.hit_ratio"] {
        assert!(
            gap(&snapshot, signal).detail.contains("Upstash 1.13.3 has no "),
            "{}",
            gap(&snapshot, signal).detail
        );
    }
}

#[test]
fn a_server_that_knows_no_sections_is_read() {
    let port = start(|command| match command {
        "PING" => "+PONG\r\n".to_owned(),
        "INFO" => bulk(&format!("{MANAGED}\nmaxmemory:2147483648")),
        _ => "-ERR wrong number of arguments\r\n".to_owned(),
    });
    observed(&read(port), "redis.memory", None);
    let neither =
        read(start(|command| if command == "PING" { "+PONG\r\n" } else { "-ERR no\r\n" }.to_owned()));
    assert_eq!(failure(&neither), (Reason::QueryFailed, "the server answered: ERR no"));
}
