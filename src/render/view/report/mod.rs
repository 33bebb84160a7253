//! `report`: a month, or the months of a year.

mod demand;
mod format;
mod outlook;
mod queries;
mod resources;
mod summary;
mod year;

pub use year::year_document;

use crate::{
    render::document::{Document, Section},
    report::Report,
};

/// The page of a month.
pub fn report_document(report: &Report) -> Document {
    let mut sections = vec![
        Section::new("verdict", "Verdict", summary::verdict(report)),
        Section::new("load", "Load", demand::load(report)),
        Section::new("bottlenecks", "Next bottlenecks", resources::bottlenecks(report)),
        Section::new("resources", "Resources", resources::month(report)),
        Section::new("queries", "Queries", queries::queries(report)),
        Section::new("cost", "Cost", demand::cost(report)),
        Section::new("plan", "Plan", outlook::plan(report)),
        Section::new("accuracy", "Forecast accuracy", outlook::accuracy(report)),
        Section::new("unknown", "Unknown", outlook::unknown(report)),
    ];
    sections.extend(
        report.comparison.as_ref().map(|comparison| {
            Section::new("comparison", "Comparison", summary::comparison(report, comparison))
        }),
    );
    let mut document = Document {
        title: format!("Capacity in {}", format::month(&report.month)).into(),
        subtitle: format!(
            "{} · as of {}",
            report.profile.title,
            report.generated_at.format("%-d %b %Y %H:%M UTC")
        ),
        simulated: report.simulated.clone(),
        sections,
        footer: format!(
            "Roadmap {} ({}) · scale-advisor {} · next report: {}",
            report.profile.id,
            report.profile.digest.chars().take(12).collect::<String>(),
            report.tool_version,
            format::day(report.next_report.date_naive())
        ),
        ..Document::default()
    };
    document.number_pictures();
    document
}
