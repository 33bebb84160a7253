//! Requests that were never sent, because the load generator ran out of something: they say nothing of the system.

use serde_json::Value;

use super::{Note, error::shortened, input::sum_counts};

/// What operating systems say when a program has no sockets, ports, files or buffers left.
const EXHAUSTED: [&str; 8] = [
    "too many open files",
    "emfile",
    "enfile",
    "cannot assign requested address",
    "eaddrnotavail",
    "address not available",
    "no buffer space available",
    "enobufs",
];

/// Whether an error says that the load generator ran out of something, so that the request was never sent.
pub(super) fn is_unsent(error: &str) -> bool {
    let error = error.to_ascii_lowercase();
    EXHAUSTED.iter().any(|words| error.contains(words))
}

/// The requests that were never sent, by a map from errors to counts, and a note about them.
pub(super) fn unsent(counts: &Value) -> (u64, Option<Note>) {
    let requests = sum_counts(counts, is_unsent);
    let mut errors = counts.as_object().into_iter().flatten().map(|(error, _)| error);
    let example = errors.find(|error| is_unsent(error)).filter(|_| requests > 0);
    (requests, example.map(|error| Note::Unsent { requests, example: shortened(error) }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_the_sender_lacks_was_never_sent() {
        for error in [
            "Get \"https://shop.example\": dial tcp 0.0.0.0:0->192.0.2.1:443: socket: too many open files",
            "Non HTTP response message: Cannot assign requested address (connect failed)",
            "errors.EADDRNOTAVAIL",
            "Too many open files (os error 24)",
        ] {
            assert!(is_unsent(error), "{error}");
        }
        for error in ["dial tcp 192.0.2.1:443: connect: connection refused", "EOF", "ECONNRESET", ""] {
            assert!(!is_unsent(error), "{error}");
        }
        let (requests, note) = unsent(&json!({ "EMFILE": 3, "ENOBUFS": 2, "ECONNRESET": 7 }));
        assert_eq!((requests, note), (5, Some(Note::Unsent { requests: 5, example: "EMFILE".to_owned() })));
        assert_eq!(unsent(&json!({ "ECONNRESET": 7 })), (0, None));
    }
}
