//! The mathematics of capacity: pure functions on slices, each with its formula, units, domain and source.
//!
//! Nothing here knows a signal, a server or a clock. The same numbers give the same answers: random numbers
//! are seeded from the data.

#![deny(clippy::disallowed_methods)]

pub mod budget;
pub mod change_point;
pub mod creep;
pub mod demand;
pub mod few_runs;
pub mod first_passage;
pub mod growth;
pub mod least_squares;
pub mod prediction;
pub mod quantile;
pub mod queueing;
pub mod random;
pub mod rank_test;
pub mod usl;
