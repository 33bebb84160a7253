//! The shop: its servers, their exporters, and a Prometheus that scrapes all of them every second.

use std::{fs, process::Command};

use serde_json::Value;

use crate::support::{
    Server, accepts, folder, free_port,
    http::{http, try_http},
    npm,
    postgres::{Postgres, Setup, WITH_STATEMENTS, unprivileged},
    redis, wait_until,
};

/// The running shop.
pub(super) struct Shop {
    _postgres: Postgres,
    redis: Server,
    application: Server,
    _exporters: Vec<Server>,
    prometheus: Server,
    project: tempfile::TempDir,
}

impl Shop {
    /// Starts everything. PostgreSQL has 57 connections for ordinary roles, and Redis 64 MB and no eviction.
    pub(super) fn start() -> Self {
        let postgres = Postgres::start(&Setup {
            settings: &[WITH_STATEMENTS, "max_connections=60"],
            ..Setup::default()
        });
        for sql in [
            "CREATE EXTENSION pg_stat_statements",
            "CREATE ROLE shop LOGIN",
            "CREATE ROLE monitor LOGIN",
            "GRANT pg_monitor TO monitor",
            "CREATE TABLE stock AS SELECT id, 10 AS pieces FROM generate_series(1, 1000) AS id",
            "GRANT ALL ON stock TO shop",
        ] {
            postgres.execute(sql);
        }
        let redis = redis::start(&["--maxmemory", "64mb", "--maxmemory-policy", "noeviction"]);
        let application = application(postgres.port(), redis.port);
        let exporters = vec![postgres_exporter(&postgres), redis_exporter(redis.port)];
        let prometheus = prometheus(&[
            ("shop", application.port),
            ("postgres", exporters[0].port),
            ("redis", exporters[1].port),
        ]);
        let project = folder();
        let settings = format!(
            "profile = \"node-queue-chat\"\n\n[sources.prometheus]\nurl = \"{}\"\n\n[sources.postgres]\nurl = \"{}\"\n\n\
             [sources.redis]\nurl = \"redis://127.0.0.1:{}\"\n\n[sources.host]\nenabled = false\n",
            prometheus.url(),
            postgres.url("monitor"),
            redis.port
        );
        fs::write(project.path().join("scale-advisor.toml"), settings).unwrap();
        Self { _postgres: postgres, redis, application, _exporters: exporters, prometheus, project }
    }

    /// Brings about a state; see `causes` in `shop.js`.
    pub(super) fn cause(&self, what: &str, count: u32) {
        let (status, answer) = http(self.application.port, "GET", &format!("/{what}?n={count}"), "");
        assert_eq!(status, 200, "{answer}");
    }

    /// Waits until the shop has been scraped so many further times.
    pub(super) fn observe(&self, scrapes: u32) {
        let from = self.query("timestamp(websocket_active_connections)");
        let enough = || self.query("timestamp(websocket_active_connections)") >= from + f64::from(scrapes);
        wait_until("the state has been scraped often enough", enough);
    }

    /// Waits until no mail waits.
    pub(super) fn until_drained(&self) {
        let query = r#"sum(bullmq_job_count{state=~"waiting|active|prioritized"})"#;
        wait_until("the queue has drained", || self.query(query) < 0.5);
    }

    /// Ends Redis as a crash would.
    pub(super) fn kill_redis(&mut self) {
        self.redis.kill();
    }

    /// What the program says now: as JSON and as the page.
    pub(super) fn check(&self) -> (Value, String) {
        let run = |format: &str| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_scale-advisor"));
            command.env_clear().current_dir(self.project.path());
            let output = command.args(["check", "-q", "--format", format]).output().unwrap();
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            String::from_utf8(output.stdout).unwrap() + &errors
        };
        let json = run("json");
        let json = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"));
        (json, run("text"))
    }

    /// The value of a query with one answer; 0 without any.
    fn query(&self, query: &str) -> f64 {
        let encoded = query.bytes().fold(String::new(), |encoded, byte| encoded + &format!("%{byte:02X}"));
        let (_, answer) = http(self.prometheus.port, "GET", &format!("/api/v1/query?query={encoded}"), "");
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let value = answer.pointer("/data/result/0/value/1").and_then(Value::as_str);
        value.map_or(0.0, |value| value.parse().unwrap())
    }
}

fn application(postgres: u16, redis: u16) -> Server {
    let packages = ["pg@8.16.3", "bullmq@5.81.5", "ioredis@5.8.2", "prom-client@15.1.3"].map(str::to_owned);
    let port = free_port();
    let mut node = Command::new("node");
    node.env("NODE_PATH", npm::modules("shop", &packages));
    node.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/live/states/shop.js"));
    node.args([port, postgres, redis].map(|port| port.to_string()));
    Server::start(node, port, folder(), || answers(port))
}

fn postgres_exporter(postgres: &Postgres) -> Server {
    let port = free_port();
    let mut exporter = unprivileged("prometheus-postgres-exporter");
    exporter.env("DATA_SOURCE_NAME", format!("{}?sslmode=disable", postgres.url("monitor")));
    exporter.arg(format!("--web.listen-address=127.0.0.1:{port}"));
    Server::start(exporter, port, folder(), || answers(port))
}

fn redis_exporter(redis: u16) -> Server {
    let port = free_port();
    let mut exporter = Command::new("prometheus-redis-exporter");
    exporter.args([
        format!("-redis.addr=redis://127.0.0.1:{redis}"),
        format!("-web.listen-address=127.0.0.1:{port}"),
    ]);
    Server::start(exporter, port, folder(), || answers(port))
}

fn answers(port: u16) -> bool {
    accepts(port) && try_http(port, "GET", "/metrics", "").is_some_and(|(status, _)| status == 200)
}

fn prometheus(jobs: &[(&str, u16)]) -> Server {
    let folder = folder();
    let job = |(name, port): &(&str, u16)| {
        format!("  - job_name: {name}\n    static_configs: [{{ targets: ['127.0.0.1:{port}'] }}]\n")
    };
    let jobs: String = jobs.iter().map(job).collect();
    let config = format!("global: {{ scrape_interval: 1s, scrape_timeout: 1s }}\nscrape_configs:\n{jobs}");
    fs::write(folder.path().join("prometheus.yml"), config).unwrap();
    let port = free_port();
    let mut command = Command::new("prometheus");
    command.arg(format!("--web.listen-address=127.0.0.1:{port}"));
    command.arg(format!("--config.file={}", folder.path().join("prometheus.yml").display()));
    command.arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()));
    let log = folder.path().join("server.log");
    let ready = move || {
        fs::read_to_string(&log).is_ok_and(|log| log.contains("Server is ready to receive web requests"))
    };
    Server::start(command, port, folder, ready)
}
