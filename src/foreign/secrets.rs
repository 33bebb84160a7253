//! The secrets of a run, found in whatever form a server may repeat them.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
    fmt::{self, Write},
};

use secrecy::{ExposeSecret, SecretString};

/// What replaces a secret.
const SCRUBBED: &str = "[secret]";
/// Shorter ones are not looked for: they occur in every text, and protect nothing.
const SHORTEST: usize = 4;
/// A part of a secret is looked for as well, because servers cut what they repeat: half of it, but never less than this
/// many bytes, which is also the length of the pieces by which parts are found.
const SHORTEST_PART: usize = 8;
/// How many bytes of the longest one are enough.
const LONGEST_PART: usize = 24;

/// Headers whose values are settings, and often names of things that are shown.
const HARMLESS_HEADERS: [&str; 8] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "content-type",
    "host",
    "user-agent",
    "x-scope-orgid",
    "thanos-tenant",
];

/// The secrets that a run knows. What goes to whom is not told apart: a server may have another one's from its log.
#[derive(Clone, Default)]
pub struct Secrets {
    /// Every form of each.
    forms: Vec<String>,
    /// Where each piece is in them; forms that are shorter than a piece are pieces.
    pieces: HashMap<Vec<u8>, Vec<(usize, usize)>>,
    /// How long pieces are.
    lengths: BTreeSet<usize>,
    /// What is shown anyway: a password that is the name of its own user or database is no secret.
    shown: BTreeSet<String>,
}

/// Never their values.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").finish_non_exhaustive()
    }
}

impl Secrets {
    /// Adds a password or a token.
    pub fn add(&mut self, secret: &SecretString) {
        self.add_text(secret.expose_secret());
    }

    /// Adds a user's sign-in as HTTP sends it.
    pub fn add_sign_in(&mut self, user: &str, password: &SecretString) {
        self.show(user);
        self.add(password);
        self.add_form(base64(format!("{user}:{}", password.expose_secret()).as_bytes(), STANDARD));
    }

    /// Adds the value of a header, and each of its parts: a server may repeat only what follows `Bearer`.
    pub fn add_header(&mut self, name: &str, value: &SecretString) {
        if HARMLESS_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
            return;
        }
        let value = value.expose_secret();
        self.add_text(value);
        let parts = value
            .split([' ', ',', ';', '"'])
            .flat_map(|part| [Some(part), part.split_once('=').map(|(_, value)| value)]);
        for part in parts.flatten().filter(|part| part.len() >= SHORTEST_PART) {
            self.add_text(part);
        }
    }

    /// Says that a name is shown anyway.
    pub fn show(&mut self, name: &str) {
        self.shown.insert(name.to_owned());
    }

    /// Adds those of another set.
    pub fn extend(&mut self, other: Self) {
        self.shown.extend(other.shown);
        for form in other.forms {
            self.add_form(form);
        }
    }

    /// The text without them; the text itself where it holds none.
    pub fn scrubbed<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.forms.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut out = String::new();
        let mut copied = 0;
        let mut place = 0;
        while place < text.len() {
            let Some(length) = self.length_at(text, place) else {
                place += text[place..].chars().next().map_or(1, char::len_utf8);
                continue;
            };
            out.push_str(&text[copied..place]);
            out.push_str(SCRUBBED);
            place += length;
            copied = place;
        }
        if copied == 0 {
            return Cow::Borrowed(text);
        }
        out.push_str(&text[copied..]);
        Cow::Owned(out)
    }

    /// How many bytes at a place are a secret: a whole one, or a part that is too long for a word of its own.
    fn length_at(&self, text: &str, place: usize) -> Option<usize> {
        let rest = &text.as_bytes()[place..];
        let at = |piece: &[u8]| self.pieces.get(piece).into_iter().flatten();
        let pieces = self.lengths.iter().filter_map(|length| rest.get(..*length)).flat_map(at);
        let same = pieces.filter_map(|(form, offset)| {
            let form = self.forms.get(*form).filter(|form| !self.shown.contains(*form))?.as_bytes();
            let length = form[*offset..].iter().zip(rest).take_while(|(a, b)| a == b).count();
            let enough = (form.len() / 2).clamp(SHORTEST_PART, LONGEST_PART).min(form.len());
            (length >= enough).then_some(length)
        });
        let longest = same.max()?;
        (0..=longest).rev().find(|length| text.is_char_boundary(place + length)).filter(|length| *length > 0)
    }

    fn add_text(&mut self, secret: &str) {
        let secret = secret.trim();
        if secret.len() < SHORTEST {
            return;
        }
        self.add_form(secret.to_owned());
        for form in escaped(secret) {
            self.add_form(form);
        }
        for alphabet in [STANDARD, URL_SAFE] {
            for skipped in 0..3 {
                let form = base64_within(secret.as_bytes(), skipped, alphabet);
                if form.len() >= SHORTEST_PART {
                    self.add_form(form);
                }
            }
        }
    }

    fn add_form(&mut self, form: String) {
        if form.len() < SHORTEST || self.forms.contains(&form) {
            return;
        }
        let number = self.forms.len();
        let length = SHORTEST_PART.min(form.len());
        self.lengths.insert(length);
        for (offset, piece) in form.as_bytes().windows(length).enumerate() {
            self.pieces.entry(piece.to_vec()).or_default().push((number, offset));
        }
        self.forms.push(form);
    }
}

/// A secret as addresses, forms, JSON, HTML, SQL and logs write it.
fn escaped(secret: &str) -> Vec<String> {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let plain_in_account = |byte: u8| unreserved(byte) || b"!$&'()*+,;=".contains(&byte);
    let spaced = |byte: u8| unreserved(byte) || byte == b' ';
    let html = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let json = serde_json::to_string(secret).unwrap_or_default();
    vec![
        percent(secret, unreserved, false),
        percent(secret, unreserved, true),
        percent(secret, plain_in_account, false),
        percent(secret, plain_in_account, true),
        percent(secret, spaced, false).replace(' ', "+"),
        html.replace('"', "&quot;").replace('\'', "&#39;"),
        html.replace('"', "&#34;").replace('\'', "&#x27;"),
        json.trim_matches('"').to_owned(),
        secret.replace('\\', "\\\\").replace('\'', "\\'"),
        secret.replace('\'', "''"),
        secret.bytes().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}"); // writing to a string cannot fail
            hex
        }),
    ]
}

fn percent(text: &str, plain: impl Fn(u8) -> bool, lower: bool) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        // Writing to a string cannot fail.
        let _ = match (plain(byte), lower) {
            (true, _) => write!(out, "{}", char::from(byte)),
            (false, true) => write!(out, "%{byte:02x}"),
            (false, false) => write!(out, "%{byte:02X}"),
        };
        out
    })
}

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Base64 with padding, as headers have it.
pub fn base64_padded(bytes: &[u8]) -> String {
    let mut text = base64(bytes, STANDARD);
    text.push_str(&"=".repeat((4 - text.len() % 4) % 4));
    text
}

/// Base64 of addresses without padding, as tokens have it.
pub fn base64_url(bytes: &[u8]) -> String {
    base64(bytes, URL_SAFE)
}

/// Base64 without padding.
fn base64(bytes: &[u8], alphabet: &[u8; 64]) -> String {
    let letter = |index: u32| char::from(alphabet[(index & 63) as usize]);
    let letters = |group: &[u8]| -> String {
        let bits =
            (0..3).fold(0, |bits, index| bits << 8 | u32::from(group.get(index).copied().unwrap_or(0)));
        [18, 12, 6, 0].into_iter().take(group.len() + 1).map(|shift| letter(bits >> shift)).collect()
    };
    bytes.chunks(3).map(letters).collect()
}

/// What base64 makes of these bytes wherever they occur in something longer, so many bytes into a group of three: the
/// letters that depend on nothing else.
fn base64_within(bytes: &[u8], skipped: usize, alphabet: &[u8; 64]) -> String {
    let padded: Vec<u8> = std::iter::repeat_n(0, skipped).chain(bytes.iter().copied()).collect();
    let letters = base64(&padded, alphabet);
    let first = (skipped * 8).div_ceil(6);
    let last = padded.len() * 8 / 6;
    letters.get(first..last).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "hunter2/Pass & w0rd'\"";

    fn secrets() -> Secrets {
        let mut secrets = Secrets::default();
        secrets.add(&SECRET.into());
        secrets.add_header("Authorization", &"Bearer abcdef0123456789".into());
        secrets.add_header("X-Scope-OrgID", &"team-shop".into());
        secrets.add_sign_in("somebody", &SECRET.into());
        secrets
    }

    #[test]
    fn every_form_of_a_secret_is_found() {
        let basic = base64(format!("somebody:{SECRET}").as_bytes(), STANDARD);
        let within = base64(format!("{{\"pw\":\"{SECRET}\"}}").as_bytes(), URL_SAFE);
        for text in [
            SECRET,
            "hunter2%2FPass%20%26%20w0rd%27%22",
            "hunter2%2fPass%20%26%20w0rd%27%22",
            "hunter2%2FPass+%26+w0rd%27%22",
            "hunter2/Pass &amp; w0rd&#39;&quot;",
            "hunter2/Pass & w0rd'\\\"",
            "hunter2/Pass & w0rd''\"",
            "68756e746572322f5061737320262077307264",
            "Bearer abcdef0123456789",
            "abcdef0123456789",
            "WRONGPASS 'hunter2/Pass & w0r",
            "with args beginning with: 'hunter2/Pass' …",
            "version 2/Pass & w0rd",
            &basic,
            &within,
        ] {
            let told = secrets().scrubbed(&format!("ERR {text}")).into_owned();
            assert!(told.contains(SCRUBBED), "{text}: {told}");
            for part in ["hunter2", "w0rd", "abcdef", "68756e", &basic, &within] {
                assert!(!told.contains(part), "{text}: {told}");
            }
        }
    }

    #[test]
    fn nothing_else_is_touched() {
        for text in ["", "hunter", "somebody", "team-shop", "Pass", "größe", "Bearer token"] {
            assert_eq!(secrets().scrubbed(text), text);
        }
    }

    #[test]
    fn a_password_that_is_a_name_is_no_secret() {
        let mut secrets = Secrets::default();
        secrets.add(&"shop".into());
        assert_eq!(secrets.scrubbed("database shop"), "database [secret]");
        secrets.show("shop");
        assert_eq!(secrets.scrubbed("database shop"), "database shop");
    }

    #[test]
    fn they_are_never_shown() {
        assert_eq!(format!("{:?}", secrets()), "Secrets { .. }");
    }
}
