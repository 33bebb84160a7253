//! A page in the abstract: headings, statements, key-value lines, tables, lists, steps and pictures.
//!
//! A view makes a [`Document`] from a result; a writer turns it into text for a terminal, Markdown or HTML. Views are
//! unaware of escaping, widths and colour; writers are unaware of capacity. Texts are plain: the writers escape them.

mod html;
mod markdown;
mod table;
mod terminal;
mod text;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde::Serialize;

pub use html::{PAGE_TEMPLATES, TemplateError, Templates};
pub(super) use markdown::{escape, state};
pub(super) use table::{Cell, Column, Table};
pub use terminal::TerminalStyle;
pub(super) use text::{Span, Text, Tone};

use crate::foreign::without_commands;

/// A page.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Document {
    /// What the page says first; templates of a project know it as a string.
    #[serde(serialize_with = "as_string")]
    pub(super) title: Text,
    /// How bad that is; a terminal shows it as a word before the title.
    pub(super) tone: Tone,
    /// The word for that, such as `Fail`, where it is not the tone's own.
    pub(super) word: Option<String>,
    /// Roadmap, time and window.
    pub(super) subtitle: String,
    /// Where the values come from when the system is not real.
    pub(super) simulated: Option<String>,
    /// The sections in order.
    pub(super) sections: Vec<Section>,
    /// The program and its version; a terminal leaves it out.
    pub(super) footer: String,
}

/// A text without its marks.
fn as_string<S: serde::Serializer>(text: &Text, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(text)
}

/// A part of a page.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct Section {
    /// For links: letters and hyphens.
    pub(super) id: String,
    /// Its heading; the first section of a page often has none.
    pub(super) title: Option<String>,
    /// What it consists of.
    pub(super) blocks: Vec<Block>,
    /// Whether Markdown folds it away, so that it is out of the way in a comment.
    pub(super) folded: bool,
}

/// A part of a section.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(super) enum Block {
    /// The most important sentences.
    Lead {
        /// How bad it is.
        tone: Tone,
        /// The sentences, each of its own line.
        sentences: Vec<Text>,
    },
    /// A remark.
    Paragraph {
        /// The sentences.
        text: Text,
    },
    /// A remark that belongs to the block before it, such as what that leaves out.
    Note {
        /// The sentence.
        text: Text,
    },
    /// Names with values, one line each.
    Facts {
        /// The lines.
        facts: Vec<Fact>,
    },
    /// Statements with a tone, such as findings.
    Statements {
        /// The statements, most important first.
        statements: Vec<Statement>,
    },
    /// Points or tasks.
    List(List),
    /// Numbered steps to take.
    Steps {
        /// The steps in order.
        steps: Vec<Step>,
    },
    /// A table.
    Table(Table),
    /// A picture.
    Picture(Picture),
}

/// A name with its value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Fact {
    /// The name: one or two short words.
    pub(super) label: String,
    /// The value.
    pub(super) text: Text,
    /// How bad it is.
    pub(super) tone: Tone,
    /// Smaller print.
    pub(super) details: Vec<Text>,
}

/// A sentence with a tone.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Statement {
    /// The word that says the tone, such as `CRITICAL` or `pending`.
    pub(super) label: String,
    /// How bad it is.
    pub(super) tone: Tone,
    /// The sentence.
    pub(super) text: Text,
    /// Smaller print.
    pub(super) details: Vec<Text>,
}

/// Points, each with smaller print.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct List {
    /// What it lists; may be empty.
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
    pub(super) text: Text,
    /// Smaller print.
    pub(super) details: Vec<Text>,
    /// How bad it is.
    pub(super) tone: Tone,
    /// Whether the task is done.
    pub(super) done: bool,
}

/// Something to do.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct Step {
    /// What to do.
    pub(super) title: Text,
    /// Whether it is done.
    pub(super) done: bool,
    /// When, how long, for how much: short parts of one line.
    pub(super) facts: Vec<String>,
    /// Smaller print: reasons, figures.
    pub(super) details: Vec<Text>,
    /// How to do it; code in them is there to be copied and never broken.
    pub(super) instructions: Vec<Text>,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Picture {
    /// The name of its file, without the extension.
    pub(super) name: String,
    /// What it shows.
    pub(super) title: String,
    /// The picture as a file of its own.
    pub(super) svg: String,
    /// The same in characters for a terminal, for several widths, widest first; the first that fits is shown.
    #[serde(skip)]
    pub(super) characters: Vec<String>,
}

impl Section {
    /// A section with a heading.
    pub(super) fn new(id: impl Into<String>, title: impl Into<String>, blocks: Vec<Block>) -> Self {
        Self { id: id.into(), title: Some(title.into()), blocks, folded: false }
    }

    /// A section without a heading: the first of a page.
    pub(super) fn untitled(id: impl Into<String>, blocks: Vec<Block>) -> Self {
        Self { id: id.into(), title: None, blocks, folded: false }
    }

    /// The same section, folded away in Markdown.
    pub(super) fn folded(self) -> Self {
        Self { folded: true, ..self }
    }
}

impl Block {
    /// A remark.
    pub(super) fn paragraph(text: impl Into<Text>) -> Self {
        Self::Paragraph { text: text.into() }
    }

    /// A remark that belongs to the block before it.
    pub(super) fn note(text: impl AsRef<str>) -> Self {
        Self::Note { text: Text::with_code(text.as_ref()) }
    }

    /// Key-value lines, unless there are none.
    pub(super) fn facts(facts: Vec<Fact>) -> Option<Self> {
        (!facts.is_empty()).then_some(Self::Facts { facts })
    }

    /// Statements, unless there are none.
    pub(super) fn statements(statements: Vec<Statement>) -> Option<Self> {
        (!statements.is_empty()).then_some(Self::Statements { statements })
    }

    /// Steps, unless there are none.
    pub(super) fn steps(steps: Vec<Step>) -> Option<Self> {
        (!steps.is_empty()).then_some(Self::Steps { steps })
    }
}

impl Fact {
    /// A plain line.
    pub(super) fn new(label: impl Into<String>, text: impl Into<Text>) -> Self {
        Self { label: label.into(), text: text.into(), tone: Tone::Plain, details: Vec::new() }
    }

    /// With a tone.
    pub(super) fn with_tone(self, tone: impl Into<Tone>) -> Self {
        Self { tone: tone.into(), ..self }
    }

    /// With smaller print.
    pub(super) fn with_details(self, details: Vec<Text>) -> Self {
        Self { details, ..self }
    }
}

impl Statement {
    /// A statement that begins with the word of its tone.
    pub(super) fn new(tone: impl Into<Tone>, text: impl Into<Text>) -> Self {
        let tone = tone.into();
        Self { label: tone.word().to_owned(), tone, text: text.into(), details: Vec::new() }
    }

    /// A statement that begins with another word.
    pub(super) fn labelled(label: impl Into<String>, tone: Tone, text: impl Into<Text>) -> Self {
        Self { label: label.into(), tone, text: text.into(), details: Vec::new() }
    }
}

impl List {
    /// The list, unless it is empty.
    pub(super) fn block(self) -> Option<Block> {
        (!self.items.is_empty()).then_some(Block::List(self))
    }
}

impl Item {
    /// A plain point.
    pub(super) fn new(text: impl Into<Text>) -> Self {
        Self { text: text.into(), details: Vec::new(), tone: Tone::Plain, done: false }
    }
}

/// What a document is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentFormat {
    /// A page for a terminal.
    Text(TerminalStyle),
    /// Markdown without pictures: for a wiki, an issue or a pull request.
    Markdown,
    /// One HTML file that loads nothing, with the built-in templates.
    Html,
}

impl Document {
    /// The word that says how bad it is, in capitals; empty where there is nothing to say.
    fn state_word(&self) -> String {
        self.word.as_ref().map_or_else(|| self.tone.word().to_owned(), |word| word.to_uppercase())
    }

    /// The document in a format.
    ///
    /// # Errors
    /// When the HTML template fails, which the built-in templates do not.
    pub fn write(&self, format: DocumentFormat) -> Result<String, TemplateError> {
        match format {
            DocumentFormat::Text(style) => Ok(self.to_terminal(style)),
            DocumentFormat::Markdown => Ok(self.to_markdown()),
            DocumentFormat::Html => self.to_html(&Templates::default()),
        }
    }

    /// As a page for a terminal.
    pub fn to_terminal(&self, style: TerminalStyle) -> String {
        without_commands(&terminal::write(self, style))
    }

    /// As Markdown without pictures.
    pub fn to_markdown(&self) -> String {
        without_commands(&markdown::write(self, None))
    }

    /// As Markdown whose pictures lie in `directory` as `NAME.svg`.
    pub(super) fn to_markdown_with_pictures(&self, directory: &str) -> String {
        without_commands(&markdown::write(self, Some(directory)))
    }

    /// As one HTML file.
    ///
    /// # Errors
    /// When a template cannot be used.
    pub fn to_html(&self, templates: &Templates) -> Result<String, TemplateError> {
        html::write(self, templates)
    }

    /// Every picture, those within tables as well.
    pub(super) fn pictures(&self) -> impl Iterator<Item = &Picture> {
        self.sections.iter().flat_map(|section| &section.blocks).flat_map(|block| match block {
            Block::Picture(picture) => vec![picture],
            Block::Table(table) => {
                table.rows.iter().flatten().filter_map(|cell| cell.picture.as_ref()).collect()
            }
            _ => Vec::new(),
        })
    }

    /// The same, to change them.
    pub(super) fn pictures_mut(&mut self) -> impl Iterator<Item = &mut Picture> {
        self.sections.iter_mut().flat_map(|section| &mut section.blocks).flat_map(|block| match block {
            Block::Picture(picture) => vec![picture],
            Block::Table(table) => {
                table.rows.iter_mut().flatten().filter_map(|cell| cell.picture.as_mut()).collect()
            }
            _ => Vec::new(),
        })
    }

    /// Gives each picture a file of its own: names made from different resources may be equal.
    pub(super) fn number_pictures(&mut self) {
        let mut taken = BTreeSet::new();
        for picture in self.pictures_mut() {
            let name = std::mem::take(&mut picture.name);
            let numbered = (2..).map(|number| format!("{name}-{number}"));
            let mut names = std::iter::once(name.clone()).chain(numbered);
            picture.name = names.find(|name| taken.insert(name.clone())).unwrap_or(name);
        }
    }
}
