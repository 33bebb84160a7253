//! What must hold of a history, however the samples were cut into runs.

use std::path::{Path, PathBuf};

use chrono::DateTime;
use proptest::{prelude::*, sample::Index};
use scale_advisor::{
    history::{Batch, HOUR_MS, Range, Resolution, SeriesName, Store, StoredSeries},
    signal::Series,
    snapshot::Labels,
};
use tempfile::TempDir;

use crate::history_suite::{CASES, Databases};

/// The beginning of a day.
const START_MS: i64 = 20_400 * 24 * HOUR_MS;
const MINUTE_MS: i64 = 60_000;
const DAY: i64 = 1440;

/// A run: when it took place, how far it read back, and what its samples are a distance apart, all in minutes.
#[derive(Debug, Clone, Copy)]
struct Run {
    end: i64,
    back: i64,
    step: i64,
    /// Seconds by which its samples miss the full minute.
    phase: i64,
}

/// A system with a value at every instant, except where it said nothing.
fn value(at_ms: i64) -> Option<f64> {
    let number = (at_ms / 1000).wrapping_mul(2_654_435_761).rem_euclid(1000);
    (number > 100).then_some(number as f64 / 7.0)
}

fn batch(run: Run) -> Batch {
    let at = (run.end - run.back..run.end).filter(|minute| minute.rem_euclid(run.step) == 0);
    let samples = at
        .map(|minute| START_MS + minute * MINUTE_MS + run.phase * 1000)
        .filter_map(|at_ms| Some((at_ms, value(at_ms)?)));
    let (at_ms, values): (Vec<i64>, Vec<f64>) = samples.unzip();
    let name = SeriesName {
        signal: "queue.depth".to_owned(),
        instance: None,
        labels: Labels::new(),
        source: "prometheus".to_owned(),
        query: "q".to_owned(),
        unit: "count".to_owned(),
    };
    let series = Series::new(run.step * MINUTE_MS, at_ms, values).ok();
    Batch {
        taken_at: DateTime::from_timestamp_millis(START_MS + run.end * MINUTE_MS).unwrap(),
        simulated: None,
        definitions: Vec::new(),
        series: series.into_iter().map(|series| (name.clone(), series)).collect(),
        statements: Vec::new(),
        assessment: None,
    }
}

fn recorded(folder: &Path, name: &str, runs: &[Run]) -> Store {
    let mut store = Store::open_file(&folder.join(name), |_| ()).unwrap();
    for run in runs {
        store.append(&batch(*run)).unwrap();
    }
    store
}

fn held(store: &Store) -> [Vec<StoredSeries>; 2] {
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    [Resolution::Hour, Resolution::Day].map(|resolution| store.rollups(resolution, None, Range::ALL).unwrap())
}

/// Runs that follow each other, each of which reads back at least to the one before and at most a day.
fn following() -> impl Strategy<Value = Vec<Run>> {
    prop::collection::vec((1..DAY, 0..DAY), 1..12).prop_map(|steps| {
        let mut end = 0;
        let run = |(gap, more): (i64, i64)| {
            end += gap;
            let back = (gap + more).min(DAY);
            Run { end, back: back.min(end), step: 1, phase: 0 }
        };
        steps.into_iter().map(run).collect()
    })
}

/// Histories in files.
struct Files(TempDir);

impl Files {
    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name).join("history.db")
    }
}

impl Databases for Files {
    fn create(&self, name: &str) -> Store {
        Store::open_file(&self.path(name), |_| ()).unwrap()
    }

    fn reader(&self, name: &str) -> Store {
        Store::read_file(&self.path(name)).unwrap()
    }

    fn execute(&self, name: &str, sql: &str) {
        rusqlite::Connection::open(self.path(name)).unwrap().execute_batch(sql).unwrap();
    }
}

#[test]
fn a_history_in_a_file_keeps_what_every_history_keeps() {
    for (name, case) in CASES {
        println!("{name}");
        case(&Files(tempfile::tempdir().unwrap()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn overlapping_runs_keep_what_one_run_would(runs in following()) {
        let folder = tempfile::tempdir().unwrap();
        let end = runs.last().unwrap().end;
        let whole = Run { end, back: end, step: 1, phase: 0 };
        let (split, whole) = (recorded(folder.path(), "a", &runs), recorded(folder.path(), "b", &[whole]));
        prop_assert_eq!(held(&split), held(&whole));
    }

    #[test]
    fn the_order_of_runs_of_a_day_does_not_matter(
        ends in prop::collection::vec((DAY..2 * DAY, 1..DAY), 2..8),
        order in prop::collection::vec(any::<Index>(), 8),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let runs: Vec<Run> = ends.iter().map(|&(end, back)| Run { end, back, step: 1, phase: 0 }).collect();
        let mut shuffled = runs.clone();
        for (place, index) in order.iter().enumerate().take(shuffled.len()) {
            let other = index.index(shuffled.len());
            shuffled.swap(place, other);
        }
        // Some come twice.
        shuffled.extend_from_within(..shuffled.len() / 2);
        let (first, other) = (recorded(folder.path(), "a", &runs), recorded(folder.path(), "b", &shuffled));
        prop_assert_eq!(held(&first), held(&other));
    }

    #[test]
    fn nothing_doubles_whatever_is_read_when(
        runs in prop::collection::vec((1..6 * DAY, 1..3 * DAY, prop::sample::select(vec![1, 2, 7, 60, 1440]), 0..60_i64), 1..10),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let runs: Vec<Run> =
            runs.into_iter().map(|(end, back, step, phase)| Run { end, back, step, phase }).collect();
        let finest = runs.iter().map(|run| run.step).min().unwrap();
        let store = recorded(folder.path(), "a", &runs);
        let before = held(&store);
        let hours = before[0].iter().flat_map(|kept| &kept.rollups);
        for hour in hours {
            prop_assert!(i64::from(hour.count) <= 60 / finest.min(60) + 1, "{hour:?}");
        }
        // The newest run again, and those of its day.
        let last = *runs.last().unwrap();
        let store = recorded(folder.path(), "a", &[last, last]);
        prop_assert_eq!(held(&store), before);
    }
}
