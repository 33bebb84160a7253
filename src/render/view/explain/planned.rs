//! What a part of the roadmap says: alerts, objectives, actions, phases, milestones and advice.

use super::Explanation;
use crate::{
    render::document::{Block, Fact, Item, List, Text},
    roadmap::{Roadmap, Statement},
};

/// A part of the roadmap, by the id of its finding, with or without the kind before it.
pub(super) fn explanation(id: &str, bare: &str, roadmap: &Roadmap) -> Option<Explanation> {
    rule(bare, roadmap)
        .or_else(|| decision_or_action(bare, roadmap))
        .or_else(|| phase_or_milestone(bare, roadmap))
        .or_else(|| advice(id, bare, roadmap))
}

/// "web-p95: alert of roadmap web-service" and what it says.
fn part(name: &str, kind: &str, roadmap: &Roadmap, blocks: impl IntoIterator<Item = Block>) -> Explanation {
    Explanation {
        title: format!("{name}: {kind} of roadmap {}", roadmap.id),
        blocks: blocks.into_iter().collect(),
        sections: Vec::new(),
    }
}

fn words(text: &str) -> Block {
    Block::paragraph(Text::with_code(text))
}

/// A line such as "Met when  http.latency (p95) below 200 ms".
fn line(label: &str, value: &impl ToString) -> Block {
    Block::Facts { facts: vec![Fact::new(label, value.to_string())] }
}

fn list(lines: &[String]) -> Option<Block> {
    let items = lines.iter().map(|line| Item::new(Text::with_code(line))).collect();
    List { title: String::new(), tasks: false, items }.block()
}

/// An alert, an objective or a load test.
fn rule(name: &str, roadmap: &Roadmap) -> Option<Explanation> {
    if let Some(alert) = roadmap.alerts.iter().find(|alert| alert.id == name) {
        return Some(part(name, "alert", roadmap, [line("Fires when", &alert.when)]));
    }
    if let Some(objective) = roadmap.objectives.iter().find(|objective| objective.id == name) {
        let blocks = [words(&objective.title), line("Met when", &objective.when_met)];
        return Some(part(name, "objective", roadmap, blocks));
    }
    let test = roadmap.load_tests.iter().find(|test| test.id == name)?;
    let pass = test.pass.as_ref().map(|pass| line("Passed when", pass));
    Some(part(name, "load test", roadmap, std::iter::once(words(&test.purpose)).chain(pass)))
}

fn decision_or_action(name: &str, roadmap: &Roadmap) -> Option<Explanation> {
    if let Some(decision) = roadmap.decisions.iter().find(|decision| decision.id == name) {
        let facts = vec![
            Fact::new("Due when", decision.when.to_string()),
            Fact::new("Takes", decision.timeline.name()),
        ];
        let blocks = [words(&decision.action), Block::Facts { facts }];
        return Some(part(name, "decision", roadmap, blocks));
    }
    let mut actions =
        roadmap.phases.iter().flat_map(|phase| phase.actions.iter().map(move |action| (phase, action)));
    let (phase, action) = actions.find(|(_, action)| action.id == name)?;
    let blocks = std::iter::once(words(&action.title)).chain(list(&action.steps));
    Some(part(name, &format!("action of phase {}", phase.number), roadmap, blocks))
}

/// A phase by "phase-2", a milestone by "milestone-500", a symptom of it by "milestone-500:1".
fn phase_or_milestone(name: &str, roadmap: &Roadmap) -> Option<Explanation> {
    if let Some(number) = name.strip_prefix("phase-").and_then(|number| number.parse::<u64>().ok()) {
        let phase = roadmap.phases.iter().find(|phase| phase.number == number)?;
        let enter = phase
            .enter
            .as_ref()
            .map_or_else(|| words("It has no trigger."), |enter| line("Entered when", enter));
        return Some(part(name, "phase", roadmap, [words(&phase.title), enter]));
    }
    let (users, symptom) = match name.strip_prefix("milestone-")?.split_once(':') {
        Some((users, symptom)) => (users, symptom.parse::<usize>().ok()),
        None => (name.strip_prefix("milestone-")?, None),
    };
    let milestone = roadmap.milestones.iter().find(|milestone| milestone.users.to_string() == users)?;
    if let Some(number) = symptom {
        let kind = format!("symptom of the milestone at {users} users");
        return Some(part(name, &kind, roadmap, statement(&milestone.symptoms, number)?));
    }
    let remedy = Fact::new("Remedy", Text::with_code(&milestone.solution));
    let blocks = [words(&milestone.title), Block::Facts { facts: vec![remedy] }];
    Some(part(name, "milestone", roadmap, blocks))
}

/// A playbook, a benchmark or a statement.
fn advice(id: &str, name: &str, roadmap: &Roadmap) -> Option<Explanation> {
    let bare = name.strip_prefix("playbook-").unwrap_or(name);
    if let Some(playbook) = roadmap.playbooks.iter().find(|playbook| playbook.id == bare) {
        let when = playbook.when.as_ref().map(|when| line("Seen when", when));
        let blocks = std::iter::once(words(&playbook.symptom)).chain(when).chain(list(&playbook.remedies));
        return Some(part(name, "playbook", roadmap, blocks));
    }
    let (kind, number) = id.rsplit_once(':')?;
    let number: usize = number.parse().ok()?;
    if kind == "benchmark" {
        let benchmark = roadmap.benchmarks.get(number.checked_sub(1)?)?;
        let blocks = [words(&benchmark.title), line("Met when", &benchmark.target)];
        return Some(part(id, "benchmark", roadmap, blocks));
    }
    let (kind, statements) = match kind.strip_prefix("statement:")? {
        "limitation" => ("limitation", &roadmap.limitations),
        "principle" => ("principle", &roadmap.principles),
        "saving" => ("saving", &roadmap.savings),
        _ => return None,
    };
    Some(part(id, kind, roadmap, statement(statements, number)?))
}

/// The statement of a number, from 1.
fn statement(statements: &[Statement], number: usize) -> Option<Vec<Block>> {
    let statement = statements.get(number.checked_sub(1)?)?;
    let when = statement.when.as_ref().map(|when| line("Holds when", when));
    Some(std::iter::once(words(&statement.text)).chain(when).collect())
}
