//! Which services there are: the values that the labels of loads and resources have.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use futures_util::future::try_join_all;

use super::{
    super::{
        decode::Limits,
        grid::{DAY, Grid, HOUR},
        promql::Query,
        reader::{Reader, not_scoped},
    },
    share::{MOST_SERIES, services},
};
use crate::{
    fleet::Service,
    signal::{LabelMatcher, MatchKind, Role, SignalId},
    snapshot::Unavailable,
    source::Source,
};

/// How far back services are looked for.
const FAR: i64 = 7 * DAY;
/// The distance between the instants at which they are looked for.
const STEP: i64 = 6 * HOUR;
/// How many metrics are looked at in one question.
const METRICS_AT_ONCE: usize = 50;

/// A service with what its labels say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundService {
    /// What names it, as the server sent it: for queries, and not for people.
    pub service: Service,
    /// The values of the further labels, by label; several where its series differ.
    pub further: BTreeMap<String, BTreeSet<String>>,
    /// The first of the instants at which it was there, to six hours; `None` where it was there a week ago.
    pub first_seen: Option<DateTime<Utc>>,
    /// The last of these instants; `None` where it is there now.
    pub last_seen: Option<DateTime<Utc>>,
}

/// The services, in the order of their names.
pub(super) async fn discover(
    reader: &Reader,
    by: &[String],
    further: &[String],
) -> Result<Vec<FoundService>, Unavailable> {
    let metrics = metrics(reader);
    let to = reader.grid.to;
    let grid = Grid { from: to - FAR, to, step: STEP };
    let client = reader.client.renewed();
    let questions = metrics.chunks(METRICS_AT_ONCE).map(|metrics| query(reader, by, further, metrics));
    let questions = questions.collect::<Result<Vec<_>, _>>()?;
    let limits = || Limits { series: MOST_SERIES, ..Limits::default() };
    let answers = questions.iter().map(|query| client.range_within(query, grid, limits()));
    let mut seen: BTreeMap<Service, Seen> = BTreeMap::new();
    for answer in try_join_all(answers).await? {
        for (service, series) in services(by, answer) {
            let seen = seen.entry(service).or_default();
            seen.at(series.samples.at_ms.first(), series.samples.at_ms.last());
            for (label, value) in series.labels {
                if further.contains(&label) && !value.is_empty() {
                    seen.further.entry(label).or_default().insert(value);
                }
            }
        }
    }
    let instant = DateTime::from_timestamp_millis;
    let found = |(service, seen): (Service, Seen)| FoundService {
        service,
        further: seen.further,
        first_seen: instant(seen.first_ms).filter(|_| seen.first_ms > grid.from * 1000),
        last_seen: instant(seen.last_ms).filter(|_| seen.last_ms < grid.to * 1000),
    };
    Ok(seen.into_iter().map(found).collect())
}

struct Seen {
    first_ms: i64,
    last_ms: i64,
    further: BTreeMap<String, BTreeSet<String>>,
}

impl Default for Seen {
    fn default() -> Self {
        Self { first_ms: i64::MAX, last_ms: i64::MIN, further: BTreeMap::new() }
    }
}

impl Seen {
    fn at(&mut self, first: Option<&i64>, last: Option<&i64>) {
        self.first_ms = first.map_or(self.first_ms, |first| self.first_ms.min(*first));
        self.last_ms = last.map_or(self.last_ms, |last| self.last_ms.max(*last));
    }
}

/// The metrics that loads and resources are read from and that the server has.
fn metrics(reader: &Reader) -> Vec<String> {
    let signals = reader.settings.wanted().into_iter().map(SignalId::entry);
    let counted = signals.filter(|signal| matches!(signal.role, Role::Load | Role::Resource));
    let plans = counted.flat_map(|signal| reader.plans(signal));
    let selected = plans.flat_map(|plan| {
        let text = plan.query.replace("$rate", "1m");
        Query::parse(&text).map(|query| query.metrics()).unwrap_or_default()
    });
    let exists = |name: &String| reader.names.as_ref().is_none_or(|names| names.contains(name));
    let metrics: BTreeSet<String> =
        selected.filter(exists).filter(|name| !name.ends_with("_bucket")).collect();
    metrics.into_iter().collect()
}

/// How many series of these metrics each service has.
fn query(
    reader: &Reader,
    by: &[String],
    further: &[String],
    metrics: &[String],
) -> Result<String, Unavailable> {
    let labels: Vec<&str> = by.iter().chain(further).map(String::as_str).collect();
    // Names of metrics have no letter that means something else in a regular expression.
    let text = format!("count by ({}) ({{__name__=~\"{}\"}})", labels.join(", "), metrics.join("|"));
    let mut query = Query::parse(&text).map_err(|error| not_scoped(&error))?;
    let named = by.iter().map(|label| LabelMatcher {
        label: label.clone(),
        kind: MatchKind::NotEqual,
        value: String::new(),
    });
    let matchers: Vec<LabelMatcher> = reader.settings.scope.matchers.iter().cloned().chain(named).collect();
    query.narrow(&matchers).map_err(|error| not_scoped(&error))?;
    Ok(query.text())
}
