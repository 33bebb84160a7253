//! The paper and the plane on it: strokes, surfaces and texts in units of the picture, written by plotters; axes, free
//! places for labels, and the legend below.
//!
//! plotters writes whole numbers only, so the coordinates it gets are tenths, which become units again. A view box in
//! tenths would be simpler, but some viewers fail to draw letters of such a size when they have no font for them.

use std::cell::RefCell;

use plotters::{
    backend::SVGBackend,
    coord::{CoordTranslate, Shift, cartesian::Cartesian2d, types::RangedCoordf64},
    drawing::{DrawingArea, IntoDrawingArea},
    element::{Circle, Drawable, PathElement, PointCollection, Polygon, Rectangle, Text},
    style::{
        Color, FontDesc, FontFamily, FontStyle, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::{
    axis::{LETTER, LINE, Span, amount, escaped, truncated, width, wrapped},
    palette::{Ink, style, with_classes},
};
use crate::signal::Unit;

/// The width of every picture.
pub(super) const WIDTH: f64 = 800.0;
/// The height of a picture.
pub(super) const HEIGHT: f64 = 440.0;
/// Tenths in a unit.
pub(super) const FINE: f64 = 10.0;
/// plotters divides the size of a font by this.
const POINTS: f64 = 1.24;

/// A point, in units from the left upper corner.
pub(super) type Point = (f64, f64);

/// Where a text is placed: from its point to the right, around it, or to the left of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Middle,
    Right,
}

pub(super) struct Sheet<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

/// A picture with its title and what it shows in words, for those who do not see it.
pub(super) fn picture(title: &str, words: &str, draw: impl FnOnce(&Sheet<'_>)) -> String {
    let mut drawn = String::new();
    {
        let size = (whole(WIDTH).unsigned_abs(), whole(HEIGHT).unsigned_abs());
        let sheet = Sheet { area: SVGBackend::with_string(&mut drawn, size).into_drawing_area() };
        sheet.rectangle((0.0, 0.0), (WIDTH, HEIGHT), Ink::Paper);
        draw(&sheet);
        // Nothing is written anywhere: the text is there already.
        let _ = sheet.area.present();
    }
    let body = drawn.split_once(">\n").map_or("", |(_, body)| body).trim_end();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"sa-chart\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" stroke-linejoin=\"round\">\n<title>{}</title>\n<desc>{}</desc>\n{}\n{}\n",
        escaped(title),
        escaped(words),
        style(),
        with_classes(&units(body))
    )
}

/// Tenths, as plotters wants them.
#[expect(clippy::cast_possible_truncation, reason = "a picture is small, and casts of floats are bounded")]
fn whole(units: f64) -> i32 {
    (units * FINE).round() as i32
}

/// Every number that plotters wrote, divided by ten. Quotes inside texts are escaped, so that nothing there looks like
/// an attribute.
fn units(svg: &str) -> String {
    let svg = svg.replace(" opacity=\"1\"", "");
    let mut out = String::with_capacity(svg.len() * 5 / 4);
    for (index, part) in svg.split('"').enumerate() {
        if index > 0 {
            out.push('"');
        }
        let numbers = part.chars().all(|letter| letter.is_ascii_digit() || "-, ".contains(letter));
        if index % 2 == 0 || !numbers {
            out.push_str(part);
            continue;
        }
        for number in part.split_inclusive([',', ' ']) {
            let digits = number.trim_end_matches([',', ' ']);
            match digits.parse::<i32>() {
                Ok(tenths) => out.push_str(&(f64::from(tenths) / FINE).to_string()),
                Err(_) => out.push_str(digits),
            }
            out.push_str(&number[digits.len()..]);
        }
    }
    out
}

fn fine((x, y): Point) -> (i32, i32) {
    (whole(x), whole(y))
}

impl<'a> Sheet<'a> {
    fn draw<E>(&self, element: &E)
    where
        for<'b> &'b E: PointCollection<'b, (i32, i32)>,
        E: Drawable<SVGBackend<'a>>,
    {
        // Drawing into a text cannot fail.
        let _ = self.area.draw(element);
    }

    pub(super) fn line(&self, points: &[Point], ink: Ink, thickness: f64) {
        let stroke = ink.colour().stroke_width(whole(thickness).unsigned_abs());
        let points: Vec<_> = points.iter().copied().map(fine).collect();
        self.draw(&PathElement::new(points, stroke));
    }

    pub(super) fn surface(&self, points: &[Point], ink: Ink) {
        let points: Vec<_> = points.iter().copied().map(fine).collect();
        self.draw(&Polygon::new(points, ink.colour().filled()));
    }

    pub(super) fn rectangle(&self, from: Point, to: Point, ink: Ink) {
        self.draw(&Rectangle::new([fine(from), fine(to)], ink.colour().filled()));
    }

    pub(super) fn dot(&self, at: Point, radius: f64, ink: Ink) {
        self.draw(&Circle::new(fine(at), whole(radius), ink.colour().filled()));
    }

    /// A text whose middle is at the height of its point.
    pub(super) fn text(&self, text: &str, at: Point, align: Align, ink: Ink) {
        self.write(text, at, align, ink, FontStyle::Normal);
    }

    /// A text in bold letters.
    pub(super) fn bold(&self, text: &str, at: Point, ink: Ink) {
        self.write(text, at, Align::Left, ink, FontStyle::Bold);
    }

    fn write(&self, text: &str, at: Point, align: Align, ink: Ink, weight: FontStyle) {
        let side = match align {
            Align::Left => HPos::Left,
            Align::Middle => HPos::Center,
            Align::Right => HPos::Right,
        };
        let font = FontDesc::new(FontFamily::SansSerif, LETTER * FINE * POINTS, weight);
        let colour = ink.colour();
        let style = TextStyle::from(font).color(&colour).pos(Pos::new(side, VPos::Center));
        self.draw(&Text::new(text.to_owned(), fine(at), style));
    }
}

/// Between the edge of the paper and what is drawn.
pub(super) const EDGE: f64 = 12.0;
/// How many lines fit a title.
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
        let title = wrapped(margins.title, (WIDTH - 2.0 * EDGE) / 1.1, TITLE);
        let (right, top) = (WIDTH - margins.right, EDGE + LINE * title.len() as f64 + 12.0);
        let bottom = HEIGHT - EDGE - LINE * (margins.key as f64 + 1.0) - 8.0;
        let [from_left, to_right, from_top, to_bottom] = [left, right, top, bottom].map(whole);
        let map = Cartesian2d::new(x.low..x.high, y.low..y.high, (from_left..to_right, to_bottom..from_top));
        let (taken, strokes) = (RefCell::default(), RefCell::default());
        Self { map, x, y, left, right, top, bottom, unit, title, taken, strokes }
    }

    /// A place on the paper; what lies outside the plane is put onto its edge.
    pub(super) fn place(&self, x: f64, y: f64) -> Point {
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
            let (_, y) = self.place(self.x.low, value);
            sheet.line(&[(self.left, y), (self.right, y)], Ink::Grid, 1.0);
            sheet.text(&amount(value, self.unit), (self.left - 8.0, y), Align::Right, Ink::Faint);
        }
    }

    /// The lower axis with labels, which are moved inwards where they would leave the paper.
    pub(super) fn draw_axis(&self, sheet: &Sheet<'_>, ticks: &[(f64, String)]) {
        sheet.line(&[(self.left, self.bottom), (self.right, self.bottom)], Ink::Axis, 1.2);
        for (value, label) in ticks {
            let (x, _) = self.place(*value, self.y.low);
            sheet.line(&[(x, self.bottom), (x, self.bottom + 5.0)], Ink::Axis, 1.2);
            let half = width(label) / 2.0;
            let middle = x.min(WIDTH - EDGE - half).max(EDGE + half);
            sheet.text(label, (middle, self.bottom + 7.0 + LINE / 2.0), Align::Middle, Ink::Faint);
        }
    }

    /// A stroke from side to side.
    pub(super) fn draw_level(&self, sheet: &Sheet<'_>, value: f64, ink: Ink, thickness: f64) {
        let (_, y) = self.place(self.x.low, value);
        self.stroke(sheet, &[(self.left, y), (self.right, y)], ink, thickness);
    }

    /// A stroke from top to bottom.
    pub(super) fn draw_upright(&self, sheet: &Sheet<'_>, value: f64, ink: Ink, thickness: f64) {
        let (x, _) = self.place(value, self.y.low);
        self.stroke(sheet, &[(x, self.top), (x, self.bottom)], ink, thickness);
    }

    /// A stroke that labels avoid where they can.
    pub(super) fn stroke(&self, sheet: &Sheet<'_>, points: &[Point], ink: Ink, thickness: f64) {
        sheet.line(points, ink, thickness);
        let around =
            |a: Point, b: Point| [a.0.min(b.0), a.1.min(b.1) - 1.0, a.0.max(b.0), a.1.max(b.1) + 1.0];
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

fn overlap(a: [f64; 4], b: [f64; 4]) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

/// How a sample looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sample {
    Stroke,
    Surface,
    Dot,
}

/// Samples with their meanings, in lines.
pub(super) struct Key {
    lines: Vec<Vec<(Ink, Sample, String)>>,
}

const SAMPLE: f64 = 26.0;
const GAP: f64 = 22.0;

fn room(words: &str) -> f64 {
    SAMPLE + 7.0 + width(words)
}

impl Key {
    pub(super) fn new(entries: impl IntoIterator<Item = (Ink, Sample, String)>) -> Self {
        let most = WIDTH - 2.0 * EDGE;
        let mut lines: Vec<Vec<(Ink, Sample, String)>> = Vec::new();
        let mut used = f64::INFINITY;
        for (ink, sample, words) in entries {
            let words = truncated(&words, most - SAMPLE - 7.0);
            let needed = room(&words);
            if used + GAP + needed > most {
                lines.push(Vec::new());
                used = 0.0;
            } else {
                used += GAP;
            }
            used += needed;
            if let Some(line) = lines.last_mut() {
                line.push((ink, sample, words));
            }
        }
        Self { lines }
    }

    /// How many lines it takes.
    pub(super) fn line_count(&self) -> usize {
        self.lines.len()
    }

    pub(super) fn draw(&self, sheet: &Sheet<'_>) {
        let first = HEIGHT - EDGE - LINE * (self.lines.len() as f64 - 0.5);
        for (index, line) in self.lines.iter().enumerate() {
            let (mut x, y) = (EDGE, first + LINE * index as f64);
            for (ink, sample, words) in line {
                match sample {
                    Sample::Stroke => sheet.line(&[(x, y), (x + SAMPLE, y)], *ink, 2.4),
                    Sample::Surface => sheet.rectangle((x, y - 6.0), (x + SAMPLE, y + 6.0), *ink),
                    Sample::Dot => sheet.dot((x + SAMPLE / 2.0, y), 4.5, *ink),
                }
                sheet.text(words, (x + SAMPLE + 7.0, y), Align::Left, Ink::Faint);
                x += room(words) + GAP;
            }
        }
    }
}
