//! Text from outside, sanitized for terminals and for programs that read output line by line, and disarmed for
//! spreadsheets.

use std::fmt::Write;

/// Replaces control characters and the invisible characters that reorder or hide text by `�`, so that a
/// label or an error message cannot move the cursor, change colours or forge a line. What begins a command to a CI
/// runner gets a space in its middle.
pub fn safe(text: &str) -> String {
    let shown: String = text.chars().map(|c| if harmful(c) { '\u{fffd}' } else { c }).collect();
    if shown.contains("##") { without_marks(shown) } else { shown }
}

/// Whether [`safe`] would leave a text as it is.
pub fn is_safe(text: &str) -> bool {
    !text.chars().any(harmful) && !RUNNERS.iter().any(|mark| text.contains(mark))
}

/// What begins a command to a CI runner anywhere in a line of its log: those of GitHub's first version and Azure,
/// TeamCity.
const RUNNERS: [&str; 3] = ["##[", "##vso[", "##teamcity["];

/// The beginning of a text on one line, cut at a number of characters. It ends between two words: half of a secret
/// would not be known for one.
pub fn excerpt(text: &str, longest: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((end, _)) = line.char_indices().nth(longest) else { return line };
    let kept = &line[..end];
    let whole = kept.rfind(' ').filter(|space| *space >= end / 2);
    format!("{}…", whole.map_or(kept, |space| &kept[..space]))
}

/// The same lines with no command to a CI runner in them: runners read what steps write, on standard error as well,
/// and obey lines that begin with `::`, behind any spaces, or hold `##[`.
pub fn without_commands(text: &str) -> String {
    if !text.contains("::") && !text.contains("##") {
        return text.to_owned();
    }
    let inert = |line: &str| match line.trim_start().strip_prefix("::") {
        Some(rest) => format!("{}: :{rest}", &line[..line.len() - line.trim_start().len()]),
        None => line.to_owned(),
    };
    without_marks(text.split_inclusive('\n').map(inert).collect())
}

fn without_marks(text: String) -> String {
    RUNNERS.iter().fold(text, |text, mark| text.replace(mark, &mark.replacen("##", "# #", 1)))
}

/// The same JSON with such characters written as `\uXXXX`, which changes no value: a terminal obeys them inside JSON,
/// too, and a CI runner obeys `##[`. In JSON both can only occur in strings.
pub fn escape_harmful(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let json = RUNNERS.iter().fold(std::borrow::Cow::Borrowed(json), |json, command| {
        if json.contains(command) {
            json.replace(command, &command.replacen("##", "#\\u0023", 1)).into()
        } else {
            json
        }
    });
    for c in json.chars() {
        if c != '\n' && harmful(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

fn harmful(c: char) -> bool {
    // U+FFFE and U+FFFF are no characters: XML, and so a picture, must not hold them.
    c.is_control()
        || matches!(c,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fffe}'..='\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

/// Signs with which formulas begin, in both widths; spreadsheets skip a tab or a line end before them.
const SIGNS: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// The text with an apostrophe in front where it would begin a formula: spreadsheets then take it for text.
///
/// A text that has apostrophes there already gets one more, so that [`armed`] gives back any text.
pub fn disarmed(text: String) -> String {
    if is_formula(&text) { format!("'{text}") } else { text }
}

/// The text as it was before [`disarmed`].
pub fn armed(text: String) -> String {
    match text.strip_prefix('\'') {
        Some(rest) if is_formula(rest) => rest.to_owned(),
        _ => text,
    }
}

fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(SIGNS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_lose_their_power() {
        assert_eq!(safe("a\u{1b}[31mred\nnext\u{202e}"), "a�[31mred�next�");
        assert_eq!(safe("größe · 80 % → ok"), "größe · 80 % → ok");
        assert!(is_safe("größe") && !is_safe("a\n"));
    }

    #[test]
    fn an_excerpt_ends_between_two_words() {
        assert_eq!(excerpt("a\n  b", 5), "a b");
        assert_eq!(excerpt("some words hunter2hunter2", 20), "some words…");
        assert_eq!(excerpt(&"é".repeat(30), 20).chars().count(), 21);
    }

    #[test]
    fn no_line_is_a_command_to_a_runner() {
        for (line, inert) in [
            ("::error::pwn\n", ": :error::pwn\n"),
            ("a\n \t::set-output name=x::y", "a\n \t: :set-output name=x::y"),
            ("a ##[error]b", "a # #[error]b"),
            ("##vso[task.setvariable]x", "# #vso[task.setvariable]x"),
            ("std::fmt and ## are words", "std::fmt and ## are words"),
        ] {
            assert_eq!(without_commands(line), inert);
        }
        let json = serde_json::to_string("##[error]x").unwrap();
        let escaped = escape_harmful(&json);
        assert!(!escaped.contains("##["));
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), "##[error]x");
    }

    #[test]
    fn json_keeps_its_meaning() {
        let text = "a\u{9b}2J\u{202e}\u{e0041}größe";
        let json = serde_json::to_string(text).unwrap();
        let escaped = escape_harmful(&json);
        assert_eq!(escaped, r#""a\u009b2J\u202e\udb40\udc41größe""#);
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), text);
    }

    #[test]
    fn formulas_become_text_and_come_back() {
        for text in ["=1+1", "@SUM(1)", "+1", "-1", "\t=1", "＝1", "'=1", "''=1"] {
            assert_eq!(disarmed(text.to_owned()), format!("'{text}"));
            assert_eq!(armed(disarmed(text.to_owned())), text);
        }
        for text in ["", "'", "'a", "mail=1", "größe"] {
            assert_eq!(disarmed(text.to_owned()), text);
            assert_eq!(armed(text.to_owned()), text);
        }
    }
}
