//! Pictures as SVG: values in, one text out.
//!
//! The viewer draws the letters, so nothing here needs a font; widths of labels are estimated, generously. A picture
//! refers to nothing outside itself, has no script, follows light and dark, and carries its own text alternative.
//! Titles and labels may come from anywhere: they are made harmless and escaped.

mod course;
mod key;
mod load;
mod palette;
mod plane;
mod resource;
mod scalability;
mod sheet;
#[cfg(test)]
mod tests;
mod ticks;
mod times;
mod words;

pub use course::Course;
pub use load::{Basis, LoadChart, Milestone, PhaseBand, load_chart};
pub(super) use palette::style;
pub use resource::{CrossingDates, Mark, ResourceChart, resource_chart};
pub use scalability::{ScalabilityChart, scalability_chart};
