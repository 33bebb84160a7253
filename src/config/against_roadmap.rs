//! Whether a configuration fits the roadmap: facts that exist, actions and phases that the roadmap has.

use std::collections::{BTreeMap, BTreeSet};

use super::Config;
use crate::{
    diagnostic::{Diagnostic, unknown_word},
    roadmap::{FactValue, Roadmap, builtin, builtin_ids, read_roadmap},
    signal::{Definition, Quantity, Signal, Unit, catalog},
};

/// Numbers that the assessment itself asks for: what the installation costs, and how many workers its queues have.
const ASSESSED_FACTS: [&str; 2] = ["monthly_cost", "queue_workers"];

impl Config {
    /// Errors in facts that no roadmap asks for, or that have another type than it compares them with.
    ///
    /// Facts of the built-in roadmaps are known with every roadmap, so that another one can be tried without
    /// changing the configuration.
    pub fn check_facts(&self, roadmap: &Roadmap) -> Vec<Diagnostic> {
        let shipped: Vec<Roadmap> =
            builtin_ids().filter_map(|id| builtin(id).and_then(|text| read_roadmap(text).0)).collect();
        let mut known: BTreeMap<&str, FactValue> = BTreeMap::new();
        for roadmap in std::iter::once(roadmap).chain(&shipped) {
            for (name, fact) in roadmap.facts() {
                known.entry(name).or_insert_with(|| fact.value.clone());
            }
        }
        let of_queries = catalog().signals().filter(|signal| signal.is_built_in()).flat_map(Signal::facts);
        for name in ASSESSED_FACTS.into_iter().chain(of_queries) {
            known.extend(Quantity::new(1.0, Unit::Count).map(|number| (name, FactValue::Number(number))));
        }
        let of_roadmap = roadmap.resources.iter().flat_map(Definition::facts);
        let limits: BTreeSet<&str> =
            self.resources.iter().flat_map(Definition::facts).chain(of_roadmap).collect();
        let names: Vec<&str> = known.keys().copied().chain(limits.iter().copied()).collect();
        // A limit may be a fact of any unit.
        let is_limit = |name: &str, value: &FactValue| {
            matches!(value, FactValue::Number(_)) && limits.contains(name) && !known.contains_key(name)
        };
        let tables = std::iter::once(&self.facts).chain(self.fleet.service.iter().map(|some| &some.facts));
        let facts =
            tables.flat_map(|table| table.values.iter().map(move |(name, value)| (table, name, value)));
        facts
            .filter(|(_, name, value)| !is_limit(name, value))
            .filter_map(|(table, name, value)| {
                let span = table.spans.of_key(name);
                match known.get(name.as_str()) {
                    None => Some(unknown_word(span, "config/unknown-fact", "fact", name, &names)),
                    Some(expected) if !value.same_kind(expected) => {
                        let message = format!("`{name}` must be {}", type_of(expected));
                        Some(Diagnostic::error("config/fact-type", span, message))
                    }
                    Some(_) => None,
                }
            })
            .collect()
    }

    /// Errors in `[plan]`: actions and a phase that the roadmap does not have.
    pub fn check_plan(&self, roadmap: &Roadmap) -> Vec<Diagnostic> {
        let ids = plan_ids(roadmap);
        let known: Vec<&str> = ids.iter().map(String::as_str).collect();
        let unknown_action = |id: &String| {
            let span = self.plan.spans.of_key("done");
            (!ids.contains(id)).then(|| unknown_word(span, "config/unknown-action", "action", id, &known))
        };
        let mut errors: Vec<Diagnostic> = self.plan.done.iter().filter_map(unknown_action).collect();
        if let Some(number) = self.plan.phase
            && roadmap.phases.iter().all(|phase| phase.number != number)
        {
            let phases: Vec<String> = roadmap.phases.iter().map(|phase| phase.number.to_string()).collect();
            let message = format!("the roadmap `{}` has no phase {number}", roadmap.id);
            errors.push(
                Diagnostic::error("config/unknown-phase", self.plan.spans.of_key("phase"), message)
                    .help(format!("one of {}", phases.join(", "))),
            );
        }
        errors
    }
}

/// The ids of everything that a plan may ask to do.
fn plan_ids(roadmap: &Roadmap) -> Vec<String> {
    let actions = roadmap.phases.iter().flat_map(|phase| &phase.actions).map(|action| action.id.clone());
    let decisions = roadmap.decisions.iter().map(|decision| decision.id.clone());
    let milestones = roadmap.milestones.iter().map(|milestone| format!("milestone-{}", milestone.users));
    let playbooks = roadmap.playbooks.iter().map(|playbook| format!("playbook-{}", playbook.id));
    actions.chain(decisions).chain(milestones).chain(playbooks).collect()
}

/// The type and unit of a fact, with an example.
fn type_of(value: &FactValue) -> String {
    match value {
        FactValue::Flag(_) => "true or false".to_owned(),
        FactValue::Text(word) => format!("a word such as \"{word}\""),
        FactValue::Number(number) => number.unit().example().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        config::read_config,
        roadmap::{builtin, read_roadmap},
    };

    /// Codes, underlined texts and help of the errors of a configuration against node-queue-chat.
    fn errors(text: &str) -> Vec<(&'static str, &str, String)> {
        let (config, diagnostics) = read_config(text, &|_| None);
        assert_eq!(diagnostics, []);
        let roadmap = read_roadmap(builtin("node-queue-chat").unwrap()).0.unwrap();
        let errors = config.check_facts(&roadmap).into_iter().chain(config.check_plan(&roadmap));
        errors
            .map(|error| (error.code, &text[error.primary.span], error.help.unwrap_or(error.message)))
            .collect()
    }

    #[test]
    fn facts_are_those_that_a_roadmap_compares_with_values_of_the_same_type() {
        assert_eq!(
            errors("[facts]\nteam_size = 8\nmulti_region = true\nmonthly_cost = 640\nrestore_time = '1h'"),
            []
        );
        let unknown = ("config/unknown-fact", "8", "did you mean `team_size`?".to_owned());
        assert_eq!(errors("[facts]\nteam_sise = 8"), [unknown]);
        let expected = [
            ("config/fact-type", "'yes'", "`multi_region` must be true or false".to_owned()),
            ("config/fact-type", "'5s'", "`team_size` must be a plain number such as 100".to_owned()),
        ];
        assert_eq!(errors("[facts]\nmulti_region = 'yes'\nteam_size = '5s'"), expected);
    }

    #[test]
    fn plans_name_actions_and_phases_of_the_roadmap() {
        assert_eq!(errors("[plan]\ndone = ['2.1', 'add-workers']\nphase = 4"), []);
        let found = errors("[plan]\ndone = ['2.1', '9.9']\nphase = 17");
        let codes: Vec<_> = found.iter().map(|(code, place, _)| (*code, *place)).collect();
        assert_eq!(codes, [("config/unknown-action", "['2.1', '9.9']"), ("config/unknown-phase", "17")]);
        assert_eq!(found[1].2, "one of 1, 2, 3, 4, 5");
    }
}
