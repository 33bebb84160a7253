//! Terraform's plan as JSON: `terraform show -json PLANFILE`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::{NotADiff, SettingChange, assignment::words, value::SettingValue};

#[derive(Deserialize)]
struct Plan {
    resource_changes: Vec<ResourceChange>,
}

#[derive(Deserialize)]
struct ResourceChange {
    address: String,
    change: Change,
}

#[derive(Deserialize)]
struct Change {
    before: Option<Value>,
    after: Option<Value>,
}

/// The settings that get another value, in the order of the plan.
pub(super) fn changes(text: &str, settings: &BTreeSet<&str>) -> Result<Vec<SettingChange>, NotADiff> {
    let plan: Plan = serde_json::from_str(text).map_err(|error| NotADiff::NotAPlan(error.to_string()))?;
    Ok(plan.resource_changes.iter().flat_map(|changed| of_resource(changed, settings)).collect())
}

fn of_resource(changed: &ResourceChange, settings: &BTreeSet<&str>) -> Vec<SettingChange> {
    let scalars = |side: &Option<Value>| {
        let mut found = BTreeMap::new();
        if let Some(value) = side {
            collect(value, &mut Vec::new(), &mut found);
        }
        found
    };
    let (before, after) = (scalars(&changed.change.before), scalars(&changed.change.after));
    let names: BTreeSet<String> = after
        .values()
        .flat_map(|value| words(value))
        .chain(words(&changed.address))
        .map(str::to_owned)
        .collect();
    let change = |(path, value): (&Vec<String>, &String)| {
        let setting = settings.iter().find(|setting| is_setting(path, setting))?;
        let before = before.get(path);
        let from = before.and_then(|from| SettingValue::of_setting(setting, from));
        let unreadable = || from.as_ref().and_then(|_| SettingValue::unreadable(value));
        let to = SettingValue::of_setting(setting, value).or_else(unreadable)?;
        (before != Some(value)).then(|| SettingChange {
            place: changed.address.clone(),
            line: None,
            setting: (*setting).to_owned(),
            from,
            to,
            words: names.clone(),
        })
    };
    after.iter().filter_map(change).collect()
}

/// Whether a path ends with the names of a setting; Terraform writes `maxReplicas` as `max_replicas`.
fn is_setting(path: &[String], setting: &str) -> bool {
    let names: Vec<String> = setting.split('.').map(snake).collect();
    let written: Vec<String> =
        path.iter().filter(|part| part.parse::<usize>().is_err()).map(|part| snake(part)).collect();
    written.ends_with(&names)
}

fn snake(name: &str) -> String {
    name.chars().fold(String::new(), |mut text, letter| {
        if letter.is_ascii_uppercase() && text.ends_with(|before: char| before.is_ascii_lowercase()) {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
        text
    })
}

/// Every value by its path. `{"name": "max_connections", "value": "200"}` has the path of its name.
fn collect(value: &Value, path: &mut Vec<String>, found: &mut BTreeMap<Vec<String>, String>) {
    match value {
        Value::Object(keys) => {
            if let (Some(Value::String(name)), Some(value)) = (keys.get("name"), keys.get("value"))
                && let Some(text) = scalar(value)
            {
                let mut named: Vec<String> =
                    path.iter().filter(|part| part.parse::<usize>().is_err()).cloned().collect();
                named.push(name.clone());
                found.insert(named, text);
            }
            for (key, value) in keys {
                path.push(key.clone());
                collect(value, path, found);
                path.pop();
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                path.push(index.to_string());
                collect(value, path, found);
                path.pop();
            }
        }
        scalar_value => {
            found.extend(scalar(scalar_value).map(|text| (path.clone(), text)));
        }
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes_in(text: &str) -> Vec<(String, String, Option<String>, String)> {
        let settings = BTreeSet::from(["max_connections", "limits.memory", "maxReplicas"]);
        let told = |change: SettingChange| {
            (change.place, change.setting, change.from.map(|from| from.to_string()), change.to.to_string())
        };
        changes(text, &settings).unwrap().into_iter().map(told).collect()
    }

    #[test]
    fn parameters_replicas_and_limits_are_read() {
        let plan = r#"{"format_version": "1.2", "resource_changes": [
          {"address": "aws_db_parameter_group.main", "type": "aws_db_parameter_group", "change": {"actions": ["update"],
            "before": {"parameter": [{"name": "work_mem", "value": "4096"}, {"name": "max_connections", "value": "100"}]},
            "after": {"parameter": [{"name": "max_connections", "value": "200"}, {"name": "work_mem", "value": "4096"}]}}},
          {"address": "kubernetes_horizontal_pod_autoscaler_v2.api", "change": {
            "before": {"metadata": [{"name": "api"}], "spec": [{"max_replicas": 10}]},
            "after": {"metadata": [{"name": "api"}], "spec": [{"max_replicas": 4}]}}},
          {"address": "kubernetes_deployment.api", "change": {"before": null,
            "after": {"spec": [{"container": [{"resources": [{"limits": {"memory": "1Gi"}}]}]}]}}}
        ]}"#;
        let of = |place: &str, setting: &str, from: Option<&str>, to: &str| {
            (place.to_owned(), setting.to_owned(), from.map(str::to_owned), to.to_owned())
        };
        assert_eq!(
            changes_in(plan),
            [
                of("aws_db_parameter_group.main", "max_connections", Some("100"), "200"),
                of("kubernetes_horizontal_pod_autoscaler_v2.api", "maxReplicas", Some("10"), "4"),
                of("kubernetes_deployment.api", "limits.memory", None, "1Gi"),
            ]
        );
    }

    #[test]
    fn other_json_is_refused() {
        for text in ["{}", "{\"resource_changes\": 1}", "{"] {
            assert!(matches!(changes(text, &BTreeSet::new()), Err(NotADiff::NotAPlan(_))), "{text}");
        }
    }
}
