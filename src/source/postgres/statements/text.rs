//! The text of a statement as far as it may be shown.

/// How many characters of a statement are shown.
const LONGEST: usize = 120;

/// Statements whose duration says nothing about the work of the database.
const HOUSEKEEPING: [&str; 10] =
    ["BEGIN", "START", "COMMIT", "END", "ROLLBACK", "SET", "RESET", "SHOW", "DEALLOCATE", "DISCARD"];

/// Statements in which the extension replaces every constant by a parameter, in all its versions.
const NORMALISED: [&str; 8] = ["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "VALUES", "TABLE"];

/// True for transaction control and settings.
pub(super) fn is_housekeeping(text: &str) -> bool {
    HOUSEKEEPING.contains(&first_word(text).as_str())
}

/// One line of at most 120 characters, without comments and without values.
///
/// Other statements than the normalised ones, such as `ALTER ROLE … PASSWORD`, are kept by the extension word
/// for word; only their first word is shown. Quoted values are masked once more, because an entry that was
/// evicted while it ran comes back with its values.
pub(super) fn shape(text: &str) -> String {
    let word = first_word(text);
    if !NORMALISED.contains(&word.as_str()) {
        return format!("{word} statement");
    }
    let masked = masked(text);
    let line: Vec<&str> = masked.split_whitespace().collect();
    let line = line.join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn first_word(text: &str) -> String {
    let text = masked(text);
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '(');
    text.chars().take_while(char::is_ascii_alphabetic).take(20).collect::<String>().to_ascii_uppercase()
}

/// The text with quoted values replaced by `?` and comments by nothing.
fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = if c == '\'' {
            let escapes = escapes(&out);
            out.push('?');
            if escapes { past_escaped(after) } else { past(after, "'") }
        } else if let Some(comment) = rest.strip_prefix("/*") {
            past_comment(comment)
        } else if let Some(comment) = rest.strip_prefix("--") {
            out.push(' ');
            past(comment, "\n")
        } else if let Some(tag) = dollar_tag(rest) {
            out.push('?');
            past(&rest[tag.len()..], tag)
        } else {
            out.push(c);
            after
        };
    }
    out
}

/// Whether a quote after this text begins a value with backslashes: `E'…'`.
fn escapes(before: &str) -> bool {
    let mut letters = before.chars().rev();
    matches!(letters.next(), Some('e' | 'E'))
        && !letters.next().is_some_and(|c| c.is_alphanumeric() || c == '_')
}

/// What begins a dollar-quoted value, and ends it again: `$$` or `$tag$`. A parameter such as `$1` is none.
fn dollar_tag(text: &str) -> Option<&str> {
    let name = text.strip_prefix('$')?;
    let end = name.find('$')?;
    let letters = &name[..end];
    let named = letters.chars().all(|c| c.is_alphanumeric() || c == '_')
        && !letters.starts_with(|c: char| c.is_ascii_digit());
    named.then(|| &text[..end + 2])
}

fn past<'a>(text: &'a str, end: &str) -> &'a str {
    text.split_once(end).map_or("", |(_, rest)| rest)
}

/// The text after a quote that no backslash takes its meaning from.
fn past_escaped(text: &str) -> &str {
    let mut letters = text.char_indices();
    while let Some((at, c)) = letters.next() {
        match c {
            '\\' => drop(letters.next()),
            '\'' => return &text[at + 1..],
            _ => {}
        }
    }
    ""
}

/// The text after a comment, in which there may be others.
fn past_comment(text: &str) -> &str {
    let (mut rest, mut depth) = (text, 1);
    while depth > 0 {
        let Some(at) = rest.find(['/', '*']) else { return "" };
        let mark = &rest[at..];
        if let Some(inner) = mark.strip_prefix("/*") {
            (rest, depth) = (inner, depth + 1);
        } else if let Some(outer) = mark.strip_prefix("*/") {
            (rest, depth) = (outer, depth - 1);
        } else {
            rest = &mark[1..];
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_comments_are_left_out() {
        let text = "/* route='/login' */ SELECT *\n  FROM users -- by name\n WHERE name = 'ann' AND id = $1";
        assert_eq!(shape(text), "SELECT * FROM users WHERE name = ? AND id = $1");
        assert_eq!(shape("ALTER ROLE app PASSWORD 'hunter2'"), "ALTER statement");
        assert_eq!(shape("DO $$ secret $$"), "DO statement");
        assert_eq!(shape("(SELECT 1)"), "(SELECT 1)");
        assert_eq!(shape("SELECT 'it''s'"), "SELECT ??");
        assert_eq!(shape("SELECT 'open"), "SELECT ?");
        assert_eq!(shape(r"SELECT E'it\'s hunter2', name"), "SELECT E?, name");
        assert_eq!(shape(r"SELECT name'C:\' WHERE a = 'hunter2'"), "SELECT name? WHERE a = ?");
        assert_eq!(shape("SELECT $tag$ it's $$ hunter2 $tag$, $1, $2"), "SELECT ?, $1, $2");
        assert_eq!(shape("SELECT /* a /* b */ hunter2 */ 1"), "SELECT 1");
        assert_eq!(shape(&"SELECT é".repeat(40)).chars().count(), LONGEST + 1);
    }

    #[test]
    fn transaction_control_is_housekeeping() {
        for text in ["BEGIN READ ONLY", " commit", "SET LOCAL x = $1"] {
            assert!(is_housekeeping(text), "{text}");
        }
        for text in ["SELECT 1", "CALL f()", ""] {
            assert!(!is_housekeeping(text), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_between_quotes_is_ever_shown(before in "[a-z $*=(]{0,80}", after in ".{0,80}") {
            let shown = shape(&format!("SELECT {before} 'hunter2' {after}"));
            proptest::prop_assert!(!shown.contains("hunter2"), "{shown}");
            proptest::prop_assert!(shown.chars().count() <= LONGEST + 1);
        }
    }
}
