//! Answers that several services share: the first asks and the others wait for what came, and the past of services that
//! have been there for different times comes in pieces that are the same for all of them.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::OnceCell;

use super::super::{
    decode::{Answer, RawSeries, Samples},
    grid::{Grid, HOUR, HOURS_AT_ONCE},
};
use crate::snapshot::Unavailable;

/// What was asked once and is the same for everybody who asks.
#[derive(Debug)]
pub(super) struct Once<K, V>(Mutex<HashMap<K, Arc<Known<V>>>>);

/// An answer, once it is there.
type Known<V> = OnceCell<Result<V, Unavailable>>;

impl<K, V> Default for Once<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V> Once<K, V> {
    /// What is known for a key, or what asking gives.
    pub(super) async fn get<R>(
        &self,
        key: K,
        ask: impl Future<Output = Result<V, Unavailable>>,
        take: impl FnOnce(&V) -> Result<R, Unavailable>,
    ) -> Result<R, Unavailable> {
        let cell = {
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(key).or_default())
        };
        match cell.get_or_init(|| ask).await {
            Ok(value) => take(value),
            Err(failure) => Err(failure.clone()),
        }
    }
}

/// The length of the pieces, in seconds.
const PIECE: i64 = HOURS_AT_ONCE * HOUR;

/// The pieces of a past that hold all instants of a grid from its first one on. They begin at the same instants whatever
/// is needed.
pub(super) fn common_pieces(past: Grid, first: i64) -> impl Iterator<Item = Grid> {
    let first = first.max(past.from).div_euclid(PIECE);
    (first..=past.to.div_euclid(PIECE)).map(move |piece| Grid {
        from: (piece * PIECE).max(past.from),
        to: ((piece + 1) * PIECE - HOUR).min(past.to),
        step: HOUR,
    })
}

/// The samples of an answer at the instants of a grid.
pub(super) fn within(answer: &Answer, grid: Grid) -> Answer {
    let series = |series: &RawSeries| {
        let Samples { at_ms, values, nan, infinite } = &series.samples;
        let begin = at_ms.partition_point(|at| *at < grid.from * 1000);
        let end = at_ms.partition_point(|at| *at <= grid.to * 1000);
        let cut = Samples {
            at_ms: at_ms[begin..end].to_vec(),
            values: values[begin..end].to_vec(),
            nan: *nan,
            infinite: *infinite,
        };
        RawSeries { labels: series.labels.clone(), samples: cut, histograms: series.histograms }
    };
    let is_there = |series: &RawSeries| !series.samples.at_ms.is_empty();
    let series = answer.series.iter().map(series).filter(is_there).collect();
    let (warnings, infos) = (answer.warnings.clone(), answer.infos.clone());
    Answer { series, warnings, infos, partial: answer.partial, ..Answer::default() }
}

#[cfg(test)]
mod tests {
    use super::{super::super::grid::DAY, *};
    use crate::source::prometheus::grid::joined;

    #[test]
    fn services_with_pasts_of_different_lengths_ask_the_same() {
        let end = 20_000 * DAY + 5 * HOUR;
        let past = |days: i64| Grid { from: end - days * DAY, to: end, step: HOUR };
        let pieces = |days: i64| -> Vec<Grid> { common_pieces(past(100), end - days * DAY).collect() };
        let last = 20_000 * DAY / PIECE * PIECE;
        let newest = Grid { from: last, to: end, step: HOUR };
        assert_eq!(pieces(3), [newest]);
        assert_eq!(pieces(12), [newest]);
        let before = Grid { from: last - PIECE, to: last - HOUR, step: HOUR };
        assert_eq!(pieces(40), [before, newest]);
        // Of what nobody wants, nothing is asked.
        let short = Grid { from: end - 3 * DAY, ..newest };
        assert_eq!(common_pieces(past(3), end - 3 * DAY).collect::<Vec<_>>(), [short]);
        assert_eq!(common_pieces(past(3), end - 50 * DAY).collect::<Vec<_>>(), [short]);
    }

    #[test]
    fn a_past_is_cut_to_what_is_needed() {
        let series = |label: &str, hours: &[i64]| RawSeries {
            labels: vec![("a".to_owned(), label.to_owned())],
            samples: Samples {
                at_ms: hours.iter().map(|hour| hour * HOUR * 1000).collect(),
                values: hours.iter().map(|hour| *hour as f64).collect(),
                ..Samples::default()
            },
            histograms: false,
        };
        let answer = |series: Vec<RawSeries>| Answer { series, ..Answer::default() };
        let needed = Grid { from: 2 * HOUR, to: 5 * HOUR, step: HOUR };
        let earlier = within(&answer(vec![series("x", &[0, 1, 2, 3]), series("y", &[0, 1])]), needed);
        assert_eq!(earlier, answer(vec![series("x", &[2, 3])]));
        let later = within(&answer(vec![series("y", &[4, 5, 6]), series("x", &[4])]), needed);
        let whole = answer(vec![series("x", &[2, 3, 4]), series("y", &[4, 5])]);
        assert_eq!(joined(vec![earlier, later]), whole);
    }
}
