//! Ordered pairs: users from and to, costs between, effort between.

use schemars::JsonSchema;
use serde::Serialize;

/// A low and a high end, `low ≤ high` by construction; an absent high end is open.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Range<T> {
    low: T,
    high: Option<T>,
}

/// A stretch of user counts: `from` is inside, `to` belongs to the next band.
pub type Band = Range<u64>;

impl<T: Copy + PartialOrd> Range<T> {
    /// A range, unless the ends are the wrong way round.
    pub fn new(low: T, high: Option<T>) -> Option<Self> {
        match high {
            Some(high) if high < low => None,
            _ => Some(Self { low, high }),
        }
    }

    /// One value, which is both ends.
    pub fn exact(value: T) -> Self {
        Self { low: value, high: Some(value) }
    }

    /// The low end.
    pub fn low(&self) -> T {
        self.low
    }

    /// The high end; `None` when it is open.
    pub fn high(&self) -> Option<T> {
        self.high
    }
}

impl Band {
    /// Whether a load falls into the band.
    pub fn holds(&self, load: f64) -> bool {
        load >= self.low as f64 && self.high.is_none_or(|high| load < high as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_ordered() {
        assert!(Range::new(5, Some(3)).is_none());
        assert!(Range::new(5, Some(5)).is_some());
        assert!(Range::new(5, None).is_some());
    }

    #[test]
    fn the_upper_end_belongs_to_the_next_band() {
        let band = Band::new(100, Some(500)).unwrap();
        assert!(band.holds(100.0) && band.holds(499.9));
        assert!(!band.holds(500.0) && !band.holds(99.9));
        assert!(Band::new(500, None).unwrap().holds(1e9));
    }
}
