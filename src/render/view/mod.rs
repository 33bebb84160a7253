//! From results to documents: one view for each result, each a pure function.

mod accuracy;
mod check;
mod dates;
mod discover;
mod doctor;
mod explain;
pub(super) mod facts;
mod fleet;
mod forecast;
mod forecast_series;
pub(super) mod gate;
mod history;
mod llm_spend;
mod load_picture;
pub(super) mod plan;
mod profiles;
mod report;
mod usl;

pub(super) use check::deadline_and_action;
pub use check::{CheckView, Rows, check_document, outage_document};
pub use discover::{DiscoverView, discover_document};
pub use doctor::{DoctorView, doctor_document};
pub use explain::{explain_document, explainable};
pub use fleet::{FleetListView, FleetView, fleet_document, fleet_json_lines, fleet_list_document};
pub(super) use fleet::{fleet_headline, named as named_bottleneck};
pub use forecast::{forecast_document, forecast_picture};
pub use forecast_series::{
    SeriesForecast, series_forecast_document, series_forecast_json, series_forecast_picture,
};
pub use gate::{gate_comment, gate_document};
pub use history::{HistorySummary, history_document};
pub use plan::plan_document;
pub use profiles::{roadmap_document, roadmaps_document};
pub use report::{report_document, year_document};
pub use usl::{FileNote, Scalability, scalability_document, scalability_json, scalability_picture};
