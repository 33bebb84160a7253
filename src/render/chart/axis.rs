//! Labels and axes: texts that are sanitized, short enough and of known width; round values; days.

use chrono::{Datelike, Days, Months, NaiveDate};
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

/// The estimated width of a text at the usual size, rather too wide than too narrow.
pub(super) fn width(text: &str) -> f64 {
    text.width() as f64 * LETTER * COLUMN
}

/// A text without anything that reorders or hides text or that XML forbids, truncated where it is wider than `most`.
pub(super) fn truncated(text: &str, most: f64) -> String {
    let text = one_line(text);
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
    // Half a word reads as another one; only a word that is longer than half of the width is cut.
    if let Some(space) = short.trim_end().rfind(' ').filter(|space| within_a_word && 2 * space >= short.len())
    {
        short.truncate(space);
    }
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

/// A text in at most `count` lines, the last one truncated.
pub(super) fn wrapped(text: &str, most: f64, count: usize) -> Vec<String> {
    let text = one_line(text);
    let mut lines: Vec<String> = Vec::new();
    let mut rest = text.as_str();
    while lines.len() + 1 < count && width(rest) > most {
        let fits = |(space, _): &(usize, &str)| width(&rest[..*space]) <= most;
        let Some((space, _)) = rest.match_indices(' ').take_while(fits).last() else { break };
        lines.push(rest[..space].to_owned());
        rest = rest[space..].trim_start();
    }
    lines.push(truncated(rest, most));
    lines
}

/// A text escaped for XML, on one line.
pub(super) fn one_line(text: &str) -> String {
    safe(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}").trim().to_owned()
}

/// A text as the content of an element.
pub(super) fn escaped(text: &str) -> String {
    one_line(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A value in its unit, short: `80%`, `8 GiB`, `1.2 M`.
pub(super) fn amount(value: f64, unit: Unit) -> String {
    const LARGE: [(f64, &str); 3] = [(1e12, "tn"), (1e9, "bn"), (1e6, "M")];
    let quantity = |value: f64, unit| {
        Quantity::new(value, unit).map_or_else(|| "?".to_owned(), |amount| amount.to_string())
    };
    let magnitude = value.abs();
    if magnitude >= 1e15 && !(unit == Unit::Bytes && magnitude < 1e18) {
        return format!("{value:.1e}");
    }
    let scale = LARGE.into_iter().find(|(least, _)| magnitude >= *least);
    match (unit, scale) {
        (Unit::Count, Some((scale, name))) => format!("{} {name}", quantity(value / scale, Unit::Count)),
        (Unit::PerSecond, Some((scale, name))) => {
            format!("{} {name}/s", quantity(value / scale, Unit::Count))
        }
        _ => quantity(value, unit),
    }
}

/// `12 Dec`, with the year where it differs from that of `beside`.
pub(super) fn day_label(date: NaiveDate, beside: NaiveDate) -> String {
    let format = if date.year() == beside.year() { "%-d %b" } else { "%-d %b %Y" };
    date.format(format).to_string()
}

/// About how many ticks an axis has.
const TICKS: f64 = 5.0;
/// Beyond this nothing is a measurement, and differences could overflow.
const LARGEST: f64 = 1e300;

/// What an axis covers; `low` is less than `high`, both are finite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Span {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Span {
    /// Everything from the smallest to the largest of the finite values.
    pub(super) fn covering(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        values.into_iter().filter(|value| value.is_finite()).fold(None, |span: Option<Self>, value| {
            let value = value.clamp(-LARGEST, LARGEST);
            let Self { low, high } = span.unwrap_or(Self { low: value, high: value });
            Some(Self { low: low.min(value), high: high.max(value) })
        })
    }

    pub(super) fn with(self, value: f64) -> Self {
        Self::covering([self.low, self.high, value]).unwrap_or(self)
    }

    /// With some margin above and below, and down to zero unless all values are far from it, because a curve is judged
    /// by its height.
    pub(super) fn padded(self) -> Self {
        let Self { low, high } = self;
        let size = low.abs().max(high.abs());
        let room = (0.06 * (high - low)).max(if high - low > 0.04 * size { 0.0 } else { 0.1 * size });
        let from_zero = low >= 0.0 && low <= 0.6 * high;
        let low = if from_zero || (low >= 0.0 && low < room) { 0.0 } else { low - room };
        let high = high + room;
        if high > low { Self { low, high } } else { Self { low, high: low + 1.0 } }
    }

    pub(super) fn size(self) -> f64 {
        self.high - self.low
    }

    pub(super) fn contains_value(self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// Round values within, in steps that are round in the unit a person would choose.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "few steps, never negative")]
    pub(super) fn ticks(self, unit: Unit) -> Vec<f64> {
        let base = base(unit, self.low.abs().max(self.high.abs()));
        let least = if unit == Unit::Count && self.size() >= 3.0 { 1.0 } else { 0.0 };
        let step = round_step(self.size() / TICKS / base).max(least) * base;
        let first = (self.low / step).ceil();
        let steps = ((self.high / step).floor() - first).clamp(0.0, 12.0) as u32;
        let all = (0..=steps).map(|index| (first + f64::from(index)) * step + 0.0);
        all.filter(|value| value.is_finite() && self.contains_value(*value)).collect()
    }
}

/// 1, 2 or 5 times a power of ten, not less than `step`.
fn round_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    let digit = [1.0, 2.0, 5.0].into_iter().find(|digit| digit * power >= step * (1.0 - 1e-9));
    digit.unwrap_or(10.0) * power
}

/// The unit of steps: percent, or a unit of size or time.
fn base(unit: Unit, largest: f64) -> f64 {
    match unit {
        Unit::Ratio => 0.01,
        Unit::Bytes | Unit::BytesPerSecond => {
            1024_f64.powf((largest.max(1.0).ln() / 1024_f64.ln()).floor().min(5.0))
        }
        Unit::Seconds => match largest {
            days if days >= 2.0 * 86_400.0 => 86_400.0,
            hours if hours >= 2.0 * 3600.0 => 3600.0,
            minutes if minutes >= 120.0 => 60.0,
            _ => 1.0,
        },
        Unit::Count | Unit::PerSecond => 1.0,
    }
}

/// The distance between ticks.
#[derive(Debug, Clone, Copy)]
enum Step {
    Days(u32),
    Months(u32),
}

const STEPS: [Step; 17] = [
    Step::Days(1),
    Step::Days(2),
    Step::Days(4),
    Step::Days(7),
    Step::Days(14),
    Step::Months(1),
    Step::Months(2),
    Step::Months(3),
    Step::Months(6),
    Step::Months(12),
    Step::Months(2 * 12),
    Step::Months(5 * 12),
    Step::Months(10 * 12),
    Step::Months(20 * 12),
    Step::Months(50 * 12),
    Step::Months(100 * 12),
    Step::Months(1000 * 12),
];
/// More ticks than this never fit.
const MOST: f64 = 40.0;
/// The space between two labels.
const GAP: f64 = 14.0;

/// A day as a coordinate.
pub(super) fn day_number(date: NaiveDate) -> f64 {
    f64::from(date.num_days_from_ce())
}

/// The day that many days later, or the last representable one.
pub(super) fn days_later(date: NaiveDate, days: usize) -> NaiveDate {
    let days = u64::try_from(days).map_or(Days::new(0), Days::new);
    date.checked_add_days(days).unwrap_or(NaiveDate::MAX)
}

/// Ticks from `from` to `to` on an axis of a width, as many as there is space for labels.
pub(super) fn day_ticks(from: NaiveDate, to: NaiveDate, room: f64) -> Vec<(NaiveDate, String)> {
    let all = (day_number(to) - day_number(from)).max(1.0);
    let fits = |ticks: &[(NaiveDate, String)]| {
        ticks.windows(2).all(|pair| {
            let apart = (day_number(pair[1].0) - day_number(pair[0].0)) / all * room;
            apart >= f64::midpoint(width(&pair[0].1), width(&pair[1].1)) + GAP
        })
    };
    let steps = STEPS.into_iter().filter(|step| all / step.days() <= MOST);
    steps.map(|step| step.between(from, to)).find(|ticks| fits(ticks)).unwrap_or_default()
}

impl Step {
    fn days(self) -> f64 {
        match self {
            Self::Days(days) => f64::from(days),
            Self::Months(months) => 30.4 * f64::from(months),
        }
    }

    /// Whether a day has a tick; weeks begin on Mondays.
    fn hits(self, date: NaiveDate) -> bool {
        match self {
            Self::Days(days) => {
                (date.num_days_from_ce() - 1).rem_euclid(i32::try_from(days).unwrap_or(1)) == 0
            }
            Self::Months(months) => {
                let month = date.year() * 12 + i32::try_from(date.month0()).unwrap_or(0);
                date.day() == 1 && month.rem_euclid(i32::try_from(months).unwrap_or(1)) == 0
            }
        }
    }

    fn next(self, date: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Days(_) => date.succ_opt(),
            Self::Months(_) if date.day() == 1 => date.checked_add_months(Months::new(1)),
            Self::Months(_) => date.with_day(1)?.checked_add_months(Months::new(1)),
        }
    }

    fn between(self, from: NaiveDate, to: NaiveDate) -> Vec<(NaiveDate, String)> {
        let days = std::iter::successors(Some(from), |date| self.next(*date)).take_while(|date| *date <= to);
        let mut ticks: Vec<(NaiveDate, String)> = Vec::new();
        for date in days.filter(|date| self.hits(*date)) {
            let named = ticks.last().is_some_and(|(before, _)| before.year() == date.year());
            ticks.push((date, date.format(self.format(named)).to_string()));
        }
        ticks
    }

    /// The year is shown where it begins.
    fn format(self, named: bool) -> &'static str {
        match (self, named) {
            (Self::Days(_), true) => "%-d %b",
            (Self::Days(_), false) => "%-d %b %Y",
            (Self::Months(months), _) if months >= 12 => "%Y",
            (Self::Months(_), true) => "%b",
            (Self::Months(_), false) => "%b %Y",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_to_the_room_they_have() {
        assert_eq!(truncated("short", 100.0), "short");
        let long = truncated("a very long title that does not fit", 100.0);
        assert!(long.ends_with('…') && width(&long) <= 100.0, "{long}");
        let wide = truncated("接続の上限に達するまでの日数", 100.0);
        assert!(wide.ends_with('…') && width(&wide) <= 100.0, "{wide}");
        assert_eq!(truncated("anything", 0.0), "…");
    }

    #[test]
    fn texts_end_or_go_on_after_a_word() {
        assert_eq!(truncated("a second worker for the queue", 180.0), "a second…");
        assert_eq!(wrapped("a second worker for the queue", 220.0, 2), ["a second worker", "for the queue"]);
        assert_eq!(wrapped("a second worker for the queue", 130.0, 2), ["a second", "worker…"]);
        assert_eq!(wrapped("unbreakable_and_long word", 100.0, 2), ["unbreak…"]);
        assert_eq!(wrapped("", 100.0, 2), [""]);
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
        assert_eq!(day_label(date("2026-12-04"), date("2026-11-01")), "4 Dec");
        assert_eq!(day_label(date("2027-01-04"), date("2026-11-01")), "4 Jan 2027");
    }

    #[track_caller]
    fn ticks(low: f64, high: f64, unit: Unit, expected: &[f64]) {
        let found = Span { low, high }.ticks(unit);
        let same = found
            .iter()
            .zip(expected)
            .all(|(tick, expected_tick)| (tick - expected_tick).abs() <= 1e-9 * expected_tick.abs());
        assert!(same && found.len() == expected.len(), "{found:?}");
    }

    #[test]
    fn ticks_are_round_in_the_unit() {
        ticks(0.0, 100.0, Unit::Count, &[0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        ticks(0.0, 3.2, Unit::Count, &[0.0, 1.0, 2.0, 3.0]);
        ticks(0.0, 0.83, Unit::Ratio, &[0.0, 0.2, 0.4, 0.6, 0.8]);
        let gib = 1_073_741_824.0;
        ticks(0.0, 9.0 * gib, Unit::Bytes, &[0.0, 2.0 * gib, 4.0 * gib, 6.0 * gib, 8.0 * gib]);
        ticks(0.0, 600.0, Unit::Seconds, &[0.0, 120.0, 240.0, 360.0, 480.0, 600.0]);
        ticks(-1.0, 1.0, Unit::PerSecond, &[-1.0, -0.5, 0.0, 0.5, 1.0]);
    }

    #[test]
    fn a_flat_course_gets_room_and_a_high_one_is_looked_at_closely() {
        let flat = Span::covering([50.0]).unwrap().padded();
        assert!(flat.low < 46.0 && flat.high > 54.0, "{flat:?}");
        let zero = Span::covering([0.0, f64::NAN]).unwrap().padded();
        assert!(zero.low.abs() < 1e-12 && zero.high > 0.0, "{zero:?}");
        assert!(Span::covering([900.0, 1000.0]).unwrap().padded().low > 800.0);
        assert!(Span::covering([500.0, 1000.0]).unwrap().padded().low.abs() < 1e-12);
    }

    fn labels(from: &str, to: &str) -> Vec<String> {
        day_ticks(from.parse().unwrap(), to.parse().unwrap(), 700.0)
            .into_iter()
            .map(|(_, label)| label)
            .collect()
    }

    #[test]
    fn marks_are_as_close_as_their_labels_allow() {
        assert_eq!(labels("2026-11-21", "2026-12-05")[..2], ["21 Nov 2026", "25 Nov"]);
        assert_eq!(labels("2026-07-10", "2027-03-20")[4..], ["Dec", "Jan 2027", "Feb", "Mar"]);
        assert_eq!(labels("2024-01-01", "2026-12-31")[..3], ["Jan 2024", "Jul", "Jan 2025"]);
        assert_eq!(labels("1900-01-01", "2026-12-31").last().unwrap(), "2020");
        for years in [3, 9, 20, 45, 90, 200, 450, 900] {
            let marks = labels("1000-06-01", &format!("{}-06-01", 1000 + years)).len();
            assert!((3..=11).contains(&marks), "{marks} in {years} years");
        }
        assert!(labels("2026-11-21", "2026-11-21").len() <= 1);
    }
}
