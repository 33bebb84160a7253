//! The instants at which values are asked for, and one answer made of the several in which long windows come.

use std::collections::{BTreeMap, BTreeSet};

use super::decode::{Answer, RawSeries, Samples, is_remark};
use crate::snapshot::Window;

/// Seconds of an hour and of a day.
pub(super) const HOUR: i64 = 3600;
pub(super) const DAY: i64 = 24 * HOUR;

/// Hours in one question: the server holds every sample of the means of so many hours at once.
pub(super) const HOURS_AT_ONCE: i64 = 60 * 24;

/// What every Prometheus answers at most, per series.
const MOST_POINTS: i64 = 11_000;

/// Instants in Unix seconds from `from` to `to`, `step` apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grid {
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) step: i64,
}

impl Grid {
    /// The grid of a window, counted back from its end: the newest value is that of now, not that of the last whole
    /// step, because a system may have changed since.
    pub(super) fn of(window: Window) -> Self {
        Self::ending(window.from.timestamp(), window.to.timestamp(), i64::from(window.step_seconds).max(1))
    }

    fn ending(from: i64, to: i64, step: i64) -> Self {
        Self { from: to - (to - from).max(0) / step * step, to, step }
    }

    /// The grid whose ends are moved back to multiples of the step, so that later runs ask for the same instants.
    pub(super) fn new(from: i64, to: i64, step: i64) -> Self {
        let from = from - from.rem_euclid(step);
        Self { from, to: (to - to.rem_euclid(step)).max(from), step }
    }

    /// How many instants there are.
    pub(super) fn points(self) -> usize {
        usize::try_from((self.to - self.from) / self.step + 1).unwrap_or_default()
    }

    /// The grid in parts that a server answers.
    pub(super) fn pieces(self) -> impl Iterator<Item = Self> {
        self.pieces_of(MOST_POINTS)
    }

    /// The grid in parts of at most so many instants.
    pub(super) fn pieces_of(self, points: i64) -> impl Iterator<Item = Self> {
        let length = points * self.step;
        (0..)
            .map(move |index| self.from + index * length)
            .take_while(move |from| *from <= self.to)
            .map(move |from| Self { from, to: (from + length - self.step).min(self.to), step: self.step })
    }

    /// How old the newest sample may be, in seconds: five steps, or the five minutes for which Prometheus
    /// itself repeats a sample.
    pub(super) fn tolerance(self) -> i64 {
        (5 * self.step).max(300)
    }

    /// The last interval, in which whatever is alive has a sample.
    pub(super) fn recent(self) -> Self {
        Self::ending(self.to - self.tolerance(), self.to, self.step)
    }
}

/// All pieces of a window together.
#[derive(Debug, Default, PartialEq)]
pub(super) struct RangeResult {
    /// The series, in the order of their labels.
    pub(super) series: Vec<RawSeries>,
    /// What the server warned of.
    pub(super) warnings: BTreeSet<String>,
    /// What the server remarked.
    pub(super) infos: BTreeSet<String>,
}

/// Joins answers that follow each other in time, and tells remarks from warnings.
pub(super) fn stitch(answers: Vec<Answer>) -> RangeResult {
    let Answer { series, warnings, infos, partial, .. } = joined(answers);
    let (remarks, warnings): (Vec<_>, Vec<_>) = warnings.into_iter().partition(|warning| is_remark(warning));
    let missing = partial.then(|| "the answer is partial: some storage nodes did not respond".to_owned());
    RangeResult {
        series,
        warnings: warnings.into_iter().chain(missing).collect(),
        infos: infos.into_iter().chain(remarks).collect(),
    }
}

/// One answer of several that follow each other in time, its series in the order of their labels.
pub(super) fn joined(answers: Vec<Answer>) -> Answer {
    let mut whole = Answer::default();
    let mut by_labels: BTreeMap<Vec<(String, String)>, RawSeries> = BTreeMap::new();
    for answer in answers {
        whole.warnings.extend(answer.warnings);
        whole.infos.extend(answer.infos);
        whole.partial |= answer.partial;
        for mut series in answer.series {
            series.labels.sort();
            match by_labels.get_mut(&series.labels) {
                Some(earlier) => append(earlier, series),
                None => _ = by_labels.insert(series.labels.clone(), series),
            }
        }
    }
    whole.series = by_labels.into_values().collect();
    whole
}

fn append(earlier: &mut RawSeries, later: RawSeries) {
    let Samples { at_ms, values, nan, infinite } = later.samples;
    // Answers for jobs with ranges of their own may hold the same instants.
    let end = earlier.samples.at_ms.last().copied().unwrap_or(i64::MIN);
    let behind = at_ms.partition_point(|at| *at <= end);
    earlier.samples.at_ms.extend(at_ms.into_iter().skip(behind));
    earlier.samples.values.extend(values.into_iter().skip(behind));
    earlier.samples.nan += nan;
    earlier.samples.infinite += infinite;
    earlier.histograms |= later.histograms;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_lie_on_the_step() {
        let grid = Grid::new(1_000_007, 1_000_125, 60);
        assert_eq!((grid.from, grid.to, grid.points()), (999_960, 1_000_080, 3));
        assert_eq!(Grid::new(119, 61, 60).points(), 1);
    }

    #[test]
    fn a_window_ends_with_a_value_of_its_end() {
        let at = |seconds| chrono::DateTime::from_timestamp(seconds, 0).unwrap();
        let grid = Grid::of(Window { from: at(1_000_007), to: at(1_000_131), step_seconds: 60 });
        assert_eq!((grid.from, grid.to, grid.points()), (1_000_011, 1_000_131, 3));
        assert_eq!((grid.recent().to, grid.recent().from), (1_000_131, 1_000_131 - 300));
    }

    #[test]
    fn pieces_cover_every_instant_once() {
        for points in [1, 10_999, 11_000, 11_001, 22_000, 22_001] {
            let grid = Grid::new(0, (points - 1) * 15, 15);
            let pieces: Vec<Grid> = grid.pieces().collect();
            assert!(pieces.iter().all(|piece| piece.points() <= 11_000));
            assert_eq!(pieces.iter().map(|piece| piece.points()).sum::<usize>(), grid.points());
            assert!(pieces.windows(2).all(|pair| pair[0].to + 15 == pair[1].from));
            assert_eq!(pieces.last().unwrap().to, grid.to);
        }
    }
}
