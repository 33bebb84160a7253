//! The paper: strokes, surfaces and texts in units of the picture, written by plotters.
//!
//! plotters writes whole numbers only, so the coordinates it gets are tenths, which become units again. A view box in
//! tenths would be simpler, but some viewers fail to draw letters of such a size when they have no font for them.

use plotters::{
    backend::SVGBackend,
    coord::Shift,
    drawing::{DrawingArea, IntoDrawingArea},
    element::{Circle, Drawable, PathElement, PointCollection, Polygon, Rectangle, Text},
    style::{
        Color, FontDesc, FontFamily, FontStyle, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::{
    palette::{Ink, dress, style},
    words::{LETTER, escaped},
};

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

/// Where a text stands: from its point to the right, around it, or to the left of it.
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
        dress(&units(body))
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
