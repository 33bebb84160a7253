//! Capacity mathematics: pure functions on numbers and slices, each with its formula, units and source.
//!
//! Imports nothing of ours.

#![deny(clippy::disallowed_methods)]

pub mod queueing;
