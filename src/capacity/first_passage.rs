//! Which of several limits is reached first, and when.
//!
//! Every limit is held against the same possible futures of the load, so that what they have in common stays in common;
//! the load at which each is reached is drawn on its own.

use super::{
    growth::{Crossing, Paths},
    quantile::interpolated,
    random::{Random, seed},
};

/// What brings a resource to its limit.
#[derive(Debug, Clone, Copy)]
pub enum Course<'a> {
    /// The load: equally likely loads at which the limit is reached.
    Load(&'a [f64]),
    /// Its own growth, such as that of a disk: its futures and its limit.
    Own(&'a Paths, f64),
}

/// When one resource ends, and whether before the others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Passage {
    /// The share of futures in which it is the first; over all resources they add up to 1, unless no future reaches any
    /// limit of resources that grow on their own.
    pub probability_first: f64,
    /// When its limit is reached.
    pub crossing: Crossing,
    /// The load at that time: 5%, 50% and 95%. Nothing for what grows on its own.
    pub load: Option<[f64; 3]>,
}

/// Several resources against the same futures.
#[derive(Debug, Clone, PartialEq)]
pub struct Race {
    /// One for each course, in their order.
    pub passages: Vec<Passage>,
    /// When the first of them ends, whichever it is.
    pub first: Crossing,
}

/// A day of the horizon and, where known, the load at which the limit is reached.
type Arrival = (Option<usize>, f64);

/// Runs every future of the load against every course.
///
/// The first is the one with the earliest day, among equals the one with the smaller load; beyond the horizon the smaller
/// load alone decides. Days are counted from the first day of `load`, those of own growth likewise.
pub fn race(load: &Paths, courses: &[Course<'_>]) -> Race {
    let arrivals: Vec<Vec<Arrival>> = courses.iter().map(|course| arrivals(load, *course)).collect();
    let mut wins = vec![0_u32; courses.len()];
    let mut first_days = vec![None; load.count()];
    for (future, first_day) in first_days.iter_mut().enumerate() {
        let at = |course: usize| arrivals[course][future];
        let first = (0..courses.len()).min_by(|&one, &other| earlier(at(one), at(other)));
        if let Some(first) = first.filter(|&first| at(first).0.is_some() || at(first).1.is_finite()) {
            wins[first] += 1;
            *first_day = at(first).0;
        }
    }
    let passages = courses.iter().zip(&arrivals).zip(wins).map(|((course, arrivals), wins)| Passage {
        probability_first: f64::from(wins) / load.count() as f64,
        crossing: Crossing::of(&arrivals.iter().map(|(day, _)| *day).collect::<Vec<_>>(), load.days()),
        load: load_of(*course),
    });
    Race { passages: passages.collect(), first: Crossing::of(&first_days, load.days()) }
}

fn earlier((day, load): Arrival, (other_day, other_load): Arrival) -> std::cmp::Ordering {
    let key = |day: Option<usize>| day.unwrap_or(usize::MAX);
    key(day).cmp(&key(other_day)).then(load.total_cmp(&other_load))
}

/// When each future reaches the limit.
fn arrivals(load: &Paths, course: Course<'_>) -> Vec<Arrival> {
    match course {
        Course::Load([]) => vec![(None, f64::INFINITY); load.count()],
        Course::Load(draws) => {
            let mut random = Random::new(seed(draws));
            let limits: Vec<f64> = (0..load.count()).map(|_| draws[random.below(draws.len())]).collect();
            let days = load.first_days_each(&limits);
            days.into_iter().zip(limits).collect()
        }
        Course::Own(paths, limit) => {
            let days = paths.first_days(limit);
            (0..load.count()).map(|future| (days[future % days.len()], f64::INFINITY)).collect()
        }
    }
}

fn load_of(course: Course<'_>) -> Option<[f64; 3]> {
    let Course::Load(draws) = course else { return None };
    let quantile = |level| interpolated(&mut draws.to_vec(), level);
    Some([quantile(0.05)?, quantile(0.5)?, quantile(0.95)?])
}
