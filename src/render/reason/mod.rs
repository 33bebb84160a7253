//! Reasons in words: one file for each kind of result.

pub(super) mod gate;
mod gate_metric;
