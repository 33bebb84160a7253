//! A page as Markdown for a tracker or a wiki; pictures are files in a folder of the page's name.

use super::page::{Cell, Item, List, Page, Part, Picture, Table, Tone};
use crate::render::markdown::escape;

/// The page.
pub(super) fn render(page: &Page, folder: &str) -> String {
    let mut lines = vec![format!("# {}", escape(&page.title)), String::new()];
    if let Some(simulated) = &page.simulated {
        lines.extend([format!("**Simulated:** {}", escape(simulated)), String::new()]);
    }
    lines.extend([escape(&page.subtitle), String::new()]);
    for section in &page.sections {
        lines.extend([format!("## {}", section.title), String::new()]);
        for part in &section.parts {
            lines.extend(part_lines(part, folder));
        }
    }
    lines.extend([format!("_{}_", escape(&page.footer)), String::new()]);
    lines.join("\n")
}

fn part_lines(part: &Part, folder: &str) -> Vec<String> {
    let mut lines = match part {
        Part::Lead { tone, sentences } => {
            let sentences: Vec<String> = sentences.iter().map(|sentence| escape(sentence)).collect();
            vec![format!("> {}{}", mark(*tone), sentences.join("\n>\n> "))]
        }
        Part::Text { text } => vec![escape(text)],
        Part::List(list) => list_lines(list),
        Part::Table(table) => table_lines(table, folder),
        Part::Picture(picture) => vec![image(picture, folder)],
    };
    lines.push(String::new());
    lines
}

/// A sign beside the word that the text says anyway.
fn mark(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "",
        Tone::Ok => "✅ ",
        Tone::Unknown => "❔ ",
        Tone::Warning => "⚠️ ",
        Tone::Critical => "🔴 ",
    }
}

fn image(picture: &Picture, folder: &str) -> String {
    format!("![{}]({folder}/{}.svg)", escape(&picture.title), picture.name)
}

fn list_lines(list: &List) -> Vec<String> {
    let bullet = |item: &Item| match (list.tasks, item.done) {
        (true, true) => "- [x]",
        (true, false) => "- [ ]",
        (false, _) => "-",
    };
    let mut lines = vec![format!("**{}**", escape(&list.title)), String::new()];
    for item in &list.items {
        lines.push(format!("{} {}", bullet(item), escape(&item.text)));
        lines.extend(item.details.iter().map(|detail| format!("  - {}", escape(detail))));
    }
    lines
}

fn table_lines(table: &Table, folder: &str) -> Vec<String> {
    let row = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    let titles = table.columns.iter().map(|column| escape(&column.title)).collect();
    let rules = table.columns.iter().map(|column| if column.number { "--:" } else { "---" }.to_owned());
    let mut lines =
        vec![format!("**{}**", escape(&table.title)), String::new(), row(titles), row(rules.collect())];
    lines.extend(
        table.rows.iter().map(|cells| row(cells.iter().map(|cell| cell_text(cell, folder)).collect())),
    );
    lines
}

fn cell_text(cell: &Cell, folder: &str) -> String {
    let text = match &cell.picture {
        Some(picture) => image(picture, folder),
        None => format!("{}{}", mark(cell.tone), escape(&cell.text)),
    };
    let note = cell.note.as_ref().map(|note| format!("<br>{}", escape(note)));
    format!("{text}{}", note.unwrap_or_default())
}
