//! The page: widths, colour, names and commands that stay whole.

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
    let columns = vec![Column::text("resource"), Column::number("now"), Column::text("confidence").rank(2)];
    let mut table = Table::new("", columns);
    table.rows.push(["connections of a-rather-long-name:9187", "91 of 97", "A"].map(Cell::text).to_vec());
    let wide = page(vec![Block::Table(table.clone())], TerminalStyle { width: 90, ..PLAIN });
    assert!(wide.contains("confidence"), "{wide}");
    let narrow = page(vec![Block::Table(table)], TerminalStyle { width: 40, ..PLAIN });
    assert!(!narrow.contains("confidence"), "{narrow}");
}

#[test]
fn a_name_that_is_wider_than_its_column_has_a_line_of_its_own() {
    let columns = vec![Column::text(""), Column::text("resource"), Column::number("now"), Column::text("on")];
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
        Block::Statements { statements: vec![Statement::new(Tone::Critical, Text::with_code("see `id`"))] },
    ];
    let plain = page(blocks.clone(), PLAIN);
    let coloured = page(blocks, TerminalStyle { colour: true, ..PLAIN });
    assert_ne!(plain, coloured);
    assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
}
