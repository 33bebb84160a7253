//! Why the server gave no answer, and what to do about it, by the first word of its refusal.

use redis::{ErrorKind, RedisError};

use crate::{
    foreign::excerpt,
    snapshot::{Reason, Unavailable},
};

/// The statement that creates an account with the rights needed here and no others.
///
/// The patterns are of BullMQ (`bull` is its prefix), RQ, Sidekiq and Celery; a queue of Celery that is not
/// called `celery` needs one more, such as `~mail*`.
pub const ACL: &str = "ACL SETUSER advisor on >PASSWORD resetkeys ~bull:* ~rq:* ~queue:* ~queues ~retry ~schedule \
                       ~dead ~stat:processed ~_kombu.binding.* ~unacked ~unacked_index ~celery* -@all +info \
                       +config|get +select +scan +sscan +exists +llen +lrange +zcard +zrange +zrangebyscore +hlen \
                       +hstrlen +hmget";

/// Characters of a server's own message that are kept.
const MAX_MESSAGE: usize = 300;

/// A failure with advice.
pub(super) fn failed(reason: Reason, detail: impl Into<String>, hint: &str) -> Unavailable {
    Unavailable::new(reason, detail).hint(hint)
}

/// The meaning of a server's error line. Servers of the family agree on its first word only.
pub(super) fn from_message(message: &str) -> Unavailable {
    let message = excerpt(message, MAX_MESSAGE);
    let word = message.split(' ').next().unwrap_or_default();
    if message.contains("max number of clients") {
        let hint = "raise maxclients, or close idle connections; CLIENT LIST on the server shows them";
        return failed(Reason::Full, message, hint);
    }
    let permission = format!("as an administrator: {ACL}");
    let (reason, hint) = match word {
        "NOAUTH" => (Reason::SignInRefused, "give the account's password in the URL"),
        "WRONGPASS" => (Reason::SignInRefused, "correct the user name or the password in the URL"),
        "DENIED" => (
            Reason::SignInRefused,
            "the server is in protected mode: give it a password, or run this program on the same host",
        ),
        "NOPERM" => (Reason::NotPermitted, permission.as_str()),
        "LOADING" => (Reason::QueryFailed, "it is loading its data after a start: try again later"),
        "MASTERDOWN" => (Reason::QueryFailed, "this replica lost its primary: read the primary instead"),
        "BUSY" => {
            (Reason::QueryFailed, "a script blocks the server: wait for it, or end it with SCRIPT KILL")
        }
        "CLUSTERDOWN" => (Reason::QueryFailed, "the cluster is incomplete: see CLUSTER INFO on this node"),
        "MOVED" | "ASK" => {
            (Reason::QueryFailed, "the key lives on another node of the cluster: give that node's address")
        }
        _ => return Unavailable::new(Reason::QueryFailed, format!("the server answered: {message}")),
    };
    failed(reason, format!("the server answered: {message}"), hint)
}

/// The meaning of an error of the client library, in the reply to `command`.
pub(super) fn from_client(error: &RedisError, command: &str) -> Unavailable {
    if let Some(word) = error.code() {
        return from_message(format!("{word} {}", error.detail().unwrap_or_default()).trim_end());
    }
    match error.kind() {
        ErrorKind::Io => connection_lost(&format!("while answering {command}: {error}")),
        _ => unexpected_reply(&format!("unexpected reply to {command}")),
    }
}

/// The connection broke.
pub(super) fn connection_lost(detail: &str) -> Unavailable {
    failed(
        Reason::Unreachable,
        format!("the connection was lost {detail}"),
        "see the server's log; a server that stops or restarts closes its connections",
    )
}

/// The server does not answer as Redis does.
pub(super) fn unexpected_reply(detail: &str) -> Unavailable {
    failed(
        Reason::UnexpectedReply,
        detail,
        "check host, port and scheme: redis:// for plain, rediss:// for TLS",
    )
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
            assert_eq!(from_message(words).reason, reason, "{words}");
        }
    }

    #[test]
    fn long_messages_are_cut() {
        assert!(from_message(&"x".repeat(100_000)).detail.len() < 400);
    }
}
