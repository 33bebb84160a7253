//! Alerts on the limits that `check` compares with, and on the days by which to act.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    DateAlert, ExportInput, LimitAlert, Rule, RuleGroup, RuleSet, SkipReason, Skipped,
    expression::{beyond, in_parentheses, pretty, without},
    measured::{Certain, MeasuredSignal, measured},
};
use crate::{
    assess::{Bottleneck, Grade, LimitOrigin, SignalLimit, SignalLimits, lead_time, saturated_from},
    roadmap::{Condition, Severity},
    signal::{Quantity, ResourceId, SignalId},
};

/// What fluctuates is beyond a limit when five samples in a row are, which lie a minute apart where rules are evaluated
/// as often as they are by default.
const FLUCTUATING: Duration = Duration::from_secs(4 * 60);
/// What is at its end is there for two samples.
const AT_END: Duration = Duration::from_secs(60);
/// A share of requests takes so many of them.
const FEWEST_REQUESTS: f64 = 100.0;
/// The shortest time in which these are counted.
const SHORTEST_COUNT: Duration = Duration::from_secs(300);

/// Everything measured, by signal.
type Measured<'a> = BTreeMap<SignalId, Result<MeasuredSignal<'a>, SkipReason>>;

/// An alert for each limit of each signal that Prometheus measures, and for each date by which to act.
pub fn alert_rules(export: &ExportInput<'_>) -> RuleSet {
    let measured = measured(export);
    let mut skipped = Vec::new();
    let mut rules = Vec::new();
    for signal in measured.keys().copied() {
        let limits = SignalLimits::for_signal(export.input, signal);
        if limits.warning.is_none() && limits.critical.is_none() {
            continue;
        }
        let alerts = of_limits(export, &measured, signal, &limits);
        for alert in alerts.unwrap_or_else(|reason| vec![Err(reason)]) {
            match alert {
                Ok(alert) => rules.push(Rule::Limit(Box::new(alert))),
                Err(reason) => skipped.push(Skipped { signal, reason }),
            }
        }
    }
    let bottlenecks = export.survey.assessment.bottlenecks.iter();
    let dates = bottlenecks.filter_map(|bottleneck| date_alert(export, bottleneck));
    let groups = [
        RuleGroup { name: "scale-advisor-limits".to_owned(), interval: None, rules },
        RuleGroup {
            name: "scale-advisor-dates".to_owned(),
            interval: None,
            rules: dates.map(|alert| Rule::Date(Box::new(alert))).collect(),
        },
    ];
    let compound = export.input.roadmap.alerts.iter().filter(|alert| match &alert.when {
        Condition::Signal(test) => test.instance.is_some(),
        Condition::Fact(_) | Condition::Any(_) | Condition::All(_) => true,
    });
    RuleSet {
        basis: export.basis(),
        groups: groups.into_iter().filter(|group| !group.rules.is_empty()).collect(),
        skipped,
        compound_alerts: compound.map(|alert| alert.id.clone()).collect(),
    }
}

/// The alerts on one signal, or why there is none on a limit.
fn of_limits(
    export: &ExportInput<'_>,
    measured: &Measured<'_>,
    signal: SignalId,
    limits: &SignalLimits,
) -> Result<Vec<Result<LimitAlert, SkipReason>>, SkipReason> {
    let source = match measured.get(&signal) {
        Some(Ok(source)) => source,
        Some(Err(reason)) => return Err(reason.clone()),
        None => return Ok(Vec::new()),
    };
    let survey = export.survey;
    let value = without_exempt(source, &[&survey.exempt])?;
    let remedy = signal.entry().resource.and_then(|resource| remedy(export, resource));
    let alert = |value: &str, severity: Severity, limit: &SignalLimit, sustained: Duration| {
        let Certain { threshold, inclusive } = source.certainly_beyond(limit)?;
        let expression = beyond(value, signal.entry().direction, inclusive, threshold);
        let is_moved = threshold.to_bits() != limit.at.value().to_bits();
        Ok(LimitAlert {
            signal,
            severity,
            limit: limit.clone(),
            is_end: false,
            bucket: Quantity::new(threshold, limit.at.unit()).filter(|_| is_moved),
            expression: pretty(with_traffic(measured, signal, expression, sustained)),
            sustained,
            instance_label: source.instance_label(),
            remedy: remedy.clone(),
        })
    };
    let thresholds = match without_exempt(source, &[&survey.exempt, &survey.judged_by_reset]) {
        Ok(value) => {
            let of_limit = |severity, limit: &SignalLimit| {
                alert(&value, severity, limit, sustained(signal, limits, limit))
            };
            let warning = limits.warning.iter().map(|limit| of_limit(Severity::Warning, limit));
            let critical = limits.critical.iter().map(|limit| of_limit(Severity::Critical, limit));
            warning.chain(critical).collect()
        }
        Err(SkipReason::ByDesign) => vec![Err(SkipReason::JudgedByReset)],
        Err(reason) => vec![Err(reason)],
    };
    let by_reset = source
        .observations
        .iter()
        .any(|observation| survey.judged_by_reset.contains(&(signal, observation.instance.clone())));
    let end = if by_reset {
        // The last per cent of a budget can still be spent.
        limits.full.clone().map(|full| SignalLimit { inclusive: true, ..full })
    } else {
        saturated_from(export.input, signal)
    };
    let end = end.map(|end| (end, at_end(signal)));
    let is_told = |end: &SignalLimit, so_long: Duration| {
        !by_reset
            && limits.critical.as_ref().is_some_and(|critical| {
                critical.at.value() <= end.at.value() && sustained(signal, limits, critical) <= so_long
            })
    };
    let end = end.filter(|(end, so_long)| !is_told(end, *so_long)).map(|(end, so_long)| {
        alert(&value, Severity::Critical, &end, so_long).map(|alert| LimitAlert { is_end: true, ..alert })
    });
    Ok(thresholds.into_iter().chain(end).collect())
}

/// How long a resource must be at its end, whatever its limits ask.
fn at_end(signal: SignalId) -> Duration {
    if signal.entry().fluctuates { FLUCTUATING } else { AT_END }
}

/// How long a limit must be exceeded.
fn sustained(signal: SignalId, limits: &SignalLimits, limit: &SignalLimit) -> Duration {
    let stated = limit.sustained.unwrap_or_default();
    let is_end = matches!(limit.origin, LimitOrigin::HardLimit)
        || limits.full.as_ref().is_some_and(|full| full.at == limit.at);
    if signal.entry().fluctuates || is_end { stated.max(at_end(signal)) } else { stated }
}

/// The value without the instances in some sets, to which limits do not apply.
fn without_exempt(
    source: &MeasuredSignal<'_>,
    sets: &[&BTreeSet<(SignalId, Option<String>)>],
) -> Result<String, SkipReason> {
    let value = source.value();
    let is_exempt = |instance: &Option<String>| {
        let known = (source.signal, instance.clone());
        sets.iter().any(|set| set.contains(&known))
    };
    let (exempt, others): (Vec<_>, Vec<_>) =
        source.observations.iter().copied().partition(|observation| is_exempt(&observation.instance));
    if exempt.is_empty() {
        return Ok(value);
    }
    if others.is_empty() {
        return Err(SkipReason::ByDesign);
    }
    let label = source.instance_label().ok_or(SkipReason::NotTellable)?;
    let named = exempt
        .iter()
        .map(|observation| observation.labels.get(&label).cloned().or_else(|| observation.instance.clone()));
    let values = named.collect::<Option<Vec<String>>>().ok_or(SkipReason::NotTellable)?;
    let shared = others
        .iter()
        .any(|observation| observation.labels.get(&label).is_some_and(|value| values.contains(value)));
    if shared {
        return Err(SkipReason::NotTellable);
    }
    Ok(without(&value, &label, &values))
}

/// The expression where enough requests were counted for a share of them to mean something.
fn with_traffic(
    measured: &Measured<'_>,
    signal: SignalId,
    expression: String,
    sustained: Duration,
) -> String {
    let traffic = signal.entry().traffic.as_deref().and_then(SignalId::find);
    let Some(Ok(source)) = traffic.and_then(|traffic| measured.get(&traffic)) else { return expression };
    let seconds = sustained.max(SHORTEST_COUNT).as_secs();
    let rate = source.usage();
    format!(
        "{expression} and on () sum(avg_over_time({}[{seconds}s:])) * {seconds} >= {FEWEST_REQUESTS}",
        in_parentheses(&rate)
    )
}

/// The alert on the day by which to act; `None` where no date is known on good evidence.
fn date_alert(export: &ExportInput<'_>, bottleneck: &Bottleneck) -> Option<DateAlert> {
    let is_known = matches!(bottleneck.grade, Grade::A | Grade::B);
    let saturates_on = bottleneck.saturates_on.clone().filter(|_| is_known)?;
    let act_by = bottleneck.act_by.as_ref()?.date?;
    Some(DateAlert {
        resource: bottleneck.resource,
        signal: bottleneck.signal?,
        instance: bottleneck.instance.clone(),
        act_by,
        saturates_on,
        saturates_at_load: bottleneck.saturates_at_load,
        load_unit: export.survey.assessment.load.unit.clone(),
        grade: bottleneck.grade,
        lead_time: lead_time(&export.input.roadmap, bottleneck.resource),
        remedy: remedy(export, bottleneck.resource),
    })
}

/// What to do first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    /// Its id in the roadmap.
    pub id: Option<String>,
    /// What to do.
    pub title: String,
    /// When to begin at the latest; `None` where nothing is urgent.
    pub start_by: Option<DateTime<Utc>>,
    /// How long it takes, where the roadmap says.
    pub lead_time: Option<TimeDelta>,
}

/// The first open item of the plan that relieves the resource; else what the roadmap has for it.
pub(super) fn remedy(export: &ExportInput<'_>, resource: ResourceId) -> Option<Remedy> {
    let roadmap = &export.input.roadmap;
    let lead_time = lead_time(roadmap, resource);
    let planned = export.survey.assessment.plan.iter();
    if let Some(item) = planned.filter(|item| !item.done).find(|item| item.relieves.contains(&resource)) {
        let (id, title) = (Some(item.id.clone()), item.title.clone());
        return Some(Remedy { id, title, start_by: item.start_by, lead_time });
    }
    let is_open = |id: &String| !export.input.declared.done.contains(id);
    let actions = roadmap.phases.iter().flat_map(|phase| &phase.actions);
    let action =
        actions.filter(|action| is_open(&action.id)).find(|action| action.relieves.contains(&resource));
    let solution = || roadmap.milestone_of(resource).map(|milestone| (None, milestone.solution.clone()));
    let (id, title) =
        action.map(|action| (Some(action.id.clone()), action.title.clone())).or_else(solution)?;
    Some(Remedy { id, title, start_by: None, lead_time })
}
