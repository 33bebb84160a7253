//! Tables whose least important columns give way.

use serde::Serialize;

use super::{Block, Picture, Tone};

/// A table. HTML readers can sort its rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(in crate::render) struct Table {
    /// What it shows; may be empty.
    pub(in crate::render) title: String,
    /// Its columns.
    pub(in crate::render) columns: Vec<Column>,
    /// Its rows, each with as many cells as there are columns.
    pub(in crate::render) rows: Vec<Vec<Cell>>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(in crate::render) struct Column {
    /// Its title.
    pub(in crate::render) title: String,
    /// Whether its cells are numbers, which are right-aligned.
    pub(in crate::render) number: bool,
    /// Columns with the highest rank are the first to be left out of a narrow page; rank 0 always stays.
    pub(in crate::render) rank: u8,
}

/// A cell.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(in crate::render) struct Cell {
    /// What it says.
    pub(in crate::render) text: String,
    /// Smaller print below.
    pub(in crate::render) note: Option<String>,
    /// What rows are sorted by instead of the text.
    pub(in crate::render) sort: Option<f64>,
    /// How bad it is.
    pub(in crate::render) tone: Tone,
    /// A small picture instead of text.
    pub(in crate::render) picture: Option<Picture>,
}

impl Table {
    /// An empty table.
    pub(in crate::render) fn new(title: impl Into<String>, columns: Vec<Column>) -> Self {
        Self { title: title.into(), columns, rows: Vec::new() }
    }

    /// The table, unless it has no rows.
    pub(in crate::render) fn block(self) -> Option<Block> {
        (!self.rows.is_empty()).then_some(Block::Table(self))
    }
}

impl Column {
    /// A column of words.
    pub(in crate::render) fn text(title: impl Into<String>) -> Self {
        Self { title: title.into(), number: false, rank: 0 }
    }

    /// A column of numbers.
    pub(in crate::render) fn number(title: impl Into<String>) -> Self {
        Self { title: title.into(), number: true, rank: 0 }
    }

    /// With the rank by which it is left out of a narrow page.
    pub(in crate::render) fn rank(self, rank: u8) -> Self {
        Self { rank, ..self }
    }
}

impl Cell {
    /// A cell of words.
    pub(in crate::render) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A number as text; rows are sorted by its value, unknown ones last.
    pub(in crate::render) fn number(text: impl Into<String>, value: Option<f64>) -> Self {
        Self { text: text.into(), sort: value, ..Self::default() }
    }

    /// An unknown value.
    pub(in crate::render) fn unknown() -> Self {
        Self::text("–")
    }

    /// With smaller print, unless that is empty.
    pub(in crate::render) fn with_note(self, note: impl Into<String>) -> Self {
        let note = note.into();
        Self { note: (!note.is_empty()).then_some(note), ..self }
    }

    /// With a tone.
    pub(in crate::render) fn with_tone(self, tone: impl Into<Tone>) -> Self {
        Self { tone: tone.into(), ..self }
    }
}
