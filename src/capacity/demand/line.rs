//! Lines through days of samples, straight or with one bend.

use super::Samples;
use crate::capacity::{least_squares::Sums, quantile::interpolated, random::Random};

/// Where the bend is looked for.
const BEND_LEVEL: f64 = 0.75;
/// How many times steeper the upper part must be.
const BEND_RATIO: f64 = 1.3;
/// How often, among resampled days, there may be no bend.
const BEND_CHANCE: f64 = 0.05;

/// Sums for each day, from which any choice of days is quickly fitted.
pub(super) struct Days {
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
pub(super) struct Straight {
    pub background: f64,
    pub slope: f64,
    /// The share of the signal's variance that the load explains, `r²`.
    pub explained: f64,
    middle: [f64; 2],
}

/// All lines of the same days.
pub(super) struct Lines {
    pub straight: Straight,
    straight_draws: Vec<[f64; 2]>,
    bent: Option<[f64; 3]>,
    bent_draws: Vec<[f64; 3]>,
    bend: f64,
}

impl Days {
    pub(super) fn of(samples: Samples<'_>) -> Self {
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

    pub(super) fn count(&self) -> usize {
        self.sums.len()
    }

    /// The lines through all days and through `draws` choices of as many days with replacement, each choice's
    /// deviation widened by `√(k/(k-2))` for the two parameters. Nothing where no line goes through the samples.
    pub(super) fn lines(&self, draws: usize, random: &mut Random) -> Option<Lines> {
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
    pub(super) fn residual_quantile(samples: Samples<'_>, line: &Straight, level: f64) -> f64 {
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
    pub(super) fn reversed(&self) -> [f64; 2] {
        let slope = self.slope / self.explained;
        [self.middle[1] - slope * self.middle[0], slope]
    }
}

impl Lines {
    /// The line to continue beyond the highest load, with its draws, and whether it is the upper part of a bent one.
    pub(super) fn upper(&self) -> (bool, [f64; 2], Vec<[f64; 2]>) {
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
