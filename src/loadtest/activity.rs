//! When a test was at work: the spans in which a request was in flight, and the pauses between them.

/// Spans closer than this are one.
const SLACK: f64 = 1.0;
/// A shorter time without requests is no pause.
const SHORTEST_PAUSE: f64 = 10.0;
/// A pause is this many times as long as nine of ten gaps between requests.
const PAUSE_FACTOR: f64 = 5.0;
/// Several similar pauses up to this long are the rhythm of the test.
const LONGEST_RHYTHM: f64 = 300.0;
/// More spans than this are not told apart.
const MAX_SPANS: usize = 1 << 20;
/// A smaller share of the time without requests is not worth a word.
const IDLE_SHARE: f64 = 0.05;

/// Spans of time, in seconds, disjoint and ascending, each with the line it begins in.
#[derive(Debug, Default)]
pub(super) struct Activity {
    spans: Vec<Span>,
    samples: u64,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    start: f64,
    end: f64,
    line: usize,
}

/// A period with nothing in flight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pause {
    /// How long.
    pub seconds: f64,
    /// The line with the next request.
    pub line: usize,
}

impl Activity {
    /// A request was in flight from `start` to `end`.
    pub(super) fn add(&mut self, start: f64, end: f64, line: usize) {
        self.samples += 1;
        let span = Span { start, end: end.max(start), line };
        let Some(last) = self.spans.last_mut() else { return self.spans.push(span) };
        if span.start <= last.end + SLACK && span.end >= last.start - SLACK && span.start >= last.start {
            last.end = last.end.max(span.end);
        } else if span.start > last.end && self.spans.len() < MAX_SPANS {
            self.spans.push(span);
        } else {
            self.insert(span);
        }
    }

    /// Takes a span that begins before the last one.
    fn insert(&mut self, mut span: Span) {
        let first = self.spans.partition_point(|other| other.end + SLACK < span.start);
        let behind = self.spans.partition_point(|other| other.start <= span.end + SLACK);
        for other in &self.spans[first..behind.max(first)] {
            if other.start < span.start {
                (span.start, span.line) = (other.start, other.line);
            }
            span.end = span.end.max(other.end);
        }
        self.spans.splice(first..behind.max(first), [span]);
    }

    /// From the first moment to the last.
    pub(super) fn length(&self) -> Option<f64> {
        let (first, last) = (self.spans.first()?, self.spans.last()?);
        Some(last.end - first.start).filter(|length| *length > 0.0)
    }

    fn gaps(&self) -> impl Iterator<Item = Pause> {
        let pairs = self.spans.windows(2);
        pairs.map(|pair| Pause { seconds: pair[1].start - pair[0].end, line: pair[1].line })
    }

    /// The times in which the test stalled, relative to its own rhythm.
    pub(super) fn pauses(&self) -> Vec<Pause> {
        let mut lengths: Vec<f64> = self.gaps().map(|gap| gap.seconds).collect();
        lengths.sort_by(f64::total_cmp);
        // Requests without a gap before them count as gaps of zero.
        let tenth = usize::try_from(self.samples / 10).unwrap_or(usize::MAX);
        let usual = lengths.len().checked_sub(tenth.saturating_add(1)).map_or(0.0, |index| lengths[index]);
        let shortest = SHORTEST_PAUSE.max(PAUSE_FACTOR * usual);
        let pauses: Vec<Pause> = self.gaps().filter(|gap| gap.seconds >= shortest).collect();
        let ends = (lengths.iter().find(|length| **length >= shortest), lengths.last());
        match ends {
            (Some(low), Some(high)) if pauses.len() >= 4 && *high < LONGEST_RHYTHM && *high < 3.0 * low => {
                Vec::new()
            }
            _ => pauses,
        }
    }

    /// The share of the time without a request in flight, where it is worth a word.
    pub(super) fn idle(&self) -> Option<f64> {
        let idle: f64 = self.gaps().map(|gap| gap.seconds).sum();
        Some(idle / self.length()?).filter(|share| *share >= IDLE_SHARE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn activity(spans: impl IntoIterator<Item = (f64, f64)>) -> Activity {
        let mut activity = Activity::default();
        for (index, (start, end)) in spans.into_iter().enumerate() {
            activity.add(start, end, index + 1);
        }
        activity
    }

    fn steady(from: f64, count: u32, step: f64) -> impl Iterator<Item = (f64, f64)> {
        (0..count).map(move |index| {
            let start = from + f64::from(index) * step;
            (start, start + 0.05)
        })
    }

    #[test]
    fn a_second_run_lies_behind_a_pause() {
        let found = activity(steady(0.0, 100, 0.1).chain(steady(3600.0, 100, 0.1)));
        let pauses = found.pauses();
        assert_eq!((pauses.len(), pauses[0].line), (1, 101));
        assert!((pauses[0].seconds - 3590.05).abs() < 1e-6);
        let turned = activity(steady(3600.0, 100, 0.1).chain(steady(0.0, 100, 0.1)));
        assert_eq!(turned.pauses().len(), 1);
    }

    #[test]
    fn the_rhythm_of_a_test_is_no_pause() {
        assert!(activity(steady(0.0, 100, 15.0)).pauses().is_empty());
        let bursts = (0..6).flat_map(|burst| steady(f64::from(burst) * 60.0, 100, 0.01));
        assert!(activity(bursts).pauses().is_empty());
        let waiting = activity([(0.0, 0.1), (0.2, 60.0), (60.1, 60.2)]);
        assert!(waiting.pauses().is_empty(), "somebody waited all the time");
        assert_eq!(activity(steady(0.0, 100, 15.0)).idle().map(|share| share > 0.9), Some(true));
        assert_eq!(activity(steady(0.0, 100, 0.1)).idle(), None);
    }

    #[test]
    fn spans_in_any_order_are_joined() {
        let found = activity([(10.0, 11.0), (0.0, 1.0), (20.0, 21.0), (0.5, 10.5), (11.0, 20.0)]);
        assert_eq!(found.spans.len(), 1);
        assert_eq!(found.length(), Some(21.0));
    }
}
