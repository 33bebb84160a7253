//! Which of several limits is reached first, and when.
//!
//! Every limit is compared with the same possible futures of the load, so that what they share stays shared; the load
//! at which each is reached is drawn on its own.
//!
//! Courses may be known for different numbers of days. As with censored lifetimes, a future shows which is first only
//! if the first arrival lies within the days for which all the others are known.

use super::{
    demand::Relation,
    growth::{Crossing, Paths},
    quantile::interpolated,
    random::{Random, seed},
};

/// The share of futures that must show which is first: dates that fewer futures reach are not reported either.
const MIN_DECIDED: f64 = 0.05;

/// What brings a resource to its limit.
#[derive(Debug, Clone, Copy)]
pub enum Course<'a> {
    /// Nothing any more: it is there.
    Ended,
    /// The load: equally likely loads at which the limit is reached.
    Load(&'a [f64]),
    /// The load, while it also grows by itself: relations, equally likely, and the limit.
    LoadAndTime(&'a [Relation], f64),
    /// Its own growth, such as that of a disk.
    Own(&'a Arrivals),
}

/// When equally likely futures of one figure reach a limit; what is kept of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrivals {
    /// For each future the first day at or above the limit; none within the days that are known. Empty where there is
    /// none in any of them.
    pub first_days: Vec<Option<usize>>,
    /// How many days are known.
    pub days: usize,
}

impl Arrivals {
    /// Those of `paths` at `limit`.
    pub fn new(paths: &Paths, limit: f64) -> Self {
        Self { first_days: paths.first_days(limit), days: paths.days() }
    }

    /// No future reaches the limit within `days`.
    pub fn none(days: usize) -> Self {
        Self { first_days: Vec::new(), days }
    }

    /// When the limit is reached.
    pub fn crossing(&self) -> Crossing {
        Crossing::from_first_days(&self.first_days, self.days)
    }
}

/// When one resource ends, and whether before the others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Passage {
    /// The share of the futures in which it is the first, of those that show which is; over all resources these add up
    /// to 1. `None` where too few futures show it.
    pub probability_first: Option<f64>,
    /// When its limit is reached.
    pub crossing: Crossing,
    /// The load at that time: 5%, 50% and 95%. `None` for what grows on its own.
    pub load: Option<[f64; 3]>,
}

/// Several resources against the same futures.
#[derive(Debug, Clone, PartialEq)]
pub struct Race {
    /// One for each course, in their order.
    pub passages: Vec<Passage>,
    /// When the first of them ends, whichever it is; within the days for which all are known.
    pub first: Crossing,
}

/// How one course goes in one future.
#[derive(Debug, Clone, Copy)]
struct Arrival {
    when: When,
    /// The load at which the limit is reached, where the load leads there.
    load: Option<f64>,
}

/// In the order in which they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum When {
    Already,
    Day(usize),
    /// Not within so many days; nothing is known of those after.
    Later(usize),
    Never,
}

/// Runs every future of the load against every course.
///
/// What is at its limit already is first, then whatever has the earliest day. What comes on the same day shares the
/// future in equal parts, but of what the load leads to its limit only that with the smallest load counts: the same load
/// reaches it first. For the same reason the smallest load decides beyond the horizon, unless there is something that
/// grows on its own and may come before. Days are counted from the first day of `load`, those of own growth likewise.
///
/// Of each future only those are kept that may be first, so that memory does not grow with futures times courses.
pub fn race(load: &Paths, courses: &[Course<'_>]) -> Race {
    let (mut lead, greatest) = (vec![Lead::default(); load.count()], load.greatest());
    let mut passages = Vec::with_capacity(courses.len());
    for (place, course) in courses.iter().enumerate() {
        let arrivals = arrivals(load, greatest, *course);
        if !matches!(course, Course::Ended) {
            lead.iter_mut().zip(&arrivals).for_each(|(lead, arrival)| lead.add(place, *arrival));
        }
        let first_days: Vec<Option<usize>> = arrivals.iter().map(|arrival| arrival.when.day()).collect();
        let crossing = Crossing::from_first_days(&first_days, days(load, *course));
        passages.push(Passage { probability_first: None, crossing, load: load_of(*course) });
    }
    let ended: Vec<usize> = courses
        .iter()
        .enumerate()
        .filter(|(_, course)| matches!(course, Course::Ended))
        .map(|(place, _)| place)
        .collect();
    let mut wins = vec![0.0; courses.len()];
    let mut decided = 0.0;
    for lead in &lead {
        let winners = if ended.is_empty() { lead.winners() } else { ended.as_slice() };
        for &winner in winners {
            wins[winner] += 1.0 / winners.len() as f64;
        }
        decided += if winners.is_empty() { 0.0 } else { 1.0 };
    }
    if decided > 0.0 && decided >= MIN_DECIDED * load.count() as f64 {
        for (passage, wins) in passages.iter_mut().zip(wins) {
            passage.probability_first = Some(wins / decided);
        }
    }
    let first_day = |lead: &Lead| if ended.is_empty() { lead.when.day() } else { Some(0) };
    let first_days: Vec<Option<usize>> = lead.iter().map(first_day).collect();
    let known = courses.iter().map(|course| days(load, *course)).min().unwrap_or(0);
    Race { passages, first: Crossing::from_first_days(&first_days, known) }
}

/// Who is first in one future, as far as the courses have been looked at.
#[derive(Debug, Clone)]
struct Lead {
    when: When,
    /// The courses that come then: all of those that the load does not lead there, and then those of the smallest load.
    courses: Vec<usize>,
    /// How many of them the load does not lead there.
    without_load: usize,
    smallest_load: f64,
    /// The fewest days for which a course is known that does not come within them.
    known_for: usize,
    /// Whether all of these come by the load.
    all_by_load: bool,
}

impl Default for Lead {
    fn default() -> Self {
        Self {
            when: When::Never,
            courses: Vec::new(),
            without_load: 0,
            smallest_load: f64::INFINITY,
            known_for: usize::MAX,
            all_by_load: true,
        }
    }
}

impl Lead {
    fn add(&mut self, place: usize, arrival: Arrival) {
        if let When::Later(days) = arrival.when {
            self.known_for = self.known_for.min(days);
            self.all_by_load &= arrival.load.is_some();
        }
        if arrival.when == When::Never || arrival.when > self.when {
            return;
        }
        if arrival.when < self.when {
            self.when = arrival.when;
            self.courses.clear();
            (self.without_load, self.smallest_load) = (0, f64::INFINITY);
        }
        match arrival.load {
            None => {
                self.courses.insert(self.without_load, place);
                self.without_load += 1;
            }
            Some(load) if load < self.smallest_load => {
                self.smallest_load = load;
                self.courses.truncate(self.without_load);
                self.courses.push(place);
            }
            Some(load) if load <= self.smallest_load => self.courses.push(place),
            Some(_) => {}
        }
    }

    /// Which courses are first, several only on the same day; none where it does not show which.
    fn winners(&self) -> &[usize] {
        let decided = match self.when {
            When::Already => true,
            When::Day(day) => self.known_for > day,
            When::Later(_) => self.all_by_load,
            When::Never => false,
        };
        if decided { &self.courses } else { &[] }
    }
}

impl When {
    /// The day, where it is known.
    fn day(self) -> Option<usize> {
        match self {
            Self::Already => Some(0),
            Self::Day(day) => Some(day),
            Self::Later(_) | Self::Never => None,
        }
    }
}

/// How many days a course is known for.
fn days(load: &Paths, course: Course<'_>) -> usize {
    match course {
        Course::Ended | Course::Load(_) | Course::LoadAndTime(..) => load.days(),
        Course::Own(arrivals) => arrivals.days,
    }
}

/// When each future reaches the limit; `greatest` is the greatest load of any.
fn arrivals(load: &Paths, greatest: f64, course: Course<'_>) -> Vec<Arrival> {
    let count = load.count();
    let until = days(load, course);
    let known = |day: Option<usize>| day.map_or(When::Later(until), When::Day);
    match course {
        Course::Ended => vec![Arrival { when: When::Already, load: None }; count],
        Course::Load([]) => vec![Arrival { when: When::Never, load: None }; count],
        Course::Load(draws) => {
            let mut random = Random::new(seed(draws));
            let limits: Vec<f64> = (0..count).map(|_| draws[random.below(draws.len())]).collect();
            let arrival = |(day, limit): (Option<usize>, &f64)| Arrival {
                when: if limit.is_finite() { known(day) } else { When::Never },
                load: Some(*limit),
            };
            // No load reaches any of the limits.
            let is_far = limits.iter().all(|limit| *limit > greatest);
            let days = if is_far { vec![None; count] } else { load.first_days_each(&limits) };
            days.into_iter().zip(&limits).map(arrival).collect()
        }
        Course::LoadAndTime(relations, limit) => with_time(load, relations, limit),
        Course::Own(Arrivals { first_days: days, .. }) => {
            if days.is_empty() {
                return vec![Arrival { when: When::Later(until), load: None }; count];
            }
            let arrival = |future: usize| Arrival { when: known(days[future % days.len()]), load: None };
            (0..count).map(arrival).collect()
        }
    }
}

/// Each future with one of the relations, which lies higher every day.
fn with_time(load: &Paths, relations: &[Relation], limit: f64) -> Vec<Arrival> {
    let never = Arrival { when: When::Never, load: None };
    let mut arrivals = vec![never; load.count()];
    let seeds: Vec<f64> = relations.iter().map(|relation| relation.background).collect();
    let mut random = Random::new(seed(&seeds));
    if relations.is_empty() {
        return arrivals;
    }
    for (future, arrival) in arrivals.iter_mut().enumerate() {
        let relation = &relations[random.below(relations.len())];
        let reached = |day: &usize| {
            let load = load.day(*day).get(future).copied().unwrap_or(0.0);
            relation.signal(load, *day as f64 + 1.0) >= limit
        };
        let first = (0..load.days()).find(reached);
        // Beyond the horizon the load does not decide alone.
        *arrival = Arrival { when: first.map_or(When::Later(load.days()), When::Day), load: None };
    }
    arrivals
}

fn load_of(course: Course<'_>) -> Option<[f64; 3]> {
    let draws = match course {
        Course::Load(draws) => draws.to_vec(),
        Course::LoadAndTime(relations, limit) => {
            relations.iter().map(|relation| relation.load_at(limit)).collect()
        }
        Course::Ended | Course::Own(_) => return None,
    };
    let quantile = |level| interpolated(&mut draws.clone(), level);
    Some([quantile(0.05)?, quantile(0.5)?, quantile(0.95)?])
}
