//! Section 6: what it costs, and what it will cost.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use super::Month;
use crate::{
    assess::{AssessmentInput, Cost, Interval, LlmSpend, Point, Reached, SaturationDate, Survey},
    roadmap::{Phase, Range, Roadmap},
};

/// How many months the path has.
const MONTHS: usize = 6;

/// The cost.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CostSection {
    /// Today: tier, bill, per user, elasticity.
    pub today: Cost,
    /// What is spent on language models; absent where that is not measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub llm: Option<LlmSpend>,
    /// The ends of the next six months.
    pub path: Vec<CostAhead>,
    /// What raises the bill on the way, in the order of loads.
    pub steps: Vec<CostStep>,
}

/// The cost at the end of a month to come.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CostAhead {
    /// The month.
    pub month: String,
    /// Its last day.
    pub on: NaiveDate,
    /// The load expected on the busiest of its last seven days that are to come, with 90%; null beyond the forecast.
    pub load: Option<Interval<f64>>,
    /// The phase that holds the middle of it.
    pub phase: Option<u64>,
    /// What that phase costs a month; null when unknown.
    pub per_month: Option<Range<f64>>,
}

/// What raises the bill.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CostStep {
    /// What kind of step.
    pub kind: StepKind,
    /// What it is.
    pub title: String,
    /// The load at which it comes.
    pub users: u64,
    /// When that is reached; null where no date can be given.
    pub reached: Option<SaturationDate>,
    /// Of a phase what it costs a month altogether; of a milestone's remedy what it adds.
    pub per_month: Option<Range<f64>>,
}

/// Kinds of steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum StepKind {
    /// Another phase begins.
    Phase,
    /// The remedy of a milestone.
    Milestone,
}

pub(super) fn section(input: &AssessmentInput, survey: &Survey) -> CostSection {
    let today = survey.assessment.generated_at;
    CostSection {
        today: survey.assessment.cost.clone(),
        llm: survey.assessment.llm_spend.clone(),
        path: path(&input.roadmap, survey, today),
        steps: steps(&input.roadmap, survey),
    }
}

fn path(roadmap: &Roadmap, survey: &Survey, today: DateTime<Utc>) -> Vec<CostAhead> {
    let points = survey.forecast.load.points.as_deref().unwrap_or_default();
    let mut month = Month::of_instant(today);
    let mut path = Vec::with_capacity(MONTHS);
    while path.len() < MONTHS {
        if let Some(on) = month.days().last() {
            let busiest = busiest(points, today.date_naive(), on);
            let load = busiest.map(|point| Interval { low: point.p5, mid: point.p50, high: point.p95 });
            let phase = load.and_then(|load| holding(roadmap, load.mid));
            path.push(CostAhead {
                month: month.to_string(),
                on,
                load,
                phase: phase.map(|phase| phase.number),
                per_month: phase.and_then(|phase| phase.cost_per_month),
            });
        }
        month = month.next();
    }
    path
}

/// The busiest of the seven days up to one, by their medians, as far as they are to come; nothing where not all of those
/// are forecast. The last day alone could be a Sunday.
fn busiest(points: &[Point], today: NaiveDate, until: NaiveDate) -> Option<&Point> {
    let first = today.max(until - TimeDelta::days(6));
    let week = points.iter().filter(|point| (first..=until).contains(&point.date));
    let days = first.iter_days().take_while(|date| *date <= until).count();
    (week.clone().count() == days).then(|| week.max_by(|a, b| a.p50.total_cmp(&b.p50))).flatten()
}

fn holding(roadmap: &Roadmap, load: f64) -> Option<&Phase> {
    roadmap.phases.iter().rev().find(|phase| phase.users.low() as f64 <= load)
}

/// The phases and milestones that the load reaches within the forecast, or whose remedy is due then.
fn steps(roadmap: &Roadmap, survey: &Survey) -> Vec<CostStep> {
    let Some(peak) = survey.assessment.load.peak else { return Vec::new() };
    let reached = |users: u64| survey.outlook.load_reaches(users as f64).as_ref().and_then(Reached::date);
    let phases = survey.forecast.phases.iter().map(|phase| CostStep {
        kind: StepKind::Phase,
        title: format!("Phase {}: {}", phase.phase, phase.title),
        users: phase.users,
        reached: phase.reached.clone(),
        per_month: phase.cost_per_month,
    });
    let ahead = roadmap.milestones.iter().filter(|milestone| milestone.users as f64 > peak);
    let milestones = ahead.map(|milestone| {
        // The remedy is paid for when it is in place, which is before the milestone.
        let users = milestone.act_by_users.unwrap_or(milestone.users);
        CostStep {
            kind: StepKind::Milestone,
            title: milestone.title.clone(),
            users,
            reached: reached(users),
            per_month: Some(milestone.cost_per_month),
        }
    });
    let mut steps: Vec<CostStep> = phases.chain(milestones).filter(|step| step.reached.is_some()).collect();
    steps.sort_by(|a, b| (a.users, a.kind, &a.title).cmp(&(b.users, b.kind, &b.title)));
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_ends_with_the_busiest_of_its_days_to_come() {
        let date = |day: &str| day.parse::<NaiveDate>().unwrap();
        // A month from 21 November on; Sundays, of which 29 November is one, are quiet.
        let points: Vec<Point> = (0_u32..30)
            .zip(date("2026-11-21").iter_days())
            .map(|(ahead, date)| {
                let p50 = if ahead % 7 == 1 { 10.0 } else { f64::from(100 + ahead) };
                Point { date, p5: p50, p10: p50, p25: p50, p50, p75: p50, p90: p50, p95: p50 }
            })
            .collect();
        let end = date("2026-11-30");
        let found = |points, today: &str, until| busiest(points, date(today), until).map(|point| point.p50);
        assert_eq!(found(&points, "2026-11-21", end), Some(109.0));
        // From the 28th on only three days are left, and of the 29th and 30th two.
        assert_eq!(found(&points[7..], "2026-11-28", end), Some(109.0));
        assert_eq!(found(&points[8..9], "2026-11-29", end), None);
        assert_eq!(found(&points, "2026-11-21", date("2026-12-31")), None);
        assert_eq!(found(&[], "2026-11-30", end), None);
    }
}
