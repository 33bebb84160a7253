//! The comparison as a page: what failed first, then what is inconclusive, then the rest.

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use super::{GateView, by_verdict, headline, is_accepted, run_notes, sides, skipped};
use crate::{
    gate::{AcknowledgementState, GateReport, Outcome, THROUGHPUT, Verdict},
    render::{reason::gate as reason, safe, wrap},
};

/// Columns before the text of an entry.
const MARGIN: usize = 14;

/// The page, at most a hundred columns wide.
pub fn render(view: &GateView<'_>) -> String {
    let report = view.report;
    let mut page = Page { width: view.width.clamp(40, 100), styled: view.styled, text: String::new() };
    let (word, colour) = outcome(report.outcome);
    page.entry(word, Some(colour), headline(report.outcome));
    page.entry("", None, &reason::outcome(report));
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
        let text = format!("{}: {}", missing.what, reason::missing(missing));
        page.entry("missing", Some(AnsiColor::Yellow), &text);
    }
    for entry in &report.acknowledged {
        let word = match entry.state {
            AcknowledgementState::Used => "accepted",
            AcknowledgementState::Expired => "expired",
            AcknowledgementState::Unused => "unused",
        };
        let text =
            format!("{}: {} ({}, {})", entry.id, reason::acknowledgement(entry), entry.reason, entry.owner);
        page.entry(word, None, &text);
    }
    for line in run_notes(report) {
        page.entry("note", None, &line);
    }
    for line in skipped(report) {
        page.entry("skipped", None, &line);
    }
    page.text
}

fn entries(page: &mut Page, report: &GateReport, verdict: Verdict) {
    for (id, reason) in by_verdict(report, verdict) {
        let (word, colour) = match verdict {
            Verdict::Fail if is_accepted(report, id) => ("accepted", None),
            Verdict::Fail => ("fail", Some(AnsiColor::Red)),
            Verdict::Inconclusive => ("inconclusive", Some(AnsiColor::Yellow)),
            Verdict::Pass => ("pass", Some(AnsiColor::Green)),
        };
        page.entry(word, colour, &reason);
    }
}

fn undirected(page: &mut Page, report: &GateReport) {
    for metric in report.not_evaluated.iter().filter(|metric| metric.inconclusive) {
        let text = format!("{}: {}", metric.metric, reason::not_evaluated(metric));
        page.entry("inconclusive", Some(AnsiColor::Yellow), &text);
    }
}

fn users(page: &mut Page, report: &GateReport) {
    match &report.consequence {
        Some(consequence) => {
            let colour = (consequence.verdict == Verdict::Fail).then_some(AnsiColor::Red);
            page.entry("users", colour, &reason::consequence(consequence));
        }
        None if report.metrics.iter().any(|metric| metric.metric == THROUGHPUT) => {
            page.entry("users", None, &format!("unknown: {}", reason::consequence_unknown(report)));
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
