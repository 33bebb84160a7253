//! Results as YAML: the indented JSON of a result, line by line in block style.
//!
//! What JSON escapes stays escaped, because a string in double quotes means the same in both.

use std::fmt::Write;

/// Words that YAML takes for something other than text, in one version or another.
const RESERVED: [&str; 9] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Container {
    Object,
    Array,
}

/// A result's JSON, as [`super::pretty`] writes it, as YAML.
pub fn yaml(json: &str) -> String {
    let mut writer = Writer::default();
    for line in json.lines() {
        let line = line.trim_start();
        writer.line(line.strip_suffix(',').unwrap_or(line));
    }
    writer.text
}

#[derive(Default)]
struct Writer {
    text: String,
    open: Vec<Container>,
    /// How many elements of lists begin on the next line.
    dashes: usize,
}

impl Writer {
    fn line(&mut self, line: &str) {
        if matches!(line, "}" | "]") {
            self.open.pop();
            return;
        }
        let (key, value) = match self.open.last() {
            Some(Container::Object) => split_key(line),
            _ => (None, line),
        };
        let container = match value {
            "{" => Some(Container::Object),
            "[" => Some(Container::Array),
            _ => None,
        };
        self.dashes += usize::from(self.open.last() == Some(&Container::Array));
        if key.is_some() || container.is_none() {
            let indent = (2 * self.open.len()).saturating_sub(2 + 2 * self.dashes);
            let indent = if key.is_some() { indent } else { indent + 2 * usize::from(self.dashes > 0) };
            self.text.push_str(&" ".repeat(indent));
            self.text.push_str(&"- ".repeat(std::mem::take(&mut self.dashes)));
        }
        if let Some(key) = key {
            self.text.push_str(plain(key).unwrap_or(key));
            self.text.push(':');
        }
        let Some(container) = container else {
            if key.is_some() {
                self.text.push(' ');
            }
            self.scalar(value);
            self.text.push('\n');
            return;
        };
        if key.is_some() {
            self.text.push('\n');
        }
        self.open.push(container);
    }

    fn scalar(&mut self, value: &str) {
        if value.starts_with('"') {
            match plain(value) {
                Some(plain) => self.text.push_str(plain),
                None => self.text.push_str(&joined_surrogates(value)),
            }
        } else if let Some((digits, exponent)) = value.split_once('e').filter(|_| is_number(value)) {
            // Readers of YAML 1.1 want a point and a sign.
            let point = if digits.contains('.') { "" } else { ".0" };
            let sign = if exponent.starts_with(['-', '+']) { "" } else { "+" };
            let _ = write!(self.text, "{digits}{point}e{sign}{exponent}"); // writing to a string cannot fail
        } else {
            self.text.push_str(value);
        }
    }
}

fn is_number(value: &str) -> bool {
    value.starts_with(|first: char| first.is_ascii_digit() || first == '-')
}

/// `"key": value` in its parts, the key with its quotes.
fn split_key(line: &str) -> (Option<&str>, &str) {
    let mut escaped = false;
    let end = line.char_indices().skip(1).find(|(_, letter)| {
        let ends = *letter == '"' && !escaped;
        escaped = *letter == '\\' && !escaped;
        ends
    });
    let Some((end, _)) = end else { return (None, line) };
    (line.get(..=end), line.get(end + 1..).and_then(|rest| rest.strip_prefix(": ")).unwrap_or_default())
}

/// What is in the quotes, where it means the same text without them.
fn plain(quoted: &str) -> Option<&str> {
    let text = quoted.strip_prefix('"')?.strip_suffix('"')?;
    let harmless = |letter: char| letter.is_ascii_alphanumeric() || "_./- ".contains(letter);
    let plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(harmless)
        && !text.ends_with(' ')
        && !RESERVED.contains(&text.to_ascii_lowercase().as_str());
    plain.then_some(text)
}

/// `\ud83d\ude00`, which JSON writes for a character beyond 16 bits, as the `\U0001f600` of YAML.
fn joined_surrogates(quoted: &str) -> String {
    let unit =
        |text: &str| text.strip_prefix("\\u").and_then(|text| u16::from_str_radix(text.get(..4)?, 16).ok());
    let mut out = String::with_capacity(quoted.len());
    let mut rest = quoted;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let pair = unit(rest).zip(rest.get(6..).and_then(unit));
        let joined = pair.and_then(|(high, low)| char::decode_utf16([high, low]).next()?.ok());
        let length = if let Some(joined) = joined.filter(|joined| u32::from(*joined) > 0xffff) {
            let _ = write!(out, "\\U{:08x}", u32::from(joined)); // writing to a string cannot fail
            12
        } else {
            let length = 2.min(rest.len());
            out.push_str(&rest[..length]);
            length
        };
        rest = &rest[length..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::render::pretty;

    #[track_caller]
    fn same(value: &Value) {
        let text = yaml(&pretty(value));
        let read: Value = serde_yaml_ng::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(read, *value, "{text}");
    }

    #[test]
    fn block_style_is_what_people_expect() {
        let value = json!({ "a": [{ "b": 1, "c": ["x", "no"] }, []], "d": {}, "e": "x: y" });
        assert_eq!(
            yaml(&pretty(&value)),
            "a:\n  - b: 1\n    c:\n      - x\n      - \"no\"\n  - []\nd: {}\ne: \"x: y\"\n"
        );
    }

    #[test]
    fn every_value_is_read_back() {
        same(&json!({ "a": [[1, [2, { "x": [] }]], [[["deep"]]], { "y": { "z": [null] } }] }));
        same(&json!([
            "", " ", "a ", "- a", "#", "a: b", "\"q\"", "\\", "1", "1e3", "0x1", "~", "Yes", "NULL"
        ]));
        same(&json!([
            "2026-11-29",
            "\u{202e}",
            "\u{e0001}",
            "😀",
            "\u{85}\u{2028}",
            "a\nb\tc\u{0}",
            "\\u0041"
        ]));
        same(&json!({ "a\"b": 1, "true": 2, "": 3, "a b": 4, "x:": 5, "1": 6 }));
        same(&json!([1e-9, 1.5e30, -0.0, 17, -3.25, u64::MAX, i64::MIN, true, false, null]));
        same(&json!({}));
        same(&json!("alone"));
    }
}
