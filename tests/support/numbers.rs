//! Every number of a page, so that pages can be compared with each other and with their data.

use std::collections::BTreeSet;

use serde_json::Value;

/// The numbers of a text as they are written, such as `1,000`, `3.2` or `127.0.0.1`.
pub(crate) fn numbers(text: &str) -> BTreeSet<String> {
    let mut numbers = BTreeSet::new();
    let mut number = String::new();
    let mut letters = text.chars().chain([' ']).peekable();
    while let Some(letter) = letters.next() {
        let joins = matches!(letter, ',' | '.') && letters.peek().is_some_and(char::is_ascii_digit);
        if letter.is_ascii_digit() || (joins && !number.is_empty()) {
            number.push(letter);
        } else if !number.is_empty() {
            numbers.insert(std::mem::take(&mut number));
        }
    }
    numbers
}

/// What a page for a terminal says, without its charts and their titles.
pub(crate) fn terminal_text(page: &str) -> String {
    let lines: Vec<&str> = page.lines().collect();
    let drawn = |index: usize| lines.get(index).is_some_and(|line| line.contains(['│', '└']));
    let chart = |index: usize| {
        let axis = index > 0 && lines[index - 1].contains('└');
        let legend = lines[index].trim_start().starts_with(['•', '╌', '·']) || lines[index].contains("░ 90%");
        drawn(index) || drawn(index + 1) || axis || legend
    };
    let kept = (0..lines.len()).filter(|index| !chart(*index)).map(|index| lines[index]);
    kept.collect::<Vec<_>>().join("\n")
}

/// What a Markdown page says, without its pictures and its last line.
pub(crate) fn markdown_text(page: &str) -> String {
    let body = page.rsplit_once("\n_").map_or(page, |(body, _)| body);
    let mut text = String::new();
    let mut rest = body;
    while let Some((before, picture)) = rest.split_once("![") {
        text.push_str(before);
        rest = picture.split_once(".svg)").map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    decoded(&text.replace('\\', "").replace("<br>", " "))
}

/// What an HTML page says, without its pictures and its footer.
pub(crate) fn html_text(page: &str) -> String {
    let body = page.split_once("<body>").map_or(page, |(_, body)| body);
    let body = body.split_once("<footer>").map_or(body, |(body, _)| body);
    let mut text = String::new();
    let mut rest = body;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        text.push(' ');
        let end = if tag.starts_with("svg") { "</svg>" } else { ">" };
        rest = tag.split_once(end).map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    decoded(&text)
}

/// A text with its character references resolved.
fn decoded(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, reference)) = rest.split_once('&') {
        out.push_str(before);
        let Some((name, after)) = reference.split_once(';').filter(|(name, _)| name.len() < 8) else {
            out.push('&');
            rest = reference;
            continue;
        };
        let code = name.strip_prefix("#x").map(|hex| u32::from_str_radix(hex, 16));
        let code = code.or_else(|| name.strip_prefix('#').map(str::parse));
        match code {
            Some(code) => out.extend(code.ok().and_then(char::from_u32)),
            None => out.push(' '),
        }
        rest = after;
    }
    out + rest
}

/// Every number of a JSON value, those within texts as well, and how long its lists are.
pub(crate) fn json_numbers(value: &Value, found: &mut Vec<f64>) {
    match value {
        Value::Number(number) => found.extend(number.as_f64()),
        Value::String(text) => found.extend(numbers(text).iter().filter_map(|number| parsed(number))),
        Value::Array(values) => {
            found.push(values.len() as f64);
            for value in values {
                json_numbers(value, found);
            }
        }
        Value::Object(fields) => {
            let quantity = |name: &str| fields.get(name).and_then(|field| field["value"].as_f64());
            // A share of something countable is shown as a count.
            let parts = ["now", "busy_hour", "worst"].map(quantity);
            let counts = parts.iter().flatten().zip(std::iter::repeat(quantity("capacity")));
            found.extend(counts.filter_map(|(part, capacity)| Some(part * capacity?)));
            for field in fields.values() {
                json_numbers(field, found);
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

/// The value of a number as it is written; none for names such as `127.0.0.1`.
pub(crate) fn parsed(number: &str) -> Option<f64> {
    number.replace(',', "").parse().ok()
}

/// Whether a number as it is written is one of these values, rounded and in a unit that people read.
pub(crate) fn is_backed(number: &str, values: &[f64]) -> bool {
    const MINUTE: f64 = 60.0;
    const UNITS: [f64; 9] =
        [1.0, 0.01, 1e-3, 1e-6, MINUTE, 60.0 * MINUTE, 1440.0 * MINUTE, 1_048_576.0, 1_073_741_824.0];
    let Some(shown) = parsed(number) else { return true };
    let digits = number.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let step = 10_f64.powi(-i32::try_from(digits).unwrap_or(0));
    let near = |value: f64, unit: f64| ((value / unit).abs() - shown).abs() <= 0.501 * step;
    values.iter().any(|value| UNITS.iter().any(|unit| near(*value, *unit)))
}
