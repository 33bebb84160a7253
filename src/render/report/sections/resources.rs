//! Section 4.

use crate::render::document::{Block, Cell, Picture, Table, Tone};
use crate::{
    assess::Verdict,
    render::{
        format::{percent, used},
        report::{small, words},
    },
    report::{Breach, Report, ResourceMonth, ResourceNow},
};

/// So many breaches are listed; the JSON has all.
const LISTED: usize = 10;

pub(super) fn parts(report: &Report) -> Vec<Block> {
    let section = &report.resources;
    let mut parts = Vec::new();
    if section.months.is_empty() {
        parts
            .push(Block::paragraph(format!("The history holds nothing of {}.", words::month(&report.month))));
    }
    let mut table = Table::with_titles(
        format!("{}, least room first", words::month(&report.month)),
        &[
            "Resource",
            "Month",
            "#Busy hour",
            "#Worst hour",
            "Warning · critical · full",
            "#Room",
            "#Beyond the limit",
        ],
    );
    table.rows = section.months.iter().map(row).collect();
    parts.extend(table.block());
    parts.extend(breaches(report));
    let mut now =
        Table::with_titles("Only the present is known", &["Resource", "#Now", "#Limit", "#Room", "Verdict"]);
    now.rows = section.only_now.iter().map(present).collect();
    parts.extend(now.block());
    parts
}

fn name(one: &ResourceMonth) -> String {
    words::signal(one.signal, one.instance.as_deref())
}

fn row(one: &ResourceMonth) -> Vec<Cell> {
    let limits =
        [("warning", &one.limits.warning), ("critical", &one.limits.critical), ("full", &one.limits.full)];
    let limits: Vec<String> =
        limits.iter().filter_map(|(name, limit)| Some(format!("{name} {}", limit.as_ref()?.at))).collect();
    let hours = one.hours_beyond();
    let longest = one.breaches.iter().map(|breach| breach.hours).max();
    let times = one.breaches.len();
    let beyond = match longest {
        None => Cell::number("never", Some(0.0)),
        Some(longest) => Cell::number(words::plural(hours, "hour"), Some(hours as f64))
            .with_note(format!("{}, longest {longest} h", words::plural(times, "time"))),
    };
    let title = format!("{} in its month", name(one));
    let said = format!(
        "Busy hour {}, worst hour {}, limits: {}.",
        used(one.busy_hour, one.capacity),
        used(one.worst, one.capacity),
        limits.join(", ")
    );
    let svg = small::month(one, &title, &said);
    let picture =
        Picture { name: words::slug(&format!("month of {}", name(one))), title, svg, characters: None };
    let unknown = one.hours_over.saturating_sub(one.hours_known);
    let missing =
        if unknown > 0 { format!("{} unknown", words::plural(unknown, "hour")) } else { String::new() };
    vec![
        Cell::text(name(one)).with_note(missing).with_tone(tone(one)),
        Cell { picture: Some(picture), ..Cell::default() },
        Cell::number(used(one.busy_hour, one.capacity), Some(one.busy_hour.value())),
        Cell::number(used(one.worst, one.capacity), Some(one.worst.value())),
        Cell::text(at(one)),
        one.headroom.map_or_else(Cell::unknown, |room| Cell::number(percent(room), Some(room))),
        beyond,
    ]
}

/// `80% · 90% · 100%`.
fn at(one: &ResourceMonth) -> String {
    let limits = [&one.limits.warning, &one.limits.critical, &one.limits.full];
    let at = limits.map(|limit| limit.as_ref().map_or_else(|| "–".to_owned(), |limit| limit.at.to_string()));
    at.join(" · ")
}

fn tone(one: &ResourceMonth) -> Tone {
    let critical = one.breaches.iter().any(|breach| breach.critical_hours > 0);
    match (critical, one.breaches.is_empty()) {
        (true, _) => Verdict::Critical.into(),
        (false, false) => Verdict::Warning.into(),
        (false, true) => Tone::Plain,
    }
}

fn breaches(report: &Report) -> Vec<Block> {
    let all =
        report.resources.months.iter().flat_map(|one| one.breaches.iter().map(move |breach| (one, breach)));
    let mut all: Vec<(&ResourceMonth, &Breach)> = all.collect();
    all.sort_by_key(|(_, breach)| std::cmp::Reverse((breach.critical_hours, breach.hours)));
    let others = all.len().saturating_sub(LISTED);
    let mut table = Table::with_titles(
        "Beyond the limit, longest first",
        &["Resource", "From (UTC)", "#Hours", "#Critical hours", "#Worst hour"],
    );
    for (one, breach) in all.into_iter().take(LISTED) {
        let lasts = if breach.lasts { "until the end of what is known" } else { "" };
        table.rows.push(vec![
            Cell::text(name(one)),
            Cell::number(
                breach.from.format("%-d %b %H:%M").to_string(),
                Some(breach.from.timestamp() as f64),
            )
            .with_note(lasts),
            Cell::number(breach.hours.to_string(), Some(breach.hours as f64)),
            Cell::number(breach.critical_hours.to_string(), Some(breach.critical_hours as f64)),
            Cell::number(used(breach.worst, one.capacity), Some(breach.worst.value())),
        ]);
    }
    let more = (others > 0)
        .then(|| Block::paragraph(format!("And {others} more; the JSON of this report has all.")));
    table.block().into_iter().chain(more).collect()
}

fn present(one: &ResourceNow) -> Vec<Cell> {
    let now =
        one.now.map_or_else(Cell::unknown, |now| Cell::number(used(now, one.capacity), Some(now.value())));
    let limit =
        one.limit.map_or_else(Cell::unknown, |limit| Cell::number(limit.to_string(), Some(limit.value())));
    let room = one.headroom.map_or_else(Cell::unknown, |room| Cell::number(percent(room), Some(room)));
    let verdict = Cell::text(words::verdict(one.verdict)).with_tone(one.verdict);
    vec![Cell::text(words::resource(one.resource, one.instance.as_deref())), now, limit, room, verdict]
}
