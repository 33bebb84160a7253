//! The month's report: what a team plans from.
//!
//! Pure: an input, a snapshot with its history and what was recorded earlier become a [`Report`], plain data that every
//! renderer shows. One file for each section. What the history does not cover is left open with the reason.

#![deny(clippy::disallowed_methods)]

mod bottlenecks;
mod compared;
mod cost;
mod hindsight;
mod hours;
mod load;
mod past_assessment;
mod plan;
mod resources;
mod statements;
mod unknown;
mod verdict;
mod warnings;
mod year;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    assess::{Assessment, AssessmentInput, Assumptions, Profile, survey},
    snapshot::Snapshot,
    statements::Statements,
};

pub use crate::calendar::{Month, NotAMonth};
pub use bottlenecks::NextBottleneck;
pub use compared::{Compared, Comparison};
pub use cost::{CostAhead, CostSection, CostStep, StepKind};
pub use hindsight::{CheckedDay, CheckedForecast, CrossingOutcome, CrossingSeen, Hindsight, Share};
pub use hours::{Breach, DayOf};
pub use load::{ExpectedMilestone, LoadSection, MonthOfLoad, PhaseSpan};
pub use past_assessment::{AssessmentSummary, Basis, Expected};
pub use plan::{DoneItem, PlanSection};
pub use resources::{ResourceMonth, ResourceNow, ResourceSection};
pub use statements::{
    CountedServer, DailyAverage, Lead, LeadingStatement, StatementTimes, StatementsMissing,
    StatementsOfMonth, StatementsSection,
};
pub use unknown::{Assumption, CoverageOfDay, UnknownSection};
pub use verdict::VerdictSection;
pub use warnings::{
    PastWarning, ResourceAccuracy, Violation, WarningAccuracy, WarningCounts, WarningOutcome,
    warning_accuracy,
};
pub use year::{MonthOfYear, Tightest, YEAR_SCHEMA, YearReport, year};

/// The version of the shape of the report's JSON.
pub const REPORT_SCHEMA: &str = "scale-advisor/report/2";

/// What a report is made from.
#[derive(Debug, Clone, Copy)]
pub struct ReportInput<'a> {
    /// What the measurements are compared with.
    pub input: &'a AssessmentInput,
    /// The present and, as its history, the hours that are known of the past.
    pub snapshot: &'a Snapshot,
    /// Assessments as they were recorded, in any order.
    pub recorded: &'a [Assessment],
    /// What statements did in the month and the one before.
    pub statements: &'a Statements,
    /// The month to report on.
    pub month: Month,
    /// Another month to compare it with.
    pub compare: Option<Month>,
}

/// A month, and what to do about it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Report {
    /// Always `scale-advisor/report/2`.
    pub schema: String,
    /// The month, such as `2026-10`.
    pub month: String,
    /// Its first instant.
    pub from: DateTime<Utc>,
    /// The first instant after it.
    pub to: DateTime<Utc>,
    /// When the snapshot was taken; the report's present.
    pub generated_at: DateTime<Utc>,
    /// When the next report is due: the first day of the month after the report's present.
    pub next_report: DateTime<Utc>,
    /// The program that made it.
    pub tool_version: String,
    /// Where the values come from when the system is not real.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub simulated: Option<String>,
    /// The roadmap.
    pub profile: Profile,
    /// 1: how it stands and what changed.
    pub verdict: VerdictSection,
    /// 2: the load, so far and to come.
    pub load: LoadSection,
    /// 3: what runs out next, most urgent first.
    pub bottlenecks: Vec<NextBottleneck>,
    /// 4: the month of every resource.
    pub resources: ResourceSection,
    /// 5: the database's statements.
    pub statements: StatementsSection,
    /// 6: what it costs and will cost.
    pub cost: CostSection,
    /// 7: what to do, and by when.
    pub plan: PlanSection,
    /// 8: how good earlier forecasts were.
    pub hindsight: Hindsight,
    /// 9: what is not known.
    pub unknown: UnknownSection,
    /// The month beside another; absent where none was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
}

/// The report of a month. The snapshot's time counts as now.
pub fn report(material: &ReportInput<'_>) -> Report {
    let ReportInput { input, snapshot, month, .. } = *material;
    let survey = survey(input, snapshot, Assumptions::default());
    let assessment = &survey.assessment;
    let at_begin = past_assessment::summary(material, month.begin());
    let next_report = Month::of_instant(snapshot.taken_at).end();
    Report {
        schema: REPORT_SCHEMA.to_owned(),
        month: month.to_string(),
        from: month.begin(),
        to: month.end(),
        generated_at: assessment.generated_at,
        next_report,
        tool_version: assessment.tool_version.clone(),
        simulated: assessment.simulated.clone(),
        profile: assessment.profile.clone(),
        verdict: verdict::section(material, &survey, at_begin.as_ref()),
        load: load::section(material, &survey),
        bottlenecks: bottlenecks::section(input, &survey),
        resources: resources::section(material, assessment),
        statements: statements::section(material),
        cost: cost::section(input, &survey),
        plan: plan::section(input, assessment, next_report),
        hindsight: hindsight::section(material, &survey, at_begin.as_ref()),
        unknown: unknown::section(material, &survey),
        comparison: material.compare.map(|other| compared::section(material, &survey, other)),
    }
}
