//! A dashboard: the load with its phases, each resource against its limits, and the dates.

use super::{
    Basis, ExportInput, Skipped,
    measured::{MeasuredSignal, measured},
};
use crate::{
    assess::{Bottleneck, SignalLimits},
    signal::{Role, SignalId},
};

/// What a dashboard shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Dashboard {
    /// What it rests on.
    pub basis: Basis,
    /// The title of the roadmap.
    pub title: String,
    /// The load; `None` where Prometheus does not measure it.
    pub load: Option<LoadPanel>,
    /// The resources, the most urgent first.
    pub resources: Vec<ResourcePanel>,
    /// Resources with a saturation load or date.
    pub saturations: Vec<Bottleneck>,
    /// What a unit of load is called.
    pub load_unit: String,
    /// What was measured and has no panel.
    pub skipped: Vec<Skipped>,
}

/// The load and where phases begin.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadPanel {
    /// The signal.
    pub signal: SignalId,
    /// Gives its values.
    pub expression: String,
    /// The number, the title and the first load of each phase.
    pub phases: Vec<(u64, String, u64)>,
}

/// A resource against its limits.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourcePanel {
    /// The signal.
    pub signal: SignalId,
    /// Gives its values: a share of the limit where there is one.
    pub expression: String,
    /// The label of the series that names the instance.
    pub instance_label: Option<String>,
    /// What it is compared with.
    pub limits: SignalLimits,
}

/// A dashboard of everything that Prometheus measures.
pub fn dashboard(export: &ExportInput<'_>) -> Dashboard {
    let assessment = &export.survey.assessment;
    let roadmap = &export.input.roadmap;
    let (mut load, mut resources, mut skipped) = (None, Vec::new(), Vec::new());
    for (signal, source) in measured(export) {
        let is_load = signal == roadmap.load.signal;
        match source {
            _ if signal.entry().role != Role::Resource && !is_load => {}
            Err(reason) => skipped.push(Skipped { signal, reason }),
            Ok(source) if is_load => load = Some(load_panel(export, &source)),
            Ok(source) => resources.push(resource_panel(export, &source)),
        }
    }
    let urgency = |panel: &ResourcePanel| {
        let place = assessment.bottlenecks.iter().position(|row| row.signal == Some(panel.signal));
        place.unwrap_or(usize::MAX)
    };
    resources.sort_by_key(|panel| (urgency(panel), panel.signal));
    let known = |row: &&Bottleneck| row.saturates_on.is_some() || row.saturates_at_load.is_some();
    Dashboard {
        basis: export.basis(),
        title: roadmap.title.clone(),
        load,
        resources,
        saturations: assessment.bottlenecks.iter().filter(known).cloned().collect(),
        load_unit: assessment.load.unit.clone(),
        skipped,
    }
}

fn load_panel(export: &ExportInput<'_>, source: &MeasuredSignal<'_>) -> LoadPanel {
    let phases = export.input.roadmap.phases.iter();
    LoadPanel {
        signal: source.signal,
        expression: source.usage(),
        phases: phases.map(|phase| (phase.number, phase.title.clone(), phase.users.low())).collect(),
    }
}

fn resource_panel(export: &ExportInput<'_>, source: &MeasuredSignal<'_>) -> ResourcePanel {
    ResourcePanel {
        signal: source.signal,
        expression: source.value(),
        instance_label: source.instance_label(),
        limits: SignalLimits::for_signal(export.input, source.signal),
    }
}
