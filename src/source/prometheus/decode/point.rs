//! The shape that makes up nearly all of an answer: `[1795107063,"12.5"],` without a blank.

use super::{
    number::{self, Digits},
    series::Samples,
};

/// The longest point this reads: times and values take at most 20 and 32 bytes, the rest is punctuation.
const ROOM: usize = 80;
const NONE: Digits = Digits { value: 0, count: 0 };

/// How far the points were read, and what comes next.
pub(super) struct Read {
    pub(super) bytes: usize,
    /// True behind a comma or before anything was read; false directly behind a point.
    pub(super) expects_point: bool,
}

/// Reads points as long as they have the plain shape. Whatever it cannot read (blanks, escapes, the last
/// bytes of the input) it leaves where it stands; nothing is lost, reading it otherwise is just slower.
pub(super) fn read(input: &[u8], samples: &mut Samples) -> Read {
    let mut bytes = 0;
    while let Some(room) = input.get(bytes..bytes + ROOM).and_then(<[u8]>::first_chunk) {
        let Some((at_ms, value, length)) = point(room) else { break };
        samples.push(at_ms, value);
        bytes += length;
        if room[length] != b',' {
            return Read { bytes, expects_point: false };
        }
        bytes += 1;
    }
    Read { bytes, expects_point: true }
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
