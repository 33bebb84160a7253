//! Whether to keep the architecture, migrate step by step, or replace it.

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Band, Condition, Statement,
    statement::STATEMENT,
    values::{IDENTIFIER, check_unique},
};
use crate::diagnostic::{Reader, Spans, toml_table};

toml_table! {
    /// How the document decides about the architecture.
    #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
    pub struct Architecture {
        /// The users it can serve with improvements that leave the architecture as it is.
        pub carries: Option<Band>,
        /// The users below which it need not change.
        pub change_from_users: Option<u64>,
        /// Reasons to keep it.
        pub stay_if: Vec<Statement> as STATEMENT,
        /// Reasons to evaluate alternatives.
        pub evaluate_if: Vec<Statement> as STATEMENT,
        /// The possible outcomes.
        pub outcomes: Outcomes,
        /// The criteria of the decision.
        pub criteria: Vec<Criterion>,
        /// The places of its values in the file.
        #[serde(skip)]
        pub spans: Spans as flatten,
    }
}

toml_table! {
    /// When to choose what, in the document's terms.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
    pub struct Outcomes {
        /// Keep it: every criterion is met.
        pub stay: String,
        /// Migrate service by service: there is a gap, but a tolerable one.
        pub gradual: String,
        /// Migrate everything: several criteria fail.
        pub full: String,
    }
}

toml_table! {
    /// One criterion of the decision.
    #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
    pub struct Criterion {
        /// Its name.
        pub id: String as IDENTIFIER,
        /// What it asks.
        pub title: String,
        /// When the current architecture meets it.
        pub when_met: Option<Condition>,
        /// The places of its values in the file.
        #[serde(skip)]
        pub spans: Spans as flatten,
    }
    check_list = check_criteria;
}

fn check_criteria(criteria: &[Option<Criterion>], reader: &Reader<'_>, key: &'static str) {
    check_unique(reader, key, criteria.iter().flatten().map(|criterion| (&criterion.id, &criterion.spans)));
}
