//! Baselines that are kept, as text.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Profile, Run};

/// The version of the file's shape.
pub const BASELINE_SCHEMA: &str = "scale-advisor/baseline/2";
/// The version before, in which some fields had other names.
const PREVIOUS_SCHEMA: &str = "scale-advisor/baseline/1";

/// Runs that are kept to compare later builds with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredBaseline {
    /// Always `scale-advisor/baseline/2`.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Where it comes from.
    pub provenance: Provenance,
    /// The runs, oldest first.
    pub runs: Vec<Run>,
}

/// Where a baseline comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Provenance {
    /// The commit that was measured; null where it is unknown.
    pub commit: Option<String>,
    /// When it was saved.
    pub saved_at: DateTime<Utc>,
    /// The program that saved it, with its version.
    pub saved_by: String,
    /// The programs that measured.
    pub tools: Vec<String>,
    /// The roadmap that was in use; null where none was chosen.
    pub profile: Option<Profile>,
}

/// Why a text is not a stored baseline.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// The text is no JSON, or lacks something.
    #[error("the baseline is damaged; save it again")]
    Shape(#[from] serde_json::Error),
    /// JSON of another kind or version.
    #[error("the schema is `{0}`, but this program reads `{BASELINE_SCHEMA}`; save the baseline again")]
    Version(String),
    /// A number that is none.
    #[error("the baseline is damaged: {0}")]
    Number(String),
}

impl StoredBaseline {
    /// The baseline as JSON, with a final newline.
    pub fn to_json(&self) -> String {
        // Plain structs with string keys and finite numbers always serialise.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Reads what [`Self::to_json`] wrote.
    ///
    /// # Errors
    /// When the text is truncated, of another kind or of another version.
    pub fn from_json(text: &str) -> Result<Self, BaselineError> {
        #[derive(Deserialize)]
        struct Head {
            schema: String,
        }
        let head: Head = serde_json::from_str(text)?;
        if ![BASELINE_SCHEMA, PREVIOUS_SCHEMA].contains(&head.schema.as_str()) {
            return Err(BaselineError::Version(head.schema));
        }
        let stored = Self { schema: BASELINE_SCHEMA.to_owned(), ..serde_json::from_str(text)? };
        if stored.runs.is_empty() {
            return Err(BaselineError::Number("it has no runs".to_owned()));
        }
        Ok(stored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let stored = StoredBaseline {
            schema: BASELINE_SCHEMA.to_owned(),
            name: "main".to_owned(),
            provenance: Provenance {
                commit: Some("72f5178".to_owned()),
                saved_at: DateTime::UNIX_EPOCH,
                saved_by: "scale-advisor 1".to_owned(),
                tools: vec!["k6".to_owned()],
                profile: None,
            },
            runs: vec![Run { name: "a.json".to_owned(), ..Run::default() }],
        };
        let text = stored.to_json();
        assert_eq!(StoredBaseline::from_json(&text).unwrap(), stored);
        let previous = text.replace("baseline/2", "baseline/1").replace("\"assessment\"", "\"standing\"");
        assert_eq!(StoredBaseline::from_json(&previous).unwrap(), stored);
        assert!(matches!(StoredBaseline::from_json(&text[..60]), Err(BaselineError::Shape(_))));
        let other = text.replace("baseline/2", "baseline/3");
        assert!(matches!(StoredBaseline::from_json(&other), Err(BaselineError::Version(_))));
    }
}
