//! Breaking lines at words.

use unicode_width::UnicodeWidthStr;

/// Breaks a text into lines of at most `width` columns; a longer word is broken inside.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = vec![String::new()];
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        for piece in pieces(word, width) {
            let line = lines.last().map_or(0, |line| line.width());
            let space = usize::from(line > 0);
            if line + space + piece.width() > width && line > 0 {
                lines.push(piece);
            } else if let Some(last) = lines.last_mut() {
                if space > 0 {
                    last.push(' ');
                }
                last.push_str(&piece);
            }
        }
    }
    lines
}

fn pieces(word: &str, width: usize) -> Vec<String> {
    if word.width() <= width {
        return vec![word.to_owned()];
    }
    let mut pieces = vec![String::new()];
    for c in word.chars() {
        let full = pieces.last().is_some_and(|piece| piece.width() + c.to_string().width() > width);
        if full {
            pieces.push(String::new());
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(c);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_to_the_width() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh ij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("", 10), [""]);
        for line in wrap("größenordnungsmäßig 漢字漢字漢字 and so on", 9) {
            assert!(line.width() <= 9, "{line}");
        }
    }
}
