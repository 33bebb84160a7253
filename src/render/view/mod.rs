//! From results to documents: one view for each result, each a pure function.

pub(super) mod facts;
mod plan;
pub(super) mod step;

pub use plan::plan_document;
