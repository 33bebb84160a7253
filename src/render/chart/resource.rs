//! One resource against its limit.

use chrono::NaiveDate;

use super::{
    Course,
    key::Key,
    palette::Ink,
    plane::{EDGE, Margins, Plane},
    sheet::{Align, Sheet, picture},
    times::number,
    words::{LINE, amount, cut, plain},
};
use crate::signal::Unit;

/// How long the stroke is that leads out of the picture.
const ARROW: f64 = 40.0;

/// A value that matters, and what it is called.
#[derive(Debug, Clone, Copy)]
pub struct Mark<'a> {
    /// In the unit of the course.
    pub value: f64,
    /// Such as `limit`; the value is added.
    pub label: &'a str,
}

/// When the limit is reached: by which day with 5, 50 and 95%. Absent days lie beyond the horizon.
#[derive(Debug, Clone, Copy, Default)]
pub struct CrossingDates {
    /// With 5%.
    pub low: Option<NaiveDate>,
    /// With 50%.
    pub mid: Option<NaiveDate>,
    /// With 95%.
    pub high: Option<NaiveDate>,
}

/// A resource, its futures, and what it must not reach.
#[derive(Debug, Clone, Copy)]
pub struct ResourceChart<'a> {
    /// What the picture shows.
    pub title: &'a str,
    /// The unit of all values.
    pub unit: Unit,
    /// What was measured and what may come.
    pub course: Course<'a>,
    /// The limit.
    pub limit: Option<Mark<'a>>,
    /// Where attention is due.
    pub warning: Option<Mark<'a>>,
    /// When the limit is reached.
    pub crossing: CrossingDates,
}

/// The picture as SVG.
pub fn resource_chart(chart: &ResourceChart<'_>) -> String {
    let key = Key::new(chart.course.entries());
    let margins = Margins { title: chart.title, right: EDGE + 6.0, key: key.lines() };
    let (x, y) = (chart.course.days(), chart.heights());
    let plane = Plane::new(x, y, chart.unit, margins);
    picture(chart.title, &chart.words(), |sheet| {
        plane.draw_heights(sheet);
        chart.course.draw_bands(sheet, &plane);
        chart.course.draw_lines(sheet, &plane);
        chart.course.draw_axis(sheet, &plane);
        chart.draw_marks(sheet, &plane);
        chart.draw_crossing(sheet, &plane);
        key.draw(sheet);
    })
}

impl ResourceChart<'_> {
    fn marks(&self) -> impl Iterator<Item = (Mark<'_>, Ink, Ink)> {
        let limit = self.limit.map(|mark| (mark, Ink::Limit, Ink::LimitText));
        let warning = self.warning.map(|mark| (mark, Ink::Warning, Ink::WarningText));
        limit.into_iter().chain(warning).filter(|(mark, ..)| mark.value.is_finite())
    }

    /// Everything measured and expected, and the marks that are not so far away that they would press it flat.
    fn heights(&self) -> super::ticks::Span {
        let shown = self.course.heights();
        let reach = shown.size().max(shown.low.abs().max(shown.high.abs()));
        let near = |value: &f64| (shown.low - reach..=shown.high + reach).contains(value);
        self.marks().map(|(mark, ..)| mark.value).filter(near).fold(shown, super::ticks::Span::with).roomy()
    }

    fn named(&self, mark: Mark<'_>) -> String {
        let value = amount(mark.value, self.unit);
        let label = cut(mark.label, 300.0);
        if label.is_empty() { value } else { format!("{label} {value}") }
    }

    /// The marks as strokes with their names; one that lies outside is named at the edge it lies beyond.
    fn draw_marks(&self, sheet: &Sheet<'_>, plane: &Plane) {
        for (mark, ink, letters) in self.marks() {
            let name = self.named(mark);
            let left = plane.left + 8.0;
            if plane.y.holds(mark.value) {
                plane.draw_level(sheet, mark.value, ink, 2.0);
                let (_, y) = plane.at(plane.x.low, mark.value);
                // The higher of two names goes above its stroke, the lower one below.
                let lowest = self.marks().all(|(other, ..)| other.value >= mark.value);
                let side = if lowest && self.marks().count() > 1 { 1.0 } else { -1.0 };
                let sides = [side, -side].map(|side| y + side * (LINE / 2.0 + 2.0));
                let places = sides.into_iter().flat_map(|y| {
                    [(left, Align::Left), (plane.right - 4.0, Align::Right)].map(|(x, align)| ((x, y), align))
                });
                plane.draw_label(sheet, &name, letters, places);
            } else {
                let above = mark.value > plane.y.high;
                let (arrow, y) = if above { ("↑", plane.top) } else { ("↓", plane.bottom - LINE) };
                let lines = (0..3).map(|line| ((left, y + LINE * (f64::from(line) + 0.5)), Align::Left));
                plane.draw_label(sheet, &format!("{arrow} {name}"), letters, lines);
            }
        }
    }

    /// The days of the crossing on the stroke of the limit: a bar for nine of ten, a dot for the middle, and an arrow
    /// where it goes on beyond the last day.
    fn draw_crossing(&self, sheet: &Sheet<'_>, plane: &Plane) {
        let Some(limit) = self.limit.filter(|limit| plane.y.holds(limit.value)) else { return };
        let Some(text) = self.crossing_words() else { return };
        let [low, mid, high] = self.days_shown();
        let (_, y) = plane.at(plane.x.low, limit.value);
        let [low, mid, high] = [low, mid, high].map(|day| day.map(|day| plane.at(number(day), 0.0).0));
        let (from, to) = (low.unwrap_or(plane.right - ARROW), high.unwrap_or(plane.right - 1.0));
        plane.stroke(sheet, &[(from, y), (to, y)], Ink::Crossing, 6.0);
        for x in [low, high].into_iter().flatten() {
            plane.stroke(sheet, &[(x, y - 7.0), (x, y + 7.0)], Ink::Crossing, 2.4);
        }
        if high.is_none() {
            let back = to - 11.0;
            sheet.line(&[(back, y - 9.0), (to, y), (back, y + 9.0)], Ink::Crossing, 2.4);
        }
        if let Some(mid) = mid {
            plane.stroke(sheet, &[(mid, y), (mid, plane.bottom)], Ink::Crossing, 1.2);
            sheet.dot((mid, y), 6.0, Ink::Crossing);
        }
        let middle = mid.unwrap_or(f64::midpoint(from, to));
        let rows = [-1.0, 1.0, -2.0, 2.0, -3.0, 3.0].map(|row| y + row * (LINE / 2.0 + 7.0));
        plane.draw_label(
            sheet,
            &text,
            Ink::LimitText,
            rows.into_iter().flat_map(|y| {
                [(middle, Align::Middle), (middle - 8.0, Align::Right), (middle + 8.0, Align::Left)]
                    .map(|(x, align)| ((x, y), align))
            }),
        );
    }

    /// The days of the crossing that the picture reaches.
    fn days_shown(&self) -> [Option<NaiveDate>; 3] {
        let CrossingDates { low, mid, high } = self.crossing;
        let last = self.course.last();
        [low, mid, high].map(|day| day.filter(|day| *day <= last))
    }

    fn crossing_words(&self) -> Option<String> {
        self.crossing.low?;
        let after = format!("after {}", self.course.day(self.course.last()));
        let [low, mid, high] = self.days_shown().map(|day| day.map(|day| self.course.day(day)));
        Some(match (low, mid, high) {
            (Some(low), Some(mid), Some(high)) if low == mid && mid == high => mid,
            (Some(low), Some(mid), high) => format!("{mid} ({low} – {})", high.unwrap_or(after)),
            (Some(low), None, _) if self.crossing.low == Some(self.course.last()) => {
                format!("{low} or later")
            }
            (Some(low), None, _) => format!("from {low}, more likely {after}"),
            (None, ..) => after,
        })
    }

    fn words(&self) -> String {
        let mut words = vec![self.course.words(self.unit)];
        words.extend(self.marks().map(|(mark, ..)| {
            let place = if self.heights().holds(mark.value) { "" } else { ", outside the picture" };
            format!("{} {}{place}.", plain(mark.label), amount(mark.value, self.unit))
        }));
        let CrossingDates { low, mid, high } = self.crossing;
        words.extend(mid.map(|date| format!("The limit is reached around {date}.")));
        words.extend(low.map(|date| format!("Not before {date} (95%).")));
        words.extend(high.map(|date| format!("Not after {date} (95%).")));
        if self.limit.is_some() && low.is_none() {
            words.push("No day for reaching the limit can be given.".to_owned());
        }
        words.join(" ").trim().to_owned()
    }
}
