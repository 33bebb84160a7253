//! Several servers of a kind in one system: each is judged by itself, and what one of them hides is not fine.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::{
    check::program::{Judged, Project},
    support::{
        Server, free_port,
        prometheus::{Backfill, Span},
        redis::{client, send, start},
    },
};

/// The instances of a resource, with the headroom of each.
fn rows(judged: &Judged, resource: &str) -> Vec<(String, f64)> {
    let rows = judged.part("/bottlenecks").as_array().unwrap().iter();
    let of_resource = rows.filter(|row| row["resource"] == resource);
    let row = |row: &Value| {
        (row["instance"].as_str().unwrap_or_default().to_owned(), row["headroom"].as_f64().unwrap())
    };
    of_resource.map(row).collect()
}

#[test]
fn each_redis_has_its_own_row_and_a_dead_one_is_named() {
    let (cache, jobs) = (start(&["--maxmemory", "40mb"]), start(&["--maxmemory", "40mb"]));
    let mut filling = client(jobs.port);
    for number in 0..136 {
        send(&mut filling, &format!("SET filler:{number} {}", "x".repeat(250_000)));
    }
    let server = |name: &str, port: u16| {
        format!("[[sources.redis]]\nname = \"{name}\"\nurl = \"redis://127.0.0.1:{port}\"\n")
    };
    let both = server("cache", cache.port) + &server("jobs", jobs.port);
    let judged = Project::new(&both).check("--sample 200ms");
    let memory = rows(&judged, "redis.memory");
    let names: Vec<&str> = memory.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["jobs", "cache"], "the fuller one first");
    assert!(memory[0].1 < 0.2 && memory[1].1 > 0.8, "{memory:?}");
    assert!(judged.page.contains("jobs"), "{}", judged.page);

    let alone = Project::new(&both).check("--sample 200ms --redis cache");
    let memory = rows(&alone, "redis.memory");
    assert_eq!(memory.len(), 1, "{memory:?}");
    assert!(memory[0].1 > 0.8, "{memory:?}");

    let project = Project::new(&(server("cache", cache.port) + &server("lost", free_port())));
    let judged = project.check("--sample 200ms");
    assert_ne!(judged.part("/verdict"), "ok");
    assert_eq!(judged.gap("redis.memory")["source"], "redis lost");
    assert!(judged.page.contains("redis lost: cannot connect"), "{}", judged.page);
    let doctor = project.run("doctor -q");
    assert!(doctor.out.contains("redis cache at") && doctor.out.contains("redis lost at"), "{}", doctor.out);
}

/// A region with its users and a machine, up to now.
fn region(users: f64, cpu: f64) -> Server {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let span = Span::before(i64::try_from(now).unwrap(), 86_400, 60);
    let node = |mode| [("instance", "web:9100"), ("job", "node"), ("cpu", "0"), ("mode", mode)];
    Backfill::default()
        .gauge("websocket_active_connections", &[("instance", "app:80"), ("job", "app")], span, move |_| {
            users
        })
        .counter("node_cpu_seconds_total", &node("idle"), span, move |_| 1.0 - cpu)
        .counter("node_cpu_seconds_total", &node("user"), span, move |_| cpu)
        .prometheus()
}

#[test]
fn loads_of_two_regions_are_a_question() {
    let (eu, us) = (region(100.0, 0.5), region(300.0, 0.8));
    let server = |name: &str, server: &Server, more: &str| {
        format!("[[sources.prometheus]]\nname = \"{name}\"\nurl = \"{}\"\n{more}", server.url())
    };
    let asked = Project::new(&(server("eu", &eu, "") + &server("us", &us, ""))).run("check -q");
    assert_eq!(asked.code, 2, "{asked:?}");
    for line in ["75.0%  --prometheus us", "25.0%  --prometheus eu", "loads = false"] {
        assert!(asked.err.contains(line), "{asked:?}");
    }
    let settled = Project::new(&(server("eu", &eu, "") + &server("us", &us, "loads = false\n")));
    let judged = settled.check("");
    assert_eq!(judged.part("/load/now"), 100.0, "{}", judged.page);
    let cpu = rows(&judged, "host.cpu");
    let names: Vec<&str> = cpu.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["us/web:9100", "eu/web:9100"], "one name on two servers of metrics");
    assert!((cpu[0].1 - 0.2).abs() < 0.02 && (cpu[1].1 - 0.5).abs() < 0.02, "{cpu:?}");

    // What is meant for one of them reaches neither.
    let header = settled.command("check -q").args(["-H", "X-Key: k"]).output().unwrap();
    assert_eq!(header.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&header.stderr).contains("choose one with --prometheus eu|us"));
    let judged = settled.check("--prometheus us");
    assert_eq!(judged.part("/load/now"), 300.0, "the one that is chosen has the load");
    let fleet = settled.run("fleet list --by job");
    assert_eq!(fleet.code, 2);
    assert!(fleet.err.contains("choose one with --prometheus eu|us"), "{fleet:?}");
}
