//! The lines of a Nagios plugin, which Icinga, Naemon, Sensu and others read as well, and its exit codes.

use super::{Case, Cases, Measure, word};
use crate::{
    assess::Verdict,
    render::safe,
    signal::{Quantity, Unit},
};

/// How many cases follow the first line.
const SHOWN: usize = 20;

/// The plugin's exit code: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
pub fn code(cases: &Cases) -> u8 {
    match cases.state() {
        Verdict::Ok => 0,
        Verdict::Warning => 1,
        Verdict::Critical => 2,
        Verdict::Unknown => 3,
    }
}

/// What to print where nothing could be evaluated; the exit code is 3.
pub fn failure(message: &str) -> String {
    format!("SCALE-ADVISOR UNKNOWN - {}\n", clean(message))
}

pub(super) fn render(cases: &Cases) -> String {
    let state = word(cases.state()).to_uppercase();
    let graphs: Vec<String> = cases.measures.iter().map(measure).collect();
    let graphs = if graphs.is_empty() { String::new() } else { format!(" | {}", graphs.join(" ")) };
    let first = format!("SCALE-ADVISOR {state} - {} ({})", clean(&cases.headline), cases.tally());
    let mut lines = vec![format!("{first}{graphs}")];
    lines.extend(cases.notes.iter().map(|note| clean(note)));
    let told = cases.told();
    lines.extend(told.iter().take(SHOWN).map(|case| line(case)));
    if told.len() > SHOWN {
        lines.push(format!("and {} more", told.len() - SHOWN));
    }
    lines.join("\n") + "\n"
}

fn line(case: &Case) -> String {
    let accepted =
        case.acknowledged.as_ref().map_or_else(String::new, |reason| format!("acknowledged: {reason}: "));
    let text = format!("{} {}: {accepted}{}", word(case.verdict).to_uppercase(), case.id, case.text());
    clean(&text)
}

/// One line in which nothing begins performance data or is read as HTML by a web page.
fn clean(text: &str) -> String {
    let replaced = |c| match c {
        '|' => '¦',
        '<' => '‹',
        '>' => '›',
        c => c,
    };
    safe(text).chars().map(replaced).collect()
}

/// `'label'=value` with a unit; warning and critical ranges are left to the roadmap.
fn measure(measure: &Measure) -> String {
    let label = clean(&measure.label).replace('=', "_").replace('\'', "''");
    format!("'{label}'={}", value(measure.value))
}

fn value(quantity: Quantity) -> String {
    let value = quantity.value();
    match quantity.unit() {
        // Ten digits hide that 0.07 × 100 is not quite 7.
        Unit::Ratio => format!("{}%", (value * 1e10).round() / 1e8),
        Unit::Seconds => format!("{value}s"),
        Unit::Bytes => format!("{value}B"),
        Unit::Count | Unit::PerSecond | Unit::BytesPerSecond => value.to_string(),
    }
}
