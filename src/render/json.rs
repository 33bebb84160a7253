//! The assessment as JSON, and its schema.

use schemars::JsonSchema;
use serde::Serialize;

use crate::foreign::escape_harmful;
use crate::{
    assess::{Assessment, Forecast, Plan},
    fleet::Row,
    gate::GateReport,
    snapshot::Snapshot,
};

/// A plan in the same manner.
pub(super) fn render_plan(plan: &Plan) -> String {
    pretty(plan)
}

/// A value as JSON, indented by two spaces, with a final newline and without harmful characters.
pub fn pretty(value: &impl Serialize) -> String {
    // Structs with string keys and finite numbers always serialise.
    let mut text = escape_harmful(&serde_json::to_string_pretty(value).unwrap_or_default());
    text.push('\n');
    text
}

/// The JSON Schema of the assessment, made from the types that are serialised.
pub fn schema() -> String {
    schema_of::<Assessment>()
}

/// The JSON Schema of a plan.
pub fn plan_schema() -> String {
    schema_of::<Plan>()
}

/// The JSON Schema of a forecast.
pub fn forecast_schema() -> String {
    schema_of::<Forecast>()
}

/// The JSON Schema of a comparison of two builds.
pub fn gate_schema() -> String {
    schema_of::<GateReport>()
}

/// The JSON Schema of a row of a fleet, as `fleet check` writes one on each line.
pub fn fleet_schema() -> String {
    schema_of::<Row>()
}

/// The JSON Schema of a snapshot, as `collect` writes it.
pub fn snapshot_schema() -> String {
    schema_of::<Snapshot>()
}

pub(super) fn schema_of<T: JsonSchema>() -> String {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    let schema = settings.into_generator().into_root_schema_for::<T>();
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}
