//! Failures that the machine of the load generator causes, and not the system under test.

use super::{Note, error::shortened};

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

/// A note if one of the errors says that the load generator ran out of something.
pub(super) fn exhausted<'a>(errors: impl IntoIterator<Item = &'a str>) -> Option<Note> {
    let is_exhausted = |error: &&str| {
        let error = error.to_ascii_lowercase();
        EXHAUSTED.iter().any(|words| error.contains(words))
    };
    errors.into_iter().find(is_exhausted).map(|error| Note::SenderExhausted { example: shortened(error) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_sender_lacks_is_noted() {
        for error in [
            "Get \"https://shop.example\": dial tcp 0.0.0.0:0->192.0.2.1:443: socket: too many open files",
            "Non HTTP response message: Cannot assign requested address (connect failed)",
            "errors.EADDRNOTAVAIL",
            "Too many open files (os error 24)",
        ] {
            let noted = exhausted(["connection refused", error]);
            assert_eq!(noted, Some(Note::SenderExhausted { example: shortened(error) }));
        }
        assert_eq!(
            exhausted(["dial tcp 192.0.2.1:443: connect: connection refused", "EOF", "ECONNRESET"]),
            None
        );
    }
}
