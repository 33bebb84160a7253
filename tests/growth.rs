//! How the work of parsing, reading and assessing scales with its input, counted in allocations.
//!
//! Unlike times, counts are the same on every machine: the test fails if a scaling law changes, if decoding copies points, or if
//! screening no longer saves futures.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::print_stdout, reason = "shows the counts with --nocapture")]

#[path = "support/many_instances.rs"]
mod many_instances;

use std::{alloc::System, collections::BTreeSet, fmt::Write as _};

use chrono::DateTime;
use many_instances::{healthy, input, snapshot, with_pasts};
use scale_advisor::{
    assess::{Assumptions, assess, survey},
    capacity::growth::FUTURES,
    diagnostic::Spans,
    history::{Batch, HOUR_MS, Range, SeriesName, Store},
    loadtest,
    roadmap::FailureDomain,
    signal::Series,
    snapshot::{Labels, Observation, Origin, Snapshot},
    source::prometheus::decode::{Decoder, Limits},
};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The label whose values are lost in turn.
const ZONE: &str = "zone";

/// Allocations of a piece of work, and their total size.
#[derive(Debug, Clone, Copy)]
struct Work {
    allocations: usize,
    bytes: usize,
}

/// Counts what a function allocates.
fn work(run: impl FnOnce()) -> Work {
    let region = Region::new(ALLOCATOR);
    run();
    let counted = region.change();
    Work { allocations: counted.allocations, bytes: counted.bytes_allocated }
}

fn surveyed(snapshot: &Snapshot) -> Work {
    let mut input = input();
    // Snapshots without zones have nothing to ask about.
    if snapshot.observations.iter().any(|observation| observation.place(ZONE).is_some()) {
        let zones = FailureDomain {
            label: ZONE.to_owned(),
            values: BTreeSet::new(),
            resources: BTreeSet::new(),
            spans: Spans::default(),
        };
        input.declared.failure_domains.push(zones);
    }
    work(|| {
        let survey = survey(&input, snapshot, Assumptions::default());
        assert!(!survey.assessment.bottlenecks.is_empty());
    })
}

/// Instances of which another source took single readings, under names of its own.
fn read_twice(count: usize) -> Snapshot {
    let mut snapshot = snapshot(count);
    let readings: Vec<Observation> = snapshot
        .observations
        .iter()
        .map(|observation| Observation {
            instance: observation.instance.as_ref().map(|name| format!("server {name}")),
            ..Observation::new(
                observation.signal,
                Series::spot(snapshot.taken_at, observation.values.last().1).unwrap(),
                Origin { source: "server".to_owned(), query: "q".to_owned() },
            )
        })
        .collect();
    snapshot.observations.extend(readings);
    snapshot
}

/// Instances of one name, of which every other has a service and a zone of its own, and the rest no label at all.
fn half_labelled(count: usize) -> Snapshot {
    let mut snapshot = snapshot(count);
    for (number, observation) in snapshot.observations.iter_mut().enumerate() {
        observation.instance = Some(format!("web-{}", number % count));
        observation.labels.clear();
        if number.is_multiple_of(2) {
            let label = |name: &str| (name.to_owned(), format!("{name}-{}", number % count));
            observation.labels.extend([label("service"), label(ZONE)]);
        }
    }
    snapshot
}

/// An answer of ten series with so many points each, decoded as it arrives.
fn decoded(points: usize) -> Work {
    let mut text = r#"{"status":"success","data":{"resultType":"matrix","result":["#.to_owned();
    for series in 0..10 {
        let comma = if series == 0 { "" } else { "," };
        write!(text, r#"{comma}{{"metric":{{"__name__":"m","instance":"{series}"}},"values":["#).unwrap();
        for index in 0..points {
            let comma = if index == 0 { "" } else { "," };
            write!(text, r#"{comma}[{},"{index}.125"]"#, 1_795_000_020 + index * 60).unwrap();
        }
        text.push_str("]}");
    }
    text.push_str("]}}");
    work(|| {
        let mut decoder = Decoder::new(Limits { points, ..Limits::default() });
        for chunk in text.as_bytes().chunks(64 << 10) {
            decoder.feed(chunk).unwrap();
        }
        assert_eq!(decoder.finish().unwrap().series.len(), 10);
    })
}

/// JMeter results of so many samples.
fn results(samples: usize) -> Work {
    let mut text =
        "timeStamp,elapsed,label,responseMessage,threadName,success,grpThreads,allThreads\n".to_owned();
    for sample in 0..samples {
        let (start, took, thread) = (1_795_192_734_000 + sample, 20 + sample % 90, sample % 50);
        writeln!(text, "{start},{took},home,OK,Users 1-{thread},true,50,50").unwrap();
    }
    of_load_test(&text)
}

/// Points of k6 of so many requests, as JSON lines or as CSV.
fn points(requests: usize, is_csv: bool) -> Work {
    let mut text = String::from(if is_csv { "metric_name,timestamp,metric_value\n" } else { "" });
    for request in 0..requests {
        let (second, took) = (request / 100, 5 + request % 40);
        for (metric, value) in [("http_reqs", 1), ("http_req_duration", took)] {
            if is_csv {
                writeln!(text, "{metric},{},{value}.000000", 1_795_192_734 + second).unwrap();
            } else {
                let time =
                    format!("2026-11-20T16:{:02}:{:02}.{:03}Z", second / 60, second % 60, request % 100);
                let data = format!(r#"{{"time":"{time}","value":{value},"tags":{{"status":"200"}}}}"#);
                writeln!(text, r#"{{"metric":"{metric}","type":"Point","data":{data}}}"#).unwrap();
            }
        }
    }
    of_load_test(&text)
}

fn of_load_test(text: &str) -> Work {
    work(|| assert_eq!(loadtest::read(text.as_bytes()).unwrap().runs.len(), 1))
}

/// Reading the last day of a history of so many days.
fn last_day_of(days: usize) -> Work {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.db");
    let hours = i64::try_from(days).unwrap() * 24;
    let first_ms = 480_000 * HOUR_MS;
    let name = |number: usize| SeriesName {
        signal: "queue.depth".to_owned(),
        instance: Some(format!("queue-{number}")),
        labels: Labels::new(),
        source: "prometheus".to_owned(),
        query: "queue_depth".to_owned(),
        unit: "count".to_owned(),
    };
    let series = |number: usize| {
        let at_ms: Vec<i64> = (0..hours).map(|hour| first_ms + hour * HOUR_MS).collect();
        let values = vec![5.0; at_ms.len()];
        (name(number), Series::new(HOUR_MS, at_ms, values).unwrap())
    };
    let batch = Batch {
        definitions: Vec::new(),
        taken_at: DateTime::from_timestamp_millis(first_ms + hours * HOUR_MS).unwrap(),
        simulated: None,
        series: (0..5).map(series).collect(),
        statements: Vec::new(),
        assessment: None,
    };
    Store::open_file(&file, |_| ()).unwrap().append(&batch).unwrap();
    let store = Store::read_file(&file).unwrap();
    let range = Range { from_ms: first_ms + (hours - 24) * HOUR_MS, to_ms: i64::MAX / 2 };
    work(|| assert_eq!(store.hourly(range).unwrap().len(), 5))
}

/// What may grow with the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Law {
    /// Allocations and bytes, linearly.
    Proportional,
    /// Only bytes, linearly: items are kept in columns.
    BytesAlone,
    /// Nothing.
    Constant,
}

/// Name, law, number of items, and the work as a function of that number.
type Scene = (&'static str, Law, usize, fn(usize) -> Work);

const SCENES: [Scene; 9] = [
    ("instances", Law::Proportional, 300, |count| surveyed(&snapshot(count))),
    ("instances that two sources read", Law::Proportional, 200, |count| surveyed(&read_twice(count))),
    ("instances of which half have labels", Law::Proportional, 200, |count| surveyed(&half_labelled(count))),
    ("instances with a past", Law::Proportional, 4, |count| surveyed(&with_pasts(count, 30))),
    ("points of an answer", Law::BytesAlone, 2000, decoded),
    ("samples of JMeter", Law::BytesAlone, 4000, results),
    ("requests of k6 as JSON lines", Law::BytesAlone, 4000, |count| points(count, false)),
    ("requests of k6 as CSV", Law::BytesAlone, 4000, |count| points(count, true)),
    ("days of a history of which one is read", Law::Constant, 20, last_day_of),
];

/// The only test here: what others allocate would count.
#[test]
fn work_grows_as_it_should() {
    // Lazily initialized statics are allocated first.
    surveyed(&snapshot(10));
    for (scene, law, count, run) in SCENES {
        let [some, twice] = [count, 2 * count].map(run);
        println!("{scene}: {some:?} for {count}, {twice:?} for twice as many");
        let in_proportion = |some: usize, twice: usize| twice * 10 <= some * 22;
        // Columns and tables grow by doubling, and longer tests have more seconds.
        let hardly = |some: usize, twice: usize| twice <= some + some / 4 + 40;
        let holds = match law {
            Law::Proportional => {
                in_proportion(some.allocations, twice.allocations) && in_proportion(some.bytes, twice.bytes)
            }
            Law::BytesAlone => {
                hardly(some.allocations, twice.allocations) && in_proportion(some.bytes, twice.bytes)
            }
            Law::Constant => hardly(some.allocations, twice.allocations) && hardly(some.bytes, twice.bytes),
        };
        assert!(holds, "{scene}: {some:?} became {twice:?}");
    }
    decoding_takes_what_points_are();
    a_bound_saves_futures();
}

/// A decoded point takes 16 bytes and is not copied.
fn decoding_takes_what_points_are() {
    let [some, twice] = [20_000, 40_000].map(decoded);
    let each = (twice.bytes - some.bytes) as f64 / (10.0 * 20_000.0);
    assert!(each < 20.0, "{each} bytes a point");
}

/// Screening saves the futures of four disks, each with as many days as its history.
fn a_bound_saves_futures() {
    let (snapshot, input) = (healthy(8, 30), input());
    let screened = work(|| assert!(!assess(&input, &snapshot).bottlenecks.is_empty()));
    let whole = surveyed(&snapshot);
    println!("healthy instances: {screened:?} of {whole:?}");
    let futures = 4 * FUTURES * 29 * size_of::<f64>();
    assert!(screened.bytes + futures < whole.bytes, "{screened:?} of {whole:?}");
}
