//! How the load develops, when each resource reaches its limit, and what events to come ask of the system.
//!
//! What is driven by the load is compared with the same futures of the load, at the load at which its own demand reaches
//! the limit; what fills up by itself is continued by itself. What history is too short for, or does not follow the
//! load, is left open with the reason.

mod course;
mod future;
mod past;

pub use future::{Day, EventAhead, Future};

pub(super) use past::Past;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AssessmentInput, Context, ForecastDay, ForecastReason, Grade, Interval, LimitChanged, LimitEvaluation,
    LimitOutcome, SaturationDate, in_context, parallel,
};
use crate::{
    capacity::{
        first_passage::race,
        growth::{Crossing, FUTURES, Paths},
    },
    signal::{Quantity, ResourceId, SignalId},
    snapshot::Snapshot,
};
use course::Course;

/// Days farther ahead are not forecast unless somebody asks.
pub const FARTHEST: usize = 180;

/// So many resources are continued at a time.
const AT_A_TIME: usize = 16;

/// What a forecast assumes instead of estimating it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Assumptions {
    /// Days to look ahead; otherwise as many as there is history, and at most [`FARTHEST`].
    pub horizon: Option<usize>,
    /// Growth of the load a month, 0.08 for 8%.
    pub growth: Option<f64>,
    /// A load of which it is asked what it takes of each resource.
    pub users: Option<u64>,
}

/// Which results of the forecasts of resources are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// When each limit is reached. Futures are simulated only if an upper bound does not exclude that.
    Dates,
    /// Also the bands of each day, for forecasts and charts.
    Bands,
}

/// How load and resources develop.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlook {
    /// The load.
    pub load: LoadOutlook,
    /// Every measured resource that has a limit and fills up, in the order of their names.
    pub resources: Vec<ResourceOutlook>,
}

/// How the load develops.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadOutlook {
    /// The busiest hour of each day.
    pub history: Vec<Day>,
    /// What may become of it; `None` without enough history.
    pub future: Option<Future>,
    /// The events to come, in the order of time. The future has them in it.
    pub events: Vec<EventAhead>,
    /// The futures without events to come, where there are any: a phase does not begin with a sale.
    pub without_events: Option<Paths>,
    /// What it rests on, or what is missing.
    pub reason: ForecastReason,
}

/// When one resource reaches its limit.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceOutlook {
    /// What runs out.
    pub resource: ResourceId,
    /// The signal that measures it.
    pub signal: SignalId,
    /// Which of several.
    pub instance: Option<String>,
    /// Where it is used up.
    pub limit: Quantity,
    /// What 100% is, for a share of something countable.
    pub capacity: Option<Quantity>,
    /// Its value at the busiest hour of each day.
    pub history: Vec<Day>,
    /// What may become of it, where it is continued by itself.
    pub future: Option<Future>,
    /// The load at which the limit is reached; `None` for what fills by itself or has no demand.
    pub saturates_at_load: Option<Interval<f64>>,
    /// What the load of each event to come takes of it, in the unit of the signal; `None` where it is not known.
    pub at_events: Vec<Option<Interval<f64>>>,
    /// What is taken of it in the days to come; `None` if unknown, or if neither
    /// a price nor a chart needs it.
    pub expected: Option<Expected>,
    /// What the assumed users take of it, in the unit of the signal, as of today; `None` where it is not known.
    pub at_users: Option<Interval<f64>>,
    /// When the limit is reached.
    pub reached: Option<Reached>,
    /// How likely it is to be the first of all; `None` where too few futures show which is.
    pub probability_first: Option<f64>,
    /// The newest change of its limit.
    pub limit_changed: Option<LimitChanged>,
    /// Whether too few futures show which is the first within the days that all are known for.
    pub first_undecided: bool,
    /// How good the evidence is.
    pub grade: Grade,
    /// What it rests on, or what is missing.
    pub reason: ForecastReason,
}

/// What is taken of a resource at the busiest hour of the next days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expected {
    /// The last of these days.
    pub until: NaiveDate,
    /// How much, in the unit of the signal.
    pub taken: Interval<f64>,
}

/// When a limit is first reached.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reached {
    /// The probability until the end of the horizon.
    pub probability: f64,
    /// By then with 5%; `None` where that lies beyond the horizon.
    pub low: Option<DateTime<Utc>>,
    /// By then with 50%.
    pub mid: Option<DateTime<Utc>>,
    /// By then with 95%.
    pub high: Option<DateTime<Utc>>,
    /// The last day that was looked at.
    pub horizon: DateTime<Utc>,
}

impl Reached {
    /// `days` of forecast begin today.
    fn from_crossing(crossing: &Crossing, today: DateTime<Utc>, days: usize) -> Self {
        let date = |day: usize| later(today, day);
        Self {
            probability: crossing.probability,
            low: crossing.low.map(date),
            mid: crossing.mid.map(date),
            high: crossing.high.map(date),
            horizon: date(days.saturating_sub(1)),
        }
    }

    /// The date as results show it; `None` where even the earliest lies beyond the horizon.
    pub fn date(&self) -> Option<SaturationDate> {
        let Self { probability, low, mid, high, horizon } = *self;
        Some(SaturationDate { low: low?, mid, high, probability, horizon })
    }
}

impl LoadOutlook {
    /// The days to come as results show them; `None` without enough history.
    pub fn days(&self) -> Option<Vec<ForecastDay>> {
        let future = self.future.as_ref()?;
        let day = |(day, band): (usize, &[f64; 7])| ForecastDay {
            date: future.date(day),
            low: band[0],
            mid: band[3],
            high: band[6],
        };
        Some(future.bands.iter().enumerate().map(day).collect())
    }
}

impl Outlook {
    /// When the load first is at or above `users` without an event; `None` without a forecast of the load.
    pub fn load_reaches(&self, users: f64) -> Option<Reached> {
        let future = self.load.future.as_ref()?;
        let paths = self.load.without_events.as_ref().unwrap_or(&future.paths);
        Some(Reached::from_crossing(&paths.reach(users), midnight(future.first), paths.days()))
    }

    /// The outlook of an instance of a signal, or of the only one, which another source may call by another name.
    pub(super) fn find(&self, signal: SignalId, instance: Option<&str>) -> Option<&ResourceOutlook> {
        let first = self.resources.partition_point(|resource| resource.signal < signal);
        let of_signal = &self.resources[first..];
        let of_signal = &of_signal[..of_signal.partition_point(|resource| resource.signal == signal)];
        match of_signal.binary_search_by(|resource| resource.instance.as_deref().cmp(&instance)) {
            Ok(place) => of_signal.get(place),
            Err(_) => of_signal.first().filter(|_| of_signal.len() == 1),
        }
    }
}

/// How load and resources develop under some assumptions. The snapshot's time counts as now.
pub fn outlook(input: &AssessmentInput, snapshot: &Snapshot, assumptions: Assumptions) -> Outlook {
    in_context(input, snapshot, |context, evaluations| {
        assess(context, &evaluations, assumptions, Detail::Bands)
    })
}

/// How the load develops: what [`outlook`] says of it, without the work that the resources take.
pub fn load_outlook(input: &AssessmentInput, snapshot: &Snapshot, assumptions: Assumptions) -> LoadOutlook {
    // The past of the load is read from the snapshot itself; nothing that can be computed from it counts.
    let context = Context::new(input, snapshot, &[]);
    let past = Past::for_load(&context);
    future::forecast_load(&context, past.as_ref(), snapshot.taken_at, assumptions)
}

/// The same for evaluations that are there already.
pub(super) fn assess(
    context: &Context<'_>,
    evaluations: &[LimitEvaluation<'_>],
    assumptions: Assumptions,
    detail: Detail,
) -> Outlook {
    let now = context.snapshot.taken_at;
    let past = Past::for_load(context);
    let load = future::forecast_load(context, past.as_ref(), now, assumptions);
    let mut courses: Vec<Course<'_, '_>> = parallel::filter_map(evaluations, AT_A_TIME, |evaluation| {
        Course::new(context, evaluation, (past.as_ref(), &load), (assumptions, detail))
    });
    courses.sort_by(|a, b| a.key().cmp(&b.key()));
    Outlook { resources: run(&load, courses, now), load }
}

/// Runs all courses against the same futures of the load.
fn run(load: &LoadOutlook, courses: Vec<Course<'_, '_>>, now: DateTime<Utc>) -> Vec<ResourceOutlook> {
    let unknown = Paths::unknown(FUTURES);
    let paths = load.future.as_ref().map_or(&unknown, |future| &future.paths);
    let known = load.future.is_some();
    let runners: Vec<_> = courses.iter().filter_map(Course::runner).collect();
    let mut passages = race(paths, &runners).passages.into_iter();
    let today = midnight(now.date_naive());
    let outlook = |course: Course<'_, '_>| {
        let Some(passage) = course.runner().and_then(|_| passages.next()) else {
            return course.into_outlook();
        };
        let reached = match (course.spent(), course.arrivals()) {
            (Some(spent), _) => Some(spent),
            (None, Some(own)) => Some(Reached::from_crossing(&own.crossing(), today, own.days)),
            (None, None) => known.then(|| Reached::from_crossing(&passage.crossing, today, paths.days())),
        };
        ResourceOutlook {
            probability_first: passage.probability_first,
            first_undecided: passage.probability_first.is_none(),
            reached,
            ..course.into_outlook()
        }
    };
    courses.into_iter().map(outlook).collect()
}

fn midnight(date: NaiveDate) -> DateTime<Utc> {
    date.and_time(NaiveTime::MIN).and_utc()
}

fn later(day: DateTime<Utc>, days: usize) -> DateTime<Utc> {
    let days = i64::try_from(days).ok().and_then(TimeDelta::try_days);
    days.and_then(|days| day.checked_add_signed(days)).unwrap_or(day)
}

/// An event to come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExpectedEvent {
    /// What it is.
    pub name: String,
    /// Its first day.
    pub from: NaiveDate,
    /// Its last day.
    pub until: NaiveDate,
    /// The load at the busiest hour of its busiest day; null beyond the days that are forecast.
    pub load: Option<Interval<f64>>,
    /// The resources that it pushes beyond their limits, or may; the largest shortfall first.
    pub short: Vec<EventShortage>,
}

/// A resource that is too small for an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EventShortage {
    /// The resource.
    pub resource: ResourceId,
    /// Which of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// Whether it is too small: certainly, or perhaps.
    pub outcome: LimitOutcome,
    /// What the event takes of it, in the unit of `limit`.
    pub needed: Interval<f64>,
    /// Where it is used up: of something countable its number, else the share or amount.
    pub limit: Quantity,
}

/// The events to come, in the order of time.
pub(super) fn expected_events(outlook: &Outlook) -> Vec<ExpectedEvent> {
    let ahead = outlook.load.events.iter().enumerate();
    ahead
        .map(|(number, ahead)| {
            let shortages = outlook.resources.iter().filter_map(|resource| shortage(resource, number));
            let mut short: Vec<EventShortage> = shortages.collect();
            let lacks = |short: &EventShortage| short.needed.mid / short.limit.value();
            short.sort_by(|a, b| a.outcome.cmp(&b.outcome).then_with(|| lacks(b).total_cmp(&lacks(a))));
            ExpectedEvent {
                name: ahead.event.name.clone(),
                from: ahead.event.from,
                until: ahead.event.until,
                load: ahead.load,
                short,
            }
        })
        .collect()
}

/// Nothing where the resource is known to hold, or nothing is known.
fn shortage(resource: &ResourceOutlook, number: usize) -> Option<EventShortage> {
    let taken = resource.at_events.get(number).copied().flatten()?;
    let full = resource.limit.value();
    let outcome = match taken {
        Interval { low, .. } if low >= full => LimitOutcome::Yes,
        Interval { high, .. } if high >= full => LimitOutcome::Perhaps,
        _ => return None,
    };
    let scale = resource.capacity.map_or(1.0, Quantity::value);
    let unit = resource.capacity.map_or(resource.limit.unit(), Quantity::unit);
    Some(EventShortage {
        resource: resource.resource,
        instance: resource.instance.clone(),
        outcome,
        needed: Interval { low: taken.low * scale, mid: taken.mid * scale, high: taken.high * scale },
        limit: Quantity::new(full * scale, unit)?,
    })
}
