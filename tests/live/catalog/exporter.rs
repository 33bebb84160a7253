//! A tiny exporter: serves a recorded exposition whose counters keep on counting.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    time::Instant,
};

/// What an exporter serves.
#[derive(Clone)]
pub(super) struct Exporter {
    /// The scrape job; its two instances are `job-1` and `job-2`.
    pub(super) job: &'static str,
    /// The exposition.
    pub(super) text: String,
}

impl Exporter {
    /// The exposition in a file of `tests/fixtures/exporters`.
    pub(super) fn recorded(job: &'static str, file: &str) -> Self {
        let path = format!("{}/tests/fixtures/exporters/{file}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        Self { job, text }
    }

    /// The same with other words at some places.
    pub(super) fn edited(mut self, from: &str, to: &str) -> Self {
        assert!(self.text.contains(from), "{}: nothing to edit: {from}", self.job);
        self.text = self.text.replace(from, to);
        self
    }

    /// Serves until the test program ends, and says at which port. Each second every counter grows by
    /// `growth` of what it was at first.
    pub(super) fn serve(self, growth: f64) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let since = Instant::now();
        let lines = parse(&self.text);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let factor = 1.0 + growth * since.elapsed().as_secs_f64();
                // A scraper that hangs up early misses one sample; the test would notice if all were missed.
                let _ = answer(stream.unwrap(), &lines, factor);
            }
        });
        port
    }
}

enum Line {
    Fixed(String),
    Counter { series: String, value: f64 },
}

fn parse(text: &str) -> Vec<Line> {
    let counters: BTreeSet<String> = text.lines().filter_map(counter_type).flatten().collect();
    text.lines().map(|line| parse_line(line, &counters)).collect()
}

/// The names of the series that only grow, told by a `# TYPE` line.
fn counter_type(line: &str) -> Option<Vec<String>> {
    let (name, kind) = line.strip_prefix("# TYPE ")?.split_once(' ')?;
    match kind.trim() {
        "counter" => Some(vec![name.to_owned()]),
        "histogram" => Some(["_bucket", "_count", "_sum"].map(|end| format!("{name}{end}")).into()),
        _ => None,
    }
}

fn parse_line(line: &str, counters: &BTreeSet<String>) -> Line {
    let name = line.split(['{', ' ']).next().unwrap_or_default();
    match line.rsplit_once(' ') {
        Some((series, value)) if counters.contains(name) => {
            Line::Counter { series: series.to_owned(), value: value.parse().unwrap() }
        }
        _ => Line::Fixed(line.to_owned()),
    }
}

fn answer(mut stream: TcpStream, lines: &[Line], factor: f64) -> std::io::Result<()> {
    let request = BufReader::new(stream.try_clone()?);
    request.lines().map_while(Result::ok).find(String::is_empty);
    let mut body = String::new();
    for line in lines {
        match line {
            Line::Fixed(text) => body.push_str(text),
            Line::Counter { series, value } => body.extend([series, " ", &(value * factor).to_string()]),
        }
        body.push('\n');
    }
    write!(stream, "HTTP/1.0 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n\r\n{body}")
}
