//! How much of a resource each unit of load takes, and at which load its limit is reached.
//!
//! `signal = b + D load`: `b` is what is used without load, `D` the demand of one unit of load (the utilisation law, P.
//! Denning and J. Buzen 1978). Errors of neighbouring hours follow each other, so whole days are resampled: on simulated
//! services the interval then covers what it claims, while the textbook's covers two thirds of it.

use crate::capacity::{
    least_squares::Sums,
    quantile::interpolated,
    random::{Random, seed},
};

/// The fewest days that tell one day from another.
pub const MIN_DAYS: usize = 10;
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
pub fn fit(samples: Samples<'_>, strictness: Strictness) -> Result<Demand, DemandError> {
    validate(samples)?;
    let days = Days::from_samples(samples);
    if days.count() < MIN_DAYS {
        return Err(DemandError::TooFewDays { days: days.count() });
    }
    even(samples.load)?;
    let mut random = Random::new(seed(samples.signal) ^ seed(samples.load));
    let lines = days.lines(DRAWS, &mut random).ok_or(DemandError::NoDemand)?;
    let explained = lines.straight.explained;
    if explained < LEAST_EXPLAINED {
        return Err(DemandError::Unrelated { explained });
    }
    let (bent, [background, per_load], mut draws) = lines.upper();
    let mut slopes: Vec<f64> = draws.iter().map(|[_, slope]| *slope).collect();
    if per_load <= 0.0 || interpolated(&mut slopes, 0.05).is_none_or(|slope| slope <= 0.0) {
        return Err(DemandError::NoDemand);
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

fn validate(samples: Samples<'_>) -> Result<(), DemandError> {
    let length = samples.load.len();
    let together = samples.signal.len() == length && samples.day.len() == length;
    let finite = samples.load.iter().chain(samples.signal).all(|value| value.is_finite());
    if !together || !finite {
        return Err(DemandError::Invalid);
    }
    Ok(())
}

/// Refuses a load that hardly varies.
fn even(load: &[f64]) -> Result<(), DemandError> {
    let quantile = |level| interpolated(&mut load.to_vec(), level).unwrap_or(0.0);
    let (quiet, busy) = (quantile(0.05), quantile(0.95));
    let ratio = if quiet > 0.0 { busy / quiet } else { f64::INFINITY };
    if ratio < LEAST_RANGE || busy <= 0.0 {
        return Err(DemandError::LoadTooEven { ratio: if busy > 0.0 { ratio } else { 1.0 } });
    }
    Ok(())
}

/// Beyond this many times the highest load seen, a line says little.
const FAR: f64 = 2.5;

/// How much stands behind a saturation load.
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
    /// How much stands behind it.
    pub grade: Grade,
    /// Whether it lies beyond 2.5 times the highest load seen; the upper side is widened then.
    pub extrapolated: bool,
    /// Equally likely loads; infinite where a resampled line never gets there.
    pub draws: Vec<f64>,
}

impl Demand {
    /// The load at which the signal reaches `limit`: `(limit - b) / D` for every resampled line; 0 where the limit is
    /// reached without any load.
    pub fn saturation(&self, limit: f64) -> Saturation {
        let load = |[background, slope]: [f64; 2]| {
            if slope > 0.0 { ((limit - background) / slope).max(0.0) } else { f64::INFINITY }
        };
        let mut draws: Vec<f64> = self.draws.iter().map(|draw| load(*draw)).collect();
        let quantile =
            |draws: &[f64], level| interpolated(&mut draws.to_vec(), level).unwrap_or(f64::INFINITY);
        let mid = quantile(&draws, 0.5);
        let distance = mid / (FAR * self.highest_load);
        if distance > 1.0 && distance.is_finite() {
            for draw in draws.iter_mut().filter(|draw| **draw > mid) {
                *draw = mid + (*draw - mid) * distance;
            }
        }
        let cautious = self.steepest.map_or(f64::INFINITY, load);
        Saturation {
            low: quantile(&draws, 0.05).min(cautious),
            mid,
            high: quantile(&draws, 0.95),
            grade: self.grade(mid),
            extrapolated: distance > 1.0,
            draws,
        }
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

/// Where the bend is looked for.
const BEND_LEVEL: f64 = 0.75;
/// How many times steeper the upper part must be.
const BEND_RATIO: f64 = 1.3;
/// How often, among resampled days, there may be no bend.
const BEND_CHANCE: f64 = 0.05;

/// Sums for each day, from which any choice of days is quickly fitted.
struct Days {
    sums: Vec<Sums<3>>,
    /// The load at which a bend is looked for.
    bend: f64,
    /// For the share of variance explained.
    moments: Moments,
}

#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    count: f64,
    load: f64,
    signal: f64,
    load_square: f64,
    signal_square: f64,
    product: f64,
}

/// A straight line and how well it fits.
#[derive(Debug, Clone, Copy)]
struct Straight {
    pub background: f64,
    pub slope: f64,
    /// The share of the signal's variance that the load explains, `r²`.
    pub explained: f64,
    middle: [f64; 2],
}

/// All lines of the same days.
struct Lines {
    pub straight: Straight,
    straight_draws: Vec<[f64; 2]>,
    bent: Option<[f64; 3]>,
    bent_draws: Vec<[f64; 3]>,
    bend: f64,
}

impl Days {
    fn from_samples(samples: Samples<'_>) -> Self {
        let bend = interpolated(&mut samples.load.to_vec(), BEND_LEVEL).unwrap_or(0.0);
        let mut days = Self { sums: Vec::new(), bend, moments: Moments::default() };
        let mut current = None;
        for ((load, signal), day) in samples.load.iter().zip(samples.signal).zip(samples.day) {
            if current != Some(day) {
                current = Some(day);
                days.sums.push(Sums::default());
            }
            if let Some(sums) = days.sums.last_mut() {
                sums.add([1.0, *load, (load - bend).max(0.0)], *signal);
            }
            days.moments.add(*load, *signal);
        }
        days
    }

    fn count(&self) -> usize {
        self.sums.len()
    }

    /// The lines through all days and through `draws` choices of as many days with replacement, each choice's
    /// deviation widened by `√(k/(k-2))` for the two parameters. Nothing where no line goes through the samples.
    fn lines(&self, draws: usize, random: &mut Random) -> Option<Lines> {
        let straight = self.moments.line()?;
        let all = self.total(0..self.count());
        let bent = all.solve().map(|line| line.coefficients);
        let mut lines = Lines {
            straight,
            straight_draws: Vec::with_capacity(draws),
            bent,
            bent_draws: Vec::with_capacity(draws),
            bend: self.bend,
        };
        let days = self.count() as f64;
        let widening = (days / (days - 2.0).max(1.0)).sqrt();
        let centre = [straight.background, straight.slope];
        for _ in 0..draws {
            let chosen = self.total((0..self.count()).map(|_| random.below(self.count())));
            if let Some(line) = chosen.first_two().solve() {
                lines.straight_draws.push(widened(centre, line.coefficients, widening));
            }
            if let (Some(centre), Some(line)) = (bent, chosen.solve()) {
                lines.bent_draws.push(widened(centre, line.coefficients, widening));
            }
        }
        Some(lines)
    }

    /// A quantile of what lies above the straight line.
    fn residual_quantile(samples: Samples<'_>, line: &Straight, level: f64) -> f64 {
        let above = samples
            .load
            .iter()
            .zip(samples.signal)
            .map(|(load, signal)| signal - line.background - line.slope * load);
        interpolated(&mut above.collect::<Vec<_>>(), level).unwrap_or(0.0)
    }

    fn total(&self, days: impl Iterator<Item = usize>) -> Sums<3> {
        let mut total = Sums::default();
        days.filter_map(|day| self.sums.get(day)).for_each(|sums| total.merge(sums));
        total
    }
}

impl Moments {
    fn add(&mut self, load: f64, signal: f64) {
        self.count += 1.0;
        self.load += load;
        self.signal += signal;
        self.load_square += load * load;
        self.signal_square += signal * signal;
        self.product += load * signal;
    }

    fn line(&self) -> Option<Straight> {
        let middle = [self.load / self.count, self.signal / self.count];
        let spread = self.load_square - self.load * middle[0];
        let vary = (self.signal_square - self.signal * middle[1]).max(0.0);
        let together = self.product - self.load * middle[1];
        let slope = together / spread;
        let explained = if vary > 0.0 { (together * slope / vary).clamp(0.0, 1.0) } else { 0.0 };
        let background = middle[1] - slope * middle[0];
        (slope.is_finite() && spread > 0.0).then_some(Straight { background, slope, explained, middle })
    }
}

impl Straight {
    /// The regression of the load on the signal, turned round: `D / r²` through the same middle.
    fn reversed(&self) -> [f64; 2] {
        let slope = self.slope / self.explained;
        [self.middle[1] - slope * self.middle[0], slope]
    }
}

impl Lines {
    /// The line to continue beyond the highest load, with its draws, and whether it is the upper part of a bent one.
    fn upper(&self) -> (bool, [f64; 2], Vec<[f64; 2]>) {
        let straight = [self.straight.background, self.straight.slope];
        match self.bent {
            Some(bent) if self.is_bent(bent) => {
                let part = |[level, slope, more]: [f64; 3]| [level - more * self.bend, slope + more];
                (true, part(bent), self.bent_draws.iter().map(|draw| part(*draw)).collect())
            }
            _ => (false, straight, self.straight_draws.clone()),
        }
    }

    fn is_bent(&self, [_, slope, more]: [f64; 3]) -> bool {
        let without = self.bent_draws.iter().filter(|draw| draw[2] <= 0.0).count() as f64;
        let steeper = slope > 0.0 && slope + more > BEND_RATIO * slope;
        steeper && without < BEND_CHANCE * self.bent_draws.len() as f64
    }
}

fn widened<const P: usize>(centre: [f64; P], draw: [f64; P], factor: f64) -> [f64; P] {
    std::array::from_fn(|index| centre[index] + (draw[index] - centre[index]) * factor)
}
