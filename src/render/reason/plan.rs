//! Phases, costs, sizes and plans in words.

use super::{amount, bottleneck, condition, finding, joined, load, lost_parts, missing, ranking};
use crate::{
    assess::{
        ArchitectureCriterion, ArchitectureDecision, CapacityCheck, Cost, CostReason, ElasticityReason,
        ItemPrice, KeptSetting, Measured, Outcome, PhaseLoad, PhaseReason, Plan, PlanItem, PlanPurpose,
        PlanReason, Saving, StatedAt, StatedCostReason, TriggerCount, WorkersNeeded,
    },
    render::format::{count, money, percent},
    roadmap::Range,
    signal::{Quantity, Unit, span_text},
};

/// "+$83 a month: 2 more by 28 Feb 2027 ($41.50 each, [[prices]])".
pub(crate) fn item_price(item: &ItemPrice) -> String {
    let ItemPrice { more, per_month, price, .. } = item;
    let amount = |amount: f64| money(&price.currency, amount);
    let span = if per_month.high > per_month.low {
        format!(" ({}–{})", amount(per_month.low), amount(per_month.high))
    } else {
        String::new()
    };
    let needed = match (item.until, item.users) {
        (Some(until), _) => format!(" by {}", until.format("%-d %b %Y")),
        (None, Some(users)) => format!(" for {} users", count(users as f64)),
        (None, None) => String::new(),
    };
    let instance = super::of_instance(item.instance.as_deref());
    format!(
        "+{} a month{span}: {} more{instance}{needed} ({})",
        amount(per_month.mid),
        super::cost::purchases(more.mid, price),
        super::cost::price(price),
    )
}

/// "max_connections is 300 already; the roadmap's 200 is left out".
pub(crate) fn kept_setting(setting: &KeptSetting) -> String {
    let KeptSetting { name, present, stated } = setting;
    if present.value() > stated.value() {
        return format!("{name} is {present} already; the roadmap's {stated} would lower it and is left out");
    }
    format!("{name} is {present} already and is left out")
}

/// Why a phase is recommended, or why the phase is unknown.
pub(crate) fn phase(reason: &PhaseReason) -> String {
    match reason {
        PhaseReason::LoadUnknown { load: reason } => {
            format!("load unknown, and with it the phase: {}", load(reason))
        }
        PhaseReason::LastPhase { at } => format!("{}; this is the roadmap's last phase", phase_load(at)),
        PhaseReason::Kept { at, begins, down_to } => format!(
            "{}; phase {} begins at {begins} and is kept down to {down_to:.0}",
            phase_load(at),
            at.phase
        ),
        PhaseReason::NoTriggers { at, next } => {
            format!("{}; no trigger for phase {next} in the roadmap", phase_load(at))
        }
        PhaseReason::LoadTrigger { at, triggers } => format!(
            "{}, the load trigger of phase {}; {}",
            phase_load(at),
            triggers.phase,
            holding(*triggers)
        ),
        PhaseReason::MostTriggers { at, triggers } => format!(
            "{}; {}, most of the {} that are known",
            phase_load(at),
            holding(*triggers),
            triggers.total - triggers.unknown
        ),
        PhaseReason::ExpectedSoon { at, triggers, begins, expected, longest_action_days } => format!(
            "{}; phase {} begins at {begins}, expected around {}, and its longest action takes \
             {longest_action_days} days; {}",
            phase_load(at),
            triggers.phase,
            expected.format("%-d %b %Y"),
            holding(*triggers)
        ),
        PhaseReason::NotDue { at, triggers } => {
            let unknown = match triggers.unknown {
                0 => String::new(),
                unknown => format!(", {unknown} unknown"),
            };
            format!("{}; {}{unknown}", phase_load(at), holding(*triggers))
        }
        PhaseReason::Worded { text } => text.clone(),
    }
}

fn phase_load(at: &PhaseLoad) -> String {
    let Some(peak) = at.peak else {
        return format!("phase {} is declared; the load is unknown", at.phase);
    };
    let estimated = at.estimated_from.map(|signal| format!(", estimated from {}", signal.entry().title));
    let users = Quantity::new(peak.round(), Unit::Count).map_or_else(String::new, |users| users.to_string());
    format!("{users} {} at the peak hour{}", at.unit, estimated.unwrap_or_default())
}

fn holding(triggers: TriggerCount) -> String {
    format!("{} of {} triggers of phase {} hold", triggers.holding, triggers.total, triggers.phase)
}

/// How the bill compares with the phase's cost.
pub(crate) fn cost(cost: &Cost) -> String {
    let bill = |word: &str| {
        let actual = cost.actual.unwrap_or_default();
        format!("{actual:.0} {} a month is {word} the tier", cost.currency)
    };
    match &cost.reason {
        CostReason::PhaseUnknown => "phase unknown, and with it the cost tier".to_owned(),
        CostReason::NotStated => "no cost in the roadmap for this phase".to_owned(),
        CostReason::NotDeclared { fact } => {
            format!("actual cost not declared; add `{fact} = …` under [facts] in scale-advisor.toml")
        }
        CostReason::Below => bill("below"),
        CostReason::Within => bill("within"),
        CostReason::Above => bill("above"),
        CostReason::Worded { text } => text.clone(),
    }
}

/// What the elasticity of the cost rests on, or what is missing.
pub(crate) fn elasticity(cost: &Cost, unit: &str) -> String {
    match &cost.elasticity_reason {
        ElasticityReason::Bills { bills, users } => format!("{bills} monthly bills against {users}"),
        ElasticityReason::AgainstRoadmap { cost: bill, users, stated_cost, stated_users } => format!(
            "{bill:.0} {} for {users:.0} {unit} against the roadmap's {stated_cost:.0} for {stated_users}",
            cost.currency
        ),
        ElasticityReason::NoBills { missing: reason } => {
            format!("{}; nor can the declared cost be compared with the roadmap's first one", missing(reason))
        }
        ElasticityReason::TooLittleGrowth { bills_needed, growth_needed } => format!(
            "needs {bills_needed} monthly bills and {:.0}% user growth",
            (growth_needed - 1.0) * 100.0
        ),
        ElasticityReason::Worded { text } => text.clone(),
    }
}

/// How the cost of a number of users was found, or why not.
pub(crate) fn stated_cost(currency: &str, reason: &StatedCostReason) -> String {
    let at = |point: &StatedAt| {
        let note = point.note.as_ref().map(|note| format!(", {note}")).unwrap_or_default();
        format!("{} for {} users{note}", amounts(currency, &point.per_month), point.users)
    };
    match reason {
        StatedCostReason::Stated { at: point } => format!("stated: {}", at(point)),
        StatedCostReason::Interpolated { below, above } => {
            format!("interpolated between {} and {}", at(below), at(above))
        }
        StatedCostReason::BelowFirst { first } => format!("the roadmap's costs begin with {}", at(first)),
        StatedCostReason::AboveLast { last } => format!("the roadmap's costs end with {}", at(last)),
        StatedCostReason::Worded { text } => text.clone(),
    }
}

fn amounts(currency: &str, range: &Range<f64>) -> String {
    match range.high() {
        Some(high) if high > range.low() => format!("{:.0}–{high:.0} {currency}", range.low()),
        Some(_) => format!("{:.0} {currency}", range.low()),
        None => format!("{:.0} {currency} or more", range.low()),
    }
}

/// Every stated capacity of a deployment beside what is needed: "http.requests 350/min of 1000/min".
pub(crate) fn capacities(checks: &[CapacityCheck]) -> String {
    joined(checks.iter().map(capacity))
}

fn capacity(check: &CapacityCheck) -> String {
    let text = |value: f64| {
        let rounded = if check.unit == Unit::Count { value.round() } else { value };
        Quantity::new(rounded, check.unit).map_or_else(|| "any".to_owned(), |quantity| quantity.to_string())
    };
    let stated = match (check.certain, check.possible) {
        (None, _) => "without an upper end".to_owned(),
        (Some(certain), None) => format!("of {} or more", text(certain)),
        (Some(certain), Some(possible)) if possible > certain => {
            format!("of {} to {}", text(certain), text(possible))
        }
        (Some(certain), Some(_)) => format!("of {}", text(certain)),
    };
    match check.needed {
        Some(needed) => format!("{} {} {stated}", check.signal, text(needed)),
        None => format!("{} unknown {stated}", check.signal),
    }
}

/// "of 5 criteria 3 met (a, b, c), 1 not met (d), 1 unknown (e)".
pub(crate) fn architecture(decision: &ArchitectureDecision, unit: &str) -> String {
    let with = |outcome| {
        let criteria = decision.criteria.iter().filter(move |criterion| criterion.holds == Some(outcome));
        criteria.collect::<Vec<&ArchitectureCriterion>>()
    };
    let total = decision.criteria.iter().filter(|criterion| criterion.holds.is_some()).count();
    if total == 0 {
        return "the roadmap has no criterion that can be measured or declared".to_owned();
    }
    let part = |outcome, word: &str| {
        let criteria = with(outcome);
        let names: Vec<&str> = criteria.iter().filter_map(|criterion| criterion.id.as_deref()).collect();
        let names = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
        format!("{} {word}{names}", criteria.len())
    };
    let criteria = format!(
        "of {total} criteria {}, {}, {}",
        part(Outcome::True, "met"),
        part(Outcome::False, "not met"),
        part(Outcome::Unknown, "unknown")
    );
    let below =
        decision.below_change_load.map(|users| format!("below {users} {unit} no full migration is needed"));
    joined([Some(criteria), below].into_iter().flatten())
}

/// "mail: 9 workers needed (target < 50 queued); 12/s × 506 ms = 6.1 busy workers".
pub(crate) fn workers(needed: &WorkersNeeded) -> String {
    let rate = Quantity::new(needed.arrivals_per_second, Unit::PerSecond);
    let rate = rate.map_or_else(String::new, |rate| rate.to_string());
    let queue = needed.queue.as_deref().unwrap_or("the queue");
    let target = match needed.waiting_target {
        Some(waiting) => format!("target < {waiting} queued"),
        None => "so that a job waits no longer than it runs".to_owned(),
    };
    let stated = needed
        .stated
        .as_ref()
        .map(|stated| format!("; the roadmap has {} (action {})", stated.count, stated.action));
    format!(
        "{queue}: {} {} needed ({target}); {rate} × {} = {:.1} busy workers, mean wait {}{}",
        needed.needed,
        if needed.needed == 1 { "worker" } else { "workers" },
        span_text(needed.job_seconds),
        needed.busy_workers,
        span_text(needed.wait_seconds),
        stated.unwrap_or_default()
    )
}

/// "worker utilization 20% at the peak hour, below 60%: at 70% 71% less would do; 3 of 10 would be enough".
pub(crate) fn saving(saving: &Saving) -> String {
    let measured = Measured {
        signal: saving.signal,
        instance: saving.instance.clone(),
        value: saving.value,
        capacity: saving.capacity,
    };
    let counted = match (saving.present, saving.needed) {
        (Some(present), Some(needed)) => format!("; {needed} of {present} would be enough"),
        _ => String::new(),
    };
    let below = saving.band_from.map(|low| format!(", below {low}")).unwrap_or_default();
    format!(
        "{}{} {} at the peak hour{below}: at {} {} less would do{counted}",
        saving.signal.entry().title,
        super::of_instance(saving.instance.as_deref()),
        amount(&measured),
        saving.target,
        percent(saving.share),
    )
}

/// Why something is in the plan.
pub(crate) fn plan_item(item: &PlanItem) -> String {
    joined(item.reasons.iter().map(plan_reason))
}

fn plan_reason(reason: &PlanReason) -> String {
    match reason {
        PlanReason::Relieves { resource, reason } => {
            format!("{}: {}", resource.entry().title, bottleneck(reason))
        }
        PlanReason::SaturatesWithout { resource, lost } => {
            format!("{}: saturated at the peak without {}", resource.entry().title, lost_parts(lost))
        }
        PlanReason::Expected { resource, title, users } => {
            format!("{}: the roadmap expects {title} at {users} users", resource.entry().title)
        }
        PlanReason::Decision { id, reason } => format!("decision {id}: {}", condition(reason)),
        PlanReason::Playbook { reason } => finding(reason),
        PlanReason::PhaseRecommended { phase: number, reason } => {
            format!("phase {number} is recommended: {}", phase(reason))
        }
        PlanReason::PhaseEntered { phase } => format!("phase {phase} is entered"),
        PlanReason::PhaseOnTheWay { phase, begins, users } => {
            format!("phase {phase} begins at {begins} on the way to {users}")
        }
        PlanReason::Worded { text } => text.clone(),
    }
}

/// What a plan holds.
pub(crate) fn purpose(plan: &Plan) -> String {
    match &plan.reason {
        PlanPurpose::Now { ranking: reason, next_bottleneck, phase: phase_reason } => {
            format!("{}; {}", ranking(reason, next_bottleneck.as_ref()), phase(phase_reason))
        }
        PlanPurpose::Phase { phase } => {
            format!("everything the roadmap asks for in phase {phase}, as if it were entered")
        }
        PlanPurpose::Users { users, unit } => format!(
            "what is urgent today, and everything the roadmap asks for on the way to {} {unit}",
            count(*users as f64)
        ),
    }
}
