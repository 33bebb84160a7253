//! Sums for each day and each shape, from which any choice of days is quickly fitted.

use super::{
    Samples,
    relation::{Relation, Shape},
};
use crate::least_squares::Sums;

/// Sums of a column and a signal.
#[derive(Debug, Clone, Copy, Default)]
struct Pair {
    count: f64,
    column: f64,
    signal: f64,
    column_square: f64,
    product: f64,
    signal_square: f64,
}

impl Pair {
    fn add(&mut self, column: f64, signal: f64) {
        self.count += 1.0;
        self.column += column;
        self.signal += signal;
        self.column_square += column * column;
        self.product += column * signal;
        self.signal_square += signal * signal;
    }

    fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.column += other.column;
        self.signal += other.signal;
        self.column_square += other.column_square;
        self.product += other.product;
        self.signal_square += other.signal_square;
    }

    /// Background, amount and squared residuals; `None` where the column does not vary.
    fn line(&self) -> Option<[f64; 3]> {
        let spread = self.column_square - self.column * self.column / self.count;
        let together = self.product - self.column * self.signal / self.count;
        let all = (self.signal_square - self.signal * self.signal / self.count).max(0.0);
        if spread <= 1e-12 * self.column_square {
            return None;
        }
        let amount = together / spread;
        let background = (self.signal - amount * self.column) / self.count;
        Some([background, amount, (all - together * amount).max(0.0)])
    }
}

/// A shape through some days.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fitted {
    pub relation: Relation,
    /// Squared residuals.
    pub squares: f64,
}

/// The days of some samples under one shape.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub shape: Shape,
    unit: f64,
    pairs: Vec<Pair>,
    /// For a hinge, which has two columns.
    triples: Vec<Sums<3>>,
}

/// What rounding leaves of the squares of a signal; a relation without any residuals is no more certain than that.
const ROUNDING: f64 = 1e-14;

impl Column {
    /// `unit` is a load that powers count from.
    pub(super) fn new(shape: Shape, samples: Samples<'_>, unit: f64) -> Self {
        Self::quasi_differences(shape, samples, unit, 0.0)
    }

    /// The same with a share `φ` of each sample taken from the next, `(y_t - φ y_{t-1}) / (1 - φ)` of signal, shape and
    /// background alike: the relation stays what it is, and its errors are less autocorrelated. The first sample counts
    /// as it is.
    ///
    /// Source: D. Cochrane and G. Orcutt, *J. Am. Stat. Assoc.* 44 (1949).
    pub(super) fn quasi_differences(shape: Shape, samples: Samples<'_>, unit: f64, share: f64) -> Self {
        let mut column = Self { shape, unit, pairs: Vec::new(), triples: Vec::new() };
        let hinge = matches!(shape, Shape::Hinge { .. });
        let (mut current, mut before) = (None, None);
        for ((load, signal), day) in samples.load.iter().zip(samples.signal).zip(samples.day) {
            if current != Some(day) {
                current = Some(day);
                if hinge { column.triples.push(Sums::default()) } else { column.pairs.push(Pair::default()) }
            }
            let now = [shape.of(*load, unit), shape.above(*load), *signal];
            let earlier = before.replace(now).unwrap_or(now);
            let [first, above, signal] =
                std::array::from_fn(|cell| (now[cell] - share * earlier[cell]) / (1.0 - share));
            if let Some(triple) = column.triples.last_mut() {
                triple.add([1.0, first, above], signal);
            }
            if let Some(pair) = column.pairs.last_mut() {
                pair.add(first, signal);
            }
        }
        column
    }

    pub(super) fn count(&self) -> usize {
        self.pairs.len().max(self.triples.len())
    }

    /// Through some days, each as often as it is named.
    pub(super) fn fit(&self, days: impl Iterator<Item = usize>) -> Option<Fitted> {
        let least = |all: f64| (ROUNDING * all).max(f64::MIN_POSITIVE);
        let relation = |background, amount, more| Relation {
            shape: self.shape,
            background,
            amount,
            more,
            own: 0.0,
            unit: self.unit,
        };
        if self.triples.is_empty() {
            let mut total = Pair::default();
            days.filter_map(|day| self.pairs.get(day)).for_each(|pair| total.merge(pair));
            let [background, amount, squares] = total.line()?;
            let squares = squares.max(least(total.signal_square));
            return Some(Fitted { relation: relation(background, amount, 0.0), squares });
        }
        let mut total = Sums::<3>::default();
        days.filter_map(|day| self.triples.get(day)).for_each(|sums| total.merge(sums));
        let ([background, amount, more], squares) = total.line()?;
        let squares = squares.max(least(total.square()));
        Some(Fitted { relation: relation(background, amount, more), squares })
    }
}

/// What lies above a relation.
pub(super) fn residuals(samples: Samples<'_>, relation: &Relation) -> Vec<f64> {
    let above = |(load, signal): (&f64, &f64)| signal - relation.signal(*load, 0.0);
    samples.load.iter().zip(samples.signal).map(above).collect()
}

/// The mean of some values for each day.
pub(super) fn daily_means(values: &[f64], day: &[i32]) -> Vec<f64> {
    let mut rest = values;
    let mean = |group: &[i32]| {
        let (these, others) = rest.split_at(group.len());
        rest = others;
        these.iter().sum::<f64>() / these.len() as f64
    };
    day.chunk_by(|a, b| a == b).map(mean).collect()
}
