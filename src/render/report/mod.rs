//! A month's report: a page of sections, written as HTML or Markdown, and the data itself as JSON.

mod sections;
mod small;
mod words;
mod year;

use super::document::{Document, Picture, TemplateError, Templates};
use super::json::{pretty, schema_of};
use crate::report::{Report, YearReport};

/// A file of a report, and its path beneath the folder of the reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportFile {
    /// The path, with `/`.
    pub path: String,
    /// What stands in it.
    pub text: String,
}

/// What a report is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReportFormat {
    /// A page that needs nothing but itself.
    Html,
    /// A page for a tracker, with its pictures in a folder beside it.
    Markdown,
    /// Everything for programs.
    Json,
}

/// The files of a month's report; `name` is what they are called.
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
        _ => of_page(&sections::page(report), format, name, templates),
    }
}

/// The files of a year's page.
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
        _ => of_page(&year::page(year), format, name, templates),
    }
}

fn of_page(
    page: &Document,
    format: ReportFormat,
    name: &str,
    templates: &Templates,
) -> Result<Vec<ReportFile>, TemplateError> {
    if format == ReportFormat::Html {
        return Ok(vec![file(format!("{name}.html"), page.to_html(templates)?)]);
    }
    let mut files = vec![file(format!("{name}.md"), page.to_markdown_with_pictures(name))];
    let picture = |picture: &Picture| file(format!("{name}/{}.svg", picture.name), picture.svg.clone());
    files.extend(page.pictures().map(picture));
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
