//! The cases of a comparison of two builds: its metrics, limits, consequence, and what was missing.

use super::{Case, Cases, Measure, Place};
use crate::{
    assess::Verdict,
    diagnostic::SourceFile,
    gate::{
        self, AcknowledgementState, FailOn, GateReport, OnInconclusive, Outcome, Severity, THROUGHPUT,
        value_quantity,
    },
    render::{
        reason::gate as reason,
        view::gate::{headline, sides},
    },
    signal::{Quantity, Unit},
};

/// The files in which the rules of a gate are written.
#[derive(Debug, Clone, Copy)]
pub struct GatePlaces<'a> {
    /// The roadmap, if one was chosen that is a file of the project.
    pub roadmap: Option<&'a SourceFile>,
    /// The project's config, if there is one.
    pub settings: Option<&'a SourceFile>,
}

/// The cases of a gate. What is inconclusive is a fault where the configuration fails the build for it.
pub fn cases_of_gate(report: &GateReport, config: &gate::GateConfig, places: &GatePlaces<'_>) -> Cases {
    let builder = CaseBuilder { report, places, on_inconclusive: on_inconclusive(report.outcome, config) };
    let mut cases: Vec<Case> =
        builder.metrics().chain(builder.limits()).chain(builder.consequence()).collect();
    cases.extend(builder.undirected());
    cases.extend(builder.missing());
    cases.extend(builder.acknowledgements(config.fail_on));
    cases.extend(builder.rest(&cases));
    Cases {
        version: report.tool_version.clone(),
        subject: sides(report),
        headline: format!("{}: {}", headline(report.outcome), reason::outcome(report)),
        at: report.generated_at,
        fail_on: Some(match config.fail_on {
            FailOn::Warning => Verdict::Warning,
            FailOn::Critical => Verdict::Critical,
        }),
        notes: users(report).into_iter().collect(),
        cases: merged(cases),
        measures: measures(report),
    }
}

/// What the configuration does with an inconclusive result: a missing baseline has a rule of its own.
fn on_inconclusive(outcome: Outcome, config: &gate::GateConfig) -> OnInconclusive {
    if outcome == Outcome::NoBaseline { config.on_missing_baseline } else { config.on_inconclusive }
}

/// What cases are made of.
struct CaseBuilder<'a> {
    report: &'a GateReport,
    places: &'a GatePlaces<'a>,
    on_inconclusive: OnInconclusive,
}

impl CaseBuilder<'_> {
    fn metrics(&self) -> impl Iterator<Item = Case> {
        self.report.metrics.iter().map(|metric| {
            let rules =
                ["margins", "floors", "directions"].map(|rule| format!("gate/{rule}/{}", metric.metric));
            let place = self.places.setting(&rules);
            let message = reason::metric(self.report, metric);
            self.case(&metric.id, format!("{} is no worse", metric.metric), metric.verdict, message, place)
        })
    }

    fn limits(&self) -> impl Iterator<Item = Case> {
        self.report.objectives.iter().map(|limit| {
            let written = self.places.limit(&limit.id);
            // Thresholds belong to the load test itself.
            let built_in = written.is_none() && !limit.id.starts_with("threshold:");
            let place = written.or_else(|| self.places.setting(&["profile".to_owned()]));
            let message = reason::limit(limit);
            let case = self.case(&limit.id, limit.title.clone(), limit.verdict, message, place);
            let mild = limit.severity == Severity::Warning && case.verdict == Verdict::Critical;
            Case { verdict: if mild { Verdict::Warning } else { case.verdict }, built_in, ..case }
        })
    }

    fn consequence(&self) -> impl Iterator<Item = Case> {
        self.report.consequence.iter().map(|consequence| {
            let place = self.places.setting(&["gate/min_headroom".to_owned()]);
            let title = "enough headroom is left".to_owned();
            let message = reason::consequence(consequence);
            self.case(&consequence.id, title, consequence.verdict, message, place)
        })
    }

    /// Metrics of unknown direction, which may have become worse.
    fn undirected(&self) -> impl Iterator<Item = Case> {
        self.report.not_evaluated.iter().filter(|metric| metric.inconclusive).map(|metric| {
            let message = format!("{}: {}", metric.metric, reason::not_evaluated(metric));
            let (title, verdict) = (format!("{} is no worse", metric.metric), gate::Verdict::Inconclusive);
            let place = self.places.setting(&["gate/directions".to_owned()]);
            self.case(&metric.id, title, verdict, message, place)
        })
    }

    fn missing(&self) -> impl Iterator<Item = Case> {
        self.report.missing.iter().map(|missing| {
            let rules = match missing.what.as_str() {
                "baseline" => vec!["gate/on_missing_baseline".to_owned()],
                "headroom" => vec!["gate/min_headroom".to_owned()],
                what => vec![format!("gate/margins/{what}"), "gate/require".to_owned()],
            };
            let (id, title) = (format!("missing:{}", missing.what), format!("{} is there", missing.what));
            let message = format!("{}: {}", missing.what, reason::missing(missing));
            self.case(&id, title, gate::Verdict::Inconclusive, message, self.places.setting(&rules))
        })
    }

    /// Acknowledgements without effect.
    fn acknowledgements(&self, fail_on: FailOn) -> impl Iterator<Item = Case> {
        let stale = self.report.acknowledged.iter().filter(|entry| entry.state != AcknowledgementState::Used);
        stale.map(move |entry| {
            let why = reason::acknowledgement(entry);
            let message = format!("{}: {why} ({}, {})", entry.id, entry.reason, entry.owner);
            let place = self.places.setting(&[format!("gate/acknowledge/{}", entry.id)]);
            let (id, title) = (format!("acknowledgement:{}", entry.id), format!("{} is accepted", entry.id));
            let case = self.case(&id, title, gate::Verdict::Fail, message, place);
            Case { verdict: Verdict::Warning, counts: fail_on == FailOn::Warning, acknowledged: None, ..case }
        })
    }

    /// The outcome itself, where it is inconclusive and no case shows that.
    fn rest(&self, cases: &[Case]) -> Option<Case> {
        let inconclusive = matches!(self.report.outcome, Outcome::Inconclusive | Outcome::NoBaseline);
        let covered =
            cases.iter().any(|case| case.verdict != Verdict::Ok && case.verdict != Verdict::Warning);
        let title = "both builds are compared".to_owned();
        (inconclusive && !covered).then(|| {
            let message = reason::outcome(self.report);
            self.case("gate", title, gate::Verdict::Inconclusive, message, self.places.setting(&[]))
        })
    }

    fn case(
        &self,
        id: &str,
        title: String,
        verdict: gate::Verdict,
        message: String,
        place: Option<Place>,
    ) -> Case {
        let (verdict, counts) = match (verdict, self.on_inconclusive) {
            (gate::Verdict::Pass, _) => (Verdict::Ok, false),
            (gate::Verdict::Fail, _) | (gate::Verdict::Inconclusive, OnInconclusive::Fail) => {
                (Verdict::Critical, true)
            }
            (gate::Verdict::Inconclusive, OnInconclusive::Report) => (Verdict::Unknown, true),
            (gate::Verdict::Inconclusive, OnInconclusive::Pass) => (Verdict::Unknown, false),
        };
        let used = |entry: &&gate::Acknowledged| entry.id == id && entry.state == AcknowledgementState::Used;
        let accepted = self.report.acknowledged.iter().find(used);
        Case {
            id: id.to_owned(),
            title,
            instance: None,
            verdict,
            message,
            place,
            built_in: false,
            counts,
            repeats: false,
            acknowledged: accepted
                .map(|entry| format!("{} (until {}, {})", entry.reason, entry.until, entry.owner)),
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

    /// The line of the roadmap, or of the settings, that sets a limit; none if it is built in.
    fn limit(&self, id: &str) -> Option<Place> {
        let (kind, name) = id.split_once(':').unwrap_or_default();
        let section = match kind {
            "objective" => "objectives",
            "load-test" => "load_tests",
            "alert" => "alerts",
            _ => return self.setting(&[format!("thresholds/{name}")]),
        };
        first(self.roadmap?, &[format!("{section}/{name}")])
    }
}

fn first(file: &SourceFile, rules: &[String]) -> Option<Place> {
    let line = file.lines_of(rules).into_iter().flatten().next()?;
    Some(Place { file: file.name.clone(), line })
}

/// One case for each rule, with everything that is said of it; the worst says how it stands.
fn merged(cases: Vec<Case>) -> Vec<Case> {
    let mut kept: Vec<Case> = Vec::new();
    for case in cases {
        match kept.iter_mut().find(|earlier| earlier.id == case.id) {
            None => kept.push(case),
            Some(earlier) if earlier.verdict < case.verdict => *earlier = case,
            Some(earlier) if earlier.verdict == case.verdict => earlier.message.extend(["; ", &case.message]),
            Some(_) => {}
        }
    }
    kept
}

/// What the change means in users, where no case says it.
fn users(report: &GateReport) -> Option<String> {
    match &report.consequence {
        Some(consequence) => {
            (consequence.verdict == gate::Verdict::Pass).then(|| reason::consequence(consequence))
        }
        None if report.metrics.iter().any(|metric| metric.metric == THROUGHPUT) => {
            Some(format!("users at saturation are unknown: {}", reason::consequence_unknown(report)))
        }
        None => None,
    }
}

/// The candidate's median of each metric, and where it runs out.
fn measures(report: &GateReport) -> Vec<Measure> {
    let medians = report.metrics.iter().filter_map(|metric| {
        let median = metric.candidate.median?;
        let value = value_quantity(median, &metric.unit).or_else(|| Quantity::new(median, Unit::Count))?;
        Some(Measure { label: metric.metric.clone(), value })
    });
    let load = report.consequence.as_ref().and_then(|consequence| consequence.candidate.load);
    let load = load.and_then(|load| Quantity::new(load.mid, Unit::Count));
    let load = load.map(|value| Measure { label: "load at saturation".to_owned(), value });
    medians.chain(load).collect()
}

#[cfg(test)]
mod tests;
