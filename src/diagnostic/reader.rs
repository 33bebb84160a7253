//! Reading TOML key by key, so that one run reports every error of a file.
//!
//! Serde stops at the first error, which makes five errors five runs.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{Diagnostic, Node, SourceFile, did_you_mean};

/// Looks an environment variable up.
pub type Environment<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// What reading a document needs everywhere: where diagnostics are collected, and the environment.
pub(super) struct Context<'a> {
    diagnostics: RefCell<Vec<Diagnostic>>,
    environment: &'a Environment<'a>,
}

impl std::fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("diagnostics", &self.diagnostics).finish_non_exhaustive()
    }
}

impl Context<'_> {
    pub(super) fn report(&self, diagnostic: Diagnostic) {
        self.diagnostics.borrow_mut().push(diagnostic);
    }

    /// Replaces every `${VARIABLE}` of a text.
    pub(super) fn expand(&self, text: &str) -> Result<String, String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').ok_or("`${` without its `}`")?;
            let value = (self.environment)(name);
            out.push_str(before);
            out.push_str(&value.ok_or_else(|| format!("the environment variable `{name}` is not set"))?);
            rest = after;
        }
        out.push_str(rest);
        Ok(out)
    }
}

/// Parses a document and hands its top table to `read`; gives back what it made and every diagnostic.
///
/// Syntax errors are reported together with what can still be read around them.
pub fn read_document<T>(text: &str, read: impl FnOnce(Reader<'_>) -> T) -> (T, Vec<Diagnostic>) {
    read_document_with(text, &|_| None, read)
}

/// [`read_document`] with an environment for the `${VARIABLE}`s of the document.
pub fn read_document_with<T>(
    text: &str,
    environment: &Environment<'_>,
    read: impl FnOnce(Reader<'_>) -> T,
) -> (T, Vec<Diagnostic>) {
    let (table, errors) = DeTable::parse_recoverable(text);
    let broken = !errors.is_empty();
    let context = Context { diagnostics: RefCell::default(), environment };
    for error in errors {
        let message = error.message().trim_end_matches('.');
        context.report(Diagnostic::error("toml/syntax", error.span().unwrap_or(0..0), message));
    }
    let value = read(Reader::new(table.get_ref(), table.span(), &context));
    let mut diagnostics = context.diagnostics.into_inner();
    if broken {
        // Past a syntax error the rest of the tree is a guess; only what the parser is sure of is reported.
        diagnostics.retain(|diagnostic| diagnostic.code == "toml/syntax");
    }
    (value, diagnostics)
}

/// A table being read. Unknown and missing keys are reported when it is dropped.
#[derive(Debug)]
pub struct Reader<'a> {
    table: &'a DeTable<'a>,
    span: Range<usize>,
    context: &'a Context<'a>,
    seen: RefCell<Vec<&'static str>>,
    missing: RefCell<Vec<(Vec<&'static str>, Diagnostic)>>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(table: &'a DeTable<'a>, span: Range<usize>, context: &'a Context<'a>) -> Self {
        Self { table, span, context, seen: RefCell::default(), missing: RefCell::default() }
    }

    /// The span of the table.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// The spans of all values by their keys.
    pub fn value_spans(&self) -> BTreeMap<String, Range<usize>> {
        self.table.iter().map(|(key, value)| (key.get_ref().to_string(), value.span())).collect()
    }

    /// Reports a diagnostic about this file.
    pub fn report(&self, diagnostic: Diagnostic) {
        self.context.report(diagnostic);
    }

    /// The value of a key, if it is there.
    pub fn optional(&self, key: &'static str) -> Option<Node<'a>> {
        self.seen.borrow_mut().push(key);
        self.table.get(key).map(|value| Node { value, context: self.context })
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
    /// misspelt: that is one error and is reported once.
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

    /// Takes every key of the table for a known one.
    pub fn ignore_unknown_keys(&self) {
        self.seen.borrow_mut().push("*");
    }

    /// Every key and value in the order of the file; for tables whose keys are names.
    pub fn entries(&self) -> Vec<(String, Range<usize>, Node<'a>)> {
        self.ignore_unknown_keys();
        let mut entries: Vec<_> = self
            .table
            .iter()
            .map(|(key, value)| {
                (key.get_ref().to_string(), key.span(), Node { value, context: self.context })
            })
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
    /// Reports every unknown key and gives the known keys that were probably meant.
    fn report_unknown_keys(&self) -> Vec<&'static str> {
        let seen = self.seen.borrow();
        let mut misspelt = Vec::new();
        if seen.contains(&"*") {
            return misspelt;
        }
        let absent = || seen.iter().copied().filter(|key| !self.table.contains_key(*key));
        for (number, key) in self.table.keys().enumerate() {
            let name = key.get_ref().as_ref();
            if seen.contains(&name) {
                continue;
            }
            let diagnostic =
                Diagnostic::error("toml/unknown-key", key.span(), format!("unknown key `{name}`"));
            self.report(if number > MANY_KEYS {
                diagnostic
            } else if let Some(near) = did_you_mean(name, absent()) {
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

/// Past the most keys that any table has, suggestions for the rest would not be read.
const MANY_KEYS: usize = 1000;

/// Keys that name an item of a list.
const NAMING_KEYS: [&str; 5] = ["id", "number", "users", "name", "title"];

impl Reader<'_> {
    /// The span of the value at a path below this table; `None` when there is none.
    ///
    /// A path is made of keys with `/` between them. An item of a list is named by its `id`, `number`, `users`,
    /// `name` or `title`: `phases/3/cost_per_month`.
    pub fn find(&self, path: &str) -> Option<Range<usize>> {
        let mut keys = path.split('/');
        let first = self.table.get(keys.next()?)?;
        keys.try_fold(first, step).map(Spanned::span)
    }
}

impl SourceFile {
    /// The 1-based lines at which the values at these paths begin, see [`Reader::find`]; `None` for a path
    /// without a value.
    pub fn lines_of(&self, paths: &[String]) -> Vec<Option<usize>> {
        let line = |span: Range<usize>| self.line_column(span.start).0;
        let find = |reader: Reader<'_>| paths.iter().map(|path| reader.find(path).map(line)).collect();
        read_document(&self.text, find).0
    }
}

fn step<'a>(value: &'a Spanned<DeValue<'a>>, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
    match value.get_ref() {
        DeValue::Table(table) => table.get(key),
        DeValue::Array(items) => items.iter().find(|item| is_named(item.get_ref(), key)),
        _ => None,
    }
}

fn is_named(item: &DeValue<'_>, name: &str) -> bool {
    NAMING_KEYS.iter().any(|key| match item.get(*key).map(Spanned::get_ref) {
        Some(DeValue::String(text)) => text == name,
        Some(DeValue::Integer(number)) => i64::from_str_radix(number.as_str(), number.radix())
            .is_ok_and(|number| number.to_string() == name),
        _ => false,
    })
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
    fn every_error_is_reported_in_one_run() {
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
    fn a_misspelt_key_is_one_error() {
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

    #[test]
    fn items_go_by_their_names() {
        let text = "phases = [{ number = 2 }, { number = 3, users = [1, 2] }]\n[costs]\n'a.b' = 7\n";
        let found = |path: &str| {
            let (span, _) = read_document(text, |reader| reader.find(path));
            span.map(|span| &text[span])
        };
        assert_eq!(found("phases/3/users"), Some("[1, 2]"));
        assert_eq!(found("costs/a.b"), Some("7"));
        assert_eq!(found("phases/2"), Some("{ number = 2 }"));
        for path in ["", "phases/4", "phases/3/users/1", "costs/a", "costs/a.b/c"] {
            assert_eq!(found(path), None, "{path}");
        }
    }

    #[test]
    fn lines_count_from_one() {
        let file =
            SourceFile::new("x.toml", "a = 1\n\n[[alerts]]\nid = 'b'\n\n[signals.'host.cpu']\nwarning = 1\n");
        let paths = ["a", "alerts/b", "signals/host.cpu", "alerts/c"].map(str::to_owned);
        assert_eq!(file.lines_of(&paths), [Some(1), Some(3), Some(6), None]);
    }

    #[test]
    fn variables_are_replaced() {
        let read = |text: &str| {
            let environment = |name: &str| (name == "DATABASE_URL").then(|| "postgres://db".to_owned());
            read_document_with(text, &environment, |reader| reader.need("a", Node::expanded))
        };
        assert_eq!(read("a = '${DATABASE_URL}/app'").0.as_deref(), Some("postgres://db/app"));
        assert_eq!(read("a = 'plain $5'").0.as_deref(), Some("plain $5"));
        for (text, message) in [("a = '${NOPE}'", "NOPE"), ("a = '${DATABASE_URL'", "without its `}`")] {
            let (value, diagnostics) = read(text);
            assert!(value.is_none() && diagnostics[0].message.contains(message), "{diagnostics:?}");
        }
    }
}
