//! `fleet`: many services, the most urgent first.

use std::{cmp::Reverse, collections::BTreeMap};

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::dates::date_cells;
use crate::{
    assess::{Bottleneck, LoadReason, Verdict, is_at_limit},
    fleet::{Change, ChangeKind, ChangedProblem, Listed, Row, Standing, Unjudged, UnknownFinding},
    foreign::escape_harmful,
    render::{
        count,
        document::{Block, Cell, Column, Document, Section, Statement, Table, Tone},
        format::{percent, short},
        outside::named as named_outside,
        reason,
    },
    signal::counted,
    snapshot::AmbiguousScope,
};

/// How many values of a label are named.
const MOST_VALUES: usize = 3;
/// How many things that are unknown are named.
const MOST_UNKNOWN: usize = 8;

/// The services that were judged, and those of them that are shown.
#[derive(Debug, Clone, Copy)]
pub struct FleetView<'a> {
    /// All of them, the most urgent first.
    pub all: &'a [Row],
    /// Those that are shown.
    pub shown: &'a [&'a Row],
    /// The time of the assessment.
    pub now: DateTime<Utc>,
    /// How many questions were asked of the server; `None` where that is not known.
    pub questions: Option<usize>,
    /// How many samples the server read for them; `None` where that is not known.
    pub samples: Option<u64>,
}

/// The services that there are, without a judgement.
#[derive(Debug, Clone, Copy)]
pub struct FleetListView<'a> {
    /// The services, in the order of their names.
    pub services: &'a [Listed],
    /// The labels that name a service.
    pub by: &'a [String],
    /// The time at which they were looked for.
    pub now: DateTime<Utc>,
}

/// A row for each service that is shown, and what the others are.
pub fn fleet_document(view: &FleetView<'_>) -> Document {
    let mut table = Table::new(
        "",
        vec![
            Column::text(""),
            Column::text("service"),
            Column::text("next bottleneck").rank(1),
            Column::number("headroom"),
            Column::text("saturates on").rank(3),
            Column::text("90% interval").rank(7),
            Column::text("act by"),
            Column::number("peak load").rank(6),
            Column::text("owner").rank(2),
        ],
    );
    table.rows = view.shown.iter().map(|row| cells(row, view.now)).collect();
    let mut blocks: Vec<Block> = table.block().into_iter().collect();
    let left_out = view.all.len() - view.shown.len();
    let left_out =
        (left_out > 0).then(|| format!("{} not shown", counted(count(left_out as f64), "service")));
    let asked = view.questions.map(|questions| match questions {
        1 => "1 query sent".to_owned(),
        _ => format!("{} queries sent", count(questions as f64)),
    });
    let read = view.samples.map(|samples| format!("{} read", counted(count(samples as f64), "sample")));
    let notes: Vec<String> = left_out.into_iter().chain(changes(view.all)).chain(asked).chain(read).collect();
    blocks.extend((!notes.is_empty()).then(|| Block::note(notes.join("; "))));
    let mut sections = vec![Section::untitled("services", blocks)];
    sections.extend(unknown(view.shown).map(|block| Section::new("unknown", "Unknown", vec![block])));
    let (title, tone) = headline(view.all);
    Document {
        title: title.into(),
        tone,
        subtitle: view.now.format("%Y-%m-%d %H:%M UTC").to_string(),
        sections,
        ..Document::default()
    }
}

/// "2 new, 1 worse, 3 recovered since the baseline"; `None` where there is none.
fn changes(rows: &[Row]) -> Option<String> {
    let kinds: Vec<ChangeKind> =
        rows.iter().filter_map(|row| row.change.as_ref()).map(|change| change.kind).collect();
    if kinds.is_empty() {
        return None;
    }
    let words = [
        (ChangeKind::New, "new"),
        (ChangeKind::Worse, "worse"),
        (ChangeKind::Unknown, "no longer known"),
        (ChangeKind::Recovered, "recovered"),
    ];
    let of = |wanted| kinds.iter().filter(|kind| **kind == wanted).count();
    let parts: Vec<String> = words
        .into_iter()
        .filter(|(kind, _)| of(*kind) > 0)
        .map(|(kind, word)| format!("{} {word}", count(of(kind) as f64)))
        .collect();
    let parts = if parts.is_empty() { "nothing new".to_owned() } else { parts.join(", ") };
    Some(format!("{parts} since the baseline"))
}

/// What is unknown of services whose verdict that decides, each thing once with the reason of the first of them.
fn unknown(rows: &[&Row]) -> Option<Block> {
    let mut things: BTreeMap<&str, (usize, &UnknownFinding)> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.verdict == Verdict::Unknown) {
        for finding in &row.unknown {
            things.entry(subject(&finding.id)).or_insert((0, finding)).0 += 1;
        }
    }
    let mut things: Vec<(usize, &UnknownFinding)> = things.into_values().collect();
    things.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.id.cmp(&b.1.id)));
    let statement = |(services, finding): &(usize, &UnknownFinding)| {
        let services = counted(count(*services as f64), "service");
        let text = format!("{services}: {}", reason::finding(&finding.reason));
        Statement::labelled("unknown", Tone::Unknown, text)
    };
    Block::statements(things.iter().take(MOST_UNKNOWN).map(statement).collect())
}

/// What a finding is about: its name without its kind.
fn subject(id: &str) -> &str {
    id.split_once(':').map_or(id, |(_, name)| name)
}

/// How services stand together: "60 services: 3 critical, 2 unknown".
pub(in crate::render) fn fleet_headline(rows: &[Row]) -> String {
    headline(rows).0
}

fn headline(rows: &[Row]) -> (String, Tone) {
    let of = |verdict: Verdict| rows.iter().filter(|row| row.verdict == verdict).count();
    let (critical, warnings, unknown) = (of(Verdict::Critical), of(Verdict::Warning), of(Verdict::Unknown));
    let all = counted(count(rows.len() as f64), "service");
    let parts: Vec<String> = [(critical, "critical"), (warnings, "with a warning"), (unknown, "unknown")]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{} {word}", count(number as f64)))
        .collect();
    let tone = Tone::from(rows.iter().map(|row| row.verdict).max().unwrap_or(Verdict::Unknown));
    let state = if parts.is_empty() {
        ", none of them near its limits".to_owned()
    } else {
        format!(": {}", parts.join(", "))
    };
    (all + &state, tone)
}

fn cells(row: &Row, now: DateTime<Utc>) -> Vec<Cell> {
    let tone = Tone::from(row.verdict);
    let resource = row.next_bottleneck.as_ref().or(row.tightest.as_ref());
    let [date, interval] = match resource {
        Some(resource) => date_cells(resource.saturates_on.as_ref(), now, "–"),
        None => [Cell::unknown(), Cell::unknown()],
    };
    let load = row.load.as_ref().and_then(|load| load.peak);
    vec![
        Cell::text(tone.word().to_lowercase()).with_tone(tone),
        Cell::text(&*row.name).with_note(remarks(row, now).join("; ")),
        row.next_bottleneck.as_ref().map_or_else(Cell::unknown, |next| Cell::text(named(next))),
        row.headroom.map_or_else(Cell::unknown, |share| Cell::number(percent(share), Some(share))),
        date,
        interval,
        act_by(row, now),
        load.map_or_else(Cell::unknown, |peak| Cell::number(count(peak), Some(peak))),
        row.owner.as_deref().map_or_else(Cell::unknown, Cell::text),
    ]
}

/// What runs out, with its instance.
pub(in crate::render) fn named(resource: &Bottleneck) -> String {
    resource.resource.entry().of_instance(resource.instance.as_deref())
}

fn act_by(row: &Row, now: DateTime<Utc>) -> Cell {
    let Some(date) = row.act_by else { return Cell::unknown() };
    let text = match row.verdict {
        _ if date > now => short(date, now),
        Verdict::Critical => "now".to_owned(),
        _ => "overdue".to_owned(),
    };
    Cell::number(text, Some(date.timestamp() as f64)).with_tone(if date > now {
        Tone::Plain
    } else {
        Tone::from(row.verdict.max(Verdict::Warning))
    })
}

/// What a reader must know of a service besides its figures.
fn remarks(row: &Row, now: DateTime<Utc>) -> Vec<String> {
    let mut remarks = Vec::new();
    match row.standing {
        Standing::Present => {}
        Standing::Appeared { at } => remarks.push(format!("new: first seen {}", hour(at, now))),
        Standing::Vanished { at } => remarks.push(format!("vanished: last seen {}", hour(at, now))),
    }
    match &row.unjudged {
        None | Some(Unjudged::Vanished) => {}
        Some(Unjudged::SeveralPlaces { places }) => remarks.extend(places.first().map(several_places)),
        Some(Unjudged::UnknownProfile { profile }) => {
            remarks.push(format!("its label names the roadmap `{profile}`, which is not built in"));
        }
        Some(Unjudged::NotRead { detail }) => remarks.push(format!("not read: {detail}")),
    }
    if let Some(load) = &row.load
        && matches!(load.reason, LoadReason::Unknown { .. })
    {
        remarks.push("no load is measured".to_owned());
    }
    let outside: Vec<String> =
        row.outside_roadmap.iter().filter(|resource| is_at_limit(resource)).map(named_outside).collect();
    if !outside.is_empty() {
        remarks.push(format!("outside the roadmap: {}", outside.join(", ")));
    }
    remarks.extend(row.silences.iter().map(reason::silence));
    remarks.extend(row.change.as_ref().and_then(|change| changed(change, now)));
    if row.verdict == Verdict::Unknown
        && let Some(first) = row.unknown.first()
    {
        let more = row.unknown_count.saturating_sub(1);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        remarks.push(format!("unknown: {}{more}", subject(&first.id)));
    }
    remarks
}

fn hour(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    format!("{} {}", short(at, now), at.format("%H:%M"))
}

/// "the load comes from several values of cluster (eu 50%, us 50%); add cluster to …".
fn several_places(place: &AmbiguousScope) -> String {
    let label = &place.label;
    let value = |value: &crate::snapshot::ScopeValue| {
        let name = if value.value.is_empty() { "none" } else { &value.value };
        format!("{name} {}", percent(value.share))
    };
    let mut values: Vec<String> = place.values.iter().take(MOST_VALUES).map(value).collect();
    let more = place.values.len() - values.len();
    if more > 0 {
        values.push(format!("{more} more"));
    }
    let values = values.join(", ");
    format!(
        "the load comes from several values of {label} ({values}); add {label} to [fleet] by, or to [scope] together"
    )
}

/// The services that there are.
pub fn fleet_list_document(view: &FleetListView<'_>) -> Document {
    let mut table = Table::new(
        "",
        vec![
            Column::text("service"),
            Column::text("owner").rank(1),
            Column::text("roadmap").rank(2),
            Column::text("since").rank(3),
        ],
    );
    let since = |listed: &Listed| match listed.standing {
        Standing::Present => "a week or longer".to_owned(),
        Standing::Appeared { at } => hour(at, view.now),
        Standing::Vanished { at } => format!("vanished: last seen {}", hour(at, view.now)),
    };
    let cells = |listed: &Listed| {
        vec![
            Cell::text(&*listed.name),
            listed.owner.as_deref().map_or_else(Cell::unknown, Cell::text),
            Cell::text(&*listed.profile),
            Cell::text(since(listed)),
        ]
    };
    table.rows = view.services.iter().map(cells).collect();
    let services = counted(count(view.services.len() as f64), "service");
    let title = format!("{services} by {}", view.by.join(", "));
    Document {
        title: title.into(),
        sections: vec![Section::untitled("services", table.block().into_iter().collect())],
        ..Document::default()
    }
}

/// One JSON object a line for each of some rows.
pub fn fleet_json_lines<'a, T: Serialize + 'a>(rows: impl IntoIterator<Item = &'a T>) -> String {
    let line = |row: &T| escape_harmful(&serde_json::to_string(row).unwrap_or_default()) + "\n";
    rows.into_iter().map(line).collect()
}

/// How many problems of a service are named.
const MOST_PROBLEMS: usize = 3;

/// "new since 29 Nov 07:00: redis.memory critical; worse: postgres.connections critical".
fn changed(change: &Change, now: DateTime<Utc>) -> Option<String> {
    let word = match change.kind {
        ChangeKind::New => "new",
        ChangeKind::Worse => "worse",
        ChangeKind::Unknown => "unknown",
        ChangeKind::Recovered => "recovered",
        ChangeKind::Unchanged => return None,
    };
    let since = change.since.map(|since| format!(" since {}", hour(since, now))).unwrap_or_default();
    let (new, worse): (Vec<&ChangedProblem>, Vec<&ChangedProblem>) =
        change.problems.iter().partition(|news| news.was.is_none());
    let lists: Vec<String> = [("", new), ("worse: ", worse)]
        .into_iter()
        .filter(|(_, problems)| !problems.is_empty())
        .map(|(kind, problems)| {
            let kind = if change.kind == ChangeKind::Worse { "" } else { kind };
            format!("{kind}{}", problem_names(&problems))
        })
        .collect();
    let lists = if lists.is_empty() { String::new() } else { format!(": {}", lists.join("; ")) };
    Some(format!("{word}{since}{lists}"))
}

/// "redis.memory critical, host.disk_space of db:/ warning", the most severe first.
fn problem_names(problems: &[&ChangedProblem]) -> String {
    // A threshold and an alert of one thing have the same name.
    let mut by_name: BTreeMap<String, Verdict> = BTreeMap::new();
    for ChangedProblem { problem, .. } in problems {
        let of = problem.instance.as_ref().map(|instance| format!(" of {instance}")).unwrap_or_default();
        let verdict = by_name.entry(format!("{}{of}", subject(&problem.id))).or_insert(problem.verdict);
        *verdict = problem.verdict.max(*verdict);
    }
    let mut named: Vec<(String, Verdict)> = by_name.into_iter().collect();
    named.sort_by_key(|(_, verdict)| Reverse(*verdict));
    let more = named.len().saturating_sub(MOST_PROBLEMS);
    let first = named.iter().take(MOST_PROBLEMS);
    let mut names: Vec<String> = first
        .map(|(name, verdict)| format!("{name} {}", Tone::from(*verdict).word().to_lowercase()))
        .collect();
    names.extend((more > 0).then(|| format!("{more} more")));
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::Problem;

    #[test]
    fn what_is_new_and_what_is_worse_is_told_apart() {
        let now = DateTime::from_timestamp(1_760_000_000, 0).unwrap();
        let news = |id: &str, verdict, was| ChangedProblem {
            problem: Problem { id: id.to_owned(), instance: None, verdict, silenced: false },
            was,
        };
        let (critical, warning) = (Verdict::Critical, Verdict::Warning);
        let told = |kind, problems| {
            let change = Change { kind, since: None, problems, verdict: None, lost_evidence: false };
            changed(&change, now)
        };
        let worse = news("threshold:c", critical, Some(warning));
        let new = [news("alert:a", warning, None), news("threshold:b", critical, None), worse.clone()];
        assert_eq!(
            told(ChangeKind::New, new.to_vec()).as_deref(),
            Some("new: b critical, a warning; worse: c critical")
        );
        let twice = [worse.clone(), news("alert:c", warning, Some(Verdict::Ok))];
        assert_eq!(told(ChangeKind::Worse, twice.to_vec()).as_deref(), Some("worse: c critical"));
        assert_eq!(told(ChangeKind::Recovered, Vec::new()).as_deref(), Some("recovered"));
        assert_eq!(told(ChangeKind::Unchanged, Vec::new()), None);
    }
}
