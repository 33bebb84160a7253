//! Times to answers, of any number of them: exact percentiles as long as the values fit, close ones beyond.

use super::{MeasureUnit, Note, Run, metric};

/// How many values are kept as they are, which takes 32 MiB.
const MAX_VALUES: usize = 4 << 20;
/// Whole milliseconds up to this are counted, exactly and for any number of answers.
const MAX_COUNTED: usize = 1 << 18;
/// The relative error of a percentile beyond [`MAX_VALUES`].
const ERROR: f64 = 0.0005;

/// The percentiles that are reported.
const LEVELS: [(f64, &str); 5] = [(0.5, "p50"), (0.9, "p90"), (0.95, "p95"), (0.99, "p99"), (1.0, "max")];

/// Durations in seconds.
#[derive(Debug, Default)]
pub(super) struct Durations {
    count: u64,
    sum: f64,
    max: f64,
    /// How many took so many whole milliseconds.
    milliseconds: Vec<u64>,
    values: Vec<f64>,
    sketch: Option<Sketch>,
}

impl Durations {
    /// Adds a duration in seconds.
    pub(super) fn add(&mut self, seconds: f64) {
        self.note(seconds);
        self.keep(seconds);
    }

    /// Adds a duration in milliseconds, which are whole as a rule.
    pub(super) fn add_milliseconds(&mut self, milliseconds: f64) {
        self.note(milliseconds * 1e-3);
        match super::input::whole(milliseconds).and_then(|whole| usize::try_from(whole).ok()) {
            Some(whole) if whole < MAX_COUNTED && milliseconds.fract() == 0.0 => {
                if whole >= self.milliseconds.len() {
                    self.milliseconds.resize(whole + 1, 0);
                }
                self.milliseconds[whole] += 1;
            }
            _ => self.keep(milliseconds * 1e-3),
        }
    }

    fn note(&mut self, seconds: f64) {
        self.count += 1;
        self.sum += seconds;
        self.max = self.max.max(seconds);
    }

    fn keep(&mut self, seconds: f64) {
        if let Some(sketch) = &mut self.sketch {
            return sketch.add(seconds, 1);
        }
        if self.values.len() < MAX_VALUES {
            return self.values.push(seconds);
        }
        let mut sketch = Sketch::default();
        for value in std::mem::take(&mut self.values) {
            sketch.add(value, 1);
        }
        sketch.add(seconds, 1);
        self.sketch = Some(sketch);
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Adds mean, percentiles and maximum to a run; `name` is the beginning of their names.
    pub(super) fn report(mut self, run: &mut Run, name: &str) {
        if self.count == 0 {
            return;
        }
        let mut add = |statistic: &str, value: f64| {
            run.add(&format!("{name}_{statistic}"), Some(value), MeasureUnit::Seconds);
        };
        add("mean", self.sum / self.count as f64);
        for (statistic, value) in self.percentiles() {
            add(statistic, value);
        }
        if self.sketch.is_some() && metric::DURATIONS.contains(&name) {
            run.notes.push(Note::Approximate { error: ERROR });
        }
    }

    /// The values of rank `⌈level n⌉`.
    fn percentiles(&mut self) -> Vec<(&'static str, f64)> {
        self.values.sort_unstable_by(f64::total_cmp);
        let counted = self.milliseconds.iter().enumerate().filter(|(_, count)| **count > 0);
        let counted = counted.map(|(milliseconds, count)| (milliseconds as f64 * 1e-3, *count));
        let kept = self.values.iter().map(|value| (*value, 1));
        let sketched = self.sketch.iter().flat_map(Sketch::counts);
        let mut sources = [
            Box::new(counted.peekable()) as Box<dyn PeekNext>,
            Box::new(kept.peekable()),
            Box::new(sketched.peekable()),
        ];
        let (mut passed, mut found) = (0_u64, Vec::new());
        let mut levels = LEVELS.iter().peekable();
        while let Some((value, count)) = smallest(&mut sources) {
            passed += count;
            while let Some((_, statistic)) = levels
                .next_if(|(level, _)| passed as f64 >= (level * self.count as f64 - 1e-9).ceil().max(1.0))
            {
                found.push((*statistic, value));
            }
        }
        if let Some((_, longest)) = found.last_mut() {
            *longest = self.max;
        }
        found
    }
}

/// Values in ascending order with their counts.
trait PeekNext {
    fn peek_value(&mut self) -> Option<f64>;
    fn take(&mut self) -> Option<(f64, u64)>;
}

impl<I: Iterator<Item = (f64, u64)>> PeekNext for std::iter::Peekable<I> {
    fn peek_value(&mut self) -> Option<f64> {
        self.peek().map(|(value, _)| *value)
    }

    fn take(&mut self) -> Option<(f64, u64)> {
        self.next()
    }
}

/// The smallest of the values that come next.
fn smallest(sources: &mut [Box<dyn PeekNext + '_>]) -> Option<(f64, u64)> {
    let next =
        sources.iter_mut().enumerate().filter_map(|(index, source)| Some((index, source.peek_value()?)));
    let (index, _) = next.min_by(|(_, a), (_, b)| a.total_cmp(b))?;
    sources[index].take()
}

/// Counts of values in buckets that grow by a constant factor, so that each value is known to a relative error.
///
/// A bucket holds `(γ^(i-1), γ^i]` and stands for `2γ^i / (γ+1)`, with `γ = (1+ε)/(1-ε)`. Source: C. Masson, J. Rim and
/// H. Lee, *DDSketch*, VLDB 12 (2019).
#[derive(Debug, Default)]
struct Sketch {
    /// Values of zero.
    zeros: u64,
    /// Counts from the bucket of [`Sketch::SMALLEST`] on.
    buckets: Vec<u64>,
}

impl Sketch {
    /// Nothing is shorter than a nanosecond.
    const SMALLEST: f64 = 1e-9;

    fn growth() -> f64 {
        ((1.0 + ERROR) / (1.0 - ERROR)).ln()
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most a few times 10^5")]
    fn add(&mut self, value: f64, count: u64) {
        if value <= Self::SMALLEST {
            self.zeros += count;
            return;
        }
        let index = ((value / Self::SMALLEST).ln() / Self::growth()).ceil().min(1e6) as usize;
        if index >= self.buckets.len() {
            self.buckets.resize(index + 1, 0);
        }
        self.buckets[index] += count;
    }

    fn counts(&self) -> impl Iterator<Item = (f64, u64)> {
        let growth = Self::growth();
        let middle = 2.0 / (growth.exp() + 1.0);
        let value = move |index: usize| Self::SMALLEST * (growth * index as f64).exp() * middle;
        let filled = self.buckets.iter().enumerate().filter(|(_, count)| **count > 0);
        let zeros = (self.zeros > 0).then_some((0.0, self.zeros));
        zeros.into_iter().chain(filled.map(move |(index, count)| (value(index), *count)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::quantile::quantiles;

    fn reported(durations: Durations) -> Run {
        let mut run = Run::default();
        durations.report(&mut run, "latency");
        run
    }

    #[test]
    fn percentiles_are_exact() {
        let mut durations = Durations::default();
        let mut all: Vec<f64> = Vec::new();
        for index in 0..997_u32 {
            let milliseconds = f64::from(index * 7919 % 997) * if index % 3 == 0 { 1.0 } else { 0.37 };
            durations.add_milliseconds(milliseconds);
            all.push(milliseconds * 1e-3);
        }
        let run = reported(durations);
        let expected = quantiles(&mut all, LEVELS.map(|(level, _)| level)).unwrap();
        for ((_, statistic), expected) in LEVELS.iter().zip(expected) {
            let found = run.metrics[&format!("latency_{statistic}")].value;
            assert!((found - expected).abs() < 1e-12, "{statistic}: {found} is not {expected}");
        }
        assert!(run.notes.is_empty());
    }

    #[test]
    fn nothing_measured_gives_no_figure() {
        assert!(reported(Durations::default()).metrics.is_empty());
    }

    #[test]
    fn too_many_values_are_known_within_the_stated_error() {
        let mut durations = Durations::default();
        let mut all = Vec::new();
        let mut state = 12_345_u64;
        for _ in 0..MAX_VALUES + 1000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let value = (((state >> 40) as f64 / 1e7) + 0.001).powi(3);
            durations.add(value);
            all.push(value);
        }
        let run = reported(durations);
        assert_eq!(run.notes, [Note::Approximate { error: ERROR }]);
        let expected = quantiles(&mut all, LEVELS.map(|(level, _)| level)).unwrap();
        for ((_, statistic), expected) in LEVELS.iter().zip(expected) {
            let found = run.metrics[&format!("latency_{statistic}")].value;
            assert!((found / expected - 1.0).abs() <= ERROR, "{statistic}: {found} is not {expected}");
        }
    }
}
