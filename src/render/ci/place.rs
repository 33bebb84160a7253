//! Where the rules of findings are written: the roadmap, the project's limits or the default limits.

use crate::{
    assess::{AssessmentInput, Finding, Kind, Verdict},
    diagnostic::SourceFile,
    roadmap::{Condition, DEFAULT_THRESHOLDS, Severity},
    signal::SignalId,
};

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The path from the top of the repository, with `/` between folders.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

/// The files in which rules are written.
#[derive(Debug, Clone, Copy)]
pub struct Places<'a> {
    /// What the findings were judged by.
    pub input: &'a AssessmentInput,
    /// The roadmap's text.
    pub roadmap: &'a SourceFile,
    /// The project's settings, if there are any.
    pub settings: Option<&'a SourceFile>,
}

/// Which of the files a rule is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Roadmap,
    Settings,
    Defaults,
}

impl Places<'_> {
    /// The place of each finding's rule; the top of the roadmap for what no file says.
    pub(super) fn of(&self, findings: &[&Finding]) -> Vec<Place> {
        let rules: Vec<(Origin, String)> = findings.iter().map(|finding| self.rule(finding)).collect();
        let defaults = SourceFile::new("thresholds.toml", DEFAULT_THRESHOLDS);
        let mut places = vec![Place { file: self.roadmap.name.clone(), line: 1 }; rules.len()];
        let files = [
            (Origin::Roadmap, Some(self.roadmap)),
            (Origin::Settings, self.settings),
            (Origin::Defaults, Some(&defaults)),
        ];
        for (origin, file) in files {
            let Some(file) = file else { continue };
            let (numbers, paths): (Vec<usize>, Vec<String>) = (0..)
                .zip(&rules)
                .filter(|(_, rule)| rule.0 == origin)
                .map(|(number, rule)| (number, rule.1.clone()))
                .unzip();
            for (number, line) in numbers.into_iter().zip(file.lines_of(&paths)) {
                if let (Some(place), Some(line)) = (places.get_mut(number), line) {
                    *place = Place { file: file.name.clone(), line };
                }
            }
        }
        places
    }

    /// Where the project names the evidence it requires.
    pub(super) fn requirement(&self) -> Place {
        let Some(file) = self.settings else { return Place { file: self.roadmap.name.clone(), line: 1 } };
        let line = file.lines_of(&["gate/require".to_owned()]).into_iter().flatten().next();
        Place { file: file.name.clone(), line: line.unwrap_or(1) }
    }

    fn rule(&self, finding: &Finding) -> (Origin, String) {
        let name = finding.id.split_once(':').map_or(finding.id.as_str(), |(_, name)| name);
        match (finding.kind, finding.signal) {
            (Kind::Alert, _) => (Origin::Roadmap, format!("alerts/{name}")),
            (Kind::Objective, _) => (Origin::Roadmap, format!("objectives/{name}")),
            (Kind::Threshold, Some(signal)) => self.limits(signal, finding.severity),
            _ => (Origin::Roadmap, String::new()),
        }
    }

    /// Limits come from the project's settings, else from the roadmap's alerts, else from the defaults.
    fn limits(&self, signal: SignalId, severity: Verdict) -> (Origin, String) {
        if self.settings.is_some() && self.input.overrides.signals().any(|own| own == signal) {
            return (Origin::Settings, format!("thresholds/{signal}"));
        }
        let alerts = || {
            self.input.roadmap.alerts.iter().filter(|alert| {
                matches!(&alert.when, Condition::Signal(test) if test.signal == signal && test.instance.is_none())
            })
        };
        let wanted = if severity == Verdict::Critical { Severity::Critical } else { Severity::Warning };
        match alerts().find(|alert| alert.severity == wanted).or_else(|| alerts().next()) {
            Some(alert) => (Origin::Roadmap, format!("alerts/{}", alert.id)),
            None => (Origin::Defaults, format!("signals/{signal}")),
        }
    }
}
