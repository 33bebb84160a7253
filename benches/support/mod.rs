//! What the benchmarks compare with and measure by.

pub mod columns;
pub mod memory;
