//! Decoding a range answer of a million points: our decoder, serde_json and the speed of memory in one run.
//!
//! `cargo bench --bench decode` prints megabytes per second (best of several rounds, interleaved so that a
//! busy machine slows all of them alike), each as a multiple of serde_json, and the memory that decoding adds
//! to the process as a multiple of the 16 bytes that a decoded point needs.

#![allow(clippy::print_stdout, reason = "printing is what a benchmark is for")]
#![allow(clippy::unwrap_used, reason = "a benchmark stops at the first fault")]
#![allow(unreachable_pub, reason = "the support module is shared")]

mod support;

use std::{fmt::Write, hint::black_box, time::Instant};

use scale_advisor::source::prometheus::decode::{Decoder, Limits};
use support::{columns::Matrix, memory};

const POINTS: usize = 1_000_000;
const PER_SERIES: usize = 10_000;
const ROUNDS: usize = 15;
/// What the HTTP client hands over at a time.
const CHUNK: usize = 64 * 1024;

fn main() {
    if let Some(contender) = memory::wanted() {
        return print_peak(&contender);
    }
    // `cargo test --benches` runs this without `--bench`; one round then shows that it works.
    let rounds = if std::env::args().any(|argument| argument == "--bench") { ROUNDS } else { 1 };
    measure("gauges with three decimals", &gauges(), rounds);
    measure("rates with 16 or 17 digits", &rates(), rounds);
    let needed = (POINTS * 16) as f64;
    let (ours, peer) = (memory::peak_of("scale-advisor") / needed, memory::peak_of("serde_json") / needed);
    println!("memory per byte of decoded points: scale-advisor {ours:.2}, serde_json {peer:.2} and the text");
}

fn measure(name: &str, text: &str, rounds: usize) {
    let mut best = [f64::INFINITY; 3];
    for _ in 0..rounds {
        best[0] = best[0].min(seconds(|| ours(text)));
        best[1] = best[1].min(seconds(|| Matrix::parse(text).points()));
        best[2] = best[2].min(seconds(|| checksum(text)));
    }
    println!("{name}: {} bytes, {POINTS} points", text.len());
    for (contender, time) in ["scale-advisor", "serde_json, columnar", "reading the bytes"].iter().zip(best) {
        let speed = text.len() as f64 / time / 1e6;
        println!("  {contender:<22}{speed:>8.0} MB/s  {:>6.2} × serde_json", best[1] / time);
    }
}

fn print_peak(contender: &str) {
    let text = gauges();
    let before = memory::peak();
    let points = if contender == "scale-advisor" { ours(&text) } else { Matrix::parse(&text).points() };
    assert_eq!(points, POINTS);
    println!("{}", memory::peak() - before);
}

fn gauges() -> String {
    answer(|index| format!("{}.{:03}", index * 7 % 90_000, index % 1000))
}

fn rates() -> String {
    answer(|index| (100.0 + (index as f64).sin() * 70.0).to_string())
}

fn ours(text: &str) -> usize {
    let mut decoder = Decoder::new(Limits { points: PER_SERIES, ..Limits::default() });
    for chunk in text.as_bytes().chunks(CHUNK) {
        decoder.feed(chunk).unwrap();
    }
    black_box(decoder.finish().unwrap()).series.iter().map(|series| series.samples.values.len()).sum()
}

/// Touches every byte once and does next to nothing with it.
fn checksum(text: &str) -> usize {
    let words = text.as_bytes().chunks_exact(8);
    let sum = words.fold(0_u64, |sum, word| sum ^ u64::from_le_bytes(*word.first_chunk().unwrap()));
    if black_box(sum) == 1 { 0 } else { POINTS }
}

fn seconds(run: impl Fn() -> usize) -> f64 {
    let since = Instant::now();
    assert_eq!(run(), POINTS);
    since.elapsed().as_secs_f64()
}

fn answer(value: impl Fn(usize) -> String) -> String {
    let mut text = String::with_capacity(POINTS * 40); // never copied, so the peak is not the text's
    text.push_str(r#"{"status":"success","data":{"resultType":"matrix","result":["#);
    for series in 0..POINTS / PER_SERIES {
        let comma = if series == 0 { "" } else { "," };
        write!(text, r#"{comma}{{"metric":{{"__name__":"m","instance":"host-{series}"}},"values":["#)
            .unwrap();
        for index in 0..PER_SERIES {
            let comma = if index == 0 { "" } else { "," };
            let at = 1_795_000_020 + index * 60;
            write!(text, r#"{comma}[{at},"{}"]"#, value(series * PER_SERIES + index)).unwrap();
        }
        text.push_str("]}");
    }
    text.push_str("]}}");
    text
}
