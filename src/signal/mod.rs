//! What can be measured: the catalogue of signals and resources, units, quantities and series.
//!
//! A *metric* is what a server exports; a *signal* is our normalised quantity, the same whatever system it was read
//! from. What the program knows is in `catalog/`, one file for each system; configs, roadmaps and snapshots add to it.
//! This module imports only [`crate::diagnostic`] of this crate.

#![deny(clippy::disallowed_methods)]

mod aggregate;
mod catalog;
mod definition;
mod display;
mod id;
mod parse;
mod promql;
mod quantity;
mod registry;
mod scope;
mod selector;
mod series;

pub use aggregate::{Aggregate, mean, quantile};
pub use catalog::{
    Candidate, DefaultLimits, DefinedBy, Direction, Driver, Identity, Reduce, Resource, Role, Signal,
};
pub(crate) use definition::{
    PROJECT_LOADS, PROJECT_RESOURCES, PROJECT_SERVICE_LEVELS, ROADMAP_LOADS, ROADMAP_RESOURCES,
    ROADMAP_SERVICE_LEVELS,
};
pub use display::{counted, duration_text, listed, span_text};
pub use id::{ResourceId, SignalId};
pub use parse::{parse_duration, parse_quantity};
pub(crate) use promql::{accept_metricsql, is_metricsql};
pub(crate) use quantity::unit_error;
pub use quantity::{Quantity, Unit};
pub use registry::{Catalog, Definition, DefinitionConflict, adopt, catalog, define, definitions_of};
pub use scope::{LabelMatcher, MatchKind, MatcherError, PLACE_LABELS, Scope, is_label};
pub use selector::{Selector, SelectorError};
pub use series::{Series, SeriesError};
