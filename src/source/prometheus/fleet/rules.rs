//! The queries that give the hourly figures of all services, for rules that a server evaluates by itself.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::{
        past::RATE,
        plan::{QueryPlan, Range},
        promql::Query,
        reader::{Reader, not_scoped},
        regroup::{Regrouped, regrouped},
        rollups::mean_of_hour,
        settings::Settings,
    },
    FleetReader, each_service,
};
use crate::{
    signal::{LabelMatcher, MatchKind, Signal, SignalId},
    snapshot::{Reason, Unavailable},
};

/// A query that gives the mean of the last hour of a usage, a load or a limit for every service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HourlyQuery {
    /// What it measures.
    pub signal: SignalId,
    /// Which exporter shows that.
    pub exporter: String,
    /// Whether it is the limit of the signal, and not the signal.
    pub is_limit: bool,
    /// The query.
    pub text: String,
}

impl FleetReader {
    /// The queries for the figures that forecasts need, of every way to read a signal whose metrics the server has; a
    /// failure for each signal of which there is none that holds for all services. `facts` are numbers that queries name, and
    /// `differing` are those of which services have their own.
    pub fn hourly_queries(
        &self,
        facts: &BTreeMap<String, f64>,
        differing: &BTreeSet<String>,
    ) -> BTreeMap<SignalId, Result<Vec<HourlyQuery>, Unavailable>> {
        let settings = Settings { facts: facts.clone(), ..Settings::clone(&self.reader.settings) };
        let reader = self.reader.of_part(settings.into(), self.reader.client.renewed());
        let signals = self.request.past.iter().flat_map(|past| past.signals.iter().copied());
        let of_all = async {
            let mut queries = BTreeMap::new();
            for signal in signals {
                let plans = reader.plans(signal.entry());
                if !plans.is_empty() {
                    queries.insert(signal, self.of_signal(&reader, signal.entry(), plans, differing).await);
                }
            }
            queries
        };
        self.runtime.block_on(of_all)
    }

    async fn of_signal(
        &self,
        reader: &Reader,
        signal: &Signal,
        plans: Vec<QueryPlan>,
        differing: &BTreeSet<String>,
    ) -> Result<Vec<HourlyQuery>, Unavailable> {
        let mut queries = Vec::new();
        for plan in plans {
            if let Some(fact) = differing.iter().find(|fact| plan.takes_fact(fact)) {
                let detail = format!("it takes the fact `{fact}`, which differs between services");
                return Err(Unavailable::new(Reason::NotConfigured, detail));
            }
            let plan = plan.with_facts(&reader.settings.facts)?;
            let ranges = reader.ranges(&plan, RATE).await.into_iter().map(Range::with_one_scrape_more);
            let ranges: Vec<Range> = ranges.collect();
            let parts = [(false, Some(plan.query.as_str())), (true, plan.limit.as_deref())];
            for (is_limit, query) in
                parts.into_iter().filter_map(|(is_limit, query)| Some((is_limit, query?)))
            {
                let mut means = Vec::new();
                for range in &ranges {
                    let sent = reader.rewritten(signal, &plan, query, range).await?;
                    means.extend(self.of_all_services(&mean_of_hour(&sent, range))?);
                }
                if !means.is_empty() {
                    let (exporter, text) = (plan.exporter.clone(), means.join(" or "));
                    queries.push(HourlyQuery { signal: signal.id(), exporter, is_limit, text });
                }
            }
        }
        Ok(queries)
    }

    /// A query of one system as one of all services; `None` where it selects nothing, as a number does.
    fn of_all_services(&self, text: &str) -> Result<Option<String>, Unavailable> {
        let by = &self.of_fleet.by;
        let mut query = Query::parse(text).map_err(|error| not_scoped(&error))?;
        query.narrow(&each_service(by)).map_err(|error| not_scoped(&error))?;
        let mut query = match regrouped(&query.text(), by) {
            Regrouped::Common => return Ok(None),
            Regrouped::ByService(query) => query,
            Regrouped::Impossible(why) => return Err(Unavailable::new(Reason::QueryFailed, why)),
        };
        // What lacks one of the labels belongs to no service.
        let named = |label: &String| LabelMatcher {
            label: label.clone(),
            kind: MatchKind::NotEqual,
            value: String::new(),
        };
        query.narrow(&by.iter().map(named).collect::<Vec<_>>()).map_err(|error| not_scoped(&error))?;
        Ok(Some(query.text()))
    }
}
