//! Section 3: what runs out next.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::assess::{AssessmentInput, Bottleneck, ForecastResource, SignalLimits, Status, Survey};

/// A resource that runs out, or will.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct NextBottleneck {
    /// How close it is, and what the roadmap expects of it.
    pub standing: Bottleneck,
    /// Its limits.
    pub limits: SignalLimits,
    /// Its days so far and to come; null where it cannot be continued.
    pub course: Option<ForecastResource>,
}

/// Those that are beyond a limit, or of which a load or a date is known; most pressing first.
pub(super) fn section(input: &AssessmentInput, survey: &Survey) -> Vec<NextBottleneck> {
    let near = |bottleneck: &&Bottleneck| {
        let known = bottleneck.saturates_at_load.is_some() || bottleneck.saturates_on.is_some();
        known || matches!(bottleneck.status, Status::Saturated | Status::Approaching)
    };
    let mut courses = BTreeMap::new();
    for course in &survey.forecast.resources {
        courses.entry((course.signal, course.instance.as_deref())).or_insert(course);
    }
    let course = |bottleneck: &Bottleneck| -> Option<ForecastResource> {
        courses.get(&(bottleneck.signal?, bottleneck.instance.as_deref())).copied().cloned()
    };
    let shown = survey.assessment.bottlenecks.iter().filter(near);
    shown
        .map(|bottleneck| NextBottleneck {
            limits: bottleneck
                .signal
                .map(|signal| SignalLimits::for_signal(input, signal))
                .unwrap_or_default(),
            course: course(bottleneck),
            standing: bottleneck.clone(),
        })
        .collect()
}
