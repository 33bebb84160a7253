//! Reading TOML by hand, key by key, so that every mistake of a file is found in one run.
//!
//! Serde stops at the first error; a person with five mistakes wants to hear of five.

use std::{cell::RefCell, collections::BTreeSet, ops::Range};

use toml::de::DeTable;

use super::{Diagnostic, Node, did_you_mean};

/// Parses a document and hands its top table to `read`; gives back what it made and every diagnostic.
///
/// Syntax errors are reported together with what can still be read around them.
pub fn read_document<T>(text: &str, read: impl FnOnce(Reader<'_>) -> T) -> (T, Vec<Diagnostic>) {
    let (table, errors) = DeTable::parse_recoverable(text);
    let broken = !errors.is_empty();
    let sink = RefCell::new(Vec::new());
    for error in errors {
        sink.borrow_mut().push(Diagnostic::error(
            "toml/syntax",
            error.span().unwrap_or(0..0),
            error.message().trim_end_matches('.').to_owned(),
        ));
    }
    let value = read(Reader::new(table.get_ref(), table.span(), &sink));
    let mut diagnostics = sink.into_inner();
    if broken {
        // Past a syntax error the rest of the tree is a guess; only what the parser is sure of is reported.
        diagnostics.retain(|diagnostic| diagnostic.code == "toml/syntax");
    }
    (value, diagnostics)
}

/// A table being read. Keys that nobody asked for, and keys that are missing, are reported when it is dropped.
#[derive(Debug)]
pub struct Reader<'a> {
    pub(super) table: &'a DeTable<'a>,
    span: Range<usize>,
    sink: &'a RefCell<Vec<Diagnostic>>,
    seen: RefCell<Vec<&'static str>>,
    missing: RefCell<Vec<(Vec<&'static str>, Diagnostic)>>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        table: &'a DeTable<'a>,
        span: Range<usize>,
        sink: &'a RefCell<Vec<Diagnostic>>,
    ) -> Self {
        Self { table, span, sink, seen: RefCell::default(), missing: RefCell::default() }
    }

    /// Where the table stands.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Reports a diagnostic about this file.
    pub fn report(&self, diagnostic: Diagnostic) {
        self.sink.borrow_mut().push(diagnostic);
    }

    /// The value of a key, if it is there.
    pub fn optional(&self, key: &'static str) -> Option<Node<'a>> {
        self.seen.borrow_mut().push(key);
        self.table.get(key).map(|value| Node { value, sink: self.sink })
    }

    /// The value of a key that must be there.
    pub fn required(&self, key: &'static str) -> Option<Node<'a>> {
        let node = self.optional(key);
        if node.is_none() {
            let place = if self.span.is_empty() { "in this file" } else { "in this table" };
            self.report_missing(
                &[key],
                Diagnostic::error("toml/missing-key", self.span(), format!("`{key}` is missing"))
                    .label(place),
            );
        }
        node
    }

    /// Reports that one of these keys is missing, unless an unknown key turns out to be one of them
    /// misspelt: that is one mistake and is reported once.
    pub fn report_missing(&self, keys: &[&'static str], diagnostic: Diagnostic) {
        self.missing.borrow_mut().push((keys.to_vec(), diagnostic));
    }

    /// An optional key read with a function; `None` when absent or wrong.
    pub fn get<T>(&self, key: &'static str, read: impl FnOnce(Node<'a>) -> Option<T>) -> Option<T> {
        self.optional(key).and_then(read)
    }

    /// A required key read with a function; `None` when absent or wrong, which has been reported then.
    pub fn need<T>(&self, key: &'static str, read: impl FnOnce(Node<'a>) -> Option<T>) -> Option<T> {
        self.required(key).and_then(read)
    }

    /// Every item of an optional array, read with a function; wrong items are left out.
    pub fn list<T>(&self, key: &'static str, mut read: impl FnMut(Node<'a>) -> Option<T>) -> Vec<T> {
        let Some(items) = self.get(key, Node::items) else { return Vec::new() };
        items.into_iter().filter_map(&mut read).collect()
    }

    /// Every key and value in the order of the file; for tables whose keys are names.
    pub fn entries(&self) -> Vec<(String, Range<usize>, Node<'a>)> {
        self.seen.borrow_mut().push("*");
        let mut entries: Vec<_> = self
            .table
            .iter()
            .map(|(key, value)| (key.get_ref().to_string(), key.span(), Node { value, sink: self.sink }))
            .collect();
        entries.sort_by_key(|(_, span, _)| span.start);
        entries
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        let misspelt = self.report_unknown_keys();
        for (keys, diagnostic) in self.missing.take() {
            if !keys.iter().any(|key| misspelt.contains(key)) {
                self.report(diagnostic);
            }
        }
    }
}

impl Reader<'_> {
    /// Reports every key that nobody asked for and gives the known keys that were probably meant.
    fn report_unknown_keys(&self) -> Vec<&'static str> {
        let seen = self.seen.borrow();
        let mut misspelt = Vec::new();
        if seen.contains(&"*") {
            return misspelt;
        }
        let absent = || seen.iter().copied().filter(|key| !self.table.contains_key(*key));
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if seen.contains(&name) {
                continue;
            }
            let diagnostic =
                Diagnostic::error("toml/unknown-key", key.span(), format!("unknown key `{name}`"));
            self.report(if let Some(near) = did_you_mean(name, absent()) {
                misspelt.push(near);
                diagnostic.help(format!("did you mean `{near}`?"))
            } else {
                let known: BTreeSet<&str> = seen.iter().copied().collect();
                diagnostic.help(format!("known here: {}", known.into_iter().collect::<Vec<_>>().join(", ")))
            });
        }
        misspelt
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)], read: impl FnOnce(Reader<'_>)) {
        let ((), mut diagnostics) = read_document(text, read);
        diagnostics.sort_by_key(|diagnostic| diagnostic.primary.span.start);
        let found: Vec<_> =
            diagnostics.iter().map(|found| (found.code, &text[found.primary.span.clone()])).collect();
        assert_eq!(found, expected, "{diagnostics:#?}");
    }

    #[test]
    fn every_mistake_is_reported_in_one_run() {
        let expected = [
            ("toml/missing-key", ""),
            ("toml/wrong-type", "'three'"),
            ("toml/wrong-type", "1"),
            ("toml/unknown-key", "colour"),
        ];
        check("count = 'three'\nflag = 1\ncolour = 'red'\n", &expected, |reader| {
            assert_eq!(reader.need("name", Node::string), None);
            assert_eq!(reader.get("count", Node::count), None);
            assert_eq!(reader.get("flag", Node::boolean), None);
        });
    }

    #[test]
    fn a_misspelt_key_is_one_mistake() {
        let text = "nmae = 'x'\n";
        check(text, &[("toml/unknown-key", "nmae")], |reader| {
            assert_eq!(reader.need("name", Node::string), None);
        });
        let (_, diagnostics) = read_document(text, |reader| reader.need("name", Node::string));
        assert_eq!(diagnostics[0].help.as_deref(), Some("did you mean `name`?"));
    }

    #[test]
    fn syntax_errors_carry_their_place() {
        let ((), diagnostics) = read_document("a = \nb = ]\n", |_| ());
        assert!(diagnostics.len() >= 2, "{diagnostics:?}");
        assert!(diagnostics.iter().all(|d| d.code == "toml/syntax"));
    }
}
