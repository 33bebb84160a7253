//! The judgement as a page: what failed first, then what is open, then the rest.

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use super::{GateView, accepted, headline, left_alone, of_verdict, sides};
use crate::{
    gate::{AcknowledgementState, GateReport, Outcome, THROUGHPUT, Verdict},
    render::{safe, wrap},
};

/// Columns before the text of an entry.
const MARGIN: usize = 14;

/// The page, at most a hundred columns wide.
pub fn render(view: &GateView<'_>) -> String {
    let report = view.report;
    let mut page = Page { width: view.width.clamp(40, 100), styled: view.styled, text: String::new() };
    let (word, colour) = outcome(report.outcome);
    page.entry(word, Some(colour), headline(report.outcome));
    page.entry("", None, &report.because);
    page.entry("", None, &sides(report));
    page.text.push('\n');
    for verdict in [Verdict::Fail, Verdict::Inconclusive, Verdict::Pass] {
        entries(&mut page, report, verdict);
        if verdict == Verdict::Inconclusive {
            undirected(&mut page, report);
        }
    }
    users(&mut page, report);
    for missing in &report.missing {
        page.entry("missing", Some(AnsiColor::Yellow), &format!("{}: {}", missing.what, missing.because));
    }
    for one in &report.acknowledged {
        let word = match one.state {
            AcknowledgementState::Used => "accepted",
            AcknowledgementState::Expired => "expired",
            AcknowledgementState::Unused => "unused",
        };
        page.entry(word, None, &format!("{}: {} ({}, {})", one.id, one.because, one.reason, one.owner));
    }
    for line in left_alone(report) {
        page.entry("not judged", None, &line);
    }
    page.text
}

fn entries(page: &mut Page, report: &GateReport, verdict: Verdict) {
    let (metrics, objectives) = of_verdict(report, verdict);
    let metrics = metrics.into_iter().map(|one| (&one.id, &one.because));
    let objectives = objectives.into_iter().map(|one| (&one.id, &one.because));
    for (id, because) in metrics.chain(objectives) {
        let (word, colour) = match verdict {
            Verdict::Fail if accepted(report, id) => ("accepted", None),
            Verdict::Fail => ("fail", Some(AnsiColor::Red)),
            Verdict::Inconclusive => ("open", Some(AnsiColor::Yellow)),
            Verdict::Pass => ("pass", Some(AnsiColor::Green)),
        };
        page.entry(word, colour, because);
    }
}

fn undirected(page: &mut Page, report: &GateReport) {
    for one in report.not_judged.iter().filter(|one| one.open) {
        page.entry("open", Some(AnsiColor::Yellow), &format!("{}: {}", one.metric, one.because));
    }
}

fn users(page: &mut Page, report: &GateReport) {
    match &report.consequence {
        Some(one) if one.verdict == Verdict::Fail => page.entry("users", Some(AnsiColor::Red), &one.because),
        Some(one) => page.entry("users", None, &one.because),
        None if report.metrics.iter().any(|one| one.metric == THROUGHPUT) => {
            page.entry("users", None, &format!("not known: {}", report.consequence_because));
        }
        None => {}
    }
}

fn outcome(outcome: Outcome) -> (&'static str, AnsiColor) {
    match outcome {
        Outcome::Pass => ("PASS", AnsiColor::Green),
        Outcome::Fail => ("FAIL", AnsiColor::Red),
        Outcome::Inconclusive => ("INCONCLUSIVE", AnsiColor::Yellow),
        Outcome::NoBaseline => ("NO BASELINE", AnsiColor::Yellow),
    }
}

struct Page {
    width: usize,
    styled: bool,
    text: String,
}

impl Page {
    /// A word in the margin and text beside it, broken into lines.
    fn entry(&mut self, word: &str, colour: Option<AnsiColor>, text: &str) {
        for (index, line) in wrap(&safe(text), self.width - MARGIN).into_iter().enumerate() {
            let word = if index == 0 { word } else { "" };
            let padding = " ".repeat(MARGIN.saturating_sub(word.width() + 1));
            let painted = match colour.filter(|_| self.styled && index == 0) {
                Some(colour) => {
                    let style = Style::new().bold().fg_color(Some(colour.into()));
                    format!("{style}{word}{style:#}")
                }
                None => word.to_owned(),
            };
            self.text.extend([" ", &painted, &padding, &line, "\n"]);
        }
    }
}
