//! Findings: every threshold, alert, objective and trigger with its outcome.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    ConditionReason, Context, Failure, FindingReason, LimitEvaluation, Outcome, State, Sustained, Verdict,
    condition::{Evaluation, Evidence, Quantifier, evaluate},
    coverage, evaluation, failure, limits, parallel,
    ranking::Ranking,
    saturation, stopped,
};
use crate::{
    roadmap::{Alert, Comparison, Condition, Objective, Severity, Statement},
    signal::{Aggregate, Direction, Quantity, ResourceId, Role, SignalId},
    snapshot::{Exhausted, Origin},
};

/// Where a finding comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A source that refused a connection because a limit is reached.
    Refusal,
    /// A limit of thresholds.toml, of the project or of an alert.
    Threshold,
    /// An alert of the roadmap.
    Alert,
    /// A target of the roadmap.
    Objective,
    /// A date to act by that has passed.
    Forecast,
    /// A part of the system whose loss the rest cannot carry, where the config requires it to.
    Loss,
    /// A reason to enter the next phase; never raises the verdict.
    Trigger,
    /// A sign of an expected bottleneck; never raises the verdict.
    Symptom,
    /// The symptom a playbook is for; never raises the verdict.
    Playbook,
    /// A target and what was reached; never raises the verdict.
    Benchmark,
    /// Something the roadmap states of the system; never raises the verdict.
    Statement,
}

impl Kind {
    /// Whether a finding of this kind indicates a fault. A reason to enter the next phase does not, nor does what the
    /// roadmap merely describes: its limits, alerts and objectives say what is wrong.
    pub fn is_fault(self) -> bool {
        match self {
            Self::Refusal | Self::Threshold | Self::Alert | Self::Objective | Self::Forecast | Self::Loss => {
                true
            }
            Self::Trigger | Self::Symptom | Self::Playbook | Self::Benchmark | Self::Statement => false,
        }
    }
}

/// The outcome of one condition, with its evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Stable name, such as `alert:queue-depth-critical`.
    pub id: String,
    /// Where it comes from.
    pub kind: Kind,
    /// How bad it is when it holds.
    pub severity: Verdict,
    /// Its outcome now.
    pub verdict: Verdict,
    /// The state of its check now.
    #[serde(default)]
    pub state: State,
    /// The signal that decided.
    pub signal: Option<SignalId>,
    /// Which instance decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The resource the signal belongs to.
    pub resource: Option<ResourceId>,
    /// The value that was compared.
    pub value: Option<Quantity>,
    /// What it was compared with.
    pub limit: Option<Quantity>,
    /// How the window became the value.
    pub aggregate: Option<Aggregate>,
    /// How long the limit was exceeded, when that was asked.
    pub sustained: Option<Sustained>,
    /// Where the value was read.
    pub origin: Option<Origin>,
    /// How many samples it rests on.
    pub samples: usize,
    /// Why.
    pub reason: FindingReason,
}

/// So many findings are made at a time.
const AT_A_TIME: usize = 256;

/// Whether it is good or bad news when a condition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum News {
    Good,
    Bad,
}

/// Evaluates everything that can be found, worst first.
pub(super) fn assess(
    context: &Context<'_>,
    evaluations: &[LimitEvaluation<'_>],
    ranking: &Ranking,
    failures: &[Failure],
) -> Vec<Finding> {
    let now = context.snapshot.taken_at;
    let foreseen = ranking.bottlenecks.iter().filter_map(|bottleneck| saturation::finding(bottleneck, now));
    // Thresholds are most of them, and the others are not known in number: no more is allocated than they need.
    let mut findings = parallel::filter_map(evaluations, AT_A_TIME, threshold);
    let mut others = refusals(context);
    others.extend(unmeasured(context, evaluations));
    others.extend(stopped::findings(context));
    others.extend(alerts(context));
    others.extend(objectives(context));
    others.extend(triggers(context));
    others.extend(descriptions(context));
    others.extend(foreseen);
    others.extend(failure::findings(failures));
    findings.reserve_exact(others.len());
    findings.append(&mut others);
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| (std::cmp::Reverse(finding.verdict), finding.kind);
        key(a).cmp(&key(b)).then_with(|| (&a.id, &a.instance).cmp(&(&b.id, &b.instance)))
    });
    findings
}

fn refusals(context: &Context<'_>) -> Vec<Finding> {
    let finding = |exhausted: &Exhausted| Finding {
        id: format!("refusal:{}", exhausted.resource),
        kind: Kind::Refusal,
        severity: Verdict::Critical,
        verdict: Verdict::Critical,
        state: State::Saturated,
        signal: SignalId::find(exhausted.resource.as_str()),
        instance: None,
        resource: Some(exhausted.resource),
        value: None,
        limit: None,
        aggregate: None,
        sustained: None,
        origin: None,
        samples: 1,
        reason: FindingReason::Refused {
            source: exhausted.source.clone(),
            message: exhausted.message.clone(),
        },
    };
    context.exhausted.iter().copied().map(finding).collect()
}

/// How an observation compares with its limits, where it has any.
fn threshold(evaluation: &LimitEvaluation<'_>) -> Option<Finding> {
    let observation = evaluation.observation;
    let deciding = evaluation.deciding.as_ref()?;
    let critical = evaluation.verdict() == Verdict::Critical;
    Some(Finding {
        id: format!("threshold:{}", observation.signal),
        kind: Kind::Threshold,
        severity: if critical { Verdict::Critical } else { Verdict::Warning },
        verdict: evaluation.verdict(),
        state: evaluation.state,
        signal: Some(observation.signal),
        instance: observation.instance.clone(),
        resource: evaluation.entry.resource,
        value: Some(evaluation.decisive()),
        limit: Some(deciding.limit.at),
        aggregate: None,
        sustained: evaluation.sustained(),
        origin: Some(observation.origin.clone()),
        samples: observation.values.len(),
        reason: FindingReason::Limit { evaluation: evaluation.reason() },
    })
}

/// Signals that have limits and are called for, but were not measured: not fine, just not known.
fn unmeasured(context: &Context<'_>, evaluations: &[LimitEvaluation<'_>]) -> Vec<Finding> {
    let measured = evaluation::evaluated(evaluations);
    let missing = coverage::wanted(context).into_iter().filter(|signal| {
        let limited = matches!(signal.entry().role, Role::Resource | Role::ServiceLevel);
        limited && !measured.contains(signal) && !context.is_not_applicable(*signal)
    });
    let with_limits = missing.filter(|signal| limits::limits(context, *signal) != limits::Limits::default());
    let finding = |signal: SignalId| {
        let missing = context.why_missing(signal);
        let evidence =
            Evidence::without_samples(Some(signal), ConditionReason::Missing { missing: missing.clone() });
        let id = format!("threshold:{signal}");
        Finding {
            reason: FindingReason::Missing { missing },
            ..from_evidence(id, Kind::Threshold, Verdict::Warning, Verdict::Unknown, evidence)
        }
    };
    with_limits.map(finding).collect()
}

fn alerts(context: &Context<'_>) -> Vec<Finding> {
    let finding = |alert: &Alert| {
        let severity = match alert.severity {
            Severity::Warning => Verdict::Warning,
            Severity::Critical => Verdict::Critical,
        };
        let Evaluation { outcome, evidence } = evaluate(context, &alert.when, Quantifier::AnyNow);
        let verdict = match outcome {
            Outcome::True => severity,
            Outcome::Unknown => Verdict::Unknown,
            Outcome::False => Verdict::Ok,
        };
        from_evidence(format!("alert:{}", alert.id), Kind::Alert, severity, verdict, evidence)
    };
    context.input.roadmap.alerts.iter().map(finding).collect()
}

fn objectives(context: &Context<'_>) -> Vec<Finding> {
    let finding = |objective: &Objective| {
        let evaluation = evaluate(context, &objective.when_met, Quantifier::Every);
        let spare = evaluation.outcome == Outcome::False
            && is_missed_on_the_spare_side(&objective.when_met, &evaluation.evidence);
        let verdict = match evaluation.outcome {
            Outcome::True => Verdict::Ok,
            Outcome::Unknown => Verdict::Unknown,
            Outcome::False if spare => Verdict::Ok,
            Outcome::False => Verdict::Warning,
        };
        let condition = evaluation.evidence.reason.clone();
        let id = format!("objective:{}", objective.id);
        Finding {
            reason: FindingReason::Condition {
                statement: Some(objective.title.clone()),
                underutilized: spare,
                condition: Box::new(condition),
            },
            ..from_evidence(id, Kind::Objective, Verdict::Warning, verdict, evaluation.evidence)
        }
    };
    context.input.roadmap.objectives.iter().map(finding).collect()
}

/// A target band that is missed towards spare capacity is a saving, not a fault. The worst instance decided,
/// so none of the others misses it on the bad side.
fn is_missed_on_the_spare_side(condition: &Condition, evidence: &Evidence) -> bool {
    let Condition::Signal(test) = condition else { return false };
    if !matches!(test.comparison, Comparison::Inside(..)) {
        return false;
    }
    let (Some(signal), Some(value), Some(limit)) = (evidence.signal, evidence.value, evidence.limit) else {
        return false;
    };
    match signal.entry().direction {
        Direction::HigherIsWorse => value.value() < limit.value(),
        Direction::LowerIsWorse => value.value() > limit.value(),
    }
}

fn triggers(context: &Context<'_>) -> Vec<Finding> {
    let finding = |phase: &crate::roadmap::Phase| {
        let Evaluation { outcome, evidence } = evaluate(context, phase.enter.as_ref()?, Quantifier::Any);
        let verdict = match outcome {
            Outcome::True => Verdict::Warning,
            Outcome::Unknown => Verdict::Unknown,
            Outcome::False => Verdict::Ok,
        };
        let id = format!("trigger:phase-{}", phase.number);
        Some(from_evidence(id, Kind::Trigger, Verdict::Warning, verdict, evidence))
    };
    context.input.roadmap.phases.iter().filter_map(finding).collect()
}

/// What the roadmap says besides its limits: symptoms, playbooks, benchmarks, and statements that can be measured.
/// None of them raises the verdict by itself.
fn descriptions(context: &Context<'_>) -> Vec<Finding> {
    let roadmap = &context.input.roadmap;
    let mut findings = Vec::new();
    for milestone in &roadmap.milestones {
        let prefix = format!("symptom:milestone-{}", milestone.users);
        findings.extend(statements(context, &prefix, Kind::Symptom, &milestone.symptoms, News::Bad));
    }
    for playbook in &roadmap.playbooks {
        let id = format!("playbook:{}", playbook.id);
        let when = playbook.when.as_ref();
        findings.extend(
            when.map(|when| description(context, id, Kind::Playbook, &playbook.symptom, when, News::Bad)),
        );
    }
    for (number, benchmark) in (1..).zip(&roadmap.benchmarks) {
        let id = format!("benchmark:{number}");
        let kind = Kind::Benchmark;
        findings.push(description(context, id, kind, &benchmark.title, &benchmark.target, News::Good));
    }
    let stated = [
        ("statement:limitation", &roadmap.limitations, News::Bad),
        ("statement:principle", &roadmap.principles, News::Good),
        ("statement:saving", &roadmap.savings, News::Bad),
    ];
    for (prefix, list, news) in stated {
        findings.extend(statements(context, prefix, Kind::Statement, list, news));
    }
    findings
}

/// The statements that can be measured, numbered from 1 among all.
fn statements(
    context: &Context<'_>,
    prefix: &str,
    kind: Kind,
    list: &[Statement],
    news: News,
) -> Vec<Finding> {
    let finding = |(number, statement): (usize, &Statement)| {
        let when = statement.when.as_ref()?;
        Some(description(context, format!("{prefix}:{number}"), kind, &statement.text, when, news))
    };
    (1..).zip(list).filter_map(finding).collect()
}

fn description(
    context: &Context<'_>,
    id: String,
    kind: Kind,
    text: &str,
    when: &Condition,
    news: News,
) -> Finding {
    let quantifier = if news == News::Good { Quantifier::Every } else { Quantifier::Any };
    let Evaluation { outcome, evidence } = evaluate(context, when, quantifier);
    let verdict = match (outcome, news) {
        (Outcome::Unknown, _) => Verdict::Unknown,
        (Outcome::True, News::Good) | (Outcome::False, News::Bad) => Verdict::Ok,
        (Outcome::True, News::Bad) | (Outcome::False, News::Good) => Verdict::Warning,
    };
    let condition = evidence.reason.clone();
    Finding {
        reason: FindingReason::Condition {
            statement: Some(text.to_owned()),
            underutilized: false,
            condition: Box::new(condition),
        },
        ..from_evidence(id, kind, Verdict::Warning, verdict, evidence)
    }
}

fn state_of(verdict: Verdict) -> State {
    match verdict {
        Verdict::Ok => State::Ok,
        Verdict::Unknown => State::Unknown,
        Verdict::Warning => State::Warning,
        Verdict::Critical => State::Critical,
    }
}

fn from_evidence(id: String, kind: Kind, severity: Verdict, verdict: Verdict, evidence: Evidence) -> Finding {
    let evidence_pending = evidence.pending && verdict == Verdict::Unknown;
    let Evidence { signal, instance, value, limit, aggregate, sustained, origin, samples, reason, .. } =
        evidence;
    Finding {
        id,
        kind,
        severity,
        verdict,
        state: if evidence_pending { State::Pending } else { state_of(verdict) },
        signal,
        instance,
        resource: signal.and_then(|signal| signal.entry().resource),
        value,
        limit: limit.filter(|limit: &Quantity| value.is_none_or(|value| value.unit() == limit.unit())),
        aggregate,
        sustained,
        origin,
        samples,
        reason: FindingReason::Condition {
            statement: None,
            underutilized: false,
            condition: Box::new(reason),
        },
    }
}
