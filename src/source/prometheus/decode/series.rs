//! What a decoded answer holds, and the shape that makes up nearly all of it: `[1795107063,"12.5"],` without a blank.

use super::number::{self, Digits};

/// A decoded answer to `query` or `query_range`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// `success` or `error`; empty when the answer does not say.
    pub status: String,
    /// The kind of error, such as `bad_data`.
    pub error_type: Option<String>,
    /// The error in the server's words.
    pub error: Option<String>,
    /// What the server warns of: usually that data is missing.
    pub warnings: Vec<String>,
    /// What the server remarks on the query.
    pub infos: Vec<String>,
    /// VictoriaMetrics clusters mark answers that miss the data of some nodes.
    pub partial: bool,
    /// How many samples the server read for it, where it says so.
    pub samples_read: Option<u64>,
    /// `matrix`, `vector`, `scalar` or `string`.
    pub result_type: Option<String>,
    /// The series, in the server's order. A scalar is a series without labels.
    pub series: Vec<RawSeries>,
    /// The result of a query for a string.
    pub text: Option<String>,
}

impl Answer {
    /// What data are missing from it, in words; `None` where it is whole as far as the server says.
    pub fn missing(&self) -> Option<String> {
        missing(&self.warnings, self.partial)
    }
}

/// What warnings and the mark of a partial answer say of missing data.
pub(in crate::source::prometheus) fn missing(warnings: &[String], partial: bool) -> Option<String> {
    let first = warnings.iter().find(|warning| !is_remark(warning)).cloned();
    first.or_else(|| partial.then(|| "some storage nodes did not respond".to_owned()))
}

/// Whether a warning is about the query and not about data: engines begin these with their own name.
pub(in crate::source::prometheus) fn is_remark(warning: &str) -> bool {
    warning.starts_with("PromQL info") || warning.starts_with("PromQL warning")
}

/// One series as the server sent it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RawSeries {
    /// Label names and values, in the server's order.
    pub labels: Vec<(String, String)>,
    /// The samples.
    pub samples: Samples,
    /// True when the series also holds native histograms, which are not decoded.
    pub histograms: bool,
}

/// Finite samples in columns, and how many others there were.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Samples {
    /// Times in Unix milliseconds.
    pub at_ms: Vec<i64>,
    /// Values, as many as times.
    pub values: Vec<f64>,
    /// How many samples were not a number, and were left out.
    pub nan: u64,
    /// How many samples were infinite, and were left out.
    pub infinite: u64,
}

impl Samples {
    /// Adds a sample, or counts it when it is not finite.
    #[inline]
    pub(in crate::source::prometheus) fn push(&mut self, at_ms: i64, value: f64) {
        if value.is_finite() {
            self.at_ms.push(at_ms);
            self.values.push(value);
        } else if value.is_nan() {
            self.nan = self.nan.saturating_add(1);
        } else {
            self.infinite = self.infinite.saturating_add(1);
        }
    }

    /// Reserves memory for so many samples, so that columns need not grow by copying.
    pub(super) fn expect(&mut self, count: usize) {
        self.at_ms.reserve_exact(count);
        self.values.reserve_exact(count);
    }

    /// Releases the memory that was not needed.
    pub(super) fn complete(&mut self) {
        self.at_ms.shrink_to_fit();
        self.values.shrink_to_fit();
    }
}

/// The longest point this reads: times and values take at most 20 and 32 bytes, the rest is punctuation.
const ROOM: usize = 80;
const NONE: Digits = Digits { value: 0, count: 0 };

/// How far the points were read, and what comes next.
pub(super) struct PointsRead {
    pub(super) bytes: usize,
    /// True behind a comma or before anything was read; false directly behind a point.
    pub(super) expects_point: bool,
}

/// Reads points as long as they have the plain shape. Whatever it cannot read (blanks, escapes, the last
/// bytes of the input) it leaves where it stands; nothing is lost, reading it otherwise is just slower.
pub(super) fn read_points(input: &[u8], samples: &mut Samples) -> PointsRead {
    let mut bytes = 0;
    while let Some(room) = input.get(bytes..bytes + ROOM).and_then(<[u8]>::first_chunk) {
        let Some((at_ms, value, length)) = point(room) else { break };
        samples.push(at_ms, value);
        bytes += length;
        if room[length] != b',' {
            return PointsRead { bytes, expects_point: false };
        }
        bytes += 1;
    }
    PointsRead { bytes, expects_point: true }
}

/// Time, value and length of the point at the beginning.
#[inline]
fn point(room: &[u8; ROOM]) -> Option<(i64, f64, usize)> {
    if room[0] != b'[' {
        return None;
    }
    let (at_ms, end) = time(room)?;
    if room[end] != b',' || room[end + 1] != b'"' {
        return None;
    }
    let (value, end) = value(room, end + 2)?;
    (room[end..].starts_with(b"\"]")).then_some((at_ms, value, end + 2))
}

/// Whole seconds with at most three decimals, as every Prometheus prints them.
#[inline]
fn time(room: &[u8; ROOM]) -> Option<(i64, usize)> {
    let whole = number::digits(room, 1, NONE)?;
    // A leading zero is no JSON number, and twelve digits last for thirty thousand years.
    if whole.count == 0 || whole.count > 12 || room[1] == b'0' {
        return None;
    }
    let end = 1 + whole.count;
    let seconds = i64::try_from(whole.value).ok()?;
    if room[end] != b'.' {
        return Some((seconds * 1000, end));
    }
    let decimals = number::digits(room, end + 1, NONE)?;
    let scale = [0, 100, 10, 1].get(decimals.count).filter(|scale| **scale > 0)?;
    Some((seconds * 1000 + i64::try_from(decimals.value).ok()? * scale, end + 1 + decimals.count))
}

#[inline]
fn value(room: &[u8; ROOM], from: usize) -> Option<(f64, usize)> {
    let negative = room[from] == b'-';
    let start = from + usize::from(negative);
    let plain = || {
        let whole = number::digits(room, start, NONE).filter(|whole| whole.count > 0)?;
        let mut end = start + whole.count;
        let (mut mantissa, mut decimals) = (whole.value, 0);
        if room[end] == b'.' {
            let all = number::digits(room, end + 1, whole)?;
            decimals = all.count - whole.count;
            end += 1 + decimals;
            mantissa = all.value;
        }
        let value = number::quotient(mantissa, decimals).filter(|_| room[end] == b'"')?;
        Some((if negative { -value } else { value }, end))
    };
    plain().or_else(|| unusual_value(room, from))
}

/// Twenty and more digits, exponents, `NaN` and infinities.
#[cold]
#[inline(never)]
fn unusual_value(room: &[u8; ROOM], from: usize) -> Option<(f64, usize)> {
    let text = &room[from..ROOM - 2];
    let length = text.iter().position(|byte| *byte == b'"')?;
    Some((number::parse(&text[..length])?, from + length))
}
