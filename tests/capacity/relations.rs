//! Services of which the signal does not follow the load in a straight line, or not all the time.

use scale_advisor::capacity::{
    demand::{Samples, Strictness, fit},
    random::Random,
};

use super::{kinds::middle, score::share, simulate::dependent};

/// How a signal follows the load.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Straight,
    /// Waits for a server, `b + D x / (1 - x / m)`.
    Knee,
    /// Shared by more of it, `b + D xᵖ`.
    Concave,
    /// Another demand since so many days.
    Release(i32, f64),
    /// Never above its capacity, which lies above the limit.
    Clamped,
    /// Never above its own cap, which lies below the limit.
    Capped,
    /// Grows by itself, besides.
    LeakAndLoad,
}

pub(crate) const KINDS: [Kind; 11] = [
    Kind::Straight,
    Kind::Knee,
    Kind::Concave,
    Kind::Release(5, 1.5),
    Kind::Release(10, 1.5),
    Kind::Release(20, 1.5),
    Kind::Release(5, 0.6),
    Kind::Release(20, 0.6),
    Kind::Clamped,
    Kind::Capped,
    Kind::LeakAndLoad,
];

/// The limit of the signal.
pub(crate) const LIMIT: f64 = 0.8;
const DAYS: i32 = 28;

/// Hours of a service, and the load at which it reaches [`LIMIT`] (or its cap) on the last day.
pub(crate) struct Hours {
    pub(crate) load: Vec<f64>,
    pub(crate) signal: Vec<f64>,
    pub(crate) day: Vec<i32>,
    pub(crate) truth: f64,
    /// What it grows by in a day by itself.
    pub(crate) own: f64,
}

pub(crate) fn hours(random: &mut Random, kind: Kind, deviation: f64) -> Hours {
    let growth = 0.001 + 0.007 * random.uniform();
    let noise = dependent(random, 28 * 24, 0.7, 0.05);
    let peaks = dependent(random, 28, 0.6, 0.05);
    let (mut load, mut day) = (Vec::new(), Vec::new());
    for (index, noise) in noise.iter().enumerate() {
        let (date, hour) = (index / 24, (index % 24) as f64);
        let daytime = (std::f64::consts::PI * (hour - 6.0) / 16.0).sin().clamp(0.0, 1.0);
        let week = 0.1 * (std::f64::consts::TAU * date as f64 / 7.0).sin();
        let peak = 1000.0 * (growth * (date as f64 - 27.0) + week + peaks[date]).exp();
        load.push(peak * (0.25 + 0.75 * daytime) * noise.exp());
        day.push(i32::try_from(date).unwrap_or(0));
    }
    let between = |random: &mut Random, low: f64, high: f64| low + (high - low) * random.uniform();
    let mut truth = 1000.0 * between(random, 1.05, 2.2);
    let background = between(random, 0.02, 0.15);
    let errors = dependent(random, load.len(), 0.8, deviation);
    let rises = LIMIT - background;
    let exponent = between(random, 0.55, 0.8);
    let mut cap = f64::INFINITY;
    let mut own = 0.0;
    match kind {
        Kind::Clamped => {
            truth = 1000.0 * between(random, 0.8, 1.0);
            cap = 1.0;
        }
        Kind::Capped => {
            cap = between(random, 0.55, 0.75);
            truth = 1000.0 * between(random, 0.75, 0.95);
        }
        // Farther ahead a knee cannot be told from a line.
        Kind::Knee => truth = 1000.0 * between(random, 1.05, 1.5),
        Kind::LeakAndLoad => own = between(random, 0.003, 0.012),
        _ => {}
    }
    let most = truth * between(random, 1.15, 1.6);
    let top = if kind == Kind::Capped { cap - background } else { rises };
    let signal = load.iter().zip(&day).zip(errors).map(|((load, day), error)| {
        let age = f64::from(DAYS - 1 - day);
        let driven = match kind {
            Kind::Knee => rises * (load / (1.0 - (load / most).min(0.98))) / (truth / (1.0 - truth / most)),
            Kind::Concave => rises * (load / truth).powf(exponent),
            Kind::Release(since, ratio) if DAYS - day > since => rises * load / truth / ratio,
            _ => top * load / truth,
        };
        (background + driven - own * age + error).min(cap)
    });
    Hours { signal: signal.collect(), load, day, truth, own }
}

/// What came of services of a kind.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Saturation loads within their interval, as a share of those that were stated.
    pub(crate) covered: f64,
    /// Loads that were stated, as a share of all.
    pub(crate) stated: f64,
    /// The median of `|stated - true| / true`, of `(stated - true) / true`, and of the interval's width.
    pub(crate) error: f64,
    pub(crate) bias: f64,
    pub(crate) width: f64,
    /// The share of own growths within 1.645 standard errors.
    pub(crate) own: f64,
    /// The share that was told to have changed.
    pub(crate) changed: f64,
}

pub(crate) fn outcome(kind: Kind, count: usize, seed: u64, strictness: Strictness) -> Outcome {
    let mut random = Random::new(seed);
    let mut outcome = Outcome::default();
    let (mut errors, mut widths) = (Vec::new(), Vec::new());
    let each = 1.0 / count as f64;
    for _ in 0..count {
        let deviation = if strictness == Strictness::HourlyMean { 0.03 } else { 0.015 };
        let hours = hours(&mut random, kind, deviation);
        let samples = Samples { load: &hours.load, signal: &hours.signal, day: &hours.day };
        let Ok(demand) = fit(samples, strictness) else { continue };
        let found = demand.saturation(LIMIT);
        outcome.stated += each;
        outcome.covered += share((found.low..=found.high).contains(&hours.truth));
        errors.push(found.mid / hours.truth - 1.0);
        widths.push((found.high - found.low) / hours.truth);
        outcome.changed += share(demand.changed.is_some()) * each;
        let own = demand.own.map_or(0.0, |own| (own.per_day - hours.own).abs() / own.error);
        outcome.own += share(own < 1.645) * each;
    }
    outcome.covered /= (outcome.stated * count as f64).max(1.0);
    outcome.error = middle(&errors.iter().map(|error| error.abs()).collect::<Vec<_>>());
    outcome.bias = middle(&errors);
    outcome.width = middle(&widths);
    outcome
}
