//! A daily figure continued.

#![expect(clippy::result_large_err, reason = "a reason is made once for each resource")]

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::{Assumptions, FARTHEST, LoadOutlook, past, past::Past};
use crate::{
    assess::{Context, ForecastReason, Interval, Measured},
    capacity::{
        growth::{self, Change, FUTURES, Fitted, Growth, History, MIN_DAYS, NotEnough, Paths},
        quantile::interpolated,
    },
    roadmap::{Event, EventLoad},
};

/// A figure whose newest day is older than this is not continued to the present.
const MAX_AGE_DAYS: usize = 14;

/// The value of a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Day {
    /// The day.
    pub date: NaiveDate,
    /// Its value, in the unit of the signal.
    pub value: f64,
}

/// What may become of a daily figure, from today on.
#[derive(Debug, Clone, PartialEq)]
pub struct Future {
    /// The first day: today, which is not over yet.
    pub first: NaiveDate,
    /// Equally likely futures of the load; of a resource only the bands are kept.
    pub paths: Paths,
    /// What 5, 10, 25, 50, 75, 90 and 95% of them do not exceed, for each day; empty if not needed.
    pub bands: Vec<[f64; 7]>,
    /// The growth found in the history; none where a growth was assumed.
    pub growth: Option<Growth>,
    /// A recent change of the trend.
    pub change: Option<Change>,
    /// Days of history with a value.
    pub days_known: usize,
}

impl Future {
    /// The beginning of a day, counted from the first.
    pub fn date(&self, day: usize) -> DateTime<Utc> {
        super::later(super::midnight(self.first), day)
    }

    /// Growth a month as a share; of a figure that grows in its own unit, as a share of `level`.
    pub fn growth_ratio(&self, level: Option<f64>) -> Option<Interval<f64>> {
        let growth = self.growth?;
        let scale = if growth.relative { 1.0 } else { level.filter(|level| *level > 0.0).map(f64::recip)? };
        let [low, mid, high] = [growth.low, growth.mid, growth.high].map(|value| value * scale);
        Some(Interval { low, mid, high })
    }

    /// By how much the level stepped at the recent change, as a share; `None` where only the growth changed.
    pub fn stepped_by(&self) -> Option<f64> {
        let relative = self.growth.is_some_and(|growth| growth.relative);
        self.change?.step.filter(|_| relative)
    }

    /// The median of a day, counted from the first.
    pub fn median(&self, day: usize) -> Option<f64> {
        self.bands.get(day).map(|band| band[3])
    }
}

/// The days of a past.
pub(super) fn days(days: &[i32], values: &[f64]) -> Vec<Day> {
    days.iter().zip(values).map(|(day, value)| Day { date: past::date(*day), value: *value }).collect()
}

/// Continues the load.
pub(super) fn forecast_load(
    context: &Context<'_>,
    past: Option<&Past>,
    now: DateTime<Utc>,
    assumptions: Assumptions,
) -> LoadOutlook {
    let load = &context.input.roadmap.load;
    let Some(past) = past else {
        let reason = ForecastReason::NoHistory { signal: load.signal };
        let events = events_ahead(&context.input.declared.events, None, now);
        return LoadOutlook { history: Vec::new(), future: None, events, without_events: None, reason };
    };
    let (numbers, values) = past.busiest_hours(now);
    let history = days(&numbers, &values);
    let future = match assumptions.growth {
        Some(rate) => assumed(&numbers, &values, rate, now, assumptions.horizon),
        None => continued(&numbers, &values, now, assumptions.horizon),
    };
    let mut future = future;
    let usual = future.as_ref().ok().map(|future| future.paths.clone());
    let events = events_ahead(&context.input.declared.events, future.as_mut().ok(), now);
    let without_events = usual.filter(|_| !events.is_empty());
    let reason = match (&future, assumptions.growth) {
        (Ok(_), Some(growth_per_month)) => ForecastReason::Assumed { growth_per_month },
        (Ok(future), None) => reason(future, values.last().copied(), None),
        (Err(missing), _) => missing.clone(),
    };
    LoadOutlook { history, future: future.ok(), events, without_events, reason }
}

/// Raises the futures of the load on the days of events to come. Returns the events with the load that is expected.
fn events_ahead(declared: &[Event], mut future: Option<&mut Future>, now: DateTime<Utc>) -> Vec<EventAhead> {
    let today = now.date_naive();
    let mut ahead: Vec<&Event> =
        declared.iter().filter(|event| event.until >= today && event.load.is_some()).collect();
    ahead.sort_by_key(|event| (event.from, event.until));
    let days_of = |event: &Event| {
        let day = |date: NaiveDate| usize::try_from((date - today).num_days()).unwrap_or(0);
        day(event.from)..day(event.until) + 1
    };
    if let Some(future) = &mut future {
        for event in &ahead {
            for day in days_of(event) {
                let factor = match event.load {
                    Some(EventLoad::More(share)) => 1.0 + share,
                    Some(EventLoad::Absolute(load)) => {
                        future.median(day).filter(|median| *median > 0.0).map_or(1.0, |median| load / median)
                    }
                    None => 1.0,
                };
                future.paths.scale_day(day, factor);
            }
        }
        future.bands = future.paths.bands();
    }
    let expected = |event: &Event| {
        let mut highest =
            future.as_ref().map(|future| future.paths.highest(days_of(event))).unwrap_or_default();
        let stated = match event.load {
            Some(EventLoad::Absolute(load)) => Some(Interval { low: load, mid: load, high: load }),
            _ => None,
        };
        let [low, mid, high] = [0.05, 0.5, 0.95].map(|level| interpolated(&mut highest, level));
        low.zip(mid).zip(high).map(|((low, mid), high)| Interval { low, mid, high }).or(stated)
    };
    ahead
        .into_iter()
        .map(|event| EventAhead {
            event: event.clone(),
            load: expected(event),
            in_days: days_of(event).start,
        })
        .collect()
}

/// An event to come, with the load that is expected.
#[derive(Debug, Clone, PartialEq)]
pub struct EventAhead {
    /// The event.
    pub event: Event,
    /// The load at the busiest hour of its busiest day; `None` where it is not known: beyond the days that are forecast, or
    /// without enough history.
    pub load: Option<Interval<f64>>,
    /// How many days ahead it begins; 0 for today and earlier.
    pub in_days: usize,
}

/// What a continued figure rests on; `level` turns growth in the figure's own unit into a share.
pub(super) fn reason(future: &Future, level: Option<f64>, limit: Option<Measured>) -> ForecastReason {
    ForecastReason::Continued {
        days: future.days_known,
        trend_changed_days_ago: future.change.map(|change| change.days_ago),
        stepped_by: future.stepped_by(),
        growth_per_month: future.growth_ratio(level),
        significant: future.growth.is_some_and(|growth| growth.is_distinguishable()),
        limit,
    }
}

/// Why a history is not continued.
fn not_enough(error: NotEnough, days: &[i32], now: DateTime<Utc>) -> ForecastReason {
    match error {
        NotEnough::Days { days: known } => {
            // The last day that is needed has to be over. Without any, the days begin tomorrow: today is no whole one.
            let last = days.last().copied().unwrap_or_else(|| now.date_naive().num_days_from_ce());
            let missing = i32::try_from(MIN_DAYS.saturating_sub(known)).unwrap_or(i32::MAX);
            let enough_on = last.checked_add(missing).and_then(|day| day.checked_add(1)).map(past::date);
            ForecastReason::TooFewDays { days: known, needed: MIN_DAYS, enough_on }
        }
        NotEnough::Gaps { missing, days } => ForecastReason::TooManyGaps { missing, days },
        NotEnough::Invalid { index } => ForecastReason::InvalidHistory { index },
    }
}

/// The forecast of a figure, before its futures are simulated.
pub(super) struct Continuation {
    fitted: Fitted,
    first: NaiveDate,
    /// Days between the last known day and today.
    skipped: usize,
    /// Days from today on.
    ahead: usize,
    days_known: usize,
}

impl Continuation {
    /// Fits the models to the daily values of a figure.
    pub(super) fn new(
        days: &[i32],
        values: &[f64],
        now: DateTime<Utc>,
        horizon: Option<usize>,
    ) -> Result<Self, ForecastReason> {
        let history = History::new(days, values).map_err(|error| not_enough(error, days, now))?;
        let skipped = skipped(history.last_day(), now)?;
        let ahead = horizon.unwrap_or_else(|| history.days().min(FARTHEST));
        let (first, days_known) = (now.date_naive(), history.observed());
        Ok(Self { fitted: Fitted::new(&history), first, skipped, ahead, days_known })
    }

    pub(super) fn growth(&self) -> Growth {
        self.fitted.growth()
    }

    /// The horizon in days, from today.
    pub(super) fn days(&self) -> usize {
        self.ahead
    }

    /// Whether it is certain that no future reaches a limit within the horizon ([`Fitted::highest`]).
    pub(super) fn stays_below(&self, limit: f64) -> bool {
        self.fitted.highest(self.skipped..self.skipped + self.ahead) < limit
    }

    /// The futures from today on.
    pub(super) fn paths(&self) -> Paths {
        self.fitted.paths(self.skipped + self.ahead).from_day(self.skipped)
    }

    /// The result, with the given bands and without futures.
    pub(super) fn future(&self, bands: Vec<[f64; 7]>) -> Future {
        Future {
            first: self.first,
            bands,
            paths: Paths::unknown(FUTURES),
            growth: Some(self.growth()),
            change: self.fitted.change(),
            days_known: self.days_known,
        }
    }
}

/// The forecast of a figure with all of its futures.
fn continued(
    days: &[i32],
    values: &[f64],
    now: DateTime<Utc>,
    horizon: Option<usize>,
) -> Result<Future, ForecastReason> {
    let continuation = Continuation::new(days, values, now, horizon)?;
    let paths = continuation.paths();
    Ok(Future { bands: paths.bands(), paths, ..continuation.future(Vec::new()) })
}

fn assumed(
    days: &[i32],
    values: &[f64],
    rate: f64,
    now: DateTime<Utc>,
    horizon: Option<usize>,
) -> Result<Future, ForecastReason> {
    let last = days.last().ok_or(ForecastReason::TooFewDays { days: 0, needed: 1, enough_on: None })?;
    let skipped = skipped(*last, now)?;
    let ahead = horizon.unwrap_or(FARTHEST);
    let paths = growth::assumed_growth(values, rate, skipped + ahead).ok_or(ForecastReason::ZeroBase)?;
    let paths = paths.from_day(skipped);
    let first = now.date_naive();
    Ok(Future { first, bands: paths.bands(), paths, growth: None, change: None, days_known: values.len() })
}

/// How many days lie between the last known one and today.
fn skipped(last: i32, now: DateTime<Utc>) -> Result<usize, ForecastReason> {
    let skipped = now.date_naive().num_days_from_ce() - last - 1;
    match usize::try_from(skipped) {
        Ok(days) if days <= MAX_AGE_DAYS => Ok(days),
        _ => Err(ForecastReason::Ended { on: past::date(last) }),
    }
}
