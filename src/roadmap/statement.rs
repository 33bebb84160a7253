//! What a document says in prose, and every condition of a roadmap with its place.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Condition, FactValue, Figure, Roadmap, amount::FIGURES};
use crate::diagnostic::{FromToml, Kind, schema, toml_table};

toml_table! {
    /// A symptom, a limitation, a principle, a saving, a reason.
    #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
    pub struct Statement {
        /// In words.
        pub text: String,
        /// When it holds, where that can be measured or declared.
        pub when: Option<Condition>,
        /// The numbers the document gives in it.
        pub figures: Vec<Figure> as FIGURES = Vec::new(),
    }
}

/// A plain string, or a table.
pub(super) const STATEMENT: Kind<Statement> = Kind {
    read: |node| match node.as_str() {
        Some(text) => Some(Statement { text: text.to_owned(), when: None, figures: Vec::new() }),
        None => Statement::from_toml(node),
    },
    schema: || schema::reference("statement"),
};

/// The `statement` of `$defs`.
pub(super) fn statement_definition() -> Value {
    json!({ "anyOf": [String::schema(), Statement::schema()] })
}

/// What conditions compare a fact with, and where.
#[derive(Debug, Clone)]
pub struct FactUse<'a> {
    /// One of the values that the fact is compared with.
    pub value: &'a FactValue,
    /// The names of the conditions, as [`Roadmap::conditions`] gives them.
    pub places: BTreeSet<String>,
}

impl Roadmap {
    /// Every condition that is evaluated against the running system, with the name of its place, in
    /// the order of the sections. Pass conditions of load tests are left out: they are evaluated during a test only.
    pub fn conditions(&self) -> Vec<(String, &Condition)> {
        let mut found = Vec::new();
        let mut add =
            |place: String, condition| found.extend(Option::map(condition, |condition| (place, condition)));
        for (place, statement) in self.statements() {
            add(place, statement.when.as_ref());
        }
        for phase in &self.phases {
            add(format!("phase {} enter", phase.number), phase.enter.as_ref());
        }
        for decision in &self.decisions {
            add(format!("decision {}", decision.id), Some(&decision.when));
        }
        for objective in &self.objectives {
            add(format!("objective {}", objective.id), Some(&objective.when_met));
        }
        for benchmark in &self.benchmarks {
            add(format!("benchmark {}", benchmark.title), Some(&benchmark.target));
        }
        for alert in &self.alerts {
            add(format!("alert {}", alert.id), Some(&alert.when));
        }
        for criterion in self.architecture.iter().flat_map(|architecture| &architecture.criteria) {
            add(format!("criterion {}", criterion.id), criterion.when_met.as_ref());
        }
        for playbook in &self.playbooks {
            add(format!("playbook {}", playbook.id), playbook.when.as_ref());
        }
        found
    }

    /// Every fact that conditions compare, by its name.
    pub fn facts(&self) -> BTreeMap<&str, FactUse<'_>> {
        let mut facts: BTreeMap<&str, FactUse<'_>> = BTreeMap::new();
        for (place, condition) in self.conditions() {
            for test in condition.facts() {
                let Some(value) = test.comparison.values().into_iter().next() else { continue };
                let fact = facts.entry(&test.fact).or_insert(FactUse { value, places: BTreeSet::new() });
                fact.places.insert(place.clone());
            }
        }
        facts
    }

    /// Every statement with the name of its place.
    fn statements(&self) -> impl Iterator<Item = (String, &Statement)> {
        let at = |place: &'static str, statements| {
            std::iter::repeat(place.to_owned()).zip::<&[Statement]>(statements)
        };
        let symptoms = self.milestones.iter().flat_map(|milestone| {
            std::iter::repeat(format!("milestone {}", milestone.users)).zip(&milestone.symptoms)
        });
        let reasons = self.architecture.iter().flat_map(move |architecture| {
            at("stay", &architecture.stay_if).chain(at("evaluate", &architecture.evaluate_if))
        });
        at("limitation", &self.limitations)
            .chain(symptoms)
            .chain(reasons)
            .chain(at("principle", &self.principles))
            .chain(at("saving", &self.savings))
    }
}
