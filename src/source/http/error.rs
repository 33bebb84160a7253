//! Why a request has no answer.

use std::error::Error;

use crate::{
    foreign,
    snapshot::{Reason, Unavailable},
};

/// Characters of a server's own message that are passed on.
const MAX_EXCERPT: usize = 400;

/// The connection could not be made, or broke.
pub(in crate::source) fn transport_error(error: reqwest::Error) -> Unavailable {
    let connecting = error.is_connect();
    let cause = root_cause(&error.without_url());
    if !connecting {
        return Unavailable::new(Reason::Unreachable, format!("the connection broke: {cause}"));
    }
    let failure = Unavailable::new(Reason::Unreachable, format!("no connection: {cause}"));
    if cause.contains("certificate") {
        return failure.hint("set `ca_file` to the CA that signed the server's certificate");
    }
    failure.hint("check the URL, and that the server is running and reachable")
}

/// The innermost cause, which is the one that names what is wrong.
fn root_cause(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// A server's message on one line, cut where it gets long.
pub(in crate::source) fn excerpt(text: &str) -> String {
    foreign::excerpt(text, MAX_EXCERPT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(excerpt("a\n  b"), "a b");
        assert_eq!(excerpt(&"é".repeat(500)).chars().count(), MAX_EXCERPT + 1);
    }
}
