//! A dashboard as JSON for Grafana.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::rules::skipped_line;
use crate::{
    assess::{ActBy, Bottleneck, SignalLimit},
    export::{Dashboard, LoadPanel, ResourcePanel},
    render::{
        document::escape,
        format::{bounds, count, dates, day, grade},
        pretty, safe,
    },
    signal::Unit,
};

/// The version of Grafana's format for dashboards, that of Grafana 10.
const SCHEMA_VERSION: u32 = 38;
/// The columns of a dashboard.
const WIDTH: usize = 24;
/// Panels of resources beside each other.
const BESIDE: usize = 2;
/// The height of a panel.
const HEIGHT: usize = 8;

/// The dashboard as JSON, to be imported or provisioned.
pub fn grafana_dashboard(dashboard: &Dashboard) -> String {
    let mut panels = vec![text_panel(dashboard)];
    let mut top = HEIGHT;
    if let Some(load) = &dashboard.load {
        panels.push(load_panel(load, dashboard, &place(0, top, WIDTH)));
        top += HEIGHT;
    }
    for (index, resource) in dashboard.resources.iter().enumerate() {
        let width = WIDTH / BESIDE;
        let place = place(index % BESIDE * width, top + index / BESIDE * HEIGHT, width);
        panels.push(resource_panel(resource, &place));
    }
    for (panel, id) in panels.iter_mut().zip(1..) {
        panel["id"] = json!(id);
    }
    pretty(&json!({
        "uid": uid(&dashboard.basis.profile),
        "title": safe(&format!("Capacity: {}", dashboard.title)),
        "description": safe(&basis(dashboard)),
        "tags": ["scale-advisor", "capacity"],
        "schemaVersion": SCHEMA_VERSION,
        "version": 1,
        "editable": true,
        "timezone": "utc",
        "time": { "from": "now-28d", "to": "now" },
        "templating": { "list": [{
            "name": "datasource",
            "label": "Data source",
            "type": "datasource",
            "query": "prometheus",
            "refresh": 1,
            "hide": 0,
        }] },
        "annotations": { "list": [] },
        "panels": panels,
    }))
}

/// The same for the same roadmap, so that importing it again takes the place of the old one: at most 40 letters.
fn uid(profile: &str) -> String {
    let letter = |letter: char| if letter.is_ascii_alphanumeric() || letter == '_' { letter } else { '-' };
    "scale-advisor-".chars().chain(profile.chars().map(letter)).take(40).collect()
}

fn basis(dashboard: &Dashboard) -> String {
    let basis = &dashboard.basis;
    let simulated =
        basis.simulated.as_ref().map(|simulated| format!(" Demo data: {simulated}.")).unwrap_or_default();
    format!(
        "Written by scale-advisor {} for roadmap {} from measurements of {}.{simulated}",
        basis.tool_version,
        basis.profile,
        basis.generated_at.format("%-d %b %Y %H:%M UTC")
    )
}

fn place(x: usize, y: usize, width: usize) -> Value {
    json!({ "x": x, "y": y, "w": width, "h": HEIGHT })
}

fn source() -> Value {
    json!({ "type": "prometheus", "uid": "${datasource}" })
}

/// The dates as a table. They are those of the export.
fn text_panel(dashboard: &Dashboard) -> Value {
    let mut text = format!("{}\n\n", escape(&basis(dashboard)));
    if dashboard.saturations.is_empty() {
        text.push_str("No saturation load or date is known.\n");
    } else {
        text.push_str("| resource | saturates at | on | act by | confidence |\n|---|---|---|---|---|\n");
    }
    for row in &dashboard.saturations {
        text.push_str(&saturation(row, dashboard));
    }
    for skipped in &dashboard.skipped {
        _ = write!(text, "\n{}\n", escape(&skipped_line(skipped)));
    }
    json!({
        "type": "text",
        "title": "Saturation",
        "gridPos": place(0, 0, WIDTH),
        "options": { "mode": "markdown", "content": text },
    })
}

fn saturation(row: &Bottleneck, dashboard: &Dashboard) -> String {
    let none = || "–".to_owned();
    let name = row.resource.entry().of_instance(row.instance.as_deref());
    let load = row.saturates_at_load.as_ref();
    let load =
        load.map_or_else(none, |load| format!("{} {}{}", count(load.mid), dashboard.load_unit, bounds(load)));
    let on = row.saturates_on.as_ref().map_or_else(none, |on| dates(on, dashboard.basis.generated_at));
    let act_by = row.act_by.as_ref().and_then(|ActBy { date, .. }| *date).map_or_else(none, day);
    let cells = [name, load, on, act_by, grade(row.grade).to_owned()];
    let cells: Vec<String> = cells.iter().map(|cell| escape(cell).replace('\n', " ")).collect();
    format!("| {} |\n", cells.join(" | "))
}

fn load_panel(load: &LoadPanel, dashboard: &Dashboard, place: &Value) -> Value {
    const COLOURS: [&str; 5] = ["green", "blue", "yellow", "orange", "red"];
    let step = |(index, (_, _, users)): (usize, &(u64, String, u64))| {
        let colour = COLOURS[index.min(COLOURS.len() - 1)];
        // The first step of thresholds has no value.
        json!({ "color": colour, "value": if index == 0 { Value::Null } else { json!(users) } })
    };
    let steps: Vec<Value> = load.phases.iter().enumerate().map(step).collect();
    let steps = if steps.is_empty() { vec![json!({ "color": "green", "value": null })] } else { steps };
    let phases: Vec<String> = load
        .phases
        .iter()
        .map(|(number, title, users)| format!("phase {number} ({title}) from {}", count(*users as f64)))
        .collect();
    let title = format!("Load: {}", dashboard.load_unit);
    graph(&title, &phases.join("; "), place, &load.expression, &dashboard.load_unit, "short", &steps)
}

fn resource_panel(resource: &ResourcePanel, place: &Value) -> Value {
    let entry = resource.signal.entry();
    let legend = match &resource.instance_label {
        Some(label) => format!("{{{{{label}}}}}"),
        None => entry.title.clone(),
    };
    let at = |limit: &Option<SignalLimit>| limit.as_ref().map(|limit| limit.at.value());
    let limits = &resource.limits;
    let marks =
        [(at(&limits.warning), "orange"), (at(&limits.critical), "red"), (at(&limits.full), "dark-red")];
    let mut marks: Vec<(f64, &str)> =
        marks.into_iter().filter_map(|(at, colour)| Some((at?, colour))).collect();
    marks.sort_by(|a, b| a.0.total_cmp(&b.0));
    marks.dedup_by(|next, before| next.0 <= before.0);
    let steps = std::iter::once(json!({ "color": "green", "value": null }));
    let steps = steps.chain(marks.iter().map(|(at, colour)| json!({ "color": colour, "value": at })));
    let unit = match entry.unit {
        Unit::Ratio => "percentunit",
        Unit::Seconds => "s",
        Unit::Bytes => "bytes",
        Unit::BytesPerSecond => "Bps",
        Unit::PerSecond => "ops",
        Unit::Count => "short",
    };
    let title = entry.resource.map_or(entry.title.as_str(), |resource| resource.entry().title.as_str());
    let title = format!("{title}: {}", entry.title);
    graph(&title, &entry.description, place, &resource.expression, &legend, unit, &steps.collect::<Vec<_>>())
}

fn graph(
    title: &str,
    description: &str,
    place: &Value,
    expression: &str,
    legend: &str,
    unit: &str,
    steps: &[Value],
) -> Value {
    let defaults = json!({
        "unit": unit,
        "min": 0,
        "thresholds": { "mode": "absolute", "steps": steps },
        "custom": { "thresholdsStyle": { "mode": "line" }, "spanNulls": false },
    });
    json!({
        "type": "timeseries",
        "title": safe(title),
        "description": safe(description),
        "gridPos": place,
        "datasource": source(),
        "targets": [{ "refId": "A", "datasource": source(), "expr": expression, "legendFormat": safe(legend) }],
        "fieldConfig": { "defaults": defaults, "overrides": [] },
        "options": {
            "legend": { "showLegend": true, "displayMode": "list", "placement": "bottom", "calcs": [] },
            "tooltip": { "mode": "multi", "sort": "desc" },
        },
    })
}
