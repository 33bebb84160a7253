//! The metrics that queries name, taken from their syntax.

use std::{collections::BTreeSet, sync::Once};

use promql_parser::{
    label::{METRIC_NAME, MatchOp},
    parser::{self, Expr, Function, VectorSelector, value::ValueType},
    util::{ExprVisitor, walk_expr},
};

/// Functions of MetricsQL that take a range and are no part of PromQL.
const METRICSQL: [&str; 24] = [
    "ascent_over_time",
    "decreases_over_time",
    "default_rollup",
    "delta_prometheus",
    "descent_over_time",
    "distinct_over_time",
    "first_over_time",
    "geomean_over_time",
    "increase_prometheus",
    "increase_pure",
    "increases_over_time",
    "integrate",
    "lag",
    "lifetime",
    "median_over_time",
    "mode_over_time",
    "range_over_time",
    "rate_over_sum",
    "rate_prometheus",
    "scrape_interval",
    "sum2_over_time",
    "tfirst_over_time",
    "tlast_over_time",
    "zscore_over_time",
];

/// Teaches the parser the functions of MetricsQL, too.
pub(crate) fn accept_metricsql() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for name in METRICSQL {
            let function = Function::new(name, vec![ValueType::Matrix], 0, ValueType::Vector, true);
            // One that the parser knows already needs no help.
            let _ = parser::register_extra_functions(vec![function]);
        }
    });
}

/// Whether a function is one of MetricsQL that Prometheus does not have.
pub(crate) fn is_metricsql(function: &str) -> bool {
    METRICSQL.contains(&function)
}

/// The metrics that a query selects by their whole names. `$rate` may be used in it for a range, `$metric` for a metric
/// and `$fact(…)` for a number.
///
/// # Errors
/// With the parser's message, when it is no PromQL.
pub(super) fn metrics_of(query: &str) -> Result<BTreeSet<String>, String> {
    accept_metricsql();
    let tree = parser::parse(&parseable(query))?;
    let mut names = Names(BTreeSet::new());
    walk_expr(&mut names, &tree)?;
    Ok(names.0)
}

/// The query with something in place of what is filled in later.
fn parseable(query: &str) -> String {
    let mut text = query.replace("$rate", "5m").replace("$metric", "metric");
    while let Some(begin) = text.find("$fact(") {
        let end = text[begin..].find(')').map_or(text.len(), |length| begin + length + 1);
        text.replace_range(begin..end, "1");
    }
    text
}

struct Names(BTreeSet<String>);

impl ExprVisitor for Names {
    type Error = String;

    fn pre_visit(&mut self, expression: &Expr) -> Result<bool, String> {
        match expression {
            Expr::VectorSelector(selector) => self.0.extend(metric_name(selector)),
            Expr::MatrixSelector(matrix) => self.0.extend(metric_name(&matrix.vs)),
            _ => {}
        }
        Ok(true)
    }
}

fn metric_name(selector: &VectorSelector) -> Option<String> {
    let matched = || {
        let mut matchers = selector.matchers.matchers.iter();
        matchers.find(|matcher| matcher.name == METRIC_NAME && matcher.op == MatchOp::Equal)
    };
    selector.name.clone().or_else(|| Some(matched()?.value.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_found_wherever_they_stand() {
        let found = |query| metrics_of(query).unwrap().into_iter().collect::<Vec<_>>().join(" ");
        assert_eq!(found("sum by (x) (rate(a_total[$rate])) / (b > 0)"), "a_total b");
        assert_eq!(found("{__name__=\"c\"} - max_over_time(d[5m])"), "c d");
        assert_eq!(found("vector($fact(seats)) * 2"), "");
        assert!(metrics_of("sum(").is_err());
    }
}
