//! From results to documents: one view for each result, each a pure function.

mod plan;
mod step;

pub use plan::plan_document;
