//! Hourly means: of a query, asked for with as few evaluations as say the same, and those that `record` sent by remote
//! write, read back.

use std::collections::{BTreeMap, btree_map::Entry};

use promql_parser::parser::Expr;

use super::{
    client::Client,
    decode::RawSeries,
    grid::{Grid, HOUR, stitch},
    instances::label,
    plan::Range,
    promql::Query,
};
use crate::{
    signal::{Series, SignalId},
    snapshot::{Observation, Origin, ROLLUP_METRIC, Unavailable},
};

/// Hours in one question.
const HOURS_AT_ONCE: i64 = 60 * 24;

/// The means of the whole hours between two instants (Unix seconds), each at the time at which its hour begins: one
/// observation for each signal and instance. Where several sources report the same thing, each hour is taken from the
/// one that reported last, or else from the next that has it.
///
/// # Errors
/// When the server does not answer, or not as such a server does.
pub(super) async fn kept(client: &Client, from: i64, to: i64) -> Result<Vec<Observation>, Unavailable> {
    // No sample is older than its instant: a server that looks further back would fill hours that were never read.
    let query = format!("last_over_time({ROLLUP_METRIC}{{statistic=\"mean\"}}[1m])");
    let mut answers = Vec::new();
    let first = from + (HOUR - from.rem_euclid(HOUR)) % HOUR;
    if first + HOUR <= to {
        // Hours are stored at their ends.
        for piece in Grid::new(first + HOUR, to, HOUR).pieces_of(HOURS_AT_ONCE) {
            answers.push(client.range(&query, piece).await?);
        }
    }
    Ok(joined(&stitch(answers).series, &query))
}

fn joined(all: &[RawSeries], query: &str) -> Vec<Observation> {
    let mut groups: BTreeMap<(SignalId, Option<&str>), Vec<&RawSeries>> = BTreeMap::new();
    for series in all {
        let Some(signal) = label(series, "signal").and_then(SignalId::find) else { continue };
        groups.entry((signal, label(series, "instance"))).or_default().push(series);
    }
    let observation = |((signal, instance), mut group): ((SignalId, Option<&str>), Vec<&RawSeries>)| {
        group.sort_by_key(|series| std::cmp::Reverse(series.samples.at_ms.last()));
        let mut hours = BTreeMap::new();
        for series in &group {
            for (at_ms, value) in series.samples.at_ms.iter().zip(&series.samples.values) {
                if let Entry::Vacant(hour) = hours.entry(at_ms - HOUR * 1000) {
                    hour.insert(*value);
                }
            }
        }
        let at_ms = hours.keys().copied().collect();
        let source = group.first().and_then(|series| label(series, "source")).unwrap_or(super::NAME);
        Some(Observation {
            instance: instance.map(str::to_owned),
            ..Observation::new(
                signal,
                Series::new(HOUR * 1000, at_ms, hours.into_values().collect()).ok()?,
                Origin { source: source.to_owned(), query: query.to_owned() },
            )
        })
    };
    groups.into_iter().filter_map(observation).collect()
}

/// The distance between the samples of a gauge that a mean is made of, in seconds.
const OF_GAUGES: i64 = 300;

/// The mean over the hour before each instant of a query with these ranges.
///
/// Rates alone are evaluated once for each of their ranges, which then lie side by side and cover the hour.
/// `rate(c[1h])` would read the same samples, but takes the time in which a series was not there for time without
/// increase: a machine that started within the hour would look busy by `1 - rate(idle[1h])`.
pub(super) fn mean_of_hour(query: &str, range: &Range) -> String {
    let step = range.seconds - range.scrape;
    let covers = step > OF_GAUGES && step <= HOUR && HOUR % step == 0;
    let is_of_rates =
        || Query::parse(query).is_ok_and(|query| consists_of_ranges(query.tree(), range.seconds));
    match step {
        HOUR if is_of_rates() => query.to_owned(),
        step if covers && is_of_rates() => sampled(query, step),
        _ => sampled(query, OF_GAUGES),
    }
}

/// The mean of samples so many seconds apart. Servers differ in whether a subquery includes its beginning, so that it
/// begins a minute later.
fn sampled(query: &str, step: i64) -> String {
    format!("avg_over_time(({query})[{}s:{step}s])", HOUR - 60)
}

/// Whether whatever is selected is selected over this range, and at the instant itself. How many series there are may be
/// counted anywhere.
fn consists_of_ranges(expression: &Expr, range: i64) -> bool {
    let all = |expression: &Expr| consists_of_ranges(expression, range);
    match expression {
        Expr::Aggregate(aggregate) if aggregate.op.to_string() == "count" => {
            all(&aggregate.expr) || matches!(aggregate.expr.as_ref(), Expr::VectorSelector(_))
        }
        Expr::Aggregate(aggregate) => {
            all(&aggregate.expr) && aggregate.param.as_ref().is_none_or(|parameter| all(parameter))
        }
        Expr::Unary(unary) => all(&unary.expr),
        Expr::Binary(binary) => all(&binary.lhs) && all(&binary.rhs),
        Expr::Paren(paren) => all(&paren.expr),
        Expr::Call(call) => call.args.args.iter().all(|argument| all(argument)),
        Expr::MatrixSelector(matrix) => {
            i64::try_from(matrix.range.as_secs()).is_ok_and(|seconds| seconds == range)
                && matrix.vs.offset.is_none()
                && matrix.vs.at.is_none()
        }
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) => true,
        Expr::Subquery(_) | Expr::VectorSelector(_) | Expr::Extension(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(query: &str, seconds: i64) -> String {
        mean_of_hour(query, &Range { seconds, scrape: 60, jobs: None })
    }

    #[test]
    fn rates_are_evaluated_once_for_each_range_that_fits_into_the_hour() {
        let busy = "1 - avg by (instance) (rate(idle{mode=\"idle\"}[1260s]))";
        assert_eq!(mean(busy, 1260), format!("avg_over_time(({busy})[3540s:1200s])"));
        let cores = "sum by (i) (rate(c[1260s])) * count by (i) (c)";
        assert_eq!(mean(cores, 1260), format!("avg_over_time(({cores})[3540s:1200s])"));
        let slow = "histogram_quantile(0.95, sum by (le) (rate(b[1860s])))";
        assert_eq!(mean(slow, 1860), format!("avg_over_time(({slow})[3540s:1800s])"));
        assert_eq!(mean("rate(c[3660s])", 3660), "rate(c[3660s])");
    }

    #[test]
    fn whatever_else_is_sampled_every_five_minutes() {
        let sampled = |query: &str, range| {
            assert_eq!(mean(query, range), format!("avg_over_time(({query})[3540s:300s])"));
        };
        sampled("max by (pod) (used)", 1260);
        sampled("rate(c[1260s]) / limit", 1260);
        sampled("rate(c[1260s] offset 5m)", 1260);
        sampled("rate(c[600s])", 1260);
        sampled("rate(c[2460s])", 2460);
        sampled("rate(c[7260s])", 7260);
        sampled("max_over_time(rate(c[1260s])[1h:5m])", 1260);
        sampled("WITH (x = rate(c[1260s])) x", 1260);
    }
}
