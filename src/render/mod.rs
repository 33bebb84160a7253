//! One file per output format over one assessment.
//!
//! Pure: values in, text out. What a server sent is sanitized here, because here it leaves the program.

#![deny(clippy::disallowed_methods)]

pub mod chart;
mod ci;
mod document;
mod export;
mod format;
mod json;
mod notification;
mod outside;
mod reason;
mod report;
mod saturation;
mod summary;
mod view;
mod yaml;

pub use ci::{
    Case, Cases, CiFormat, ExitPolicy, GatePlaces, Measure, Place, Places, cases_of_check, cases_of_gate,
    fleet_list_openmetrics, fleet_openmetrics, freshness_openmetrics, gate_openmetrics, github_summary,
    nagios_code, nagios_failure, render_cases,
};
pub use document::{Document, DocumentFormat, PAGE_TEMPLATES, TemplateError, Templates, TerminalStyle};
pub use export::{
    BillingParty, ResourceMetadata, RuleFormat, ScalingTarget, focus_file, grafana_dashboard, hpa_file,
    keda_file, refusal, rule_file, skip_reason,
};
pub use format::count;
pub use json::{
    fleet_schema, forecast_schema, gate_schema, plan_schema, pretty, schema as json_schema, snapshot_schema,
};
pub use notification::{
    Message, MessageFormat, act, fleet_notice, fleet_standing, notification, notification_schema, standing,
};
pub use outside::{discovered_json, discovered_toml};
pub use reason::load_test::load_test_note;
pub use report::{ReportFile, ReportFormat, report_files, report_schema, year_files, year_schema};
pub use view::{
    CheckView, DiscoverView, DoctorView, FileNote, FleetListView, FleetView, HistorySummary, Rows,
    Scalability, SeriesForecast, check_document, discover_document, doctor_document, explain_document,
    explainable, fleet_document, fleet_json_lines, fleet_list_document, forecast_document, forecast_picture,
    gate_comment, gate_document, history_document, outage_document, plan_document, report_document,
    roadmap_document, roadmaps_document, scalability_document, scalability_json, scalability_picture,
    series_forecast_document, series_forecast_json, series_forecast_picture, year_document,
};
pub use yaml::yaml;

pub use crate::foreign::{escape_harmful, safe};

use crate::assess::{Assessment, Plan};

/// An output format. To add one: a sibling file, a line here, in [`Format::NAMES`] and where it is chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// A page for a terminal.
    #[default]
    Text,
    /// The whole assessment for programs.
    Json,
    /// The same as YAML.
    Yaml,
    /// A page for a wiki, an issue or a pull request.
    Markdown,
    /// One page for a browser.
    Html,
    /// For a CI system or monitoring.
    Ci(CiFormat),
    /// Gauges in OpenMetrics text.
    Openmetrics,
}

impl Format {
    /// Every format with the name it is chosen by.
    pub const NAMES: [(&'static str, Self); 11] = [
        ("text", Self::Text),
        ("json", Self::Json),
        ("yaml", Self::Yaml),
        ("markdown", Self::Markdown),
        ("html", Self::Html),
        ("github", Self::Ci(CiFormat::Github)),
        ("gitlab", Self::Ci(CiFormat::Gitlab)),
        ("junit", Self::Ci(CiFormat::Junit)),
        ("nagios", Self::Ci(CiFormat::Nagios)),
        ("openmetrics", Self::Openmetrics),
        ("sarif", Self::Ci(CiFormat::Sarif)),
    ];
}

/// A plan for programs.
pub fn plan_json(plan: &Plan) -> String {
    json::render_plan(plan)
}

/// The verdict of an assessment in one sentence.
pub fn headline(assessment: &Assessment) -> String {
    safe(&summary::headline(assessment))
}

/// An assessment as gauges in OpenMetrics text.
pub fn check_openmetrics(assessment: &Assessment) -> String {
    ci::openmetrics(assessment)
}
