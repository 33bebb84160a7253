//! Names of databases and roles. They are the whole server's while each database has an encoding of its own, so that
//! their bytes may be no text where we read them; one such name would cost the whole answer.

use std::ops::Deref;

use serde::{Deserialize, Deserializer};

/// The SQL of a name with every byte beyond ASCII as `\ooo`, and a backslash twice.
macro_rules! escaped {
    ($name:literal) => {
        concat!("encode(decode(replace(", $name, "::text, chr(92), repeat(chr(92), 2)), 'escape'), 'escape')")
    };
}
pub(super) use escaped;

/// A name that came escaped, as text; bytes that are none become `�`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name(String);

impl Deref for Name {
    type Target = String;

    fn deref(&self) -> &String {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(unescaped(&String::deserialize(deserializer)?)))
    }
}

fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let octal = after.first_chunk::<3>().copied().filter(|_| byte == b'\\').and_then(octal);
        let (found, skipped) = match (byte, octal, after.first()) {
            (_, Some(found), _) => (found, 3),
            (b'\\', None, Some(b'\\')) => (b'\\', 1),
            _ => (byte, 0),
        };
        bytes.push(found);
        rest = &after[skipped..];
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn octal(digits: [u8; 3]) -> Option<u8> {
    let text = std::str::from_utf8(&digits).ok()?;
    u8::from_str_radix(text, 8).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_encoding_are_read() {
        for (escaped, name) in [
            ("shop", "shop"),
            (r"caf\303\251", "café"),
            (r"caf\351", "caf\u{fffd}"),
            (r"a\\b", r"a\b"),
            (r"a\\303", r"a\303"),
            (r"end\\", r"end\"),
        ] {
            assert_eq!(unescaped(escaped), name, "{escaped}");
        }
    }
}
