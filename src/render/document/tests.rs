//! Strings from servers that want to be more than text, through every writer.

use unicode_width::UnicodeWidthStr;

use super::*;

const HOSTILE: &str = "a\u{1b}[2J\u{9b}31m\r\n# forged\u{202e}\u{200b}<script>alert(1)</script><img src=x> | `b` ``c`` \
                       [x](javascript:1) ![i](//e) @team #12 &amp; </details> **bold**";

/// A document whose every string is the same one.
fn document(text: &str) -> Document {
    let details = || vec![Text::from(text), Text::with_code(text), Text::strong(text)];
    let item = Item { details: details(), ..Item::new(text) };
    let mut table = Table::new(text, vec![Column::text(text), Column::number(text).rank(1)]);
    table.rows =
        vec![vec![Cell::text(text).with_note(text), Cell::number(text, None).with_tone(Tone::Warning)]];
    let list = |tasks| List { title: text.to_owned(), tasks, items: vec![item.clone()] };
    let step = Step {
        title: text.into(),
        facts: vec![text.to_owned()],
        details: details(),
        instructions: details(),
        ..Step::default()
    };
    let picture = Picture {
        name: "picture".to_owned(),
        title: text.to_owned(),
        svg: "<svg></svg>".to_owned(),
        characters: vec!["▁▂▃".to_owned()],
    };
    let blocks = vec![
        Block::Lead { tone: Tone::Critical, sentences: details() },
        Block::paragraph(text),
        Block::note(text),
        Block::Facts { facts: vec![Fact::new(text, text).with_details(details())] },
        Block::Statements { statements: vec![Statement::labelled(text, Tone::Unknown, text)] },
        Block::List(list(false)),
        Block::List(list(true)),
        Block::Steps { steps: vec![step] },
        Block::Table(table),
        Block::Picture(picture),
    ];
    Document {
        title: text.into(),
        tone: Tone::Critical,
        word: Some(text.to_owned()),
        subtitle: text.to_owned(),
        simulated: Some(text.to_owned()),
        sections: vec![
            Section::new("all", text, blocks.clone()),
            Section::new("folded", text, blocks).folded(),
        ],
        footer: text.to_owned(),
    }
}

fn pages(document: &Document) -> Vec<String> {
    let style = |width| TerminalStyle { width, colour: false };
    let mut pages: Vec<String> = [40, 80, 140].map(|width| document.to_terminal(style(width))).into();
    pages.push(document.to_markdown());
    pages.push(document.to_html(&Templates::default()).unwrap());
    pages
}

#[test]
fn nothing_moves_the_cursor_or_turns_the_text() {
    for page in pages(&document(HOSTILE)) {
        let harmful = |c: &char| *c != '\n' && (c.is_control() || matches!(c, '\u{200b}' | '\u{202e}'));
        assert_eq!(page.chars().find(harmful), None, "{page:?}");
        assert!(!page.lines().any(|line| line.trim_start().starts_with("# forged")), "{page}");
    }
}

#[test]
fn html_has_no_element_of_a_server() {
    let page = document(HOSTILE).to_html(&Templates::default()).unwrap();
    assert_eq!(page.matches("<script").count(), 1, "{page}");
    assert!(!page.contains("<img") && !page.contains("</details>"), "{page}");
    assert!(page.contains("&lt;script&gt;alert(1)"), "{page}");
}

#[test]
fn markdown_has_no_mark_of_a_server() {
    let page = document(HOSTILE).to_markdown();
    // Code keeps its characters: nothing in it is read as Markdown or HTML.
    let words = without_code(&page);
    for live in ["<script", "<img", " [x](", "![i]", "@team", " #12", "**bold", "&amp; "] {
        assert!(!words.contains(live), "{live} in {words}");
    }
    assert_eq!(words.matches("</details>").count(), 1, "{words}");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with('|')).collect();
    assert_eq!(rows.len(), 6, "{page}");
    for row in rows {
        assert_eq!(row.replace("\\|", "").matches('|').count(), 3, "{row}");
    }
    assert_eq!(page.lines().filter(|line| line.starts_with('#')).count(), 2, "{page}");
}

/// A text without what is between unescaped backticks.
fn without_code(page: &str) -> String {
    let mut words = String::new();
    for line in page.lines() {
        let escaped = line.replace("\\`", "");
        words.extend(escaped.split('`').step_by(2));
        words.push('\n');
    }
    words
}

#[test]
fn code_is_fenced_by_more_backticks_than_it_holds() {
    let sections =
        vec![Section::untitled("all", vec![Block::paragraph(Text::code("`b` ``c`` <script> | @team"))])];
    let page = Document { title: "Code".into(), sections, ..Document::default() }.to_markdown();
    assert!(page.contains("\n``` `b` ``c`` <script> | @team ```\n"), "{page}");
}

#[test]
fn very_long_names_stay_whole_and_alone_exceed_the_width() {
    let name = format!("pod-{}", "0123456789".repeat(30));
    for width in [40, 80, 140] {
        // The word for the state is in capitals.
        let page = document(&name).to_terminal(TerminalStyle { width, colour: false }).to_lowercase();
        for line in page.lines().filter(|line| line.width() > width) {
            assert!(line.split_whitespace().any(|word| word.contains(&name)), "{width}: {line}");
        }
        let parts = page.matches(&name[..20]).count();
        assert_eq!(page.matches(&name).count(), parts, "a name is broken: {page}");
    }
    let words = "a name of many words ".repeat(40);
    for width in [40, 80, 140] {
        let plain = Document { title: words.as_str().into(), ..Document::default() };
        let page = plain.to_terminal(TerminalStyle { width, colour: false });
        assert!(page.lines().all(|line| line.width() <= width), "{page}");
    }
}
