//! Reasons in words: one file for each kind of result.

pub(super) mod gate;
