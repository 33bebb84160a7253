//! Section 7: what to do before the next report.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use crate::assess::{Assessment, AssessmentInput, PlanItem};

/// What to do.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PlanSection {
    /// When the next report is due.
    pub until: DateTime<Utc>,
    /// Should have begun already, and is not declared done.
    pub late: Vec<PlanItem>,
    /// Has to begin before the next report.
    pub due: Vec<PlanItem>,
    /// Has more time, or no date.
    pub later: Vec<PlanItem>,
    /// Declared done.
    pub done: Vec<DoneItem>,
}

/// What the team has declared done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DoneItem {
    /// Its id.
    pub id: String,
    /// What it was; null where the roadmap knows no such id.
    pub title: Option<String>,
}

pub(super) fn section(input: &AssessmentInput, assessment: &Assessment, until: DateTime<Utc>) -> PlanSection {
    let now = assessment.generated_at;
    let open = || assessment.plan.iter().filter(|item| !item.done);
    let starting = |wanted: &dyn Fn(DateTime<Utc>) -> bool| {
        open().filter(|item| item.start_by.is_some_and(wanted)).cloned().collect()
    };
    PlanSection {
        until,
        late: starting(&|date| date <= now),
        due: starting(&|date| date > now && date < until),
        later: open().filter(|item| item.start_by.is_none_or(|date| date >= until)).cloned().collect(),
        done: input.declared.done.iter().map(|id| done(input, assessment, id)).collect(),
    }
}

fn done(input: &AssessmentInput, assessment: &Assessment, id: &str) -> DoneItem {
    let actions = input.roadmap.phases.iter().flat_map(|phase| &phase.actions);
    let action = actions.filter(|action| action.id == id).map(|action| action.title.clone()).next();
    let planned = || assessment.plan.iter().find(|item| item.id == id).map(|item| item.title.clone());
    DoneItem { id: id.to_owned(), title: action.or_else(planned) }
}
