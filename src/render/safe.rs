//! Text from servers, made harmless for a terminal.

use std::fmt::Write;

/// Replaces control characters and the invisible characters that reorder or hide text by `�`, so that a
/// label or an error message cannot move the cursor, change colours or forge a line.
pub fn safe(text: &str) -> String {
    text.chars().map(|c| if harmful(c) { '\u{fffd}' } else { c }).collect()
}

/// The same JSON with such characters written as `\uXXXX`, which changes no value: a terminal obeys them
/// inside JSON, too. In JSON they can only stand in strings.
pub fn escape_harmful(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
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

#[cfg(test)]
mod tests {
    use super::{escape_harmful, safe};

    #[test]
    fn escape_sequences_lose_their_power() {
        assert_eq!(safe("a\u{1b}[31mred\nnext\u{202e}"), "a�[31mred�next�");
        assert_eq!(safe("größe · 80 % → ok"), "größe · 80 % → ok");
    }

    #[test]
    fn json_keeps_its_meaning() {
        let text = "a\u{9b}2J\u{202e}\u{e0041}größe";
        let json = serde_json::to_string(text).unwrap();
        let escaped = escape_harmful(&json);
        assert_eq!(escaped, r#""a\u009b2J\u202e\udb40\udc41größe""#);
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), text);
    }
}
