//! What language models cost: by team and by model, a day and a month, a user and a thousand requests.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Context, Load, outlook::Past};
use crate::{signal::SignalId, snapshot::Observation};

/// What is spent a day on each model by each team.
pub(super) const SPEND: &str = "llm.spend";
/// Calls of models a second.
const CALLS: &str = "llm.calls";
/// The signals whose past tells it.
pub(super) const SIGNALS: [&str; 2] = [SPEND, CALLS];
/// The source that reads a file of spend.
const FILE: &str = "spend";
/// The labels that name the team, best first, and the model.
const TEAM: [&str; 2] = ["team_alias", "team"];
const MODEL: [&str; 1] = ["model"];
/// What exporters write where there is none.
const NONE: [&str; 2] = ["", "None"];

const DAY_MS: i64 = 86_400_000;
const DAY_SECONDS: f64 = 86_400.0;
const WEEK: i64 = 7;
/// Days of a week that must be known for it to be compared with another.
const DAYS_OF_WEEK: f64 = 5.0;
/// Days of an average month.
const MONTH: f64 = 365.0 / 12.0;
/// Teams and models that are listed.
const LISTED: usize = 10;

/// What is spent on language models, in US dollars.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LlmSpend {
    /// A day, the mean of the last seven as far as they are known.
    pub per_day: f64,
    /// A month at that rate.
    pub per_month: f64,
    /// How many of the last seven days are known, in parts of days.
    pub days: f64,
    /// How much more or less than in the seven days before, 0.12 for 12% more; null where too little of them is known.
    pub growth_per_week: Option<f64>,
    /// By team, the largest first.
    pub by_team: SpendBy,
    /// By model, the largest first.
    pub by_model: SpendBy,
    /// A month for each unit of load at the peak hour; null where the load is not known.
    pub per_user: Option<f64>,
    /// For a thousand calls of models; null where these are not counted.
    pub per_thousand_calls: Option<f64>,
    /// What a month costs at the beginning of each phase, at the present spend of a user.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phases: Vec<PhaseSpend>,
}

/// Spend by something.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SpendBy {
    /// The largest, at most ten.
    pub rows: Vec<SpendRow>,
    /// How many more there are.
    pub others: usize,
    /// What these spend a day together.
    pub others_per_day: f64,
}

impl SpendBy {
    /// What the others spend a month at that rate.
    pub fn others_per_month(&self) -> f64 {
        self.others_per_day * MONTH
    }
}

/// What one team or model spends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SpendRow {
    /// Which; null for what belongs to none.
    pub name: Option<String>,
    /// A day.
    pub per_day: f64,
    /// A month at that rate.
    pub per_month: f64,
    /// Its share of everything that is spent.
    pub share: f64,
    /// How much more or less than in the seven days before; null where that is not known or was nothing.
    pub growth_per_week: Option<f64>,
}

/// What the users of a phase cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PhaseSpend {
    /// The phase's number.
    pub phase: u64,
    /// The users with which it begins.
    pub users: u64,
    /// What they cost a month.
    pub per_month: f64,
}

/// What was spent in the last seven days and in those before.
#[derive(Debug, Clone, Copy, Default)]
struct Weeks {
    last: f64,
    before: f64,
}

/// `None` where no spend is measured.
pub(super) fn assess(context: &Context<'_>, load: &Load) -> Option<LlmSpend> {
    let signal = SignalId::find(SPEND)?;
    let now_ms = context.snapshot.taken_at.timestamp_millis();
    let mut known = [BTreeSet::new(), BTreeSet::new()];
    let (mut teams, mut models) = (BTreeMap::new(), BTreeMap::new());
    let mut total = Weeks::default();
    let mut step_ms = 0;
    for observation in observations(context, signal) {
        let Some(past) = Past::for_instance(context, signal, observation.instance.as_deref()) else {
            continue;
        };
        step_ms = step_ms.max(past.step_ms);
        let mut weeks = Weeks::default();
        for (at, rate) in past.samples() {
            let Some(age) = weeks_ago(now_ms, at + past.step_ms) else { continue };
            known[age].insert(at);
            let amount = rate * past.step_ms as f64 / DAY_MS as f64;
            *[&mut weeks.last, &mut weeks.before][age] += amount;
        }
        for (groups, labels) in [(&mut teams, &TEAM[..]), (&mut models, &MODEL[..])] {
            let sums: &mut Weeks = groups.entry(name(observation, labels)).or_default();
            sums.last += weeks.last;
            sums.before += weeks.before;
        }
        total.last += weeks.last;
        total.before += weeks.before;
    }
    let [days, days_before] = known.map(|at| at.len() as f64 * step_ms as f64 / DAY_MS as f64);
    if days <= 0.0 {
        return None;
    }
    let per_day = total.last / days;
    let compared = days >= DAYS_OF_WEEK && days_before >= DAYS_OF_WEEK;
    let scale = Scale { days, days_before: compared.then_some(days_before), per_day };
    let per_month = per_day * MONTH;
    let users = load.peak.filter(|users| *users > 0.0);
    let per_user = users.map(|users| per_month / users);
    let phases = context.input.roadmap.phases.iter().filter(|phase| phase.users.low() > 0);
    Some(LlmSpend {
        per_day,
        per_month,
        days,
        growth_per_week: scale.growth(total),
        by_team: scale.by(teams),
        by_model: scale.by(models),
        per_user,
        per_thousand_calls: calls_per_day(context, now_ms).map(|calls| per_day / calls * 1000.0),
        phases: per_user.map_or_else(Vec::new, |per_user| {
            let spend = |users: u64| per_user * users as f64;
            phases
                .map(|phase| {
                    let users = phase.users.low();
                    PhaseSpend { phase: phase.number, users, per_month: spend(users) }
                })
                .collect()
        }),
    })
}

/// What is spent, by whom and on what. Who names a file of it means that one: the same spend would count twice.
pub(super) fn observations<'a>(context: &Context<'a>, signal: SignalId) -> Vec<&'a Observation> {
    let all = context.evaluated(signal);
    let of_file = |observation: &&Observation| observation.origin.source == FILE;
    let named = all.iter().any(of_file);
    all.iter().copied().filter(|observation| !named || of_file(observation)).collect()
}

/// Whether an observation of spend is that of a team, by its alias or its id, and of a model.
pub(super) fn is_of(observation: &Observation, team: Option<&str>, model: Option<&str>) -> bool {
    let has = |labels: &[&str], wanted: Option<&str>| {
        let value = |label: &&str| observation.labels.get(*label).map(String::as_str);
        wanted.is_none_or(|wanted| labels.iter().any(|label| value(label) == Some(wanted)))
    };
    has(&TEAM, team) && has(&MODEL, model)
}

/// 0 for the last seven days, 1 for those before; nothing for what is older, or still to come.
fn weeks_ago(now_ms: i64, end_ms: i64) -> Option<usize> {
    let age_ms = now_ms - end_ms;
    usize::try_from(age_ms.div_euclid(WEEK * DAY_MS)).ok().filter(|weeks| *weeks < 2)
}

/// The first of some labels that says something.
fn name(observation: &Observation, labels: &[&str]) -> Option<String> {
    let values = labels.iter().filter_map(|label| observation.labels.get(*label));
    let mut named = values.filter(|value| !NONE.contains(&value.as_str()));
    named.next().cloned()
}

/// Calls in a day of the last seven; nothing where none are counted.
fn calls_per_day(context: &Context<'_>, now_ms: i64) -> Option<f64> {
    let past = Past::for_instance(context, SignalId::find(CALLS)?, None)?;
    let rates: Vec<f64> = past
        .samples()
        .filter(|(at, _)| weeks_ago(now_ms, at + past.step_ms) == Some(0))
        .map(|(_, rate)| rate)
        .collect();
    let mean = rates.iter().sum::<f64>() / rates.len() as f64;
    (mean > 0.0).then_some(mean * DAY_SECONDS)
}

/// What sums of weeks come to.
struct Scale {
    days: f64,
    /// Of the week before, where both weeks are known.
    days_before: Option<f64>,
    per_day: f64,
}

impl Scale {
    fn growth(&self, weeks: Weeks) -> Option<f64> {
        let before = weeks.before / self.days_before?;
        (before > 0.0).then(|| weeks.last / self.days / before - 1.0)
    }

    fn by(&self, groups: BTreeMap<Option<String>, Weeks>) -> SpendBy {
        let mut rows: Vec<SpendRow> = groups
            .into_iter()
            .filter(|(_, weeks)| weeks.last > 0.0)
            .map(|(name, weeks)| {
                let per_day = weeks.last / self.days;
                SpendRow {
                    name,
                    per_day,
                    per_month: per_day * MONTH,
                    share: per_day / self.per_day,
                    growth_per_week: self.growth(weeks),
                }
            })
            .collect();
        rows.sort_by(|a, b| b.per_day.total_cmp(&a.per_day).then_with(|| a.name.cmp(&b.name)));
        let others = rows.split_off(rows.len().min(LISTED));
        let others_per_day = others.iter().map(|row| row.per_day).sum();
        SpendBy { rows, others: others.len(), others_per_day }
    }
}
