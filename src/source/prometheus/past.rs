//! Hourly means as far back as the server reaches.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join_all;

use super::{
    client::fails_every_query,
    decode::RawSeries,
    grid::{DAY, Grid, HOUR, RangeResult, stitch},
    instances::{Instance, Rules, instances},
    plan::{QueryPlan, Range},
    reader::Reader,
    rollups::{kept, mean_of_hour},
};
use crate::{
    signal::{Series, Signal},
    snapshot::{Observation, Origin, ROLLUP_METRIC, Unavailable},
};

/// The shortest range of a rate, in seconds: a history is often kept with a sample in five minutes.
pub(super) const RATE: i64 = 1200;
/// Servers that refuse long ranges are asked for fewer days.
const FEWER_DAYS: [i64; 3] = [365, 90, 30];

/// What a server said about the past of one signal.
#[derive(Debug)]
pub(super) struct PastAnswers {
    /// The ends of the hours.
    ends: Grid,
    query: String,
    usage: Vec<RawSeries>,
    /// Where the usage has one.
    limits: Option<Vec<RawSeries>>,
    /// What the server warned of.
    pub(super) warnings: BTreeSet<String>,
}

/// Where the past of a signal begins, in Unix seconds.
#[derive(Debug, Clone, Copy)]
struct Beginning {
    /// The start of the day before the oldest sample; `None` where there is none.
    first: Option<i64>,
    /// From when on the server was asked: later than what is wanted where it refused that.
    asked_from: i64,
}

impl Reader {
    /// Asks for the means of whole hours since `from` (Unix seconds), but not of those before the first sample.
    ///
    /// # Errors
    /// When the server does not answer.
    pub(super) async fn ask_past(
        &self,
        signal: &Signal,
        plan: &QueryPlan,
        from: i64,
    ) -> Result<PastAnswers, Unavailable> {
        let ranges = self.ranges(plan, RATE).await.into_iter().map(Range::with_one_scrape_more);
        let ranges: Vec<Range> = ranges.collect();
        // The mean of an hour is queried at its end.
        let last = Grid::new(self.grid.to, self.grid.to, HOUR);
        let (mut means, mut limits) = (Vec::new(), Vec::new());
        for range in &ranges {
            let usage = self.rewritten(signal, plan, &plan.query, range).await?;
            means.push(mean_of_hour(&usage, range));
            if let Some(limit) = &plan.limit {
                limits.push(self.rewritten(signal, plan, limit, range).await?);
            }
        }
        let queries = [&means[..], &limits[..]].concat();
        let Beginning { first, asked_from } =
            match self.client.share().and_then(|share| share.kept_since(&queries)) {
                Some(end) => Beginning { first: Some((end - DAY).max(from)), asked_from: from },
                None => self.lacking(&queries).beginning(signal, plan, &ranges, from).await?,
            };
        let Some(first) = first else {
            if let Some(share) = self.client.share() {
                share.keep_nothing(&queries, asked_from);
            }
            return Ok(PastAnswers {
                ends: last,
                query: String::new(),
                usage: Vec::new(),
                limits: None,
                warnings: BTreeSet::new(),
            });
        };
        let ends = hours_between(first, self.grid.to);
        let (usage, limits_then) =
            tokio::try_join!(self.hours(&means, ends, asked_from), self.hours(&limits, ends, asked_from))?;
        let limits = plan.limit.as_ref().map(|_| limits_then.series);
        let warnings = usage.warnings.into_iter().chain(limits_then.warnings).collect();
        Ok(PastAnswers { ends, query: means.join(" or "), usage: usage.series, limits, warnings })
    }

    /// Some queries at the ends of hours, before which there is nothing from an instant on.
    async fn hours(
        &self,
        queries: &[String],
        ends: Grid,
        asked_from: i64,
    ) -> Result<RangeResult, Unavailable> {
        let answers = queries.iter().map(|query| self.client.hours(query, ends, asked_from));
        Ok(stitch(try_join_all(answers).await?))
    }

    /// The same reader; one of a fleet asks for those services alone of which no past is kept for some queries.
    fn lacking(&self, queries: &[String]) -> Self {
        match self.client.share() {
            Some(share) => self.asking(self.client.sharing(share.among_lacking(queries))),
            None => self.clone(),
        }
    }

    /// The past of each instance, named as in the present. Each mean has the time at which its hour begins.
    ///
    /// # Errors
    /// When the instances cannot be told apart.
    pub(super) fn history(
        &self,
        signal: &Signal,
        plan: &QueryPlan,
        answers: PastAnswers,
        present: &[Observation],
    ) -> Result<Vec<Observation>, Unavailable> {
        let PastAnswers { ends, query, usage, limits, warnings: _ } = answers;
        if usage.is_empty() {
            return Ok(Vec::new());
        }
        let rules = Rules { signal, scope: &self.settings.scope, grid: ends, is_bound: plan.is_bound };
        let found = instances(rules, usage, limits.as_deref())?;
        let named: BTreeMap<_, _> = present.iter().map(|known| (&known.labels, &known.instance)).collect();
        let observation = |instance: Instance| {
            let Instance { name, labels, values, limit, notes, .. } = instance;
            let origin = Origin { source: super::NAME.to_owned(), query: query.clone() };
            // The name of an instance depends on which others there are; that of the present is meant.
            let instance = named.get(&labels).map_or(name, |known| (*known).clone());
            let history = Observation::new(signal.id(), begun(&values)?, origin);
            Some(Observation { instance, labels, limit, notes, ..history })
        };
        Ok(found.alive.into_iter().filter_map(observation).collect())
    }

    /// The hourly means that were sent here by remote write, where they are needed and there are any.
    ///
    /// # Errors
    /// When the server does not answer.
    pub(super) async fn recorded(&self) -> Result<Vec<Observation>, Unavailable> {
        let Some(past) = &self.past else { return Ok(Vec::new()) };
        if !self.names.as_ref().is_some_and(|names| names.contains(ROLLUP_METRIC)) {
            return Ok(Vec::new());
        }
        let mut recorded = kept(&self.client, past.from.timestamp(), self.grid.to).await?;
        recorded.retain(|observation| past.signals.contains(&observation.signal));
        Ok(recorded)
    }

    /// Where a past begins, as sampling one instant of each day shows.
    async fn beginning(
        &self,
        signal: &Signal,
        plan: &QueryPlan,
        ranges: &[Range],
        from: i64,
    ) -> Result<Beginning, Unavailable> {
        let mut asked_from = from;
        let mut answer = self.days(signal, plan, ranges, from).await;
        for days in FEWER_DAYS.into_iter().filter(|days| self.grid.to - days * DAY > from) {
            match answer {
                Err(failure) if !fails_every_query(&failure) => {
                    asked_from = self.grid.to - days * DAY;
                    answer = self.days(signal, plan, ranges, asked_from).await;
                }
                _ => break,
            }
        }
        let samples = answer?.series;
        let oldest = samples.iter().filter_map(|series| series.samples.at_ms.first()).min();
        Ok(Beginning { first: oldest.map(|oldest| (oldest / 1000 - DAY).max(from)), asked_from })
    }

    async fn days(
        &self,
        signal: &Signal,
        plan: &QueryPlan,
        ranges: &[Range],
        from: i64,
    ) -> Result<RangeResult, Unavailable> {
        // Counted back from the end, so that a history of less than a day shows as well.
        let days = (self.grid.to - from) / DAY;
        let instants = Grid { from: self.grid.to - days * DAY, to: self.grid.to, step: DAY };
        Ok(self.whole(signal, plan, &plan.query, ranges, instants).await?.1)
    }
}

/// The ends of the hours that begin from an instant on, in Unix seconds, and end before another.
pub(super) fn hours_between(from: i64, to: i64) -> Grid {
    Grid::new(from + HOUR, to, HOUR)
}

/// The same means at the hours' beginnings, to six digits: more are meaningless for a mean of twelve samples, and
/// months of them would fill snapshots.
fn begun(means: &Series) -> Option<Series> {
    let at_ms = means.at_ms().iter().map(|at| at - HOUR * 1000).collect();
    let values = means.values().iter().map(|value| six_digits(*value)).collect();
    Series::new(means.step_ms(), at_ms, values).ok()
}

fn six_digits(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_stand_at_the_beginning_of_their_hour_with_six_digits() {
        let hour = HOUR * 1000;
        let ends = Series::new(hour, vec![hour, 2 * hour], vec![2.0 / 3.0, -123_456_789.0]).unwrap();
        let begun = begun(&ends).unwrap();
        assert_eq!((begun.at_ms(), begun.values()), (&[0, hour][..], &[0.666_667, -123_457_000.0][..]));
    }
}
