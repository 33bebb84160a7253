//! Warnings and what became of them.

use chrono::TimeDelta;

use super::*;
use crate::{
    assess::{ActBy, Assumptions, Declared, PlanItem, survey},
    roadmap::{Thresholds, default_thresholds, read_roadmap},
    signal::{Series, SignalId, Unit},
    snapshot::{Origin, Snapshot, Window, merge},
};

const ROADMAP: &str = "
schema = 1
id = 'test'
title = 'Test'
summary = 'Test'
currency = 'USD'
stack = []
[load]
signal = 'users.concurrent'
unit = 'users'
[[phases]]
number = 1
title = 'Only'
users = [0]
[[phases.actions]]
id = 'bigger'
title = 'Bigger machine'
component = 'host'
priority = 'high'
relieves = ['host.cpu']
steps = ['Order it']
";

/// The first day, at noon.
fn start() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn day(number: i64) -> DateTime<Utc> {
    start() + TimeDelta::days(number)
}

struct Recorded {
    input: AssessmentInput,
    /// The share of the CPU on each day.
    used: Vec<f64>,
    assessments: Vec<Assessment>,
}

impl Recorded {
    fn new(used: &[f64]) -> Self {
        let (roadmap, diagnostics) = read_roadmap(ROADMAP);
        let roadmap = roadmap.unwrap_or_else(|| panic!("{diagnostics:#?}"));
        let input = AssessmentInput {
            roadmap,
            digest: String::new(),
            defaults: default_thresholds().clone(),
            overrides: Thresholds::default(),
            declared: Declared::default(),
        };
        Self { input, used: used.to_vec(), assessments: Vec::new() }
    }

    /// An assessment of a day that expects the limit so many days later, at the earliest and at the latest.
    fn warned(mut self, on: i64, within: Option<(i64, i64)>, change: impl FnOnce(&mut Assessment)) -> Self {
        let mut assessment = survey(&self.input, &self.snapshot(), Assumptions::default()).assessment;
        assessment.generated_at = day(on);
        let cpu = assessment.bottlenecks.iter_mut().find(|row| row.resource.to_string() == "host.cpu");
        let cpu = cpu.expect("the CPU is measured");
        cpu.capacity = None;
        cpu.status = Status::Approaching;
        cpu.act_by = within.map(|_| ActBy { load: None, date: Some(day(on)) });
        cpu.saturates_on = within.map(|(low, high)| SaturationDate {
            low: day(on + low),
            mid: Some(day(on + i64::midpoint(low, high))),
            high: Some(day(on + high)),
            probability: 0.96,
            horizon: day(on + 400),
        });
        change(&mut assessment);
        self.assessments.push(assessment);
        self
    }

    /// Days at noon as the present and the past.
    fn snapshot(&self) -> Snapshot {
        let days: Vec<DateTime<Utc>> = (0..).map(day).take(self.used.len()).collect();
        let now = days[days.len() - 1];
        let at_ms = days.iter().map(DateTime::timestamp_millis).collect();
        let series = Observation::new(
            SignalId::find("host.cpu").unwrap(),
            Series::new(hours::HOUR_MS, at_ms, self.used.clone()).unwrap(),
            Origin { source: "test".to_owned(), query: "cpu".to_owned() },
        );
        let window = Window { from: now - TimeDelta::days(1), to: now, step_seconds: 60 };
        let mut snapshot = merge(now, window, Vec::new());
        snapshot.observations = vec![series.clone()];
        snapshot.history = vec![series];
        snapshot
    }

    fn accuracy(&self) -> WarningAccuracy {
        let snapshot = self.snapshot();
        warning_accuracy(&self.input, &snapshot.history, &self.assessments, snapshot.taken_at)
    }
}

/// The limit is reached on some days of sixty.
fn at_limit_on(days: &[usize]) -> Recorded {
    Recorded::new(&(0..60).map(|day| if days.contains(&day) { 1.0 } else { 0.5 }).collect::<Vec<_>>())
}

fn unchanged(_: &mut Assessment) {}

#[track_caller]
fn outcome(recorded: &Recorded) -> WarningOutcome {
    let [warning] = &recorded.accuracy().warnings[..] else { panic!("{:#?}", recorded.accuracy()) };
    warning.outcome
}

#[test]
fn a_limit_reached_in_time_was_warned_of() {
    let accuracy = at_limit_on(&[20, 21, 22]).warned(5, Some((5, 20)), unchanged).accuracy();
    assert_eq!(accuracy.warnings[0].outcome, WarningOutcome::Reached);
    assert_eq!(accuracy.warnings[0].reached_on, Some(day(20).date_naive()));
    assert_eq!(accuracy.violations.len(), 1, "days in a row are one violation");
    let total = accuracy.total;
    assert_eq!((total.reached, total.violations, total.warned), (1, 1, 1));
    assert_eq!(total.median_lead_days, Some(15.0));
    assert_eq!(accuracy.resources.len(), 1);
}

#[test]
fn a_limit_that_was_not_reached_was_a_false_warning_unless_something_averted_it() {
    let warned = || at_limit_on(&[]).warned(5, Some((5, 20)), unchanged);
    assert_eq!(outcome(&warned()), WarningOutcome::False);
    assert_eq!(warned().accuracy().total.precision.map(|share| share.inside), Some(0));
    let with_limit = |cores: f64| {
        move |assessment: &mut Assessment| {
            for row in &mut assessment.bottlenecks {
                row.capacity = Quantity::new(cores, Unit::Count);
            }
        }
    };
    let raised = at_limit_on(&[]).warned(5, Some((5, 20)), with_limit(4.0));
    assert_eq!(outcome(&raised.warned(9, None, with_limit(8.0))), WarningOutcome::LimitRaised);
    let done = |is_done: bool| {
        move |assessment: &mut Assessment| {
            assessment.plan = vec![PlanItem { done: is_done, ..planned() }];
        }
    };
    let acted = at_limit_on(&[]).warned(5, Some((5, 20)), done(false)).warned(9, None, done(true));
    assert_eq!(outcome(&acted), WarningOutcome::ActionDone);
    assert_eq!(acted.accuracy().total.precision, None, "neither right nor wrong");
    assert_eq!(acted.accuracy().total.averted, 1);
    // It may have left the plan before it was declared done.
    let mut finished = at_limit_on(&[]).warned(5, Some((5, 20)), done(false));
    assert_eq!(outcome(&finished), WarningOutcome::False);
    finished.input.declared.done.insert("bigger".to_owned());
    assert_eq!(outcome(&finished), WarningOutcome::ActionDone);
}

/// The action of the roadmap that relieves the CPU.
fn planned() -> PlanItem {
    let item = serde_json::json!({
        "id": "bigger", "title": "Bigger machine", "component": "host", "priority": "high",
        "relieves": ["host.cpu"], "effort": null, "timeline": null, "start_by": null, "act_by_users": null,
        "cost_per_month": null, "steps": [], "figures": [], "reasons": [], "done": false,
    });
    serde_json::from_value(item).unwrap()
}

#[test]
fn before_its_time_has_come_a_warning_is_open() {
    assert_eq!(outcome(&at_limit_on(&[]).warned(50, Some((5, 20)), unchanged)), WarningOutcome::Open);
}

#[test]
fn a_violation_that_nobody_warned_of_is_missed() {
    let quiet = at_limit_on(&[20, 40]).warned(5, None, unchanged).accuracy();
    assert_eq!((quiet.warnings.len(), quiet.total.violations, quiet.total.warned), (0, 2, 0));
    let late = at_limit_on(&[20]).warned(5, None, unchanged).warned(21, Some((1, 9)), unchanged).accuracy();
    assert_eq!((late.total.violations, late.total.warned), (1, 0), "the warning came afterwards");
    let before = at_limit_on(&[3]).warned(5, None, unchanged).accuracy();
    assert_eq!(before.violations, [], "nothing was recorded yet");
}

#[test]
fn what_is_repeated_is_one_warning_until_its_time_has_come() {
    let daily = |days: std::ops::Range<i64>| {
        days.fold(at_limit_on(&[]), |recorded, day| recorded.warned(day, Some((5, 20)), unchanged))
    };
    assert_eq!(daily(5..20).accuracy().warnings.len(), 1);
    let total = daily(5..50).accuracy().total;
    assert_eq!((total.not_reached, total.open), (2, 1), "the last one goes on");
    let twice = at_limit_on(&[]).warned(1, Some((5, 20)), unchanged).warned(15, Some((5, 20)), unchanged);
    assert_eq!(twice.accuracy().warnings.len(), 2, "it was withdrawn in between");
}

#[test]
fn a_resource_without_a_past_is_not_scored() {
    let recorded = at_limit_on(&[]).warned(5, Some((5, 20)), unchanged);
    let accuracy = warning_accuracy(&recorded.input, &[], &recorded.assessments, day(59));
    assert_eq!(accuracy.warnings[0].outcome, WarningOutcome::Unknown);
    assert_eq!(accuracy.total.precision, None);
}
