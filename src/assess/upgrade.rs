//! Assessments read back: those of this version, and those that version 1 of the schema recorded.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use super::{Assessment, SCHEMA};
use crate::signal::{Definition, adopt};

/// The schema that kept reasons as sentences.
const VERSION_1: &str = "scale-advisor/assessment/1";

/// Why a text is not an assessment.
#[derive(Debug, thiserror::Error)]
pub enum AssessmentError {
    /// The text is not JSON, or lacks a field.
    #[error("the file is damaged or not an assessment")]
    Shape(#[from] serde_json::Error),
    /// JSON of another kind or of a later version.
    #[error("the schema is `{0}`, but this version reads `{SCHEMA}`")]
    Version(String),
    /// Something else altogether.
    #[error("no `schema` found: not a file written by `scale-advisor check --format json`")]
    NoSchema,
}

impl Assessment {
    /// Reads the output of `check --format json`, of this version and of version 1.
    ///
    /// # Errors
    /// When the text is truncated, not an assessment, or of another version.
    pub fn from_json(text: &str) -> Result<Self, AssessmentError> {
        let value: Value = serde_json::from_str(text)?;
        let schema = value.get("schema").and_then(Value::as_str).ok_or(AssessmentError::NoSchema)?;
        let value = match schema {
            SCHEMA => value,
            VERSION_1 => from_version_1(value),
            other => return Err(AssessmentError::Version(other.to_owned())),
        };
        if let Some(definitions) = value.get("definitions") {
            // Before anything names them. What cannot be known is left out, as everything that is not known any more.
            let definitions: Vec<Definition> = serde_json::from_value(definitions.clone())?;
            let _ = definitions.into_iter().try_for_each(|definition| adopt(vec![definition]));
        }
        Ok(serde_json::from_value(value)?)
    }
}

/// Reads a list and leaves out the entries that name what this version does not know.
pub(super) fn known<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let entries = Vec::<Value>::deserialize(deserializer)?;
    Ok(entries.into_iter().filter_map(|entry| serde_json::from_value(entry).ok()).collect())
}

/// Gives an assessment of version 1 the shape of this version. Sentences become reasons of the kind `worded`.
fn from_version_1(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut upgraded: Map<String, Value> =
                fields.into_iter().flat_map(|(name, value)| field_of_version_1(name, value)).collect();
            if upgraded.get("schema").and_then(Value::as_str) == Some(VERSION_1) {
                upgraded.insert("schema".to_owned(), json!(SCHEMA));
            }
            Value::Object(upgraded)
        }
        Value::Array(entries) => Value::Array(entries.into_iter().map(from_version_1).collect()),
        other => other,
    }
}

fn field_of_version_1(name: String, value: Value) -> Vec<(String, Value)> {
    let sentence = |value: &Value| json!({ "kind": "worded", "text": value });
    match name.as_str() {
        "because" => {
            vec![("reason".to_owned(), sentence(&value)), ("reasons".to_owned(), json!([sentence(&value)]))]
        }
        "evidence" => vec![("reason".to_owned(), sentence(&value))],
        "saturation_because" => {
            vec![("saturation_reason".to_owned(), json!({ "forecast": sentence(&value) }))]
        }
        "utilisation" => vec![("utilization".to_owned(), value)],
        "limit_origin" => vec![(name, limit_origin(value.as_str()))],
        _ => match name.strip_suffix("because") {
            Some(start) => vec![(format!("{start}reason"), sentence(&value))],
            None => vec![(name, from_version_1(value))],
        },
    }
}

fn limit_origin(words: Option<&str>) -> Value {
    let alert = |words: &str| {
        let id = words.strip_prefix("alert ")?.strip_suffix(" of the roadmap")?;
        Some(json!({ "kind": "alert", "id": id }))
    };
    match words {
        Some("the project's limits") => json!({ "kind": "project" }),
        Some("default limit") => json!({ "kind": "default" }),
        Some("hard limit") => json!({ "kind": "hard_limit" }),
        Some(words) => alert(words).unwrap_or(Value::Null),
        None => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_texts_are_refused() {
        let error = |text: &str| Assessment::from_json(text).unwrap_err();
        assert!(matches!(error("{\"schema\": \"scale-advi"), AssessmentError::Shape(_)));
        assert!(matches!(error("{\"metrics\": {}}"), AssessmentError::NoSchema));
        assert!(matches!(error("{\"schema\": \"scale-advisor/assessment/2\"}"), AssessmentError::Shape(_)));
        let other = error("{\"schema\": \"scale-advisor/assessment/9\"}");
        assert!(matches!(other, AssessmentError::Version(version) if version.ends_with("/9")));
    }

    #[test]
    fn sentences_of_version_1_become_reasons() {
        let old = json!({
            "schema": VERSION_1,
            "because": "B",
            "load": { "forecast_because": "F" },
            "bottlenecks": [{ "saturation_because": "S", "limit_origin": "alert cpu of the roadmap" }],
        });
        let new = from_version_1(old);
        assert_eq!(new["schema"], SCHEMA);
        assert_eq!(new["reason"], json!({ "kind": "worded", "text": "B" }));
        assert_eq!(new["load"]["forecast_reason"]["text"], "F");
        assert_eq!(new["bottlenecks"][0]["saturation_reason"]["forecast"]["text"], "S");
        assert_eq!(new["bottlenecks"][0]["limit_origin"], json!({ "kind": "alert", "id": "cpu" }));
    }
}
