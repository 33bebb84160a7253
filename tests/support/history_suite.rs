//! What must hold of a history in whichever database: recorded runs come back once, whole, and whatever the order.

use chrono::DateTime;
use scale_advisor::{
    history::{
        Batch, Contents, Format, HOUR_MS, Range, Resolution, Rollup, SeriesName, Store, StoredPast,
        StoredSeries, Written, export, parse_export,
    },
    signal::{Series, SignalId},
    snapshot::Labels,
    statements::{CountedDay, StatementCount, StatementDay, StatementSnapshot, Statements},
};

/// A place for histories.
pub(crate) trait Databases {
    /// An empty history of this name.
    fn create(&self, name: &str) -> Store;

    /// The same history, opened to be read.
    fn reader(&self, name: &str) -> Store;

    /// Runs SQL on its tables.
    fn execute(&self, name: &str, sql: &str);
}

type Case = (&'static str, fn(&dyn Databases));

/// Every case with its name.
pub(crate) const CASES: [Case; 21] = [
    ("a_day_of_minutes_becomes_its_hours_and_itself", a_day_of_minutes_becomes_its_hours_and_itself),
    ("recording_twice_changes_nothing", recording_twice_changes_nothing),
    ("single_readings_accumulate_within_their_hour", single_readings_accumulate_within_their_hour),
    ("a_native_source_is_one_series_whatever_its_query", a_native_source_is_one_series_whatever_its_query),
    ("an_instance_is_its_labels_and_not_its_name", an_instance_is_its_labels_and_not_its_name),
    ("hours_that_nobody_read_are_absent", hours_that_nobody_read_are_absent),
    (
        "samples_are_forgotten_after_two_days_and_rollups_stay",
        samples_are_forgotten_after_two_days_and_rollups_stay,
    ),
    (
        "samples_that_a_run_forgets_count_in_it_for_the_last_time",
        samples_that_a_run_forgets_count_in_it_for_the_last_time,
    ),
    ("a_range_holds_whole_hours_of_one_signal", a_range_holds_whole_hours_of_one_signal),
    ("of_older_days_the_last_assessment_is_kept", of_older_days_the_last_assessment_is_kept),
    ("old_days_can_be_pruned", old_days_can_be_pruned),
    ("an_import_is_the_same_history_once_and_twice", an_import_is_the_same_history_once_and_twice),
    ("simulated_and_real_values_do_not_mix", simulated_and_real_values_do_not_mix),
    ("changes_by_hand_are_found", changes_by_hand_are_found),
    ("hours_are_sent_once_and_again_when_they_change", hours_are_sent_once_and_again_when_they_change),
    ("days_of_statements_add_up_from_sample_to_sample", days_of_statements_add_up_from_sample_to_sample),
    (
        "late_and_repeated_samples_of_statements_add_nothing",
        late_and_repeated_samples_of_statements_add_nothing,
    ),
    ("another_history_continues_where_this_one_ended", another_history_continues_where_this_one_ended),
    (
        "figures_of_two_histories_of_a_server_do_not_add_up",
        figures_of_two_histories_of_a_server_do_not_add_up,
    ),
    (
        "impossible_statements_are_rejected_found_and_pruned",
        impossible_statements_are_rejected_found_and_pruned,
    ),
    ("pasts_of_a_fleet_are_kept_by_service_and_day", pasts_of_a_fleet_are_kept_by_service_and_day),
];

/// The beginning of a day.
const START_MS: i64 = 20_400 * 24 * HOUR_MS;
const MINUTE_MS: i64 = 60_000;
const DAY: i64 = 20_000;

fn name(source: &str, query: &str) -> SeriesName {
    SeriesName {
        signal: "queue.depth".to_owned(),
        instance: Some("mail".to_owned()),
        labels: Labels::new(),
        source: source.to_owned(),
        query: query.to_owned(),
        unit: "count".to_owned(),
    }
}

/// A value that is different at every instant.
fn value(at_ms: i64) -> f64 {
    ((at_ms / 1000).rem_euclid(7919) as f64).sqrt()
}

/// A run at a minute of the timeline that reads some minutes back.
fn run(end: i64, minutes: i64, step: i64) -> Batch {
    let at_ms: Vec<i64> =
        (end - minutes..end).filter(|at| at % step == 0).map(|at| START_MS + at * MINUTE_MS).collect();
    let values = at_ms.iter().copied().map(value).collect();
    let series = Series::new(step * MINUTE_MS, at_ms, values).unwrap();
    batch(end, vec![(name("prometheus", "q"), series)])
}

fn batch(end: i64, series: Vec<(SeriesName, Series)>) -> Batch {
    Batch {
        taken_at: DateTime::from_timestamp_millis(START_MS + end * MINUTE_MS).unwrap(),
        simulated: None,
        definitions: Vec::new(),
        series,
        statements: Vec::new(),
        assessment: Some(format!("{{\"minute\":{end}}}")),
    }
}

fn spot(minute: i64, value: f64) -> Batch {
    let at = DateTime::from_timestamp_millis(START_MS + minute * MINUTE_MS + 1234).unwrap();
    batch(minute, vec![(name("redis", "LLEN"), Series::spot(at, value).unwrap())])
}

#[track_caller]
fn all(store: &Store) -> [Vec<StoredSeries>; 2] {
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    [Resolution::Hour, Resolution::Day].map(|resolution| store.rollups(resolution, None, Range::ALL).unwrap())
}

#[track_caller]
fn hours(store: &Store) -> Vec<Rollup> {
    all(store)[0].iter().flat_map(|stored| stored.rollups.clone()).collect()
}

fn a_day_of_minutes_becomes_its_hours_and_itself(databases: &dyn Databases) {
    let mut store = databases.create("a");
    let written = store.append(&run(1440, 1440, 1)).unwrap();
    assert_eq!(written, Written { series: 1, samples: 1440, hours: 24 });
    let [hourly, daily] = all(&store);
    assert_eq!((hourly.len(), hourly[0].rollups.len(), &hourly[0].series), (1, 24, &name("prometheus", "q")));
    let values: Vec<f64> = (0..1440).map(|minute| value(START_MS + minute * MINUTE_MS)).collect();
    let hour = hourly[0].rollups[3];
    assert_eq!((hour.period, hour.count, hour.minutes), (20_400 * 24 + 3, 60, 60));
    assert_eq!(hour.last.to_bits(), values[239].to_bits());
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    assert!((hour.mean - mean(&values[180..240])).abs() < 1e-9);
    let day = daily[0].rollups[0];
    assert_eq!((day.period, day.count, day.minutes), (20_400, 1440, 1440));
    assert!((day.mean - mean(&values)).abs() < 1e-9);
    assert_eq!(day.max.to_bits(), values.iter().copied().fold(0.0, f64::max).to_bits());
    assert!(day.p95.is_some());
}

fn recording_twice_changes_nothing(databases: &dyn Databases) {
    let mut store = databases.create("a");
    store.append(&run(1500, 1440, 1)).unwrap();
    let before = all(&store);
    assert_eq!(store.append(&run(1500, 1440, 1)).unwrap().hours, 0);
    assert_eq!(all(&store), before);
    assert_eq!(store.assessments(Range::ALL).unwrap().len(), 1);
}

fn single_readings_accumulate_within_their_hour(databases: &dyn Databases) {
    let mut store = databases.create("a");
    for minute in [1, 6, 11, 11, 16] {
        store.append(&spot(minute, minute as f64)).unwrap();
    }
    let [rollup] = hours(&store).try_into().unwrap();
    assert_eq!((rollup.count, rollup.minutes, rollup.min, rollup.max), (4, 4, 1.0, 16.0));
    assert_eq!((rollup.mean, rollup.last), (8.5, 16.0));
}

fn a_native_source_is_one_series_whatever_its_query(databases: &dyn Databases) {
    let mut store = databases.create("a");
    store.append(&spot(1, 1.0)).unwrap();
    let mut second = spot(2, 2.0);
    "LLEN over 5.1 s".clone_into(&mut second.series[0].0.query);
    store.append(&second).unwrap();
    let [stored] = all(&store)[0].clone().try_into().unwrap();
    assert_eq!((stored.rollups[0].count, stored.series.query.as_str()), (2, "LLEN over 5.1 s"));
    let mut prometheus = run(3, 3, 1);
    store.append(&prometheus).unwrap();
    "another".clone_into(&mut prometheus.series[0].0.query);
    store.append(&prometheus).unwrap();
    assert_eq!(all(&store)[0].len(), 3);
}

fn an_instance_is_its_labels_and_not_its_name(databases: &dyn Databases) {
    let of_cluster = |instance: &str, cluster: &str, minute: i64| {
        let labels = [("cluster".to_owned(), cluster.to_owned())].into();
        let name = SeriesName { instance: Some(instance.to_owned()), labels, ..name("prometheus", "q") };
        let at_ms = vec![START_MS + minute * MINUTE_MS];
        batch(minute + 1, vec![(name, Series::new(MINUTE_MS, at_ms, vec![1.0]).unwrap())])
    };
    let mut store = databases.create("a");
    // A second cluster appears and goes, and at last there is only another one.
    for run in [of_cluster("db", "eu", 0), of_cluster("db in eu", "eu", 60), of_cluster("db", "us", 120)] {
        store.append(&run).unwrap();
    }
    let held = |store: &Store| -> Vec<(String, String, usize)> {
        let [hourly, _] = all(store);
        let row = |stored: StoredSeries| {
            let SeriesName { instance, labels, .. } = stored.series;
            (instance.unwrap_or_default(), labels["cluster"].clone(), stored.rollups.len())
        };
        hourly.into_iter().map(row).collect()
    };
    let expected = [("db", "us", 1), ("db in eu", "eu", 2)]
        .map(|(name, cluster, hours)| (name.into(), cluster.into(), hours));
    assert_eq!(held(&store), expected);
    for format in [Format::Csv, Format::JsonLines] {
        let text = export(format, &store.contents().unwrap()).unwrap();
        let mut copy = databases.create("b");
        copy.import(&parse_export(&text).unwrap()).unwrap();
        assert_eq!(held(&copy), expected);
    }
    databases.execute("a", "UPDATE labels SET labels = '[]'");
    let found = databases.reader("a").verify().unwrap();
    assert!(found.iter().any(|error| error.contains("labels of series")), "{found:?}");
}

fn hours_that_nobody_read_are_absent(databases: &dyn Databases) {
    let mut store = databases.create("a");
    store.append(&run(60, 60, 1)).unwrap();
    store.append(&run(300, 60, 1)).unwrap();
    let found: Vec<i64> = hours(&store).iter().map(|hour| hour.period - 20_400 * 24).collect();
    assert_eq!(found, [0, 4]);
}

fn samples_are_forgotten_after_two_days_and_rollups_stay(databases: &dyn Databases) {
    let mut store = databases.create("a");
    store.append(&run(1440, 1440, 1)).unwrap();
    let before = hours(&store);
    store.append(&spot(3 * 1440, 1.0)).unwrap();
    assert_eq!(&hours(&store)[..24], &before[..]);
    // A part of a closed hour adds nothing, because its samples are gone; the day keeps its percentile.
    let days = all(&store)[1].clone();
    assert_eq!(store.append(&run(630, 45, 1)).unwrap().hours, 0);
    assert_eq!(all(&store)[1], days);
}

fn samples_that_a_run_forgets_count_in_it_for_the_last_time(databases: &dyn Databases) {
    let mut store = databases.create("a");
    store.append(&run(1410, 30, 1)).unwrap();
    // A run on the day after the next one, which reads back to the other half of that hour.
    store.append(&run(2 * 1440 + 30, 1440 + 60, 1)).unwrap();
    assert_eq!((hours(&store)[0].count, hours(&store)[0].minutes), (60, 60));
}

fn a_range_holds_whole_hours_of_one_signal(databases: &dyn Databases) {
    let mut store = databases.create("a");
    store.append(&run(600, 600, 1)).unwrap();
    let range = Range { from_ms: START_MS + 1, to_ms: START_MS + 3 * HOUR_MS };
    let found = |signal| store.rollups(Resolution::Hour, SignalId::find(signal), range).unwrap();
    assert_eq!(found("queue.depth")[0].rollups.len(), 2);
    assert_eq!(found("host.cpu"), []);
    let [means] = store.hourly(range).unwrap().try_into().unwrap();
    assert_eq!(means.values.at_ms(), [START_MS + HOUR_MS, START_MS + 2 * HOUR_MS]);
    assert_eq!(means.values.values()[0].to_bits(), hours(&store)[1].mean.to_bits());
}

fn of_older_days_the_last_assessment_is_kept(databases: &dyn Databases) {
    let mut store = databases.create("a");
    for minute in (0..4 * 1440).step_by(60).flat_map(|hour| [hour, hour + 40]) {
        store.append(&spot(minute, 1.0)).unwrap();
    }
    // An older one of the same hour changes nothing.
    store.append(&spot(4 * 1440 - 30, 1.0)).unwrap();
    let found = store.assessments(Range::ALL).unwrap();
    let minutes: Vec<&str> = found.iter().map(|stored| stored.json.as_str()).collect();
    let expected = [1420, 2860].into_iter().chain((0..48).map(|hour| 2920 + hour * 60));
    assert_eq!(minutes, expected.map(|minute| format!("{{\"minute\":{minute}}}")).collect::<Vec<_>>());
    let at_ms = found[7].at.timestamp_millis();
    let kept = store.assessments(Range { from_ms: at_ms, to_ms: at_ms + 1 }).unwrap();
    assert_eq!(kept, [found[7].clone()]);
}

fn old_days_can_be_pruned(databases: &dyn Databases) {
    let mut store = databases.create("a");
    store.append(&run(2880, 2880, 10)).unwrap();
    assert_eq!(store.prune(START_MS + 30 * HOUR_MS).unwrap(), 24);
    assert_eq!(hours(&store)[0].period, 20_401 * 24);
    assert_eq!(store.prune(START_MS + 90 * HOUR_MS).unwrap(), 24);
    assert_eq!(all(&store), [vec![], vec![]]);
}

fn an_import_is_the_same_history_once_and_twice(databases: &dyn Databases) {
    let mut original = databases.create("a");
    original.append(&run(1440, 1440, 5)).unwrap();
    original.append(&spot(3000, 4.0)).unwrap();
    let contents = original.contents().unwrap();
    let mut copy = databases.create("b");
    for hours in [25, 0] {
        assert_eq!(copy.import(&contents).unwrap().hours, hours);
        assert_eq!(all(&copy), all(&original));
        assert_eq!(copy.contents().unwrap(), contents);
    }
    // Of an hour whose samples are kept, a fuller rollup replaces both.
    let mut fuller = contents.hourly[0].clone();
    fuller.rollups.truncate(1);
    fuller.rollups[0].count += 1000;
    let contents = Contents { hourly: vec![fuller], ..Contents::default() };
    assert_eq!(original.import(&contents).unwrap().hours, 1);
    assert_eq!(hours(&original)[0].count, 1012);
}

fn simulated_and_real_values_do_not_mix(databases: &dyn Databases) {
    let mut store = databases.create("a");
    let simulated = Batch { simulated: Some("a test".to_owned()), ..spot(1, 1.0) };
    store.append(&simulated).unwrap();
    assert_eq!(store.simulated().unwrap().as_deref(), Some("a test"));
    let message = store.append(&spot(2, 1.0)).unwrap_err().to_string();
    assert!(message.contains("holds simulated values (a test), this run has real values"), "{message}");
    assert_eq!(hours(&store)[0].count, 1);
}

fn changes_by_hand_are_found(databases: &dyn Databases) {
    let damages = [
        ("UPDATE hourly SET max = 0 WHERE hour % 24 = 3", "between the smallest and the largest"),
        ("UPDATE hourly SET count = 0 WHERE hour % 24 = 3", "no samples"),
        ("DELETE FROM hourly WHERE hour % 24 = 3", "does not follow from its hours"),
        ("DELETE FROM hourly", "it has no hours"),
        ("UPDATE daily SET mean = mean + 1e-9", "does not follow from its hours"),
        (
            "INSERT INTO daily (series, day, count, minutes, min, mean, p95, max, last) SELECT series, day + 9, count, minutes, min, mean, p95, max, last FROM daily",
            "no hours",
        ),
        ("UPDATE samples SET step_ms = 1 WHERE hour % 24 = 3", "samples do not make its rollup"),
        ("DELETE FROM series", "belong to no series"),
    ];
    for (number, (damage, words)) in damages.into_iter().enumerate() {
        let name = format!("damaged{number}");
        databases.create(&name).append(&run(1440, 1440, 1)).unwrap();
        databases.execute(&name, damage);
        let errors = databases.reader(&name).verify().unwrap().join("\n");
        assert!(errors.contains(words), "{damage}: {errors}");
    }
}

fn hours_are_sent_once_and_again_when_they_change(databases: &dyn Databases) {
    let mut store = databases.create("a");
    store.append(&run(150, 150, 1)).unwrap();
    let before_ms = START_MS + 2 * HOUR_MS;
    let periods = |unsent: &[StoredSeries]| -> Vec<i64> {
        unsent.iter().flat_map(|stored| &stored.rollups).map(|rollup| rollup.period - 20_400 * 24).collect()
    };
    let unsent = store.unsent("there", before_ms).unwrap();
    assert_eq!(periods(&unsent), [0, 1]);
    // An hour that has changed since remains to be sent.
    let at_ms: Vec<i64> = (0..120).map(|half| START_MS + half * 30_000).collect();
    let values = at_ms.iter().copied().map(value).collect();
    let mut finer = run(60, 60, 1);
    finer.series[0].1 = Series::new(30_000, at_ms, values).unwrap();
    store.append(&finer).unwrap();
    store.mark_sent("there", &unsent).unwrap();
    assert_eq!(periods(&store.unsent("there", before_ms).unwrap()), [0]);
    assert_eq!(periods(&store.unsent("elsewhere", before_ms).unwrap()), [0, 1]);
    let unsent = store.unsent("there", before_ms).unwrap();
    store.mark_sent("there", &unsent).unwrap();
    assert_eq!(store.unsent("there", before_ms).unwrap(), []);
}

/// A server sampled so many hours after a midnight, with so many calls of two statements.
fn sample(hour: i64, calls: [f64; 2]) -> StatementSnapshot {
    let at = |hour: i64| DateTime::from_timestamp(DAY * 86_400 + hour * 3600, 0).unwrap();
    let count = |(query, calls): (i64, f64)| StatementCount {
        role: 10,
        query,
        toplevel: query > 0,
        calls,
        seconds: calls / 8.0,
        since: None,
        text: (query > 0 && hour > 2).then(|| "SELECT $1".to_owned()),
    };
    StatementSnapshot {
        server: "db:5432/shop".to_owned(),
        at: at(hour),
        started: at(-900),
        counting_since: Some(at(-800)),
        evictions: Some(hour.unsigned_abs()),
        hidden: 0,
        complete: true,
        database: 5,
        statements: [-3, 7].into_iter().zip(calls).map(count).collect(),
    }
}

fn record(store: &mut Store, samples: &[StatementSnapshot]) {
    for sample in samples {
        let batch = Batch {
            taken_at: sample.at,
            simulated: None,
            definitions: Vec::new(),
            series: Vec::new(),
            statements: vec![sample.clone()],
            assessment: None,
        };
        store.append(&batch).unwrap();
    }
}

#[track_caller]
fn statements(store: &Store) -> Statements {
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    store.statements(Range::ALL).unwrap()
}

fn samples() -> [StatementSnapshot; 3] {
    [sample(0, [100.0, 5.0]), sample(12, [116.0, 5.0]), sample(36, [124.0, 9.0])]
}

fn days_of_statements_add_up_from_sample_to_sample(databases: &dyn Databases) {
    let mut store = databases.create("a");
    record(&mut store, &samples());
    let found = statements(&store);
    let counted = |day, seconds, evictions| CountedDay { day, seconds, resets: 0, evictions, hidden: 0 };
    assert_eq!(found.servers[0].days, [counted(DAY, 86_400.0, 12), counted(DAY + 1, 43_200.0, 24)]);
    let [rare, often] = found.statements.try_into().unwrap();
    let day = |day, calls, seconds| StatementDay { day, calls, seconds };
    assert_eq!((rare.name.query, rare.name.toplevel, rare.text), (-3, false, None));
    assert_eq!(rare.days, [day(DAY, 20.0, 2.5), day(DAY + 1, 4.0, 0.5)]);
    assert_eq!((often.name.query, often.name.toplevel), (7, true));
    assert_eq!(often.text.as_deref(), Some("SELECT $1"));
    assert_eq!(often.days, [day(DAY, 2.0, 0.25), day(DAY + 1, 2.0, 0.25)]);
    let second = Range { from_ms: (DAY + 1) * 86_400_000, to_ms: (DAY + 2) * 86_400_000 };
    let found = store.statements(second).unwrap();
    assert_eq!((found.servers[0].days.len(), found.statements[0].days.len()), (1, 1));
}

fn late_and_repeated_samples_of_statements_add_nothing(databases: &dyn Databases) {
    let mut store = databases.create("a");
    let [first, second, third] = samples();
    record(&mut store, &[first.clone(), third.clone()]);
    let before = statements(&store);
    record(&mut store, &[third.clone(), second, first]);
    assert_eq!(statements(&store), before);
    assert_eq!(store.statement_samples().unwrap(), [third]);
}

fn another_history_continues_where_this_one_ended(databases: &dyn Databases) {
    let mut original = databases.create("a");
    record(&mut original, &samples()[..2]);
    let text = export(Format::JsonLines, &original.contents().unwrap()).unwrap();
    let mut copy = databases.create("b");
    for _ in 0..2 {
        copy.import(&parse_export(&text).unwrap()).unwrap();
        assert_eq!(copy.contents().unwrap(), original.contents().unwrap());
    }
    for store in [&mut original, &mut copy] {
        record(store, &samples()[2..]);
    }
    assert_eq!(statements(&copy), statements(&original));
    // What is older than what is held takes nothing away.
    copy.import(&parse_export(&text).unwrap()).unwrap();
    assert_eq!(statements(&copy), statements(&original));
    assert_eq!(copy.statement_samples().unwrap(), original.statement_samples().unwrap());
}

fn figures_of_two_histories_of_a_server_do_not_add_up(databases: &dyn Databases) {
    let [mut coarse, mut fine, mut brief] = ["a", "b", "c"].map(|name| databases.create(name));
    // 100 calls in two days: one history spreads them, the other saw most of them on the first day.
    record(&mut coarse, &[sample(0, [0.0, 0.0]), sample(48, [100.0, 0.0])]);
    record(&mut fine, &[sample(0, [0.0, 0.0]), sample(24, [90.0, 0.0]), sample(48, [100.0, 0.0])]);
    let before = statements(&coarse);
    coarse.import(&fine.contents().unwrap()).unwrap();
    assert_eq!(statements(&coarse), before);
    // A day that is better covered elsewhere is taken from there as a whole.
    record(&mut brief, &[sample(0, [0.0, 0.0]), sample(12, [80.0, 3.0])]);
    brief.import(&fine.contents().unwrap()).unwrap();
    assert_eq!(statements(&brief), statements(&fine));
}

fn impossible_statements_are_rejected_found_and_pruned(databases: &dyn Databases) {
    let mut store = databases.create("a");
    record(&mut store, &samples());
    let text = export(Format::JsonLines, &store.contents().unwrap()).unwrap();
    let message =
        parse_export(&text.replacen("\"calls\":20.0", "\"calls\":-1.0", 1)).unwrap_err().to_string();
    assert!(message.starts_with("line 1: db:5432/shop, statement -3, day 20000: -1 calls"), "{message}");
    for (damage, words) in [
        ("UPDATE looks SET json = '{}'", "the newest sample of the statements of db:5432/shop is damaged"),
        ("UPDATE statements SET role = 11 WHERE query = 7", "wrong id"),
        ("UPDATE statement_days SET calls = 0 WHERE calls = 20", "0 calls in 2.5 s"),
        ("UPDATE counted_days SET seconds = 90000", "90000 s counted in a day"),
        ("DELETE FROM statements WHERE query = -3", "2 days belong to no statement"),
    ] {
        databases.execute("a", damage);
        let found = databases.reader("a").verify().unwrap();
        assert!(found.iter().any(|error| error.contains(words)), "{damage}: {found:?}");
    }
    let mut store = databases.create("b");
    record(&mut store, &samples());
    store.prune((DAY + 1) * 86_400_000).unwrap();
    let days = |store: &Store| -> Vec<usize> {
        statements(store).statements.iter().map(|statement| statement.days.len()).collect()
    };
    assert_eq!(days(&store), [1, 1]);
    store.prune((DAY + 2) * 86_400_000).unwrap();
    assert!(statements(&store).is_empty());
    // The newest sample is kept, so that the next one is compared with it.
    record(&mut store, &[sample(48, [130.0, 9.0])]);
    let day = StatementDay { day: DAY + 1, calls: 6.0, seconds: 0.75 };
    assert_eq!(statements(&store).statements[0].days, [day]);
}

fn pasts_of_a_fleet_are_kept_by_service_and_day(databases: &dyn Databases) {
    let mut store = databases.create("a");
    let past = |name: &str, coverage: &[u8], days: &[i64]| StoredPast {
        name: name.to_owned(),
        coverage: coverage.to_vec(),
        days: days.iter().map(|day| (*day, format!("{name} {day}").into_bytes())).collect(),
    };
    let names = ["b", "a", "c"].map(str::to_owned);
    assert_eq!(store.service_pasts(&names, 0).unwrap(), [None, None, None]);
    let first = [past("a", b"1", &[DAY, DAY + 1, DAY + 2]), past("b", b"2", &[DAY + 1])];
    for _ in 0..2 {
        store.keep_service_pasts(&first, 0).unwrap();
        assert_eq!(store.verify().unwrap(), Vec::<String>::new());
        let [a, b] = first.clone();
        assert_eq!(store.service_pasts(&names, 0).unwrap(), [Some(b), Some(a), None]);
    }
    let known = |from| databases.reader("a").service_pasts(&names, from).unwrap();
    assert_eq!(known(DAY + 2), [Some(past("b", b"2", &[])), Some(past("a", b"1", &[DAY + 2])), None]);
    // A day of each night, in the place of what was kept of it; older days go.
    let mut night = past("a", b"3", &[DAY + 2, DAY + 3]);
    night.days.insert(DAY + 2, b"more".to_vec());
    store.keep_service_pasts(std::slice::from_ref(&night), DAY + 1).unwrap();
    let mut kept = night.clone();
    kept.days.insert(DAY + 1, b"a 20001".to_vec());
    assert_eq!(known(0), [Some(past("b", b"2", &[DAY + 1])), Some(kept.clone()), None]);

    // What was kept since is not deleted by hand. A service without figures has nothing that was kept.
    store.keep_service_pasts(&[past("c", b"4", &[])], 0).unwrap();
    assert_eq!(known(0)[2], Some(past("c", b"4", &[])));
    store.prune((DAY + 2) * 24 * HOUR_MS).unwrap();
    assert_eq!(known(0), [None, Some(kept), None]);
    // The reader of fleets finds out what is damaged, and `verify` does.
    let bytes = "update fleet_days set figures = coverage from fleet_services where day = 20001";
    databases.execute("a", bytes);
    assert_eq!(known(0)[1].as_ref().unwrap().days[&(DAY + 1)], b"3");
    let errors = store.verify().unwrap();
    assert!(errors.len() == 1 && errors[0].starts_with("fleet_days, service "), "{errors:?}");
}
