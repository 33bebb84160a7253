//! The instants at which values are asked for.

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
