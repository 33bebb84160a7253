//! Parsing large load test results, compared with serde_json per line or the csv crate per record, which do not evaluate the
//! fields, and with a bare search for line ends.
//!
//! `cargo bench --bench loadtest` prints megabytes per second (best of several rounds, interleaved so that a busy machine
//! slows all of them alike) with the ratio to the peer, and the memory that reading adds to the process, which does not depend
//! on the length of the file.

#![allow(clippy::print_stdout, reason = "printing is what a benchmark is for")]
#![allow(clippy::unwrap_used, reason = "a benchmark stops at the first fault")]
#![allow(unreachable_pub, reason = "the support module is shared")]

#[path = "support/memory.rs"]
mod memory;

use std::{
    fmt::Write as _,
    io::{BufRead, BufReader, Read},
    time::Instant,
};

use scale_advisor::{capacity::random::Random, loadtest::read};

/// What is read at a time, so that a file longer than the memory costs nothing.
const BLOCK: usize = 16 << 20;
const ROUNDS: usize = 7;

fn main() {
    if let Some(contender) = memory::wanted() {
        return print_peak(&contender);
    }
    // `cargo test --benches` runs this without `--bench`; one round of a small text then shows that it works.
    let bench = std::env::args().any(|argument| argument == "--bench");
    let (rounds, size) = if bench { (ROUNDS, 256 << 20) } else { (1, 4 << 20) };
    let forms: [(&str, Make); 3] = [
        ("k6 points as JSON lines", some_points),
        ("k6 points as CSV", some_rows),
        ("JMeter results", some_results),
    ];
    for (name, make) in forms {
        measure(name, &make(size, 0), rounds);
    }
    if bench {
        for contender in ["points", "rows", "results"] {
            println!("memory for 2 GB of {contender}: {:.0} MB", memory::peak_of(contender) / 1e6);
        }
    }
}

fn measure(name: &str, text: &str, rounds: usize) {
    let mut best = [f64::INFINITY; 3];
    for _ in 0..rounds {
        best[0] = best[0].min(seconds(|| read(text.as_bytes()).unwrap().runs.len()));
        best[1] =
            best[1].min(seconds(|| if text.starts_with('{') { json_lines(text) } else { records(text) }));
        best[2] = best[2].min(seconds(|| memchr::memchr_iter(b'\n', text.as_bytes()).count()));
    }
    println!("{name}: {} bytes", text.len());
    let peer = if text.starts_with('{') { "serde_json, line by line" } else { "csv crate, byte records" };
    for (contender, time) in ["scale-advisor", peer, "line ends"].iter().zip(best) {
        let speed = text.len() as f64 / time / 1e6;
        println!("  {contender:<26}{speed:>8.0} MB/s  {:>6.2} × the peer", best[1] / time);
    }
}

/// Splits every record without evaluating its fields.
fn records(text: &str) -> usize {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut record = csv::ByteRecord::new();
    let mut fields = 0;
    while reader.read_byte_record(&mut record).unwrap() {
        fields += record.len();
    }
    fields
}

/// The usual way to parse JSON lines.
fn json_lines(text: &str) -> usize {
    let lines = BufReader::new(text.as_bytes()).lines();
    lines
        .map(|line| serde_json::from_str::<serde_json::Value>(&line.unwrap()).unwrap())
        .filter(|line| line["metric"] == "http_reqs")
        .count()
}

fn seconds(run: impl Fn() -> usize) -> f64 {
    let since = Instant::now();
    let found = std::hint::black_box(run());
    if found == 0 { f64::INFINITY } else { since.elapsed().as_secs_f64() }
}

/// Two gigabytes of the same requests at ever later times, made as they are read.
fn print_peak(contender: &str) {
    let before = memory::peak();
    let make: Make = match contender {
        "points" => some_points,
        "rows" => some_rows,
        _ => some_results,
    };
    let endless = Endless { make, block: Vec::new(), at: 0, blocks: 0, left: 2_000_000_000 };
    let test = read(endless).unwrap();
    assert!(test.runs[0].requests.unwrap() > 1_000_000);
    println!("{}", memory::peak() - before);
}

/// Generates a text of a given size: block `n` of a longer text.
type Make = fn(usize, u64) -> String;

/// Blocks that are made when they are wanted.
struct Endless {
    make: Make,
    block: Vec<u8>,
    at: usize,
    blocks: u64,
    left: usize,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.at == self.block.len() {
            if self.left < BLOCK {
                return Ok(0);
            }
            self.block = (self.make)(BLOCK / 16, self.blocks).into_bytes();
            (self.at, self.blocks) = (0, self.blocks + 1);
            self.left = self.left.saturating_sub(self.block.len());
        }
        let count = buffer.len().min(self.block.len() - self.at);
        buffer[..count].copy_from_slice(&self.block[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

/// Requests of a test as k6 writes them, four points each, ten in a millisecond.
fn some_points(size: usize, block: u64) -> String {
    let mut text = String::with_capacity(size + 4096);
    let mut random = Random::new(block + 1);
    let tags = r#""tags":{"expected_response":"true","group":"::browse","method":"GET","name":"http://shop/","proto":"HTTP/1.1","scenario":"main","status":"200","url":"http://shop/"}}}"#;
    let mut request = block * 100_000;
    while text.len() < size {
        request += 1;
        let (second, nanosecond) = (request / 10_000 % 86_400, request % 10_000 * 100_000);
        let time = format!(
            "2026-11-20T{:02}:{:02}:{:02}.{nanosecond:09}Z",
            second / 3600,
            second / 60 % 60,
            second % 60
        );
        let took = 9.0 * (0.6 * random.normal()).exp();
        for (metric, value) in [
            ("http_reqs", 1.0),
            ("http_req_duration", took),
            ("http_req_blocked", 0.002),
            ("http_req_failed", 0.0),
        ] {
            let _ = writeln!(
                text,
                r#"{{"metric":"{metric}","type":"Point","data":{{"time":"{time}","value":{value},{tags}"#
            );
        }
    }
    text
}

/// The same requests as CSV, with timestamps in whole seconds.
fn some_rows(size: usize, block: u64) -> String {
    let mut text = String::with_capacity(size + 4096);
    if block == 0 {
        text.push_str(
            "metric_name,timestamp,metric_value,check,error,error_code,expected_response,group,method,name,",
        );
        text.push_str("proto,scenario,service,status,subproto,tls_version,url,extra_tags,metadata\n");
    }
    let mut random = Random::new(block + 1);
    let mut request = block * 100_000;
    while text.len() < size {
        request += 1;
        let (second, took) = (1_795_192_734 + request / 2000, 9.0 * (0.6 * random.normal()).exp());
        for (metric, value) in [
            ("http_reqs", 1.0),
            ("http_req_duration", took),
            ("http_req_blocked", 0.002),
            ("http_req_failed", 0.0),
        ] {
            let tags = ",,,true,::browse,GET,http://shop/,HTTP/1.1,main,,200,,,http://shop/,,";
            let _ = writeln!(text, "{metric},{second},{value:.6},{tags}");
        }
    }
    text
}

/// Samples of a test as JMeter writes them, two a millisecond.
fn some_results(size: usize, block: u64) -> String {
    let mut text = String::with_capacity(size + 4096);
    if block == 0 {
        text.push_str("timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,bytes,");
        text.push_str("sentBytes,grpThreads,allThreads,URL,Latency,IdleTime,Connect\n");
    }
    let mut random = Random::new(block + 1);
    let mut sample = block * 40_000;
    while text.len() < size {
        sample += 1;
        let (start, took) = (1_795_192_734_000 + sample / 2, (33.0 * (0.6 * random.normal()).exp()).ceil());
        let thread = sample % 100 + 1;
        let _ = writeln!(
            text,
            "{start},{took},home,200,OK,Users 1-{thread},text,true,,1200,120,100,100,http://shop/,{took},0,0"
        );
    }
    text
}
