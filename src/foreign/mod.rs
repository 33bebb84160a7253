//! Text that somebody else wrote: servers, files, labels.
//!
//! All of it passes through one [`Foreign`] at the edge, before it can reach an error, a gap, a note or a page: what
//! a source gave in `source::collect`, what a snapshot or a history holds where it is read, the words of a server
//! that keeps a history or takes remote write where they become an error.

#![deny(clippy::disallowed_methods)]

mod secrets;
mod text;

use std::borrow::Cow;

pub use secrets::{Secrets, base64_padded, base64_url};
pub use text::{armed, disarmed, escape_harmful, excerpt, is_safe, safe, without_commands};

/// Characters of a message that are kept.
const MESSAGE: usize = 1_000;
/// Characters of a name that are kept: Kubernetes allows 253 for those of its objects.
const NAME: usize = 300;
/// How many characters after those that are kept are searched for the end of a secret.
const FARTHER: usize = 4_000;
/// Characters of a query that are kept.
const QUERY: usize = 4_000;

/// Sanitizes untrusted text: one line, a bounded number of characters, control characters and invisible ones visible,
/// and none of the secrets that this run knows.
#[derive(Debug, Clone, Default)]
pub struct Foreign {
    secrets: Secrets,
}

impl Foreign {
    /// For text of somebody who may have learned these secrets.
    pub fn new(secrets: Secrets) -> Self {
        Self { secrets }
    }

    /// Text from elsewhere: an error, a note, a version.
    pub fn message(&self, text: &str) -> String {
        self.passed(text, MESSAGE, Cut::Message).unwrap_or_else(|| text.to_owned())
    }

    /// What something is called. Long names that differ stay different.
    pub fn name(&self, text: &str) -> String {
        self.passed(text, NAME, Cut::Name).unwrap_or_else(|| text.to_owned())
    }

    /// [`Self::message`] in place.
    pub fn pass_message(&self, text: &mut String) {
        self.pass(text, MESSAGE, Cut::Message);
    }

    /// [`Self::name`] in place.
    pub fn pass_name(&self, text: &mut String) {
        self.pass(text, NAME, Cut::Name);
    }

    /// A query in place: its lines become one.
    pub fn pass_query(&self, text: &mut String) {
        if text.contains(['\n', '\r', '\t']) {
            *text = text.replace(['\n', '\r', '\t'], " ");
        }
        self.pass(text, QUERY, Cut::Message);
    }

    /// A text of the user's own, in place: no secrets of servers are in it, and it is only kept from being endless.
    pub fn pass_own(&self, text: &mut String) {
        if text.chars().nth(MESSAGE).is_some() {
            *text = text.chars().take(MESSAGE - 1).chain(['…']).collect();
        }
    }

    fn pass(&self, text: &mut String, longest: usize, cut: Cut) {
        if let Some(passed) = self.passed(text, longest, cut) {
            *text = passed;
        }
    }

    /// `None` where nothing has to be changed.
    fn passed(&self, text: &str, longest: usize, cut: Cut) -> Option<String> {
        // Secrets first: one that is cut in two is not found any more. What lies far behind the end is not looked at.
        let enough = text.char_indices().nth(2 * longest + FARTHER).map_or(text, |(end, _)| &text[..end]);
        let scrubbed = self.secrets.scrubbed(enough);
        let is_long =
            enough.len() < text.len() || scrubbed.len() > longest && scrubbed.chars().nth(longest).is_some();
        if !is_long && is_safe(&scrubbed) {
            return match scrubbed {
                Cow::Borrowed(_) => None,
                Cow::Owned(scrubbed) => Some(scrubbed),
            };
        }
        let tamed = safe(&scrubbed);
        if !is_long {
            return Some(tamed);
        }
        // With its end it is as long as it may be, so that passing again changes nothing.
        let end = match cut {
            Cut::Message => "…".to_owned(),
            Cut::Name => format!("…{:08x}", fingerprint(&self.secrets.scrubbed(text))),
        };
        Some(tamed.chars().take(longest - end.chars().count()).chain(end.chars()).collect())
    }
}

/// How a text ends that was too long.
#[derive(Debug, Clone, Copy)]
enum Cut {
    /// With three dots.
    Message,
    /// With a number that tells it from other names with the same beginning.
    Name,
}

/// The lower half of the 64-bit FNV-1a hash, which never changes: it becomes a part of names that histories keep.
fn fingerprint(text: &str) -> u32 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, step);
    u32::try_from(hash & 0xffff_ffff).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_one_bounded_line() {
        let foreign = Foreign::default();
        assert_eq!(foreign.message("a\n::error::b\u{202e}"), "a�::error::b�");
        assert_eq!(foreign.message(&"é".repeat(200_000)).chars().count(), MESSAGE);
        let mut query = "sum(\n\tup\n)".to_owned();
        foreign.pass_query(&mut query);
        assert_eq!(query, "sum(  up )");
    }

    #[test]
    fn long_names_that_differ_stay_different_and_are_the_same_again() {
        let foreign = Foreign::default();
        let [a, b] = ["a", "b"].map(|end| foreign.name(&format!("{}{end}", "x".repeat(200_000))));
        assert_ne!(a, b);
        assert_eq!(a.chars().count(), NAME);
        assert_eq!(foreign.name(&a), a);
    }

    #[test]
    fn a_secret_at_the_cut_is_gone_as_a_whole() {
        let mut secrets = Secrets::default();
        secrets.add(&"correct-horse-battery".into());
        let foreign = Foreign::new(secrets);
        let told = foreign.message(&format!("{}correct-horse-battery", "x".repeat(MESSAGE - 10)));
        assert!(!told.contains("correct"), "{told}");
    }
}
