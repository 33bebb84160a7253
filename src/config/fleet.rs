//! `[fleet]`: the services behind one metrics server, and what differs between them.

use super::{EXPANDED, Facts, scope::MATCHERS};
use crate::{
    diagnostic::toml_table,
    roadmap::{LABEL, LABELS},
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
        /// Services that differ from the others.
        pub service: Vec<FleetService>,
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
