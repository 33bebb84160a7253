//! A table that fits: a narrow page leaves out the least important columns, and a name that is wider than its column
//! gets a line of its own. No cell is broken.

use anstyle::Style;
use unicode_width::UnicodeWidthStr;

use super::{Page, tone_style};
use crate::render::{
    document::{Cell, Table, Text, Tone},
    safe,
};

/// Columns between two cells.
const GAP: usize = 2;

pub(super) fn write(table: &Table, page: &mut Page) {
    if !table.title.is_empty() {
        page.item(1, "", &Text::strong(table.title.clone()));
    }
    let layout = Layout::fitted(table, page.width);
    let titles = table.columns.iter().map(|column| Cell::text(column.title.clone())).collect::<Vec<_>>();
    if titles.iter().any(|title| !title.text.is_empty()) {
        layout.row(&titles, page, Style::new().dimmed());
    }
    for row in &table.rows {
        layout.row(row, page, Style::new());
        for note in row.iter().filter_map(|cell| cell.note.as_ref()) {
            page.item(4, "", &note.clone().into());
        }
    }
}

/// Which columns are shown, and how wide each is.
struct Layout {
    columns: Vec<Laid>,
}

/// A column that is shown.
struct Laid {
    index: usize,
    width: usize,
    number: bool,
}

impl Layout {
    /// As many columns as fit, least important ones left out first.
    fn fitted(table: &Table, width: usize) -> Self {
        let mut shown: Vec<usize> = (0..table.columns.len()).collect();
        loop {
            let whole = Self::of_columns(table, &shown);
            if whole.width() <= width {
                return whole;
            }
            let limited = whole.with_limited_name(width);
            let rank = |index: &usize| table.columns.get(*index).map_or(0, |column| column.rank);
            let least = shown.iter().copied().max_by_key(rank).filter(|index| rank(index) > 0);
            match least {
                Some(least) if limited.width() > width => shown.retain(|index| *index != least),
                _ => return limited,
            }
        }
    }

    fn of_columns(table: &Table, shown: &[usize]) -> Self {
        let widest = |index: usize, title: &str| {
            let cells = table.rows.iter().filter_map(|row| row.get(index));
            cells.map(|cell| cell_text(cell).width()).chain([safe(title).width()]).max().unwrap_or(0)
        };
        let laid = |index: &usize| {
            let column = table.columns.get(*index)?;
            Some(Laid { index: *index, width: widest(*index, &column.title), number: column.number })
        };
        Self { columns: shown.iter().filter_map(laid).collect() }
    }

    /// The same with the widest column of words no wider than 45% of the page; a wider name then has its own line.
    fn with_limited_name(mut self, width: usize) -> Self {
        let limit = (width * 45 / 100).max(16);
        let words = self.columns.iter_mut().filter(|column| !column.number);
        if let Some(name) = words.max_by_key(|column| column.width) {
            name.width = name.width.min(limit);
        }
        self
    }

    fn width(&self) -> usize {
        1 + self.columns.iter().map(|column| column.width + GAP).sum::<usize>().saturating_sub(GAP)
    }

    fn row(&self, cells: &[Cell], page: &mut Page, style: Style) {
        let mut line = String::new();
        let mut used = 0;
        let mut start = 1;
        for column in &self.columns {
            let Some(cell) = cells.get(column.index) else { continue };
            let text = cell_text(cell);
            let spare = column.width.saturating_sub(text.width());
            let before = if column.number { spare } else { 0 };
            if used >= start {
                page.push(&line);
                line.clear();
                used = 0;
            }
            line.push_str(&" ".repeat((start + before).saturating_sub(used)));
            let style = if cell.tone == Tone::Plain { style } else { tone_style(cell.tone) };
            line.push_str(&page.paint(style, &text));
            used = (start + before).max(used) + text.width();
            start += column.width + GAP;
        }
        page.push(&line);
    }
}

fn cell_text(cell: &Cell) -> String {
    let picture = cell.picture.as_ref().and_then(|picture| picture.characters.first());
    safe(picture.map_or(&cell.text, |characters| characters))
}
