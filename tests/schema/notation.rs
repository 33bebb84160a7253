//! The patterns of quantities take what the reader takes.

use scale_advisor::{
    roadmap::profile_schema,
    signal::{parse_duration, parse_quantity},
};
use serde_json::{Value, json};

use crate::Judge;

/// What people write, and what nobody should, with `|` between.
const TEXTS: &str = "100|10_000|1.5|-3|.5|1e3| 7 |0|80%|0.1 %|99.9%|1e1%|-5%|200ms|90s|10m|1h30m|1h 30m|24 h|28d|2w\
    |15min|2 mins|3 days|1week|3hours2minutes|5us|5 sec|8GiB|1GB|512 MiB|1.5TB|10kb|100B|5k|8M|1000/min|100/s|5 / hour\
    |50MB/s|1.5GiB/day|7KB/s||lots|NaN|inf|80 percent|5/fortnight|2y|3months|%|/s|ms|10x|8GiBB|1h30|1.5h|0.5s|00\
    |1e3ms|-5s|1..2|1.2.3";

/// A schema of what stands under `$defs`.
fn judge(name: &str) -> Judge {
    let mut schema: Value = profile_schema();
    let definitions = schema["$defs"].take();
    Judge::of(&json!({ "$ref": format!("#/$defs/{name}"), "$defs": definitions }))
}

#[track_caller]
fn check(name: &str, reads: impl Fn(&str) -> bool) {
    let judge = judge(name);
    for text in TEXTS.split('|') {
        assert_eq!(judge.misfits(&text.into()).is_none(), reads(text), "{name}: `{text}`");
    }
}

#[test]
fn quantities_are_those_that_are_read() {
    check("quantity", |text| parse_quantity(text).is_ok());
}

#[test]
fn durations_are_those_that_are_read() {
    check("duration", |text| parse_duration(text).is_ok());
}
