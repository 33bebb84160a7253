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

use super::{
    page::{Page, Section},
    words,
};
use crate::report::Report;

/// The page of a month.
pub(super) fn page(report: &Report) -> Page {
    let mut sections = vec![
        Section { id: "verdict", title: "1 · Verdict", parts: verdict::parts(report) },
        Section { id: "load", title: "2 · Load", parts: load::parts(report) },
        Section { id: "bottlenecks", title: "3 · Next bottlenecks", parts: bottlenecks::parts(report) },
        Section { id: "resources", title: "4 · Every resource", parts: resources::parts(report) },
        Section { id: "statements", title: "5 · Statements", parts: statements::parts(report) },
        Section { id: "cost", title: "6 · Cost", parts: cost::parts(report) },
        Section { id: "plan", title: "7 · Plan", parts: plan::parts(report) },
        Section { id: "hindsight", title: "8 · How good we were", parts: hindsight::parts(report) },
        Section { id: "unknown", title: "9 · What we do not know", parts: unknown::parts(report) },
    ];
    sections.extend(report.comparison.as_ref().map(|comparison| Section {
        id: "comparison",
        title: "10 · Two months",
        parts: compared::parts(report, comparison),
    }));
    let mut page = Page {
        title: format!("Capacity in {}", words::month(&report.month)),
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
    page.tell_pictures_apart();
    page
}
