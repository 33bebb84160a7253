//! Texts of a picture: harmless, short enough, and about how wide they are.

use chrono::{Datelike, NaiveDate};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::{
    render::safe,
    signal::{Quantity, Unit},
};

/// The size of letters, in units of the picture.
pub(super) const LETTER: f64 = 20.0;
/// The height of a line of text.
pub(super) const LINE: f64 = 25.0;
/// A column of text in a sans-serif font that runs wide, as a share of the size of its letters.
const COLUMN: f64 = 0.62;

/// About how wide a text is at the usual size, rather too wide than too narrow.
pub(super) fn width(text: &str) -> f64 {
    text.width() as f64 * LETTER * COLUMN
}

/// A text without anything that reorders or hides text or that XML forbids, cut where it is wider than `most`.
pub(super) fn cut(text: &str, most: f64) -> String {
    let text = plain(text);
    if width(&text) <= most {
        return text;
    }
    let room = most - width("…");
    let mut used = 0.0;
    let fits = |letter: &char| {
        used += letter.width().unwrap_or(0) as f64 * LETTER * COLUMN;
        used <= room
    };
    let mut short: String = text.chars().take_while(fits).collect();
    let within_a_word = text[short.len()..].starts_with(|next: char| !next.is_whitespace());
    // Half a word reads as another one; only a word that is longer than half of the room is cut.
    if let Some(space) = short.trim_end().rfind(' ').filter(|space| within_a_word && 2 * space >= short.len())
    {
        short.truncate(space);
    }
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

/// A text in at most so many lines, cut where even they have no room for it.
pub(super) fn lines(text: &str, most: f64, count: usize) -> Vec<String> {
    let text = plain(text);
    let mut lines: Vec<String> = Vec::new();
    let mut rest = text.as_str();
    while lines.len() + 1 < count && width(rest) > most {
        let fits = |(space, _): &(usize, &str)| width(&rest[..*space]) <= most;
        let Some((space, _)) = rest.match_indices(' ').take_while(fits).last() else { break };
        lines.push(rest[..space].to_owned());
        rest = rest[space..].trim_start();
    }
    lines.push(cut(rest, most));
    lines
}

/// A text as it may stand in XML, on one line.
pub(super) fn plain(text: &str) -> String {
    safe(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}").trim().to_owned()
}

/// A text as the content of an element.
pub(super) fn escaped(text: &str) -> String {
    plain(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A value in its unit, short: `80%`, `8 GiB`, `1.2 M`.
pub(super) fn amount(value: f64, unit: Unit) -> String {
    const LARGE: [(f64, &str); 3] = [(1e12, "tn"), (1e9, "bn"), (1e6, "M")];
    let plain =
        |value: f64, unit| Quantity::new(value, unit).map_or_else(|| "?".to_owned(), |one| one.to_string());
    let magnitude = value.abs();
    if magnitude >= 1e15 && !(unit == Unit::Bytes && magnitude < 1e18) {
        return format!("{value:.1e}");
    }
    let scale = LARGE.into_iter().find(|(least, _)| magnitude >= *least);
    match (unit, scale) {
        (Unit::Count, Some((scale, name))) => format!("{} {name}", plain(value / scale, Unit::Count)),
        (Unit::PerSecond, Some((scale, name))) => format!("{} {name}/s", plain(value / scale, Unit::Count)),
        _ => plain(value, unit),
    }
}

/// `12 Dec`, with the year where it is another than that of `beside`.
pub(super) fn day(date: NaiveDate, beside: NaiveDate) -> String {
    let format = if date.year() == beside.year() { "%-d %b" } else { "%-d %b %Y" };
    date.format(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_to_the_room_they_have() {
        assert_eq!(cut("short", 100.0), "short");
        let long = cut("a very long title that does not fit", 100.0);
        assert!(long.ends_with('…') && width(&long) <= 100.0, "{long}");
        let wide = cut("接続の上限に達するまでの日数", 100.0);
        assert!(wide.ends_with('…') && width(&wide) <= 100.0, "{wide}");
        assert_eq!(cut("anything", 0.0), "…");
    }

    #[test]
    fn texts_end_or_go_on_after_a_word() {
        assert_eq!(cut("a second worker for the queue", 180.0), "a second…");
        assert_eq!(lines("a second worker for the queue", 220.0, 2), ["a second worker", "for the queue"]);
        assert_eq!(lines("a second worker for the queue", 130.0, 2), ["a second", "worker…"]);
        assert_eq!(lines("unbreakable_and_long word", 100.0, 2), ["unbreak…"]);
        assert_eq!(lines("", 100.0, 2), [""]);
    }

    #[test]
    fn nothing_that_xml_forbids_is_left() {
        assert_eq!(escaped("a\0<b>\u{ffff}&\u{1b}"), "a\u{fffd}&lt;b&gt;\u{fffd}&amp;\u{fffd}");
    }

    #[test]
    fn amounts_are_short() {
        let texts = [1_500_000.0, 2e9, 12_000.0, 0.0, 1e300].map(|value| amount(value, Unit::Count));
        assert_eq!(texts, ["1.5 M", "2 bn", "12,000", "0", "1.0e300"]);
        assert_eq!(amount(2e6, Unit::PerSecond), "2 M/s");
        assert_eq!(amount(1024.0_f64.powi(5), Unit::Bytes), "1 PiB");
    }

    #[test]
    fn days_have_a_year_where_it_matters() {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(day(date("2026-12-04"), date("2026-11-01")), "4 Dec");
        assert_eq!(day(date("2027-01-04"), date("2026-11-01")), "4 Jan 2027");
    }
}
