//! What is set for every source behind HTTP.

use std::path::PathBuf;

use secrecy::SecretString;

use super::tls::{self, Tls, path};
use crate::{
    config::text::{Environment, expanded, secret},
    diagnostic::{Diagnostic, Node, Reader},
};

/// An HTTP address, and how to get in.
#[derive(Debug)]
pub struct Http {
    /// The address.
    pub url: Option<String>,
    /// Additional headers, such as a tenant.
    pub headers: Vec<(String, SecretString)>,
    /// A token for `Authorization: Bearer`.
    pub bearer_token: Option<SecretString>,
    /// A file with that token, read again when it expires.
    pub token_file: Option<PathBuf>,
    /// The account for basic authentication.
    pub username: Option<String>,
    /// Its password.
    pub password: Option<SecretString>,
    /// Certificates.
    pub tls: Tls,
}

pub(super) fn read(reader: &Reader<'_>, environment: &Environment<'_>) -> Http {
    let headers = reader.get("headers", |node| {
        let entries = node.table()?.entries();
        Some(
            entries
                .into_iter()
                .filter_map(|(name, _, node)| Some((name, secret(node, environment)?)))
                .collect(),
        )
    });
    one_sign_in(reader);
    Http {
        url: reader.get("url", |node| expanded(node, environment)),
        headers: headers.unwrap_or_default(),
        bearer_token: reader.get("bearer_token", |node| secret(node, environment)),
        token_file: path(reader, "token_file", environment),
        username: reader.get("username", |node| expanded(node, environment)),
        password: reader.get("password", |node| secret(node, environment)),
        tls: tls::read(reader, environment),
    }
}

/// Two ways to sign in would leave it open which one is used.
fn one_sign_in(reader: &Reader<'_>) {
    let ways = ["bearer_token", "token_file", "username"];
    let present: Vec<(&str, Node<'_>)> =
        ways.into_iter().filter_map(|way| Some((way, reader.optional(way)?))).collect();
    if let [(first, first_at), (second, second_at), ..] = present.as_slice() {
        let message = format!("`{first}` and `{second}` exclude each other");
        reader.report(
            Diagnostic::error("config/two-sign-ins", second_at.span(), message)
                .also(first_at.span(), "the other one")
                .help("keep the one that the server expects"),
        );
    }
}
