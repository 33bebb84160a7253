//! A figure measured day by day, and its possible futures.

use chrono::NaiveDate;

use super::{
    key::Sample,
    palette::Ink,
    plane::Plane,
    sheet::{Point, Sheet},
    ticks::Span,
    times::{later, number, ticks},
    words::{amount, day},
};
use crate::signal::Unit;

/// At least so many days of the past are shown, if they were measured.
const SHORTEST_PAST: usize = 60;
/// Where values are farther apart, nothing joins them: too little is known about the days between.
const LONGEST_GAP: f64 = 7.0;
/// Futures farther above everything else than this many times are cut.
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
    /// The days shown: four times as many as are forecast, so that the forecast can be seen beside a long past.
    fn past(&self) -> impl Iterator<Item = (NaiveDate, f64)> {
        let days = (4 * self.bands.len()).max(SHORTEST_PAST);
        let from =
            later(self.first, 0).checked_sub_days(chrono::Days::new(days as u64)).unwrap_or(NaiveDate::MIN);
        let all = self.bands.is_empty();
        self.history.iter().copied().filter(move |(date, value)| value.is_finite() && (all || *date >= from))
    }

    fn futures(&self) -> impl Iterator<Item = (f64, [f64; 7])> {
        let first = number(self.first);
        let days = self.bands.iter().enumerate().map(move |(day, band)| (first + day as f64, *band));
        days.filter(|(_, band)| band.iter().all(|value| value.is_finite()))
    }

    /// The last day shown.
    pub(super) fn last(&self) -> NaiveDate {
        let known = self.history.last().map_or(self.first, |(date, _)| *date);
        known.max(later(self.first, self.bands.len().saturating_sub(1)))
    }

    fn begin(&self) -> NaiveDate {
        self.past().next().map_or(self.first, |(date, _)| date)
    }

    pub(super) fn days(&self) -> Span {
        let (low, high) = (number(self.begin()), number(self.last()));
        Span { low, high: high.max(low + 1.0) }
    }

    /// What was measured and is expected; the widest futures may be cut, so that the rest can be seen.
    pub(super) fn heights(&self) -> Span {
        let middle = self.past().map(|(_, value)| value).chain(self.futures().map(|(_, band)| band[3]));
        let near = Span::of(middle).unwrap_or(Span { low: 0.0, high: 1.0 });
        let reach = HIGHEST * near.low.abs().max(near.high.abs());
        let far = self.futures().flat_map(|(_, band)| [band[0], band[6]]);
        Span::of(far.map(|value| value.clamp(-reach, reach)))
            .map_or(near, |far| near.with(far.low).with(far.high))
    }

    pub(super) fn draw_axis(&self, sheet: &Sheet<'_>, plane: &Plane) {
        let ticks = ticks(self.begin(), self.last(), plane.right - plane.left);
        let ticks: Vec<(f64, String)> =
            ticks.into_iter().map(|(date, label)| (number(date), label)).collect();
        plane.draw_axis(sheet, &ticks);
    }

    /// Where the futures lie.
    pub(super) fn draw_bands(&self, sheet: &Sheet<'_>, plane: &Plane) {
        for (ink, low, high) in [(Ink::Most, 0, 6), (Ink::Half, 2, 4)] {
            let upper = self.futures().map(|(day, band)| plane.at(day, band[high]));
            let mut points: Vec<Point> = upper.collect();
            let lower: Vec<Point> = self.futures().map(|(day, band)| plane.at(day, band[low])).collect();
            points.extend(lower.into_iter().rev());
            sheet.surface(&points, ink);
        }
    }

    /// The middle of the futures and what was measured.
    pub(super) fn draw_lines(&self, sheet: &Sheet<'_>, plane: &Plane) {
        let middle: Vec<Point> = self.futures().map(|(day, band)| plane.at(day, band[3])).collect();
        plane.stroke(sheet, &middle, Ink::Middle, 2.4);
        if !self.bands.is_empty() && self.history.iter().any(|(date, _)| *date < self.first) {
            // Thin and far from anything else that is upright: labels may stand on it.
            let (x, _) = plane.at(number(self.first), plane.y.low);
            sheet.line(&[(x, plane.top), (x, plane.bottom)], Ink::Begin, 1.2);
        }
        self.draw_past(sheet, plane);
    }

    fn draw_past(&self, sheet: &Sheet<'_>, plane: &Plane) {
        let past: Vec<(f64, f64)> = self.past().map(|(date, value)| (number(date), value)).collect();
        for stretch in past.chunk_by(|one, next| next.0 - one.0 <= LONGEST_GAP) {
            let points: Vec<Point> = stretch.iter().map(|(day, value)| plane.at(*day, *value)).collect();
            match points[..] {
                [alone] => sheet.dot(alone, 2.2, Ink::Measured),
                _ => plane.stroke(sheet, &points, Ink::Measured, 1.8),
            }
        }
    }

    /// What is drawn, for the key.
    pub(super) fn entries(&self) -> Vec<(Ink, Sample, String)> {
        let mut entries = vec![(Ink::Measured, Sample::Stroke, "measured")];
        if self.futures().next().is_some() {
            entries.push((Ink::Middle, Sample::Stroke, "middle future"));
            entries.push((Ink::Half, Sample::Surface, "half of them"));
            entries.push((Ink::Most, Sample::Surface, "nine of ten"));
        }
        entries.into_iter().map(|(ink, sample, words)| (ink, sample, words.to_owned())).collect()
    }

    /// The course in words.
    pub(super) fn words(&self, unit: Unit) -> String {
        let mut words = Vec::new();
        if let (Some((begin, one)), Some((end, other))) = (self.past().next(), self.past().last()) {
            let (one, other) = (amount(one, unit), amount(other, unit));
            words.push(format!("Measured from {begin} ({one}) to {end} ({other})."));
        }
        if let Some((_, [low, .., high])) = self.futures().last() {
            let middle = self.futures().last().map_or(low, |(_, band)| band[3]);
            let [low, middle, high] = [low, middle, high].map(|value| amount(value, unit));
            words.push(format!("Expected on {}: {middle}, with 90% between {low} and {high}.", self.last()));
        }
        words.join(" ")
    }

    /// A day of the picture in words.
    pub(super) fn day(&self, date: NaiveDate) -> String {
        day(date, self.first)
    }
}
