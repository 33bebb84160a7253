//! One value of a TOML document, read as the type that is wanted there.

use std::ops::Range;

use chrono::NaiveDate;
use toml::{
    Spanned,
    de::{DeArray, DeTable, DeValue},
};

use super::{Diagnostic, Reader, reader::Context};

/// A value with its place, to be read as one type or another.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    pub(super) value: &'a Spanned<DeValue<'a>>,
    pub(super) context: &'a Context<'a>,
}

impl<'a> Node<'a> {
    /// The span of the value.
    pub fn span(&self) -> Range<usize> {
        self.value.span()
    }

    /// Reports a diagnostic about this file.
    pub fn report(&self, diagnostic: Diagnostic) {
        self.context.report(diagnostic);
    }

    /// Reports an error about this value and gives `None`, so that a reader can `return node.fail(…)`.
    pub fn fail<T>(&self, code: &'static str, message: impl Into<String>) -> Option<T> {
        self.report(Diagnostic::error(code, self.span(), message));
        None
    }

    fn wrong_type<T>(&self, expected: &str) -> Option<T> {
        self.fail(
            "toml/wrong-type",
            format!("expected {expected}, found {}", self.value.get_ref().type_str()),
        )
    }

    /// A string.
    pub fn string(self) -> Option<String> {
        match self.value.get_ref().as_str() {
            Some(text) => Some(text.to_owned()),
            None => self.wrong_type("a string"),
        }
    }

    /// A string with its `${VARIABLE}`s replaced from the environment; an unset variable is reported.
    pub fn expanded(self) -> Option<String> {
        match self.context.expand(&self.string()?) {
            Ok(text) => Some(text),
            Err(message) => self.fail("config/variable", message),
        }
    }

    /// The text of a string, or nothing without a report: for values that may be of several types.
    pub fn as_str(self) -> Option<&'a str> {
        self.value.get_ref().as_str()
    }

    /// The value of a number, or nothing without a report: for values that may be of several types.
    pub fn as_number(self) -> Option<f64> {
        match self.value.get_ref() {
            DeValue::Integer(integer) => {
                i64::from_str_radix(integer.as_str(), integer.radix()).ok().map(|integer| integer as f64)
            }
            DeValue::Float(float) => float.as_str().parse().ok(),
            _ => None,
        }
        .filter(|number: &f64| number.is_finite())
    }

    /// The value of a boolean, or nothing without a report.
    pub fn as_bool(self) -> Option<bool> {
        self.value.get_ref().as_bool()
    }

    /// True when the value is a table.
    pub fn is_table(self) -> bool {
        self.value.get_ref().is_table()
    }

    /// The value of a key, when this is a table that has it.
    pub fn get(self, key: &str) -> Option<Node<'a>> {
        let value = self.value.get_ref().as_table()?.get(key)?;
        Some(Node { value, context: self.context })
    }

    /// True when the value is an array.
    pub fn is_array(self) -> bool {
        self.value.get_ref().is_array()
    }

    /// True when the value is an array without items.
    pub fn is_empty_array(self) -> bool {
        self.value.get_ref().as_array().is_some_and(|items| items.is_empty())
    }

    /// A finite number.
    pub fn number(self) -> Option<f64> {
        self.as_number().or_else(|| self.wrong_type("a number"))
    }

    /// A boolean.
    pub fn boolean(self) -> Option<bool> {
        self.as_bool().or_else(|| self.wrong_type("true or false"))
    }

    /// A date, as TOML writes it or in a string.
    pub fn date(self) -> Option<NaiveDate> {
        let date = match self.value.get_ref() {
            DeValue::Datetime(when) if when.time.is_none() => when.date.and_then(|date| {
                NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())
            }),
            DeValue::String(text) => text.parse().ok(),
            _ => None,
        };
        date.or_else(|| {
            let found = self.value.get_ref().type_str();
            self.fail("toml/wrong-type", format!("expected a date such as 2026-11-27, found a {found}"))
        })
    }

    /// A whole number from zero up.
    pub fn count(self) -> Option<u64> {
        self.as_count().or_else(|| match self.value.get_ref() {
            DeValue::Integer(_) => self.fail("toml/wrong-type", "expected a whole number from 0 up"),
            _ => self.wrong_type("a whole number"),
        })
    }

    /// The value of a whole number from zero up, or nothing without a report.
    pub fn as_count(self) -> Option<u64> {
        match self.value.get_ref() {
            DeValue::Integer(integer) => u64::from_str_radix(integer.as_str(), integer.radix()).ok(),
            _ => None,
        }
    }

    /// The items of an array.
    pub fn items(self) -> Option<Vec<Node<'a>>> {
        let Some(array): Option<&'a DeArray<'a>> = self.value.get_ref().as_array() else {
            return self.wrong_type("an array");
        };
        Some(array.iter().map(|value| Node { value, context: self.context }).collect())
    }

    /// A table, to be read key by key.
    pub fn table(self) -> Option<Reader<'a>> {
        let Some(table): Option<&'a DeTable<'a>> = self.value.get_ref().as_table() else {
            return self.wrong_type("a table");
        };
        Some(Reader::new(table, self.span(), self.context))
    }

    /// One word of a closed list.
    pub fn one_of<T: Copy>(self, choices: &[(&'static str, T)]) -> Option<T> {
        let word = self.string()?;
        if let Some((_, choice)) = choices.iter().find(|(name, _)| *name == word) {
            return Some(*choice);
        }
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        self.unknown("toml/unknown-word", "value", &word, &names)
    }

    /// Reports a word that is not one of the known ones, with the nearest of them, and gives `None`.
    pub fn unknown<T>(self, code: &'static str, what: &str, word: &str, known: &[&str]) -> Option<T> {
        self.report(unknown_word(self.span(), code, what, word, known));
        None
    }
}

/// The error about a word that is not one of the known ones, with the nearest of them or, failing that, all.
pub fn unknown_word(
    span: Range<usize>,
    code: &'static str,
    what: &str,
    word: &str,
    known: &[&str],
) -> Diagnostic {
    let help = match did_you_mean(word, known.iter().copied()) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None if known.is_empty() => "there are none".to_owned(),
        None => format!("one of {}", known.join(", ")),
    };
    Diagnostic::error(code, span, format!("unknown {what} `{word}`")).help(help)
}

/// The candidate nearest to a word, when it is near enough to be a typo.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| {
            *distance <= 1.max(candidate.chars().count().min(word.chars().count()) / 3)
        })
        .min_by_key(|(distance, candidate)| (*distance, *candidate))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn finds_the_nearest_word() {
        let known = ["above", "below", "outside"];
        assert_eq!(did_you_mean("abvoe", known), Some("above"));
        assert_eq!(did_you_mean("belo", known), Some("below"));
    }

    #[test]
    fn stays_silent_when_nothing_is_near() {
        assert_eq!(did_you_mean("threshold", ["above", "below"]), None);
        assert_eq!(did_you_mean("x", []), None);
    }
}
