//! Load-test outputs that were cut, repeated or put in another order give the same figures, or say what is wrong.

use std::{collections::BTreeMap, path::Path};

use proptest::prelude::*;
use scale_advisor::{
    gate::{
        Baseline, Comparison, GateConfig, GateReport, MetricReason, Outcome, Run, Value, Verdict, evaluate,
    },
    loadtest::{LoadTest, Note, direction, read},
};

/// Every recorded output that is text, with its name.
pub(crate) fn fixtures() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut texts = Vec::new();
    let cases = std::fs::read_dir(root.join("cases")).unwrap().map(|entry| entry.unwrap().path());
    for folder in cases.chain([root.join("loadtest"), root.join("loadtest/recorded")]) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                continue;
            }
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if let Ok(text) = std::fs::read_to_string(path) {
                texts.push((name, text));
            }
        }
    }
    texts.sort();
    assert!(texts.len() >= 30);
    texts
}

/// The figures of a run, and what is said of them.
type Figures = (BTreeMap<String, f64>, Option<u64>, Option<u64>, Option<f64>);

fn figures(test: &LoadTest) -> (Vec<Figures>, Vec<Note>) {
    let run = |run: &scale_advisor::loadtest::Run| {
        let metrics = run.metrics.iter().map(|(name, measure)| (name.clone(), measure.value)).collect();
        (metrics, run.requests, run.failed, run.concurrency)
    };
    let notes = test.runs.iter().flat_map(|run| run.notes.clone()).collect();
    (test.runs.iter().map(run).collect(), notes)
}

/// Whether two figures are the same but for the order in which they were added up.
fn same(left: &[Figures], right: &[Figures]) -> bool {
    let near = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-9 * a.abs().max(b.abs());
    left.len() == right.len()
        && left.iter().zip(right).all(|(a, b)| {
            a.0.keys().eq(b.0.keys())
                && a.0.values().zip(b.0.values()).all(near)
                && (a.1, a.2, a.3) == (b.1, b.2, b.3)
        })
}

/// Whether each line is a row of its own, so that a file that ends behind one is whole.
fn has_rows(name: &str) -> bool {
    ["csv", "jtl", "ndjson"].iter().any(|form| is_named(name, form))
}

fn is_named(name: &str, form: &str) -> bool {
    Path::new(name).extension().is_some_and(|end| end.eq_ignore_ascii_case(form))
}

/// Reads what a whole file became. Other figures come with an error or a note.
#[track_caller]
fn told(name: &str, whole: &LoadTest, changed: &str, what: &str) {
    let Ok(test) = read(changed.as_bytes()) else { return };
    let ((before, known), (after, notes)) = (figures(whole), figures(&test));
    assert!(same(&before, &after) || notes != known, "{name} {what} silently gives {after:?} for {before:?}");
}

/// Reads what must come to the very same, without a further word.
#[track_caller]
fn unchanged(name: &str, whole: &LoadTest, changed: &str, what: &str) {
    let test = read(changed.as_bytes()).unwrap_or_else(|error| panic!("{name} {what}: {error}"));
    let ((before, known), (after, notes)) = (figures(whole), figures(&test));
    assert!(same(&before, &after), "{name} {what} gives {after:?} for {before:?}");
    assert_eq!(notes, known, "{name} {what}");
}

/// Every output that is read, with its lines.
fn readable() -> Vec<(String, String, LoadTest)> {
    let read = |(name, text): (String, String)| {
        let test = read(text.as_bytes()).ok()?;
        Some((name, text, test))
    };
    fixtures().into_iter().filter_map(read).collect()
}

#[test]
fn what_is_cut_never_gives_other_figures_silently() {
    for (name, text, whole) in readable() {
        let step = (text.len() / 700).max(1);
        for end in (1..text.len()).step_by(step).chain(text.len().saturating_sub(200)..text.len()) {
            let Some((kept, rest)) = text.split_at_checked(end) else { continue };
            let what = format!("cut at {end} of {}", text.len());
            if !has_rows(&name) {
                told(&name, &whole, kept, &what);
            } else if let Some(rows) = whole_rows(kept, rest) {
                // A shorter test would have written the same rows.
                let Ok(shorter) = read(rows.as_bytes()) else { continue };
                told(&name, &shorter, kept, &what);
            } else {
                told(&name, &whole, kept, &what);
            }
        }
    }
}

/// The rows of which all columns but a part of the last are kept; `None` where more of a row is cut off.
fn whole_rows(kept: &str, rest: &str) -> Option<String> {
    let rest_of_row = rest.lines().next().unwrap_or_default();
    let whole = kept.ends_with('\n') || !rest_of_row.contains([',', ';', '\t', '}']);
    whole.then(|| if kept.ends_with('\n') { kept.to_owned() } else { format!("{kept}{rest_of_row}\n") })
}

#[test]
fn line_ends_change_nothing() {
    for (name, text, whole) in readable() {
        let plain = text.replace("\r\n", "\n");
        for changed in [plain.replace('\n', "\r\n"), plain] {
            let test = read(changed.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(figures(&test), figures(&whole), "{name}");
        }
    }
}

#[test]
fn a_line_that_stands_twice_is_told() {
    for (name, text, whole) in readable().into_iter().filter(|(name, ..)| has_rows(name)) {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        for at in (0..lines.len()).step_by((lines.len() / 60).max(1)).filter(|at| lines[*at].ends_with('\n'))
        {
            let mut twice = lines.clone();
            twice.insert(at, lines[at]);
            told(&name, &whole, &twice.concat(), &format!("with line {} twice", at + 1));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn samples_in_another_order_give_the_same_figures(seed in any::<u64>()) {
        for (name, text, whole) in readable().into_iter().filter(|(name, ..)| is_named(name, "jtl")) {
            let (head, rows) = text.split_once('\n').unwrap();
            let mut rows: Vec<&str> = rows.lines().collect();
            let mut state = seed;
            for last in (1..rows.len()).rev() {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                rows.swap(last, usize::try_from(state >> 33).unwrap() % (last + 1));
            }
            // A transaction stands behind its samples, two runs one behind the other.
            if ["transactions", "parents", "appended", "jmeter.jtl"].iter().any(|part| name.contains(part)) {
                told(&name, &whole, &format!("{head}\n{}\n", rows.join("\n")), "in another order");
            } else {
                let whole = read(format!("{}\n", text.trim_end()).as_bytes()).unwrap();
                unchanged(&name, &whole, &format!("{head}\n{}\n", rows.join("\n")), "in another order");
            }
        }
    }

    #[test]
    fn columns_in_another_order_give_the_same_figures(turn in 1_usize..20) {
        for (name, text, whole) in readable().into_iter().filter(|(name, text, _)| has_rows(name) && !text.contains(['"', '{'])) {
            let first = text.lines().next().unwrap();
            let separator = [';', '\t'].into_iter().find(|sign| first.contains(*sign)).unwrap_or(',');
            let turned = text.lines().map(|line| {
                let mut fields: Vec<&str> = line.split(separator).collect();
                let by = turn % fields.len();
                fields.rotate_left(by);
                fields.join(&separator.to_string()) + "\n"
            });
            let ended = text.lines().map(|line| line.to_owned() + "\n").collect::<String>();
            let whole = read(ended.as_bytes()).unwrap_or(whole);
            unchanged(&name, &whole, &turned.collect::<String>(), "with other columns first");
        }
    }

    #[test]
    fn a_word_that_says_nothing_never_turns_a_name(
        words in prop::collection::vec(prop::sample::select(WORDS.to_vec()), 1..6),
        neutral in prop::sample::select(vec!["checkout", "eu", "cart", "v2", "home", "shard7"]),
        at in any::<prop::sample::Index>(),
    ) {
        let name = words.join("_");
        let mut more = words;
        more.insert(at.index(more.len() + 1), neutral);
        let more = more.join("_");
        if let (Some(before), Some(after)) = (direction(&name), direction(&more)) {
            prop_assert_eq!(before.worse, after.worse, "{} is {:?}, {} is {:?}", name, before, more, after);
        }
    }

    #[test]
    fn no_change_of_a_name_that_contradicts_itself_passes_as_a_gain(
        good in prop::sample::select(vec!["rps", "throughput", "requests_per_second", "success", "availability", "apdex", "free", "saved"]),
        bad in prop::sample::select(vec!["latency", "errors", "timeouts", "failed", "p95", "lag", "duration", "5xx"]),
        join in prop::sample::select(vec!["_", "_at_", "_under_", "_with_", "_per_", "_of_"]),
        unit in prop::sample::select(vec!["", "_ms", "_rps", "_ratio", "_count", "_seconds", "_percent"]),
        turned in any::<bool>(),
        factor in prop::sample::select(vec![0.5, 2.0]),
    ) {
        let (first, second) = if turned { (good, bad) } else { (bad, good) };
        let name = format!("{first}{join}{second}{unit}");
        // A percentile of a rate, which contradicts nothing.
        prop_assume!(!name.ends_with("rps_p95") && !name.ends_with("throughput_p95") && !name.ends_with("second_p95"));
        let report = gate_of(&name, factor);
        for metric in &report.metrics {
            let gain = matches!(metric.reason, MetricReason::Gain | MetricReason::NoLossBeyondMargin);
            prop_assert!(metric.verdict != Verdict::Pass || !gain, "{} × {}: {:#?}", name, factor, metric);
        }
        prop_assert!(report.outcome != Outcome::Pass, "{} × {} passes", name, factor);
    }
}

/// A gate between runs in which a figure of this name changes by a factor.
fn gate_of(name: &str, factor: f64) -> GateReport {
    let side = |level: f64| -> Vec<Run> {
        let run = |index: u32| {
            let value = Value { value: level * (1.0 + f64::from(index) * 0.001), unit: String::new() };
            Run { values: BTreeMap::from([(name.to_owned(), value)]), ..Run::default() }
        };
        (0..6).map(run).collect()
    };
    let comparison = Comparison {
        now: "2026-11-20T12:00:00Z".parse().unwrap(),
        baseline: Baseline::Paired(side(100.0)),
        stored: None,
        earlier: Vec::new(),
        candidate: side(100.0 * factor),
        objectives: Vec::new(),
        required: Vec::new(),
        required_signals: Vec::new(),
        current: None,
        profile: None,
    };
    evaluate(&comparison, &GateConfig::default()).unwrap()
}

/// Words of the names of figures, with and without a meaning for the direction.
const WORDS: [&str; 26] = [
    "latency",
    "p95",
    "ms",
    "seconds",
    "rps",
    "requests",
    "per",
    "second",
    "throughput",
    "error",
    "errors",
    "ratio",
    "rate",
    "free",
    "success",
    "availability",
    "timeouts",
    "hit",
    "cache",
    "at",
    "under",
    "500",
    "count",
    "total",
    "queue",
    "time",
];
