//! What brings one resource to its limit.

use super::{Assumptions, Day, Future, Past, ResourceOutlook, future, past, words};
use crate::{
    assess::{Context, Grade, Interval, cache, limits::Bound, reading::LimitEvaluation},
    capacity::{
        demand::{self, Demand, Samples, Saturation, Strictness},
        first_passage,
    },
    signal::{Direction, Driver, ResourceId, Role, SignalId},
};

/// Days of hourly measurements that tell the demand: older ones tell of an older program.
const DEMAND_DAYS: i64 = 28;
/// The same where there is one measurement a day.
const DEMAND_DAYS_DAILY: i64 = 180;
const DAY_MS: i64 = 86_400_000;
/// Days of history that make the forecast of what fills by itself well founded, and passable.
const WELL_FOUNDED: usize = 90;
const PASSABLE: usize = 42;

/// One reading with what is known of its way to the limit.
pub(super) struct Course<'a, 'b> {
    resource: ResourceId,
    reading: &'b LimitEvaluation<'a>,
    full: &'b Bound,
    history: Vec<Day>,
    way: Way,
    because: String,
}

enum Way {
    /// The load fills it.
    Load(Saturation),
    /// It fills by itself.
    Itself(Box<Future>),
    /// Nobody can tell.
    Unknown,
}

impl<'a, 'b> Course<'a, 'b> {
    /// Nothing for what does not fill up, or has no limit.
    pub(super) fn of(
        context: &Context<'a>,
        reading: &'b LimitEvaluation<'a>,
        readings: &[LimitEvaluation<'a>],
        load: Option<&Past>,
        assumptions: Assumptions,
    ) -> Option<Self> {
        let entry = reading.observation.signal.entry();
        let driver = entry.driven_by.filter(|_| entry.role == Role::Limit)?;
        let full = reading.bounds.full.as_ref().filter(|_| entry.direction == Direction::HigherIsWorse)?;
        let resource = entry.resource?;
        let observation = reading.observation;
        let now = context.snapshot.taken_at;
        let past = Past::of(context, observation.signal, observation.instance.as_deref());
        let (days, values) = past.as_ref().map(|past| past.busiest_hours(now)).unwrap_or_default();
        let limit = full.at.value();
        let found = match (driver, past.as_ref()) {
            _ if cache::makes_room(reading, readings) => {
                Err("a full cache makes room by itself, so that it never runs out".to_owned())
            }
            (_, None) => {
                Err(format!("not enough history: no source tells of the past of {}", observation.signal))
            }
            (Driver::Itself, Some(_)) => future::continued(&days, &values, now, assumptions.horizon)
                .map(|future| (words::own(&future, observation, limit), Way::Itself(Box::new(future)))),
            (Driver::Load, Some(past)) => load
                .ok_or_else(|| "not enough history: no source tells of the past of the load".to_owned())
                .and_then(|load| demand_on(load, past, now.timestamp_millis()))
                .map(|(demand, days)| {
                    let saturation = demand.saturation(limit);
                    (words::demand(&demand, &saturation, days, observation, context), Way::Load(saturation))
                }),
        };
        let (because, way) = found.unwrap_or_else(|missing| (missing, Way::Unknown));
        Some(Self { resource, reading, full, history: future::days(&days, &values), way, because })
    }

    /// What the order of courses goes by.
    pub(super) fn key(&self) -> (SignalId, Option<String>) {
        (self.reading.observation.signal, self.reading.observation.instance.clone())
    }

    /// As the race takes it; nothing for what is not known.
    pub(super) fn runner(&self) -> Option<first_passage::Course<'_>> {
        let ended = self.reading.headroom.is_some_and(|headroom| headroom <= 0.0);
        match &self.way {
            Way::Unknown => None,
            Way::Load(_) | Way::Itself(_) if ended => Some(first_passage::Course::Ended),
            Way::Load(saturation) => Some(first_passage::Course::Load(&saturation.draws)),
            Way::Itself(future) => Some(first_passage::Course::Own(&future.paths, self.full.at.value())),
        }
    }

    /// What is known before the race.
    pub(super) fn outlook(&self) -> ResourceOutlook {
        let observation = self.reading.observation;
        let (saturates_at_load, future, grade) = match &self.way {
            Way::Load(saturation) => (interval(saturation), None, grade(saturation.grade)),
            Way::Itself(future) => (None, Some(future.as_ref().clone()), grade_of_days(future.days_known)),
            Way::Unknown => (None, None, Grade::Insufficient),
        };
        ResourceOutlook {
            resource: self.resource,
            signal: observation.signal,
            instance: observation.instance.clone(),
            limit: self.full.at,
            capacity: observation.capacity(),
            history: self.history.clone(),
            future,
            saturates_at_load,
            reached: None,
            probability_first: None,
            grade,
            because: self.because.clone(),
        }
    }
}

/// The demand of a signal, and from how many days it is known.
fn demand_on(load: &Past, signal: &Past, now_ms: i64) -> Result<(Demand, usize), String> {
    let daily = load.step_ms.max(signal.step_ms) >= DAY_MS;
    let days = if daily { DEMAND_DAYS_DAILY } else { DEMAND_DAYS };
    let pairs = past::together(load, signal, now_ms - days * DAY_MS);
    let samples = Samples { load: &pairs.load, signal: &pairs.signal, day: &pairs.day };
    let demand = demand::fit(samples, Strictness::BusyMinutes).map_err(|refusal| refusal.to_string())?;
    Ok((demand, pairs.day.chunk_by(|a, b| a == b).count()))
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
