//! scale-advisor: what runs out next, at how many users, what to do about it, and what it costs.
//!
//! ```text
//! arguments ─► config ─► roadmap ─┐
//!                                 ├─► assess ─► Assessment ─► render ─► stdout / files ─► exit code
//! sources ─► Snapshot ────────────┘
//!               │ saved, replayed
//! ```
//! `ARCHITECTURE.md` holds the map, the invariants and the table "where do I add …?".

pub mod assess;
pub mod bill;
pub mod calendar;
pub mod cli;
pub mod config;
pub mod diagnostic;
pub mod diff;
pub mod discover;
pub mod export;
pub mod files;
pub mod fleet;
pub mod foreign;
pub mod gate;
pub mod history;
pub mod loadtest;
pub mod notify;
pub mod postgres;
pub mod render;
pub mod report;
pub mod roadmap;
pub mod serve;
pub mod signal;
pub mod snapshot;
pub mod source;
pub mod statements;
pub mod tabular;
pub mod tls;

pub use scale_advisor_capacity as capacity;
