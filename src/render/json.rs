//! The assessment as JSON, and its schema.

use super::{View, safe::escape_harmful};
use crate::assess::Assessment;

/// The assessment with two spaces of indentation and a final newline.
pub(super) fn render(view: &View<'_>) -> String {
    // Structs with string keys and finite numbers always serialise.
    let mut text = escape_harmful(&serde_json::to_string_pretty(view.assessment).unwrap_or_default());
    text.push('\n');
    text
}

/// The JSON Schema of the assessment, made from the types that are serialised.
pub fn schema() -> String {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    let schema = settings.into_generator().into_root_schema_for::<Assessment>();
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}
