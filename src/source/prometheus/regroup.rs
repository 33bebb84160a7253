//! A query about one service, made into one about all services of a fleet: grouped by the labels that name a service.
//!
//! A service is selected by matchers that hold [`EACH`] in the place of its labels' values, so that the query is the same
//! text for every service. They are taken away, and the labels are kept through every aggregation and every match of
//! two sides, so that each series of the answer says whose it is. What that changes the meaning of is not regrouped.

use promql_parser::{
    label::{Labels, MatchOp},
    parser::{AggregateExpr, BinaryExpr, Call, Expr, LabelModifier, VectorSelector},
};

use super::promql::Query;
use crate::signal::is_metricsql;

/// Stands for the value of a label that names a service.
pub(super) const EACH: &str = "each-service-of-the-fleet";

/// What becomes of a query.
#[derive(Debug, Clone)]
pub(super) enum Regrouped {
    /// It is the same for all services: none of them is selected.
    Common,
    /// Series for all services, each with the labels of its own.
    ByService(Query),
    /// It cannot be asked for all services at once, and why.
    Impossible(String),
}

/// Makes one query of those for each service. `by` are the labels that name a service.
pub(super) fn regrouped(text: &str, by: &[String]) -> Regrouped {
    if !text.contains(EACH) {
        return Regrouped::Common;
    }
    let mut query = match Query::parse(text) {
        Ok(query) => query,
        Err(error) => return Regrouped::Impossible(error),
    };
    match (Regrouping { by }).expression(&mut query.tree) {
        Ok(true) => {
            query.changed = true;
            Regrouped::ByService(query)
        }
        Ok(false) => Regrouped::Common,
        Err(why) => Regrouped::Impossible(why),
    }
}

struct Regrouping<'a> {
    by: &'a [String],
}

/// Whether an expression has the labels of services, or why it cannot be regrouped.
type Outcome = Result<bool, String>;

impl Regrouping<'_> {
    fn expression(&self, expression: &mut Expr) -> Outcome {
        match expression {
            Expr::Aggregate(aggregate) => self.aggregate(aggregate),
            Expr::Unary(unary) => self.expression(&mut unary.expr),
            Expr::Binary(binary) => self.binary(binary),
            Expr::Paren(paren) => self.expression(&mut paren.expr),
            Expr::Subquery(subquery) => self.expression(&mut subquery.expr),
            Expr::Call(call) => self.call(call),
            Expr::VectorSelector(selector) => self.selector(selector),
            Expr::MatrixSelector(matrix) => self.selector(&mut matrix.vs),
            Expr::NumberLiteral(_) | Expr::StringLiteral(_) => Ok(false),
            Expr::Extension(_) => Err("it is not PromQL".to_owned()),
        }
    }

    fn selector(&self, selector: &mut VectorSelector) -> Outcome {
        let is_each = |name: &str, value: &str, op: &MatchOp| {
            *op == MatchOp::Equal && value == EACH && self.by.iter().any(|label| label == name)
        };
        let all = &mut selector.matchers;
        let groups = if all.or_matchers.is_empty() {
            vec![&mut all.matchers]
        } else {
            all.or_matchers.iter_mut().collect()
        };
        let mut complete = true;
        for group in groups {
            let before = group.len();
            group.retain(|matcher| !is_each(&matcher.name, &matcher.value, &matcher.op));
            complete &= before - group.len() == self.by.len();
        }
        if complete { Ok(true) } else { Err("a part of it is of all services".to_owned()) }
    }

    fn aggregate(&self, aggregate: &mut AggregateExpr) -> Outcome {
        if let Some(parameter) = &mut aggregate.param {
            if self.expression(parameter)? {
                return Err("the parameter of an aggregation differs between services".to_owned());
            }
            self.keeps_labels(parameter)?;
        }
        if !self.expression(&mut aggregate.expr)? {
            return Ok(false);
        }
        match &mut aggregate.modifier {
            Some(LabelModifier::Include(labels)) => *labels = self.extended(labels),
            Some(LabelModifier::Exclude(labels)) => labels.labels.retain(|label| !self.by.contains(label)),
            none => *none = Some(LabelModifier::Include(self.extended(&Labels::new(Vec::new())))),
        }
        Ok(true)
    }

    fn binary(&self, binary: &mut BinaryExpr) -> Outcome {
        let (left, right) = (self.expression(&mut binary.lhs)?, self.expression(&mut binary.rhs)?);
        if !left || !right {
            let common = if left { &binary.rhs } else { &binary.lhs };
            if (left || right) && !is_scalar(common) {
                return Err("it is combined with series that no service has".to_owned());
            }
            return Ok(left || right);
        }
        match binary.modifier.as_mut().and_then(|modifier| modifier.matching.as_mut()) {
            Some(LabelModifier::Include(labels)) => *labels = self.extended(labels),
            Some(LabelModifier::Exclude(labels)) => labels.labels.retain(|label| !self.by.contains(label)),
            None => {}
        }
        Ok(true)
    }

    fn call(&self, call: &mut Call) -> Outcome {
        let name = call.func.name;
        let mut any = false;
        for argument in &mut call.args.args {
            any |= self.expression(argument)?;
        }
        if !any {
            return Ok(false);
        }
        let is_per_series = SAFE.contains(&name) || name.ends_with("_over_time") || is_metricsql(name);
        match name {
            "absent_over_time" => {
                return Err(format!("{name} over all services does not give a result per service"));
            }
            "label_replace" | "label_join" => {
                if let Some(target) = call.args.args.get(1) {
                    self.keeps_labels(target)?;
                }
            }
            _ if is_per_series => {}
            _ => return Err(format!("{name} over all services does not give a result per service")),
        }
        Ok(true)
    }

    /// A text that names a label to be written must not name one of a service.
    fn keeps_labels(&self, target: &Expr) -> Result<(), String> {
        match target {
            Expr::StringLiteral(label) if self.by.contains(&label.val) => {
                Err(format!("it changes the label {}, which names services", label.val))
            }
            _ => Ok(()),
        }
    }

    fn extended(&self, labels: &Labels) -> Labels {
        let missing = self.by.iter().filter(|label| !labels.labels.contains(label));
        Labels { labels: labels.labels.iter().chain(missing).cloned().collect() }
    }
}

/// Whether an expression is a number and not series. Functions that give numbers are few.
fn is_scalar(expression: &Expr) -> bool {
    match expression {
        Expr::NumberLiteral(_) => true,
        Expr::Paren(paren) => is_scalar(&paren.expr),
        Expr::Unary(unary) => is_scalar(&unary.expr),
        Expr::Binary(binary) => is_scalar(&binary.lhs) && is_scalar(&binary.rhs),
        Expr::Call(call) => matches!(call.func.name, "scalar" | "time" | "pi"),
        _ => false,
    }
}

/// Functions of PromQL that make one series of one series, or of the buckets of one.
const SAFE: [&str; 48] = [
    "abs",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atanh",
    "ceil",
    "changes",
    "clamp",
    "clamp_max",
    "clamp_min",
    "cos",
    "cosh",
    "day_of_month",
    "day_of_week",
    "day_of_year",
    "days_in_month",
    "deg",
    "delta",
    "deriv",
    "double_exponential_smoothing",
    "exp",
    "floor",
    "histogram_avg",
    "histogram_count",
    "histogram_fraction",
    "histogram_quantile",
    "histogram_sum",
    "holt_winters",
    "hour",
    "idelta",
    "increase",
    "irate",
    "ln",
    "log10",
    "log2",
    "minute",
    "month",
    "predict_linear",
    "rad",
    "rate",
    "resets",
    "round",
    "sgn",
    "sqrt",
    "timestamp",
    "year",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::{LabelMatcher, MatchKind, catalog};

    const BY: [&str; 2] = ["namespace", "service"];

    /// The query as that of one service is sent, and what becomes of it.
    fn of_fleet(text: &str) -> Result<String, String> {
        let by = BY.map(str::to_owned);
        let mut query = Query::parse(text)?;
        query.narrow(&by.clone().map(|label| LabelMatcher {
            label,
            kind: MatchKind::Equal,
            value: EACH.to_owned(),
        }))?;
        match regrouped(&query.text(), &by) {
            Regrouped::Common => Ok("common".to_owned()),
            Regrouped::ByService(query) => Ok(query.text()),
            Regrouped::Impossible(why) => Err(why),
        }
    }

    #[test]
    fn labels_of_services_are_kept_and_their_matchers_are_gone() {
        for (text, expected) in [
            ("a", "a"),
            ("sum(rate(a[5m]))", "sum by (namespace, service) (rate(a[5m]))"),
            ("max by (instance) (a{x=\"1\"})", "max by (instance, namespace, service) (a{x=\"1\"})"),
            ("sum without (pod, service) (a)", "sum without (pod) (a)"),
            ("sum(a) / 2 * (1 + 3)", "sum by (namespace, service) (a) / 2 * (1 + 3)"),
            ("a and on () b", "a and on (namespace, service) b"),
            ("a / on (pod) group_left (x) b", "a / on (pod, namespace, service) group_left (x) b"),
            ("a * ignoring (x, namespace) b", "a * ignoring (x) b"),
            (
                "histogram_quantile(0.9, sum by (le) (rate(a[5m])))",
                "histogram_quantile(0.9, sum by (le, namespace, service) (rate(a[5m])))",
            ),
            ("avg_over_time((sum(a))[1h:5m])", "avg_over_time((sum by (namespace, service) (a))[1h:5m])"),
            ("topk(3, a)", "topk by (namespace, service) (3, a)"),
            ("vector(5)", "common"),
        ] {
            assert_eq!(of_fleet(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_would_change_its_meaning_is_refused() {
        for text in [
            "sum(a) / scalar(b)",
            "absent(a)",
            "sum(a) or vector(0)",
            "vector(1) * a",
            "label_replace(a, \"service\", \"$1\", \"pod\", \"(.*)\")",
            "count_values(\"namespace\", a)",
            "topk(scalar(b), a)",
        ] {
            assert!(of_fleet(text).is_err(), "{text}: {:?}", of_fleet(text));
        }
        let half = format!("a{{namespace=\"{EACH}\",service=\"{EACH}\"}} / b{{namespace=\"{EACH}\"}}");
        assert!(matches!(regrouped(&half, &BY.map(str::to_owned)), Regrouped::Impossible(_)));
    }

    #[test]
    fn every_query_of_the_catalogue_can_be_regrouped() {
        let built_in = catalog().signals().filter(|signal| signal.is_built_in());
        for candidate in built_in.flat_map(|signal| &signal.prometheus) {
            for text in [Some(&candidate.query), candidate.limit.as_ref()].into_iter().flatten() {
                let text = text.replace("$rate", "240s").replace("$metric", "shop_http_requests_total");
                let text = text.replace("$fact(vector_dimensions)", "1536");
                let regrouped = of_fleet(&text).unwrap_or_else(|why| panic!("{text}: {why}"));
                assert!(Query::parse(&regrouped).is_ok() && !regrouped.contains(EACH), "{regrouped}");
            }
        }
    }
}
