//! `doctor`: which sources answer, what each measured, and how to fix what is missing.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    assess::{how_to_read, is_at_limit},
    render::{
        count,
        document::{Block, Cell, Column, Document, Fact, Item, List, Section, Statement, Table, Text, Tone},
        format::percent,
        outside::{named, not_searched},
        summary::capitalised,
    },
    signal::{Signal, SignalId, catalog, span_text},
    snapshot::{Gap, Observation, Reason, SERVER, Snapshot, SourceReport, Status},
};

/// How many resources outside the roadmap are shown; `discover` has all.
const MOST_OUTSIDE: usize = 10;

/// What was read, and what an assessment needs.
#[derive(Debug, Clone, Copy)]
pub struct DoctorView<'a> {
    /// The config file, if there is one.
    pub config: Option<&'a str>,
    /// The id of the roadmap.
    pub roadmap: &'a str,
    /// What the sources answered.
    pub snapshot: &'a Snapshot,
    /// The signals that an assessment would look for.
    pub called_for: &'a BTreeSet<SignalId>,
    /// Whether to show what was measured, too, with its queries.
    pub verbose: bool,
}

/// Sources with their status, what is missing with its fix by system, and what is not read; with `-v` the signals that
/// were measured, with their queries.
pub fn doctor_document(view: &DoctorView<'_>) -> Document {
    let config = view.config.unwrap_or("none found; using defaults and environment variables");
    let facts = vec![Fact::new("Config", config), Fact::new("Roadmap", view.roadmap)];
    let statements = view.snapshot.sources.iter().map(|report| source(report, view.snapshot)).collect();
    let sources = Block::statements(statements)
        .unwrap_or_else(|| Block::paragraph("none; set one in the config or the environment"));
    let mut sections = vec![
        Section::untitled("summary", vec![Block::Facts { facts }]),
        Section::new("sources", "Sources", vec![sources]),
    ];
    let missing = missing(view);
    if !missing.is_empty() {
        sections.push(Section::new("missing", "Missing", missing));
    }
    sections.extend(outside(view.snapshot));
    if view.verbose {
        sections
            .extend(measured(view.snapshot).map(|table| Section::new("measured", "Measured", vec![table])));
        sections.extend(unused(view).map(|text| Section::new("unused", "Not used", vec![text])));
    }
    let (title, tone, word) = state(view);
    Document { title: title.into(), tone, word: Some(word.to_owned()), sections, ..Document::default() }
}

/// "2 of 3 sources answered; 41 of 58 signals measured".
fn state(view: &DoctorView<'_>) -> (String, Tone, &'static str) {
    let sources = &view.snapshot.sources;
    if sources.is_empty() {
        return ("No source is configured".to_owned(), Tone::Unknown, "Unknown");
    }
    let answered = sources.iter().filter(|report| report.status == Status::Answered).count();
    let wanted: BTreeSet<SignalId> = read_signals(view).collect();
    let measured = wanted.iter().filter(|signal| is_measured(view.snapshot, **signal)).count();
    let title = format!(
        "{answered} of {} sources answered; {measured} of {} signals measured",
        sources.len(),
        wanted.len()
    );
    if answered < sources.len() { (title, Tone::Critical, "Failed") } else { (title, Tone::Ok, "OK") }
}

/// The signals that an assessment looks for and that a source can measure.
fn read_signals(view: &DoctorView<'_>) -> impl Iterator<Item = SignalId> {
    view.called_for.iter().copied().filter(|signal| signal.entry().computed.is_none())
}

fn is_measured(snapshot: &Snapshot, signal: SignalId) -> bool {
    snapshot.observations.iter().any(|observation| observation.signal == signal)
}

fn source(report: &SourceReport, snapshot: &Snapshot) -> Statement {
    let version = report.version.as_deref().map(|version| format!(", {version}")).unwrap_or_default();
    let name = format!("{} at {}{version}", report.title(), report.address);
    let mut statement = match &report.status {
        Status::Answered => Statement::labelled("ok", Tone::Ok, name),
        Status::Failed { detail, .. } => {
            Statement::labelled("FAILED", Tone::Critical, format!("{name}: {detail}"))
        }
    };
    let signals: BTreeSet<SignalId> = snapshot
        .observations
        .iter()
        .filter(|observation| {
            observation.origin.source == report.source
                && (report.name.is_none() || observation.labels.get(SERVER) == report.name.as_ref())
        })
        .map(|observation| observation.signal)
        .collect();
    let title = report.title();
    let alone = snapshot.sources.iter().filter(|other| other.title() == title).count() == 1;
    if alone && report.status == Status::Answered {
        let noun = if signals.len() == 1 { "signal" } else { "signals" };
        statement.details.push(format!("measured {} {noun}", signals.len()).into());
    }
    statement.details.extend(report.notes.iter().map(|note| format!("note: {note}").into()));
    statement.details.extend(report.hint.as_deref().map(fix));
    statement
}

fn fix(hint: &str) -> Text {
    Text::from("fix: ").then(Text::with_code(hint))
}

/// A row for each signal that one query gave, with the query below it.
fn measured(snapshot: &Snapshot) -> Option<Block> {
    let columns = vec![
        Column::text("Signal"),
        Column::text("Instance").rank(1),
        Column::number("Samples"),
        Column::number("Latest"),
        Column::text("Source").rank(2),
    ];
    let mut table = Table::new("", columns);
    let mut groups: Vec<Vec<&Observation>> = Vec::new();
    let mut places = BTreeMap::new();
    for observation in &snapshot.observations {
        let place = *places.entry((observation.signal, &observation.origin)).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(observation),
            None => groups.push(vec![observation]),
        }
    }
    table.rows = groups.iter().filter_map(|instances| row(instances, snapshot)).collect();
    table.block()
}

fn row(instances: &[&Observation], snapshot: &Snapshot) -> Option<Vec<Cell>> {
    let first = instances.first()?;
    let names: Vec<&str> =
        instances.iter().filter_map(|observation| observation.instance.as_deref()).collect();
    let fewest = instances.iter().map(|observation| observation.values.len()).min().unwrap_or(0);
    let samples = count(fewest as f64);
    let samples = if instances.len() > 1 { format!("{samples} or more") } else { samples };
    let oldest = instances.iter().map(|observation| observation.values.last().0).min().unwrap_or(0);
    let age = (snapshot.taken_at.timestamp_millis() - oldest).max(0) as f64 / 1000.0;
    let notes: BTreeSet<&String> = instances.iter().flat_map(|observation| &observation.notes).collect();
    let several = (names.len() > 1).then(|| format!("instances: {}", names.join(", ")));
    let notes = notes.into_iter().map(|note| format!("note: {note}"));
    let below: Vec<String> =
        std::iter::once(first.origin.query.clone()).chain(several).chain(notes).collect();
    Some(vec![
        Cell::text(first.signal.as_str()).with_note(below.join("; ")),
        match names.as_slice() {
            [] => Cell::unknown(),
            [name] => Cell::text(*name),
            names => Cell::text(format!("{} instances", names.len())),
        },
        Cell::number(samples, Some(fewest as f64)),
        Cell::number(format!("{} ago", span_text(age.round())), Some(age)),
        Cell::text(&*first.origin.source),
    ])
}

/// What could not be measured: a list for each system, signals with the same reason in one point, with what to do
/// about it.
fn missing(view: &DoctorView<'_>) -> Vec<Block> {
    let mut systems: BTreeMap<&str, Vec<Item>> = BTreeMap::new();
    for (system, item) in gaps(view).into_iter().chain(without_source(view)) {
        systems.entry(system).or_default().push(item);
    }
    let list =
        |(system, items): (&str, Vec<Item>)| List { title: capitalised(system), tasks: false, items }.block();
    systems.into_iter().filter_map(list).collect()
}

fn gaps<'a>(view: &DoctorView<'a>) -> Vec<(&'static str, Item)> {
    let mut groups: Vec<(&'a Gap, Vec<&str>)> = Vec::new();
    for gap in view.snapshot.gaps.iter().filter(|gap| view.called_for.contains(&gap.signal)) {
        let reason = |gap: &Gap| {
            let system = gap.signal.entry().system.as_str();
            (system, gap.source.clone(), gap.detail.clone(), gap.hint.clone())
        };
        match groups.iter_mut().find(|(known, _)| reason(known) == reason(gap)) {
            Some((_, signals)) => signals.push(gap.signal.as_str()),
            None => groups.push((gap, vec![gap.signal.as_str()])),
        }
    }
    let item = |(gap, signals): (&Gap, Vec<&str>)| {
        let text = Text::strong(signals.join(", ")).then(format!(": {}: {}", gap.source, gap.detail));
        // What stopped or cannot be read has a fix of its own.
        let near = near_miss(view.snapshot, gap.signal).filter(|_| gap.reason == Reason::NeverExisted);
        let fix = near.or_else(|| gap.hint.as_deref().map(fix));
        (gap.signal.entry().system.as_str(), Item { details: fix.into_iter().collect(), ..Item::new(text) })
    };
    groups.into_iter().map(item).collect()
}

/// A metric of another name that looks like a load.
fn near_miss(snapshot: &Snapshot, signal: SignalId) -> Option<Text> {
    let loads = snapshot.discovery.iter().flat_map(|discovery| &discovery.loads);
    let mut alike = loads.filter(|load| load.signal == signal);
    let load = alike.next()?;
    let others = match alike.count() {
        0 => String::new(),
        others => format!(" ({others} more)"),
    };
    Some(
        Text::from("fix: ")
            .then(Text::code(load.metric.clone()))
            .then(format!(" looks like it{others}; bind it with "))
            .then(Text::code(format!("[signals.\"{signal}\"] prometheus = \"{}\"", load.query))),
    )
}

/// Signals that no source was queried for, grouped by the configuration that would change that.
fn without_source(view: &DoctorView<'_>) -> Vec<(&'static str, Item)> {
    let mut by_hint: BTreeMap<(&str, String), Vec<&str>> = BTreeMap::new();
    for signal in read_signals(view) {
        let explained = view.snapshot.gaps.iter().any(|gap| gap.signal == signal);
        if !is_measured(view.snapshot, signal) && !explained {
            let hint = how_to_read(signal).unwrap_or_else(|| "no configured source can read it".to_owned());
            by_hint.entry((signal.entry().system.as_str(), hint)).or_default().push(signal.as_str());
        }
    }
    let item = |((system, hint), signals): ((&'static str, String), Vec<&str>)| {
        let text = Text::strong(signals.join(", ")).then(": no source configured");
        (system, Item { details: vec![fix(&hint)], ..Item::new(text) })
    };
    by_hint.into_iter().map(item).collect()
}

/// What is near its limit and read by nothing, and servers that were not searched for it.
fn outside(snapshot: &Snapshot) -> Option<Section> {
    let discovery = snapshot.discovery.as_ref()?;
    let near = discovery.outside_catalogue().take(MOST_OUTSIDE).map(|resource| {
        let tone = if is_at_limit(resource) { Tone::Warning } else { Tone::Unknown };
        let share = percent(resource.utilization);
        Statement::labelled(share, tone, Text::with_code(&named(resource)))
    });
    let skipped = discovery
        .not_searched
        .iter()
        .map(|server| Statement::labelled("skipped", Tone::Unknown, Text::with_code(&not_searched(server))));
    let statements = Block::statements(near.chain(skipped).collect())?;
    let note = Block::note("`discover --format toml` writes them as definitions");
    Some(Section::new("outside", "Outside the roadmap", vec![statements, note]))
}

/// Signals that are neither measured nor used by the roadmap.
fn unused(view: &DoctorView<'_>) -> Option<Block> {
    let others = catalog().signals().map(Signal::id).filter(|signal| !view.called_for.contains(signal));
    let others: Vec<&str> = others.map(SignalId::as_str).collect();
    let text = format!("Not measured and not used by {}: {}", view.roadmap, others.join(", "));
    (!others.is_empty()).then(|| Block::paragraph(text))
}
