//! The cases of the judgement between two builds: its metrics, limits, consequence, and what was missing.

use super::{Case, Cases, Measure, Place};
use crate::{
    assess::Verdict,
    diagnostic::SourceFile,
    gate::{
        self, AcknowledgementState, FailOn, GateReport, Outcome, Severity, THROUGHPUT, Unsettled,
        value_quantity,
    },
    render::gate::{headline, sides},
    signal::{Quantity, Unit},
};

/// The files in which the rules of a gate are written.
#[derive(Debug, Clone, Copy)]
pub struct GatePlaces<'a> {
    /// The roadmap, if one was chosen.
    pub roadmap: Option<&'a SourceFile>,
    /// The project's settings, if there are any.
    pub settings: Option<&'a SourceFile>,
}

/// The cases of a gate. What was not settled is a fault where the policy stops the build for it.
pub fn cases_of_gate(report: &GateReport, policy: &gate::GateConfig, places: &GatePlaces<'_>) -> Cases {
    let made = Made { report, places, unsettled: unsettled(report.outcome, policy) };
    let mut cases: Vec<Case> = made.metrics().chain(made.limits()).chain(made.consequence()).collect();
    cases.extend(made.undirected());
    cases.extend(made.missing());
    cases.extend(made.acknowledgements(policy.fail_on));
    cases.extend(made.rest(&cases));
    Cases {
        version: report.tool_version.clone(),
        subject: sides(report),
        headline: format!("{}: {}", headline(report.outcome), report.because),
        at: report.generated_at,
        fail_on: Some(match policy.fail_on {
            FailOn::Warning => Verdict::Warning,
            FailOn::Critical => Verdict::Critical,
        }),
        notes: users(report).into_iter().collect(),
        cases: once(cases),
        measures: measures(report),
    }
}

/// What the policy does with what is not settled: that of a missing baseline is a rule of its own.
fn unsettled(outcome: Outcome, policy: &gate::GateConfig) -> Unsettled {
    if outcome == Outcome::NoBaseline { policy.on_missing_baseline } else { policy.on_inconclusive }
}

/// What cases are made of.
struct Made<'a> {
    report: &'a GateReport,
    places: &'a GatePlaces<'a>,
    unsettled: Unsettled,
}

impl Made<'_> {
    fn metrics(&self) -> impl Iterator<Item = Case> {
        self.report.metrics.iter().map(|one| {
            let rules = ["margins", "floors", "directions"].map(|rule| format!("gate/{rule}/{}", one.metric));
            let place = self.places.setting(&rules);
            self.case(&one.id, format!("{} is no worse", one.metric), one.verdict, &one.because, place)
        })
    }

    fn limits(&self) -> impl Iterator<Item = Case> {
        self.report.objectives.iter().map(|one| {
            let place = self.places.limit(&one.id);
            let case = self.case(&one.id, one.title.clone(), one.verdict, &one.because, place);
            let mild = one.severity == Severity::Warning && case.verdict == Verdict::Critical;
            Case { verdict: if mild { Verdict::Warning } else { case.verdict }, ..case }
        })
    }

    fn consequence(&self) -> impl Iterator<Item = Case> {
        self.report.consequence.iter().map(|one| {
            let place = self.places.setting(&["gate/min_headroom".to_owned()]);
            self.case(&one.id, "enough is left".to_owned(), one.verdict, &one.because, place)
        })
    }

    /// Metrics that may have become worse, for all that is known.
    fn undirected(&self) -> impl Iterator<Item = Case> {
        self.report.not_judged.iter().filter(|one| one.open).map(|one| {
            let message = format!("{}: {}", one.metric, one.because);
            let (title, verdict) = (format!("{} is no worse", one.metric), gate::Verdict::Inconclusive);
            let place = self.places.setting(&["gate/directions".to_owned()]);
            self.case(&one.id, title, verdict, &message, place)
        })
    }

    fn missing(&self) -> impl Iterator<Item = Case> {
        self.report.missing.iter().map(|one| {
            let rules = match one.what.as_str() {
                "baseline" => vec!["gate/on_missing_baseline".to_owned()],
                "headroom" => vec!["gate/min_headroom".to_owned()],
                what => vec![format!("gate/margins/{what}"), "gate/require".to_owned()],
            };
            let (id, title) = (format!("missing:{}", one.what), format!("{} is there", one.what));
            let message = format!("{}: {}", one.what, one.because);
            self.case(&id, title, gate::Verdict::Inconclusive, &message, self.places.setting(&rules))
        })
    }

    /// Acknowledgements that do nothing.
    fn acknowledgements(&self, fail_on: FailOn) -> impl Iterator<Item = Case> {
        let stale = self.report.acknowledged.iter().filter(|one| one.state != AcknowledgementState::Used);
        stale.map(move |one| {
            let message = format!("{}: {} ({}, {})", one.id, one.because, one.reason, one.owner);
            let place = self.places.setting(&[format!("gate/acknowledge/{}", one.id)]);
            let (id, title) = (format!("acknowledgement:{}", one.id), format!("{} is accepted", one.id));
            let case = self.case(&id, title, gate::Verdict::Fail, &message, place);
            Case { verdict: Verdict::Warning, counts: fail_on == FailOn::Warning, acknowledged: None, ..case }
        })
    }

    /// The outcome itself, where it is not settled and no case says so.
    fn rest(&self, cases: &[Case]) -> Option<Case> {
        let open = matches!(self.report.outcome, Outcome::Inconclusive | Outcome::NoBaseline);
        let told = cases.iter().any(|case| case.verdict != Verdict::Ok && case.verdict != Verdict::Warning);
        let title = "both builds are compared".to_owned();
        let because = &self.report.because;
        (open && !told)
            .then(|| self.case("gate", title, gate::Verdict::Inconclusive, because, self.places.setting(&[])))
    }

    fn case(
        &self,
        id: &str,
        title: String,
        verdict: gate::Verdict,
        message: &str,
        place: Option<Place>,
    ) -> Case {
        let (verdict, counts) = match (verdict, self.unsettled) {
            (gate::Verdict::Pass, _) => (Verdict::Ok, false),
            (gate::Verdict::Fail, _) | (gate::Verdict::Inconclusive, Unsettled::Fail) => {
                (Verdict::Critical, true)
            }
            (gate::Verdict::Inconclusive, Unsettled::Report) => (Verdict::Unknown, true),
            (gate::Verdict::Inconclusive, Unsettled::Pass) => (Verdict::Unknown, false),
        };
        let used = |one: &&gate::Acknowledged| one.id == id && one.state == AcknowledgementState::Used;
        let accepted = self.report.acknowledged.iter().find(used);
        Case {
            id: id.to_owned(),
            title,
            instance: None,
            verdict,
            message: message.to_owned(),
            place,
            counts,
            repeats: false,
            acknowledged: accepted.map(|one| format!("{} (until {}, {})", one.reason, one.until, one.owner)),
        }
    }
}

impl GatePlaces<'_> {
    /// The line of the first of these rules that is written, else of `[gate]`, else the top of what there is.
    fn setting(&self, rules: &[String]) -> Option<Place> {
        let section = ["gate/margin".to_owned(), "gate".to_owned()];
        let found = self.settings.and_then(|file| first(file, &[rules, &section].concat()));
        found.or_else(|| {
            let file = self.settings.or(self.roadmap)?;
            Some(Place { file: file.name.clone(), line: 1 })
        })
    }

    /// The line of the roadmap, or of the settings, that sets a limit.
    fn limit(&self, id: &str) -> Option<Place> {
        let (kind, name) = id.split_once(':').unwrap_or_default();
        let section = match kind {
            "objective" => "objectives",
            "load-test" => "load_tests",
            "alert" => "alerts",
            _ => return self.setting(&[format!("thresholds/{name}")]),
        };
        let written = self.roadmap.and_then(|file| first(file, &[format!("{section}/{name}")]));
        written.or_else(|| self.setting(&[]))
    }
}

fn first(file: &SourceFile, rules: &[String]) -> Option<Place> {
    let line = file.lines_of(rules).into_iter().flatten().next()?;
    Some(Place { file: file.name.clone(), line })
}

/// One case for each rule, with everything that is said of it; the worst says how it stands.
fn once(cases: Vec<Case>) -> Vec<Case> {
    let mut kept: Vec<Case> = Vec::new();
    for case in cases {
        match kept.iter_mut().find(|one| one.id == case.id) {
            None => kept.push(case),
            Some(one) if one.verdict < case.verdict => *one = case,
            Some(one) if one.verdict == case.verdict => one.message.extend(["; ", &case.message]),
            Some(_) => {}
        }
    }
    kept
}

/// What the change means in users, where no case that is told says it.
fn users(report: &GateReport) -> Option<String> {
    match &report.consequence {
        Some(one) => (one.verdict == gate::Verdict::Pass).then(|| one.because.clone()),
        None if report.metrics.iter().any(|one| one.metric == THROUGHPUT) => {
            Some(format!("users at saturation are not known: {}", report.consequence_because))
        }
        None => None,
    }
}

/// The candidate's median of each metric, and where it runs out.
fn measures(report: &GateReport) -> Vec<Measure> {
    let medians = report.metrics.iter().filter_map(|one| {
        let median = one.candidate.median?;
        let value = value_quantity(median, &one.unit).or_else(|| Quantity::new(median, Unit::Count))?;
        Some(Measure { label: one.metric.clone(), value })
    });
    let load = report.consequence.as_ref().and_then(|one| one.candidate.load);
    let load = load.and_then(|load| Quantity::new(load.mid, Unit::Count));
    let load = load.map(|value| Measure { label: "load at saturation".to_owned(), value });
    medians.chain(load).collect()
}

#[cfg(test)]
mod tests;
