//! Charts as SVG and in characters: values in, one text out.
//!
//! The viewer draws the letters, so nothing here needs a font; widths of labels are estimated, generously. A chart
//! refers to nothing outside itself, has no script, follows light and dark, and includes its own text alternative.
//! Titles and labels may come from anywhere: they are sanitized and escaped.

mod axis;
mod characters;
mod course;
mod load;
mod palette;
mod scalability;
mod sheet;
mod sparkline;
#[cfg(test)]
mod tests;

pub(super) use characters::{course_characters, scalability_characters};
pub use course::{Course, CrossingDates, Mark, ResourceChart, resource_chart};
pub use load::{Basis, LoadChart, Milestone, PhaseBand, load_chart};
pub(super) use palette::style;
pub use scalability::{ScalabilityChart, scalability_chart};
pub(super) use scalability::{is_flat, no_peak};
pub(super) use sparkline::{
    Sparkline, coverage_chart, level_characters, sparkline_characters, sparkline_chart,
};
