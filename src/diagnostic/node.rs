//! One value of a TOML document, read as the type that is wanted there.

use std::{cell::RefCell, ops::Range};

use toml::{
    Spanned,
    de::{DeArray, DeTable, DeValue},
};

use super::{Diagnostic, Reader, did_you_mean};

/// A value with its place, to be read as one type or another.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    pub(super) value: &'a Spanned<DeValue<'a>>,
    pub(super) sink: &'a RefCell<Vec<Diagnostic>>,
}

impl<'a> Node<'a> {
    /// Where the value stands.
    pub fn span(&self) -> Range<usize> {
        self.value.span()
    }

    /// Reports a diagnostic about this file.
    pub fn report(&self, diagnostic: Diagnostic) {
        self.sink.borrow_mut().push(diagnostic);
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

    /// True when the value is an array.
    pub fn is_array(self) -> bool {
        self.value.get_ref().is_array()
    }

    /// A finite number.
    pub fn number(self) -> Option<f64> {
        self.as_number().or_else(|| self.wrong_type("a number"))
    }

    /// A boolean.
    pub fn boolean(self) -> Option<bool> {
        self.as_bool().or_else(|| self.wrong_type("true or false"))
    }

    /// A whole number from zero up.
    pub fn count(self) -> Option<u64> {
        match self.value.get_ref() {
            DeValue::Integer(integer) => match u64::from_str_radix(integer.as_str(), integer.radix()) {
                Ok(count) => Some(count),
                Err(_) => self.fail("toml/wrong-type", "expected a whole number from 0 up"),
            },
            _ => self.wrong_type("a whole number"),
        }
    }

    /// The items of an array.
    pub fn items(self) -> Option<Vec<Node<'a>>> {
        let Some(array): Option<&'a DeArray<'a>> = self.value.get_ref().as_array() else {
            return self.wrong_type("an array");
        };
        Some(array.iter().map(|value| Node { value, sink: self.sink }).collect())
    }

    /// A table, to be read key by key.
    pub fn table(self) -> Option<Reader<'a>> {
        let Some(table): Option<&'a DeTable<'a>> = self.value.get_ref().as_table() else {
            return self.wrong_type("a table");
        };
        Some(Reader::new(table, self.span(), self.sink))
    }

    /// One word of a closed list.
    pub fn one_of<T: Copy>(self, choices: &[(&'static str, T)]) -> Option<T> {
        let word = self.string()?;
        if let Some((_, choice)) = choices.iter().find(|(name, _)| *name == word) {
            return Some(*choice);
        }
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let mut diagnostic =
            Diagnostic::error("toml/unknown-word", self.span(), format!("unknown value `{word}`"));
        diagnostic = match did_you_mean(&word, names.iter().copied()) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help(format!("one of {}", names.join(", "))),
        };
        self.report(diagnostic);
        None
    }
}
