//! What can be measured: the catalogue of signals and resources, units, quantities and series.
//!
//! A *metric* is what a server exports; a *signal* is our normalised quantity, the same whatever
//! system it was read from. This module imports nothing of ours but [`crate::diagnostic`].

#![deny(clippy::disallowed_methods)]

mod aggregate;
mod catalog;
mod display;
mod id;
mod parse;
mod quantity;
mod scope;
mod series;

pub use aggregate::{Aggregate, quantile};
pub use catalog::{Candidate, Catalog, Direction, Driver, Identity, Reduce, Resource, Role, Signal, catalog};
pub use display::{counted, duration_text, span_text};
pub use id::{ResourceId, SignalId};
pub use parse::{parse_duration, parse_quantity};
pub use quantity::{Quantity, Unit};
pub use scope::{LabelMatcher, MatchKind, MatcherError, PLACE_LABELS, Scope, is_label};
pub use series::{Series, SeriesError};
