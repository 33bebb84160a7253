//! Why the server gave no answer, and what to do about it, by the first word of its refusal.

use redis::{ErrorKind, RedisError};

use crate::snapshot::Reason;

/// The statement that creates an account with the rights needed here and no others.
///
/// The patterns are of BullMQ (`bull` is its prefix), RQ, Sidekiq and Celery; a queue of Celery that is not
/// called `celery` needs one more, such as `~mail*`.
pub const ACL: &str = "ACL SETUSER advisor on >PASSWORD resetkeys ~bull:* ~rq:* ~queue:* ~queues ~retry ~schedule \
                       ~dead ~stat:processed ~_kombu.binding.* ~unacked ~unacked_index ~celery* -@all +info \
                       +config|get +select +scan +sscan +exists +llen +lrange +zcard +zrange +zrangebyscore +hlen \
                       +hstrlen +hmget";

/// The longest part of a server's own words that is kept.
const MAX_WORDS: usize = 300;

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    /// The kind.
    pub reason: Reason,
    /// What happened; for [`Reason::Full`] the server's own words.
    pub detail: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Failure {
    /// A failure with a hint.
    pub(super) fn new(reason: Reason, detail: impl Into<String>, hint: &str) -> Self {
        Self { reason, detail: detail.into(), hint: Some(hint.to_owned()) }
    }

    /// What a server's error line means. Servers of the family agree on its first word only.
    pub(super) fn from_words(words: &str) -> Self {
        let words: String = words.chars().take(MAX_WORDS).collect();
        let word = words.split(' ').next().unwrap_or_default();
        let told = || format!("the server answered: {words}");
        match word {
            "NOAUTH" => Self::new(Reason::SignInRefused, told(), "give the account's password in the URL"),
            "WRONGPASS" => {
                Self::new(Reason::SignInRefused, told(), "correct the user name or the password in the URL")
            }
            "DENIED" => Self::new(
                Reason::SignInRefused,
                told(),
                "the server is in protected mode: give it a password, or run this program on the same host",
            ),
            "NOPERM" => Self::new(Reason::NotPermitted, told(), &format!("as an administrator: {ACL}")),
            "LOADING" => Self::new(
                Reason::QueryFailed,
                told(),
                "it is loading its data after a start: try again later",
            ),
            "MASTERDOWN" => Self::new(
                Reason::QueryFailed,
                told(),
                "this replica lost its primary: read the primary instead",
            ),
            "BUSY" => Self::new(
                Reason::QueryFailed,
                told(),
                "a script blocks the server: wait for it, or end it with SCRIPT KILL",
            ),
            "CLUSTERDOWN" => Self::new(
                Reason::QueryFailed,
                told(),
                "the cluster is not whole: see CLUSTER INFO on this node",
            ),
            "MOVED" | "ASK" => Self::new(
                Reason::QueryFailed,
                told(),
                "the key lives on another node of the cluster: give that node's address",
            ),
            _ if words.contains("max number of clients") => Self {
                reason: Reason::Full,
                detail: words,
                hint: Some(
                    "raise maxclients, or close idle connections; CLIENT LIST on the server shows them"
                        .into(),
                ),
            },
            _ => Self { reason: Reason::QueryFailed, detail: told(), hint: None },
        }
    }

    /// What an error of the client library means for `command`.
    pub(super) fn from_error(error: &RedisError, command: &str) -> Self {
        if let Some(word) = error.code() {
            return Self::from_words(format!("{word} {}", error.detail().unwrap_or_default()).trim_end());
        }
        match error.kind() {
            ErrorKind::Io => Self::lost(&format!("while answering {command}: {error}")),
            _ => Self::foreign(&format!("the answer to {command} has another form than Redis gives")),
        }
    }

    /// The connection broke.
    pub(super) fn lost(detail: &str) -> Self {
        Self::new(
            Reason::Unreachable,
            format!("the connection was lost {detail}"),
            "see the server's log; a server that stops or restarts closes its connections",
        )
    }

    /// Whoever answered does not speak as Redis does.
    pub(super) fn foreign(detail: &str) -> Self {
        Self::new(
            Reason::ForeignAnswer,
            detail,
            "check host, port and scheme: redis:// for plain, rediss:// for TLS",
        )
    }

    /// The same failure with a better hint, if it is of this kind.
    pub(super) fn hint_for(mut self, reason: Reason, hint: &str) -> Self {
        if self.reason == reason {
            self.hint = Some(hint.to_owned());
        }
        self
    }

    /// The same failure, told of a part of the reading.
    pub(super) fn about(mut self, what: &str) -> Self {
        self.detail = format!("{what}: {}", self.detail);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_decides() {
        let cases = [
            ("NOAUTH Authentication required.", Reason::SignInRefused),
            ("WRONGPASS invalid username-password pair or user is disabled.", Reason::SignInRefused),
            ("NOPERM User mon has no permissions to run the 'info' command", Reason::NotPermitted),
            ("LOADING Valkey is loading the dataset in memory", Reason::QueryFailed),
            ("ERR max number of clients reached", Reason::Full),
            ("ERR unknown command 'INFO'", Reason::QueryFailed),
            ("DENIED Redis is running in protected mode", Reason::SignInRefused),
        ];
        for (words, reason) in cases {
            assert_eq!(Failure::from_words(words).reason, reason, "{words}");
        }
    }

    #[test]
    fn long_words_are_cut() {
        assert!(Failure::from_words(&"x".repeat(100_000)).detail.len() < 400);
    }
}
