//! A system that is what a test says it is.

use std::path::Path;

use serde_json::{Value, json};

/// A healthy system, with volumes that are so full.
pub(crate) fn snapshot(volumes: &[(&str, f64)]) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/healthy/snapshot.json");
    let mut snapshot: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let observations = snapshot["observations"].as_array_mut().unwrap();
    let place =
        observations.iter().position(|observation| observation["signal"] == "host.disk_space").unwrap();
    let volume = observations.remove(place);
    for (name, share) in volumes {
        let mut volume = volume.clone();
        volume["instance"] = json!(name);
        volume["labels"] = json!({ "instance": name });
        for value in volume["values"]["values"].as_array_mut().unwrap() {
            *value = json!(share);
        }
        observations.push(volume);
    }
    snapshot.to_string()
}
