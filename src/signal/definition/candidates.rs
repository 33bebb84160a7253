//! The ways to read something, from the short forms in which they are written.

use std::{collections::BTreeSet, ops::Range};

use super::{
    build::Builder,
    keys::{End, LevelWay, SourceKeys, UsageWay},
};
use crate::{
    diagnostic::Diagnostic,
    signal::{Candidate, Unit, promql::metrics_of},
};

/// What a query gives of a usage.
#[derive(Debug, Clone, Copy)]
pub(super) enum Asked<'a> {
    /// The usage, or the value where it is no share.
    Usage(&'a str),
    /// What is left of the limit.
    Free(&'a str),
}

/// The unit in which queries answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answers {
    /// The unit of a usage and its limit.
    pub(super) unit: Unit,
    /// Whether shares are given from 0 to 100.
    pub(super) percent: bool,
}

impl Builder<'_> {
    /// The ways of a resource: the short form, then the tables.
    pub(super) fn usage_ways(
        &self,
        short: &[(Asked<'_>, Option<End>)],
        ways: &[UsageWay],
        answers: Answers,
        optional: &[String],
    ) -> Option<Vec<Candidate>> {
        let mut found = Vec::new();
        for (asked, end) in short {
            found.push(self.candidate(*asked, end.as_ref(), &self.unnamed(optional), answers, None));
        }
        for way in ways {
            let asked = match (&way.usage, &way.free) {
                (Some(usage), None) => Asked::Usage(usage),
                (None, Some(free)) if way.limit.is_some() => Asked::Free(free),
                _ => {
                    self.wrong::<()>(
                        "catalog/query",
                        &way.source.spans.of_key("usage"),
                        "a way has a `usage`, or `free` and a `limit`",
                    );
                    continue;
                }
            };
            found.push(self.candidate(asked, way.limit.as_ref(), &way.source, answers, None));
        }
        found.into_iter().collect()
    }

    /// The ways of what is no resource.
    pub(super) fn level_ways(
        &self,
        queries: &[String],
        ways: &[LevelWay],
        answers: Answers,
        optional: &[String],
    ) -> Option<Vec<Candidate>> {
        let mut found = Vec::new();
        for query in queries {
            found.push(self.candidate(Asked::Usage(query), None, &self.unnamed(optional), answers, None));
        }
        for way in ways {
            let Some(asked) = way.query.as_deref().or(way.usage.as_deref()) else {
                self.wrong::<()>("catalog/query", &way.source.spans.of_key("query"), "a way has a `query`");
                continue;
            };
            let buckets = way.buckets.clone();
            found.push(self.candidate(
                Asked::Usage(asked),
                way.limit.as_ref(),
                &way.source,
                answers,
                buckets,
            ));
        }
        found.into_iter().collect()
    }

    fn unnamed(&self, optional: &[String]) -> SourceKeys {
        let optional = optional.to_vec();
        SourceKeys {
            exporter: None,
            needs: Vec::new(),
            optional,
            suffix: None,
            beside: false,
            spans: self.spans(),
        }
    }

    fn candidate(
        &self,
        asked: Asked<'_>,
        end: Option<&End>,
        source: &SourceKeys,
        answers: Answers,
        buckets: Option<String>,
    ) -> Option<Candidate> {
        let limit = end.map(|end| self.limit(end, answers, &source.spans.of_key("limit")));
        let limit = match limit {
            None => None,
            Some(limit) => Some(limit?),
        };
        let query = match (asked, &limit) {
            (Asked::Free(free), Some((_, number))) => format!("{number} - ({})", on_one_line(free)),
            (Asked::Usage(usage), None) if answers.percent => format!("({}) / 100", on_one_line(usage)),
            (Asked::Usage(text) | Asked::Free(text), _) => on_one_line(text),
        };
        let limit = limit.map(|(query, _)| query);
        let mut metrics = BTreeSet::new();
        for text in [Some(&query), limit.as_ref()].into_iter().flatten() {
            // Those that the program has are parsed where they are used, and by a test.
            if self.checks_queries() || source.needs.is_empty() {
                metrics.extend(self.metrics(text, &source.spans.of_key("usage"))?);
            }
        }
        let needs = if source.suffix.is_some() {
            Vec::new()
        } else if source.needs.is_empty() {
            metrics.into_iter().filter(|metric| !source.optional.contains(metric)).collect()
        } else {
            source.needs.clone()
        };
        let exporter = source.exporter.clone().unwrap_or_else(|| self.exporter());
        let (optional, suffix, beside) = (source.optional.clone(), source.suffix.clone(), source.beside);
        Some(Candidate { exporter, needs, optional, suffix, beside, query, limit, buckets })
    }

    fn metrics(&self, query: &str, span: &Range<usize>) -> Option<BTreeSet<String>> {
        match metrics_of(query) {
            Ok(metrics) => Some(metrics),
            Err(error) => {
                let message = format!("`{query}` is not PromQL: {error}");
                self.node.report(Diagnostic::error("catalog/query", span.clone(), message));
                None
            }
        }
    }

    /// The query for a limit, and how it is written in the query for a usage.
    fn limit(&self, end: &End, answers: Answers, span: &Range<usize>) -> Option<(String, String)> {
        match end {
            End::Query(query) => {
                let query = on_one_line(query);
                Some((query.clone(), format!("({query})")))
            }
            End::Fact(name) => Some((format!("vector($fact({name}))"), format!("$fact({name})"))),
            End::Quantity(quantity) if quantity.unit() == answers.unit && quantity.value() > 0.0 => {
                let number = quantity.value();
                Some((format!("vector({number})"), number.to_string()))
            }
            End::Quantity(quantity) => {
                let message = format!("a limit of {quantity} does not fit the usage");
                let help = format!("write {}, above zero", answers.unit.example());
                self.node.report(Diagnostic::error("catalog/limit", span.clone(), message).help(help));
                None
            }
        }
    }
}

/// Matchers that leave out probes, health checks and scrapes of metrics, where a label names what was asked for.
/// Written in queries as `$users`.
const USERS: &str =
    "handler!~\"PATHS\", path!~\"PATHS\", route!~\"PATHS\", uri!~\"PATHS\", http_route!~\"PATHS\"";
/// Words that merely begin alike are of users: `/healthcare`, `/livestreams`.
const PROBES: &str = "(/|/api/|/-/|/?_)?(metrics|health(y|z|[-_]?checks?)?(/[a-z]+)?|read(y|yz|iness)|live(z|ness)?\
    |ping|actuator(/.*)?|status|favicon.ico)/?";

/// Long queries stand on several lines in files; everywhere else they are shown on one.
fn on_one_line(query: &str) -> String {
    let query = query.split_whitespace().collect::<Vec<_>>().join(" ");
    if query.contains("$users") { query.replace("$users", &USERS.replace("PATHS", PROBES)) } else { query }
}
