//! Text from sources and files, passed through [`Foreign`] where it enters.

use std::collections::BTreeMap;

use super::{Discovery, NotSearchedReason, Observation, Snapshot, SourceReport, SourceResult, Status};
use crate::{
    foreign::Foreign,
    snapshot::{AmbiguousScope, Exhausted, Gap},
    statements::StatementSnapshot,
};

impl SourceResult {
    /// Sanitizes all of its text, in place.
    pub fn pass(&mut self, foreign: &Foreign) {
        report(&mut self.report, foreign);
        let observations = self.observations.iter_mut().chain(&mut self.stopped).chain(&mut self.history);
        observations.for_each(|series| observation(series, foreign));
        self.statements.iter_mut().for_each(|snapshot| statements(snapshot, foreign));
        self.gaps.iter_mut().for_each(|missing| gap(missing, foreign));
        self.exhausted.iter_mut().for_each(|limit| exhausted(limit, foreign));
        self.ambiguous.iter_mut().for_each(|scope| ambiguous(scope, foreign));
        self.discovery.iter_mut().for_each(|findings| discovery(findings, foreign));
    }
}

impl Observation {
    /// Sanitizes all of its text, in place.
    pub fn pass(&mut self, foreign: &Foreign) {
        observation(self, foreign);
    }
}

impl Snapshot {
    /// Sanitizes all of its text, in place.
    pub fn pass(&mut self, foreign: &Foreign) {
        foreign.pass_name(&mut self.tool_version);
        self.simulated.iter_mut().for_each(|text| foreign.pass_own(text));
        self.sources.iter_mut().for_each(|source| report(source, foreign));
        let observations = self.observations.iter_mut().chain(&mut self.stopped).chain(&mut self.history);
        observations.for_each(|series| observation(series, foreign));
        self.statements.iter_mut().for_each(|snapshot| statements(snapshot, foreign));
        self.gaps.iter_mut().for_each(|missing| gap(missing, foreign));
        self.exhausted.iter_mut().for_each(|limit| exhausted(limit, foreign));
        self.ambiguous.iter_mut().for_each(|scope| ambiguous(scope, foreign));
        self.discovery.iter_mut().for_each(|findings| discovery(findings, foreign));
    }
}

fn report(report: &mut SourceReport, foreign: &Foreign) {
    foreign.pass_name(&mut report.source);
    report.name.iter_mut().for_each(|name| foreign.pass_name(name));
    foreign.pass_message(&mut report.address);
    if let Status::Failed { detail, .. } = &mut report.status {
        foreign.pass_message(detail);
    }
    messages(report.version.iter_mut().chain(&mut report.notes).chain(&mut report.hint), foreign);
}

fn observation(series: &mut Observation, foreign: &Foreign) {
    if let Some(instance) = &mut series.instance {
        foreign.pass_name(instance);
    }
    names(&mut series.labels, foreign);
    names(&mut series.attributes, foreign);
    foreign.pass_name(&mut series.origin.source);
    foreign.pass_query(&mut series.origin.query);
    messages(series.notes.iter_mut(), foreign);
}

fn statements(look: &mut StatementSnapshot, foreign: &Foreign) {
    foreign.pass_name(&mut look.server);
    messages(look.statements.iter_mut().filter_map(|statement| statement.text.as_mut()), foreign);
}

fn gap(gap: &mut Gap, foreign: &Foreign) {
    foreign.pass_name(&mut gap.source);
    messages([&mut gap.detail].into_iter().chain(&mut gap.hint), foreign);
}

fn exhausted(exhausted: &mut Exhausted, foreign: &Foreign) {
    foreign.pass_name(&mut exhausted.source);
    foreign.pass_message(&mut exhausted.message);
}

fn ambiguous(scope: &mut AmbiguousScope, foreign: &Foreign) {
    foreign.pass_name(&mut scope.label);
    scope.values.iter_mut().for_each(|value| foreign.pass_name(&mut value.value));
}

/// The queries are ours; the names in them come from the server.
fn discovery(discovery: &mut Discovery, foreign: &Foreign) {
    for found in &mut discovery.resources {
        let definition =
            [&mut found.definition.usage, &mut found.definition.limit, &mut found.definition.unit];
        let queries = [&mut found.usage, &mut found.limit].into_iter().chain(definition);
        queries.for_each(|query| foreign.pass_query(query));
        let names = found.metrics.iter_mut().chain(&mut found.instance).chain([&mut found.source]);
        names.for_each(|name| foreign.pass_name(name));
    }
    for load in &mut discovery.loads {
        foreign.pass_name(&mut load.metric);
        foreign.pass_query(&mut load.query);
    }
    for server in &mut discovery.not_searched {
        foreign.pass_name(&mut server.source);
        if let NotSearchedReason::Failed { detail } = &mut server.reason {
            foreign.pass_message(detail);
        }
    }
}

fn messages<'a>(texts: impl Iterator<Item = &'a mut String>, foreign: &Foreign) {
    texts.for_each(|text| foreign.pass_message(text));
}

/// Keys rarely change, so the map is rebuilt only where one does.
fn names(texts: &mut BTreeMap<String, String>, foreign: &Foreign) {
    if texts.keys().any(|key| foreign.name(key) != *key) {
        *texts = std::mem::take(texts).into_iter().map(|(key, value)| (foreign.name(&key), value)).collect();
    }
    for value in texts.values_mut() {
        foreign.pass_name(value);
    }
}
