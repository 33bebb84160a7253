//! Surprises drawn from those of the past.

use crate::capacity::random::Random;

/// Residuals that are centred and have a given variance.
#[derive(Debug, Clone)]
pub(super) struct Residuals {
    values: Vec<f64>,
    /// The probability, as a share of 2³², that a block of consecutive days ends.
    ends: u64,
}

/// Several draws side by side, each following its own block.
#[derive(Debug, Clone)]
pub(super) struct Draws {
    residuals: Residuals,
    /// Where each draw stands; none before the first day.
    places: Vec<usize>,
    turn: usize,
}

impl Residuals {
    /// Residuals scaled to `variance`, drawn in blocks of `block` days on average.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of 2³²")]
    pub(super) fn new(residuals: &[f64], variance: f64, block: f64) -> Self {
        let count = residuals.len().max(1) as f64;
        let mean = residuals.iter().sum::<f64>() / count;
        let spread = (residuals.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
        let scale = if spread > 0.0 { variance.sqrt() / spread } else { 0.0 };
        let mut values: Vec<f64> = residuals.iter().map(|value| (value - mean) * scale).collect();
        if values.is_empty() {
            values.push(0.0);
        }
        Self { values, ends: (4_294_967_296.0 / block) as u64 }
    }

    /// The stationary bootstrap (D. Politis and J. Romano, *J. Am. Stat. Assoc.* 89, 1994), `count` draws at once.
    pub(super) fn draw(self, count: usize) -> Draws {
        Draws { places: vec![usize::MAX; count], residuals: self, turn: 0 }
    }
}

impl Draws {
    /// The next residual of the draw whose turn it is.
    pub(super) fn next(&mut self, random: &mut Random) -> f64 {
        let count = self.residuals.values.len();
        let bits = random.bits();
        let turn = self.turn;
        self.turn = if turn + 1 == self.places.len() { 0 } else { turn + 1 };
        let place = &mut self.places[turn];
        *place = if *place == usize::MAX || (bits >> 32) < self.residuals.ends {
            jump(bits & 0xffff_ffff, count)
        } else if *place + 1 == count {
            0
        } else {
            *place + 1
        };
        self.residuals.values[*place]
    }
}

/// A place below `count` from 32 random bits.
fn jump(bits: u64, count: usize) -> usize {
    let product = bits.saturating_mul(u64::try_from(count).unwrap_or(u64::MAX));
    usize::try_from(product >> 32).unwrap_or(0)
}
