//! Random numbers that are the same on every machine.

/// The generator xoshiro256++ of D. Blackman and S. Vigna (*ACM Trans. Math. Softw.* 47, 2021), with its state filled
/// by SplitMix64. Passes the usual batteries; not for secrets.
#[derive(Debug, Clone)]
pub struct Random {
    state: [u64; 4],
}

impl Random {
    /// A generator whose numbers are determined by `seed`.
    pub fn new(seed: u64) -> Self {
        let mut seed = seed;
        let state = std::array::from_fn(|_| {
            seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
            mix(seed)
        });
        Self { state }
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        let [first, second, third, fourth] = &mut self.state;
        let result = first.wrapping_add(*fourth).rotate_left(23).wrapping_add(*first);
        let shifted = *second << 17;
        *third ^= *first;
        *fourth ^= *second;
        *second ^= *third;
        *first ^= *fourth;
        *third ^= shifted;
        *fourth = fourth.rotate_left(45);
        result
    }

    /// A number of `0..1`, each multiple of 2⁻⁵³ equally likely.
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// A whole number of `0..bound`, or 0 for a bound of 0. By a multiplication instead of a division; for bounds
    /// below 2³² no number is preferred by more than 2⁻³².
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the upper half of a product with a `usize` fits one"
    )]
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.bits()) * bound as u128) >> 64) as usize
    }

    /// A standard normal number, by the polar method (Marsaglia and Bray 1964).
    pub fn normal(&mut self) -> f64 {
        let (first, square) = self.in_circle();
        first * (-2.0 * square.ln() / square).sqrt()
    }

    /// A number of Student's t distribution with `freedom` degrees of freedom, by the polar method (R. Bailey, *Math.
    /// Comput.* 62, 1994). For `freedom > 0`, not necessarily whole.
    pub fn student(&mut self, freedom: f64) -> f64 {
        let (first, square) = self.in_circle();
        first * (freedom * (square.powf(-2.0 / freedom) - 1.0) / square).sqrt()
    }

    /// A coordinate of a point of the unit disc, and the square of its distance from the middle.
    fn in_circle(&mut self) -> (f64, f64) {
        loop {
            let [first, second] = [self.uniform(), self.uniform()].map(|share| 2.0 * share - 1.0);
            let square = first * first + second * second;
            if square > 0.0 && square < 1.0 {
                return (first, square);
            }
        }
    }
}

/// A seed that depends on every bit of some values and on their order.
pub fn seed(values: &[f64]) -> u64 {
    let fold = |seed: u64, value: &f64| mix(seed.wrapping_add(0x9e37_79b9_7f4a_7c15) ^ value.to_bits());
    values.iter().fold(values.len() as u64, fold)
}

/// The finaliser of SplitMix64 (S. Vigna, after G. Steele et al. 2014).
fn mix(bits: u64) -> u64 {
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
