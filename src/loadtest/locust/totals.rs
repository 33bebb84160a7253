//! Totals of a history, row after row: resets, and reports in batches.

/// Totals that grow every few seconds only: the workers of a distributed test report that often.
#[derive(Debug, Clone, Copy)]
pub(super) struct Batches {
    /// How far two reports are apart as a rule.
    pub(super) seconds: u64,
    /// Answers per second between the first report and the last but one, which are whole.
    pub(super) per_second: Option<f64>,
}

/// The totals that were read so far.
#[derive(Debug, Default)]
pub(super) struct Totals {
    /// When, and how many requests there were.
    before: Option<(i64, u64)>,
    /// The shortest and the longest time so far, which only ever drift apart.
    times: Option<(f64, f64)>,
    /// How often the totals began anew.
    pub(super) resets: u64,
    /// Requests of before the resets.
    pub(super) left_out: u64,
    /// When the totals grew since the last reset, and to what.
    growth: Vec<(i64, u64)>,
}

impl Totals {
    /// Why a row cannot follow the one before.
    pub(super) fn disorder(&self, at: i64) -> Option<&'static str> {
        let (before, _) = self.before?;
        if at < before {
            Some("its time is before that of the row above: the file holds several runs")
        } else {
            None
        }
    }

    /// Whether the totals began anew. They may have passed the old ones again by the next row.
    pub(super) fn is_reset(&mut self, total: u64, times: Option<(f64, f64)>) -> bool {
        let narrower =
            |(low, high): (f64, f64)| times.is_some_and(|(least, most)| least > low || most < high);
        let began_anew = self.times.is_some_and(narrower);
        self.times = times.or(self.times);
        match self.before {
            Some((_, before)) if total < before || began_anew => {
                self.resets += 1;
                self.left_out += before;
                self.before = None;
                self.growth.clear();
                true
            }
            _ => false,
        }
    }

    /// The answers since the row before. What the first row counts came before it.
    pub(super) fn answers(&mut self, at: i64, total: u64) -> u64 {
        let before = self.before.replace((at, total)).map_or(0, |(_, total)| total);
        if total > before {
            self.growth.push((at, total));
        }
        total.saturating_sub(before)
    }

    /// How workers report, where they do.
    pub(super) fn batches(&self) -> Option<Batches> {
        let mut gaps: Vec<i64> = self.growth.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
        gaps.sort_unstable();
        let usual = *gaps.get(gaps.len() / 2)?;
        let seconds = u64::try_from(usual).ok().filter(|seconds| *seconds >= 2)?;
        let whole = &self.growth[..self.growth.len() - 1];
        let per_second = whole.first().zip(whole.last()).and_then(|(first, last)| {
            let length = last.0 - first.0;
            (length > 0).then(|| (last.1 - first.1) as f64 / length as f64)
        });
        Some(Batches { seconds, per_second })
    }
}
