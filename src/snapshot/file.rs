//! Snapshots as text.

use super::Snapshot;
use crate::signal::{Definition, DefinitionConflict, adopt};

/// The version of the file's shape.
pub const SCHEMA: &str = "scale-advisor/snapshot/2";

/// The versions that are read. The first had a constant `capacity` in place of `limit`.
const READABLE: [&str; 2] = ["scale-advisor/snapshot/1", SCHEMA];

/// Why a text is not a snapshot.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The text is not JSON of the right shape.
    #[error("the file is damaged or not a snapshot")]
    Shape(#[from] serde_json::Error),
    /// The text is JSON written by this program, but of another kind or version.
    #[error("the schema is `{found}`, but this program reads up to `{SCHEMA}`")]
    Version {
        /// What the file calls itself.
        found: String,
    },
    /// It measures something under a name that means something else here.
    #[error(transparent)]
    Definition(#[from] DefinitionConflict),
    /// The file is something else altogether.
    #[error("line 1: no `schema` key: this is not a file written by `scale-advisor collect`")]
    Foreign,
}

impl Snapshot {
    /// The snapshot as JSON, one line for each observation.
    pub fn to_json(&self) -> String {
        // Serialising plain structs with string keys cannot fail.
        let mut text = serde_json::to_string(self).unwrap_or_default();
        text.push('\n');
        text.replace("{\"signal\":", "\n{\"signal\":")
    }

    /// Reads what [`Self::to_json`] wrote.
    ///
    /// # Errors
    /// With line and column when the text is truncated, of another kind or of another version.
    pub fn from_json(text: &str) -> Result<Self, SnapshotError> {
        #[derive(serde::Deserialize)]
        struct Head {
            schema: Option<String>,
            #[serde(default)]
            definitions: Vec<Definition>,
        }
        let head: Head = serde_json::from_str(text)?;
        match head.schema {
            Some(schema) if READABLE.contains(&schema.as_str()) => {
                // Before anything names them.
                adopt(head.definitions)?;
                Ok(serde_json::from_str(text)?)
            }
            Some(found) => Err(SnapshotError::Version { found }),
            None => Err(SnapshotError::Foreign),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::{Quantity, Unit};

    #[test]
    fn a_capacity_of_the_first_schema_is_a_limit_that_never_changed() {
        let text = r#"{"schema":"scale-advisor/snapshot/1","taken_at":"2026-11-20T16:40:00Z","tool_version":"0.1.0",
            "window":{"from":"2026-11-20T16:39:00Z","to":"2026-11-20T16:40:00Z","step_seconds":60},"sources":[],
            "observations":[{"signal":"postgres.connections","values":{"from_ms":0,"step_ms":60,"values":[0.5]},
            "capacity":{"value":97.0,"unit":"count"},"origin":{"source":"postgres","query":"q"}}],"gaps":[],"exhausted":[]}"#;
        let snapshot = Snapshot::from_json(text).unwrap();
        let observation = &snapshot.observations[0];
        assert_eq!(observation.capacity(), Quantity::new(97.0, Unit::Count));
        assert_eq!(observation.usage().values(), [48.5]);
        assert_eq!(observation.usage_unit(), Unit::Count);
        let again = Snapshot::from_json(&snapshot.to_json().replace("snapshot/1", "snapshot/2")).unwrap();
        assert_eq!(again.observations, snapshot.observations);
    }
}
