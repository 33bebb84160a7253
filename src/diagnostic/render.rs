//! Diagnostics as text: rustc's look, with the place underlined.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet, normalize_untrusted_str};

use super::{Diagnostic, Severity, SourceFile};

/// How many diagnostics are rendered; the others are only counted.
const MAX_RENDERED: usize = 50;

/// Renders diagnostics of one file in the order of their places, at most 50 of them, errors before the others.
///
/// The text carries colour only when `styled`; meaning never depends on it.
pub fn render(file: &SourceFile, diagnostics: &[Diagnostic], styled: bool) -> String {
    let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
    let mut shown: Vec<&Diagnostic> = diagnostics.iter().collect();
    shown.sort_by_key(|diagnostic| {
        (std::cmp::Reverse(diagnostic.severity), diagnostic.primary.span.start, diagnostic.code)
    });
    shown.truncate(MAX_RENDERED);
    shown.sort_by_key(|diagnostic| (diagnostic.primary.span.start, diagnostic.code));
    let mut pieces: Vec<String> =
        shown.into_iter().map(|diagnostic| render_one(file, diagnostic, &renderer) + "\n").collect();
    let hidden = diagnostics.len().saturating_sub(MAX_RENDERED);
    if hidden > 0 {
        pieces.push(format!("{}: {hidden} more not shown\n", file.name));
    }
    pieces.join("\n")
}

fn render_one(file: &SourceFile, diagnostic: &Diagnostic, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let lines = lines(file, diagnostic);
    let within = |span: &Range<usize>| {
        let span = clamp(file, span);
        span.start - lines.start..span.end - lines.start
    };
    let first = file.text[..lines.start].matches('\n').count() + 1;
    let mut snippet =
        Snippet::source(&file.text[lines.clone()]).line_start(first).path(&file.name).annotation(
            AnnotationKind::Primary
                .span(within(&diagnostic.primary.span))
                .label(normalize_untrusted_str(&diagnostic.primary.text)),
        );
    for label in &diagnostic.secondary {
        let label =
            AnnotationKind::Context.span(within(&label.span)).label(normalize_untrusted_str(&label.text));
        snippet = snippet.annotation(label);
    }
    let mut group = level
        .primary_title(normalize_untrusted_str(&diagnostic.message))
        .id(diagnostic.code)
        .element(snippet);
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(normalize_untrusted_str(help)));
    }
    renderer.render(&[group])
}

/// The lines that a diagnostic is about, and those between them: a whole file would be looked through each time.
fn lines(file: &SourceFile, diagnostic: &Diagnostic) -> Range<usize> {
    let labels = diagnostic.secondary.iter().chain([&diagnostic.primary]);
    let (mut start, mut end) = (file.text.len(), 0);
    for span in labels.map(|label| clamp(file, &label.span)) {
        start = start.min(span.start);
        end = end.max(span.end);
    }
    let start = file.text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let end = file.text[end..].find('\n').map_or(file.text.len(), |newline| end + newline + 1);
    start..end
}

/// Keeps a span inside the text and on character boundaries, so that rendering cannot fail.
fn clamp(file: &SourceFile, span: &Range<usize>) -> Range<usize> {
    let floor = |offset: usize| {
        let mut offset = offset.min(file.text.len());
        while !file.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    };
    let start = floor(span.start);
    start..floor(span.end).max(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_fifty_the_rest_is_counted_and_errors_come_first() {
        let file = SourceFile::new("x.toml", "abc");
        let note = Diagnostic::note("toml/syntax", 0..1, "a note");
        let error = Diagnostic::error("toml/syntax", 2..3, "an error");
        let render = |notes: usize| {
            let mut diagnostics = vec![note.clone(); notes];
            diagnostics.push(error.clone());
            render(&file, &diagnostics, false)
        };
        assert!(!render(49).contains("more"));
        let text = render(60);
        assert_eq!((text.matches("a note").count(), text.matches("an error").count()), (49, 1));
        assert!(text.ends_with("x.toml: 11 more not shown\n"), "{text}");
    }
}
