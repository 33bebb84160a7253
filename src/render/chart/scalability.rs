//! A scalability curve with the points it was fitted to and its peak.

use super::{
    axis::{LINE, Span, amount, width},
    palette::Ink,
    sheet::{Align, EDGE, Key, Margins, Plane, Point, Sample, picture},
};
use crate::{capacity::usl::Fit, render::count, signal::Unit};

/// As far as was tested: what lies beyond that is no measurement, however well the points fit.
pub(crate) fn no_peak(fit: &Fit) -> String {
    format!("No peak: throughput grows at least up to a load of {}", count(fit.peak.low.min(fit.tested)))
}

/// From this contention on, a second unit of load adds nothing worth mentioning.
const FLAT: f64 = 0.99;

/// Whether the smallest load has the whole throughput already: there is neither a peak nor a growth.
pub(crate) fn is_flat(fit: &Fit) -> bool {
    fit.curve.sigma >= FLAT
}

/// Stretches of the drawn curve.
const STRETCHES: u32 = 160;

/// A fitted curve with the points it was fitted to.
#[derive(Debug, Clone, Copy)]
pub struct ScalabilityChart<'a> {
    /// What the picture shows.
    pub title: &'a str,
    /// The curve and how well its peak is known.
    pub fit: &'a Fit,
    /// The loads that were tested.
    pub loads: &'a [f64],
    /// The throughput at each.
    pub throughputs: &'a [f64],
}

/// The picture as SVG.
pub fn scalability_chart(chart: &ScalabilityChart<'_>) -> String {
    let x = chart.loads_shown();
    let key = Key::new(chart.entries());
    let margins = Margins { title: chart.title, right: EDGE + 18.0, key: key.line_count() };
    let plane = Plane::new(x, chart.heights(x), Unit::Count, margins);
    let ticks: Vec<(f64, String)> =
        x.ticks(Unit::Count).into_iter().map(|load| (load, amount(load, Unit::Count))).collect();
    picture(chart.title, &chart.description(), |sheet| {
        if let Some((peak, low, high)) = chart.peak(x) {
            sheet.rectangle(
                (plane.place(low, 0.0).0, plane.top),
                (plane.place(high, 0.0).0, plane.bottom),
                Ink::Interval,
            );
            plane.draw_upright(sheet, peak, Ink::Crossing, 1.6);
        }
        plane.draw_heights(sheet);
        let ticks: Vec<(f64, String)> = spaced(&plane, ticks);
        plane.draw_axis(sheet, &ticks);
        let tested = chart.fit.tested.min(x.high);
        plane.stroke(sheet, &chart.curve(&plane, 0.0, tested), Ink::Middle, 2.4);
        plane.stroke(sheet, &chart.curve(&plane, tested, x.high), Ink::Extrapolated, 2.4);
        for (load, throughput) in chart.points() {
            let ends = [throughput, chart.fit.curve.throughput(load)].map(|height| plane.place(load, height));
            plane.stroke(sheet, &ends, Ink::Measured, 1.2);
        }
        for (load, throughput) in chart.points() {
            sheet.dot(plane.place(load, throughput), 4.5, Ink::Measured);
        }
        if let Some((peak, ..)) = chart.peak(x) {
            let (at, bottom) = (plane.place(peak, 0.0).0, plane.bottom);
            let rows = [1.0, 2.0, 3.0].into_iter().flat_map(|row| {
                let sides = [(at + 8.0, Align::Left), (at - 8.0, Align::Right), (at, Align::Middle)];
                sides.map(|(x, align)| ((x, bottom - LINE * (row - 0.3)), align))
            });
            plane.draw_label(sheet, &chart.peak_words(), Ink::IntervalText, rows);
        }
        key.draw(sheet);
    })
}

/// Marks of an axis as far as their labels keep apart.
fn spaced(plane: &Plane, ticks: Vec<(f64, String)>) -> Vec<(f64, String)> {
    let mut free = f64::NEG_INFINITY;
    let mut keep = |(load, label): &(f64, String)| {
        let (middle, half) = (plane.place(*load, 0.0).0, width(label) / 2.0);
        let fits = middle - half >= free;
        if fits {
            free = middle + half + 12.0;
        }
        fits
    };
    ticks.into_iter().filter(|tick| keep(tick)).collect()
}

impl ScalabilityChart<'_> {
    fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        let points = self.loads.iter().copied().zip(self.throughputs.iter().copied());
        points.filter(|(load, throughput)| load.is_finite() && throughput.is_finite())
    }

    /// A little beyond the loads tested, up to the peak and its interval, but never beyond twice what was tested:
    /// nothing is known there.
    fn loads_shown(&self) -> Span {
        let tested = Span::covering([self.fit.tested, 1e-300]).map_or(1.0, |span| span.high);
        let wanted = self.fit.curve.peak().into_iter().chain(self.fit.peak.high).fold(tested, f64::max);
        Span { low: 0.0, high: (1.05 * wanted).clamp(1.1 * tested, 2.0 * tested) }
    }

    fn heights(&self, loads: Span) -> Span {
        let stretch = loads.high / f64::from(STRETCHES);
        let curve = (0..=STRETCHES).map(|index| self.fit.curve.throughput(stretch * f64::from(index)));
        let all = curve.chain(self.points().map(|(_, throughput)| throughput)).chain([0.0]);
        Span::covering(all).unwrap_or(Span { low: 0.0, high: 1.0 }).padded()
    }

    fn curve(&self, plane: &Plane, from: f64, to: f64) -> Vec<Point> {
        let load = |index: u32| from + (to - from) * f64::from(index) / f64::from(STRETCHES);
        let points = (0..=STRETCHES).map(load).map(|load| (load, self.fit.curve.throughput(load)));
        points
            .filter(|(_, height)| height.is_finite())
            .map(|(load, height)| plane.place(load, height))
            .collect()
    }

    /// The peak and its interval, where the picture reaches it.
    fn peak(&self, loads: Span) -> Option<(f64, f64, f64)> {
        let peak = self.fit.curve.peak().filter(|peak| loads.contains_value(*peak))?;
        Some((peak, self.fit.peak.low, self.fit.peak.high.unwrap_or(f64::INFINITY)))
    }

    fn peak_words(&self) -> String {
        let low = count(self.fit.peak.low);
        let peak = self.fit.curve.peak().map_or_else(|| "?".to_owned(), count);
        match self.fit.peak.high {
            Some(high) => format!("peak {peak} ({low}–{})", count(high)),
            None => format!("peak {peak} ({low} or more)"),
        }
    }

    fn entries(&self) -> Vec<(Ink, Sample, String)> {
        let mut entries = vec![
            (Ink::Measured, Sample::Dot, "measured throughput"),
            (Ink::Middle, Sample::Stroke, "fitted"),
            (Ink::Extrapolated, Sample::Stroke, "extrapolated"),
        ];
        if self.peak(self.loads_shown()).is_some() {
            entries.push((Ink::Interval, Sample::Surface, "95% interval of the peak"));
        }
        entries.into_iter().map(|(ink, sample, words)| (ink, sample, words.to_owned())).collect()
    }

    fn description(&self) -> String {
        let fit = self.fit;
        let tested = format!("Throughput was measured at loads up to {}.", count(fit.tested));
        let peak = match fit.curve.peak() {
            _ if is_flat(fit) => "It does not grow with load.".to_owned(),
            Some(_) => format!("The fitted curve has its {}, 95% interval.", self.peak_words()),
            None => format!("{}.", no_peak(fit)),
        };
        let spread = format!(" Points lie {:.1}% from the curve.", fit.spread * 100.0);
        let caution = if fit.is_extrapolated() { " This is extrapolated." } else { "" };
        format!("{tested} {peak}{spread}{caution}")
    }
}
