//! A writer of YAML: block style, keys in the order given, every text quoted unless it can be read as nothing else.

use std::fmt::Write;

use crate::render::safe;

/// A value to write.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Yaml {
    /// A text.
    Text(String),
    /// A number of things.
    Count(u64),
    /// Keys with their values, in this order.
    Map(Vec<(String, Yaml)>),
    /// A list.
    List(Vec<Yaml>),
}

impl Yaml {
    /// A text.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Keys with their values.
    pub(super) fn map<K: Into<String>>(entries: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// Keys with those of their values that are there.
    pub(super) fn map_of_known<K: Into<String>>(
        entries: impl IntoIterator<Item = (K, Option<Self>)>,
    ) -> Self {
        Self::map(entries.into_iter().filter_map(|(key, value)| Some((key, value?))))
    }

    /// A document, ending with a line end.
    pub(super) fn document(&self) -> String {
        let mut text = String::new();
        write_block(&mut text, self, 0);
        text
    }
}

/// Lines of a comment. Whatever a line holds, it stays one.
pub(super) fn comment(lines: &[String]) -> String {
    let line = |line: &String| match safe(line) {
        line if line.is_empty() => "#\n".to_owned(),
        line => format!("# {line}\n"),
    };
    lines.iter().map(line).collect()
}

fn write_block(text: &mut String, value: &Yaml, indent: usize) {
    let pad = " ".repeat(indent);
    match value {
        Yaml::Map(entries) => {
            for (key, value) in entries {
                text.push_str(&pad);
                write_entry(text, key, value, indent);
            }
        }
        Yaml::List(items) => {
            for item in items {
                text.push_str(&pad);
                text.push_str("- ");
                write_item(text, item, indent + 2);
            }
        }
        scalar @ (Yaml::Text(_) | Yaml::Count(_)) => {
            text.push_str(&pad);
            write_scalar(text, scalar, indent);
        }
    }
}

fn write_entry(text: &mut String, key: &str, value: &Yaml, indent: usize) {
    text.push_str(&quoted(key));
    text.push(':');
    match value {
        Yaml::Map(entries) if entries.is_empty() => text.push_str(" {}\n"),
        Yaml::List(items) if items.is_empty() => text.push_str(" []\n"),
        Yaml::Map(_) | Yaml::List(_) => {
            text.push('\n');
            write_block(text, value, indent + 2);
        }
        scalar @ (Yaml::Text(_) | Yaml::Count(_)) => {
            text.push(' ');
            write_scalar(text, scalar, indent + 2);
        }
    }
}

/// An item of a list, whose first line stands behind the dash.
fn write_item(text: &mut String, item: &Yaml, indent: usize) {
    match item {
        Yaml::Map(entries) if !entries.is_empty() => {
            let mut pad = String::new();
            for (key, value) in entries {
                text.push_str(&pad);
                write_entry(text, key, value, indent);
                pad = " ".repeat(indent);
            }
        }
        Yaml::Map(_) => text.push_str("{}\n"),
        Yaml::List(items) => {
            text.push('\n');
            write_block(text, &Yaml::List(items.clone()), indent);
        }
        scalar @ (Yaml::Text(_) | Yaml::Count(_)) => write_scalar(text, scalar, indent),
    }
}

fn write_scalar(text: &mut String, value: &Yaml, indent: usize) {
    match value {
        Yaml::Count(number) => _ = writeln!(text, "{number}"),
        Yaml::Text(value) if is_block(value) => {
            // The first line does not show where the text begins if it is indented itself.
            text.push_str(if value.starts_with(' ') { "|2-\n" } else { "|-\n" });
            for line in value.lines() {
                _ = writeln!(text, "{}{line}", " ".repeat(indent));
            }
        }
        Yaml::Text(value) => {
            text.push_str(&quoted(value));
            text.push('\n');
        }
        Yaml::Map(_) | Yaml::List(_) => {}
    }
}

/// Whether a text can be written as lines of its own: several of them, and printable.
fn is_block(text: &str) -> bool {
    let clean = |line: &str| !line.is_empty() && line.trim_end() == line && line.chars().all(is_printable);
    text.contains('\n') && !text.ends_with('\n') && text.split('\n').all(clean)
}

/// A text on one line: plain, in single quotes, or in double quotes where something has to be escaped.
fn quoted(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    if !text.is_empty() && text.chars().all(is_printable) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            letter if is_printable(letter) => quoted.push(letter),
            letter if u32::from(letter) > 0xffff => _ = write!(quoted, "\\U{:08x}", u32::from(letter)),
            letter => _ = write!(quoted, "\\u{:04x}", u32::from(letter)),
        }
    }
    quoted.push('"');
    quoted
}

/// Words, numbers with a unit and paths that no reader of YAML takes for anything but a text.
fn is_plain(text: &str) -> bool {
    const TAKEN: [&str; 8] = ["y", "n", "yes", "no", "on", "off", "true", "false"];
    let inner = |letter: char| letter.is_ascii_alphanumeric() || "_-./:".contains(letter);
    let lower = text.to_ascii_lowercase();
    if is_duration(text) {
        return true;
    }
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && !text.ends_with(':')
        && text.chars().all(inner)
        && !TAKEN.contains(&lower.as_str())
        && lower != "null"
}

/// `15m`: digits and the letter of a unit.
fn is_duration(text: &str) -> bool {
    let digits = text.strip_suffix(['s', 'm', 'h', 'd']);
    digits.is_some_and(|digits| !digits.is_empty() && digits.chars().all(|letter| letter.is_ascii_digit()))
}

fn is_printable(letter: char) -> bool {
    let invisible = matches!(u32::from(letter),
        0..=0x1f | 0x7f..=0x9f | 0xad | 0x061c | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f
        | 0xfeff | 0xfff0..=0xffff | 0xe0000..=0x10_ffff);
    !invisible
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_comes_back() {
        let texts = [
            "",
            "a",
            "yes",
            "No",
            "null",
            "~",
            "1",
            "1e3",
            "0x1f",
            "5m",
            "a: b",
            "a #b",
            "- a",
            "'a'",
            "\"a\"",
            "a\nb",
            "a\n b\n",
            " a",
            "a ",
            "\ta",
            "{a}",
            "[a]",
            "&a",
            "*a",
            "!a",
            "|",
            ">",
            "%a",
            "@a",
            "`a`",
            "a\u{85}b",
            "a\u{2028}b",
            "\u{feff}a",
            "é",
            "a\\n",
            "sum by (a) (b{c=\"d\"})",
            "a\n\nb",
            "---",
            "...",
            "2026-11-21",
            "a\u{7f}",
            "\u{1f600}",
            "? a",
            ": a",
            "a:",
            " a\nb",
            "  (\n    1\n  )\n> 2",
            "a:b",
            "12:30",
            "1_000",
            "1d2",
            ".5",
            "=",
            "<<",
            "db-1:9187",
            "x\r\n# EOF",
            "line\n  - more",
        ];
        let list = Yaml::List(texts.iter().map(|text| Yaml::text(*text)).collect());
        let map = Yaml::map(texts.iter().map(|text| (*text, Yaml::text(*text))));
        let nested = Yaml::map([("l", list.clone()), ("m", map), ("n", Yaml::List(vec![list]))]);
        let text = nested.document();
        let value: serde_yaml_ng::Value =
            serde_yaml_ng::from_str(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        for (index, expected) in texts.iter().enumerate() {
            assert_eq!(value["l"][index].as_str(), Some(*expected), "{text}");
            assert_eq!(value["m"][*expected].as_str(), Some(*expected), "{text}");
            assert_eq!(value["n"][0][index].as_str(), Some(*expected), "{text}");
        }
    }

    #[test]
    fn texts_are_written_as_people_write_them() {
        let document = Yaml::map([
            ("name", Yaml::text("scale-advisor")),
            ("expr", Yaml::text("sum(a{b=\"c\"})")),
            ("long", Yaml::text("a\n  b")),
            ("rules", Yaml::List(vec![Yaml::map([("for", Yaml::text("5m")), ("replicas", Yaml::Count(3))])])),
            ("none", Yaml::List(Vec::new())),
        ]);
        let expected = "name: scale-advisor\nexpr: 'sum(a{b=\"c\"})'\nlong: |-\n  a\n    b\nrules:\n  - for: 5m\n    replicas: 3\nnone: []\n";
        assert_eq!(document.document(), expected);
    }

    #[test]
    fn a_comment_stays_one() {
        assert_eq!(comment(&["a\nb: c".to_owned(), String::new()]), "# a\u{fffd}b: c\n#\n");
    }
}
