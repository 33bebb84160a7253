//! Text from servers, made harmless for a terminal.

/// Replaces control characters and the invisible characters that reorder or hide text by `�`, so that a
/// label or an error message cannot move the cursor, change colours or forge a line.
pub fn safe(text: &str) -> String {
    text.chars().map(|c| if harmful(c) { '\u{fffd}' } else { c }).collect()
}

fn harmful(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::safe;

    #[test]
    fn escape_sequences_lose_their_power() {
        assert_eq!(safe("a\u{1b}[31mred\nnext\u{202e}"), "a�[31mred�next�");
        assert_eq!(safe("größe · 80 % → ok"), "größe · 80 % → ok");
    }
}
