//! From a report to its page: one file for each section.

mod bottlenecks;
mod compared;
mod cost;
mod hindsight;
mod load;
mod plan;
mod resources;
mod statements;
mod unknown;
mod verdict;

use super::words;
use crate::render::document::{Document, Section, Tone};
use crate::report::Report;

/// The page of a month.
pub(super) fn page(report: &Report) -> Document {
    let mut sections = vec![
        Section::new("verdict", "1 · Verdict", verdict::parts(report)),
        Section::new("load", "2 · Load", load::parts(report)),
        Section::new("bottlenecks", "3 · Next bottlenecks", bottlenecks::parts(report)),
        Section::new("resources", "4 · Every resource", resources::parts(report)),
        Section::new("statements", "5 · Statements", statements::parts(report)),
        Section::new("cost", "6 · Cost", cost::parts(report)),
        Section::new("plan", "7 · Plan", plan::parts(report)),
        Section::new("hindsight", "8 · How good we were", hindsight::parts(report)),
        Section::new("unknown", "9 · What we do not know", unknown::parts(report)),
    ];
    sections.extend(report.comparison.as_ref().map(|comparison| {
        Section::new("comparison", "10 · Two months", compared::parts(report, comparison))
    }));
    let mut page = Document {
        title: format!("Capacity in {}", words::month(&report.month)).into(),
        tone: Tone::Plain,
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
            words::day(report.next_report.date_naive())
        ),
    };
    page.number_pictures();
    page
}
