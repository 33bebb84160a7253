//! Tests of the pure steps between an answer and observations.

use std::collections::BTreeMap;

use super::{
    decode::{Answer, RawSeries, Samples},
    grid::{Grid, stitch},
    instances::{Instances, Rules, instances},
};
use crate::{
    signal::{Reduce, Scope, Signal},
    snapshot::{Reason, Unavailable},
};

const GRID: Grid = Grid { from: 0, to: 3600, step: 60 };

/// A signal whose series are told apart and brought together as given.
fn signal(instance: Option<&str>, reduce: Option<&str>) -> Signal {
    let mut table = BTreeMap::from([
        ("title", "t"),
        ("description", "d"),
        ("unit", "count"),
        ("direction", "higher_is_worse"),
        ("system", "s"),
        ("role", "context"),
        ("aggregate", "avg"),
    ]);
    table.extend(instance.map(|label| ("instance", label)));
    table.extend(reduce.map(|reduce| ("reduce", reduce)));
    toml::from_str(&toml::to_string(&table).unwrap()).unwrap()
}

fn shape(signal: &Signal, series: Vec<RawSeries>, grid: Grid) -> Result<Instances, Unavailable> {
    instances(Rules { signal, scope: &Scope::default(), grid, is_bound: false }, series, None)
}

/// A series of whole minutes.
fn series(labels: &[(&str, &str)], points: &[(i64, f64)]) -> RawSeries {
    RawSeries {
        labels: labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        samples: Samples {
            at_ms: points.iter().map(|(minute, _)| minute * 60_000).collect(),
            values: points.iter().map(|(_, value)| *value).collect(),
            ..Samples::default()
        },
        histograms: false,
    }
}

fn minutes(from: i64, to: i64, value: f64) -> Vec<(i64, f64)> {
    (from..=to).map(|minute| (minute, value)).collect()
}

fn reason(outcome: Result<Instances, Unavailable>) -> Reason {
    outcome.unwrap_err().reason
}

#[test]
fn pieces_are_joined_whatever_the_order_of_their_series_and_labels() {
    let answer =
        |series: Vec<RawSeries>| Answer { series, warnings: vec!["w".to_owned()], ..Answer::default() };
    let whole = stitch(vec![
        answer(vec![
            series(&[("b", "2"), ("a", "1")], &minutes(0, 1, 1.0)),
            series(&[], &minutes(0, 0, 9.0)),
        ]),
        answer(vec![
            series(&[], &minutes(2, 2, 9.0)),
            series(&[("a", "1"), ("b", "2")], &minutes(2, 3, 2.0)),
        ]),
    ]);
    let expected = [
        series(&[], &[(0, 9.0), (2, 9.0)]),
        series(&[("a", "1"), ("b", "2")], &[(0, 1.0), (1, 1.0), (2, 2.0), (3, 2.0)]),
    ];
    assert_eq!(whole.series, expected);
    assert_eq!(whole.warnings.len(), 1);
}

#[test]
fn missing_data_is_a_warning_and_a_remark_is_not() {
    let partial = Answer { partial: true, ..Answer::default() };
    assert!(stitch(vec![partial]).warnings.first().unwrap().contains("partial"));
    let remark = "PromQL info: metric might not be a counter".to_owned();
    let whole = stitch(vec![Answer { warnings: vec![remark.clone()], ..Answer::default() }]);
    assert!(whole.warnings.is_empty() && whole.infos.contains(&remark));
}

#[test]
fn reductions_take_the_series_that_have_a_sample() {
    let group =
        || vec![series(&[("p", "a")], &minutes(0, 60, 1.0)), series(&[("p", "b")], &minutes(30, 60, 5.0))];
    for (reduce, expected) in [(Reduce::Sum, 6.0), (Reduce::Max, 5.0), (Reduce::Min, 1.0)] {
        let name = format!("{reduce:?}").to_lowercase();
        let shaped = shape(&signal(None, Some(&name)), group(), GRID).unwrap();
        let values = &shaped.alive[0].values;
        assert_eq!((values.len(), values.values()[0], values.last()), (61, 1.0, (3_600_000, expected)));
    }
}

#[test]
fn a_sum_beyond_the_largest_number_is_left_out() {
    let huge = |pod| series(&[("p", pod)], &[(59, f64::MAX), (60, 1.0)]);
    let shaped = shape(&signal(None, Some("sum")), vec![huge("a"), huge("b")], GRID).unwrap();
    assert_eq!(shaped.alive[0].values.values(), [2.0]);
}

#[test]
fn two_series_of_one_instance_are_two_rows_and_several_of_none_are_too_many() {
    let both = vec![
        series(&[("i", "x"), ("job", "a")], &minutes(0, 60, 1.0)),
        series(&[("i", "x"), ("job", "b")], &minutes(0, 60, 2.0)),
        series(&[("i", "y"), ("job", "b")], &minutes(0, 60, 2.0)),
    ];
    let shaped = shape(&signal(Some("i"), None), both.clone(), GRID).unwrap();
    let names: Vec<_> = shaped.alive.iter().map(|instance| instance.name.as_deref().unwrap()).collect();
    assert_eq!(names, ["x a", "x b", "y"]);
    let outcome = shape(&signal(None, None), both, GRID);
    assert!(outcome.as_ref().unwrap_err().detail.ends_with("i (x, y), job (a, b)"), "{outcome:?}");
    assert_eq!(reason(outcome), Reason::SeveralSeries);
}

#[test]
fn values_of_a_place_are_a_question_unless_they_are_one_product() {
    let load = crate::signal::SignalId::find("users.concurrent").unwrap().entry();
    let read = |scope: &Scope, namespaces: &[&str]| {
        let all = [("prod", namespaces[0], 30.0), ("dev", namespaces[1], 10.0), ("dev", namespaces[1], 0.0)];
        let series = all.map(|(env, namespace, users)| {
            series(&[("env", env), ("namespace", namespace)], &minutes(0, 60, users))
        });
        let rules = Rules { signal: load, scope, grid: GRID, is_bound: false };
        let found = instances(rules, series.to_vec(), None).unwrap();
        found
            .ambiguous
            .iter()
            .map(|scope| {
                let values: Vec<String> =
                    scope.values.iter().map(|value| format!("{} {:.2}", value.value, value.share)).collect();
                format!("{}: {}", scope.label, values.join(", "))
            })
            .collect::<Vec<_>>()
    };
    // The namespaces say the same as the environments.
    assert_eq!(read(&Scope::default(), &["a", "b"]), ["env: prod 0.75, dev 0.25"]);
    let together = Scope { together: ["env".to_owned()].into(), ..Scope::default() };
    assert_eq!(read(&together, &["a", "b"]), ["namespace: a 0.75, b 0.25"]);
    assert_eq!(read(&together, &["a", "a"]), [""; 0]);
    let chosen = Scope { matchers: vec!["env=~.*".parse().unwrap()], ..Scope::default() };
    assert_eq!(read(&chosen, &["a", "a"]), [""; 0]);
}

#[test]
fn the_newest_of_the_stopped_says_when() {
    let stopped =
        vec![series(&[("i", "a")], &minutes(0, 50, 1.0)), series(&[("i", "b")], &minutes(0, 10, 1.0))];
    let failure = shape(&signal(Some("i"), None), stopped, GRID).unwrap_err();
    assert_eq!(failure.reason, Reason::Stopped);
    assert!(failure.detail.contains("00:50:00"), "{failure:?}");
}

#[test]
fn what_stopped_lately_is_kept_unless_another_has_its_name() {
    const LONG: Grid = Grid { from: 0, to: 7200, step: 60 };
    let named = |name, to| series(&[("i", name), ("pod", "p")], &minutes(0, to, 1.0));
    let replaced = series(&[("i", "c"), ("pod", "q")], &minutes(0, 100, 1.0));
    let all = vec![named("a", 120), named("b", 100), named("c", 120), named("d", 59), replaced];
    let names = |instances: &[super::instances::Instance]| {
        instances.iter().map(|instance| instance.name.clone().unwrap()).collect::<Vec<_>>()
    };
    let shaped = shape(&signal(Some("i"), None), all, LONG).unwrap();
    assert_eq!(
        (names(&shaped.alive), names(&shaped.stopped)),
        (vec!["a".into(), "c".into()], vec!["b".into()])
    );
    assert_eq!(shaped.notes.len(), 3, "{:?}", shaped.notes);
}

#[test]
fn a_sample_within_five_minutes_is_fresh() {
    let at = |minute| shape(&signal(None, None), vec![series(&[], &minutes(0, minute, 1.0))], GRID);
    assert!(at(55).is_ok());
    assert_eq!(reason(at(54)), Reason::Stopped);
}

#[test]
fn series_without_a_number_say_what_they_hold() {
    let mut histogram = series(&[], &[]);
    histogram.histograms = true;
    assert_eq!(reason(shape(&signal(None, None), vec![histogram], GRID)), Reason::QueryFailed);
    let mut nan = series(&[], &[]);
    nan.samples.nan = 7;
    let outcome = shape(&signal(None, None), vec![nan], GRID);
    assert!(outcome.as_ref().unwrap_err().detail.contains("NaN (7)"), "{outcome:?}");
    assert_eq!(reason(outcome), Reason::NotFinite);
}

#[test]
fn samples_off_the_grid_are_not_taken_for_others() {
    let mut shifted = series(&[], &minutes(58, 60, 1.0));
    shifted.samples.at_ms[1] += 7;
    assert_eq!(reason(shape(&signal(None, None), vec![shifted], GRID)), Reason::UnexpectedReply);
}
