//! Reads what a signal is now: its usage and limit over the window, and how finely they are known.

use super::{
    instances::{Instances, Rules, instances},
    observe::{Extras, SignalResult, observations},
    plan::QueryPlan,
    promql::Query,
    reader::Reader,
    resolution,
    stitch::stitch,
};
use crate::{
    signal::Signal,
    snapshot::{Reason, Resolution, Unavailable},
};

impl Reader {
    /// Reads the window of one way to read a signal.
    ///
    /// # Errors
    /// When the server does not answer, gives nothing, or the instances cannot be told apart.
    pub(super) async fn read_present(
        &self,
        signal: &Signal,
        plan: &QueryPlan,
    ) -> Result<SignalResult, Unavailable> {
        let ranges = self.ranges(plan, self.grid.step).await;
        let (usage, limit, resolution) = tokio::join!(
            self.whole(signal, plan, &plan.query, &ranges, self.grid),
            self.whole_of(signal, plan, plan.limit.as_deref(), &ranges, self.grid),
            self.resolution(plan),
        );
        let (query, usage) = usage?;
        if usage.series.is_empty() {
            return Err(match usage.warnings.first() {
                Some(warning) => {
                    Unavailable::new(Reason::Partial, format!("nothing, and a warning: {warning}"))
                }
                None => self.why_empty(plan, &ranges).await,
            });
        }
        let mut notes = usage.infos.clone();
        notes.extend(usage.warnings.iter().cloned());
        let mut warnings = usage.warnings;
        let (limit_query, limit) = limit?;
        warnings.extend(limit.warnings.iter().cloned());
        let limits = plan.limit.as_ref().map(|_| limit.series.as_slice());
        let rules = Rules { signal, scope: &self.settings.scope, grid: self.grid, is_bound: plan.is_bound };
        let Instances { alive, notes: of_instances, ambiguous } = instances(rules, usage.series, limits)?;
        notes.extend(of_instances);
        let query = if plan.limit.is_some() { format!("({query}) / ({limit_query})") } else { query };
        let extras = Extras { resolution, warnings, missing: self.missing_parts(plan) };
        let observations = observations(signal, plan, &query, alive, &extras);
        Ok(SignalResult { observations, history: Vec::new(), notes, ambiguous })
    }

    /// The optional metrics that are not there.
    fn missing_parts(&self, plan: &QueryPlan) -> Vec<String> {
        plan.optional.iter().filter(|metric| self.is_missing(metric)).cloned().collect()
    }

    /// How finely a plan's histogram is known; `None` where it has none, or where the server does not report it.
    async fn resolution(&self, plan: &QueryPlan) -> Option<Resolution> {
        let metric = plan.buckets.as_ref()?;
        let text =
            if plan.is_native { format!("sum({metric})") } else { format!("count by (le) ({metric})") };
        let mut query = Query::parse(&text).ok()?;
        query.narrow(&self.settings.scope.matchers).ok()?;
        if plan.is_native {
            let histograms = self.client.native_histograms(&query.text(), self.grid.to).await.ok()?;
            return resolution::native(&histograms);
        }
        let answer = self.client.range(&query.text(), self.grid.recent()).await.ok()?;
        resolution::classic(&stitch(vec![answer]))
    }
}
