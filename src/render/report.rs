//! The files of a report: a page in each format, its pictures, and the data as JSON.

use super::{
    document::{Document, Picture, TemplateError, Templates, TerminalStyle},
    json::{pretty, schema_of},
    view::{report_document, year_document},
};
use crate::report::{Report, YearReport};

/// A file of a report, and its path beneath the directory of the reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportFile {
    /// The path, with `/`.
    pub path: String,
    /// Its content.
    pub text: String,
}

/// What a report is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportFormat {
    /// A page for a terminal.
    Text(TerminalStyle),
    /// One page for a browser.
    Html,
    /// A page for a tracker, with its pictures in a directory next to it.
    Markdown,
    /// Everything for programs.
    Json,
}

/// The files of a month's report, by the stem of their names.
///
/// # Errors
/// When a template of the project cannot be used.
pub fn report_files(
    report: &Report,
    format: ReportFormat,
    name: &str,
    templates: &Templates,
) -> Result<Vec<ReportFile>, TemplateError> {
    match format {
        ReportFormat::Json => Ok(vec![file(format!("{name}.json"), pretty(report))]),
        _ => document_files(&report_document(report), format, name, templates),
    }
}

/// The files of a year's report, by the stem of their names.
///
/// # Errors
/// When a template of the project cannot be used.
pub fn year_files(
    year: &YearReport,
    format: ReportFormat,
    name: &str,
    templates: &Templates,
) -> Result<Vec<ReportFile>, TemplateError> {
    match format {
        ReportFormat::Json => Ok(vec![file(format!("{name}.json"), pretty(year))]),
        _ => document_files(&year_document(year), format, name, templates),
    }
}

fn document_files(
    document: &Document,
    format: ReportFormat,
    name: &str,
    templates: &Templates,
) -> Result<Vec<ReportFile>, TemplateError> {
    match format {
        ReportFormat::Text(style) => {
            return Ok(vec![file(format!("{name}.txt"), document.to_terminal(style))]);
        }
        ReportFormat::Html => return Ok(vec![file(format!("{name}.html"), document.to_html(templates)?)]),
        ReportFormat::Markdown | ReportFormat::Json => {}
    }
    let mut files = vec![file(format!("{name}.md"), document.to_markdown_with_pictures(name))];
    let picture = |picture: &Picture| file(format!("{name}/{}.svg", picture.name), picture.svg.clone());
    files.extend(document.pictures().map(picture));
    Ok(files)
}

fn file(path: String, text: String) -> ReportFile {
    ReportFile { path, text }
}

/// The JSON Schema of a report.
pub fn report_schema() -> String {
    schema_of::<Report>()
}

/// The JSON Schema of a year.
pub fn year_schema() -> String {
    schema_of::<YearReport>()
}
