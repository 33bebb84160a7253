//! How much of a resource each unit of load takes, and at which load its limit is reached.
//!
//! `signal = b + D load`: `b` is what is used without load, `D` the demand of one unit of load (the utilisation law, P.
//! Denning and J. Buzen 1978). Errors of neighbouring hours follow each other, so whole days are resampled: on simulated
//! services the interval then covers what it claims, while the textbook's covers two thirds of it.

mod line;
mod saturation;

use line::Days;
pub use saturation::{Grade, Saturation};

use crate::capacity::{
    quantile::interpolated,
    random::{Random, seed},
};

/// The fewest days that tell one day from another.
pub const FEWEST_DAYS: usize = 10;
/// How many times the load of quiet hours the load of busy hours must be.
pub const LEAST_RANGE: f64 = 1.5;
/// The least share of the signal's variance that the load must explain.
pub const LEAST_EXPLAINED: f64 = 0.3;
/// Resampled lines.
const DRAWS: usize = 400;
/// Below this share explained, the load's own inaccuracy may have flattened the line.
const PRECISE: f64 = 0.9;

/// Measurements at the same hours: the load, the signal, and the number of the day they belong to.
#[derive(Debug, Clone, Copy)]
pub struct Samples<'a> {
    /// The load, at least 0.
    pub load: &'a [f64],
    /// The signal, in the unit of its limit.
    pub signal: &'a [f64],
    /// The day; samples of one day stand together.
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

/// Why a signal does not tell at which load it ends.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// Columns of different length, or values that are not finite.
    #[error("the measurements of load and signal do not belong together")]
    Invalid,
    /// Too few days.
    #[error("{days} days of load and signal together; at least {FEWEST_DAYS} are needed")]
    TooFewDays {
        /// Days with samples.
        days: usize,
    },
    /// The load hardly varies.
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
    /// A demand that may as well be zero, or a signal that falls with load.
    #[error("the demand cannot be told from zero: no load is known at which the limit would be reached")]
    NoDemand,
}

/// A line with what is not known about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Demand {
    /// What is used without load, in the unit of the signal.
    pub background: f64,
    /// What a unit of load takes.
    pub per_load: f64,
    /// The share of the variance explained by the load, 0 to 1.
    pub explained: f64,
    /// Whether the signal rises faster at high load, so that only its upper part is continued.
    pub bent: bool,
    /// The steepest line that an inaccurate load would explain: the regression of the load on the signal, turned round.
    /// Given where the load explains less than 90%.
    pub steepest: Option<[f64; 2]>,
    /// Resampled lines: background and demand.
    draws: Vec<[f64; 2]>,
    days: usize,
    highest_load: f64,
}

/// Fits the line and resamples it.
pub fn fit(samples: Samples<'_>, strictness: Strictness) -> Result<Demand, Refusal> {
    validate(samples)?;
    let days = Days::of(samples);
    if days.count() < FEWEST_DAYS {
        return Err(Refusal::TooFewDays { days: days.count() });
    }
    even(samples.load)?;
    let mut random = Random::new(seed(samples.signal) ^ seed(samples.load));
    let lines = days.lines(DRAWS, &mut random).ok_or(Refusal::NoDemand)?;
    let explained = lines.straight.explained;
    if explained < LEAST_EXPLAINED {
        return Err(Refusal::Unrelated { explained });
    }
    let (bent, [background, per_load], mut draws) = lines.upper();
    let mut slopes: Vec<f64> = draws.iter().map(|[_, slope]| *slope).collect();
    if per_load <= 0.0 || interpolated(&mut slopes, 0.05).is_none_or(|slope| slope <= 0.0) {
        return Err(Refusal::NoDemand);
    }
    let raised = match strictness {
        Strictness::HourlyMean => 0.0,
        Strictness::BusyMinutes => Days::residual_quantile(samples, &lines.straight, 0.95),
    };
    for draw in &mut draws {
        draw[0] += raised;
    }
    let steepest = (explained < PRECISE).then(|| {
        let [level, slope] = lines.straight.reversed();
        [level + raised, slope]
    });
    let highest_load = samples.load.iter().copied().fold(0.0, f64::max);
    let days = days.count();
    Ok(Demand {
        background: background + raised,
        per_load,
        explained,
        bent,
        steepest,
        draws,
        days,
        highest_load,
    })
}

fn validate(samples: Samples<'_>) -> Result<(), Refusal> {
    let length = samples.load.len();
    let together = samples.signal.len() == length && samples.day.len() == length;
    let finite = samples.load.iter().chain(samples.signal).all(|value| value.is_finite());
    if !together || !finite {
        return Err(Refusal::Invalid);
    }
    Ok(())
}

/// Refuses a load that hardly varies.
fn even(load: &[f64]) -> Result<(), Refusal> {
    let quantile = |level| interpolated(&mut load.to_vec(), level).unwrap_or(0.0);
    let (quiet, busy) = (quantile(0.05), quantile(0.95));
    let ratio = if quiet > 0.0 { busy / quiet } else { f64::INFINITY };
    if ratio < LEAST_RANGE || busy <= 0.0 {
        return Err(Refusal::LoadTooEven { ratio: if busy > 0.0 { ratio } else { 1.0 } });
    }
    Ok(())
}
