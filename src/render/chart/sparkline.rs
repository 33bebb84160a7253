//! Small charts within tables: a month against its limits, and how much of each day was recorded.

use std::fmt::Write;

use chrono::NaiveDate;

use super::{axis::escaped, palette::style};
use crate::signal::Direction;

const WIDTH: f64 = 200.0;
const HEIGHT: f64 = 46.0;
const EDGE: f64 = 3.0;
const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A daily figure with its limits.
#[derive(Debug, Clone, Copy)]
pub(in crate::render) struct Sparkline<'a> {
    /// What it shows.
    pub(in crate::render) title: &'a str,
    /// The same in words, with the numbers that matter.
    pub(in crate::render) description: &'a str,
    /// The value of each day that is known, in ascending order.
    pub(in crate::render) days: &'a [(NaiveDate, f64)],
    /// Where attention is due.
    pub(in crate::render) warning: Option<f64>,
    /// Where somebody must act.
    pub(in crate::render) critical: Option<f64>,
    /// Which way the figure gets worse.
    pub(in crate::render) worse: Direction,
}

impl Sparkline<'_> {
    /// The limits with the names and light colours of their strokes.
    fn limits(&self) -> impl Iterator<Item = (f64, &'static str, &'static str)> {
        let warning = self.warning.map(|limit| (limit, "warning", "#b35900"));
        warning.into_iter().chain(self.critical.map(|limit| (limit, "limit", "#c0262d")))
    }

    /// The lowest and the highest value shown. Where more is worse the chart begins at zero, so that the headroom can
    /// be seen.
    fn range(&self) -> (f64, f64) {
        let values = || self.days.iter().map(|(_, value)| *value).chain(self.limits().map(|(at, ..)| at));
        let floor = match self.worse {
            Direction::HigherIsWorse => 0.0,
            Direction::LowerIsWorse => f64::INFINITY,
        };
        let (low, high) = (values().fold(floor, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
        if high > low { (low, high) } else { (low, low + 1.0) }
    }
}

/// The figure as a line between its limits, as SVG.
pub(in crate::render) fn sparkline_chart(chart: &Sparkline<'_>) -> String {
    let (low, high) = chart.range();
    let y = |value: f64| HEIGHT - EDGE - (value - low) / (high - low) * (HEIGHT - 2.0 * EDGE);
    let ends = chart.days.first().zip(chart.days.last());
    let days = ends.map_or(1, |(first, last)| (last.0 - first.0).num_days().max(1));
    let x = |date: NaiveDate| {
        let day = ends.map_or(0, |(first, _)| (date - first.0).num_days());
        EDGE + day as f64 / days as f64 * (WIDTH - 2.0 * EDGE)
    };
    let mut body = String::new();
    for (limit, class, colour) in chart.limits() {
        // Writing to a string cannot fail.
        let _ = write!(
            body,
            "<line class=\"sa-{class}\" x1=\"0\" x2=\"{WIDTH}\" y1=\"{0:.1}\" y2=\"{0:.1}\" stroke=\"{colour}\" \
             stroke-dasharray=\"4 3\"/>",
            y(limit)
        );
    }
    // A day without data breaks the line.
    for run in chart.days.chunk_by(|day, next| (next.0 - day.0).num_days() == 1) {
        let points: Vec<String> =
            run.iter().map(|(date, value)| format!("{:.1},{:.1}", x(*date), y(*value))).collect();
        if let [(date, value)] = run {
            let (cx, cy) = (x(*date), y(*value));
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
    frame((WIDTH, HEIGHT), chart.title, chart.description, &body)
}

/// The figure as one character for each day; a blank for a day without data.
pub(in crate::render) fn sparkline_characters(chart: &Sparkline<'_>) -> String {
    let (low, high) = chart.range();
    let Some((first, _)) = chart.days.first() else { return String::new() };
    let mut days: Vec<Option<f64>> = Vec::new();
    for (date, value) in chart.days {
        days.resize(usize::try_from((*date - *first).num_days()).unwrap_or(0), None);
        days.push(Some(*value));
    }
    level_characters(&days, (low, high))
}

/// A character for each value, the higher the closer to the upper end of the range; a blank where there is none.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of eight levels")]
pub(in crate::render) fn level_characters(values: &[Option<f64>], (low, high): (f64, f64)) -> String {
    let share = |value: f64| if high > low { ((value - low) / (high - low)).clamp(0.0, 1.0) } else { 0.0 };
    let level = |value: f64| LEVELS[((share(value) * 7.0).round() as usize).min(7)];
    values.iter().map(|value| value.map_or(' ', level)).collect()
}

/// A bar for each day, as high as the share of its hours that was recorded, as SVG.
pub(in crate::render) fn coverage_chart(
    days: &[(NaiveDate, Option<f64>)],
    title: &str,
    description: &str,
) -> String {
    const BAR: f64 = 24.0;
    const TALL: f64 = 40.0;
    let width = BAR * days.len() as f64;
    let mut body = String::new();
    for (index, (date, share)) in days.iter().enumerate() {
        let (x, share) = (BAR * index as f64 + 2.0, share.unwrap_or(0.0));
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
            date.format("%-d")
        );
    }
    frame((width, TALL + 20.0), title, description, &body)
}

fn frame((width, height): (f64, f64), title: &str, description: &str, body: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"sa-small\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 \
         {width} {height}\" role=\"img\">\n<title>{}</title>\n<desc>{}</desc>\n{}\n{body}\n</svg>\n",
        escaped(title),
        escaped(description),
        style()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_without_data_is_a_blank() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 10, day).unwrap();
        let days = [(day(1), 0.0), (day(2), 0.5), (day(4), 1.0)];
        let chart = Sparkline {
            title: "CPU",
            description: "",
            days: &days,
            warning: Some(0.8),
            critical: None,
            worse: Direction::HigherIsWorse,
        };
        assert_eq!(sparkline_characters(&chart), "▁▅ █");
        let drawn = sparkline_chart(&chart);
        assert_eq!((drawn.matches("<polyline").count(), drawn.matches("<circle").count()), (1, 1));
    }
}
