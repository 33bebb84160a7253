//! `[[notify]]`: who is told when the state of the system changes.

use std::{collections::BTreeSet, path::PathBuf};

use secrecy::SecretString;
use serde_json::{Value, json};

use super::{EXPANDED, Http};
use crate::diagnostic::{Diagnostic, Kind, Node, Reader, schema, toml_table, toml_words};

toml_table! {
    /// A webhook that is told when the state of the system changes.
    #[derive(Debug, Clone)]
    pub struct Notify {
        /// Its name, for `--notify NAME`.
        pub name: String as TARGET,
        /// Its address, which is a secret: better "${VARIABLE}", or `url_file`.
        pub url: Option<SecretString>,
        /// A file with its address.
        pub url_file: Option<PathBuf>,
        /// The form of messages; by the address when left out, and JSON where that does not say it.
        pub format: Option<WebhookFormat>,
        /// What messages call the system; the title of the roadmap when left out.
        pub system: Option<String> as EXPANDED,
        /// How to authenticate.
        pub http: Http as flatten,
    }
    check = check_address;
    check_list = check_names;
    restrict = one_address;
}

/// The form of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookFormat {
    /// Slack, and what takes its messages: Mattermost, Rocket.Chat, Discord.
    Slack,
    /// Workflows of Microsoft Teams: an adaptive card.
    Teams,
    /// For programs.
    Json,
}

impl WebhookFormat {
    /// All of them with their names in files.
    pub const NAMES: [(&'static str, Self); 3] =
        [("slack", Self::Slack), ("teams", Self::Teams), ("json", Self::Json)];
}

toml_words!(WebhookFormat);

/// The name that means all of them.
pub const ALL_TARGETS: &str = "all";

/// A name for `--notify`, which takes addresses as well.
const TARGET: Kind<String> = Kind {
    read: |node| {
        let name = node.string()?;
        if name.trim().is_empty() || name.contains("://") || name == ALL_TARGETS {
            return node.fail("config/notify", "expected a name; `all` means all of them");
        }
        Some(name)
    },
    schema: || {
        let name = json!({ "not": { "pattern": "^(all|\\s*)$|://" } });
        schema::with(json!({ "type": "string" }), "allOf", json!([name]))
    },
};

fn check_address(notify: &mut Notify, reader: &Reader<'_>) {
    let message = match (&notify.url, &notify.url_file) {
        (Some(_), None) | (None, Some(_)) => return,
        (None, None) => "it has no address",
        (Some(_), Some(_)) => "`url` and `url_file` exclude each other",
    };
    reader
        .report(Diagnostic::error("config/notify", reader.span(), message).help(
            "give it a `url` such as \"${SLACK_WEBHOOK_URL}\", or a `url_file` that holds the address",
        ));
}

fn check_names(targets: &[Option<Notify>], reader: &Reader<'_>, key: &'static str) {
    let nodes = reader.optional(key).and_then(Node::items).unwrap_or_default();
    let mut names = BTreeSet::new();
    for (target, node) in targets.iter().zip(nodes) {
        if target.as_ref().is_some_and(|target| !names.insert(&target.name)) {
            let message = "another of these has the same name";
            reader.report(Diagnostic::error("config/notify", node.span(), message));
        }
    }
}

/// Exactly one address, and at most one way to authenticate.
fn one_address(schema: Value) -> Value {
    let only = |key: &str| json!({ "required": [key] });
    let schema = super::sources::one_sign_in(schema);
    schema::with(schema, "oneOf", json!([only("url"), only("url_file")]))
}
