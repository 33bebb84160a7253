//! How long a budget lasts that is reset at a known time.
//!
//! What was spent hour by hour in the last two weeks is continued: each future draws its days from them, newer ones with
//! more weight, keeps the hours of the day as they were, and tells weekends from weekdays once both are known. Where
//! the level has clearly changed, only the days since count. The draws do not depend on the amounts, so that spending more
//! does not make a budget last longer.

use std::collections::BTreeMap;

use super::{growth::FUTURES, quantile::quantiles, random::Random};

const HOUR_MS: i64 = 3_600_000;
const HOURS: usize = 24;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Days that tell how much is spent.
const DAYS: usize = 14;
/// The weight of a day halves with so many days.
const HALF_LIFE: f64 = 4.0;
/// Days that each future draws its level from: about as many as count by their weights.
const DRAWN: usize = 7;
/// Known hours that make a day, and the fewest that tell a rate at all.
const HOURS_OF_DAY: usize = 18;
/// The fewest known hours that tell a rate.
pub const MIN_HOURS: usize = 6;
/// A new level differs from every older day by this factor, for so many days, and from at least so many.
const NEW_LEVEL: f64 = 1.2;
const NEW_DAYS: usize = 2;
const OLDER_DAYS: usize = 7;
/// Days from which on the days of the week are known.
const WEEK: usize = 7;
/// Weekdays and weekend days that it takes to tell them apart.
const WEEKDAYS: usize = 5;
const WEEKEND_DAYS: usize = 2;
/// Two readings that are farther apart may have a reset between them.
const FARTHEST_MS: i64 = 6 * HOUR_MS;
/// With less than a week the rate may be half or twice as high, with 90%: the standard deviation of its logarithm.
const UNKNOWN_WEEK: f64 = std::f64::consts::LN_2 / 1.645;
/// Levels of everything that is told: 5%, 50% and 95%.
const LEVELS: [f64; 3] = [0.05, 0.5, 0.95];

/// What was spent in each hour that is known, by the number of the hour since 1970.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Spend {
    hours: BTreeMap<i64, Known>,
    /// How often the total fell: it was reset, or corrected.
    pub resets: usize,
}

/// How much of an hour is known, and what was spent in that part.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Known {
    spent: f64,
    share: f64,
}

impl Spend {
    /// From readings of a total that grows until it is reset. `samples` are times (Unix milliseconds, rising) and totals; readings
    /// every `step_ms`. What is spent around a reset is unknown, and so is what is spent in gaps of more than six hours
    /// or three steps.
    pub fn from_totals(samples: impl Iterator<Item = (i64, f64)>, step_ms: i64) -> Self {
        let mut spend = Self::default();
        let mut before: Option<(i64, f64)> = None;
        for (at, total) in samples {
            if let Some((from, known)) = before {
                if total < known {
                    spend.resets += usize::from(known - total > 1e-9 * known.abs());
                } else if at - from <= FARTHEST_MS.max(3 * step_ms) {
                    spend.add(from, at, total - known);
                }
            }
            before = Some((at, total));
        }
        spend
    }

    /// From amounts, each spent in the `step_ms` from its time on.
    pub fn from_amounts(samples: impl Iterator<Item = (i64, f64)>, step_ms: i64) -> Self {
        let mut spend = Self::default();
        for (at, amount) in samples {
            spend.add(at, at + step_ms, amount);
        }
        spend
    }

    /// Days from the first known hour to the last.
    pub fn days(&self) -> i64 {
        let ends = self.hours.first_key_value().zip(self.hours.last_key_value());
        ends.map_or(0, |((first, _), (last, _))| (last - first + 1) / 24)
    }

    /// Spreads an amount evenly over the hours of a time range.
    fn add(&mut self, from_ms: i64, until_ms: i64, amount: f64) {
        let whole = (until_ms - from_ms) as f64;
        if whole <= 0.0 || !amount.is_finite() || amount < 0.0 {
            return;
        }
        let mut at = from_ms;
        while at < until_ms {
            let hour = at.div_euclid(HOUR_MS);
            let end = ((hour + 1) * HOUR_MS).min(until_ms);
            let part = (end - at) as f64;
            let known = self.hours.entry(hour).or_default();
            known.spent += amount * part / whole;
            known.share += part / HOUR_MS as f64;
            at = end;
        }
    }

    /// What was spent in an hour; `None` where less than half of it is known.
    fn hour(&self, number: i64) -> Option<f64> {
        self.hours.get(&number).filter(|known| known.share >= 0.5).map(|known| known.spent / known.share)
    }
}

/// How long a budget lasts.
#[derive(Debug, Clone, PartialEq)]
pub struct Runway {
    /// What is spent a day at present: 5%, 50% and 95%.
    pub per_day: [f64; 3],
    /// What is spent from now until the end, 5%, 50% and 95%; not limited by what is left.
    pub until_end: [f64; 3],
    /// For each future the hours from now after which nothing is left; `None` where something is left at the end.
    pub exhausted: Vec<Option<usize>>,
    /// Days that this rests on, at most 14; 0 where only some hours are.
    pub days: usize,
    /// Whether weekdays and weekends are told apart.
    pub tells_weekends: bool,
}

impl Runway {
    /// How likely it is that nothing is left before the end.
    pub fn probability(&self) -> f64 {
        let exhausted = self.exhausted.iter().flatten().count();
        exhausted as f64 / self.exhausted.len().max(1) as f64
    }

    /// The same as seen so many hours later, while what is spent meanwhile is not known yet.
    #[must_use]
    pub fn seen_after(mut self, hours: usize) -> Self {
        self.exhausted
            .iter_mut()
            .flatten()
            .for_each(|exhausted| *exhausted = exhausted.saturating_sub(hours));
        self
    }
}

/// A day counted back from now: its hours by the hour of the day, beginning with that of now.
struct Day {
    hours: [f64; HOURS],
    total: f64,
    is_weekend: bool,
    /// How many days ago it ended.
    age: usize,
}

/// How long what is `left` lasts from now until `end_ms` (Unix milliseconds). `None` where fewer than [`MIN_HOURS`] hours of
/// the last two weeks are known, or the end has come.
pub fn runway(spend: &Spend, left: f64, now_ms: i64, end_ms: i64) -> Option<Runway> {
    let ms_ahead = Some(end_ms - now_ms).filter(|ahead| *ahead > 0)?;
    let hours_ahead = usize::try_from(ms_ahead / HOUR_MS).ok()?.max(1);
    let mut days = known_days(spend, now_ms)?;
    let totals: Vec<f64> = days.days.iter().map(|day| day.total).collect();
    days.days.truncate(since_change(&totals));
    let factors = weekly(&days.days).filter(|_| days.is_whole);
    let [weekday, weekend] = factors.unwrap_or([1.0, 1.0]);
    let factor = |is_weekend: bool| if is_weekend { weekend } else { weekday };
    // What no day of its kind is spent on tells nothing about the level.
    let mut pool: Vec<&Day> = days.days.iter().filter(|day| factor(day.is_weekend) > 0.0).collect();
    let levels: Vec<f64> = pool.iter().map(|day| day.total / factor(day.is_weekend)).collect();
    pool.truncate(since_change(&levels));
    let known = if days.is_whole { pool.len() } else { 0 };
    let weights: Vec<f64> = pool.iter().map(|day| 0.5_f64.powf(day.age as f64 / HALF_LIFE)).collect();
    let mut random = Random::new(DAYS as u64);
    let (mut exhausted, mut rates, mut spent) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..FUTURES {
        let drawn: Vec<&Day> = (0..DRAWN).filter_map(|_| weighted(&pool, &weights, &mut random)).collect();
        let unknown = if known < WEEK { (UNKNOWN_WEEK * random.normal()).exp() } else { 1.0 };
        let level = drawn.iter().map(|day| day.total / factor(day.is_weekend)).sum::<f64>() / DRAWN as f64;
        rates.push(level * unknown);
        let (mut sum, mut end) = (0.0, None);
        for hour in (0..hours_ahead).step_by(HOURS) {
            let Some(day) = drawn.get(random.below(drawn.len())) else { break };
            let is_weekend = is_weekend(now_ms + i64::try_from(hour).unwrap_or(0) * HOUR_MS + DAY_MS / 2);
            let scale = unknown * factor(is_weekend) / factor(day.is_weekend);
            for (further, amount) in day.hours.iter().enumerate().take(hours_ahead - hour) {
                sum += amount * scale;
                if end.is_none() && sum >= left {
                    end = Some(hour + further);
                }
            }
        }
        spent.push(sum);
        exhausted.push(if left <= 0.0 { Some(0) } else { end });
    }
    Some(Runway {
        per_day: quantiles(&mut rates, LEVELS)?,
        until_end: quantiles(&mut spent, LEVELS)?,
        exhausted,
        days: known,
        tells_weekends: factors.is_some(),
    })
}

/// The days that are known.
struct Days {
    days: Vec<Day>,
    /// Whether they are whole days, and not one made of the hours that are known.
    is_whole: bool,
}

/// The last days of which enough is known, newest first; one made of some hours where there is none.
fn known_days(spend: &Spend, now_ms: i64) -> Option<Days> {
    let now = now_ms.div_euclid(HOUR_MS);
    let hours_of = |age: usize| {
        let first = now - i64::try_from(HOURS * (age + 1)).unwrap_or(0);
        (0..HOURS).map(move |hour| spend.hour(first + i64::try_from(hour).unwrap_or(0)))
    };
    let mean = |hours: &[Option<f64>]| {
        let known: Vec<f64> = hours.iter().flatten().copied().collect();
        known.iter().sum::<f64>() / known.len() as f64
    };
    let day = |age: usize, hours: &[Option<f64>]| {
        let filling = mean(hours);
        let hours: [f64; HOURS] =
            std::array::from_fn(|hour| hours.get(hour).copied().flatten().unwrap_or(filling));
        let middle = now_ms - i64::try_from(age).unwrap_or(0) * DAY_MS - DAY_MS / 2;
        Day { hours, total: hours.iter().sum(), is_weekend: is_weekend(middle), age }
    };
    let whole: Vec<Day> = (0..DAYS)
        .filter_map(|age| {
            let hours: Vec<Option<f64>> = hours_of(age).collect();
            (hours.iter().flatten().count() >= HOURS_OF_DAY).then(|| day(age, &hours))
        })
        .collect();
    if !whole.is_empty() {
        return Some(Days { days: whole, is_whole: true });
    }
    let all: Vec<Option<f64>> = (0..DAYS).flat_map(hours_of).collect();
    let enough = all.iter().flatten().count() >= MIN_HOURS;
    enough.then(|| Days { days: vec![day(0, &[Some(mean(&all)); HOURS])], is_whole: false })
}

/// How many of the newest days have a level of their own, beyond all of the older ones; all of them where none has.
fn since_change(newest_first: &[f64]) -> usize {
    let ends = |days: &[f64]| {
        days.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), level| (low.min(*level), high.max(*level)))
    };
    let is_new = |count: &usize| {
        let (newer, older) = newest_first.split_at(*count);
        let ((low, high), (older_low, older_high)) = (ends(newer), ends(older));
        low > NEW_LEVEL * older_high || NEW_LEVEL * high < older_low
    };
    let all = newest_first.len();
    (NEW_DAYS..=all.saturating_sub(OLDER_DAYS)).find(is_new).unwrap_or(all)
}

/// How much weekdays and weekend days are of an average day, where there are enough of both.
fn weekly(days: &[Day]) -> Option<[f64; 2]> {
    let mean = |is_weekend: bool, fewest: usize| {
        let totals: Vec<f64> =
            days.iter().filter(|day| day.is_weekend == is_weekend).map(|day| day.total).collect();
        (totals.len() >= fewest).then(|| totals.iter().sum::<f64>() / totals.len() as f64)
    };
    let (weekday, weekend) = (mean(false, WEEKDAYS)?, mean(true, WEEKEND_DAYS)?);
    let average = (5.0 * weekday + 2.0 * weekend) / 7.0;
    (average > 0.0).then(|| [weekday / average, weekend / average])
}

/// Whether a time lies on Saturday or Sunday, in UTC. 1 January 1970 was a Thursday.
fn is_weekend(at_ms: i64) -> bool {
    matches!((at_ms.div_euclid(DAY_MS) + 4).rem_euclid(7), 0 | 6)
}

fn weighted<'a>(days: &[&'a Day], weights: &[f64], random: &mut Random) -> Option<&'a Day> {
    let mut place = random.uniform() * weights.iter().sum::<f64>();
    for (day, weight) in days.iter().zip(weights) {
        place -= weight;
        if place < 0.0 {
            return Some(day);
        }
    }
    days.last().copied()
}

#[cfg(test)]
mod tests;
