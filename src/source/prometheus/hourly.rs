//! The mean of a query over an hour, asked for with as few evaluations as say the same.

use promql_parser::parser::Expr;

use super::{grid::HOUR, plan::Range, promql::Query};

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
