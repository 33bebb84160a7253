//! From results to documents: one view for each result, each a pure function.

mod check;
mod dates;
pub(super) mod facts;
mod forecast;
mod forecast_series;
mod history;
mod load_picture;
mod plan;
mod report;
pub(super) mod step;
mod usl;

pub use check::{CheckView, check_document};
pub use forecast::{forecast_document, forecast_picture};
pub use forecast_series::{
    SeriesForecast, series_forecast_document, series_forecast_json, series_forecast_picture,
};
pub use history::{HistorySummary, history_document};
pub use plan::plan_document;
pub use report::{report_document, year_document};
pub use usl::{Scalability, scalability_document, scalability_json, scalability_picture};
