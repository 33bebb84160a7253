//! A document as a page for a terminal.
//!
//! The page uses the columns it is given. Lines break between words, never within a name or a command; a table leaves
//! out its least important columns instead. What a server sent is sanitized here, because here it leaves the program.

mod lines;
mod table;

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use self::lines::{Line, wrapped};
use super::{Block, Document, Fact, Item, List, Picture, Section, Statement, Step, Text, Tone};
use crate::render::safe;

/// How a page for a terminal looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalStyle {
    /// Columns; at least 40 and at most 200 are used.
    pub width: usize,
    /// Whether to use colour, which is never the only carrier of meaning.
    pub colour: bool,
}

/// Columns before the text beside a label, unless the labels need more.
const MARGIN: usize = 11;
/// Labels that need more columns get a line of their own.
const WIDEST_MARGIN: usize = 18;

/// The page.
pub(super) fn write(document: &Document, style: TerminalStyle) -> String {
    let mut page = Page::new(document, style);
    page.title(document);
    for (index, section) in document.sections.iter().enumerate() {
        page.section(section, index == 0);
    }
    page.text
}

#[derive(Debug)]
struct Page {
    width: usize,
    colour: bool,
    margin: usize,
    text: String,
}

impl Page {
    fn new(document: &Document, style: TerminalStyle) -> Self {
        let width = style.width.clamp(40, 200);
        Self { width, colour: style.colour, margin: margin(document), text: String::new() }
    }

    /// The title with its tone at the left and, where it fits, the subtitle at the right edge.
    fn title(&mut self, document: &Document) {
        let label = document.state_word();
        let title = document.title.to_string();
        let subtitle = safe(&document.subtitle);
        let indent = if label.is_empty() { 1 } else { self.margin };
        let used = indent + safe(&title).width();
        let bold = Text::strong(title);
        if subtitle.is_empty() || used + 2 + subtitle.width() > self.width {
            self.entry(&label, tone_style(document.tone), &bold, indent);
            if !subtitle.is_empty() {
                self.entry("", Style::new(), &subtitle.into(), indent);
            }
        } else {
            let gap = " ".repeat(self.width - used - subtitle.width());
            self.entry_on_line(&label, tone_style(document.tone), &bold, indent, &format!("{gap}{subtitle}"));
        }
        if let Some(simulated) = &document.simulated {
            self.entry("", Style::new(), &format!("Demo data: {simulated}").into(), indent);
        }
    }

    fn section(&mut self, section: &Section, first: bool) {
        if let Some(title) = &section.title {
            self.blank();
            let heading = self.paint(Style::new().bold(), &safe(title));
            self.push(&format!(" {heading}"));
        }
        let shown: Vec<&Block> = section.blocks.iter().filter(|block| self.shows(block)).collect();
        for (index, block) in shown.into_iter().enumerate() {
            let follows_title = first && index == 0 && matches!(block, Block::Lead { .. });
            let follows_heading = index == 0 && section.title.is_some();
            let belongs = matches!(block, Block::Note { .. });
            if !follows_title && !follows_heading && !belongs {
                self.blank();
            }
            self.block(block);
        }
    }

    /// Whether there is something to show: not every picture can be drawn in characters.
    fn shows(&self, block: &Block) -> bool {
        match block {
            Block::Picture(picture) => self.drawing(picture).is_some(),
            _ => true,
        }
    }

    /// The widest drawing of a picture that fits.
    fn drawing<'a>(&self, picture: &'a Picture) -> Option<&'a String> {
        let width = |text: &str| text.lines().map(UnicodeWidthStr::width).max().unwrap_or(0);
        picture.characters.iter().find(|text| width(text) <= self.width)
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Lead { sentences, .. } => {
                self.details(sentences);
            }
            Block::Paragraph { text } | Block::Note { text } => self.item(1, "", text),
            Block::Facts { facts } => facts.iter().for_each(|fact| self.fact(fact)),
            Block::Statements { statements } => {
                for statement in statements {
                    self.statement(statement);
                }
            }
            Block::List(list) => self.list(list),
            Block::Steps { steps } => {
                steps.iter().enumerate().for_each(|(index, step)| self.step(index + 1, step));
            }
            Block::Table(table) => table::write(table, self),
            Block::Picture(picture) => self.picture(picture),
        }
    }

    fn fact(&mut self, fact: &Fact) {
        let style = if fact.tone == Tone::Plain { Style::new().bold() } else { tone_style(fact.tone) };
        self.entry(&fact.label, style, &fact.text, self.margin);
        self.details(&fact.details);
    }

    fn statement(&mut self, statement: &Statement) {
        self.entry(&statement.label, tone_style(statement.tone), &statement.text, self.margin);
        self.details(&statement.details);
    }

    fn details(&mut self, details: &[Text]) {
        for text in details {
            self.entry("", Style::new(), text, self.margin);
        }
    }

    fn list(&mut self, list: &List) {
        if !list.title.is_empty() {
            self.item(1, "", &Text::strong(list.title.clone()));
        }
        for item in &list.items {
            self.point(list, item);
        }
    }

    fn point(&mut self, list: &List, item: &Item) {
        let mark = match (list.tasks, item.done) {
            (true, true) => "[x]",
            (true, false) => "[ ]",
            (false, _) => "-",
        };
        let word = item.tone.word();
        let text = if word.is_empty() {
            item.text.clone()
        } else {
            Text::from(format!("{}: ", word.to_lowercase())).then(item.text.clone())
        };
        self.item(1, mark, &text);
        item.details.iter().for_each(|detail| self.item(mark.width() + 2, "", detail));
    }

    fn step(&mut self, number: usize, step: &Step) {
        let mark = if step.done { "[x]".to_owned() } else { format!("{number}.") };
        let facts = step.facts.join(" · ");
        let title = Text::strong(step.title.to_string());
        let indent = mark.width() + 2;
        let together = indent + title.to_string().width() + 3 + facts.width() <= self.width;
        if facts.is_empty() || !together {
            self.item(1, &mark, &title);
            if !facts.is_empty() {
                self.item(indent, "", &facts.into());
            }
        } else {
            self.item(1, &mark, &title.then(format!(" · {facts}")));
        }
        step.details.iter().for_each(|detail| self.item(indent, "", detail));
        step.instructions.iter().for_each(|instruction| self.item(indent, "-", instruction));
    }

    fn picture(&mut self, picture: &Picture) {
        let Some(characters) = self.drawing(picture) else { return };
        if !picture.title.is_empty() {
            self.item(1, "", &picture.title.clone().into());
        }
        characters.lines().for_each(|line| self.push(&safe(line)));
    }

    /// A label in the margin and text next to it.
    fn entry(&mut self, label: &str, style: Style, text: &Text, indent: usize) {
        let label = safe(label);
        let mut lines = wrapped(text, self.width.saturating_sub(indent)).into_iter();
        if label.width() + 2 > indent && !label.is_empty() {
            let painted = self.paint(style, &label);
            self.push(&format!(" {painted}"));
        } else if let Some(first) = lines.next() {
            let first = self.painted(&first);
            self.labelled(&label, style, indent, &first);
        }
        for line in lines {
            let line = self.painted(&line);
            self.push(&format!("{}{line}", " ".repeat(indent)));
        }
    }

    /// The same on one line, with something behind it.
    fn entry_on_line(&mut self, label: &str, style: Style, text: &Text, indent: usize, behind: &str) {
        let lines = wrapped(text, usize::MAX);
        let line = lines.iter().map(|line| self.painted(line)).collect::<String>();
        self.labelled(label, style, indent, &format!("{line}{behind}"));
    }

    fn labelled(&mut self, label: &str, style: Style, indent: usize, line: &str) {
        let padding = " ".repeat(indent.saturating_sub(label.width() + 1));
        let painted = self.paint(style, label);
        self.push(&format!(" {painted}{padding}{line}"));
    }

    /// Text behind a mark, with the following lines indented under it.
    fn item(&mut self, indent: usize, mark: &str, text: &Text) {
        let mark = safe(mark);
        let mark = if mark.is_empty() { String::new() } else { format!("{mark} ") };
        let hang = indent + mark.width();
        for (index, line) in wrapped(text, self.width.saturating_sub(hang)).into_iter().enumerate() {
            let line = self.painted(&line);
            if index == 0 {
                self.push(&format!("{}{mark}{line}", " ".repeat(indent)));
            } else {
                self.push(&format!("{}{line}", " ".repeat(hang)));
            }
        }
    }

    fn painted(&self, line: &Line) -> String {
        if self.colour { line.painted() } else { line.plain() }
    }

    fn blank(&mut self) {
        self.text.push('\n');
    }

    fn push(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if self.colour && !text.is_empty() { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

/// The columns that the labels of a document need.
fn margin(document: &Document) -> usize {
    let labels = document.sections.iter().flat_map(|section| &section.blocks).flat_map(|block| match block {
        Block::Facts { facts } => facts.iter().map(|fact| fact.label.as_str()).collect(),
        Block::Statements { statements } => {
            statements.iter().map(|statement| statement.label.as_str()).collect()
        }
        _ => Vec::new(),
    });
    let word = document.word.as_ref().map(|word| word.width() + 3);
    let needed =
        labels.map(|label| label.width() + 3).chain(word).filter(|width| *width <= WIDEST_MARGIN).max();
    needed.unwrap_or(0).max(MARGIN)
}

fn tone_style(tone: Tone) -> Style {
    let colour = match tone {
        Tone::Plain => return Style::new(),
        Tone::Ok => AnsiColor::Green,
        Tone::Unknown => AnsiColor::Magenta,
        Tone::Warning => AnsiColor::Yellow,
        Tone::Critical => AnsiColor::Red,
    };
    Style::new().bold().fg_color(Some(colour.into()))
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::*;
    use crate::render::document::{Cell, Column, Table};

    const PLAIN: TerminalStyle = TerminalStyle { width: 60, colour: false };

    fn page(blocks: Vec<Block>, style: TerminalStyle) -> String {
        let document = Document {
            title: "PostgreSQL connections run out next".into(),
            tone: Tone::Critical,
            subtitle: "web-service · 24 h".to_owned(),
            sections: vec![Section::untitled("first", blocks)],
            ..Document::default()
        };
        document.to_terminal(style)
    }

    #[test]
    fn the_subtitle_stands_at_the_right_edge_where_it_fits() {
        let wide = page(Vec::new(), TerminalStyle { width: 80, ..PLAIN });
        assert!(wide.starts_with(" CRITICAL  PostgreSQL connections run out next"));
        assert_eq!(wide.lines().next().map(UnicodeWidthStr::width), Some(80));
        let narrow = page(Vec::new(), PLAIN);
        assert_eq!(narrow.lines().nth(1), Some("           web-service · 24 h"));
    }

    #[test]
    fn names_and_commands_are_never_broken() {
        let command = "ALTER SYSTEM SET max_connections = 200; SELECT pg_reload_conf();";
        let step = Step {
            title: "Raise the limit".into(),
            instructions: vec![Text::with_code(&format!("Run `{command}`, then watch"))],
            ..Step::default()
        };
        let text = page(vec![Block::Steps { steps: vec![step] }], TerminalStyle { width: 40, ..PLAIN });
        assert!(text.contains(&format!("`{command}`,")), "{text}");
        let others: Vec<&str> = text.lines().filter(|line| !line.contains("ALTER")).collect();
        assert!(others.iter().all(|line| line.width() <= 40), "{text}");
    }

    #[test]
    fn a_narrow_page_leaves_out_the_least_important_columns() {
        let columns =
            vec![Column::text("resource"), Column::number("now"), Column::text("confidence").rank(2)];
        let mut table = Table::new("", columns);
        table.rows.push(["connections of a-rather-long-name:9187", "91 of 97", "A"].map(Cell::text).to_vec());
        let wide = page(vec![Block::Table(table.clone())], TerminalStyle { width: 90, ..PLAIN });
        assert!(wide.contains("confidence"), "{wide}");
        let narrow = page(vec![Block::Table(table)], TerminalStyle { width: 40, ..PLAIN });
        assert!(!narrow.contains("confidence"), "{narrow}");
    }

    #[test]
    fn a_name_that_is_wider_than_its_column_has_a_line_of_its_own() {
        let columns =
            vec![Column::text(""), Column::text("resource"), Column::number("now"), Column::text("on")];
        let mut table = Table::new("", columns);
        let name = "memory of a-pod-with-a-name-as-long-as-they-come-5f7d9c7b44-x2x8p";
        table.rows.push(["ok", name, "72%", "3 Dec"].map(Cell::text).to_vec());
        table.rows.push(["ok", "CPU of db-1", "61%", "5 Dec"].map(Cell::text).to_vec());
        let text = page(vec![Block::Table(table)], PLAIN);
        let lines: Vec<&str> = text.lines().skip_while(|line| !line.contains(name)).collect();
        assert_eq!(lines[0], format!(" ok  {name}"));
        let column = |line: &str| line.find("Dec");
        assert!(lines[1].contains("72%") && column(lines[1]) == column(lines[2]), "{text}");
    }

    #[test]
    fn what_a_server_sends_cannot_move_the_cursor() {
        let statement = Statement::new(Tone::Warning, "queue \u{1b}[2J\nPASS of all");
        let text = page(vec![Block::Statements { statements: vec![statement] }], PLAIN);
        assert!(!text.contains('\u{1b}'));
        assert!(!text.lines().any(|line| line.starts_with("PASS")), "{text}");
    }

    #[test]
    fn colour_changes_no_character() {
        let mut table = Table::new("Resources", vec![Column::text("state"), Column::text("resource")]);
        table.rows.push(vec![Cell::text("ok").with_tone(Tone::Ok), Cell::text("books of lok")]);
        let blocks = vec![
            Block::Table(table),
            Block::Statements {
                statements: vec![Statement::new(Tone::Critical, Text::with_code("see `id`"))],
            },
        ];
        let plain = page(blocks.clone(), PLAIN);
        let coloured = page(blocks, TerminalStyle { colour: true, ..PLAIN });
        assert_ne!(plain, coloured);
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
    }
}
