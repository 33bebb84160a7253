//! The page in place of an assessment that could not be made, or is out of date.

use chrono::{DateTime, Utc};

use crate::render::{
    document::{Block, Document, Fact, Section, Tone},
    format::day,
};

/// Why there is no current assessment, and when there last was one. `reason` is one line.
pub fn outage_document(reason: &str, last: Option<DateTime<Utc>>) -> Document {
    let last = last.map_or_else(
        || "never since the server started".to_owned(),
        |at| format!("{} at {}", day(at), at.format("%H:%M UTC")),
    );
    let facts = vec![Fact::new("Reason", reason), Fact::new("Last assessed", last)];
    Document {
        title: "There is no current assessment".into(),
        tone: Tone::Unknown,
        sections: vec![Section::untitled("outage", vec![Block::Facts { facts }])],
        footer: format!("scale-advisor {}", env!("CARGO_PKG_VERSION")),
        ..Document::default()
    }
}
