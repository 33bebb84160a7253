//! Ways for a daily figure to grow of which no line tells the truth, and what forecasts made of them.

use scale_advisor::capacity::{
    growth::{History, forecast},
    random::Random,
};

use super::{
    contenders::pinball,
    score::{claimed, holds, share},
    simulate::dependent,
    suite::CONTENDERS,
};

/// Days forecast.
pub(crate) const AHEAD: usize = 90;

/// What a figure does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Grows steadily, by a share of itself.
    Steady,
    /// Grows steadily, by the same amount, with hardly any noise.
    Certain,
    /// A launch that has found all its users.
    SCurve,
    /// A step one to four weeks ago, and flat before and since.
    Step,
    /// Grew until 20 days ago.
    Stopped,
    /// Hardly grew until 20 days ago, and clearly since.
    SpedUp,
    /// Flat but for one of the last days.
    Spike,
    /// Rises and is put back every week or so, by restarts: the peaks stay or rise slowly.
    SawTooth,
    /// A share near its capacity, which wanders.
    Parking,
}

pub(crate) const KINDS: [Kind; 9] = [
    Kind::Steady,
    Kind::Certain,
    Kind::SCurve,
    Kind::Step,
    Kind::Stopped,
    Kind::SpedUp,
    Kind::Spike,
    Kind::SawTooth,
    Kind::Parking,
];

/// A history, what comes after it, and a limit.
pub(crate) struct Known {
    pub(crate) history: Vec<f64>,
    pub(crate) future: Vec<f64>,
    pub(crate) limit: f64,
}

fn between(random: &mut Random, low: f64, high: f64) -> f64 {
    low + (high - low) * random.uniform()
}

fn weekly(day: f64) -> f64 {
    let angle = std::f64::consts::TAU * day / 7.0;
    0.08 * angle.sin() + 0.03 * (2.0 * angle).cos()
}

/// The figure over `before` days and [`AHEAD`] further ones. Day 0 is the first day ahead.
pub(crate) fn known(random: &mut Random, kind: Kind, before: usize) -> Known {
    let count = before + AHEAD;
    let days: Vec<f64> = (0..count).map(|index| index as f64 - before as f64).collect();
    let noise = |random: &mut Random, dependence: f64, deviation: f64| -> Vec<f64> {
        dependent(random, count, dependence, deviation)
    };
    let (values, limit): (Vec<f64>, f64) = match kind {
        Kind::Steady => {
            let growth = between(random, 0.002, 0.008);
            let errors = noise(random, 0.5, 0.03);
            let value = |(day, error): (&f64, &f64)| 100.0 * (growth * day + weekly(*day) + error).exp();
            let ahead = between(random, 10.0, 70.0);
            (days.iter().zip(&errors).map(value).collect(), 110.0 * (growth * ahead).exp())
        }
        Kind::Certain => {
            let ahead = between(random, 20.0, 70.0);
            let values = days.iter().map(|day| 60.0 + 0.5 * (day + 60.0) + 0.3 * random.normal());
            (values.collect(), 90.0 + 0.5 * ahead)
        }
        Kind::SCurve => {
            let (middle, width) = (between(random, -50.0, -28.0), between(random, 6.0, 11.0));
            let errors = noise(random, 0.3, 0.02);
            let value = |(day, error): (&f64, &f64)| {
                (30.0 + 270.0 / (1.0 + (-(day - middle) / width).exp())) * (0.5 * weekly(*day) + error).exp()
            };
            (days.iter().zip(&errors).map(value).collect(), 300.0 * between(random, 1.15, 1.3))
        }
        Kind::Step => {
            let (since, ratio) = (-between(random, 8.0, 28.0).floor(), between(random, 1.3, 1.8));
            let errors = noise(random, 0.3, 0.03);
            let value = |(day, error): (&f64, &f64)| {
                let level = if *day >= since { 100.0 * ratio } else { 100.0 };
                level * (0.5 * weekly(*day) + error).exp()
            };
            (days.iter().zip(&errors).map(value).collect(), 100.0 * ratio * 1.27)
        }
        Kind::Stopped => {
            let growth = between(random, 0.005, 0.01);
            let errors = noise(random, 0.3, 0.02);
            let value = |(day, error): (&f64, &f64)| {
                100.0 * (growth * (day + 20.0).min(0.0) + 0.5 * weekly(*day) + error).exp()
            };
            (days.iter().zip(&errors).map(value).collect(), 100.0 * between(random, 1.18, 1.3))
        }
        Kind::SpedUp => {
            let growth = between(random, 0.006, 0.011);
            let errors = noise(random, 0.3, 0.02);
            let value = |(day, error): (&f64, &f64)| {
                let grown = 0.001 * day + (growth - 0.001) * (day + 20.0).max(0.0);
                100.0 * (grown + 0.5 * weekly(*day) + error).exp()
            };
            let ahead = between(random, 40.0, 70.0);
            let limit = 100.0 * (0.001 * ahead + (growth - 0.001) * (ahead + 20.0)).exp();
            (days.iter().zip(&errors).map(value).collect(), limit)
        }
        Kind::Spike => {
            let (at, height) = (-1.0 - between(random, 0.0, 4.0).floor(), between(random, 2.0, 6.0));
            let errors = noise(random, 0.2, 0.04);
            let value = |(day, error): (&f64, &f64)| {
                50.0 * error.exp() * if (day - at).abs() < 0.5 { height } else { 1.0 }
            };
            (days.iter().zip(&errors).map(value).collect(), 75.0)
        }
        Kind::SawTooth => teeth(random, &days),
        Kind::Parking => {
            let level = between(random, 0.70, 0.90);
            let errors = noise(random, 0.6, 0.05);
            let value = |(day, error): (&f64, &f64)| (level * (1.0 + weekly(*day)) + error).clamp(0.02, 1.0);
            (days.iter().zip(&errors).map(value).collect(), 0.95)
        }
    };
    let future = values[before..].to_vec();
    Known { history: values[..before].to_vec(), future, limit }
}

/// What rises and is put back after five to eight days, with a limit that only growing peaks reach.
fn teeth(random: &mut Random, days: &[f64]) -> (Vec<f64>, f64) {
    let rise = between(random, 0.02, 0.05);
    let growth = if random.uniform() < 0.5 { 0.0 } else { 0.0015 };
    let (mut since, mut cycle) = (0.0, between(random, 5.0, 9.0).floor());
    let mut value = |day: &f64| {
        if since >= cycle {
            since = 0.0;
            cycle = between(random, 5.0, 9.0).floor();
        }
        let value = 0.4 + rise * since + growth * day + 0.004 * random.normal();
        since += 1.0;
        value
    };
    (days.iter().map(&mut value).collect(), 0.48 + rise * 7.0)
}

/// What forecasts of one kind came to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outcome {
    pub(crate) count: f64,
    /// The mean of the stated probabilities, and the share of limits that were reached.
    pub(crate) stated: f64,
    pub(crate) reached: f64,
    pub(crate) brier: f64,
    /// Dates within their interval.
    pub(crate) dates: f64,
    /// What these intervals claim to hold.
    pub(crate) claimed: f64,
    /// Dates before the stated 5% date.
    pub(crate) early: f64,
    /// Days within the 90% band.
    pub(crate) covered: f64,
    pub(crate) pinball: f64,
    /// The loss of each forecast.
    pub(crate) losses: Vec<f64>,
    /// Forecasts whose 95% band passes ten times the recent level, and the reality did not.
    pub(crate) exploded: f64,
    /// Days between the stated and the true date, where both are known.
    pub(crate) misses: Vec<f64>,
}

impl Outcome {
    /// Forecasts and compares; probabilities are those of the first `horizon` days.
    pub(crate) fn add(&mut self, first_day: i32, known: &Known) {
        let ahead = known.future.len();
        let days: Vec<i32> = (first_day..).take(known.history.len()).collect();
        let paths = forecast(&History::new(&days, &known.history).unwrap(), ahead).paths;
        let bands = paths.bands();
        let recent = &known.history[known.history.len().saturating_sub(28)..];
        let level = recent.iter().sum::<f64>() / recent.len() as f64;
        let within = bands.iter().zip(&known.future);
        let covered = within.clone().filter(|(band, value)| band[0] <= **value && **value <= band[6]);
        self.count += 1.0;
        self.covered += covered.count() as f64 / ahead as f64;
        let loss = within.map(|(band, value)| pinball(band, *value)).sum::<f64>() / ahead as f64 / level;
        self.pinball += loss;
        self.losses.push(loss);
        let far = |value: f64| value > 10.0 * level;
        let exploded = bands.iter().any(|band| far(band[6])) && !known.future.iter().any(|value| far(*value));
        self.exploded += share(exploded);
        let crossing = paths.reach(known.limit);
        self.claimed += claimed(&paths.first_days(known.limit), crossing);
        let came = known.future.iter().position(|value| *value >= known.limit);
        self.stated += crossing.probability;
        self.reached += share(came.is_some());
        self.brier += (crossing.probability - share(came.is_some())).powi(2);
        self.dates += share(holds(crossing, came));
        let sooner = came.is_some_and(|came| crossing.low.is_none_or(|low| came < low));
        self.early += share(sooner);
        if let (Some(mid), Some(came)) = (crossing.mid, came) {
            self.misses.push(mid as f64 - came as f64);
        }
    }

    /// Takes bands of other forecasts in; the bands alone, as real series have no limit.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.covered += other.covered;
        self.pinball += other.pinball;
        self.exploded += other.exploded;
        self.losses.extend(&other.losses);
    }

    /// The mean of a sum.
    pub(crate) fn mean(&self, sum: f64) -> f64 {
        sum / self.count.max(1.0)
    }

    /// The median distance of a date from the true one.
    pub(crate) fn median_miss(&self) -> f64 {
        middle(&self.misses.iter().map(|miss| miss.abs()).collect::<Vec<_>>())
    }
}

pub(crate) fn middle(values: &[f64]) -> f64 {
    scale_advisor::capacity::quantile::interpolated(&mut values.to_vec(), 0.5).unwrap_or(f64::NAN)
}

/// Forecasts of `count` figures of a kind.
pub(crate) fn outcome(kind: Kind, before: usize, count: usize, seed: u64) -> Outcome {
    let mut random = Random::new(seed + kind as u64);
    let mut outcome = Outcome::default();
    for _ in 0..count {
        outcome.add(0, &known(&mut random, kind, before));
    }
    outcome
}

/// Days within the 90% band, and the pinball loss as a share of the level.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bands {
    pub(crate) covered: f64,
    pub(crate) pinball: f64,
}

/// What each of [`CONTENDERS`] makes of `count` figures of a kind.
pub(crate) fn compared(kind: Kind, before: usize, count: usize, seed: u64) -> [Bands; 3] {
    let mut random = Random::new(seed + kind as u64);
    let mut found = [Bands::default(); 3];
    for _ in 0..count {
        let known = known(&mut random, kind, before);
        let recent = &known.history[before.saturating_sub(28)..];
        let level = recent.iter().sum::<f64>() / recent.len() as f64;
        let each = 1.0 / (count * AHEAD) as f64;
        for (slot, (_, bands)) in found.iter_mut().zip(CONTENDERS) {
            for (band, value) in bands(&known.history, AHEAD).iter().zip(&known.future) {
                slot.covered += share(band[0] <= *value && *value <= band[6]) * each;
                slot.pinball += pinball(band, *value) / level * each;
            }
        }
    }
    found
}
