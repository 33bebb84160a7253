//! Ranges of an axis and the round values on it.

use crate::signal::Unit;

/// How many steps an axis has about.
const STEPS: f64 = 5.0;
/// Beyond this nothing is a measurement, and differences could overflow.
const LARGEST: f64 = 1e300;

/// What an axis covers; `low` is less than `high`, both are finite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Span {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Span {
    /// Everything from the smallest to the largest of the finite values.
    pub(super) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        values.into_iter().filter(|value| value.is_finite()).fold(None, |span: Option<Self>, value| {
            let value = value.clamp(-LARGEST, LARGEST);
            let Self { low, high } = span.unwrap_or(Self { low: value, high: value });
            Some(Self { low: low.min(value), high: high.max(value) })
        })
    }

    pub(super) fn with(self, value: f64) -> Self {
        Self::of([self.low, self.high, value]).unwrap_or(self)
    }

    /// With some room above and below. Down to zero where the values are not all far from it, because a curve is
    /// judged by its height.
    pub(super) fn roomy(self) -> Self {
        let Self { low, high } = self;
        let size = low.abs().max(high.abs());
        let room = (0.06 * (high - low)).max(if high - low > 0.04 * size { 0.0 } else { 0.1 * size });
        let from_zero = low >= 0.0 && low <= 0.6 * high;
        let low = if from_zero || (low >= 0.0 && low < room) { 0.0 } else { low - room };
        let high = high + room;
        if high > low { Self { low, high } } else { Self { low, high: low + 1.0 } }
    }

    pub(super) fn size(self) -> f64 {
        self.high - self.low
    }

    pub(super) fn holds(self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// Round values within, in steps that are round in the unit a person would choose.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "few steps, never negative")]
    pub(super) fn ticks(self, unit: Unit) -> Vec<f64> {
        let base = base(unit, self.low.abs().max(self.high.abs()));
        let least = if unit == Unit::Count && self.size() >= 3.0 { 1.0 } else { 0.0 };
        let step = round_step(self.size() / STEPS / base).max(least) * base;
        let first = (self.low / step).ceil();
        let steps = ((self.high / step).floor() - first).clamp(0.0, 12.0) as u32;
        let all = (0..=steps).map(|index| (first + f64::from(index)) * step + 0.0);
        all.filter(|value| value.is_finite() && self.holds(*value)).collect()
    }
}

/// 1, 2 or 5 times a power of ten, not less than `step`.
fn round_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    let digit = [1.0, 2.0, 5.0].into_iter().find(|digit| digit * power >= step * (1.0 - 1e-9));
    digit.unwrap_or(10.0) * power
}

/// What steps are counted in: percent, the unit of a size, the unit of a time.
fn base(unit: Unit, largest: f64) -> f64 {
    match unit {
        Unit::Ratio => 0.01,
        Unit::Bytes | Unit::BytesPerSecond => {
            1024_f64.powf((largest.max(1.0).ln() / 1024_f64.ln()).floor().min(5.0))
        }
        Unit::Seconds => match largest {
            days if days >= 2.0 * 86_400.0 => 86_400.0,
            hours if hours >= 2.0 * 3600.0 => 3600.0,
            minutes if minutes >= 120.0 => 60.0,
            _ => 1.0,
        },
        Unit::Count | Unit::PerSecond => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn ticks(low: f64, high: f64, unit: Unit, expected: &[f64]) {
        let found = Span { low, high }.ticks(unit);
        let same = found.iter().zip(expected).all(|(one, other)| (one - other).abs() <= 1e-9 * other.abs());
        assert!(same && found.len() == expected.len(), "{found:?}");
    }

    #[test]
    fn ticks_are_round_in_the_unit() {
        ticks(0.0, 100.0, Unit::Count, &[0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        ticks(0.0, 3.2, Unit::Count, &[0.0, 1.0, 2.0, 3.0]);
        ticks(0.0, 0.83, Unit::Ratio, &[0.0, 0.2, 0.4, 0.6, 0.8]);
        let gib = 1_073_741_824.0;
        ticks(0.0, 9.0 * gib, Unit::Bytes, &[0.0, 2.0 * gib, 4.0 * gib, 6.0 * gib, 8.0 * gib]);
        ticks(0.0, 600.0, Unit::Seconds, &[0.0, 120.0, 240.0, 360.0, 480.0, 600.0]);
        ticks(-1.0, 1.0, Unit::PerSecond, &[-1.0, -0.5, 0.0, 0.5, 1.0]);
    }

    #[test]
    fn a_flat_course_gets_room_and_a_high_one_is_looked_at_closely() {
        let flat = Span::of([50.0]).unwrap().roomy();
        assert!(flat.low < 46.0 && flat.high > 54.0, "{flat:?}");
        let zero = Span::of([0.0, f64::NAN]).unwrap().roomy();
        assert!(zero.low.abs() < 1e-12 && zero.high > 0.0, "{zero:?}");
        assert!(Span::of([900.0, 1000.0]).unwrap().roomy().low > 800.0);
        assert!(Span::of([500.0, 1000.0]).unwrap().roomy().low.abs() < 1e-12);
    }
}
