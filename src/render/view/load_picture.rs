//! The load on the roadmap: measured, forecast, with phases, milestones and the loads at which resources saturate.

use crate::render::reason;
use chrono::NaiveDate;

use crate::{
    assess::{ForecastLoad, Point},
    render::{
        chart::{Basis, Course, LoadChart, Mark, Milestone, PhaseBand, course_characters, load_chart},
        document::Picture,
    },
    signal::Unit,
};

/// What is drawn.
pub(super) struct LoadPicture<'a> {
    /// The load.
    pub(super) load: &'a ForecastLoad,
    /// The present, where there is no forecast.
    pub(super) today: NaiveDate,
    /// The loads at which resources saturate, with their names.
    pub(super) saturations: Vec<(f64, String)>,
    /// The phases of the roadmap.
    pub(super) phases: Vec<PhaseBand<'a>>,
    /// The milestones of the roadmap.
    pub(super) milestones: Vec<Milestone<'a>>,
    /// Whether the system is not real.
    pub(super) simulated: bool,
}

impl LoadPicture<'_> {
    /// The picture.
    pub(super) fn picture(&self) -> Picture {
        let load = self.load;
        let points = load.points.as_deref().unwrap_or_default();
        let history: Vec<_> = load.history.iter().map(|day| (day.date, day.value)).collect();
        let bands: Vec<[f64; 7]> = points.iter().map(quantiles).collect();
        let first = points.first().map_or(self.today, |point| point.date);
        let course = Course { history: &history, first, bands: &bands };
        let measured = self.saturations.iter().map(|(load, title)| Milestone {
            load: *load,
            basis: Basis::Measured,
            title,
            act_by: None,
        });
        let milestones: Vec<Milestone<'_>> = measured.chain(self.milestones.iter().copied()).collect();
        let title = format!("Load: {} in the peak hour of each day", load.unit);
        let demo = if self.simulated { "Demo data. " } else { "" };
        let svg = load_chart(&LoadChart {
            title: &format!("{demo}{title}"),
            unit: &load.unit,
            course,
            phases: &self.phases,
            milestones: &milestones,
            because: &reason::forecast(&load.reason),
        });
        let limit = self.limit();
        let limit = limit.as_ref().map(|(value, label)| Mark { value: *value, label });
        let characters = course_characters(course, limit, Unit::Count);
        Picture { name: "load".to_owned(), title, svg, characters }
    }

    /// The load at which the first resource saturates, else at which the next phase begins.
    fn limit(&self) -> Option<(f64, String)> {
        let first = self.saturations.iter().min_by(|a, b| a.0.total_cmp(&b.0));
        let saturates = first.map(|(load, name)| (load.round(), format!("{name}: saturates at")));
        let peak = self.load.peak.unwrap_or(0.0);
        let next = self.phases.iter().find(|phase| phase.from > peak);
        saturates.or_else(|| next.map(|phase| (phase.from, format!("phase {} begins at", phase.number))))
    }
}

/// The quantiles of a day in the order that charts take them.
pub(super) fn quantiles(point: &Point) -> [f64; 7] {
    [point.p5, point.p10, point.p25, point.p50, point.p75, point.p90, point.p95]
}
