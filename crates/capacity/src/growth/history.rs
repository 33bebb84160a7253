//! The past of a daily figure, made ready to be continued.

use super::regression::Dependent;

/// The fewest days with a value that a forecast is made from.
pub const MIN_DAYS: usize = 14;

/// Non-positive values up to this share are days on which nothing was measured properly.
const OUTAGES: f64 = 0.02;

/// Daily values without gaps, on the scale on which growth is a straight line.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    first_day: i32,
    last_day: i32,
    values: Vec<f64>,
    observed: usize,
    scale: Scale,
}

/// Why there is nothing to continue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotEnough {
    /// Too short a history.
    #[error("not enough history: {days} days with a value, at least {MIN_DAYS} are needed")]
    Days {
        /// Days with a value.
        days: usize,
    },
    /// More than half of the days between the first and the last have no value.
    #[error("not enough history: {missing} of {days} days have no value")]
    Gaps {
        /// Days without a value.
        missing: usize,
        /// All days from the first to the last.
        days: usize,
    },
    /// A value that is not finite, or a day that does not come after the one before.
    #[error("value {index} is not a finite number of a later day than the one before")]
    Invalid {
        /// Which value, from 0.
        index: usize,
    },
}

/// How values are transformed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Scale {
    /// Logarithms: growth and noise in proportion to the level.
    Logarithmic,
    /// Positive figures that grow by the same amount each day, as multiples of what has the logarithm `unit`. What
    /// repeats is in proportion to the level all the same.
    Straight {
        /// The logarithm of the unit.
        unit: f64,
    },
    /// As they are, never below zero: for figures that are zero on ordinary days.
    Plain,
    /// As they are, for figures that are negative at times.
    Signed,
}

impl History {
    /// Daily values with the number of each day, in ascending order; day numbers modulo 7 are days of the week.
    ///
    /// Missing days are filled in by a straight line between their neighbours, and so is what lies at or below zero
    /// on at most 2% of the days of a figure that is positive otherwise.
    pub fn new(days: &[i32], values: &[f64]) -> Result<Self, NotEnough> {
        let after = |index: usize| index == 0 || days[index] > days[index - 1];
        let wrong =
            days.iter().zip(values).enumerate().find(|(index, (_, v))| !v.is_finite() || !after(*index));
        if let Some((index, _)) = wrong {
            return Err(NotEnough::Invalid { index });
        }
        let scale = scale_of(values);
        let measured = days.iter().zip(values).filter(|(_, value)| scale.takes(**value));
        let points: Vec<(i32, f64)> = measured.map(|(day, value)| (*day, scale.to(*value))).collect();
        let (Some((first, _)), Some((last, _))) = (points.first(), points.last()) else {
            return Err(NotEnough::Days { days: 0 });
        };
        let observed = points.len();
        if observed < MIN_DAYS {
            return Err(NotEnough::Days { days: observed });
        }
        let all = usize::try_from(i64::from(*last) - i64::from(*first) + 1).unwrap_or(usize::MAX);
        if all > observed.saturating_mul(2) {
            return Err(NotEnough::Gaps { missing: all - observed, days: all });
        }
        Ok(Self { first_day: *first, last_day: *last, values: filled(&points), observed, scale })
    }

    /// The last day with a value.
    pub fn last_day(&self) -> i32 {
        self.last_day
    }

    /// Days from the first to the last value.
    pub fn days(&self) -> usize {
        self.values.len()
    }

    /// Days that really had a value.
    pub fn observed(&self) -> usize {
        self.observed
    }

    pub(super) fn first_day(&self) -> i32 {
        self.first_day
    }

    /// Transformed values.
    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }

    pub(super) fn scale(&self) -> Scale {
        self.scale
    }
}

impl Scale {
    fn takes(self, value: f64) -> bool {
        self != Self::Logarithmic || value > 0.0
    }

    fn to(self, value: f64) -> f64 {
        if self == Self::Logarithmic { value.ln() } else { value }
    }

    /// A value of the figure itself, always finite, with what repeats.
    pub(super) fn from(self, value: f64, effect: f64) -> f64 {
        match self {
            Self::Logarithmic => (value + effect).exp().min(f64::MAX),
            Self::Straight { unit } => (value.max(0.0) * (unit + effect).exp()).min(f64::MAX),
            Self::Plain => (value + effect).max(0.0),
            Self::Signed => value + effect,
        }
    }
}

fn scale_of(values: &[f64]) -> Scale {
    let allowed = OUTAGES * values.len() as f64;
    if values.iter().filter(|value| **value <= 0.0).count() as f64 <= allowed {
        Scale::Logarithmic
    } else if values.iter().all(|value| *value >= 0.0) {
        Scale::Plain
    } else {
        Scale::Signed
    }
}

/// One value for each day from the first point to the last.
fn filled(points: &[(i32, f64)]) -> Vec<f64> {
    let mut values: Vec<f64> = points.first().map(|(_, value)| *value).into_iter().collect();
    for pair in points.windows(2) {
        let [(from, low), (to, high)] = [pair[0], pair[1]];
        let length = f64::from(to) - f64::from(from);
        values.extend((from..to).map(|day| {
            let passed = f64::from(day) - f64::from(from) + 1.0;
            low + (high - low) * passed / length
        }));
    }
    values
}

/// By how much the log-likelihood must favour a straight line; where both scales do equally well, growth is a share.
const CLEARLY: f64 = 4.0;

/// The same values on the scale on which a line explains them best, from logarithms without what repeats.
///
/// Disks fill in straight lines, of which the logarithms are bent: what follows them sees a change of the trend that
/// never was. The scales are compared by the likelihood of a line with dependent errors. Divided by the geometric mean,
/// values and their logarithms have likelihoods that can be compared as they are (G. Box and D. Cox, *J. R. Stat. Soc.
/// B* 26, 1964), and noise that grows with the level favours logarithms by itself.
pub(super) fn scaled(logarithms: Vec<f64>, scale: Scale, spent: f64) -> (Vec<f64>, Scale) {
    if scale != Scale::Logarithmic || logarithms.is_empty() {
        return (logarithms, scale);
    }
    let unit = logarithms.iter().sum::<f64>() / logarithms.len() as f64;
    let shares: Vec<f64> = logarithms.iter().map(|value| value - unit).collect();
    let multiples: Vec<f64> = shares.iter().map(|share| share.exp()).collect();
    let likelihood = |values: &[f64]| line(values, spent).map(|line| line.likelihood());
    match (likelihood(&multiples), likelihood(&shares)) {
        (Some(straight), Some(logarithmic)) if straight > logarithmic + CLEARLY => {
            (multiples, Scale::Straight { unit })
        }
        _ => (logarithms, scale),
    }
}

/// A steady trend.
pub(super) fn line(values: &[f64], spent: f64) -> Option<Dependent<2>> {
    Dependent::fit(values, spent, |day| [1.0, day])
}
