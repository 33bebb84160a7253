//! A table that fits: the least important columns are left out of a narrow page.

use anstyle::Style;
use comfy_table::{Cell as Laid, CellAlignment, ContentArrangement, Table as Layout, presets};
use unicode_width::UnicodeWidthStr;

use super::{Page, tone_style};
use crate::render::{
    document::{Cell, Table, Text, Tone},
    safe,
};

pub(super) fn write(table: &Table, page: &mut Page) {
    if !table.title.is_empty() {
        page.item(1, "", &Text::strong(table.title.clone()));
    }
    let (columns, lines) = fitted(table, page.width);
    // No cell is broken, so each row is one line, below that of the titles.
    for (index, line) in lines.iter().enumerate() {
        let Some(row) = index.checked_sub(1).and_then(|row| table.rows.get(row)) else {
            let painted = page.paint(Style::new().dimmed(), line.trim_end());
            page.push(&painted);
            continue;
        };
        let shown = columns.iter().filter_map(|column| row.get(*column));
        let painted = painted(line, shown, page);
        page.push(&painted);
        for note in row.iter().filter_map(|cell| cell.note.as_ref()) {
            page.item(4, "", &note.clone().into());
        }
    }
}

/// The columns that fit a width, and the lines they make.
fn fitted(table: &Table, width: usize) -> (Vec<usize>, Vec<String>) {
    let mut columns: Vec<usize> = (0..table.columns.len()).collect();
    loop {
        let lines = laid_out(table, &columns);
        let needed = lines.iter().map(|line| line.trim_end().width()).max().unwrap_or(0);
        let rank = |column: &usize| table.columns.get(*column).map_or(0, |column| column.rank);
        let least = columns.iter().copied().max_by_key(rank).filter(|column| rank(column) > 0);
        let Some(least) = least.filter(|_| needed > width) else { return (columns, lines) };
        columns.retain(|column| *column != least);
    }
}

fn laid_out(table: &Table, columns: &[usize]) -> Vec<String> {
    let mut layout = Layout::new();
    layout.load_style(presets::NOTHING);
    layout.set_content_arrangement(ContentArrangement::Disabled);
    let aligned = |text: String, column: usize| {
        let number = table.columns.get(column).is_some_and(|column| column.number);
        let cell = Laid::new(text);
        if number { cell.set_alignment(CellAlignment::Right) } else { cell }
    };
    let title = |column: &usize| table.columns.get(*column).map_or("", |column| column.title.as_str());
    layout.set_header(columns.iter().map(|column| aligned(safe(title(column)), *column)));
    for row in &table.rows {
        let text = |column: &usize| row.get(*column).map(cell_text).unwrap_or_default();
        layout.add_row(columns.iter().map(|column| aligned(text(column), *column)).collect::<Vec<_>>());
    }
    layout.lines().collect()
}

fn cell_text(cell: &Cell) -> String {
    let picture = cell.picture.as_ref().and_then(|picture| picture.characters.first());
    safe(picture.map_or(&cell.text, |characters| characters))
}

/// The line with the words of toned cells in colour.
fn painted<'a>(line: &str, cells: impl Iterator<Item = &'a Cell>, page: &Page) -> String {
    let (mut out, mut rest) = (String::new(), line);
    for cell in cells.filter(|cell| cell.tone != Tone::Plain) {
        let text = cell_text(cell);
        if let Some((before, after)) = rest.split_once(&text).filter(|_| !text.is_empty()) {
            out.push_str(before);
            out.push_str(&page.paint(tone_style(cell.tone), &text));
            rest = after;
        }
    }
    out + rest
}
