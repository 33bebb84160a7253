//! Texts in CSV that a spreadsheet would take for a formula.

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
