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
    /// For each future the first day at or above the limit; none within the days that are known.
    pub first_days: Vec<Option<usize>>,
    /// How many days are known.
    pub days: usize,
}

impl Arrivals {
    /// Those of `paths` at `limit`.
    pub fn new(paths: &Paths, limit: f64) -> Self {
        Self { first_days: paths.first_days(limit), days: paths.days() }
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
pub fn race(load: &Paths, courses: &[Course<'_>]) -> Race {
    let arrivals: Vec<Vec<Arrival>> = courses.iter().map(|course| arrivals(load, *course)).collect();
    let mut wins = vec![0.0; courses.len()];
    let mut decided = 0.0;
    let mut first_days = Vec::with_capacity(load.count());
    for future in 0..load.count() {
        let these: Vec<Arrival> = arrivals.iter().map(|course| course[future]).collect();
        let winners = winners(&these);
        for &winner in &winners {
            wins[winner] += 1.0 / winners.len() as f64;
        }
        decided += if winners.is_empty() { 0.0 } else { 1.0 };
        first_days.push(these.iter().filter_map(Arrival::day).min());
    }
    let told = decided > 0.0 && decided >= MIN_DECIDED * load.count() as f64;
    let passages = courses.iter().zip(&arrivals).zip(wins).map(|((course, arrivals), wins)| Passage {
        probability_first: told.then_some(wins / decided),
        crossing: Crossing::from_first_days(
            &arrivals.iter().map(Arrival::day).collect::<Vec<_>>(),
            days(load, *course),
        ),
        load: load_of(*course),
    });
    let known = courses.iter().map(|course| days(load, *course)).min().unwrap_or(0);
    Race { passages: passages.collect(), first: Crossing::from_first_days(&first_days, known) }
}

/// Which courses are first in one future, several only on the same day; none where it does not show which.
fn winners(arrivals: &[Arrival]) -> Vec<usize> {
    let when = arrivals.iter().map(|arrival| arrival.when).min().unwrap_or(When::Never);
    let later = || arrivals.iter().filter(|arrival| matches!(arrival.when, When::Later(_)));
    let decided = match when {
        When::Already => true,
        When::Day(day) => later().all(|other| other.when > When::Later(day)),
        When::Later(_) => later().all(|other| other.load.is_some()),
        When::Never => false,
    };
    let at_once = || arrivals.iter().enumerate().filter(|(_, arrival)| decided && arrival.when == when);
    let smallest = at_once().filter_map(|(_, arrival)| arrival.load).fold(f64::INFINITY, f64::min);
    at_once()
        .filter(|(_, arrival)| arrival.load.is_none_or(|load| load <= smallest))
        .map(|(course, _)| course)
        .collect()
}

impl Arrival {
    /// The day, where it is known.
    fn day(&self) -> Option<usize> {
        match self.when {
            When::Already => Some(0),
            When::Day(day) => Some(day),
            When::Later(_) | When::Never => None,
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

/// When each future reaches the limit.
fn arrivals(load: &Paths, course: Course<'_>) -> Vec<Arrival> {
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
            load.first_days_each(&limits).into_iter().zip(&limits).map(arrival).collect()
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
