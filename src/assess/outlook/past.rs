//! The past of a signal, as forecasts need it: hour by hour, and the busiest hour of each day.

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use crate::{
    assess::{Context, LimitChanged, load},
    roadmap::Event,
    signal::{Quantity, Series, SignalId},
    snapshot::Observation,
};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Hours that a day must have so that its busiest one is known.
const MIN_HOURS: usize = 18;

/// Values with the time each stands for, in rising order: hours, or days where nothing finer is known.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::assess) struct Past {
    pub(in crate::assess) step_ms: i64,
    pub(super) at_ms: Vec<i64>,
    pub(super) values: Vec<f64>,
    /// The newest change of the limit that the values are a share of.
    pub(super) limit_changed: Option<LimitChanged>,
}

impl Past {
    /// The past of the load, measured or estimated as the present one is.
    pub(in crate::assess) fn for_load(context: &Context<'_>) -> Option<Self> {
        let wanted = &context.input.roadmap.load;
        if let Some(past) = Self::for_instance(context, wanted.signal, None) {
            return Some(past);
        }
        if context.input.declared.named.contains(&wanted.signal) {
            return None;
        }
        load::estimates(wanted).into_iter().find_map(|estimate| {
            let mut past = Self::for_instance(context, estimate.signal, None)?;
            past.values.iter_mut().for_each(|value| *value /= estimate.per_user.value());
            past.values.iter().all(|value| value.is_finite()).then_some(past)
        })
    }

    /// The past of one instance of a signal; of the only one there is where that must be the same under another name.
    pub(in crate::assess) fn for_instance(
        context: &Context<'_>,
        signal: SignalId,
        instance: Option<&str>,
    ) -> Option<Self> {
        let events: Vec<&Event> = context.input.declared.past_events(context.snapshot.taken_at).collect();
        Self::chosen(context, signal, instance, &events)
    }

    /// The same with the days of events, which tell nothing of usual days but count in a sum.
    pub(in crate::assess) fn with_events(
        context: &Context<'_>,
        signal: SignalId,
        instance: Option<&str>,
    ) -> Option<Self> {
        Self::chosen(context, signal, instance, &[])
    }

    fn chosen(
        context: &Context<'_>,
        signal: SignalId,
        instance: Option<&str>,
        left_out: &[&Event],
    ) -> Option<Self> {
        // What was read for the present may reach back as well: a long window, figures from a file.
        let chosen = context.pasts.of(signal).filter_map(|all| {
            let only = || all.only().filter(|past| renamed(context, past, instance));
            all.named(instance).or_else(only)
        });
        let mut pasts: Vec<Self> = chosen
            .map(|past| Self { limit_changed: limit_changed(past), ..Self::from(&in_terms_of_today(past)) })
            .map(|past| past.without(left_out))
            .collect();
        if pasts.len() < 2 {
            return pasts.pop();
        }
        // For a figure that a file gives once a day, our own history keeps one hour a day, which says nothing about the
        // peak hour.
        let now = context.snapshot.taken_at;
        let known = |past: &Self| (past.busiest_hours(now).0.len(), past.values.len());
        pasts.into_iter().max_by_key(known)
    }

    /// The same without the days of events.
    fn without(mut self, events: &[&Event]) -> Self {
        if events.is_empty() {
            return self;
        }
        let is_of_event = |at: i64| {
            let day = DateTime::from_timestamp_millis(at).map(|at| at.date_naive());
            day.is_some_and(|day| events.iter().any(|event| event.contains(day)))
        };
        (self.at_ms, self.values) = self.samples().filter(|(at, _)| !is_of_event(*at)).unzip();
        self
    }

    /// The busiest hour of each whole day before `now`, with the day's number; days of which too little is known are
    /// left out.
    pub(in crate::assess) fn busiest_hours(&self, now: DateTime<Utc>) -> (Vec<i32>, Vec<f64>) {
        let today = now.timestamp_millis().div_euclid(DAY_MS);
        let fewest = if self.step_ms >= DAY_MS { 1 } else { MIN_HOURS };
        let hours: Vec<(i64, f64)> =
            self.samples().map(|(at, value)| (at.div_euclid(DAY_MS), value)).collect();
        let days = hours.chunk_by(|a, b| a.0 == b.0).filter(|day| day.len() >= fewest && day[0].0 < today);
        days.filter_map(|day| {
            let busiest = day.iter().map(|(_, value)| *value).fold(f64::NEG_INFINITY, f64::max);
            Some((number(day[0].0)?, busiest))
        })
        .unzip()
    }

    /// Times and values.
    pub(in crate::assess) fn samples(&self) -> impl Iterator<Item = (i64, f64)> {
        self.at_ms.iter().copied().zip(self.values.iter().copied())
    }
}

/// A share of a limit that changed as a share of today's limit.
fn in_terms_of_today(observation: &Observation) -> Series {
    let Some((limit, today)) = observation.limit.as_ref().and_then(|limit| Some((limit, limit.latest()?)))
    else {
        return observation.values.clone();
    };
    let at_ms = observation.values.at_ms();
    let shares = observation.values.values().iter().zip(at_ms);
    let values = shares.map(|(share, at)| share * limit.at(*at) / today.value()).collect();
    Series::new(observation.values.step_ms(), at_ms.to_vec(), values)
        .unwrap_or_else(|_| observation.values.clone())
}

/// From what to what the limit last changed within the past that there is.
fn limit_changed(observation: &Observation) -> Option<LimitChanged> {
    let limit = observation.limit.as_ref()?;
    let [.., before, now] = limit.changes() else { return None };
    let quantity = |value| Quantity::new(value, limit.unit());
    Some(LimitChanged {
        from: quantity(before.value)?,
        to: quantity(now.value)?,
        on: DateTime::from_timestamp_millis(now.from_ms)?.date_naive(),
    })
}

/// Whether the only past there is of a signal can be that of an instance with another name: where a source gives no
/// names, and where the only instance of a source was renamed, as a deployment does. One machine's past is never
/// another's.
fn renamed(context: &Context<'_>, past: &Observation, instance: Option<&str>) -> bool {
    if past.signal.entry().system == "host" {
        return false;
    }
    if past.instance.is_none() || instance.is_none() {
        return true;
    }
    context.pasts.only_observation(past.signal).is_some_and(|only| only.origin.source == past.origin.source)
}

impl From<&Series> for Past {
    /// Hours as they are; what is finer becomes the mean of its hour.
    fn from(series: &Series) -> Self {
        let step_ms = series.step_ms();
        if step_ms == 0 || step_ms >= HOUR_MS {
            let (at_ms, values) = (series.at_ms().to_vec(), series.values().to_vec());
            return Self { step_ms, at_ms, values, limit_changed: None };
        }
        let samples: Vec<(i64, f64)> = series
            .at_ms()
            .iter()
            .map(|at| at - at.rem_euclid(HOUR_MS))
            .zip(series.values().iter().copied())
            .collect();
        let hours = samples.chunk_by(|a, b| a.0 == b.0);
        let mean = |hour: &[(i64, f64)]| hour.iter().map(|(_, value)| value).sum::<f64>() / hour.len() as f64;
        let (at_ms, values) = hours.map(|hour| (hour[0].0, mean(hour))).unzip();
        Self { step_ms: HOUR_MS, at_ms, values, limit_changed: None }
    }
}

/// The number of a day (counted from the year 1, so that its remainder by 7 is a day of the week) that Unix counts
/// from 1970.
fn number(unix_day: i64) -> Option<i32> {
    Some(DateTime::from_timestamp_millis(unix_day * DAY_MS)?.date_naive().num_days_from_ce())
}

/// The date of a day's number.
pub(super) fn date(number: i32) -> NaiveDate {
    NaiveDate::from_num_days_from_ce_opt(number).unwrap_or_default()
}

/// Samples that belong to the same hour (or day): the load, the signal, the day's number.
pub(super) struct Joined {
    pub(super) load: Vec<f64>,
    pub(super) signal: Vec<f64>,
    pub(super) day: Vec<i32>,
}

/// Pairs a signal with the load, since `from_ms`.
pub(super) fn joined(load: &Past, signal: &Past, from_ms: i64) -> Joined {
    let mut pairs = Joined { load: Vec::new(), signal: Vec::new(), day: Vec::new() };
    let daily = load.step_ms.max(signal.step_ms) >= DAY_MS;
    let (loads, signals) =
        if daily { (busiest(load), busiest(signal)) } else { (hours(load), hours(signal)) };
    let mut rest = loads.into_iter().peekable();
    for (at, value) in signals.into_iter().filter(|(at, _)| *at >= from_ms) {
        while rest.next_if(|(of_load, _)| *of_load < at).is_some() {}
        let Some((_, load)) = rest.next_if(|(of_load, _)| *of_load == at) else { continue };
        let Some(day) = number(at.div_euclid(DAY_MS)) else { continue };
        pairs.load.push(load);
        pairs.signal.push(value);
        pairs.day.push(day);
    }
    pairs
}

fn hours(past: &Past) -> Vec<(i64, f64)> {
    past.samples().collect()
}

/// Each day's highest value, at its beginning.
fn busiest(past: &Past) -> Vec<(i64, f64)> {
    let days: Vec<(i64, f64)> =
        past.samples().map(|(at, value)| (at - at.rem_euclid(DAY_MS), value)).collect();
    let highest = |day: &[(i64, f64)]| day.iter().map(|(_, value)| *value).fold(f64::NEG_INFINITY, f64::max);
    days.chunk_by(|a, b| a.0 == b.0).map(|day| (day[0].0, highest(day))).collect()
}
