//! Many services at once: what names a service, how its assessment becomes a row, and the order of rows.
//!
//! Pure: values in, values out. `source::prometheus` reads, `render` writes.

#![deny(clippy::disallowed_methods)]

mod change;
mod kept;
mod order;
mod row;
mod rules;
mod service;

pub use change::{Change, ChangeKind, ChangedProblem, compared};
pub use kept::{EncodedPast, Hours, KeptPast, QueryHours, QueryKey, ReadHours, UnusablePast};
pub use order::{Choice, chosen, merged, most_urgent_first};
pub use row::{Problem, Row, Standing, Unjudged, UnknownFinding};
pub use rules::{RuleError, ServiceRule};
pub use service::{Listed, Service, Shard};
