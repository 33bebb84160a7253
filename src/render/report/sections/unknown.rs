//! Section 9.

use crate::render::document::{Block, Item, List, Picture};
use crate::{
    render::{
        format::{count, percent},
        report::{small, words},
    },
    report::Report,
};

/// So many days with gaps are named.
const NAMED: usize = 8;

pub(super) fn parts(report: &Report) -> Vec<Block> {
    let section = &report.unknown;
    let measured = format!("{} of {} signals are measured now.", section.measured, section.wanted);
    let mut parts = vec![Block::paragraph(measured)];
    let gaps = section.gaps.iter().map(|gap| {
        let details = gap.hint.iter().map(|hint| hint.as_str().into()).collect();
        Item { details, ..Item::new(format!("{} ({}): {}", gap.signal, gap.source, gap.detail)) }
    });
    parts.extend(List { title: "Not measured".to_owned(), tasks: false, items: gaps.collect() }.block());
    parts.extend(coverage(report));
    let told = section.assumptions.iter().map(|text| Item::new(text.as_str())).collect();
    parts.extend(List { title: "What this report supposes".to_owned(), tasks: false, items: told }.block());
    parts
}

fn coverage(report: &Report) -> Vec<Block> {
    let section = &report.unknown;
    let month = words::month(&report.month);
    let shares: Vec<f64> = section.days.iter().filter_map(|day| day.share).collect();
    if shares.iter().all(|share| *share <= 0.0) {
        return vec![Block::paragraph(format!("The history keeps no hours of {month}."))];
    }
    let mean = shares.iter().sum::<f64>() / shares.len() as f64;
    let holes: Vec<_> = section.days.iter().filter(|day| !day.missing.is_empty()).collect();
    let mut words = format!(
        "Of the hours of {month}, {} are known, over {}.",
        if mean >= 1.0 { "all".to_owned() } else { format!("{:.1}%", mean * 100.0) },
        format_args!("{} series", count(section.series as f64))
    );
    if !holes.is_empty() {
        let named: Vec<String> = holes
            .iter()
            .take(NAMED)
            .map(|day| format!("{} ({})", day.date.format("%-d %b"), percent(day.share.unwrap_or(0.0))))
            .collect();
        let more = holes.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more days") } else { String::new() };
        words = format!("{words} Days with gaps: {}{more}.", named.join(", "));
    }
    let title = format!("How much of each day of {month} is known");
    let svg = small::coverage(&section.days, &title, &words);
    vec![
        Block::paragraph(words),
        Block::Picture(Picture { name: "coverage".to_owned(), title, svg, characters: None }),
    ]
}
