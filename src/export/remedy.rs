//! The first thing to do about a resource.

use chrono::{DateTime, TimeDelta, Utc};

use super::ExportInput;
use crate::{assess::lead_time, signal::ResourceId};

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
