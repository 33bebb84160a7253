//! `profiles`: the built-in roadmaps, and what one of them says.

use crate::{
    render::{
        count,
        document::{Block, Cell, Column, Document, Fact, Section, Table, Text, Tone},
        format::money_range,
    },
    roadmap::{Milestone, Phase, Range, Roadmap, Severity},
};

/// A row for each roadmap.
pub fn roadmaps_document(roadmaps: &[Roadmap]) -> Document {
    let columns = vec![
        Column::text("Roadmap"),
        Column::number("Phases"),
        Column::number("Alerts").rank(2),
        Column::number("Decisions").rank(1),
    ];
    let mut table = Table::new("", columns);
    let row = |roadmap: &Roadmap| {
        let number = |length: usize| Cell::number(count(length as f64), Some(length as f64));
        vec![
            Cell::text(&*roadmap.id).with_note(roadmap.title.as_str()),
            number(roadmap.phases.len()),
            number(roadmap.alerts.len()),
            number(roadmap.decisions.len()),
        ]
    };
    table.rows = roadmaps.iter().map(row).collect();
    let show = Block::note("`profiles show ROADMAP` shows a roadmap, `--profile ROADMAP` selects it.");
    Document {
        title: format!("{} built-in roadmaps", roadmaps.len()).into(),
        sections: vec![Section::untitled("roadmaps", table.block().into_iter().chain([show]).collect())],
        ..Document::default()
    }
}

/// What a roadmap is for, its phases, and the rules it judges by.
pub fn roadmap_document(roadmap: &Roadmap) -> Document {
    let currency = &roadmap.currency;
    let mut summary = vec![Block::paragraph(roadmap.summary.as_str())];
    summary.extend(Block::facts(facts(roadmap)));
    let mut sections = vec![Section::untitled("summary", summary)];
    let tables = [
        ("phases", "Phases", phases(roadmap, currency)),
        ("milestones", "Expected bottlenecks", milestones(&roadmap.milestones)),
        ("decisions", "Decisions", decisions(roadmap)),
        ("objectives", "Objectives", objectives(roadmap)),
        ("alerts", "Alerts", alerts(roadmap)),
    ];
    sections.extend(
        tables
            .into_iter()
            .filter_map(|(id, title, table)| Some(Section::new(id, title, vec![table.block()?]))),
    );
    Document {
        title: roadmap.title.as_str().into(),
        subtitle: roadmap.id.clone(),
        sections,
        ..Document::default()
    }
}

fn facts(roadmap: &Roadmap) -> Vec<Fact> {
    let mut facts =
        vec![Fact::new("Load", format!("{}, measured by {}", roadmap.load.unit, roadmap.load.signal))];
    if !roadmap.stack.is_empty() {
        facts.push(Fact::new("Stack", roadmap.stack.join(", ")));
    }
    facts.extend(roadmap.roadmap.as_deref().map(|document| Fact::new("Made from", document)));
    let explain = "`scale-advisor explain ID` explains each of the names below";
    facts.push(Fact::new("Names", Text::with_code(explain)));
    facts
}

/// "500 to 1,500", or "500 or more" where the end is open.
fn users(range: &Range<u64>) -> String {
    let low = count(range.low() as f64);
    range.high().map_or_else(|| format!("{low} or more"), |high| format!("{low} to {}", count(high as f64)))
}

fn phases(roadmap: &Roadmap, currency: &str) -> Table {
    let columns = vec![
        Column::text("Phase"),
        Column::text("Title"),
        Column::number("Users"),
        Column::number("Cost a month").rank(1),
        Column::number("Actions").rank(2),
    ];
    let mut table = Table::new("", columns);
    let row = |phase: &Phase| {
        let cost = phase.cost_per_month.as_ref();
        let enter = phase.enter.as_ref().map(|enter| format!("entered when {enter}")).unwrap_or_default();
        let actions = phase.actions.len();
        vec![
            Cell::text(format!("phase-{}", phase.number)).with_note(enter),
            Cell::text(&*phase.title),
            Cell::number(users(&phase.users), Some(phase.users.low() as f64)),
            cost.map_or_else(Cell::unknown, |cost| {
                Cell::number(money_range(currency, cost), Some(cost.low()))
            }),
            Cell::number(count(actions as f64), Some(actions as f64)),
        ]
    };
    table.rows = roadmap.phases.iter().map(row).collect();
    table
}

fn milestones(milestones: &[Milestone]) -> Table {
    let columns = vec![
        Column::text("Milestone"),
        Column::number("Users"),
        Column::number("Act by").rank(1),
        Column::text("Resource").rank(2),
    ];
    let mut table = Table::new("", columns);
    let row = |milestone: &Milestone| {
        let number = |users: u64| Cell::number(count(users as f64), Some(users as f64));
        vec![
            Cell::text(format!("milestone-{}", milestone.users)).with_note(milestone.title.as_str()),
            number(milestone.users),
            milestone.act_by_users.map_or_else(Cell::unknown, number),
            Cell::text(milestone.resource.as_str()),
        ]
    };
    table.rows = milestones.iter().map(row).collect();
    table
}

fn decisions(roadmap: &Roadmap) -> Table {
    let mut table = Table::new("", vec![Column::text("Decision"), Column::text("Takes")]);
    table.rows = roadmap
        .decisions
        .iter()
        .map(|decision| {
            let note = format!("{}, when {}", decision.action, decision.when);
            vec![Cell::text(&*decision.id).with_note(note), Cell::text(decision.timeline.name())]
        })
        .collect();
    table
}

fn objectives(roadmap: &Roadmap) -> Table {
    let mut table = Table::new("", vec![Column::text("Objective"), Column::text("Promise").rank(1)]);
    table.rows = roadmap
        .objectives
        .iter()
        .map(|objective| {
            let note = format!("met when {}", objective.when_met);
            vec![Cell::text(&*objective.id).with_note(note), Cell::text(&*objective.title)]
        })
        .collect();
    table
}

fn alerts(roadmap: &Roadmap) -> Table {
    let mut table = Table::new("", vec![Column::text("Alert"), Column::text("Severity")]);
    table.rows = roadmap
        .alerts
        .iter()
        .map(|alert| {
            let (word, tone) = match alert.severity {
                Severity::Warning => ("warning", Tone::Warning),
                Severity::Critical => ("critical", Tone::Critical),
            };
            let note = format!("fires when {}", alert.when);
            vec![Cell::text(&*alert.id).with_note(note), Cell::text(word).with_tone(tone)]
        })
        .collect();
    table
}
