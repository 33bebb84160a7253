//! PromQL rewritten through its syntax tree: narrowed down to a scope, without the copies of replicas, and with the
//! labels that tell instances apart.

use std::collections::{BTreeMap, BTreeSet};

use promql_parser::{
    label::{Labels, Matcher},
    parser::{self, AggregateExpr, BinaryExpr, Expr, LabelModifier, VectorSelector},
};

use crate::signal::{LabelMatcher, accept_metricsql};

/// A query as a tree.
#[derive(Debug, Clone)]
pub(super) struct Query {
    text: String,
    pub(super) tree: Expr,
    pub(super) changed: bool,
}

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    /// With the parser's message, when it is no PromQL.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        accept_metricsql();
        Ok(Self { text: text.to_owned(), tree: parser::parse(text)?, changed: false })
    }

    /// The query as text; as it was written where nothing was changed.
    pub(super) fn text(&self) -> String {
        if self.changed { self.tree.to_string() } else { self.text.clone() }
    }

    /// The syntax tree.
    pub(super) fn tree(&self) -> &Expr {
        &self.tree
    }

    /// The names of the metrics that it selects.
    pub(super) fn metrics(&self) -> BTreeSet<String> {
        let mut metrics = BTreeSet::new();
        let mut tree = self.tree.clone();
        for_each_selector(&mut tree, &mut |selector| metrics.extend(metric_name(selector)));
        metrics
    }

    /// Adds matchers to every selector.
    ///
    /// # Errors
    /// With the parser's message, when a matcher is none, such as one with a broken expression.
    pub(super) fn narrow(&mut self, matchers: &[LabelMatcher]) -> Result<(), String> {
        if matchers.is_empty() {
            return Ok(());
        }
        let matchers = matchers.iter().map(parsed_matcher).collect::<Result<Vec<_>, _>>()?;
        for_each_selector(&mut self.tree, &mut |selector| {
            let all = &mut selector.matchers;
            if all.or_matchers.is_empty() {
                all.matchers.extend(matchers.iter().cloned());
            } else {
                all.or_matchers.iter_mut().for_each(|group| group.extend(matchers.iter().cloned()));
            }
        });
        self.changed = true;
        Ok(())
    }

    /// Takes what differs in nothing but these labels for one: `max without (…) (…)` around whatever is selected.
    /// `labels` gives those of a metric.
    pub(super) fn without_replicas(&mut self, labels: &BTreeMap<String, BTreeSet<String>>) {
        if labels.values().any(|labels| !labels.is_empty()) {
            self.changed |= strip_replicas(&mut self.tree, labels);
        }
    }

    /// Leaves out what is added or subtracted and consists only of metrics that do not exist.
    pub(super) fn without_missing(&mut self, is_missing: &dyn Fn(&str) -> bool) {
        self.changed |= drop_missing(&mut self.tree, is_missing);
    }

    /// Keeps further labels through every aggregation and every match of two sides.
    pub(super) fn keep_labels(&mut self, labels: &[String]) {
        if !labels.is_empty() {
            keep(&mut self.tree, labels);
            self.changed = true;
        }
    }
}

/// Calls something for every subexpression, the inner ones first.
fn for_each(expression: &mut Expr, change: &mut dyn FnMut(&mut Expr)) {
    match expression {
        Expr::Aggregate(aggregate) => {
            for_each(&mut aggregate.expr, change);
            if let Some(parameter) = &mut aggregate.param {
                for_each(parameter, change);
            }
        }
        Expr::Unary(unary) => for_each(&mut unary.expr, change),
        Expr::Binary(binary) => {
            for_each(&mut binary.lhs, change);
            for_each(&mut binary.rhs, change);
        }
        Expr::Paren(paren) => for_each(&mut paren.expr, change),
        Expr::Subquery(subquery) => for_each(&mut subquery.expr, change),
        Expr::Call(call) => call.args.args.iter_mut().for_each(|argument| for_each(argument, change)),
        Expr::NumberLiteral(_)
        | Expr::StringLiteral(_)
        | Expr::VectorSelector(_)
        | Expr::MatrixSelector(_)
        | Expr::Extension(_) => {}
    }
    change(expression);
}

fn for_each_selector(expression: &mut Expr, change: &mut dyn FnMut(&mut VectorSelector)) {
    for_each(expression, &mut |expression| match expression {
        Expr::VectorSelector(selector) => change(selector),
        Expr::MatrixSelector(matrix) => change(&mut matrix.vs),
        _ => {}
    });
}

fn metric_name(selector: &VectorSelector) -> Option<String> {
    let named = || selector.matchers.find_matchers("__name__").into_iter().next();
    selector.name.clone().or_else(|| named().map(|matcher| matcher.value))
}

fn parsed_matcher(matcher: &LabelMatcher) -> Result<Matcher, String> {
    let value = matcher.value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let selector = format!("x{{{}{}\"{value}\"}}", matcher.label, matcher.kind.operator());
    match parser::parse(&selector)? {
        Expr::VectorSelector(selector) => selector.matchers.matchers.into_iter().next(),
        _ => None,
    }
    .ok_or_else(|| format!("`{matcher}` is not a label matcher"))
}

/// Wraps each call that takes a range, and each selector that stands by itself. Returns whether anything changed.
fn strip_replicas(expression: &mut Expr, labels: &BTreeMap<String, BTreeSet<String>>) -> bool {
    let of_selector =
        |selector: &VectorSelector| metric_name(selector).and_then(|name| labels.get(&name)).cloned();
    let stripped = match expression {
        Expr::VectorSelector(selector) => of_selector(selector),
        Expr::Call(call) => {
            let ranges = call.args.args.iter().find_map(|argument| match argument.as_ref() {
                Expr::MatrixSelector(matrix) => of_selector(&matrix.vs),
                _ => None,
            });
            if ranges.is_none() {
                let arguments = call.args.args.iter_mut();
                return arguments.fold(false, |changed, argument| strip_replicas(argument, labels) | changed);
            }
            ranges
        }
        Expr::Aggregate(aggregate) => return strip_replicas(&mut aggregate.expr, labels),
        Expr::Unary(unary) => return strip_replicas(&mut unary.expr, labels),
        Expr::Binary(binary) => {
            let left = strip_replicas(&mut binary.lhs, labels);
            return strip_replicas(&mut binary.rhs, labels) | left;
        }
        Expr::Paren(paren) => return strip_replicas(&mut paren.expr, labels),
        Expr::Subquery(subquery) => return strip_replicas(&mut subquery.expr, labels),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::MatrixSelector(_) | Expr::Extension(_) => {
            None
        }
    };
    let Some(stripped) = stripped.filter(|stripped| !stripped.is_empty()) else { return false };
    let names: Vec<String> = stripped.into_iter().collect();
    let Ok(Expr::Aggregate(wrapper)) = parser::parse(&format!("max without ({}) (x)", names.join(", ")))
    else {
        return false;
    };
    let inner = Box::new(expression.clone());
    *expression = Expr::Aggregate(AggregateExpr { expr: inner, ..wrapper });
    true
}

/// Whether every selector of an expression names a metric that does not exist; false of an expression without any.
fn is_all_missing(expression: &Expr, is_missing: &dyn Fn(&str) -> bool) -> bool {
    let (mut any, mut all) = (false, true);
    for_each_selector(&mut expression.clone(), &mut |selector| {
        any = true;
        all &= metric_name(selector).is_some_and(|name| is_missing(&name));
    });
    any && all
}

fn drop_missing(expression: &mut Expr, is_missing: &dyn Fn(&str) -> bool) -> bool {
    let mut changed = false;
    for_each(expression, &mut |expression| {
        let Expr::Binary(BinaryExpr { op, lhs, rhs, .. }) = expression else { return };
        let operator = op.to_string();
        let kept = match operator.as_str() {
            "+" | "-" | "or" if is_all_missing(rhs, is_missing) => Some((**lhs).clone()),
            "+" | "or" if is_all_missing(lhs, is_missing) => Some((**rhs).clone()),
            _ => None,
        };
        if let Some(kept) = kept {
            *expression = kept;
            changed = true;
        }
    });
    changed
}

fn keep(expression: &mut Expr, further: &[String]) {
    let extended = |labels: &Labels| {
        let missing = further.iter().filter(|label| !labels.labels.contains(label));
        Labels { labels: labels.labels.iter().chain(missing).cloned().collect() }
    };
    for_each(expression, &mut |expression| match expression {
        Expr::Aggregate(aggregate) => match &mut aggregate.modifier {
            Some(LabelModifier::Include(labels)) => *labels = extended(labels),
            Some(LabelModifier::Exclude(labels)) => labels.labels.retain(|label| !further.contains(label)),
            none => *none = Some(LabelModifier::Include(extended(&Labels::new(Vec::new())))),
        },
        Expr::Binary(binary) => {
            let matching = binary.modifier.as_mut().and_then(|modifier| modifier.matching.as_mut());
            if let Some(LabelModifier::Include(labels)) = matching
                && !labels.is_empty()
            {
                *labels = extended(labels);
            }
        }
        _ => {}
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::catalog;

    fn changed(text: &str, change: impl Fn(&mut Query)) -> String {
        let mut query = Query::parse(text).unwrap();
        change(&mut query);
        query.text()
    }

    fn narrowed(text: &str, matchers: &[&str]) -> String {
        let matchers: Vec<LabelMatcher> = matchers.iter().map(|text| text.parse().unwrap()).collect();
        changed(text, |query| query.narrow(&matchers).unwrap())
    }

    #[test]
    fn every_query_of_the_catalogue_can_be_rewritten_and_is_the_same_query_again() {
        let built_in = catalog().signals().filter(|signal| signal.is_built_in());
        for candidate in built_in.flat_map(|signal| &signal.prometheus) {
            for text in [Some(&candidate.query), candidate.limit.as_ref()].into_iter().flatten() {
                let text = text.replace("$rate", "240s").replace("$metric", "shop_http_requests_total");
                let text = text.replace("$fact(vector_dimensions)", "1536");
                let query = Query::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
                let printed = query.tree.to_string();
                assert_eq!(Query::parse(&printed).unwrap().tree.to_string(), printed);
                assert!(!query.metrics().is_empty() || text.starts_with("vector("), "{text}");
            }
        }
    }

    #[test]
    fn matchers_reach_every_selector() {
        assert_eq!(
            narrowed("sum(rate(a[5m])) / (b{x=\"1\"} or c offset 5m)", &["env=prod"]),
            "sum(rate(a{env=\"prod\"}[5m])) / (b{env=\"prod\",x=\"1\"} or c{env=\"prod\"} offset 5m)"
        );
        assert_eq!(narrowed("max_over_time(a[1h:5m])", &["n=~a|b"]), "max_over_time(a{n=~\"a|b\"}[1h:5m])");
        assert_eq!(narrowed("{__name__=~\"a.*\"}", &["n!=b"]), "{__name__=~\"a.*\",n!=\"b\"}");
        assert_eq!(narrowed("a{x=\"1\" or x=\"2\"}", &["n=b"]), "a{x=\"1\", n=\"b\" or x=\"2\", n=\"b\"}");
        assert_eq!(narrowed("a", &["p=\"x\\\"y\""]), "a{p=\"x\\\\\\\"y\"}");
        assert_eq!(narrowed("1 + vector(2)", &["n=b"]), "1 + vector(2)");
        assert_eq!(narrowed("increase_pure(a[5m])", &["n=b"]), "increase_pure(a{n=\"b\"}[5m])");
        let broken = LabelMatcher { value: "(".to_owned(), ..("a=~b".parse().unwrap()) };
        assert!(Query::parse("a").unwrap().narrow(&[broken]).is_err());
        assert!(Query::parse("WITH (x = a) x").is_err());
    }

    #[test]
    fn an_unchanged_query_stays_as_it_was_written() {
        assert_eq!(narrowed("sum( a )by(b)", &[]), "sum( a )by(b)");
    }

    #[test]
    fn replicas_are_taken_for_one_where_a_metric_has_their_label() {
        let labels = BTreeMap::from([
            ("a".to_owned(), BTreeSet::from(["replica".to_owned()])),
            ("b".to_owned(), BTreeSet::new()),
        ]);
        assert_eq!(
            changed("sum(rate(a[5m])) / sum(b) + max(a offset 1m)", |query| query.without_replicas(&labels)),
            "sum(max without (replica) (rate(a[5m]))) / sum(b) + max(max without (replica) (a offset 1m))"
        );
        assert_eq!(
            changed("histogram_quantile(0.9, sum by (le) (rate(a[5m])))", |query| query
                .without_replicas(&labels)),
            "histogram_quantile(0.9, sum by (le) (max without (replica) (rate(a[5m]))))"
        );
    }

    #[test]
    fn parts_that_do_not_exist_are_left_out() {
        let without = |text: &str, missing: &[&str]| {
            changed(text, |query| query.without_missing(&|name| missing.contains(&name)))
        };
        let limit = "max by (i) (m) - max by (i) (s) - (max by (i) (r) or max by (i) (m) * 0)";
        assert_eq!(without(limit, &["s", "r"]), "max by (i) (m) - (max by (i) (m) * 0)");
        assert_eq!(without("a + b", &["a"]), "b");
        // What would turn the sign around stays, and gives nothing.
        assert_eq!(without("a - b", &["a"]), "a - b");
        assert_eq!(without("a / b", &["b"]), "a / b");
    }

    #[test]
    fn labels_are_kept_through_aggregations_and_matches() {
        let kept = |text: &str| changed(text, |query| query.keep_labels(&["c".to_owned()]));
        assert_eq!(
            kept("1 - max by (i) (a) / max by (i, c) (b)"),
            "1 - max by (i, c) (a) / max by (i, c) (b)"
        );
        assert_eq!(kept("sum(a)"), "sum by (c) (a)");
        assert_eq!(kept("a and on (i) b"), "a and on (i, c) b");
        assert_eq!(kept("a and on () b"), "a and on () b");
        assert_eq!(kept("sum without (c, d) (a)"), "sum without (d) (a)");
    }
}
