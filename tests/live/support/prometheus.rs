//! Prometheus and VictoriaMetrics filled with history that the test generates.
//!
//! ```ignore
//! let day = Span::before(end, 24 * 3600, 60);
//! let server = Backfill::default()
//!     .gauge("pg_stat_activity_count", &[("instance", "db-1")], day, |_| 87.0)
//!     .counter("http_requests_total", &[("code", "200")], day, |_| 12.5)
//!     .histogram("http_request_duration_seconds", &[], day, &[0.1, 0.5], |_| vec![9.0, 3.0, 0.5])
//!     .prometheus();
//! let url = server.url();
//! ```

use std::{
    collections::BTreeMap,
    fmt::Write,
    fs,
    io::Write as _,
    process::{Command, Stdio},
};

use super::{
    Server, folder, free_port,
    http::{http, try_http},
    run,
};

/// A label set, as pairs of name and value.
pub type Labels<'a> = &'a [(&'a str, &'a str)];

/// When samples exist: Unix seconds, both ends included.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// The first sample.
    pub from: i64,
    /// No sample after this.
    pub to: i64,
    /// Seconds between samples.
    pub step: i64,
}

impl Span {
    /// The last `seconds` before `end`, both on the grid of `step`.
    pub fn before(end: i64, seconds: i64, step: i64) -> Self {
        let to = end - end.rem_euclid(step);
        Self { from: to - seconds, to, step }
    }

    fn instants(self) -> impl Iterator<Item = i64> {
        (0..).map(move |index| self.from + index * self.step).take_while(move |at| *at <= self.to)
    }
}

/// History to load: every series with its samples in time order.
#[derive(Debug, Clone, Default)]
pub struct Backfill {
    series: BTreeMap<String, Vec<(i64, f64)>>,
}

impl Backfill {
    /// A gauge; `value` is asked at each instant (Unix seconds). NaN and infinities are kept as they are.
    pub fn gauge(mut self, name: &str, labels: Labels<'_>, span: Span, value: impl Fn(i64) -> f64) -> Self {
        let samples = span.instants().map(|at| (at, value(at)));
        self.series.entry(series(name, labels, None)).or_default().extend(samples);
        self
    }

    /// A counter that rises by `rate` events per second. The name is taken as given, `_total` included.
    pub fn counter(mut self, name: &str, labels: Labels<'_>, span: Span, rate: impl Fn(i64) -> f64) -> Self {
        let samples = accumulated(span, rate);
        self.series.entry(series(name, labels, None)).or_default().extend(samples);
        self
    }

    /// A histogram with upper `bounds`; `rates` gives events per second for each bucket by itself, the one
    /// beyond the highest bound last. The sum takes each event at its bucket's upper bound.
    pub fn histogram(
        mut self,
        name: &str,
        labels: Labels<'_>,
        span: Span,
        bounds: &[f64],
        rates: impl Fn(i64) -> Vec<f64>,
    ) -> Self {
        let highest = bounds.last().copied().unwrap_or(1.0);
        for index in 0..=bounds.len() {
            let bound = bounds.get(index).map_or("+Inf".to_owned(), |bound| format!("{bound:?}"));
            let below = accumulated(span, |at| rates(at).iter().take(index + 1).sum());
            let bucket = series(&format!("{name}_bucket"), labels, Some(("le", &bound)));
            self.series.entry(bucket).or_default().extend(below);
        }
        let bound = |index: usize| bounds.get(index).copied().unwrap_or(highest);
        let weight = |at| rates(at).iter().enumerate().map(|(index, rate)| rate * bound(index)).sum::<f64>();
        self.counter(&format!("{name}_count"), labels, span, |at| rates(at).iter().sum()).counter(
            &format!("{name}_sum"),
            labels,
            span,
            weight,
        )
    }

    /// Starts a Prometheus that holds this history and scrapes nothing.
    pub fn prometheus(&self) -> Server {
        self.prometheus_with("scrape_configs: []\n", None, &[])
    }

    /// Starts a Prometheus with a configuration, a web configuration (TLS, users) and further arguments.
    pub fn prometheus_with(&self, config: &str, web_config: Option<&str>, arguments: &[&str]) -> Server {
        let folder = folder();
        let path = folder.path();
        fs::write(path.join("prometheus.yml"), config).unwrap();
        self.write_blocks(path);
        let port = free_port();
        let mut command = Command::new("prometheus");
        command.arg(format!("--web.listen-address=127.0.0.1:{port}"));
        command.arg(format!("--config.file={}", path.join("prometheus.yml").display()));
        command.arg(format!("--storage.tsdb.path={}", path.join("data").display()));
        command.arg("--storage.tsdb.retention.time=10y").args(arguments);
        if let Some(web_config) = web_config {
            fs::write(path.join("web.yml"), web_config).unwrap();
            command.arg(format!("--web.config.file={}", path.join("web.yml").display()));
        }
        // The log tells readiness whatever TLS and sign-in the server asks of its clients.
        let log = path.join("server.log");
        let ready = move || {
            fs::read_to_string(&log).is_ok_and(|log| log.contains("Server is ready to receive web requests"))
        };
        Server::start(command, port, folder, ready)
    }

    /// Starts a VictoriaMetrics that holds this history.
    pub fn victoria_metrics(&self) -> Server {
        let folder = folder();
        let port = free_port();
        let mut command = Command::new("victoria-metrics");
        command.arg(format!("-httpListenAddr=127.0.0.1:{port}"));
        command.arg(format!("-storageDataPath={}", folder.path().join("data").display()));
        command.arg("-retentionPeriod=10y");
        let ready = move || try_http(port, "GET", "/health", "").is_some_and(|(status, _)| status == 200);
        let server = Server::start(command, port, folder, ready);
        let (status, answer) = http(port, "POST", "/api/v1/import/prometheus", &self.text(1000));
        assert_eq!(status, 204, "{answer}");
        let (status, answer) = http(port, "GET", "/internal/force_flush", "");
        assert_eq!(status, 200, "{answer}");
        server
    }

    fn write_blocks(&self, path: &std::path::Path) {
        fs::create_dir_all(path.join("data")).unwrap();
        if self.series.is_empty() {
            return;
        }
        let text = path.join("history.om");
        fs::write(&text, self.text(1) + "# EOF\n").unwrap();
        // With blocks of the usual two hours the tool reads the text once for each of them.
        let mut command = Command::new("promtool");
        command.args(["tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=744h"]);
        run(command.arg(&text).arg(path.join("data")));
        fs::remove_file(text).unwrap();
    }

    /// Exposition text; OpenMetrics counts time in seconds, the older format in milliseconds.
    fn text(&self, ticks_per_second: i64) -> String {
        let mut text = String::new();
        for (series, samples) in &self.series {
            for (at, value) in samples {
                let value = match value {
                    value if value.is_nan() => "NaN".to_owned(),
                    value if value.is_infinite() => format!("{}Inf", if *value > 0.0 { '+' } else { '-' }),
                    value => value.to_string(),
                };
                writeln!(text, "{series} {value} {}", at * ticks_per_second).unwrap();
            }
        }
        text
    }
}

fn accumulated(span: Span, rate: impl Fn(i64) -> f64) -> Vec<(i64, f64)> {
    let mut total = 0.0;
    let mut rise = |at| {
        total += rate(at) * span.step as f64;
        (at, total)
    };
    span.instants().map(&mut rise).collect()
}

fn series(name: &str, labels: Labels<'_>, further: Option<(&str, &str)>) -> String {
    let pair = |(name, value): &(&str, &str)| {
        format!("{name}=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
    };
    let pairs: Vec<String> = labels.iter().chain(&further).map(pair).collect();
    format!("{name}{{{}}}", pairs.join(","))
}

/// Holds an exposition against what Prometheus reads.
///
/// # Panics
/// When it does not read it: with what is wrong.
#[track_caller]
pub fn promtool_accepts(metrics: &str) {
    let mut promtool = Command::new("promtool");
    promtool.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut promtool = promtool.spawn().unwrap();
    promtool.stdin.take().unwrap().write_all(metrics.as_bytes()).unwrap();
    let output = promtool.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}\n{metrics}");
}
