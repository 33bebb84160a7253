//! Every condition of a roadmap, with the place it stands in.

use super::{Condition, Roadmap, Statement};

impl Roadmap {
    /// Every condition that is judged against the running system, with the name of the place it stands in, in
    /// the order of the sections. What a load test must pass is judged during one only.
    pub fn conditions(&self) -> Vec<(String, &Condition)> {
        let mut found = Vec::new();
        let mut add = |place: String, condition| found.extend(Option::map(condition, |one| (place, one)));
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

    /// Every statement with the name of the place it stands in.
    fn statements(&self) -> impl Iterator<Item = (String, &Statement)> {
        let of = |place: &'static str, statements| {
            std::iter::repeat(place.to_owned()).zip::<&[Statement]>(statements)
        };
        let symptoms = self.milestones.iter().flat_map(|milestone| {
            std::iter::repeat(format!("milestone {}", milestone.users)).zip(&milestone.symptoms)
        });
        let reasons = self.architecture.iter().flat_map(move |architecture| {
            of("stay", &architecture.stay_if).chain(of("evaluate", &architecture.evaluate_if))
        });
        of("limitation", &self.limitations)
            .chain(symptoms)
            .chain(reasons)
            .chain(of("principle", &self.principles))
            .chain(of("saving", &self.savings))
    }
}
