//! A page in the abstract: what HTML and Markdown are written from, and what templates are given.
//!
//! Texts are plain: whoever writes them out escapes them. Pictures are SVG of our own making.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::assess::Verdict;

/// A page of sections.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Page {
    /// What it is about: `October 2026`.
    pub(super) title: String,
    /// The roadmap and the time.
    pub(super) subtitle: String,
    /// Where the values come from when the system is not real.
    pub(super) simulated: Option<String>,
    /// The sections in order.
    pub(super) sections: Vec<Section>,
    /// Who made it.
    pub(super) footer: String,
}

/// A titled part of a page.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Section {
    /// For links: letters and hyphens.
    pub(super) id: &'static str,
    /// Its title.
    pub(super) title: &'static str,
    /// What stands in it.
    pub(super) parts: Vec<Part>,
}

/// What stands in a section.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(super) enum Part {
    /// The most important sentences.
    Lead {
        /// How bad it is.
        tone: Tone,
        /// The sentences.
        sentences: Vec<String>,
    },
    /// A remark.
    Text {
        /// The sentences.
        text: String,
    },
    /// A list.
    List(List),
    /// A table.
    Table(Table),
    /// A picture.
    Picture(Picture),
}

/// Points, each with smaller print.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct List {
    /// What it lists.
    pub(super) title: String,
    /// Whether its points are tasks.
    pub(super) tasks: bool,
    /// The points.
    pub(super) items: Vec<Item>,
}

/// A point of a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Item {
    /// What it says.
    pub(super) text: String,
    /// The smaller print.
    pub(super) details: Vec<String>,
    /// How bad it is.
    pub(super) tone: Tone,
    /// Whether the task is done.
    pub(super) done: bool,
}

/// A table whose rows can be sorted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Table {
    /// What it shows.
    pub(super) title: String,
    /// Its columns.
    pub(super) columns: Vec<Column>,
    /// Its rows, each with as many cells as there are columns.
    pub(super) rows: Vec<Vec<Cell>>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Column {
    /// Its title.
    pub(super) title: String,
    /// Whether its cells are numbers.
    pub(super) number: bool,
}

/// A cell.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct Cell {
    /// What it says.
    pub(super) text: String,
    /// Smaller print below.
    pub(super) note: Option<String>,
    /// What rows are sorted by instead of the text.
    pub(super) sort: Option<f64>,
    /// How bad it is.
    pub(super) tone: Tone,
    /// A small picture instead of text.
    pub(super) picture: Option<Picture>,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Picture {
    /// The name of its file, without the ending.
    pub(super) name: String,
    /// What it shows.
    pub(super) title: String,
    /// The picture as a file of its own.
    pub(super) svg: String,
}

/// How bad something is; words say it as well.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Tone {
    /// Nothing to say.
    #[default]
    Plain,
    /// Fine.
    Ok,
    /// Not known.
    Unknown,
    /// Deserves a look.
    Warning,
    /// Somebody must act.
    Critical,
}

impl From<Verdict> for Tone {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Ok => Self::Ok,
            Verdict::Unknown => Self::Unknown,
            Verdict::Warning => Self::Warning,
            Verdict::Critical => Self::Critical,
        }
    }
}

impl Table {
    /// An empty table; a column whose title begins with `#` holds numbers.
    pub(super) fn new(title: impl Into<String>, columns: &[&str]) -> Self {
        let column = |title: &&str| Column {
            title: title.trim_start_matches('#').to_owned(),
            number: title.starts_with('#'),
        };
        Self { title: title.into(), columns: columns.iter().map(column).collect(), rows: Vec::new() }
    }

    /// The table, unless it has no rows.
    pub(super) fn part(self) -> Option<Part> {
        (!self.rows.is_empty()).then_some(Part::Table(self))
    }
}

impl List {
    /// The list, unless it is empty.
    pub(super) fn part(self) -> Option<Part> {
        (!self.items.is_empty()).then_some(Part::List(self))
    }
}

impl Item {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), details: Vec::new(), tone: Tone::Plain, done: false }
    }
}

impl Cell {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A number as text; rows are sorted by its value. What is not known sorts last.
    pub(super) fn number(text: impl Into<String>, value: Option<f64>) -> Self {
        Self { text: text.into(), sort: value, ..Self::default() }
    }

    /// What is not known.
    pub(super) fn none() -> Self {
        Self::text("–")
    }

    pub(super) fn noted(self, note: impl Into<String>) -> Self {
        let note = note.into();
        Self { note: (!note.is_empty()).then_some(note), ..self }
    }

    pub(super) fn toned(self, tone: impl Into<Tone>) -> Self {
        Self { tone: tone.into(), ..self }
    }
}

pub(super) fn text(text: impl Into<String>) -> Part {
    Part::Text { text: text.into() }
}

impl Page {
    /// Every picture, those within tables as well.
    pub(super) fn pictures(&self) -> impl Iterator<Item = &Picture> {
        self.sections.iter().flat_map(|section| &section.parts).flat_map(|part| match part {
            Part::Picture(picture) => vec![picture],
            Part::Table(table) => {
                table.rows.iter().flatten().filter_map(|cell| cell.picture.as_ref()).collect()
            }
            Part::Lead { .. } | Part::Text { .. } | Part::List(_) => Vec::new(),
        })
    }

    /// The same, to change them.
    pub(super) fn pictures_mut(&mut self) -> impl Iterator<Item = &mut Picture> {
        self.sections.iter_mut().flat_map(|section| &mut section.parts).flat_map(|part| match part {
            Part::Picture(picture) => vec![picture],
            Part::Table(table) => {
                table.rows.iter_mut().flatten().filter_map(|cell| cell.picture.as_mut()).collect()
            }
            Part::Lead { .. } | Part::Text { .. } | Part::List(_) => Vec::new(),
        })
    }

    /// Gives each picture a file of its own: of different resources the names of files may be the same.
    pub(super) fn tell_pictures_apart(&mut self) {
        let mut taken = BTreeSet::new();
        for picture in self.pictures_mut() {
            let name = std::mem::take(&mut picture.name);
            let numbered = (2..).map(|number| format!("{name}-{number}"));
            let mut names = std::iter::once(name.clone()).chain(numbered);
            picture.name = names.find(|name| taken.insert(name.clone())).unwrap_or(name);
        }
    }

    /// Changes every text, but for pictures.
    pub(super) fn map_texts(&mut self, change: &dyn Fn(&str) -> String) {
        let alter = |text: &mut String| *text = change(text);
        [&mut self.title, &mut self.subtitle, &mut self.footer].into_iter().for_each(alter);
        self.simulated.iter_mut().for_each(alter);
        for part in self.sections.iter_mut().flat_map(|section| &mut section.parts) {
            match part {
                Part::Lead { sentences, .. } => sentences.iter_mut().for_each(alter),
                Part::Text { text } => alter(text),
                Part::Picture(picture) => alter(&mut picture.title),
                Part::List(list) => {
                    alter(&mut list.title);
                    for item in &mut list.items {
                        alter(&mut item.text);
                        item.details.iter_mut().for_each(alter);
                    }
                }
                Part::Table(table) => {
                    alter(&mut table.title);
                    table.columns.iter_mut().map(|column| &mut column.title).for_each(alter);
                    for cell in table.rows.iter_mut().flatten() {
                        alter(&mut cell.text);
                        cell.note.iter_mut().for_each(alter);
                    }
                }
            }
        }
    }
}
