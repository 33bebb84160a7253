//! `explain`: what a signal, a resource, a part of the roadmap or a diagnostic code is.

mod planned;

use crate::{
    diagnostic::CODES,
    render::document::{Block, Cell, Column, Document, Fact, Item, List, Section, Table, Text},
    roadmap::{Limit, Roadmap, Thresholds},
    signal::{Direction, Resource, ResourceId, Role, Signal, SignalId, Unit, catalog, duration_text},
};

/// What one thing of a name is.
struct Explanation {
    title: String,
    blocks: Vec<Block>,
    sections: Vec<Section>,
}

/// Explains a name; `None` when nothing has it.
///
/// Signals and resources may share a name and are then both explained.
pub fn explain_document(name: &str, roadmap: &Roadmap, thresholds: &Thresholds) -> Option<Document> {
    let bare = name.split_once(':').map_or(name, |(_, bare)| bare);
    let parts = [
        ResourceId::find(bare).map(|id| resource(id.entry())),
        SignalId::find(bare).map(|id| signal(id.entry(), thresholds.of(id))),
        planned::explanation(name, bare, roadmap),
        CODES.iter().find(|(code, _)| *code == bare).map(|(code, text)| diagnostic(code, text)),
    ];
    let mut parts = parts.into_iter().flatten();
    let first = parts.next()?;
    let mut sections = vec![Section::untitled("summary", first.blocks)];
    sections.extend(first.sections);
    for part in parts {
        sections.push(Section::new("also", part.title, part.blocks));
        sections.extend(part.sections);
    }
    Some(Document { title: first.title.into(), sections, ..Document::default() })
}

/// Every name that can be explained, for "did you mean".
pub fn explainable(roadmap: &Roadmap) -> Vec<String> {
    let signals = catalog().signals().map(|signal| signal.id().to_string());
    let resources = catalog().resources().map(|resource| resource.id().to_string());
    let alerts = roadmap.alerts.iter().map(|alert| alert.id.clone());
    let objectives = roadmap.objectives.iter().map(|objective| objective.id.clone());
    let decisions = roadmap.decisions.iter().map(|decision| decision.id.clone());
    let actions = roadmap.phases.iter().flat_map(|phase| &phase.actions).map(|action| action.id.clone());
    let codes = CODES.iter().map(|(code, _)| (*code).to_owned());
    signals
        .chain(resources)
        .chain(alerts)
        .chain(objectives)
        .chain(decisions)
        .chain(actions)
        .chain(codes)
        .collect()
}

fn diagnostic(code: &str, text: &str) -> Explanation {
    let blocks = vec![Block::paragraph(Text::with_code(text))];
    Explanation { title: format!("{code}: diagnostic"), blocks, sections: Vec::new() }
}

fn resource(resource: &Resource) -> Explanation {
    let scales = if resource.scales_out {
        "It scales out: add instances."
    } else {
        "It does not scale out: more instances do not help."
    };
    let mut table = Table::new("", vec![Column::text("Signal"), Column::text("Role").rank(1)]);
    let signals = catalog().signals().filter(|signal| signal.resource == Some(resource.id()));
    table.rows =
        signals.map(|signal| vec![Cell::text(signal.id().as_str()), Cell::text(role(signal.role))]).collect();
    Explanation {
        title: format!("{}: resource, {}", resource.id(), resource.title),
        blocks: vec![Block::paragraph(format!("{} {scales}", resource.description))],
        sections: table
            .block()
            .map(|table| Section::new("signals", "Signals", vec![table]))
            .into_iter()
            .collect(),
    }
}

fn signal(signal: &Signal, limit: Limit) -> Explanation {
    let (worse, percentile) = match signal.direction {
        Direction::HigherIsWorse => ("higher is worse", "95th"),
        Direction::LowerIsWorse => ("lower is worse", "5th"),
    };
    let facts = vec![
        Fact::new("Unit", format!("{}; {worse}", unit(signal))),
        Fact::new("Role", role(signal.role)),
        Fact::new("Peak", format!("{percentile} percentile over the peak hours")),
        Fact::new("Aggregate", format!("{} unless a condition sets another", signal.aggregate.name())),
    ];
    let without = Text::with_code(
        "If none of these can be read, conditions on it are unknown, and `doctor` shows why.",
    );
    let mut sources: Vec<Block> = sources(signal).block().into_iter().collect();
    sources.push(Block::Note { text: without });
    Explanation {
        title: format!("{}: signal, {}", signal.id(), signal.title),
        blocks: vec![Block::paragraph(signal.description.as_str()), Block::Facts { facts }],
        sections: vec![
            Section::new("thresholds", "Default thresholds", limits(limit)),
            Section::new("sources", "Sources", sources),
        ],
    }
}

/// Every way to read a signal, in the order in which they are tried.
fn sources(signal: &Signal) -> List {
    let with_details = |text: Text, details: Vec<Text>| Item { details, ..Item::new(text) };
    let native = signal.native.iter().map(|source| Item::new(format!("{source}, directly")));
    let candidates = signal.prometheus.iter().map(|candidate| {
        let query = Text::code(candidate.query.as_str());
        let limit = candidate.limit.as_deref().map(|limit| Text::from("limit: ").then(Text::code(limit)));
        let details = std::iter::once(query).chain(limit).collect();
        with_details(format!("prometheus, {}", candidate.exporter).into(), details)
    });
    let own = signal.example.as_ref().map(|example| {
        let text =
            format!("a query of your own under `[signals.\"{}\"]` in the config, such as", signal.id());
        with_details(Text::with_code(&text), vec![Text::code(example.as_str())])
    });
    let computed = signal.computed.as_ref().map(|needs| Item::new(format!("computed from {needs}")));
    let items = native.chain(candidates).chain(own).chain(computed).collect();
    List { title: String::new(), tasks: false, items }
}

fn limits(limit: Limit) -> Vec<Block> {
    let sustained = limit.sustained.map(|time| format!(" for {}", duration_text(time))).unwrap_or_default();
    let named = [("Warning", limit.warning), ("Critical", limit.critical)];
    let mut facts: Vec<Fact> = named
        .into_iter()
        .filter_map(|(name, at)| Some(Fact::new(name, format!("{}{sustained}", at?))))
        .collect();
    facts.extend(limit.limit.map(|at| Fact::new("Saturated", at.to_string())));
    match Block::facts(facts) {
        Some(facts) => {
            vec![facts, Block::note("The roadmap's alerts and `[thresholds]` in the config override them.")]
        }
        None => vec![Block::paragraph("None: it is context only, and no finding depends on it alone.")],
    }
}

fn unit(signal: &Signal) -> String {
    let unit = match signal.unit {
        Unit::Seconds => "seconds",
        Unit::Bytes => "bytes",
        Unit::Ratio => "ratio",
        Unit::Count => "count",
        Unit::PerSecond => "events per second",
        Unit::BytesPerSecond => "bytes per second",
    };
    signal.of.as_ref().map_or_else(|| unit.to_owned(), |of| format!("{unit} of {of}"))
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Resource => "utilization of a resource",
        Role::ServiceLevel => "service level, the next bottleneck only if no resource explains it",
        Role::Load => "load, counted by phases",
        Role::Context => "context",
    }
}
