//! Text that mentions nobody, links to nothing and formats nothing in a chat.

use super::LONGEST_LINE;
use crate::foreign::{excerpt, safe};

/// Shown as nothing, and enough to keep two characters from being read together.
const APART: char = '\u{200b}';

/// A line that reads as before and is plain in every dialect of Markdown: marks become characters that look alike, and
/// mentions and addresses are taken apart. Backslashes would do in some dialects, and are shown in others.
pub(super) fn inert(text: &str) -> String {
    let text = excerpt(&safe(text), LONGEST_LINE);
    let mut out = String::with_capacity(text.len());
    let mut previous = ' ';
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        let next = rest.peek().copied();
        match letter {
            '*' => out.push('\u{2217}'),
            '`' => out.push('\u{2019}'),
            '~' => out.push('\u{223c}'),
            '|' => out.push('\u{2758}'),
            '\\' => out.push('\u{2216}'),
            // Within a word it is a part of a name.
            '_' if !(previous.is_alphanumeric() && next.is_some_and(char::is_alphanumeric)) => {
                out.push('\u{2017}');
            }
            // Between the text of a link and its target.
            ']' if next.is_some_and(|next| "([:".contains(next)) => out.extend([letter, APART]),
            '<' => out.push('\u{2039}'),
            '>' => out.push('\u{203a}'),
            // Of a mention or a channel.
            '@' | '#' if next.is_some_and(|next| !next.is_whitespace()) => out.extend([letter, APART]),
            // Of an address or an emoji, and not of a port.
            ':' if next.is_some_and(|next| next == '/' || next.is_alphabetic()) => {
                out.extend([letter, APART]);
            }
            '.' if out.to_ascii_lowercase().ends_with("www") => out.extend([letter, APART]),
            _ => out.push(letter),
        }
        previous = letter;
    }
    // Lists, headings and quotes begin a line.
    if out.starts_with(['+', '-', '=', '#']) || out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert(0, APART);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::inert;

    #[test]
    fn nothing_of_a_text_is_obeyed() {
        for (text, told) in [
            ("<!here> <@U1> <http://a.example|b>", "‹!here› ‹@\u{200b}U1› ‹http:\u{200b}//a.example❘b›"),
            ("@channel #general", "@\u{200b}channel #\u{200b}general"),
            ("*a* _b_ ~c~ `d` [e](f)", "∗a∗ ‗b‗ ∼c∼ ’d’ [e]\u{200b}(f)"),
            (
                "max_connections of db-1.shop:5432, 97% of 100",
                "max_connections of db-1.shop:5432, 97% of 100",
            ),
            ("[2.2] Tune it: [a][b]", "[2.2] Tune it: [a]\u{200b}[b]"),
            ("www.a.example :smile:", "www.\u{200b}a.example :\u{200b}smile:"),
            ("- a\nb", "\u{200b}- a�b"),
        ] {
            assert_eq!(inert(text), told);
        }
    }
}
