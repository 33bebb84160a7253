//! The plane of a chart: what it covers, where it lies on the paper, its axes, and free places for labels.

use std::cell::RefCell;

use plotters::coord::{CoordTranslate, cartesian::Cartesian2d, types::RangedCoordf64};

use super::{
    palette::Ink,
    sheet::{Align, FINE, HEIGHT, Point, Sheet, WIDTH},
    ticks::Span,
    words::{LINE, amount, lines, width},
};
use crate::signal::Unit;

/// Between the edge of the paper and what is drawn.
pub(super) const EDGE: f64 = 12.0;
/// Lines that a title has room for.
const TITLE: usize = 3;

/// What stays free around the plane, besides the title and the labels of its left side.
#[derive(Debug, Clone, Copy)]
pub(super) struct Margins<'a> {
    pub(super) title: &'a str,
    pub(super) right: f64,
    /// Lines of the key below the axis.
    pub(super) key: usize,
}

pub(super) struct Plane {
    map: Cartesian2d<RangedCoordf64, RangedCoordf64>,
    pub(super) x: Span,
    pub(super) y: Span,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
    unit: Unit,
    title: Vec<String>,
    taken: RefCell<Vec<[f64; 4]>>,
    strokes: RefCell<Vec<[f64; 4]>>,
}

impl Plane {
    pub(super) fn new(x: Span, y: Span, unit: Unit, margins: Margins<'_>) -> Self {
        let labels = y.ticks(unit).into_iter().map(|value| width(&amount(value, unit)));
        let left = EDGE + labels.fold(30.0, f64::max) + 8.0;
        // Bold letters are wider.
        let title = lines(margins.title, (WIDTH - 2.0 * EDGE) / 1.1, TITLE);
        let (right, top) = (WIDTH - margins.right, EDGE + LINE * title.len() as f64 + 12.0);
        let bottom = HEIGHT - EDGE - LINE * (margins.key as f64 + 1.0) - 8.0;
        let [from_left, to_right, from_top, to_bottom] = [left, right, top, bottom].map(tenths);
        let map = Cartesian2d::new(x.low..x.high, y.low..y.high, (from_left..to_right, to_bottom..from_top));
        let (taken, strokes) = (RefCell::default(), RefCell::default());
        Self { map, x, y, left, right, top, bottom, unit, title, taken, strokes }
    }

    /// A place on the paper; what lies outside the plane is put onto its edge.
    pub(super) fn at(&self, x: f64, y: f64) -> Point {
        let (x, y) = (x.clamp(self.x.low, self.x.high), y.clamp(self.y.low, self.y.high));
        let (x, y) = self.map.translate(&(x, y));
        (f64::from(x) / FINE, f64::from(y) / FINE)
    }

    /// The title, lines at round heights, and their values.
    pub(super) fn draw_heights(&self, sheet: &Sheet<'_>) {
        for (index, line) in self.title.iter().enumerate() {
            sheet.bold(line, (EDGE, EDGE + LINE * (index as f64 + 0.5)), Ink::Text);
        }
        for value in self.y.ticks(self.unit) {
            let (_, y) = self.at(self.x.low, value);
            sheet.line(&[(self.left, y), (self.right, y)], Ink::Grid, 1.0);
            sheet.text(&amount(value, self.unit), (self.left - 8.0, y), Align::Right, Ink::Faint);
        }
    }

    /// The lower axis with labels, which are moved inwards where they would leave the paper.
    pub(super) fn draw_axis(&self, sheet: &Sheet<'_>, ticks: &[(f64, String)]) {
        sheet.line(&[(self.left, self.bottom), (self.right, self.bottom)], Ink::Axis, 1.2);
        for (value, label) in ticks {
            let (x, _) = self.at(*value, self.y.low);
            sheet.line(&[(x, self.bottom), (x, self.bottom + 5.0)], Ink::Axis, 1.2);
            let half = width(label) / 2.0;
            let middle = x.min(WIDTH - EDGE - half).max(EDGE + half);
            sheet.text(label, (middle, self.bottom + 7.0 + LINE / 2.0), Align::Middle, Ink::Faint);
        }
    }

    /// A stroke from side to side.
    pub(super) fn draw_level(&self, sheet: &Sheet<'_>, value: f64, ink: Ink, thickness: f64) {
        let (_, y) = self.at(self.x.low, value);
        self.stroke(sheet, &[(self.left, y), (self.right, y)], ink, thickness);
    }

    /// A stroke from top to bottom.
    pub(super) fn draw_upright(&self, sheet: &Sheet<'_>, value: f64, ink: Ink, thickness: f64) {
        let (x, _) = self.at(value, self.y.low);
        self.stroke(sheet, &[(x, self.top), (x, self.bottom)], ink, thickness);
    }

    /// A stroke that labels avoid where they can.
    pub(super) fn stroke(&self, sheet: &Sheet<'_>, points: &[Point], ink: Ink, thickness: f64) {
        sheet.line(points, ink, thickness);
        let around = |one: Point, other: Point| {
            [one.0.min(other.0), one.1.min(other.1) - 1.0, one.0.max(other.0), one.1.max(other.1) + 1.0]
        };
        self.strokes.borrow_mut().extend(points.windows(2).map(|pair| around(pair[0], pair[1])));
    }

    /// A label at the first of some places where it lies inside and on no other label, if possible on no stroke either;
    /// nowhere if there is none.
    pub(super) fn draw_label(
        &self,
        sheet: &Sheet<'_>,
        text: &str,
        ink: Ink,
        places: impl IntoIterator<Item = (Point, Align)>,
    ) {
        let wide = width(text);
        let mut second = None;
        for ((x, y), align) in places {
            let left = match align {
                Align::Left => x,
                Align::Middle => x - wide / 2.0,
                Align::Right => x - wide,
            };
            let left = left.min(self.right - wide).max(self.left + 2.0);
            let place = [left, y - LINE / 2.0, left + wide, y + LINE / 2.0];
            let inside =
                place[1] >= self.top - 12.0 && place[2] <= self.right + 1.0 && place[3] <= self.bottom;
            let free = |others: &[[f64; 4]]| others.iter().all(|other| !overlap(place, *other));
            if !inside || !free(&self.taken.borrow()) {
                continue;
            }
            if free(&self.strokes.borrow()) {
                return self.write(sheet, (text, align), ink, place);
            }
            second = second.or(Some((place, align)));
        }
        if let Some((place, align)) = second {
            self.write(sheet, (text, align), ink, place);
        }
    }

    fn write(&self, sheet: &Sheet<'_>, (text, align): (&str, Align), ink: Ink, place: [f64; 4]) {
        self.taken.borrow_mut().push(place);
        let x = match align {
            Align::Left => place[0],
            Align::Middle => f64::midpoint(place[0], place[2]),
            Align::Right => place[2],
        };
        sheet.text(text, (x, place[1] + LINE / 2.0), align, ink);
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a picture is small")]
fn tenths(units: f64) -> i32 {
    (units * FINE).round() as i32
}

fn overlap(one: [f64; 4], other: [f64; 4]) -> bool {
    one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3]
}
