//! What stands at the addresses of the book: a shop on real servers, and files of load tests.

use std::{fmt::Write, fs, path::Path};

use crate::support::{
    Server,
    postgres::Postgres,
    prometheus::{Backfill, Span},
    redis,
};

/// The servers that the pages speak of.
pub struct World {
    prometheus: Server,
    postgres: Postgres,
    redis: Server,
}

impl World {
    pub fn open() -> Self {
        Self {
            prometheus: shop().prometheus(),
            postgres: Postgres::with_statements(None),
            redis: redis::start(&["--maxmemory", "64mb", "--maxmemory-policy", "noeviction"]),
        }
    }

    /// A command as it is written in the book, with the addresses of these servers.
    pub fn translated(&self, text: &str) -> String {
        let (postgres, redis) = (self.postgres.port(), self.redis.port);
        text.replace("http://127.0.0.1:9090", &self.prometheus.url())
            .replace("http://prometheus.monitoring:9090", &self.prometheus.url())
            .replace("postgres://advisor@db.internal/history", &self.postgres.url("postgres"))
            .replace("127.0.0.1:5432", &format!("127.0.0.1:{postgres}"))
            .replace("127.0.0.1:6379", &format!("127.0.0.1:{redis}"))
    }

    /// Settings of the shop; nothing of the machine that runs the tests is part of it.
    pub fn settings(&self) -> String {
        self.translated(
            "profile = \"web-service\"\n[sources.prometheus]\nurl = \"http://127.0.0.1:9090\"\n\
             [sources.host]\nenabled = false\n",
        )
    }

    pub fn sql(&self, script: &str) {
        self.postgres.script(script);
    }

    pub fn redis(&self, command: &str) {
        redis::send(&mut redis::client(self.redis.port), command);
    }
}

/// Thirty days of a small shop in one namespace.
fn shop() -> Backfill {
    let span = Span::before(chrono::Utc::now().timestamp(), 30 * 86_400, 600);
    let app = |more: &[(&'static str, &'static str)]| {
        let labels = [("namespace", "shop"), ("env", "prod"), ("app", "web"), ("instance", "web-1")];
        labels.iter().chain(more).copied().collect::<Vec<_>>()
    };
    let bounds = [0.1, 0.5, 1.0];
    let answered = app(&[("method", "GET"), ("path", "/"), ("status_code", "200")]);
    let users = |at: i64| 150.0 + 40.0 * ((at % 86_400) as f64 / 13_750.0).sin();
    Backfill::default()
        .gauge("websocket_active_connections", &app(&[]), span, users)
        .histogram("http_request_duration_seconds", &answered, span, &bounds, |_| vec![20.0, 4.0, 0.5, 0.0])
        .counter("node_cpu_seconds_total", &app(&[("cpu", "0"), ("mode", "user")]), span, |_| 0.5)
        .counter("node_cpu_seconds_total", &app(&[("cpu", "0"), ("mode", "idle")]), span, |_| 0.5)
        .gauge("node_memory_MemTotal_bytes", &app(&[]), span, |_| 8e9)
        .gauge("node_memory_MemAvailable_bytes", &app(&[]), span, |_| 5e9)
        .gauge("licence_seats_used", &app(&[]), span, |_| 42.0)
        .gauge("licence_seats_limit", &app(&[]), span, |_| 50.0)
}

/// The files that a page takes as given; one that begins with `init` has no settings yet.
pub fn prepare(folder: &Path, settings: Option<&str>) {
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    if let Some(settings) = settings {
        write("scale-advisor.toml", settings);
    }
    for run in 0..5 {
        let text =
            format!("latency_p95_ms,throughput,orders,temperature\n{},{},100,{run}\n", 200 + run, 1000 - run);
        write(&format!("before/{run}.csv"), &text);
        write(&format!("after/{run}.csv"), &text);
    }
    let mut steps = "load,throughput\n".to_owned();
    for load in [1.0_f64, 2.0, 4.0, 8.0, 16.0, 32.0] {
        writeln!(steps, "{load},{}", 100.0 * load / (1.0 + 0.02 * (load - 1.0))).unwrap();
    }
    write("results/steps.csv", &steps);
    let mut disk = "date,value\n".to_owned();
    for day in 1..=60 {
        let date = chrono::NaiveDate::from_yo_opt(2026, day).unwrap();
        writeln!(disk, "{date},{}", 90_000_000_000_u64 + 500_000_000 * u64::from(day)).unwrap();
    }
    write("disk.csv", &disk);
    write("metrics.txt", "# TYPE process_open_fds gauge\nprocess_open_fds 900\nprocess_max_fds 1024\n");
}
