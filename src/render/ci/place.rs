//! Where the rules of findings are written: the project's roadmap or config, or in the program.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    assess::{AssessmentInput, Finding, Kind, Verdict},
    diagnostic::SourceFile,
    roadmap::{Condition, Severity},
    signal::{DefinedBy, Role, SignalId},
};

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The path from the top of the repository, with `/` between directories.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

/// The project's own files in which rules are written. Rules that are built into the program are in none of them.
#[derive(Debug, Clone, Copy)]
pub struct Places<'a> {
    /// What the findings were evaluated with.
    pub input: &'a AssessmentInput,
    /// The roadmap's text, if it is a file of the project.
    pub roadmap: Option<&'a SourceFile>,
    /// The project's config, if there is one.
    pub settings: Option<&'a SourceFile>,
}

/// Where a finding's rule is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RulePlace {
    /// The rule's line; of a built-in rule the line of the config that chooses the roadmap, if there is a config.
    pub place: Option<Place>,
    /// Whether no file of the project holds the rule.
    pub built_in: bool,
}

/// Which file a rule is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Origin {
    Roadmap,
    Settings,
    BuiltIn,
}

impl Places<'_> {
    /// The place of each finding's rule; the top of the roadmap for what is in no file.
    pub(super) fn of(&self, findings: &[&Finding]) -> Vec<RulePlace> {
        let of_findings: Vec<(Origin, String)> = findings.iter().map(|finding| self.rule(finding)).collect();
        // Many instances have the same rule.
        let rules: Vec<&(Origin, String)> = of_findings.iter().collect::<BTreeSet<_>>().into_iter().collect();
        let unlisted = RulePlace { place: self.default_place(), built_in: false };
        let mut places = vec![unlisted; rules.len()];
        for (origin, file) in [(Origin::Roadmap, self.roadmap), (Origin::Settings, self.settings)] {
            let Some(file) = file else { continue };
            let (numbers, paths): (Vec<usize>, Vec<String>) = (0..)
                .zip(&rules)
                .filter(|(_, rule)| rule.0 == origin)
                .map(|(number, rule)| (number, rule.1.clone()))
                .unzip();
            for (number, line) in numbers.into_iter().zip(file.lines_of(&paths)) {
                if let (Some(rule), Some(line)) = (places.get_mut(number), line) {
                    rule.place = Some(Place { file: file.name.clone(), line });
                }
            }
        }
        for (rule, (origin, _)) in places.iter_mut().zip(&rules) {
            rule.built_in = *origin == Origin::BuiltIn;
        }
        let places: BTreeMap<_, _> = rules.into_iter().zip(places).collect();
        of_findings.iter().filter_map(|rule| places.get(rule).cloned()).collect()
    }

    /// Where the project names the evidence it requires.
    pub(super) fn requirement(&self) -> Option<Place> {
        let Some(file) = self.settings else { return self.default_place() };
        let line = file.lines_of(&["gate/require".to_owned()]).into_iter().flatten().next();
        Some(Place { file: file.name.clone(), line: line.unwrap_or(1) })
    }

    /// The line of the config that chooses the roadmap, or the roadmap's first.
    fn default_place(&self) -> Option<Place> {
        if let (Some(config), None) = (self.settings, self.roadmap) {
            let line = config.lines_of(&["profile".to_owned()]).into_iter().flatten().next();
            return Some(Place { file: config.name.clone(), line: line.unwrap_or(1) });
        }
        self.roadmap.map(|file| Place { file: file.name.clone(), line: 1 })
    }

    fn rule(&self, finding: &Finding) -> (Origin, String) {
        let name = finding.id.split_once(':').map_or(finding.id.as_str(), |(_, name)| name);
        match (finding.kind, finding.signal) {
            (Kind::Alert, _) => self.planned(format!("alerts/{name}")),
            (Kind::Objective, _) => self.planned(format!("objectives/{name}")),
            (Kind::Threshold, Some(signal)) => self.limits(signal, finding.severity),
            (Kind::Forecast, Some(signal)) => {
                self.definition(signal).unwrap_or_else(|| self.planned(String::new()))
            }
            _ => self.planned(String::new()),
        }
    }

    /// A rule of the roadmap.
    fn planned(&self, path: String) -> (Origin, String) {
        (if self.roadmap.is_some() { Origin::Roadmap } else { Origin::BuiltIn }, path)
    }

    /// The table that defines a signal, where that is the project's or the roadmap's.
    fn definition(&self, signal: SignalId) -> Option<(Origin, String)> {
        let entry = signal.entry();
        let section = match entry.role {
            Role::Resource => "resources",
            Role::ServiceLevel => "service_levels",
            Role::Load => "loads",
            Role::Context => return None,
        };
        let path = format!("{section}/{signal}");
        match entry.defined_by {
            DefinedBy::Program => None,
            DefinedBy::Roadmap => Some(self.planned(path)),
            DefinedBy::Project => self.settings.map(|_| (Origin::Settings, path)),
        }
    }

    /// Limits come from the project's config, in which a definition says them as well, else from the roadmap's alerts,
    /// else from its definition, else from the defaults.
    fn limits(&self, signal: SignalId, severity: Verdict) -> (Origin, String) {
        if self.settings.is_some() && self.input.overrides.signals().any(|own| own == signal) {
            return (Origin::Settings, format!("thresholds/{signal}"));
        }
        let definition = self.definition(signal);
        if let Some((Origin::Settings, path)) = definition {
            return (Origin::Settings, path);
        }
        let alerts = || {
            self.input.roadmap.alerts.iter().filter(|alert| {
                matches!(&alert.when, Condition::Signal(test) if test.signal == signal && test.instance.is_none())
            })
        };
        let wanted = if severity == Verdict::Critical { Severity::Critical } else { Severity::Warning };
        match alerts().find(|alert| alert.severity == wanted).or_else(|| alerts().next()) {
            Some(alert) => self.planned(format!("alerts/{}", alert.id)),
            None => definition.unwrap_or((Origin::BuiltIn, String::new())),
        }
    }
}
