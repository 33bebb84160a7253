//! `serve` under fifty parallel scrapers while its source hangs, comes back and dies.
//!
//! `cargo bench --bench serve` takes five minutes, `cargo bench --bench serve -- 30` half a minute. It prints how long
//! answers took, how much memory the program used and how old the oldest values were that it showed, and fails where
//! values were older than an assessment may be.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on stops, and prints a table"
)]

#[path = "../tests/live/support/mod.rs"]
mod support;

use std::{
    io::{Read, Write},
    net::TcpStream,
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use rustix::process::{Pid, Signal, kill_process};
use support::{
    Server, accepts, folder, free_port,
    prometheus::{Backfill, Span},
    wait_until,
};

const SCRAPERS: usize = 50;
/// The time between two scrapes of a scraper.
const PAUSE: Duration = Duration::from_millis(100);
/// What `--every` and `--timeout` are set to, in seconds.
const EVERY: u64 = 5;
const TIMEOUT: u64 = 5;
/// How old values may be: the next assessment and its deadline are allowed for, twice.
const OLDEST: f64 = (2 * (EVERY + TIMEOUT) + 1) as f64;
/// So many seconds the source answers, hangs, and answers again.
const PHASE: u64 = 20;

/// What a scraper saw.
#[derive(Debug, Default)]
struct Seen {
    /// How long each answer took, in microseconds.
    micros: Vec<u64>,
    /// Answers with values, and with the reason why there are none.
    fresh: usize,
    without: usize,
    /// The age of the oldest values, in seconds.
    oldest: f64,
}

fn main() {
    let seconds = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(300);
    let mut source = prometheus();
    let server = serving(source.port);
    wait_until("the first assessment", || {
        value(&answer(server.port, "/metrics"), "scale_advisor_up") == Some(1.0)
    });
    let ended = AtomicBool::new(false);
    let before = memory(&server);
    let mut highest = before;
    let seen: Vec<Seen> = thread::scope(|scope| {
        let scrapers: Vec<_> = (0..SCRAPERS)
            .map(|number| {
                scope.spawn({
                    let (ended, port) = (&ended, server.port);
                    move || scrape(number, port, ended)
                })
            })
            .collect();
        let began = Instant::now();
        let process = Pid::from_raw(i32::try_from(source.process()).unwrap()).unwrap();
        let mut phase = 0;
        while began.elapsed().as_secs() < seconds {
            thread::park_timeout(Duration::from_millis(500));
            highest = highest.max(memory(&server));
            let now = began.elapsed().as_secs() / PHASE;
            if now != phase && began.elapsed().as_secs() + PHASE < seconds {
                phase = now;
                kill_process(process, if now % 2 == 1 { Signal::STOP } else { Signal::CONT }).unwrap();
            }
        }
        source.kill();
        thread::park_timeout(Duration::from_secs(EVERY + TIMEOUT));
        ended.store(true, Ordering::Relaxed);
        scrapers.into_iter().map(|scraper| scraper.join().unwrap()).collect()
    });
    let after = memory(&server);
    assert_eq!(value(&answer(server.port, "/metrics"), "scale_advisor_up"), Some(0.0), "the source is dead");
    report(seconds, &seen, [before, highest, after]);
}

fn report(seconds: u64, seen: &[Seen], memory: [u64; 3]) {
    let mut micros: Vec<u64> = seen.iter().flat_map(|seen| seen.micros.iter().copied()).collect();
    micros.sort_unstable();
    let quantile = |per_mille: usize| micros[(micros.len() - 1) * per_mille / 1000] as f64 / 1000.0;
    let sum = |count: fn(&Seen) -> usize| seen.iter().map(count).sum::<usize>();
    let oldest = seen.iter().map(|seen| seen.oldest).fold(0.0, f64::max);
    let [before, highest, after] = memory.map(|kilobytes| kilobytes as f64 / 1024.0);
    println!("{SCRAPERS} scrapers for {seconds} s, {} answers", micros.len());
    println!(
        "| p50 | p99 | slowest | memory before | highest | after | with values | without | oldest values |"
    );
    println!("|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    println!(
        "| {:.2} ms | {:.2} ms | {:.2} ms | {before:.1} MiB | {highest:.1} MiB | {after:.1} MiB | {} | {} | {oldest:.1} s |",
        quantile(500),
        quantile(990),
        quantile(1000),
        sum(|seen| seen.fresh),
        sum(|seen| seen.without),
    );
    assert!(sum(|seen| seen.without) > 0, "the source never failed");
    assert!(oldest <= OLDEST, "values of {oldest} s ago were shown");
}

/// Asks again and again; every fifth scraper is somebody with a browser.
fn scrape(number: usize, port: u16, ended: &AtomicBool) -> Seen {
    let path = if number.is_multiple_of(5) { "/" } else { "/metrics" };
    let mut seen = Seen::default();
    while !ended.load(Ordering::Relaxed) {
        let began = Instant::now();
        let body = answer(port, path);
        seen.micros.push(u64::try_from(began.elapsed().as_micros()).unwrap());
        if path == "/metrics" {
            assert!(body.ends_with("# EOF\n"), "an answer is cut off: {body}");
            let has_values = body.contains("scale_advisor_verdict");
            assert_eq!(value(&body, "scale_advisor_up") == Some(1.0), has_values, "{body}");
            if has_values {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
                let at = value(&body, "scale_advisor_last_success_timestamp_seconds").unwrap();
                seen.oldest = seen.oldest.max(now - at);
                seen.fresh += 1;
            } else {
                seen.without += 1;
            }
        }
        thread::park_timeout(PAUSE);
    }
    seen
}

fn answer(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text.split_once("\r\n\r\n").unwrap().1.to_owned()
}

fn value(metrics: &str, name: &str) -> Option<f64> {
    metrics.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
}

fn serving(source: u16) -> Server {
    let (port, folder) = (free_port(), folder());
    let mut command = Command::new(env!("CARGO_BIN_EXE_scale-advisor"));
    command.current_dir(folder.path()).env_clear().arg("serve");
    command.args(["--prometheus", &format!("http://127.0.0.1:{source}")]);
    command.args(["--listen", &format!("127.0.0.1:{port}")]);
    command.args(["--every", &format!("{EVERY}s"), "--timeout", &format!("{TIMEOUT}s")]);
    Server::start(command, port, folder, || accepts(port))
}

/// Twenty databases and as many machines, for two days up to now and an hour ahead.
fn prometheus() -> Server {
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap();
    let span = Span::before(now + 3600, 2 * 86_400, 60);
    let mut history = Backfill::default();
    for number in 0..20 {
        let database = format!("db-{number}:9187");
        let labels = [("instance", database.as_str()), ("job", "postgres")];
        history = history
            .gauge("pg_stat_activity_count", &labels, span, |_| f64::from(40 + 3 * number))
            .gauge("pg_settings_max_connections", &labels, span, |_| 100.0);
        let machine = format!("db-{number}:9100");
        let labels = [("instance", machine.as_str()), ("job", "node")];
        history = history.gauge("node_memory_MemTotal_bytes", &labels, span, |_| 8e9).gauge(
            "node_memory_MemAvailable_bytes",
            &labels,
            span,
            |at| 4e9 + (at % 3600) as f64 * 1e5,
        );
    }
    history.prometheus()
}

/// Resident memory in KiB.
fn memory(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.process())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
