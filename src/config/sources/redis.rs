//! `[sources.redis]`.

use secrecy::SecretString;

use super::tls::{self, Tls};
use crate::{
    config::text::{Environment, secret},
    diagnostic::{Node, Reader},
};

/// A Redis server.
#[derive(Debug)]
pub struct Redis {
    /// Its address.
    pub url: Option<SecretString>,
    /// The prefix of the keys of BullMQ's and Bull's queues.
    pub prefix: Option<String>,
    /// The queues to read; found by a bounded scan when absent.
    pub queues: Option<Vec<String>>,
    /// Certificates.
    pub tls: Tls,
}

pub(super) fn read(reader: &Reader<'_>, environment: &Environment<'_>) -> Redis {
    Redis {
        url: reader.get("url", |node| secret(node, environment)),
        prefix: reader.get("prefix", Node::string),
        queues: reader.optional("queues").map(|_| reader.list("queues", Node::string)),
        tls: tls::read(reader, environment),
    }
}
