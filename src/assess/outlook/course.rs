//! What brings one resource to its limit.

#![expect(clippy::result_large_err, reason = "a reason is made once for each resource")]

use chrono::{DateTime, NaiveDate, TimeDelta};

use super::{
    Assumptions, Day, Detail, EventAhead, Expected, Future, LoadOutlook, Past, Reached, ResourceOutlook,
    future::{self, Continuation},
    past,
};
use crate::{
    assess::{
        Context, DemandChanged, DemandReason, ForecastReason, Grade, Interval, LimitChanged, LimitEvaluation,
        Measured, limits::Limit,
    },
    capacity::{
        demand::{self, Demand, DemandError, Relation, Samples, Saturation, Strictness},
        first_passage::{self, Arrivals},
        growth::Growth,
        quantile::interpolated,
    },
    roadmap::Price,
    signal::{Direction, Driver, Quantity, ResourceId, Role, SignalId},
    snapshot::Observation,
};

/// Days of hourly measurements that tell the demand: older ones tell of an older program.
const DEMAND_DAYS: i64 = 28;
/// The same where there is one measurement a day.
const DEMAND_DAYS_DAILY: i64 = 180;
const DAY_MS: i64 = 86_400_000;
/// How far ahead what is needed is looked at.
const NEXT_DAYS: usize = 90;
/// Days of history that make the forecast of what fills by itself well founded, and passable.
const WELL_FOUNDED: usize = 90;
const PASSABLE: usize = 42;

/// One evaluation with what is known of its way to the limit.
pub(super) struct Course<'a, 'b> {
    resource: ResourceId,
    evaluation: &'b LimitEvaluation<'a>,
    full: &'b Limit,
    history: Vec<Day>,
    way: Way,
    reason: ForecastReason,
    limit_changed: Option<LimitChanged>,
    /// What each event to come takes of it.
    at_events: Vec<Option<Interval<f64>>>,
    /// What is taken of it in the days to come.
    expected: Option<Expected>,
    /// What the assumed users take of it.
    at_users: Option<Interval<f64>>,
}

enum Way {
    /// The load fills it.
    Load(Saturation),
    /// The load fills it, and it fills by itself besides: relations of both.
    LoadAndTime(Saturation, Vec<Relation>),
    /// It fills by itself.
    Itself(Box<Future>, Arrivals),
    /// It is a budget: when it is spent.
    Budget(Reached, Arrivals, Grade),
    /// Nobody can tell.
    Unknown,
}

impl<'a, 'b> Course<'a, 'b> {
    /// Nothing for what does not fill up, or has no limit.
    pub(super) fn new(
        context: &Context<'a>,
        evaluation: &'b LimitEvaluation<'a>,
        (load, ahead): (Option<&Past>, &LoadOutlook),
        (assumptions, detail): (Assumptions, Detail),
    ) -> Option<Self> {
        let entry = evaluation.entry;
        let driver = entry.driven_by.filter(|_| entry.role == Role::Resource)?;
        let full = evaluation.limits.full.as_ref().filter(|_| entry.direction == Direction::HigherIsWorse)?;
        let resource = entry.resource?;
        let observation = evaluation.observation;
        let now = context.snapshot.taken_at;
        let past = Past::for_instance(context, observation.signal, observation.instance.as_deref());
        let (days, values) = past.as_ref().map(|past| past.busiest_hours(now)).unwrap_or_default();
        let limit = full.at.value();
        let events = &ahead.events;
        // Prices apply to the expected usage.
        let price = Price::find(&context.input.declared.prices, resource, observation.instance.as_deref());
        let is_shown = detail == Detail::Bands || price.is_some();
        let (mut at_events, mut expected, mut at_users) = (vec![None; events.len()], None, None);
        let found = match (driver, past.as_ref()) {
            _ if evaluation.makes_room => Err(ForecastReason::Evicts),
            _ if evaluation.budget.is_some() => by_budget(evaluation),
            (_, None) => Err(ForecastReason::NoHistory { signal: observation.signal }),
            (Driver::Itself, Some(_)) => Continuation::new(&days, &values, now, assumptions.horizon)
                .map(|figure| by_itself(&figure, observation, limit, is_shown)),
            (Driver::Load, Some(past)) => load
                .ok_or(ForecastReason::NoHistory { signal: context.input.roadmap.load.signal })
                .and_then(|load| demand_on(load, past, now.timestamp_millis()))
                .map(|demand| {
                    at_events = events.iter().map(|event| taken_by(event, &demand)).collect();
                    at_users = assumptions.users.and_then(|users| taken_at(exactly(users), 0.0, &demand));
                    let future = ahead.future.as_ref().filter(|_| is_shown);
                    expected = future.and_then(|future| expected_of(future, &demand));
                    by_load(context, observation, &demand, limit)
                })
                .or_else(|refused| {
                    // What does not follow the load but clearly grows, such as a leak, goes on growing.
                    let figure = Continuation::new(&days, &values, now, assumptions.horizon).ok();
                    let clear = figure.filter(|figure| clearly(&figure.growth()));
                    clear.map(|figure| by_itself(&figure, observation, limit, is_shown)).ok_or(refused)
                }),
        };
        let (reason, way) = found.unwrap_or_else(|missing| (missing, Way::Unknown));
        if let Way::Itself(future, _) = &way {
            expected = most_of(future).map(|(_, until, taken)| Expected { until, taken });
        }
        let limit_changed = past.and_then(|past| past.limit_changed);
        let history = future::days(&days, &values);
        Some(Self {
            resource,
            evaluation,
            full,
            history,
            way,
            reason,
            limit_changed,
            at_events,
            expected,
            at_users,
        })
    }

    /// What the order of courses goes by.
    pub(super) fn key(&self) -> (SignalId, Option<&'a str>) {
        (self.evaluation.observation.signal, self.evaluation.observation.instance.as_deref())
    }

    /// As the race takes it; nothing for what is not known.
    pub(super) fn runner(&self) -> Option<first_passage::Course<'_>> {
        let ended = self.evaluation.headroom.is_some_and(|headroom| headroom <= 0.0);
        match &self.way {
            Way::Unknown => None,
            _ if ended => Some(first_passage::Course::Ended),
            Way::Load(saturation) => Some(first_passage::Course::Load(&saturation.draws)),
            Way::LoadAndTime(_, relations) => {
                Some(first_passage::Course::LoadAndTime(relations, self.full.at.value()))
            }
            Way::Itself(_, arrivals) | Way::Budget(_, arrivals, _) => {
                Some(first_passage::Course::Own(arrivals))
            }
        }
    }

    /// When its own futures reach the limit, of what fills by itself.
    pub(super) fn arrivals(&self) -> Option<&Arrivals> {
        if let Way::Itself(_, arrivals) = &self.way { Some(arrivals) } else { None }
    }

    /// When it is spent, of a budget.
    pub(super) fn spent(&self) -> Option<Reached> {
        if let Way::Budget(reached, ..) = self.way { Some(reached) } else { None }
    }

    /// What is known before the race; what only the race needs is dropped.
    pub(super) fn into_outlook(self) -> ResourceOutlook {
        let observation = self.evaluation.observation;
        let (saturates_at_load, future, grade) = match self.way {
            Way::Load(saturation) | Way::LoadAndTime(saturation, _) => {
                (interval(&saturation), None, grade(saturation.grade))
            }
            Way::Itself(future, _) => {
                let grade = grade_of_days(future.days_known);
                (None, Some(*future), grade)
            }
            Way::Budget(_, _, grade) => (None, None, grade),
            Way::Unknown => (None, None, Grade::Insufficient),
        };
        ResourceOutlook {
            resource: self.resource,
            signal: observation.signal,
            instance: observation.instance.clone(),
            limit: self.full.at,
            capacity: observation.capacity(),
            history: self.history,
            future,
            saturates_at_load,
            at_events: self.at_events.clone(),
            expected: self.expected,
            at_users: self.at_users,
            reached: None,
            probability_first: None,
            limit_changed: self.limit_changed,
            first_undecided: false,
            grade,
            reason: self.reason,
        }
    }
}

/// What the load of an event takes of a signal, in its unit.
fn taken_by(event: &EventAhead, demand: &Demand) -> Option<Interval<f64>> {
    taken_at(event.load?, event.in_days as f64, demand)
}

/// What the busiest of the next days takes of a signal, in its unit.
fn expected_of(load: &Future, demand: &Demand) -> Option<Expected> {
    let (days, until, load) = most_of(load)?;
    Some(Expected { until, taken: taken_at(load, days as f64, demand)? })
}

/// The most of the next days, with their number and the last of them.
fn most_of(future: &Future) -> Option<(usize, NaiveDate, Interval<f64>)> {
    let days = future.bands.get(..future.bands.len().min(NEXT_DAYS))?;
    let last = days.len().checked_sub(1)?;
    let most = |band: usize| days.iter().map(|day| day[band]).fold(f64::NEG_INFINITY, f64::max);
    Some((last, future.date(last).date_naive(), Interval { low: most(0), mid: most(3), high: most(6) }))
}

/// A load that is not in doubt.
fn exactly(users: u64) -> Interval<f64> {
    let users = users as f64;
    Interval { low: users, mid: users, high: users }
}

/// What a load takes of a signal so many days from now, in its unit.
fn taken_at(load: Interval<f64>, days: f64, demand: &Demand) -> Option<Interval<f64>> {
    let taken = |load: f64, level: f64| {
        let mut taken: Vec<f64> =
            demand.relations().iter().map(|relation| relation.signal(load, days)).collect();
        interpolated(&mut taken, level)
    };
    Some(Interval { low: taken(load.low, 0.05)?, mid: taken(load.mid, 0.5)?, high: taken(load.high, 0.95)? })
}

/// Whether a growth is more than one that may well be none: the least likely is at least a third of the likeliest.
fn clearly(growth: &Growth) -> bool {
    growth.low > 0.0 && 3.0 * growth.low > growth.mid
}

/// What fills by itself: of its futures only the bands and the days on which they reach the limit are kept.
///
/// If the bands are not needed and no future can reach the limit, no futures are simulated.
fn by_itself(
    figure: &Continuation,
    observation: &Observation,
    limit: f64,
    is_shown: bool,
) -> (ForecastReason, Way) {
    let (future, arrivals) = if !is_shown && figure.stays_below(limit) {
        (figure.future(Vec::new()), Arrivals::none(figure.days()))
    } else {
        let paths = figure.paths();
        let bands = if is_shown { paths.bands() } else { Vec::new() };
        (figure.future(bands), Arrivals::new(&paths, limit))
    };
    (own_reason(&future, observation, limit), Way::Itself(Box::new(future), arrivals))
}

/// What is spent until it is reset.
fn by_budget(evaluation: &LimitEvaluation<'_>) -> Result<(ForecastReason, Way), ForecastReason> {
    let missing = || ForecastReason::NoHistory { signal: evaluation.observation.signal };
    let outlook = evaluation.budget.as_deref().ok_or_else(missing)?;
    let signal = evaluation.observation.signal;
    let reason = ForecastReason::Spend { signal, budget: Box::new(outlook.reason.clone()) };
    let way = outlook.reached.zip(outlook.arrivals.clone());
    let way = way.map_or(Way::Unknown, |(reached, arrivals)| Way::Budget(reached, arrivals, outlook.grade));
    Ok((reason, way))
}

/// What the load fills, by itself besides or not.
fn by_load(
    context: &Context<'_>,
    observation: &Observation,
    demand: &Demand,
    limit: f64,
) -> (ForecastReason, Way) {
    let saturation = demand.saturation(limit);
    let load_unit = context.input.roadmap.load.unit.clone();
    let reason = demand_reason(demand, &saturation, limit, observation, load_unit);
    let reason = ForecastReason::Demand { demand: Box::new(reason) };
    match demand.own {
        Some(_) => (reason, Way::LoadAndTime(saturation, demand.relations().to_vec())),
        None => (reason, Way::Load(saturation)),
    }
}

/// The demand of a signal.
fn demand_on(load: &Past, signal: &Past, now_ms: i64) -> Result<Demand, ForecastReason> {
    let daily = load.step_ms.max(signal.step_ms) >= DAY_MS;
    let days = if daily { DEMAND_DAYS_DAILY } else { DEMAND_DAYS };
    let pairs = past::joined(load, signal, now_ms - days * DAY_MS);
    let samples = Samples { load: &pairs.load, signal: &pairs.signal, day: &pairs.day };
    demand::fit(samples, Strictness::BusyMinutes).map_err(|refusal| refused(refusal, now_ms))
}

/// Why the demand of a signal is not known.
fn refused(refusal: DemandError, now_ms: i64) -> ForecastReason {
    match refusal {
        DemandError::Invalid => ForecastReason::Unmatched,
        DemandError::TooFewDays { days } => {
            let missing = i64::try_from(demand::MIN_DAYS.saturating_sub(days)).unwrap_or(i64::MAX);
            let now = DateTime::from_timestamp_millis(now_ms);
            let enough = now
                .zip(TimeDelta::try_days(missing))
                .and_then(|(now, missing)| now.checked_add_signed(missing));
            let enough_on = enough.map(|enough| enough.date_naive());
            ForecastReason::TooFewCommonDays { days, needed: demand::MIN_DAYS, enough_on }
        }
        DemandError::LoadTooEven { ratio } => {
            ForecastReason::LoadTooEven { ratio, needed: demand::LEAST_RANGE }
        }
        DemandError::Unrelated { explained } => {
            ForecastReason::Unrelated { explained, needed: demand::LEAST_EXPLAINED }
        }
        DemandError::Disagrees { days, by } => ForecastReason::Disagrees { days, by },
        DemandError::NoDemand => ForecastReason::NoDemand,
    }
}

fn own_reason(future: &Future, observation: &Observation, limit: f64) -> ForecastReason {
    let limit = Quantity::new(limit, observation.signal.entry().unit);
    future::reason(future, None, limit.map(|limit| Measured::new(observation, limit)))
}

fn demand_reason(
    demand: &Demand,
    saturation: &Saturation,
    limit: f64,
    observation: &Observation,
    load_unit: String,
) -> DemandReason {
    DemandReason {
        signal: observation.signal,
        capacity: observation.capacity(),
        days: demand.days,
        per_load: demand.per_load,
        load_unit,
        baseline: demand.background,
        explained: demand.explained,
        steeper_at_high_load: demand.bent,
        load_inaccurate: demand.steepest.is_some(),
        slower_at_high_load: demand.flattens,
        changed: demand
            .changed
            .map(|changed| DemandChanged { since: past::date(changed.day), by: changed.by }),
        own_per_day: demand.own.map(|own| own.per_day),
        wall: demand.wall.filter(|wall| *wall < limit),
        unbounded: !saturation.high.is_finite(),
        extrapolated: saturation.extrapolated,
    }
}

/// Nothing where the limit is so far that no load reaches it.
fn interval(saturation: &Saturation) -> Option<Interval<f64>> {
    let Saturation { low, mid, high, .. } = *saturation;
    (mid.is_finite() && high.is_finite()).then_some(Interval { low, mid, high })
}

fn grade(grade: demand::Grade) -> Grade {
    match grade {
        demand::Grade::A => Grade::A,
        demand::Grade::B => Grade::B,
        demand::Grade::C => Grade::C,
    }
}

fn grade_of_days(days: usize) -> Grade {
    match days {
        WELL_FOUNDED.. => Grade::A,
        PASSABLE.. => Grade::B,
        _ => Grade::C,
    }
}
