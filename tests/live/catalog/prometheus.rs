//! A real Prometheus or VictoriaMetrics that scrapes exporters four times a second.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::PathBuf,
    process::Command,
};

use serde_json::Value;
use tempfile::TempDir;

use super::exporter::Exporter;
use crate::support::{Server, accepts, folder, free_port, wait_until};

/// The range that stands in for `$rate`: sixteen scrapes.
const RATE: &str = "4s";

/// What projects state, and what it is here.
const FACTS: [(&str, &str); 1] = [("$fact(vector_dimensions)", "1536")];

/// The server and what it scrapes.
pub(super) struct Prometheus(Server);

/// The values of an answer by the label that tells instances apart; an empty name without one.
pub(super) type Answer = BTreeMap<String, f64>;

impl Prometheus {
    /// Starts it and waits until the range is full. Each exporter is scraped as two instances, so that a
    /// query that forgets to tell them apart, or to bring them together, is noticed.
    pub(super) fn scraping(exporters: Vec<Exporter>, growth: f64) -> Self {
        Self::started_by(prometheus, exporters, growth)
    }

    /// The same with VictoriaMetrics, which answers the same questions.
    pub(super) fn victoria_metrics_scraping(exporters: Vec<Exporter>, growth: f64) -> Self {
        Self::started_by(victoria_metrics, exporters, growth)
    }

    fn started_by(start: fn(&str) -> Server, exporters: Vec<Exporter>, growth: f64) -> Self {
        let mut config = String::from("global: {scrape_interval: 250ms}\nscrape_configs:\n");
        let instances = exporters.len() * 2;
        for exporter in exporters {
            let job = exporter.job;
            let port = exporter.serve(growth);
            writeln!(config, "- job_name: {job}\n  static_configs:").unwrap();
            for number in 1..=2 {
                writeln!(config, "  - targets: ['127.0.0.1:{port}']").unwrap();
                writeln!(config, "    labels: {{instance: {job}-{number}}}").unwrap();
            }
        }
        let prometheus = Self(start(&config));
        // The newest of 16 scrapes may still be under way.
        let full = format!("count(count_over_time(scrape_duration_seconds[{RATE}]) >= 15)");
        wait_until("every instance has been scraped sixteen times", || {
            prometheus.query(&full).unwrap().get("").is_some_and(|count| *count >= instances as f64)
        });
        prometheus
    }

    /// The names of all metrics.
    pub(super) fn metrics(&self) -> BTreeSet<String> {
        let answer = self.json("/api/v1/label/__name__/values").unwrap();
        answer["data"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    }

    /// Asks a question of the catalogue, or says how the server refused it.
    pub(super) fn query(&self, query: &str) -> Result<Answer, String> {
        self.query_by(query, "instance")
    }

    /// The same where another label tells the instances apart; no other label is welcome.
    pub(super) fn query_by(&self, query: &str, label: &str) -> Result<Answer, String> {
        let encoded = percent_encoded(&filled_in(query));
        let answer = self.json(&format!("/api/v1/query?query={encoded}"))?;
        let series = answer["data"]["result"].as_array().ok_or("not a vector")?;
        let mut values = Answer::new();
        for found in series {
            let labels = found["metric"].as_object().ok_or("no labels")?;
            if let Some(other) = labels.keys().find(|name| *name != label) {
                return Err(format!("an answer with the label {other}"));
            }
            let instance = labels.get(label).and_then(Value::as_str).unwrap_or_default();
            let value = found["value"][1].as_str().and_then(|text| text.parse().ok()).ok_or("no value")?;
            values.insert(instance.to_owned(), value);
        }
        Ok(values)
    }

    /// The values of an instant query, whatever their labels.
    pub(super) fn values(&self, query: &str) -> Result<Vec<f64>, String> {
        let encoded = percent_encoded(&filled_in(query));
        let answer = self.json(&format!("/api/v1/query?query={encoded}"))?;
        let series = answer["data"]["result"].as_array().ok_or("not a vector")?;
        let value = |series: &Value| series["value"][1].as_str()?.parse().ok();
        Ok(series.iter().filter_map(value).collect())
    }

    fn json(&self, path: &str) -> Result<Value, String> {
        let text = get(self.0.port, path).ok_or("no answer")?;
        let (_, body) = text.split_once("\r\n\r\n").ok_or("no body")?;
        let answer: Value = serde_json::from_str(body).map_err(|error| error.to_string())?;
        if answer["status"] == "success" { Ok(answer) } else { Err(answer["error"].to_string()) }
    }
}

/// A query of the catalogue as it is asked.
fn filled_in(query: &str) -> String {
    FACTS.iter().fold(query.replace("$rate", RATE), |query, (fact, value)| query.replace(fact, value))
}

fn prometheus(config: &str) -> Server {
    let (folder, port, file) = prepared(config);
    let mut command = Command::new("prometheus");
    command
        .arg(format!("--config.file={}", file.display()))
        .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"));
    let ready = || accepts(port) && get(port, "/-/ready").is_some_and(|text| text.contains("200 OK"));
    Server::start(command, port, folder, ready)
}

fn victoria_metrics(config: &str) -> Server {
    let (folder, port, file) = prepared(config);
    let mut command = Command::new("victoria-metrics");
    command
        .arg(format!("-promscrape.config={}", file.display()))
        .arg(format!("-storageDataPath={}", folder.path().join("data").display()))
        .arg(format!("-httpListenAddr=127.0.0.1:{port}"))
        .arg("-search.latencyOffset=2s"); // samples can be found a second after they were taken
    Server::start(command, port, folder, || accepts(port))
}

/// A folder with the configuration, and a free port.
fn prepared(config: &str) -> (TempDir, u16, PathBuf) {
    let folder = folder();
    let file = folder.path().join("prometheus.yml");
    std::fs::write(&file, config).unwrap();
    (folder, free_port(), file)
}

fn get(port: u16, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    write!(stream, "GET {path} HTTP/1.0\r\n\r\n").ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    Some(text)
}

fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        write!(encoded, "%{byte:02X}").unwrap();
    }
    encoded
}
