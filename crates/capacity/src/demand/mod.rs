//! How much of a resource each unit of load takes, and at which load its limit is reached.
//!
//! `signal = b + D f(load) + own growth`: `b` is what is used without load, `D` the demand of one unit of load (the
//! utilisation law, P. Denning and J. Buzen 1978), `f` a line, a bent line, a power or a queue. Errors of neighbouring
//! hours are alike: half of their autocorrelation is removed where the load is accurate (`autocorrelation`), and whole
//! days are resampled. Each choice of days picks a shape of its own: uncertainty about the shape is part of the interval.
//! What a release changed, what grows by itself, and what lies at a wall is found first (`history`).

mod autocorrelation;
mod days;
mod draws;
mod history;
mod relation;

pub use history::{Changed, OwnGrowth};
pub use relation::{Relation, Shape};

use crate::{
    quantile::{interpolated, median},
    random::{Random, seed},
};
use draws::{Drawn, raise};
use history::Present;

/// The fewest days that show how days differ.
pub const MIN_DAYS: usize = 10;
/// How many times the load of quiet hours the load of peak hours must be.
pub const LEAST_RANGE: f64 = 1.5;
/// The least share of the signal's variance that the load must explain.
pub const LEAST_EXPLAINED: f64 = 0.3;
/// Below this share explained, the load's own inaccuracy may have flattened the line.
const PRECISE: f64 = 0.9;

/// Measurements at the same hours: the load, the signal, and the number of the day they belong to.
#[derive(Debug, Clone, Copy)]
pub struct Samples<'a> {
    /// The load, at least 0.
    pub load: &'a [f64],
    /// The signal, in the unit of its limit.
    pub signal: &'a [f64],
    /// The day; samples of one day are adjacent.
    pub day: &'a [i32],
}

/// What must stay below the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// The mean of an hour.
    HourlyMean,
    /// The worst 5% of what was measured at a load: busy minutes within the hour, and hours worse than others. The
    /// line is raised by the 95% quantile of what lies above it.
    BusyMinutes,
}

/// Why a signal does not show at which load it saturates.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum DemandError {
    /// Columns of different length, or values that are not finite.
    #[error("the measurements of load and signal do not belong together")]
    Invalid,
    /// Too few days.
    #[error("{days} days of load and signal together; at least {MIN_DAYS} are needed")]
    TooFewDays {
        /// Days with samples.
        days: usize,
    },
    /// The load barely varies.
    #[error(
        "busy hours have {ratio:.2} times the load of quiet ones; at least {LEAST_RANGE} times is needed"
    )]
    LoadTooEven {
        /// The 95% quantile of the load over its 5% quantile.
        ratio: f64,
    },
    /// The signal follows something else.
    #[error("the load explains {:.0}% of the signal; at least {:.0}% is needed", explained * 100.0, LEAST_EXPLAINED * 100.0)]
    Unrelated {
        /// The share of the variance explained.
        explained: f64,
    },
    /// The newest days do not fit the relation.
    #[error("the signal has been {:+.0}% off what the load explains for {days} days", by * 100.0)]
    Disagrees {
        /// How many.
        days: usize,
        /// By how much of the signal, as a share.
        by: f64,
    },
    /// A demand that may as well be zero, or a signal that falls with load.
    #[error("the demand is not significantly different from zero, so the saturation load is unknown")]
    NoDemand,
}

/// A relation with what is not known about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Demand {
    /// What is used without load, in the unit of the signal.
    pub background: f64,
    /// What a unit of load takes: of a relation that is not in proportion, on average up to the peak hours.
    pub per_load: f64,
    /// The share of the variance explained by the load, 0 to 1.
    pub explained: f64,
    /// The likeliest shape.
    pub shape: Shape,
    /// Whether the signal rises faster at high load.
    pub bent: bool,
    /// Whether it rises more slowly at high load.
    pub flattens: bool,
    /// When the demand changed; only what came after counts.
    pub changed: Option<Changed>,
    /// What the signal grows by whatever the load does.
    pub own: Option<OwnGrowth>,
    /// The value that the signal does not go beyond whatever the load is.
    pub wall: Option<f64>,
    /// The steepest line that an inaccurate load would explain: the regression of the load on the signal, turned round.
    /// Given where the load explains less than 90%.
    pub steepest: Option<[f64; 2]>,
    /// Days that count.
    pub days: usize,
    /// Relations that the measurements allow, all equally likely.
    relations: Vec<Relation>,
    highest_load: f64,
}

/// Fits the relation and resamples it.
pub fn fit(samples: Samples<'_>, strictness: Strictness) -> Result<Demand, DemandError> {
    validate(samples)?;
    let days = samples.day.chunk_by(|a, b| a == b).count();
    if days < MIN_DAYS {
        return Err(DemandError::TooFewDays { days });
    }
    even(samples.load)?;
    let present = Present::find(samples);
    let kept = present.samples();
    even(kept.load)?;
    let mut random = Random::new(seed(samples.signal) ^ seed(samples.load));
    let drawn = Drawn::new(&present, &mut random).ok_or(DemandError::NoDemand)?;
    let explained = drawn.explained;
    if explained < LEAST_EXPLAINED {
        return Err(DemandError::Unrelated { explained });
    }
    let busy = interpolated(&mut kept.load.to_vec(), 0.95).unwrap_or(0.0);
    let rise = |relation: &Relation| relation.signal(busy, 0.0) - relation.signal(busy / 2.0, 0.0);
    let mut rises: Vec<f64> = drawn.relations.iter().map(rise).collect();
    if interpolated(&mut rises, 0.05).is_none_or(|rise| rise <= 0.0) {
        return Err(DemandError::NoDemand);
    }
    agrees(kept, &drawn.middle)?;
    let mut relations = drawn.relations;
    let above = days::residuals(kept, &drawn.middle);
    if strictness == Strictness::BusyMinutes {
        raise(&mut relations, &above, &mut random);
    }
    let steepest = (explained < PRECISE).then(|| reversed(kept)).flatten();
    let whole = |load: f64| drawn.middle.signal(load, 0.0);
    let (lower, upper) = (whole(busy / 2.0) - whole(0.0), whole(busy) - whole(busy / 2.0));
    Ok(Demand {
        background: whole(0.0),
        per_load: (whole(busy) - whole(0.0)) / busy,
        explained,
        shape: drawn.middle.shape,
        bent: upper > BEND_RATIO * lower,
        flattens: lower > BEND_RATIO * upper,
        changed: present.changed,
        own: present.own,
        wall: present.wall,
        steepest,
        days: kept.day.chunk_by(|a, b| a == b).count(),
        relations,
        highest_load: samples.load.iter().copied().fold(0.0, f64::max),
    })
}

/// How many times as steep the upper half of the loads must be to count as another part.
const BEND_RATIO: f64 = 1.3;

fn validate(samples: Samples<'_>) -> Result<(), DemandError> {
    let length = samples.load.len();
    let together = samples.signal.len() == length && samples.day.len() == length;
    let finite = samples.load.iter().chain(samples.signal).all(|value| value.is_finite());
    if !together || !finite {
        return Err(DemandError::Invalid);
    }
    Ok(())
}

/// Refuses a load that barely varies.
fn even(load: &[f64]) -> Result<(), DemandError> {
    let quantile = |level| interpolated(&mut load.to_vec(), level).unwrap_or(0.0);
    let (quiet, busy) = (quantile(0.05), quantile(0.95));
    let ratio = if quiet > 0.0 { busy / quiet } else { f64::INFINITY };
    if ratio < LEAST_RANGE || busy <= 0.0 {
        return Err(DemandError::LoadTooEven { ratio: if busy > 0.0 { ratio } else { 1.0 } });
    }
    Ok(())
}

/// Beyond this many times the highest load seen, a line is not reliable.
const FAR: f64 = 2.5;

/// How well supported a saturation load is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// Three weeks or more, and a load of 70% of it was seen.
    A,
    /// Two weeks or more, and 40% of it was seen.
    B,
    /// Less.
    C,
}

/// The load at which a limit is reached, with 90% confidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Saturation {
    /// At least; the pessimistic end of the bracket where the load may have been measured inaccurately.
    pub low: f64,
    /// The median.
    pub mid: f64,
    /// At most.
    pub high: f64,
    /// How well supported it is.
    pub grade: Grade,
    /// Whether it lies beyond 2.5 times the highest load seen; the upper side is widened then.
    pub extrapolated: bool,
    /// Equally likely loads; infinite where a resampled line never gets there.
    pub draws: Vec<f64>,
}

impl Demand {
    /// The load at which the signal reaches `limit`, or the wall before it, for every relation: 0 where the limit is
    /// reached without any load.
    pub fn saturation(&self, limit: f64) -> Saturation {
        let limit = self.wall.map_or(limit, |wall| wall.min(limit));
        let mut draws: Vec<f64> = self.relations.iter().map(|relation| relation.load_at(limit)).collect();
        let quantile =
            |draws: &[f64], level| interpolated(&mut draws.to_vec(), level).unwrap_or(f64::INFINITY);
        let mid = quantile(&draws, 0.5);
        let distance = mid / (FAR * self.highest_load);
        if distance > 1.0 && distance.is_finite() {
            for draw in draws.iter_mut().filter(|draw| **draw > mid) {
                *draw = mid + (*draw - mid) * distance;
            }
        }
        let cautious = self.steepest.map_or(f64::INFINITY, |[background, slope]| {
            if slope > 0.0 { ((limit - background) / slope).max(0.0) } else { f64::INFINITY }
        });
        Saturation {
            low: quantile(&draws, 0.05).min(cautious),
            mid,
            high: quantile(&draws, 0.95),
            grade: self.grade(mid),
            extrapolated: distance > 1.0,
            draws,
        }
    }

    /// Relations that the measurements allow, all equally likely.
    pub fn relations(&self) -> &[Relation] {
        &self.relations
    }

    fn grade(&self, load: f64) -> Grade {
        let seen = if load > 0.0 { self.highest_load / load } else { f64::INFINITY };
        match self.days {
            21.. if seen >= 0.7 => Grade::A,
            14.. if seen >= 0.4 => Grade::B,
            _ => Grade::C,
        }
    }
}

/// The days that are the present, and how far, in deviations of a day, they may lie from the relation.
const NEWEST: usize = 2;
const AGREES: f64 = 6.0;
/// As a share of the signal, so that tiny but certain differences do not count.
const AGREES_SHARE: f64 = 0.08;

/// Refuses a relation that does not hold any more: the newest days lie elsewhere, and are too few for a new one.
fn agrees(samples: Samples<'_>, relation: &Relation) -> Result<(), DemandError> {
    let means = days::daily_means(&days::residuals(samples, relation), samples.day);
    let Some(split) = means.len().checked_sub(NEWEST).filter(|before| *before >= 5) else { return Ok(()) };
    let (before, newest) = means.split_at(split);
    let middle = median(&mut before.to_vec()).unwrap_or(0.0);
    let mut distances: Vec<f64> = before.iter().map(|mean| (mean - middle).abs()).collect();
    let usual = 1.4826 * median(&mut distances).unwrap_or(0.0);
    let level = samples.signal.iter().sum::<f64>() / samples.signal.len() as f64;
    let off = |mean: &f64| (mean - middle).abs() > (AGREES * usual).max(AGREES_SHARE * level.abs());
    let since = newest.iter().rev().take_while(|mean| off(mean)).count();
    let by = newest.last().map_or(0.0, |mean| (mean - middle) / level);
    if since > 0 && by.is_finite() { Err(DemandError::Disagrees { days: since, by }) } else { Ok(()) }
}

/// The regression of the load on the signal, turned round: `D / r²` through the same middle.
fn reversed(samples: Samples<'_>) -> Option<[f64; 2]> {
    let count = samples.load.len() as f64;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / count;
    let (load, signal) = (mean(samples.load), mean(samples.signal));
    let pairs = || samples.load.iter().zip(samples.signal).map(|(x, y)| (x - load, y - signal));
    let together: f64 = pairs().map(|(x, y)| x * y).sum();
    let slope = pairs().map(|(_, y)| y * y).sum::<f64>() / together;
    (slope.is_finite() && slope > 0.0).then_some([signal - slope * load, slope])
}
