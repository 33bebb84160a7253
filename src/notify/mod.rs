//! What somebody is told who does not look: only what has changed since the last message.
//!
//! Pure, on plain values: `render` puts an assessment into them and makes messages of the news.

#![deny(clippy::disallowed_methods)]

mod news;
mod standing;

pub use news::{Change, ChangeKind, News, news};
pub use standing::{Aspect, Check, CheckState, Problem, Standing, Subject, Told};
