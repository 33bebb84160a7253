//! A small world to assess: a tiny roadmap, declared facts, and measurements made from pictures and functions.

mod measured;

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    assess::{
        Assessment, AssessmentInput, Assumptions, Bottleneck, Declared, Finding, Forecast, Plan, Scope,
        assess, forecast, plan,
    },
    roadmap::{
        Event, EventLoad, FactValue, FailureDomain, LlmBudget, Silence, Thresholds, default_thresholds,
        read_roadmap,
    },
    signal::{ResourceId, SignalId},
    snapshot::{Exhausted, Gap, Observation, Snapshot, SourceReport, Window, merge},
};

/// Minutes in the window.
pub(super) const DAY: i64 = 1440;

/// What phases count unless a test says otherwise.
const LOAD: &str = "signal = 'users.concurrent'\nunit = 'users'\n";

/// The end of every world.
pub(super) fn now() -> DateTime<Utc> {
    "2026-11-20T16:40:00Z".parse().unwrap()
}

#[derive(Clone)]
pub(super) struct World {
    stack: Vec<&'static str>,
    load: String,
    phases: String,
    described: String,
    sections: String,
    defaults: Thresholds,
    overrides: Thresholds,
    declared: Declared,
    observations: Vec<Observation>,
    stopped: Vec<Observation>,
    history: Vec<Observation>,
    gaps: Vec<Gap>,
    exhausted: Vec<Exhausted>,
    sources: Vec<SourceReport>,
}

/// One phase for everybody, nothing expected, nothing measured, no limits but the built-in ones.
pub(super) fn world() -> World {
    World {
        stack: Vec::new(),
        load: LOAD.to_owned(),
        phases: "[[phases]]\nnumber = 1\ntitle = 'Only'\nusers = [0]\n".to_owned(),
        described: String::new(),
        sections: String::new(),
        defaults: default_thresholds().clone(),
        overrides: Thresholds::default(),
        declared: Declared::default(),
        observations: Vec::new(),
        stopped: Vec::new(),
        history: Vec::new(),
        gaps: Vec::new(),
        exhausted: Vec::new(),
        sources: Vec::new(),
    }
}

impl World {
    pub(super) fn stack(mut self, systems: &[&'static str]) -> Self {
        self.stack = systems.to_vec();
        self
    }

    /// Requests of one user, so that the load can be estimated.
    pub(super) fn requests_per_user(self, rate: &str) -> Self {
        self.load(&format!("{LOAD}requests_per_user = '{rate}'\n"))
    }

    /// What phases count, and how it can be measured.
    pub(super) fn load(mut self, toml: &str) -> Self {
        toml.clone_into(&mut self.load);
        self
    }

    /// Replaces the only phase.
    pub(super) fn phases(mut self, toml: &str) -> Self {
        toml.clone_into(&mut self.phases);
        self
    }

    /// Alerts, objectives, decisions, milestones.
    pub(super) fn roadmap(mut self, toml: &str) -> Self {
        self.sections.push_str(toml);
        self.sections.push('\n');
        self
    }

    /// Plain keys and sections; the keys must come before everything else.
    pub(super) fn before_sections(mut self, toml: &str) -> Self {
        toml.clone_into(&mut self.described);
        self
    }

    /// A decision to check, called `it`.
    pub(super) fn decision(self, when: &str) -> Self {
        self.roadmap(&format!("[[decisions]]\nid = 'it'\nwhen = {when}\naction = 'Act'\ntimeline = 'days'"))
    }

    pub(super) fn alert(self, id: &str, severity: &str, when: &str) -> Self {
        self.roadmap(&format!("[[alerts]]\nid = '{id}'\nseverity = '{severity}'\nwhen = {when}"))
    }

    pub(super) fn objective(self, id: &str, when_met: &str) -> Self {
        self.roadmap(&format!("[[objectives]]\nid = '{id}'\ntitle = 'Target'\nwhen_met = {when_met}"))
    }

    pub(super) fn defaults(mut self, toml: &str) -> Self {
        self.defaults = thresholds(toml);
        self
    }

    /// The project's own limits.
    pub(super) fn limits(mut self, toml: &str) -> Self {
        self.overrides = thresholds(toml);
        self
    }

    pub(super) fn fact(mut self, name: &str, value: FactValue) -> Self {
        self.declared.facts.insert(name.to_owned(), value);
        self
    }

    pub(super) fn absent(mut self, system: &str) -> Self {
        self.declared.absent.insert(system.to_owned());
        self
    }

    /// An event from so many days ago to so many.
    pub(super) fn event(mut self, name: &str, from: i64, until: i64) -> Self {
        let day = |ago| (now() - TimeDelta::days(ago)).date_naive();
        self.declared.events.push(Event {
            name: name.to_owned(),
            from: day(from),
            until: day(until),
            load: None,
        });
        self
    }

    /// An event to come in so many days, for two days.
    pub(super) fn event_ahead(mut self, name: &str, days: i64, load: EventLoad) -> Self {
        let day = |days| (now() + TimeDelta::days(days)).date_naive();
        let event = Event { name: name.to_owned(), from: day(days), until: day(days + 1), load: Some(load) };
        self.declared.events.push(event);
        self
    }

    pub(super) fn llm_budgets(mut self, budgets: Vec<LlmBudget>) -> Self {
        self.declared.llm_budgets = budgets;
        self
    }

    pub(super) fn done(mut self, id: &str) -> Self {
        self.declared.done.insert(id.to_owned());
        self
    }

    pub(super) fn silence(mut self, silence: Silence) -> Self {
        self.declared.silences.push(silence);
        self
    }

    pub(super) fn built_for(mut self, phase: u64) -> Self {
        self.declared.phase = Some(phase);
        self
    }

    /// A label whose parts may fail.
    pub(super) fn failure_domain(mut self, label: &str) -> Self {
        let (values, resources, spans) = Default::default();
        let domain = FailureDomain { label: label.to_owned(), values, resources, spans };
        self.declared.failure_domains.push(domain);
        self
    }

    /// The values of the latest label that may be lost.
    pub(super) fn only_values(mut self, values: &[&str]) -> Self {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        self.declared.failure_domains.last_mut().unwrap().values = values;
        self
    }

    /// The resources that must hold without a part of the latest label.
    pub(super) fn must_hold(mut self, resources: &[&str]) -> Self {
        let resources = resources.iter().map(|resource| ResourceId::find(resource).unwrap()).collect();
        self.declared.failure_domains.last_mut().unwrap().resources = resources;
        self
    }

    /// Supposes that a part is gone.
    pub(super) fn lose(mut self, part: &str) -> Self {
        self.declared.lost.push(part.parse().unwrap());
        self
    }

    fn text(&self) -> String {
        let (stack, load, phases, sections) = (&self.stack, &self.load, &self.phases, &self.sections);
        let described = &self.described;
        format!(
            "schema = 1\nid = 'tiny'\ntitle = 'Tiny'\nsummary = 'Tiny'\ncurrency = 'USD'\nstack = {stack:?}\n\
             {described}\n[load]\n{load}{phases}\n{sections}"
        )
    }

    pub(super) fn judge(self) -> Assessment {
        let (input, snapshot) = self.parts();
        assess(&input, &snapshot)
    }

    /// How everything continues.
    pub(super) fn forecast(self, assumptions: Assumptions, users: Option<u64>) -> Forecast {
        let (input, snapshot) = self.parts();
        forecast(&input, &snapshot, assumptions, users)
    }

    /// The plan alone.
    pub(super) fn plan(self, scope: Scope) -> Option<Plan> {
        let (input, snapshot) = self.parts();
        plan(&input, &snapshot, scope)
    }

    /// What is evaluated, and what it is compared with.
    pub(super) fn parts(self) -> (AssessmentInput, Snapshot) {
        let text = self.text();
        let (roadmap, diagnostics) = read_roadmap(&text);
        let roadmap = roadmap.unwrap_or_else(|| panic!("{diagnostics:#?}\n{text}"));
        let input = AssessmentInput {
            roadmap,
            digest: String::new(),
            defaults: self.defaults,
            overrides: self.overrides,
            declared: self.declared,
        };
        let window = Window { from: now() - TimeDelta::minutes(DAY), to: now(), step_seconds: 60 };
        let mut snapshot = merge(now(), window, Vec::new());
        snapshot.sources = self.sources;
        snapshot.observations = self.observations;
        snapshot.stopped = self.stopped;
        snapshot.history = self.history;
        snapshot.gaps = self.gaps;
        snapshot.exhausted = self.exhausted;
        (input, snapshot)
    }
}

pub(super) fn signal_named(name: &str) -> SignalId {
    SignalId::find(name).unwrap_or_else(|| panic!("no signal {name}"))
}

fn thresholds(toml: &str) -> Thresholds {
    let (thresholds, diagnostics) = Thresholds::read(toml);
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    thresholds
}

/// A reason as the JSON output holds it, so that a test can look for its values.
pub(super) fn json(reason: &impl serde::Serialize) -> String {
    serde_json::to_string(reason).unwrap()
}

/// The only finding of this name.
#[track_caller]
pub(super) fn finding<'a>(assessment: &'a Assessment, id: &str) -> &'a Finding {
    let found: Vec<&Finding> = assessment.findings.iter().filter(|finding| finding.id == id).collect();
    match found.as_slice() {
        [finding] => finding,
        _ => panic!("{} findings are called {id}: {:#?}", found.len(), assessment.findings),
    }
}

#[track_caller]
pub(super) fn bottleneck<'a>(assessment: &'a Assessment, resource: &str) -> &'a Bottleneck {
    let found = assessment.bottlenecks.iter().find(|bottleneck| bottleneck.resource.as_str() == resource);
    found.unwrap_or_else(|| panic!("no {resource} in {:#?}", assessment.bottlenecks))
}

/// The name of the next bottleneck, or nothing.
pub(super) fn next(assessment: &Assessment) -> &str {
    assessment.next_bottleneck.as_ref().map_or("", |next| next.resource.as_str())
}
