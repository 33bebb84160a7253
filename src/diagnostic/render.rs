//! Diagnostics as text: rustc's look, with the place underlined.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet, normalize_untrusted_str};

use super::{Diagnostic, Severity, SourceFile};

/// Renders diagnostics of one file in the order of their places.
///
/// The text carries colour only when `styled`; meaning never depends on it.
pub fn render(file: &SourceFile, diagnostics: &[Diagnostic], styled: bool) -> String {
    let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
    let mut ordered: Vec<&Diagnostic> = diagnostics.iter().collect();
    ordered.sort_by_key(|diagnostic| (diagnostic.primary.span.start, diagnostic.code));
    let mut out = String::new();
    for diagnostic in ordered {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&render_one(file, diagnostic, &renderer));
        out.push('\n');
    }
    out
}

fn render_one(file: &SourceFile, diagnostic: &Diagnostic, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut snippet = Snippet::source(&file.text).path(&file.name).annotation(
        AnnotationKind::Primary
            .span(clamp(file, &diagnostic.primary.span))
            .label(normalize_untrusted_str(&diagnostic.primary.text)),
    );
    for label in &diagnostic.secondary {
        snippet = snippet.annotation(
            AnnotationKind::Context
                .span(clamp(file, &label.span))
                .label(normalize_untrusted_str(&label.text)),
        );
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

/// Keeps a span inside the text and on character boundaries, so that rendering cannot fail.
fn clamp(file: &SourceFile, span: &std::ops::Range<usize>) -> std::ops::Range<usize> {
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
