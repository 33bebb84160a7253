//! Text in the templates of alerts.

use crate::render::safe;

/// A text that a template of Go shows as it is, whatever stands before or behind it.
pub(super) fn inert(text: &str) -> String {
    safe(text).replace('{', "{{ \"{\" }}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brace_begins_no_action() {
        assert_eq!(inert("a {{ .Labels }}"), "a {{ \"{\" }}{{ \"{\" }} .Labels }}");
        assert_eq!(inert("50% \"of\" it"), "50% \"of\" it");
    }
}
