//! The forecast as a result of its own: the load, every resource, and what a number of users would bring.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    ActBy, Assessment, AssessmentInput, Assumptions, Bottleneck, Context, ExpectedEvent, ForecastReason,
    Future, Grade, Interval, Outlook, Plan, Profile, Reached, ResourceOutlook, SaturationDate,
    SaturationReason, Scope, in_context,
    outlook::{Day, Detail},
};
use crate::{
    roadmap::{Event, Range},
    signal::{Quantity, ResourceId, SignalId},
    snapshot::Snapshot,
};

/// The version of the shape of `forecast --format json`.
pub const FORECAST_SCHEMA: &str = "scale-advisor/forecast/2";

/// How load and resources develop.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Forecast {
    /// Always `scale-advisor/forecast/2`.
    pub schema: String,
    /// When the snapshot was taken.
    pub generated_at: DateTime<Utc>,
    /// The program that made it.
    pub tool_version: String,
    /// Where the values come from when the system is not real.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub simulated: Option<String>,
    /// The roadmap.
    pub profile: Profile,
    /// The growth a month that was assumed; null where it was estimated.
    pub assumed_growth_per_month: Option<f64>,
    /// Events that are left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events_left_out: Vec<Event>,
    /// Events to come, and the resources that are too small for them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events_ahead: Vec<ExpectedEvent>,
    /// The load.
    pub load: ForecastLoad,
    /// When the load enters the phases ahead.
    pub phases: Vec<PhaseAhead>,
    /// Every resource that fills up and has a limit, most urgent first.
    pub resources: Vec<ForecastResource>,
    /// The effects of a number of users; absent where none was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_users: Option<AtUsers>,
}

/// How the load develops.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ForecastLoad {
    /// The signal.
    pub signal: SignalId,
    /// What a unit of load is called.
    pub unit: String,
    /// The 95th percentile of the peak hours; null when unknown.
    pub peak: Option<f64>,
    /// The busiest hour of each day.
    pub history: Vec<PastDay>,
    /// Quantiles of each day from today on; null without enough history.
    pub points: Option<Vec<Point>>,
    /// Growth a month as a ratio; null where it is not known.
    pub growth_per_month: Option<Interval<f64>>,
    /// Days ago at which the trend changed; null without a change.
    pub trend_changed_days_ago: Option<usize>,
    /// What it rests on, or what is missing.
    pub reason: ForecastReason,
}

/// A day that is over.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct PastDay {
    /// The day.
    pub date: NaiveDate,
    /// The mean of its busiest hour.
    pub value: f64,
}

/// Quantiles of the possible futures on a day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
#[expect(missing_docs, reason = "each is the quantile of its name")]
pub struct Point {
    pub date: NaiveDate,
    pub p5: f64,
    pub p10: f64,
    pub p25: f64,
    pub p50: f64,
    pub p75: f64,
    pub p90: f64,
    pub p95: f64,
}

/// A phase that the load has not reached.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PhaseAhead {
    /// Its number.
    pub phase: u64,
    /// Its title.
    pub title: String,
    /// The load at which it begins.
    pub users: u64,
    /// What it costs a month; null when the roadmap does not say.
    pub cost_per_month: Option<Range<f64>>,
    /// When it is reached; null where no date is known.
    pub reached: Option<SaturationDate>,
}

/// How a resource develops.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ForecastResource {
    /// What runs out.
    pub resource: ResourceId,
    /// The signal that measures it.
    pub signal: SignalId,
    /// Which of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// Where it is used up.
    pub limit: Quantity,
    /// What 100% is, for a share of something countable.
    pub capacity: Option<Quantity>,
    /// Its value at the busiest hour of each day.
    pub history: Vec<PastDay>,
    /// Quantiles of each day, for what fills by itself.
    pub points: Option<Vec<Point>>,
    /// The load at which the limit is reached.
    pub saturates_at_load: Option<Interval<f64>>,
    /// When the limit is reached; null where no date is known.
    pub saturates_on: Option<SaturationDate>,
    /// How likely it is to be the first of all.
    pub probability_first: Option<f64>,
    /// By when to act; of the instance that decides for its resource.
    pub act_by: Option<ActBy>,
    /// How good the evidence is.
    pub grade: Grade,
    /// What it rests on, or what is missing.
    pub reason: SaturationReason,
}

/// The effects of a number of users.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct AtUsers {
    /// The load.
    pub users: u64,
    /// When it is reached; null where no date is known.
    pub reached: Option<SaturationDate>,
    /// Every load-driven resource, the first to reach its limit first.
    pub limits: Vec<LimitAtUsers>,
    /// The phase, the tier and what to do until then.
    pub plan: Plan,
}

/// Whether a resource holds at a load.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LimitAtUsers {
    /// The resource.
    pub resource: ResourceId,
    /// Which of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// Whether it breaks.
    pub outcome: LimitOutcome,
    /// The load at which its limit is reached; null when unknown.
    pub saturates_at_load: Option<Interval<f64>>,
}

/// Whether a limit breaks at a load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LimitOutcome {
    /// The load lies beyond the interval of its saturation.
    Yes,
    /// The load lies within the interval.
    Perhaps,
    /// The load lies below the interval.
    No,
    /// The saturation load is not known.
    Unknown,
}

/// The forecast of a snapshot. `users` asks what a load would bring.
pub fn forecast(
    input: &AssessmentInput,
    snapshot: &Snapshot,
    assumptions: Assumptions,
    users: Option<u64>,
) -> Forecast {
    let assumptions = Assumptions { users, ..assumptions };
    in_context(input, snapshot, |context, evaluations| {
        let (assessment, outlook) = super::evaluate(context, evaluations, assumptions, Detail::Bands);
        compose(context, &assessment, &outlook, assumptions)
    })
}

pub(super) fn compose(
    context: &Context<'_>,
    assessment: &Assessment,
    outlook: &Outlook,
    assumptions: Assumptions,
) -> Forecast {
    let future = outlook.load.future.as_ref();
    let ranks = Ranks::new(assessment);
    let mut resources: Vec<ForecastResource> =
        outlook.resources.iter().map(|resource_outlook| resource(&ranks, resource_outlook)).collect();
    resources.sort_by_key(|resource| ranks.place(resource));
    Forecast {
        schema: FORECAST_SCHEMA.to_owned(),
        generated_at: assessment.generated_at,
        tool_version: assessment.tool_version.clone(),
        simulated: assessment.simulated.clone(),
        profile: assessment.profile.clone(),
        assumed_growth_per_month: assumptions.growth,
        events_left_out: assessment.events_left_out.clone(),
        events_ahead: assessment.events_ahead.clone(),
        load: ForecastLoad {
            signal: assessment.load.signal,
            unit: assessment.load.unit.clone(),
            peak: assessment.load.peak,
            history: past(&outlook.load.history),
            points: future.map(points),
            growth_per_month: assessment.load.growth_per_month,
            trend_changed_days_ago: future.and_then(|future| future.change).map(|change| change.days_ago),
            reason: outlook.load.reason.clone(),
        },
        phases: phases(context, assessment, outlook),
        resources,
        at_users: assumptions.users.and_then(|users| at_users(context, assessment, outlook, users)),
    }
}

/// How the assessment ranks the resources and their instances, found without looking at all of them.
struct Ranks<'a> {
    /// The place of the first instance of each resource.
    places: BTreeMap<ResourceId, usize>,
    deciders: BTreeMap<(SignalId, Option<&'a str>), &'a Bottleneck>,
}

impl<'a> Ranks<'a> {
    fn new(assessment: &'a Assessment) -> Self {
        let mut ranks = Self { places: BTreeMap::new(), deciders: BTreeMap::new() };
        for (place, bottleneck) in assessment.bottlenecks.iter().enumerate() {
            ranks.places.entry(bottleneck.resource).or_insert(place);
            if let Some(signal) = bottleneck.signal {
                ranks.deciders.entry((signal, bottleneck.instance.as_deref())).or_insert(bottleneck);
            }
        }
        ranks
    }

    /// The instance that decides comes before the others of its resource.
    fn place(&self, resource: &ForecastResource) -> (usize, bool) {
        let decider = self.decider(resource.signal, resource.instance.as_deref());
        (self.places.get(&resource.resource).copied().unwrap_or(usize::MAX), decider.is_none())
    }

    fn decider(&self, signal: SignalId, instance: Option<&str>) -> Option<&'a Bottleneck> {
        self.deciders.get(&(signal, instance)).copied()
    }
}

fn resource(ranks: &Ranks<'_>, outlook: &ResourceOutlook) -> ForecastResource {
    let decider = ranks.decider(outlook.signal, outlook.instance.as_deref());
    ForecastResource {
        resource: outlook.resource,
        signal: outlook.signal,
        instance: outlook.instance.clone(),
        limit: outlook.limit,
        capacity: outlook.capacity,
        history: past(&outlook.history),
        points: outlook.future.as_ref().map(points),
        saturates_at_load: outlook.saturates_at_load,
        saturates_on: outlook.reached.as_ref().and_then(Reached::date),
        probability_first: outlook.probability_first,
        act_by: decider.and_then(|bottleneck| bottleneck.act_by.clone()),
        grade: outlook.grade,
        reason: decider.map_or_else(
            || SaturationReason {
                first_undecided: outlook.first_undecided,
                limit_changed: outlook.limit_changed,
                ..SaturationReason::without_forecast(outlook.reason.clone())
            },
            |bottleneck| bottleneck.saturation_reason.clone(),
        ),
    }
}

fn past(days: &[Day]) -> Vec<PastDay> {
    days.iter().map(|day| PastDay { date: day.date, value: day.value }).collect()
}

fn points(future: &Future) -> Vec<Point> {
    let point = |(day, &[p5, p10, p25, p50, p75, p90, p95]): (usize, &[f64; 7])| {
        let date = future.date(day).date_naive();
        Point { date, p5, p10, p25, p50, p75, p90, p95 }
    };
    future.bands.iter().enumerate().map(point).collect()
}

fn phases(context: &Context<'_>, assessment: &Assessment, outlook: &Outlook) -> Vec<PhaseAhead> {
    let Some(peak) = assessment.load.peak else { return Vec::new() };
    let ahead = context.input.roadmap.phases.iter().filter(|phase| phase.users.low() as f64 > peak);
    ahead
        .map(|phase| PhaseAhead {
            phase: phase.number,
            title: phase.title.clone(),
            users: phase.users.low(),
            cost_per_month: phase.cost_per_month,
            reached: outlook.load_reaches(phase.users.low() as f64).as_ref().and_then(Reached::date),
        })
        .collect()
}

fn at_users(
    context: &Context<'_>,
    assessment: &Assessment,
    outlook: &Outlook,
    users: u64,
) -> Option<AtUsers> {
    let load = users as f64;
    let driven = outlook.resources.iter().filter(|resource| resource.future.is_none());
    let mut limits: Vec<LimitAtUsers> = driven
        .map(|resource| LimitAtUsers {
            resource: resource.resource,
            instance: resource.instance.clone(),
            outcome: breaks(resource.saturates_at_load.as_ref(), load),
            saturates_at_load: resource.saturates_at_load,
        })
        .collect();
    let middle =
        |limit: &LimitAtUsers| limit.saturates_at_load.map_or(f64::INFINITY, |interval| interval.mid);
    limits.sort_by(|a, b| a.outcome.cmp(&b.outcome).then(middle(a).total_cmp(&middle(b))));
    Some(AtUsers {
        users,
        reached: outlook.load_reaches(load).as_ref().and_then(Reached::date),
        limits,
        plan: super::plan::what_if(context, assessment, outlook, Scope::Users(users))?,
    })
}

fn breaks(saturation: Option<&Interval<f64>>, load: f64) -> LimitOutcome {
    match saturation {
        None => LimitOutcome::Unknown,
        Some(interval) if load >= interval.high => LimitOutcome::Yes,
        Some(interval) if load >= interval.low => LimitOutcome::Perhaps,
        Some(_) => LimitOutcome::No,
    }
}
