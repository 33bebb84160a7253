//! Snapshots as text.

use super::Snapshot;

/// The version of the file's shape.
pub const SCHEMA: &str = "scale-advisor/snapshot/1";

/// Why a text is not a snapshot.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The text is not JSON of the right shape.
    #[error("it is damaged, or no snapshot")]
    Shape(#[from] serde_json::Error),
    /// The text is JSON of ours, but of another kind or version.
    #[error("the schema is `{found}`, but this program reads `{SCHEMA}`")]
    Version {
        /// What the file calls itself.
        found: String,
    },
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
    /// With line and column when the text is truncated, foreign or of another version.
    pub fn from_json(text: &str) -> Result<Self, SnapshotError> {
        #[derive(serde::Deserialize)]
        struct Head {
            schema: Option<String>,
        }
        match serde_json::from_str::<Head>(text)?.schema {
            Some(schema) if schema == SCHEMA => Ok(serde_json::from_str(text)?),
            Some(found) => Err(SnapshotError::Version { found }),
            None => Err(SnapshotError::Foreign),
        }
    }
}
