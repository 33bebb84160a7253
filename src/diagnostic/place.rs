//! Finding a place in a document by a path.

use std::ops::Range;

use toml::{Spanned, de::DeValue};

use super::{Reader, SourceFile, read_document};

/// Keys that name an item of a list.
const NAMES: [&str; 5] = ["id", "number", "users", "name", "title"];

impl Reader<'_> {
    /// Where the value at a path below this table stands; `None` when there is none.
    ///
    /// A path is made of keys with `/` between them. An item of a list goes by its `id`, `number`, `users`,
    /// `name` or `title`: `phases/3/cost_per_month`.
    pub fn find(&self, path: &str) -> Option<Range<usize>> {
        let mut keys = path.split('/');
        let first = self.table.get(keys.next()?)?;
        keys.try_fold(first, step).map(Spanned::span)
    }
}

impl SourceFile {
    /// The 1-based lines at which the values at these paths begin, see [`Reader::find`]; `None` for a path that
    /// leads nowhere.
    pub fn lines_of(&self, paths: &[String]) -> Vec<Option<usize>> {
        let line = |span: Range<usize>| self.line_column(span.start).0;
        let find = |reader: Reader<'_>| paths.iter().map(|path| reader.find(path).map(line)).collect();
        read_document(&self.text, find).0
    }
}

fn step<'a>(value: &'a Spanned<DeValue<'a>>, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
    match value.get_ref() {
        DeValue::Table(table) => table.get(key),
        DeValue::Array(items) => items.iter().find(|item| is_called(item.get_ref(), key)),
        _ => None,
    }
}

fn is_called(item: &DeValue<'_>, name: &str) -> bool {
    NAMES.iter().any(|key| match item.get(*key).map(Spanned::get_ref) {
        Some(DeValue::String(text)) => text == name,
        Some(DeValue::Integer(number)) => i64::from_str_radix(number.as_str(), number.radix())
            .is_ok_and(|number| number.to_string() == name),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::{SourceFile, read_document};

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
}
