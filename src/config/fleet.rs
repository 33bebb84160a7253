//! `[fleet]`: the services behind one metrics server, and what differs between them.

use chrono::NaiveDate;

use super::{EXPANDED, Facts, scope::MATCHERS};
use crate::{
    diagnostic::{Diagnostic, Reader, toml_table},
    roadmap::{DAY, LABEL, LABELS, Severity, Silence, WORDS},
    signal::LabelMatcher,
};

toml_table! {
    /// Many services behind one metrics server.
    #[derive(Debug, Default)]
    pub struct Fleet {
        /// The labels that name a service, such as `["namespace", "service"]`.
        pub by: Vec<String> as LABELS = Vec::new(),
        /// Required label values of all services: "prod", "=~shop-.*", "!=dev".
        pub r#match: Vec<LabelMatcher> as MATCHERS = Vec::new(),
        /// Label values of services that are left out: "kube-system", "=~test-.*".
        pub exclude: Vec<LabelMatcher> as MATCHERS = Vec::new(),
        /// The label that says who owns a service.
        pub owner_label: Option<String> as LABEL,
        /// The label that names a service's roadmap: the id of a built-in one.
        pub profile_label: Option<String> as LABEL,
        /// How many samples the server may read per run, as counted by its own statistics.
        pub max_samples: Option<u64>,
        /// Services that differ from the others.
        pub service: Vec<FleetService>,
        /// Known findings of some services, which fail no run until a given day.
        pub silences: Vec<FleetSilence>,
    }
}

toml_table! {
    /// Services that differ from the others.
    #[derive(Debug, Clone)]
    pub struct FleetService {
        /// The services that are meant, by the labels that name them: "checkout", "=~api-.*", "!=web".
        pub r#match: Vec<LabelMatcher> as MATCHERS = Vec::new(),
        /// Their roadmap: the id of a built-in one, or a path to one.
        pub profile: Option<String> as EXPANDED,
        /// Who owns them.
        pub owner: Option<String> as EXPANDED,
        /// Facts that hold for them, beside or in place of those of all.
        pub facts: Facts = Facts::default(),
    }
}

toml_table! {
    /// What is known of some services until a day: it is shown, and fails no run.
    #[derive(Debug, Clone)]
    pub struct FleetSilence {
        /// The services that are meant, by the labels that name them: "checkout", "=~api-.*", "!=web".
        pub r#match: Vec<LabelMatcher> as MATCHERS = Vec::new(),
        /// A finding such as alert:queue-depth-critical, or a signal or resource; everything when left out.
        pub finding: Option<String> as WORDS,
        /// The instance; all of them when left out.
        pub instance: Option<String> as WORDS,
        /// The highest severity that is silenced; anything worse counts again. Everything when left out.
        pub up_to: Option<Severity>,
        /// The last day, in UTC.
        pub until: NaiveDate as DAY,
        /// Why nothing is done about it until then.
        pub reason: String as WORDS,
    }
    check = names_services;
}

impl FleetSilence {
    /// The silence of a service that it holds for.
    pub fn silence(&self) -> Silence {
        let Self { finding, instance, up_to, until, reason, .. } = self.clone();
        Silence { finding, instance, up_to, until, reason }
    }
}

/// A silence of every service is one of `[[silences]]`.
fn names_services(silence: &mut FleetSilence, reader: &Reader<'_>) {
    if silence.r#match.is_empty() {
        let message = "`match` selects no service; silences for all services belong under [[silences]]";
        reader.report(Diagnostic::error("config/silence", reader.span(), message));
    }
}
