//! A document as Markdown: for a tracker, a wiki, an issue or a pull request.
//!
//! Text from servers is escaped, so that a queue named `[x](y)` or `<img …>` stays a name.

use unicode_width::UnicodeWidthStr;

use super::{
    Block, Cell, Document, Fact, Item, List, Picture, Section, Span, Statement, Step, Table, Text, Tone,
};
use crate::render::safe;

/// Columns of pictures in characters.
const PICTURE_COLUMNS: usize = 80;

/// The page. Pictures lie in `directory` as `NAME.svg`; without one they are drawn in characters.
pub(super) fn write(document: &Document, directory: Option<&str>) -> String {
    let writer = Writer { directory };
    let state = document
        .word
        .as_ref()
        .map_or_else(|| state(document.tone), |word| format!("{}{}: ", mark(document.tone), escape(word)));
    let mut lines = vec![format!("# {state}{}", inline(&document.title)), String::new()];
    if let Some(simulated) = &document.simulated {
        lines.extend([format!("**Demo data:** {}", escape(simulated)), String::new()]);
    }
    if !document.subtitle.is_empty() {
        lines.extend([escape(&document.subtitle), String::new()]);
    }
    for section in &document.sections {
        lines.extend(writer.section(section));
    }
    if document.footer.is_empty() {
        lines.pop();
    } else {
        lines.push(format!("_{}_", escape(&document.footer)));
    }
    lines.join("\n") + "\n"
}

struct Writer<'a> {
    directory: Option<&'a str>,
}

impl Writer<'_> {
    fn section(&self, section: &Section) -> Vec<String> {
        let title = section.title.as_ref().map(|title| {
            let title = escape(title);
            if section.folded {
                format!("<details><summary>{title}</summary>")
            } else {
                format!("## {title}")
            }
        });
        let mut lines: Vec<String> = title.into_iter().flat_map(|title| [title, String::new()]).collect();
        for block in &section.blocks {
            let block = self.block(block);
            if !block.is_empty() {
                lines.extend(block);
                lines.push(String::new());
            }
        }
        if section.folded && section.title.is_some() {
            lines.extend(["</details>".to_owned(), String::new()]);
        }
        lines
    }

    fn block(&self, block: &Block) -> Vec<String> {
        match block {
            Block::Lead { tone, sentences } => {
                let sentences: Vec<String> = sentences.iter().map(inline).collect();
                vec![format!("> {}{}", mark(*tone), sentences.join("\n>\n> "))]
            }
            Block::Paragraph { text } | Block::Note { text } => vec![inline(text)],
            Block::Facts { facts } => facts.iter().flat_map(fact_lines).collect(),
            Block::Statements { statements } => statements.iter().flat_map(statement_lines).collect(),
            Block::List(list) => list_lines(list),
            Block::Steps { steps } => steps.iter().flat_map(step_lines).collect(),
            Block::Table(table) => self.table(table),
            Block::Picture(picture) => self.picture(picture),
        }
    }

    /// A link to the picture; without a directory the same in characters, where there is that.
    fn picture(&self, picture: &Picture) -> Vec<String> {
        if let Some(image) = self.image(picture) {
            return vec![image];
        }
        let width = |text: &str| text.lines().map(UnicodeWidthStr::width).max().unwrap_or(0);
        let characters = picture.characters.iter().find(|text| width(text) <= PICTURE_COLUMNS);
        let lines = characters.map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
        lines.map_or_else(Vec::new, |lines| [heading(&picture.title), code_lines(&lines)].concat())
    }

    fn image(&self, picture: &Picture) -> Option<String> {
        let directory = self.directory?;
        Some(format!("![{}]({directory}/{}.svg)", escape(&picture.title), picture.name))
    }

    fn table(&self, table: &Table) -> Vec<String> {
        let row = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
        let titles = table.columns.iter().map(|column| escape(&column.title)).collect();
        let rules = table.columns.iter().map(|column| if column.number { "--:" } else { "---" }.to_owned());
        let mut lines = heading(&table.title);
        lines.extend([row(titles), row(rules.collect())]);
        lines.extend(table.rows.iter().map(|cells| row(cells.iter().map(|cell| self.cell(cell)).collect())));
        lines
    }

    fn cell(&self, cell: &Cell) -> String {
        let image = cell.picture.as_ref().and_then(|picture| self.image(picture));
        let text = image.unwrap_or_else(|| format!("{}{}", mark(cell.tone), escape(&cell.text)));
        let note = cell.note.as_ref().map(|note| format!("<br>{}", escape(note)));
        format!("{text}{}", note.unwrap_or_default())
    }
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

/// The sign and the word, for a title that says neither.
pub(in crate::render) fn state(tone: Tone) -> String {
    let word = match tone {
        Tone::Plain => return String::new(),
        Tone::Ok => "OK",
        Tone::Unknown => "Unknown",
        Tone::Warning => "Warning",
        Tone::Critical => "Critical",
    };
    format!("{}{word}: ", mark(tone))
}

/// A title above a list or a table.
fn heading(title: &str) -> Vec<String> {
    if title.is_empty() { Vec::new() } else { vec![format!("**{}**", escape(title)), String::new()] }
}

fn fact_lines(fact: &Fact) -> Vec<String> {
    let mut lines = vec![format!("- **{}** {}{}", escape(&fact.label), mark(fact.tone), inline(&fact.text))];
    lines.extend(fact.details.iter().map(|detail| format!("  - {}", inline(detail))));
    lines
}

fn statement_lines(statement: &Statement) -> Vec<String> {
    let label = mark(statement.tone).to_owned() + &escape(&statement.label);
    let mut lines = vec![format!("- **{}** {}", label.trim_end(), inline(&statement.text))];
    lines.extend(statement.details.iter().map(|detail| format!("  - {}", inline(detail))));
    lines
}

fn list_lines(list: &List) -> Vec<String> {
    let bullet = |item: &Item| match (list.tasks, item.done) {
        (true, true) => "- [x]",
        (true, false) => "- [ ]",
        (false, _) => "-",
    };
    let mut lines = heading(&list.title);
    for item in &list.items {
        lines.push(format!("{} {}{}", bullet(item), mark(item.tone), inline(&item.text)));
        lines.extend(item.details.iter().map(|detail| format!("  - {}", inline(detail))));
    }
    lines
}

/// A task that can be ticked, with its instructions below it.
fn step_lines(step: &Step) -> Vec<String> {
    let tick = if step.done { "x" } else { " " };
    let mut lines = vec![format!("- [{tick}] {}", inline(&step.title))];
    if !step.facts.is_empty() {
        lines.push(format!("  {}", escape(&step.facts.join(" · "))));
    }
    lines.extend(step.details.iter().map(|detail| format!("  - {}", inline(detail))));
    lines.extend(step.instructions.iter().map(|instruction| format!("  - [{tick}] {}", inline(instruction))));
    lines
}

/// A fence that is longer than any within the text.
fn code_lines(lines: &[String]) -> Vec<String> {
    let longest = lines.iter().map(|line| backticks(line)).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let lines = lines.iter().map(|line| safe(line));
    std::iter::once(fence.clone()).chain(lines).chain([fence.clone()]).collect()
}

/// The length of the longest run of backticks.
fn backticks(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

fn inline(text: &Text) -> String {
    let mut out = String::new();
    for span in text.spans() {
        match span {
            // Escapes text within a line: only its beginning could.
            Span::Plain(text) if out.is_empty() => out.push_str(&escape(text)),
            Span::Plain(text) => out.push_str(&escape_within(text)),
            Span::Strong(text) if text.trim().is_empty() => out.push_str(&escape_within(text)),
            Span::Strong(text) => out.extend(["**", &escape(text.trim()), "**"]),
            Span::Code(text) => out.push_str(&code(text)),
        }
    }
    out
}

/// Code in a line: fenced by more backticks than it holds.
fn code(text: &str) -> String {
    let text = safe(text);
    let fence = "`".repeat(backticks(&text) + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// The same as [`escape`] for what does not begin a line: spaces at its beginning stay.
fn escape_within(text: &str) -> String {
    let spaces = text.len() - text.trim_start_matches(' ').len();
    format!("{}{}", " ".repeat(spaces), escape(text))
}

/// Literal text, also at the beginning of a line: nothing in it is read as Markdown or HTML.
pub(in crate::render) fn escape(text: &str) -> String {
    let safe = safe(text);
    let text = safe.trim_start_matches(' '); // four of them would begin code
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // GitHub looks for names and numbers after all escapes are resolved; a space without width parts them.
            '@' => out.push_str("@&#8203;"),
            '#' => out.push_str("\\#&#8203;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' => out.extend(['\\', c]),
            // Bare addresses become links by themselves: `https://…` and `www.…`.
            ':' if text[at + 1..].starts_with("//") && ends_scheme(&text[..at]) => out.push_str("\\:"),
            '.' if text[..at].to_ascii_lowercase().ends_with("www") => out.push_str("\\."),
            '-' if at == 0 => out.push_str("\\-"),
            '+' if at == 0 && ends_marker(&text[1..]) => out.push_str("\\+"),
            '.' | ')' if at > 0 && at == digits && ends_marker(&text[at + 1..]) => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
    out
}

/// Whether trackers make a link of what follows.
fn ends_scheme(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["http", "https", "ftp"].iter().any(|scheme| text.ends_with(scheme))
}

/// Whether what is before this could mark an item of a list.
fn ends_marker(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(' ')
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn hostile_names_stay_names() {
        assert_eq!(escape("[x](javascript:1) | `a`"), r"\[x\](javascript:1) \| \`a\`");
        assert_eq!(escape("<img src=x> @team #12"), "&lt;img src=x&gt; @&#8203;team \\#&#8203;12");
        assert_eq!(
            escape("see https://x.example or www.x.example"),
            r"see https\://x.example or www\.x.example"
        );
        assert!(!escape("a\n# b").contains('\n'));
    }

    #[test]
    fn names_at_the_beginning_of_a_line_begin_nothing() {
        let escaped = ["- a", "+ a", "    a", "1. a", "12) a", "3."].map(escape);
        assert_eq!(escaped, [r"\- a", r"\+ a", "a", r"1\. a", r"12\) a", r"3\."]);
        let harmless = ["2.2 a", "a - b 1. c", ". a", "1.5", "+21%"];
        assert_eq!(harmless.map(escape), harmless);
    }
}
