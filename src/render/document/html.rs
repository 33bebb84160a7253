//! A page as one HTML file that loads nothing, by templates that a project may replace.
//!
//! Every text is escaped by the template engine. The content-security policy allows nothing but the page's own styles and
//! script, by their hashes: whatever might slip in does not run.

use std::{collections::BTreeMap, fmt::Write, io};

use minijinja::{
    AutoEscape, Environment, UndefinedBehavior, Value, context, syntax::SyntaxConfig, value::Serde,
};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::Document;
use crate::render::{chart, safe};

/// The files of a page, as they are built in.
pub const PAGE_TEMPLATES: [(&str, &str); 3] = [
    (PAGE, include_str!("../../../reports/templates/report.html")),
    (STYLE, include_str!("../../../reports/templates/report.css")),
    (SCRIPT, include_str!("../../../reports/templates/report.js")),
];
const PAGE: &str = "report.html";
const STYLE: &str = "report.css";
const SCRIPT: &str = "report.js";
/// Of these the page alone is a template: `{#` may occur in any style, and `{{` in any script.
const BUILT_IN: [&str; 3] = [PAGE, STYLE, SCRIPT];
/// Steps a template may take, so that a loop without end ends; a page takes a few thousand.
const FUEL: u64 = 5_000_000;
/// Bytes of a template.
const LARGEST: usize = 1 << 20;
/// Bytes between `{{` or `{%` and its end: the engine follows each sum and each list to its depth.
const LONGEST_TAG: usize = 8 << 10;
/// Bytes of a page.
const LARGEST_PAGE: usize = 64 << 20;

/// A template that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the template of the report cannot be used: {0}")]
pub struct TemplateError(String);

/// The built-in templates, and those of a project in their place.
#[derive(Debug, Clone, Default)]
pub struct Templates {
    own: BTreeMap<String, String>,
}

impl Templates {
    /// Those of a project, by the names of their files; the others stay as they are built in.
    pub fn new(own: BTreeMap<String, String>) -> Self {
        Self { own }
    }

    fn text(&self, name: &str) -> &str {
        let built_in =
            || PAGE_TEMPLATES.into_iter().find(|(known, _)| *known == name).map_or("", |(_, text)| text);
        self.own.get(name).map_or_else(built_in, String::as_str)
    }
}

/// The page.
pub(super) fn write(document: &Document, templates: &Templates) -> Result<String, TemplateError> {
    let page = sanitized(document)?;
    let style = format!("{}\n{}", templates.text(STYLE).trim(), rules());
    let script = templates.text(SCRIPT).trim();
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        hash(&style),
        hash(script)
    );
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    let syntax =
        SyntaxConfig::builder().keep_trailing_newline(true).trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.map_err(|error| TemplateError(message(&error)))?);
    let values = context! { page, style, script, policy };
    for (name, text) in &templates.own {
        check(name, text)?;
    }
    let mut written = Bounded(Vec::new());
    let write = || -> Result<(), minijinja::Error> {
        environment.add_template(PAGE, templates.text(PAGE))?;
        for (name, text) in templates.own.iter().filter(|(name, _)| !BUILT_IN.contains(&name.as_str())) {
            environment.add_template(name, text)?;
        }
        environment.get_template(PAGE)?.render_captured_to(values, &mut written)?;
        Ok(())
    };
    write().map_err(|error| TemplateError(message(&error)))?;
    String::from_utf8(written.0).map_err(|error| TemplateError(error.to_string()))
}

/// Refuses what would lead the engine too deep.
fn check(name: &str, text: &str) -> Result<(), TemplateError> {
    if text.len() > LARGEST {
        return Err(TemplateError(format!("{name} is larger than {} MiB", LARGEST >> 20)));
    }
    if BUILT_IN.contains(&name) && name != PAGE {
        return Ok(());
    }
    for (open, close) in [("{{", "}}"), ("{%", "%}")] {
        for (start, _) in text.match_indices(open) {
            let end = text[start..].find(close).unwrap_or(text.len() - start);
            if end > LONGEST_TAG {
                let line = text[..start].matches('\n').count() + 1;
                let limit = LONGEST_TAG >> 10;
                return Err(TemplateError(format!("{name}:{line}: `{open}` is longer than {limit} KiB")));
            }
        }
    }
    Ok(())
}

/// A page on its way, up to its largest size.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len().saturating_add(bytes.len()) > LARGEST_PAGE {
            let message = format!("the page is larger than {} MiB", LARGEST_PAGE >> 20);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is wrong, with the place and what is behind it.
fn message(error: &minijinja::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        // Writing to a string cannot fail.
        let _ = write!(text, ": {inner}");
        cause = inner.source();
    }
    safe(&text)
}

/// The rules of the pictures, once for the whole page.
fn rules() -> String {
    chart::style().replace("<style>", "").replace("</style>", "")
}

/// As a content-security policy names a text.
fn hash(text: &str) -> String {
    format!("sha256-{}", base64(&Sha256::digest(text.as_bytes())))
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let all = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4_usize {
            let letter = (all >> (18 - 6 * place) & 63) as usize;
            text.push(if place <= chunk.len() { char::from(LETTERS[letter]) } else { '=' });
        }
    }
    text
}

/// The same page with pictures that leave their rules to the page, and with every text sanitized.
fn sanitized(document: &Document) -> Result<Value, TemplateError> {
    let mut document = document.clone();
    let rules = chart::style();
    for picture in document.pictures_mut() {
        picture.svg = picture.svg.replace(&rules, "");
    }
    let json = serde_json::to_value(&document).map_err(|error| TemplateError(error.to_string()))?;
    Ok(Value::from(Serde(safe_texts(json))))
}

/// A value without what reorders or hides text in its strings; pictures are ours and keep their line ends.
fn safe_texts(value: Json) -> Json {
    match value {
        Json::String(text) => safe(&text).into(),
        Json::Array(values) => values.into_iter().map(safe_texts).collect(),
        Json::Object(fields) => {
            let field = |(key, value): (String, Json)| {
                let value = if key == "svg" { value } else { safe_texts(value) };
                (key, value)
            };
            Json::Object(fields.into_iter().map(field).collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_policy() {
        // The example of the specification, CSP 3, section 8.
        assert_eq!(hash("alert('Hello, world.');"), "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=");
        assert_eq!([&b"f"[..], b"fo", b"foo", b""].map(base64), ["Zg==", "Zm8=", "Zm9v", ""]);
    }
}
