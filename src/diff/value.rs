//! Values of settings as configuration files write them.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use super::aws::{GIB_SETTINGS, is_class};
use crate::signal::{Quantity, Unit};

/// The value of a setting.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SettingValue {
    /// As it was written.
    text: String,
    #[serde(skip)]
    kind: Kind,
}

/// What a value was read as.
#[derive(Debug, Clone, PartialEq)]
enum Kind {
    /// A number with its suffix, such as `Mi` or `gb`.
    Number(f64, String),
    /// The name of a class.
    Class,
    /// Something else: a negative number, a template, a variable.
    Unreadable,
}

/// So many characters are kept of what cannot be read.
const MAX_UNREADABLE: usize = 60;

impl SettingValue {
    /// The value of a setting, with the unit that the setting is in.
    pub fn of_setting(setting: &str, text: &str) -> Option<Self> {
        let value = Self::parse(text)?;
        let is_plain = matches!(&value.kind, Kind::Number(_, suffix) if suffix.is_empty());
        if is_plain && GIB_SETTINGS.contains(&setting) {
            Self::parse(&format!("{}Gi", value.text))
        } else {
            Some(value)
        }
    }

    /// Reads `200`, `2gb`, `512Mi`, `500m`, `'256MB'`, and names of classes such as `db.r6g.large`; `None` for anything else
    /// that is not one number of at least zero.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_matches(['"', '\'']).trim();
        if is_class(text) {
            return Some(Self { text: text.to_owned(), kind: Kind::Class });
        }
        let digits = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.' && letter != '_');
        let (number, suffix) = text.split_at(digits.unwrap_or(text.len()));
        let suffix = suffix.trim();
        let number: f64 = number.replace('_', "").parse().ok()?;
        let is_suffix = suffix.len() <= 3 && suffix.chars().all(|letter| letter.is_ascii_alphabetic());
        let kind = Kind::Number(number, suffix.to_owned());
        (number.is_finite() && is_suffix).then(|| Self { text: text.to_owned(), kind })
    }

    /// A value that is written where a number is expected and is none, such as `-5` or `{{ .Values.max }}`; `None` where
    /// a list or a section begins.
    pub(super) fn unreadable(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches([',', ';']).trim_end();
        let opens =
            text.starts_with(['[', '(', '|', '>']) || text.starts_with('{') && !text.starts_with("{{");
        let text: String = text.chars().take(MAX_UNREADABLE).collect();
        (!text.is_empty() && !opens).then_some(Self { text, kind: Kind::Unreadable })
    }

    /// Whether it is a number or a class.
    pub(super) fn is_readable(&self) -> bool {
        self.kind != Kind::Unreadable
    }

    /// The value in the unit of a limit; `None` where the suffix is none of that unit.
    ///
    /// Of bytes, `k`, `M` and `G` alone are powers of 1000 as in Kubernetes; `Ki` and `KiB`, and `kb` and `kB` as in Redis
    /// and PostgreSQL, are powers of 1024.
    pub fn in_unit(&self, unit: Unit) -> Option<Quantity> {
        const POWERS: &str = "KMGTP";
        let Kind::Number(number, suffix) = &self.kind else { return None };
        let factor = match (unit, suffix.as_str()) {
            (_, "") | (Unit::Bytes, "B" | "b") => 1.0,
            // Thousandths of a core.
            (Unit::Count, "m") => 1e-3,
            (Unit::Bytes, suffix) => {
                let mut letters = suffix.chars();
                let power = letters.next().and_then(|first| POWERS.find(first.to_ascii_uppercase()))?;
                let base: f64 = match letters.as_str() {
                    "" => 1000.0,
                    "i" | "iB" | "b" | "B" => 1024.0,
                    _ => return None,
                };
                base.powi(i32::try_from(power).ok()? + 1)
            }
            _ => return None,
        };
        Quantity::new(number * factor, unit)
    }
}

impl fmt::Display for SettingValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: f64 = 1_048_576.0;

    #[test]
    fn suffixes_are_those_of_the_systems() {
        let value = |text: &str, unit| SettingValue::parse(text)?.in_unit(unit).map(Quantity::value);
        for (text, bytes) in [
            ("512Mi", 512.0 * MIB),
            ("2gb", 2048.0 * MIB),
            ("'256MB'", 256.0 * MIB),
            ("1G", 1e9),
            ("128MiB", 128.0 * MIB),
            ("1048576", MIB),
            ("64kB", 65_536.0),
            ("1.5Gi", 1536.0 * MIB),
        ] {
            assert_eq!(value(text, Unit::Bytes), Some(bytes), "{text}");
        }
        assert_eq!(value("\"200\"", Unit::Count), Some(200.0));
        assert_eq!(value("500m", Unit::Count), Some(0.5));
        assert_eq!(value("10_000", Unit::Count), Some(10_000.0));
        assert_eq!(value("db.r6g.large", Unit::Count), None);
        assert!(SettingValue::parse("db.r6g.large").is_some());
        let storage = SettingValue::of_setting("allocated_storage", "100").unwrap();
        assert_eq!(
            (storage.to_string(), storage.in_unit(Unit::Bytes).unwrap().value()),
            ("100Gi".to_owned(), 102_400.0 * MIB)
        );
        for text in ["", "many", "1 2", "-5", "{{ .Values.max }}", "$MAX", "5 connections", "1e400"] {
            assert_eq!(SettingValue::parse(text), None, "{text}");
        }
        for (text, kept) in
            [("-5", Some("-5")), (" {{ .Values.max }} ", Some("{{ .Values.max }}")), ("$MAX;", Some("$MAX"))]
        {
            let value = SettingValue::unreadable(text).map(|value| value.to_string());
            assert_eq!(value.as_deref(), kept, "{text}");
        }
        for text in ["", "{", "[1, 2]", "|", ">-"] {
            assert_eq!(SettingValue::unreadable(text), None, "{text}");
        }
        assert_eq!(value("2gb", Unit::Count), None);
        assert_eq!(value("2xb", Unit::Bytes), None);
    }
}
