//! The mathematics of capacity against published values, and the laws it keeps.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::unreadable_literal, reason = "figures as their sources print them")]

mod calibration;
mod contenders;
mod contending;
mod demand;
mod first_passage;
mod gate;
mod gate_simulation;
mod growth;
#[allow(dead_code, reason = "the benchmark uses the rest")]
mod kinds;
mod queueing;
mod rank_test;
#[allow(dead_code, reason = "the benchmark uses the rest")]
mod relations;
mod score;
mod screening;
mod shapes;
mod simulate;
#[allow(dead_code, reason = "the benchmark uses the rest")]
mod suite;
mod usl;

/// Whether two figures agree to a relative tolerance.
#[track_caller]
fn close(found: f64, expected: f64, tolerance: f64) {
    let scale = expected.abs().max(f64::MIN_POSITIVE);
    assert!((found - expected).abs() <= tolerance * scale, "found {found}, expected {expected}");
}
