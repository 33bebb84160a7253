//! PromQL put together from queries that were sent.

use std::collections::BTreeSet;

use promql_parser::parser::{
    self, AggregateExpr, BinaryExpr, Expr, LabelModifier,
    token::{T_DIV, T_LAND, T_LOR, T_LUNLESS},
};

use crate::signal::{Direction, Reduce, accept_metricsql, is_metricsql};

/// A query that was sent: a usage and, for a share of something counted, what it may reach.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sent {
    usage: Expr,
    limit: Option<Expr>,
}

/// Why a query cannot be repeated by a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotRepeatable {
    /// It is no PromQL.
    Syntax,
    /// It calls a function that Prometheus does not have.
    MetricsQl,
}

impl Sent {
    /// Reads a query. One that has a limit is the usage divided by the limit.
    ///
    /// # Errors
    /// When Prometheus would not understand it.
    pub(super) fn parse(query: &str, has_limit: bool) -> Result<Self, NotRepeatable> {
        accept_metricsql();
        let tree = parser::parse(query).map_err(|_| NotRepeatable::Syntax)?;
        if calls_metricsql(&tree) {
            return Err(NotRepeatable::MetricsQl);
        }
        Ok(match tree {
            Expr::Binary(BinaryExpr { op, lhs, rhs, modifier: None }) if has_limit && op.id() == T_DIV => {
                Self { usage: bare(*lhs), limit: Some(bare(*rhs)) }
            }
            tree => Self { usage: tree, limit: None },
        })
    }

    /// The usage in its own unit; the share where it is read as a share.
    pub(super) fn usage(&self) -> String {
        self.usage.to_string()
    }

    /// What the usage may reach, where that is a query of its own.
    pub(super) fn limit(&self) -> Option<String> {
        self.limit.as_ref().filter(|limit| number(limit).is_none()).map(ToString::to_string)
    }

    /// The labels of the usage, as far as the query says which these are.
    pub(super) fn labels(&self) -> Option<BTreeSet<String>> {
        labels(&self.usage)
    }

    /// The value in the signal's unit: the usage, or its share of the limit.
    pub(super) fn value(&self) -> String {
        let Some(limit) = &self.limit else { return self.usage.to_string() };
        let usage = operand(&self.usage);
        if let Some(number) = number(limit) {
            return format!("{usage} / {number}");
        }
        let (own, wider) = match (labels(&self.usage), labels(limit)) {
            (Some(own), Some(wider)) if own != wider => (own, wider),
            // Labels that no aggregation names are those of one exporter on both sides.
            _ => return format!("{usage} / {}", operand(limit)),
        };
        let common: Vec<String> = own.intersection(&wider).cloned().collect();
        let common = common.join(", ");
        let limit =
            if wider.is_subset(&own) { operand(limit) } else { format!("max by ({common}) ({limit})") };
        format!("{usage} / on ({common}) group_left () {limit}")
    }
}

/// Several series brought together as the catalogue says.
pub(super) fn reduced(expression: &str, reduce: Reduce) -> String {
    let operator = match reduce {
        Reduce::Sum => "sum",
        Reduce::Max => "max",
        Reduce::Min => "min",
    };
    format!("{operator}({expression})")
}

/// Keeps the series of an expression that are beyond a threshold.
pub(super) fn beyond(expression: &str, direction: Direction, inclusive: bool, threshold: f64) -> String {
    let operator = match (direction, inclusive) {
        (Direction::HigherIsWorse, true) => ">=",
        (Direction::HigherIsWorse, false) => ">",
        (Direction::LowerIsWorse, true) => "<=",
        (Direction::LowerIsWorse, false) => "<",
    };
    format!("{} {operator} {threshold}", in_parentheses(expression))
}

/// Leaves out the series in which a label has one of some values.
pub(super) fn without(expression: &str, label: &str, values: &[String]) -> String {
    let named = |value: &String| {
        let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('$', "$$");
        format!("label_replace(vector(1), \"{label}\", \"{value}\", \"\", \"\")")
    };
    let named = values.iter().map(named).collect::<Vec<_>>().join(" or ");
    format!("{} unless on ({label}) ({named})", in_parentheses(expression))
}

/// An expression as an operand: in parentheses unless it binds by itself.
pub(super) fn in_parentheses(expression: &str) -> String {
    match parser::parse(expression) {
        Ok(tree) => operand(&tree),
        Err(_) => format!("({expression})"),
    }
}

fn operand(tree: &Expr) -> String {
    match tree {
        Expr::Binary(_) | Expr::Unary(_) | Expr::Subquery(_) => format!("({tree})"),
        _ => tree.to_string(),
    }
}

fn bare(tree: Expr) -> Expr {
    match tree {
        Expr::Paren(paren) => bare(*paren.expr),
        tree => tree,
    }
}

/// A limit that is the same for everything: `vector(97)`.
fn number(tree: &Expr) -> Option<f64> {
    match tree {
        Expr::NumberLiteral(literal) => Some(literal.val),
        Expr::Paren(paren) => number(&paren.expr),
        Expr::Call(call) if call.func.name == "vector" => number(call.args.args.first()?),
        _ => None,
    }
    .filter(|number| number.is_finite())
}

fn calls_metricsql(tree: &Expr) -> bool {
    match tree {
        Expr::Call(call) => {
            is_metricsql(call.func.name) || call.args.args.iter().any(|argument| calls_metricsql(argument))
        }
        Expr::Aggregate(AggregateExpr { expr, param, .. }) => {
            calls_metricsql(expr) || param.as_deref().is_some_and(calls_metricsql)
        }
        Expr::Binary(binary) => calls_metricsql(&binary.lhs) || calls_metricsql(&binary.rhs),
        Expr::Unary(unary) => calls_metricsql(&unary.expr),
        Expr::Paren(paren) => calls_metricsql(&paren.expr),
        Expr::Subquery(subquery) => calls_metricsql(&subquery.expr),
        Expr::NumberLiteral(_)
        | Expr::StringLiteral(_)
        | Expr::VectorSelector(_)
        | Expr::MatrixSelector(_)
        | Expr::Extension(_) => false,
    }
}

/// The labels that the series of an expression have at most; `None` where its syntax does not say.
fn labels(tree: &Expr) -> Option<BTreeSet<String>> {
    match tree {
        Expr::Aggregate(aggregate) => match &aggregate.modifier {
            None => Some(BTreeSet::new()),
            Some(LabelModifier::Include(labels)) => Some(labels.labels.iter().cloned().collect()),
            Some(LabelModifier::Exclude(_)) => None,
        },
        Expr::Paren(paren) => labels(&paren.expr),
        Expr::Unary(unary) => labels(&unary.expr),
        Expr::NumberLiteral(_) => Some(BTreeSet::new()),
        Expr::Binary(binary) => labels_of_binary(binary),
        Expr::Call(call) => labels_of_call(call.func.name, &call.args.args),
        _ => None,
    }
}

fn labels_of_binary(binary: &BinaryExpr) -> Option<BTreeSet<String>> {
    let matching = binary.modifier.as_ref().and_then(|modifier| modifier.matching.as_ref());
    let (left, right) = (|| labels(&binary.lhs), || labels(&binary.rhs));
    match (binary.op.id(), matching) {
        (T_LAND | T_LUNLESS, _) => left(),
        (T_LOR, _) => Some(left()?.union(&right()?).cloned().collect()),
        _ if matches!(*binary.rhs, Expr::NumberLiteral(_)) => left(),
        _ if matches!(*binary.lhs, Expr::NumberLiteral(_)) => right(),
        // What is matched on all labels has the same on both sides.
        (_, None) => left().or_else(right),
        (_, Some(_)) => None,
    }
}

fn labels_of_call(function: &str, arguments: &[Box<Expr>]) -> Option<BTreeSet<String>> {
    let text = |index: usize| match arguments.get(index).map(AsRef::as_ref) {
        Some(Expr::StringLiteral(literal)) => Some(literal.val.clone()),
        _ => None,
    };
    let inner = |index: usize| labels(arguments.get(index)?);
    match function {
        "vector" | "time" | "scalar" => Some(BTreeSet::new()),
        "label_replace" | "label_join" => {
            let mut labels = inner(0)?;
            labels.insert(text(1)?);
            Some(labels)
        }
        "histogram_quantile" => {
            let mut labels = inner(1)?;
            labels.remove("le");
            Some(labels)
        }
        "clamp_min" | "clamp_max" | "clamp" | "abs" | "ceil" | "floor" | "round" => inner(0),
        _ => None,
    }
}

/// Several expressions as one that gives the series of all of them.
pub(super) fn any_of(expressions: &[String]) -> String {
    match expressions {
        [only] => only.clone(),
        several => several.iter().map(|part| in_parentheses(part)).collect::<Vec<_>>().join(" or "),
    }
}

/// A long expression on several lines; a short one as it is.
pub(super) fn pretty(expression: String) -> String {
    const SHORT: usize = 240;
    if expression.len() <= SHORT {
        return expression;
    }
    let Ok(tree) = parser::parse(&expression) else { return expression };
    let lines = tree.prettify();
    let is_same = parser::parse(&lines).is_ok_and(|again| again.to_string() == tree.to_string());
    if is_same { lines } else { expression }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(query: &str) -> String {
        Sent::parse(query, true).unwrap().value()
    }

    #[test]
    fn usage_and_limit_are_matched_on_the_labels_that_both_have() {
        assert_eq!(value("(sum by (i) (a)) / (max by (i) (b))"), "sum by (i) (a) / max by (i) (b)");
        assert_eq!(
            value("(sum by (i, j) (a)) / (max by (i) (b))"),
            "sum by (i, j) (a) / on (i) group_left () max by (i) (b)"
        );
        assert_eq!(value("(sum by (i) (a)) / (sum(b))"), "sum by (i) (a) / on () group_left () sum(b)");
        assert_eq!(
            value("(sum(a)) / (max by (i) (b))"),
            "sum(a) / on () group_left () max by () (max by (i) (b))"
        );
        assert_eq!(value("(sum by (i) (a)) / (vector(97))"), "sum by (i) (a) / 97");
        assert_eq!(value("(used) / (bought)"), "used / bought");
        assert_eq!(value("(a - b) / (c or d)"), "(a - b) / (c or d)");
    }

    #[test]
    fn a_query_without_a_limit_stays_whole() {
        let sent = Sent::parse("rate(a[5m]) / rate(b[5m])", false).unwrap();
        assert_eq!((sent.value(), sent.limit()), ("rate(a[5m]) / rate(b[5m])".to_owned(), None));
        assert_eq!(Sent::parse("sum(", false), Err(NotRepeatable::Syntax));
        assert_eq!(Sent::parse("sum(lag(a[5m]))", false), Err(NotRepeatable::MetricsQl));
    }

    #[test]
    fn labels_follow_from_the_syntax() {
        let labels = |query: &str| {
            let labels = Sent::parse(query, false).unwrap().labels()?;
            Some(labels.into_iter().collect::<Vec<_>>().join(" "))
        };
        assert_eq!(labels("sum(a)"), Some(String::new()));
        assert_eq!(labels("1 - sum by (i) (a) / sum by (i) (b)"), Some("i".to_owned()));
        assert_eq!(labels("sum by (i) (a) or max by (j) (b)"), Some("i j".to_owned()));
        assert_eq!(labels("histogram_quantile(0.9, sum by (i, le) (a))"), Some("i".to_owned()));
        assert_eq!(
            labels("label_join(max by (a, b) (x), \"c\", \"/\", \"a\", \"b\")"),
            Some("a b c".to_owned())
        );
        assert_eq!(labels("max without (a) (x)"), None);
        assert_eq!(labels("x"), None);
    }

    #[test]
    fn thresholds_compare_the_whole_expression() {
        assert_eq!(beyond("a or b", Direction::HigherIsWorse, true, 0.9), "(a or b) >= 0.9");
        assert_eq!(beyond("sum(a)", Direction::LowerIsWorse, false, 5e9), "sum(a) < 5000000000");
        assert_eq!(
            without("a", "i", &["x\"y$1".to_owned()]),
            "a unless on (i) (label_replace(vector(1), \"i\", \"x\\\"y$$1\", \"\", \"\"))"
        );
        assert_eq!(reduced(&any_of(&["a".to_owned(), "b".to_owned()]), Reduce::Sum), "sum(a or b)");
    }

    #[test]
    fn long_expressions_are_written_on_several_lines() {
        let long = format!(
            "sum by (instance) (rate(a_metric_of_a_long_name{{with=\"{}\"}}[5m])) / 3 > 0.9",
            "x".repeat(190)
        );
        let lines = pretty(long.clone());
        assert!(lines.lines().count() > 1, "{lines}");
        assert_eq!(parser::parse(&lines).unwrap().to_string(), parser::parse(&long).unwrap().to_string());
        assert_eq!(pretty("a > 1".to_owned()), "a > 1");
    }
}
