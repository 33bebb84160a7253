//! Small pictures within tables: a month against its limits, and how much of each day is known.

use std::fmt::Write;

use crate::{
    render::{chart, safe},
    report::{CoverageOfDay, ResourceMonth},
    signal::Direction,
};

const WIDTH: f64 = 200.0;
const HEIGHT: f64 = 46.0;
const EDGE: f64 = 3.0;

/// The busiest hour of each day as a line, between its limits.
pub(super) fn month(one: &ResourceMonth, title: &str, words: &str) -> String {
    let worse = one.signal.entry().direction;
    let value = |day: &crate::report::DayOf| match worse {
        Direction::HigherIsWorse => day.high,
        Direction::LowerIsWorse => day.low,
    };
    let limits = [(&one.limits.warning, "warning", "#b35900"), (&one.limits.critical, "limit", "#c0262d")];
    let shown = || {
        limits.iter().filter_map(|(limit, class, colour)| Some((limit.as_ref()?.at.value(), class, colour)))
    };
    let values = || one.days.iter().map(value).chain(shown().map(|(at, ..)| at));
    let high = values().fold(f64::NEG_INFINITY, f64::max);
    // Where more is worse the picture begins at nothing, so that the room that is left can be seen.
    let low = match worse {
        Direction::HigherIsWorse => values().fold(0.0, f64::min),
        Direction::LowerIsWorse => values().fold(f64::INFINITY, f64::min),
    };
    let size = if high > low { high - low } else { 1.0 };
    let y = |value: f64| HEIGHT - EDGE - (value - low) / size * (HEIGHT - 2.0 * EDGE);
    let first = one.days.first().map(|day| day.date);
    let days = one.days.first().zip(one.days.last()).map_or(1, |(a, b)| (b.date - a.date).num_days().max(1));
    let x = |date: chrono::NaiveDate| {
        let day = first.map_or(0, |first| (date - first).num_days());
        EDGE + day as f64 / days as f64 * (WIDTH - 2.0 * EDGE)
    };
    let mut body = String::new();
    for (at, class, colour) in shown() {
        // Writing to a string cannot fail.
        let _ = write!(
            body,
            "<line class=\"sa-{class}\" x1=\"0\" x2=\"{WIDTH}\" y1=\"{0:.1}\" y2=\"{0:.1}\" stroke=\"{colour}\" \
             stroke-dasharray=\"4 3\"/>",
            y(at)
        );
    }
    // A day of which nothing is known breaks the line.
    for run in one.days.chunk_by(|a, b| (b.date - a.date).num_days() == 1) {
        let points: Vec<String> =
            run.iter().map(|day| format!("{:.1},{:.1}", x(day.date), y(value(day)))).collect();
        if let [alone] = run {
            let (cx, cy) = (x(alone.date), y(value(alone)));
            let _ = write!(
                body,
                "<circle class=\"sa-measured\" cx=\"{cx:.1}\" cy=\"{cy:.1}\" r=\"1.8\" fill=\"#33404d\"/>"
            );
        } else {
            let _ = write!(
                body,
                "<polyline class=\"sa-measured\" points=\"{}\" fill=\"none\" stroke=\"#33404d\" stroke-width=\"1.8\"/>",
                points.join(" ")
            );
        }
    }
    frame((WIDTH, HEIGHT), title, words, &body)
}

/// A bar for each day, as high as the share of it that is known.
pub(super) fn coverage(days: &[CoverageOfDay], title: &str, words: &str) -> String {
    const BAR: f64 = 24.0;
    const TALL: f64 = 40.0;
    let width = BAR * days.len() as f64;
    let mut body = String::new();
    for (index, day) in days.iter().enumerate() {
        let (x, share) = (BAR * index as f64 + 2.0, day.share.unwrap_or(0.0));
        let (class, colour) = if share >= 0.9995 { ("middle", "#0b62bd") } else { ("warning", "#b35900") };
        let height = share * TALL;
        let _ = write!(
            body,
            "<rect class=\"sa-grid\" x=\"{x}\" y=\"0\" width=\"{0}\" height=\"{TALL}\" fill=\"#dde3ea\"/>\
             <rect class=\"sa-{class}\" x=\"{x}\" y=\"{1:.1}\" width=\"{0}\" height=\"{height:.1}\" fill=\"{colour}\"/>\
             <text class=\"sa-faint\" x=\"{2}\" y=\"{3}\" fill=\"#485563\" font-size=\"13\" font-family=\"sans-serif\" \
             text-anchor=\"middle\">{4}</text>",
            BAR - 4.0,
            TALL - height,
            x + (BAR - 4.0) / 2.0,
            TALL + 15.0,
            day.date.format("%-d")
        );
    }
    frame((width, TALL + 20.0), title, words, &body)
}

fn frame((width, height): (f64, f64), title: &str, words: &str, body: &str) -> String {
    let escape = |text: &str| safe(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"sa-small\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 \
         {width} {height}\" role=\"img\">\n<title>{}</title>\n<desc>{}</desc>\n{}\n{body}\n</svg>\n",
        escape(title),
        escape(words),
        chart::style()
    )
}
