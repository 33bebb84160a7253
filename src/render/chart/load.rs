//! Load with its forecast, the phases of the roadmap as stripes, and its milestones.

use super::{
    Course,
    axis::{LINE, Span, amount, one_line, truncated, wrapped},
    palette::Ink,
    sheet::{Align, EDGE, Key, Margins, Plane, Sample, Sheet, WIDTH, picture},
};
use crate::signal::Unit;

/// The space for milestones on the right.
const COLUMN: f64 = 236.0;
/// Space for the line that leads from a milestone to its label.
const LEAD: f64 = 22.0;

/// A phase of the roadmap.
#[derive(Debug, Clone, Copy)]
pub struct PhaseBand<'a> {
    /// Which phase, as the roadmap counts.
    pub number: u64,
    /// Its title.
    pub title: &'a str,
    /// The load from which it holds.
    pub from: f64,
    /// The load up to which it holds; the last phase has no end.
    pub to: Option<f64>,
}

/// Where a milestone comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// The roadmap expects it.
    Roadmap,
    /// Measured values lead to it: a resource saturates there.
    Measured,
}

/// A load at which something happens.
#[derive(Debug, Clone, Copy)]
pub struct Milestone<'a> {
    /// The load at which it comes.
    pub load: f64,
    /// Its source.
    pub basis: Basis,
    /// Its title.
    pub title: &'a str,
    /// The load at which work on it has to start.
    pub act_by: Option<f64>,
}

/// Load, day by day, on the map of the roadmap.
#[derive(Debug, Clone, Copy)]
pub struct LoadChart<'a> {
    /// What the picture shows.
    pub title: &'a str,
    /// What load counts, such as `users`.
    pub unit: &'a str,
    /// What was measured and the forecast.
    pub course: Course<'a>,
    /// The phases, of which those near are shown.
    pub phases: &'a [PhaseBand<'a>],
    /// The milestones, of which those near are shown.
    pub milestones: &'a [Milestone<'a>],
    /// What the forecast rests on, or why there is none.
    pub because: &'a str,
}

/// The picture as SVG.
pub fn load_chart(chart: &LoadChart<'_>) -> String {
    let y = chart.heights();
    let shown = chart.shown(y);
    let mut entries = chart.course.entries();
    for (basis, words) in [(Basis::Measured, "resource saturates"), (Basis::Roadmap, "roadmap milestone")] {
        if shown.iter().any(|milestone| milestone.basis == basis) {
            entries.push((basis.ink(), Sample::Stroke, words.to_owned()));
        }
    }
    if shown.iter().any(|milestone| milestone.act_by.is_some_and(|act_by| y.contains_value(act_by))) {
        entries.push((Ink::ActBy, Sample::Stroke, "start work".to_owned()));
    }
    let key = Key::new(entries);
    let title = chart.heading();
    let right = if shown.is_empty() { EDGE + 6.0 } else { EDGE + COLUMN };
    let plane = Plane::new(
        chart.course.days(),
        y,
        Unit::Count,
        Margins { title: &title, right, key: key.line_count() },
    );
    picture(&title, &chart.description(&shown), |sheet| {
        chart.draw_phases(sheet, &plane);
        plane.draw_heights(sheet);
        chart.course.draw_bands(sheet, &plane);
        for milestone in shown.iter().rev() {
            for act_by in milestone.act_by.into_iter().filter(|act_by| y.contains_value(*act_by)) {
                plane.draw_level(sheet, act_by, Ink::ActBy, 1.6);
            }
            plane.draw_level(sheet, milestone.load, milestone.basis.ink(), 1.8);
        }
        chart.course.draw_lines(sheet, &plane);
        chart.course.draw_axis(sheet, &plane);
        chart.name_phases(sheet, &plane);
        name_milestones(sheet, &plane, &shown);
        key.draw(sheet);
    })
}

impl Basis {
    fn ink(self) -> Ink {
        match self {
            Self::Roadmap => Ink::Milestone,
            Self::Measured => Ink::Limit,
        }
    }
}

impl LoadChart<'_> {
    /// Everything measured and forecast, and the next milestone above if it is near.
    fn heights(&self) -> Span {
        let shown = self.course.heights();
        let above = |milestone: &Milestone<'_>| (shown.high..=shown.high * 1.6).contains(&milestone.load);
        let next =
            self.milestones.iter().filter(|milestone| above(milestone)).map(|milestone| milestone.load);
        next.min_by(f64::total_cmp).map_or(shown, |load| shown.with(load)).padded()
    }

    /// The milestones within the picture, the highest first.
    fn shown(&self, heights: Span) -> Vec<Milestone<'_>> {
        let mut shown: Vec<Milestone<'_>> = self.milestones.to_vec();
        shown.retain(|milestone| heights.contains_value(milestone.load));
        shown.sort_by(|a, b| b.load.total_cmp(&a.load));
        shown
    }

    fn stripes<'b>(&'b self, plane: &'b Plane) -> impl Iterator<Item = (&'b PhaseBand<'b>, f64, f64)> {
        self.phases.iter().filter_map(|phase| {
            let to = phase.to.unwrap_or(f64::INFINITY);
            let visible = phase.from < plane.y.high && to > plane.y.low;
            let height = |load| plane.place(plane.x.low, load).1;
            visible.then(|| (phase, height(to), height(phase.from)))
        })
    }

    fn draw_phases(&self, sheet: &Sheet<'_>, plane: &Plane) {
        for (phase, top, bottom) in self.stripes(plane) {
            let ink = if phase.number % 2 == 0 { Ink::PhaseEven } else { Ink::PhaseOdd };
            sheet.rectangle((plane.left, top), (plane.right, bottom), ink);
        }
    }

    /// The names of the phases that are high enough for one, as high as lines and labels allow.
    fn name_phases(&self, sheet: &Sheet<'_>, plane: &Plane) {
        for (phase, top, bottom) in self.stripes(plane) {
            let name = format!("Phase {} {}", phase.number, one_line(phase.title));
            let name = truncated(&name, 0.75 * (plane.right - plane.left));
            let heights = (0..6).map(|step| top + LINE / 2.0 + 2.0 + 8.0 * f64::from(step));
            let places = heights
                .filter(|y| y + LINE / 2.0 <= bottom)
                .flat_map(|y| [((plane.left + 8.0, y), Align::Left), ((plane.right - 8.0, y), Align::Right)]);
            plane.draw_label(sheet, &name, Ink::PhaseText, places);
        }
    }

    /// The title; without a forecast, it says why.
    fn heading(&self) -> String {
        if self.course.bands.is_empty() {
            format!("{}. No forecast: {}", one_line(self.title), one_line(self.because))
        } else {
            self.title.to_owned()
        }
    }

    fn description(&self, shown: &[Milestone<'_>]) -> String {
        let load = |load| format!("{} {}", amount(load, Unit::Count), one_line(self.unit));
        let mut words = vec![self.course.description(Unit::Count), one_line(self.because)];
        words.extend(shown.iter().rev().map(|milestone| {
            let start = milestone.act_by.filter(|act_by| act_by.is_finite());
            let start = start.map_or_else(String::new, |act_by| format!(", start work at {}", load(act_by)));
            let kind = match milestone.basis {
                Basis::Roadmap => "Roadmap milestone",
                Basis::Measured => "Saturates",
            };
            format!("{kind} at {}: {}{start}.", load(milestone.load), one_line(milestone.title))
        }));
        words.join(" ").trim().to_owned()
    }
}

/// The names of the milestones in a column, each as near to its height as the others allow.
fn name_milestones(sheet: &Sheet<'_>, plane: &Plane, shown: &[Milestone<'_>]) {
    let left = plane.right + LEAD;
    let (room, high) = (WIDTH - EDGE - left, plane.bottom - plane.top);
    let name = |milestone: &Milestone<'_>| {
        format!("{} {}", amount(milestone.load, Unit::Count), one_line(milestone.title))
    };
    let named =
        |most: usize| shown.iter().map(|milestone| wrapped(&name(milestone), room, most)).collect::<Vec<_>>();
    let size = |names: &[Vec<String>]| names.iter().map(Vec::len).sum::<usize>() as f64 * LINE;
    let names = Some(named(2)).filter(|names| size(names) <= high).unwrap_or_else(|| named(1));
    let wanted: Vec<(f64, f64)> = shown
        .iter()
        .zip(&names)
        .map(|(milestone, name)| (plane.place(plane.x.high, milestone.load).1, LINE * name.len() as f64))
        .collect();
    let places = spread(&wanted, plane.top, plane.bottom);
    let unnamed = shown.len() - places.len();
    for (index, place) in places.iter().enumerate() {
        let last = unnamed > 0 && index + 1 == places.len();
        let name = if last { vec![format!("and {} more", unnamed + 1)] } else { names[index].clone() };
        let first = place - LINE * (name.len() as f64 - 1.0) / 2.0;
        let ink = shown[index].basis;
        let lead = [(plane.right, wanted[index].0), (left - 9.0, first), (left - 4.0, first)];
        sheet.line(&lead, if ink == Basis::Roadmap { Ink::Leader } else { Ink::Limit }, 1.2);
        let ink = if ink == Basis::Roadmap { Ink::Milestone } else { Ink::LimitText };
        for (row, line) in name.iter().enumerate() {
            sheet.text(line, (left, first + LINE * row as f64), Align::Left, ink);
        }
    }
}

/// Middles of labels of a size, in order, within bounds, near the wanted middles, none on another; fewer than wanted
/// where there is not enough space.
fn spread(wanted: &[(f64, f64)], top: f64, bottom: f64) -> Vec<f64> {
    let mut places: Vec<f64> = Vec::new();
    let mut free = top;
    for (middle, size) in wanted {
        let place = middle.max(free + size / 2.0);
        free = place + size / 2.0;
        places.push(place);
    }
    let mut free = bottom;
    for (place, (_, size)) in places.iter_mut().zip(wanted).rev() {
        *place = place.min(free - size / 2.0);
        free = *place - size / 2.0;
    }
    // What was pushed out at the top is stacked from the top down, as far as there is space.
    if free < top {
        let mut end = top;
        let below = wanted.iter().map(|(_, size)| {
            end += size;
            (end - size / 2.0, end)
        });
        places = below.take_while(|(_, end)| *end <= bottom).map(|(middle, _)| middle).collect();
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn apart(wanted: &[(f64, f64)]) -> Vec<f64> {
        let places = spread(wanted, 10.0, 300.0);
        let ends: Vec<(f64, f64)> = places
            .iter()
            .zip(wanted)
            .map(|(middle, (_, size))| (middle - size / 2.0, middle + size / 2.0))
            .collect();
        assert!(ends.windows(2).all(|pair| pair[0].1 <= pair[1].0 + 1e-9), "{ends:?}");
        assert!(ends.iter().all(|(from, to)| *from >= 10.0 - 1e-9 && *to <= 300.0 + 1e-9), "{ends:?}");
        places
    }

    #[test]
    fn labels_keep_apart_and_inside() {
        assert_eq!(apart(&[(50.0, 20.0), (200.0, 40.0)]), [50.0, 200.0]);
        assert_eq!(apart(&[(100.0, 20.0), (101.0, 40.0), (102.0, 20.0)]).len(), 3);
        assert_eq!(apart(&[(290.0, 20.0), (295.0, 20.0), (299.0, 40.0)]).len(), 3);
        assert_eq!(apart(&[(11.0, 40.0), (12.0, 20.0)]).len(), 2);
        assert_eq!(apart(&[(100.0, 20.0); 50]).len(), 14);
    }
}
