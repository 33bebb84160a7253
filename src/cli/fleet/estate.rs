//! What a fleet consists of: its services, and what holds for each of them.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use chrono::{DateTime, Utc};

use super::FleetOptions;
use crate::{
    assess::AssessmentInput,
    cli::{
        assessment_input, observe,
        project::Project,
        sources::prometheus_settings,
        terminal::{Terminal, safe_lines},
    },
    config::{FleetService, FleetSilence},
    fleet::{Listed, Row, Service, ServiceRule, Standing, Unjudged},
    roadmap::{FactValue, Roadmap, Silence, builtin},
    signal::{LabelMatcher, MatchKind},
    snapshot::Unavailable,
    source::{
        Request, Search,
        prometheus::{FleetReader, FoundService, Settings},
    },
};

/// A fleet: how to read it, and what there is.
#[derive(Debug)]
pub(super) struct Estate {
    pub project: Project,
    /// The labels that name a service.
    pub by: Vec<String>,
    /// What is held against all services that nothing else is said of.
    pub input: AssessmentInput,
    pub now: DateTime<Utc>,
    /// In the order of their names.
    pub members: Vec<Member>,
    /// How many services there are, whoever's they are and whichever part they belong to.
    pub found: usize,
    /// What all services have in common beside the scope of the settings.
    pub scope: Vec<LabelMatcher>,
    /// How many samples the server may read.
    pub max_samples: Option<u64>,
    /// How many it has read to find the services, where that is counted.
    pub samples: u64,
    /// How the server is reached.
    pub settings: Settings,
    rules: Vec<(ServiceRule, FleetService)>,
    silences: Vec<(ServiceRule, Silence)>,
}

/// A service, with what is said of it.
#[derive(Debug, Clone)]
pub(super) struct Member {
    /// As the server sent it: for queries alone.
    pub service: Service,
    /// The same for people.
    pub shown: Service,
    pub owner: Option<String>,
    pub standing: Standing,
    pub kind: Kind,
    /// Its own silences.
    pub silences: Vec<Silence>,
}

/// What services must have in common to be judged by the same input.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    pub profile: Profile,
    /// The rules that hold.
    rules: Vec<usize>,
}

/// Which roadmap a service is held against.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Profile {
    /// That of all.
    Usual,
    /// One that the settings name.
    Stated(String),
    /// One that its label names.
    Labelled(String),
}

impl Estate {
    /// What is said of a fleet, before its server is asked.
    ///
    /// # Errors
    /// When settings or roadmap have errors, which have been printed then.
    pub(super) fn declared(
        options: &FleetOptions,
        terminal: &Terminal,
    ) -> Result<(Project, AssessmentInput)> {
        let mut project = Project::load(&options.project, terminal)?;
        let input = assessment_input::load(options.project.profile.as_deref(), &mut project, terminal)?;
        Ok((project, input))
    }

    /// Finds the services that the settings describe.
    ///
    /// # Errors
    /// When settings are wrong, no server answers, or there is no service.
    pub(super) fn find((project, input): (Project, AssessmentInput), options: &FleetOptions) -> Result<Self> {
        let fleet = &project.config.fleet;
        let by = if options.by.is_empty() { fleet.by.clone() } else { options.by.clone() };
        if by.is_empty() {
            bail!(
                "no labels are set to identify services; use --by namespace,service, or set `by = [\"namespace\", \"service\"]` under [fleet] in scale-advisor.toml"
            );
        }
        let rule = |service: &FleetService| {
            let rule = ServiceRule::new(&by, &service.r#match).context("[[fleet.service]] match")?;
            Ok((rule, service.clone()))
        };
        let rules: Vec<(ServiceRule, FleetService)> =
            fleet.service.iter().map(rule).collect::<Result<_>>()?;
        let silence = |silence: &FleetSilence| {
            let rule = ServiceRule::new(&by, &silence.r#match).context("[[fleet.silences]] match")?;
            Ok((rule, silence.silence()))
        };
        let silences: Vec<(ServiceRule, Silence)> =
            fleet.silences.iter().map(silence).collect::<Result<_>>()?;
        let Some(mut settings) = prometheus_settings(&options.sources, &project)? else {
            bail!("no metrics server is configured; set PROMETHEUS_URL, or url under [sources.prometheus]");
        };
        let excluded = fleet.exclude.iter().cloned().map(negated);
        let scope: Vec<LabelMatcher> = fleet.r#match.iter().cloned().chain(excluded).collect();
        settings.scope.matchers.extend(scope.iter().cloned());
        let request = observe::request(&options.sources, &input.roadmap)?;
        let max_samples = options.max_samples.or(fleet.max_samples);
        let reader = connected(&settings, &request, &by, max_samples.is_some())?;
        let further: Vec<String> = [&fleet.owner_label, &fleet.profile_label]
            .into_iter()
            .flatten()
            .filter(|label| !by.contains(label))
            .cloned()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let found = reader.discover(&further).map_err(|failure| unreachable_server(&settings, &failure))?;
        if found.is_empty() {
            bail!(
                "no service found: no series of a load or a resource has the labels {} in this scope",
                by.join(", ")
            );
        }
        let mut estate = Self {
            by,
            input,
            now: request.now,
            members: Vec::new(),
            found: found.len(),
            scope,
            max_samples,
            samples: reader.samples(),
            settings,
            rules,
            silences,
            project,
        };
        let foreign = reader.foreign();
        estate.members = found
            .into_iter()
            .map(|found| estate.member(found, &|text| foreign.name(text)))
            .filter(|member| is_owned(member, &options.owner))
            .filter(|member| options.shard.is_none_or(|shard| shard.contains(&member.service)))
            .collect();
        // A part of a fleet may have no services.
        if estate.members.is_empty() && options.shard.is_none() {
            bail!("no service is owned by {}", safe_lines(&options.owner.join(", ")));
        }
        Ok(estate)
    }

    fn member(&self, found: FoundService, shown: &dyn Fn(&str) -> String) -> Member {
        let fleet = &self.project.config.fleet;
        let labels = found.service.labels(&self.by);
        let values = |label: &Option<String>| {
            let label = label.as_ref()?;
            let own = labels.get(label).map(|value| BTreeSet::from([value.clone()]));
            let values = own.or_else(|| found.further.get(label).cloned())?;
            Some(shown(&values.into_iter().collect::<Vec<_>>().join(", ")))
        };
        let rules: Vec<usize> = self
            .rules
            .iter()
            .enumerate()
            .filter(|(_, (rule, _))| rule.matches(&found.service))
            .map(|(place, _)| place)
            .collect();
        let of_rules = |value: &dyn Fn(&FleetService) -> Option<String>| {
            rules.iter().filter_map(|place| self.rules.get(*place)).find_map(|(_, rule)| value(rule))
        };
        let profile = match of_rules(&|rule| rule.profile.clone()) {
            Some(profile) => Profile::Stated(profile),
            None => values(&fleet.profile_label).map_or(Profile::Usual, Profile::Labelled),
        };
        let standing = match (found.first_seen, found.last_seen) {
            (_, Some(at)) => Standing::Vanished { at },
            (Some(at), None) => Standing::Appeared { at },
            (None, None) => Standing::Present,
        };
        let silences = self.silences.iter().filter(|(rule, _)| rule.matches(&found.service));
        Member {
            silences: silences.map(|(_, silence)| silence.clone()).collect(),
            shown: found.service.map(shown),
            owner: of_rules(&|rule| rule.owner.clone()).or_else(|| values(&fleet.owner_label)),
            service: found.service,
            standing,
            kind: Kind { profile, rules },
        }
    }

    /// What the services of a kind are held against; an error for a row where there is no such roadmap.
    ///
    /// # Errors
    /// When a roadmap that the settings name cannot be read.
    pub(super) fn input_of(
        &self,
        kind: &Kind,
        terminal: &Terminal,
    ) -> Result<Result<AssessmentInput, Unjudged>> {
        let mut input = match &kind.profile {
            Profile::Usual => self.input.clone(),
            // A server must not name files.
            Profile::Labelled(name) if builtin(name).is_none() => {
                return Ok(Err(Unjudged::UnknownProfile { profile: name.clone() }));
            }
            Profile::Labelled(name) | Profile::Stated(name) => {
                let source = assessment_input::find(name, &self.project.folder)?;
                let roadmap: Roadmap = assessment_input::read(&source, terminal)?;
                AssessmentInput { digest: assessment_input::digest(&source), roadmap, ..self.input.clone() }
            }
        };
        input.declared.facts.extend(self.facts_of(kind));
        Ok(Ok(input))
    }

    /// The facts that hold for a kind beside those of all.
    pub(super) fn facts_of(&self, kind: &Kind) -> BTreeMap<String, FactValue> {
        let rules = kind.rules.iter().filter_map(|place| self.rules.get(*place));
        rules.flat_map(|(_, rule)| rule.facts.values.clone()).collect()
    }

    /// The facts that do not hold for all services alike.
    pub(super) fn differing_facts(&self) -> BTreeSet<String> {
        self.rules.iter().flat_map(|(_, rule)| rule.facts.values.keys().cloned()).collect()
    }

    /// A reader of services that are held against a roadmap.
    ///
    /// # Errors
    /// When the server does not answer.
    pub(super) fn reader(
        &self,
        options: &FleetOptions,
        input: &AssessmentInput,
    ) -> Result<(FleetReader, Request)> {
        let sources = options.sources.searching(Search::Bounded);
        let request = observe::request(&sources, &input.roadmap)?;
        Ok((connected(&self.settings, &request, &self.by, self.max_samples.is_some())?, request))
    }

    /// A service as it is listed.
    pub(super) fn listed(&self, member: &Member) -> Listed {
        Listed {
            service: member.shown.labels(&self.by),
            name: member.shown.name(),
            owner: member.owner.clone(),
            profile: self.profile_name(&member.kind),
            standing: member.standing,
        }
    }

    /// The row of a service that was not judged.
    pub(super) fn unjudged(&self, member: &Member, why: Unjudged) -> Row {
        let labels = member.shown.labels(&self.by);
        let row = Row::unjudged(member.shown.name(), labels, why, member.standing, self.now);
        let row = row.owned_by(member.owner.clone()).silenced_by(&member.silences);
        Row { profile: self.profile_name(&member.kind), ..row }
    }

    /// The id or path of a kind's roadmap.
    pub(super) fn profile_name(&self, kind: &Kind) -> String {
        match &kind.profile {
            Profile::Usual => self.input.roadmap.id.clone(),
            Profile::Stated(name) | Profile::Labelled(name) => name.clone(),
        }
    }
}

fn is_owned(member: &Member, owners: &[String]) -> bool {
    owners.is_empty() || member.owner.as_ref().is_some_and(|owner| owners.contains(owner))
}

fn connected(settings: &Settings, request: &Request, by: &[String], statistics: bool) -> Result<FleetReader> {
    FleetReader::connect(settings, request, by.to_vec(), statistics)
        .map_err(|failure| unreachable_server(settings, &failure))
}

fn unreachable_server(settings: &Settings, failure: &Unavailable) -> anyhow::Error {
    let hint = failure.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
    let text = format!("{} does not answer: {}{hint}", settings.endpoint.address(), failure.detail);
    anyhow::anyhow!(safe_lines(&text))
}

/// What leaves out what a matcher selects.
fn negated(matcher: LabelMatcher) -> LabelMatcher {
    let kind = match matcher.kind {
        MatchKind::Equal => MatchKind::NotEqual,
        MatchKind::NotEqual => MatchKind::Equal,
        MatchKind::Regex => MatchKind::NotRegex,
        MatchKind::NotRegex => MatchKind::Regex,
    };
    LabelMatcher { kind, ..matcher }
}
