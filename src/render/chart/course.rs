//! A figure measured day by day with its possible futures, alone or against its limit.

use chrono::NaiveDate;

use super::{
    axis::{LINE, Span, amount, day_label, day_number, day_ticks, days_later, one_line, truncated},
    palette::Ink,
    sheet::{Align, EDGE, Key, Margins, Plane, Point, Sample, Sheet, picture},
};
use crate::signal::Unit;

/// The fewest days of the past that are shown, if they were measured.
const SHORTEST_PAST: usize = 60;
/// Values farther apart are not joined: too little is known about the days between.
const LONGEST_GAP: f64 = 7.0;
/// The forecast is cut off at this multiple of everything else.
const HIGHEST: f64 = 3.0;

/// A daily figure. Values that are not finite are left out.
#[derive(Debug, Clone, Copy)]
pub struct Course<'a> {
    /// Measured values, in ascending order of days.
    pub history: &'a [(NaiveDate, f64)],
    /// The first forecast day.
    pub first: NaiveDate,
    /// What 5, 10, 25, 50, 75, 90 and 95% of the futures do not exceed, for each day from the first.
    pub bands: &'a [[f64; 7]],
}

impl Course<'_> {
    /// The days shown: four times as many as are forecast.
    fn past(&self) -> impl Iterator<Item = (NaiveDate, f64)> {
        let days = (4 * self.bands.len()).max(SHORTEST_PAST);
        let from = days_later(self.first, 0)
            .checked_sub_days(chrono::Days::new(days as u64))
            .unwrap_or(NaiveDate::MIN);
        let all = self.bands.is_empty();
        self.history.iter().copied().filter(move |(date, value)| value.is_finite() && (all || *date >= from))
    }

    fn futures(&self) -> impl Iterator<Item = (f64, [f64; 7])> {
        let first = day_number(self.first);
        let days = self.bands.iter().enumerate().map(move |(day, band)| (first + day as f64, *band));
        days.filter(|(_, band)| band.iter().all(|value| value.is_finite()))
    }

    /// The last day shown.
    pub(super) fn last(&self) -> NaiveDate {
        let known = self.history.last().map_or(self.first, |(date, _)| *date);
        known.max(days_later(self.first, self.bands.len().saturating_sub(1)))
    }

    fn begin(&self) -> NaiveDate {
        self.past().next().map_or(self.first, |(date, _)| date)
    }

    pub(super) fn days(&self) -> Span {
        let (low, high) = (day_number(self.begin()), day_number(self.last()));
        Span { low, high: high.max(low + 1.0) }
    }

    /// What was measured and is forecast; the widest intervals may be cut off, so that the rest can be seen.
    pub(super) fn heights(&self) -> Span {
        let middle = self.past().map(|(_, value)| value).chain(self.futures().map(|(_, band)| band[3]));
        let near = Span::covering(middle).unwrap_or(Span { low: 0.0, high: 1.0 });
        let reach = HIGHEST * near.low.abs().max(near.high.abs());
        let far = self.futures().flat_map(|(_, band)| [band[0], band[6]]);
        Span::covering(far.map(|value| value.clamp(-reach, reach)))
            .map_or(near, |far| near.with(far.low).with(far.high))
    }

    pub(super) fn draw_axis(&self, sheet: &Sheet<'_>, plane: &Plane) {
        let ticks = day_ticks(self.begin(), self.last(), plane.right - plane.left);
        let ticks: Vec<(f64, String)> =
            ticks.into_iter().map(|(date, label)| (day_number(date), label)).collect();
        plane.draw_axis(sheet, &ticks);
    }

    /// The 90% and 50% intervals.
    pub(super) fn draw_bands(&self, sheet: &Sheet<'_>, plane: &Plane) {
        for (ink, low, high) in [(Ink::Most, 0, 6), (Ink::Half, 2, 4)] {
            let upper = self.futures().map(|(day, band)| plane.place(day, band[high]));
            let mut points: Vec<Point> = upper.collect();
            let lower: Vec<Point> = self.futures().map(|(day, band)| plane.place(day, band[low])).collect();
            points.extend(lower.into_iter().rev());
            sheet.surface(&points, ink);
        }
    }

    /// The median of the forecast, and what was measured.
    pub(super) fn draw_lines(&self, sheet: &Sheet<'_>, plane: &Plane) {
        let middle: Vec<Point> = self.futures().map(|(day, band)| plane.place(day, band[3])).collect();
        plane.stroke(sheet, &middle, Ink::Middle, 2.4);
        if !self.bands.is_empty() && self.history.iter().any(|(date, _)| *date < self.first) {
            // Thin and far from anything else that is upright: labels may be placed on it.
            let (x, _) = plane.place(day_number(self.first), plane.y.low);
            sheet.line(&[(x, plane.top), (x, plane.bottom)], Ink::Begin, 1.2);
        }
        self.draw_past(sheet, plane);
    }

    fn draw_past(&self, sheet: &Sheet<'_>, plane: &Plane) {
        let past: Vec<(f64, f64)> = self.past().map(|(date, value)| (day_number(date), value)).collect();
        for stretch in past.chunk_by(|day, next| next.0 - day.0 <= LONGEST_GAP) {
            let points: Vec<Point> = stretch.iter().map(|(day, value)| plane.place(*day, *value)).collect();
            match points[..] {
                [alone] => sheet.dot(alone, 2.2, Ink::Measured),
                _ => plane.stroke(sheet, &points, Ink::Measured, 1.8),
            }
        }
    }

    /// The entries of the legend.
    pub(super) fn entries(&self) -> Vec<(Ink, Sample, String)> {
        let mut entries = vec![(Ink::Measured, Sample::Stroke, "measured")];
        if self.futures().next().is_some() {
            entries.push((Ink::Middle, Sample::Stroke, "median"));
            entries.push((Ink::Half, Sample::Surface, "50% interval"));
            entries.push((Ink::Most, Sample::Surface, "90% interval"));
        }
        entries.into_iter().map(|(ink, sample, words)| (ink, sample, words.to_owned())).collect()
    }

    /// The text alternative of the course.
    pub(super) fn description(&self, unit: Unit) -> String {
        let mut words = Vec::new();
        if let (Some((begin, first)), Some((end, last))) = (self.past().next(), self.past().last()) {
            let (first, last) = (amount(first, unit), amount(last, unit));
            words.push(format!("Measured from {begin} ({first}) to {end} ({last})."));
        }
        if let Some((_, [low, .., high])) = self.futures().last() {
            let middle = self.futures().last().map_or(low, |(_, band)| band[3]);
            let [low, middle, high] = [low, middle, high].map(|value| amount(value, unit));
            words.push(format!(
                "Forecast for {}: median {middle}, 90% interval {low} to {high}.",
                self.last()
            ));
        }
        words.join(" ")
    }

    /// The label of a day.
    pub(super) fn day_label(&self, date: NaiveDate) -> String {
        day_label(date, self.first)
    }
}

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
    let margins = Margins { title: chart.title, right: EDGE + 6.0, key: key.line_count() };
    let (x, y) = (chart.course.days(), chart.heights());
    let plane = Plane::new(x, y, chart.unit, margins);
    picture(chart.title, &chart.description(), |sheet| {
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
    fn heights(&self) -> Span {
        let shown = self.course.heights();
        let reach = shown.size().max(shown.low.abs().max(shown.high.abs()));
        let near = |value: &f64| (shown.low - reach..=shown.high + reach).contains(value);
        self.marks().map(|(mark, ..)| mark.value).filter(near).fold(shown, Span::with).padded()
    }

    fn named(&self, mark: Mark<'_>) -> String {
        let value = amount(mark.value, self.unit);
        let label = truncated(mark.label, 300.0);
        if label.is_empty() { value } else { format!("{label} {value}") }
    }

    /// The marks as strokes with their names; one that lies outside is named at the edge it lies beyond.
    fn draw_marks(&self, sheet: &Sheet<'_>, plane: &Plane) {
        for (mark, ink, letters) in self.marks() {
            let name = self.named(mark);
            let left = plane.left + 8.0;
            if plane.y.contains_value(mark.value) {
                plane.draw_level(sheet, mark.value, ink, 2.0);
                let (_, y) = plane.place(plane.x.low, mark.value);
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

    /// The dates of the crossing on the line of the limit: a bar for the 90% interval, a dot for the median, and an arrow
    /// where it extends beyond the last day.
    fn draw_crossing(&self, sheet: &Sheet<'_>, plane: &Plane) {
        let Some(limit) = self.limit.filter(|limit| plane.y.contains_value(limit.value)) else { return };
        let Some(text) = self.crossing_words() else { return };
        let [low, mid, high] = self.days_shown();
        let (_, y) = plane.place(plane.x.low, limit.value);
        let [low, mid, high] = [low, mid, high].map(|day| day.map(|day| plane.place(day_number(day), 0.0).0));
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
        let after = format!("after {}", self.course.day_label(self.course.last()));
        let [low, mid, high] = self.days_shown().map(|day| day.map(|day| self.course.day_label(day)));
        Some(match (low, mid, high) {
            (Some(low), Some(mid), Some(high)) if low == mid && mid == high => mid,
            (Some(low), Some(mid), high) => format!("{mid} ({low} – {})", high.unwrap_or(after)),
            (Some(low), None, _) if self.crossing.low == Some(self.course.last()) => {
                format!("{low} or later")
            }
            (Some(low), None, _) => format!("from {low}, probably {after}"),
            (None, ..) => after,
        })
    }

    fn description(&self) -> String {
        let mut words = vec![self.course.description(self.unit)];
        words.extend(self.marks().map(|(mark, ..)| {
            let place = if self.heights().contains_value(mark.value) { "" } else { ", outside the chart" };
            format!("{} {}{place}.", one_line(mark.label), amount(mark.value, self.unit))
        }));
        let CrossingDates { low, mid, high } = self.crossing;
        words.extend(mid.map(|date| format!("The limit is reached around {date} (median).")));
        words.extend(low.map(|date| format!("Not before {date} (95%).")));
        words.extend(high.map(|date| format!("Not after {date} (95%).")));
        if self.limit.is_some() && low.is_none() {
            words.push("There is no forecast of when the limit is reached.".to_owned());
        }
        words.join(" ").trim().to_owned()
    }
}
