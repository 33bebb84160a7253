//! Decimal numbers, eight digits at a time, rounded exactly as the standard library rounds them.

/// 10^0 … 10^22: every power of ten that a double holds exactly.
const EXACT_POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];
const POWERS: [u64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];
/// Up to here every whole number is a double.
const EXACT_WHOLE: u64 = 1 << 53;
/// How many digits always fit into 64 bits.
const MOST_DIGITS: usize = 19;

/// Digits read so far, as a whole number.
#[derive(Clone, Copy)]
pub(super) struct Digits {
    pub(super) value: u64,
    pub(super) count: usize,
}

/// Reads the digits at `at`, continuing the number `head`. `None` beyond 19 digits in all, or when fewer than eight
/// bytes are left to read.
#[inline]
pub(super) fn digits(input: &[u8], mut at: usize, head: Digits) -> Option<Digits> {
    let Digits { mut value, mut count } = head;
    loop {
        let word = u64::from_le_bytes(*input.get(at..)?.first_chunk()?);
        let (part, length) = leading_digits(word);
        count += length;
        if count > MOST_DIGITS {
            return None;
        }
        value = value * POWERS[length] + part;
        if length < 8 {
            return Some(Digits { value, count });
        }
        at += 8;
    }
}

/// The value and number of the digits at the beginning of eight bytes.
///
/// The digits are moved to the end, zeros fill the front, and neighbours are joined three times: two, four,
/// eight digits at once (D. Lemire, "Quickly parsing eight digits", 2018).
#[inline]
fn leading_digits(word: u64) -> (u64, usize) {
    let bytes = word ^ 0x3030_3030_3030_3030;
    // The top bit of each byte that is not 0…9; a carry can only reach bytes behind the first of them.
    let others = (bytes.wrapping_add(0x7676_7676_7676_7676) | bytes) & 0x8080_8080_8080_8080;
    let length = others.trailing_zeros() / 8;
    let digits = bytes.checked_shl(64 - 8 * length).unwrap_or(0);
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    let eight = fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff;
    (eight, length as usize)
}

/// The double nearest to `mantissa / 10^decimals`, at most 22 decimals, or 19 beyond 2^53.
#[inline]
pub(super) fn quotient(mantissa: u64, decimals: usize) -> Option<f64> {
    if mantissa <= EXACT_WHOLE {
        // Both operands are exact and the division rounds once
        // (W. D. Clinger, "How to read floating point numbers accurately", 1990).
        return EXACT_POWERS.get(decimals).map(|power| mantissa as f64 / power);
    }
    let power = 10_u64.checked_pow(u32::try_from(decimals).ok()?)?;
    Some(long_quotient(mantissa, power))
}

/// The double nearest to `dividend / divisor`, neither of them zero.
///
/// Both are shifted until their top bits are set, so that the whole quotient has 63 or 64 bits. That is more
/// than the 53 of a double and its rounding bit; a remainder is remembered in the lowest bit, which then
/// decides every tie. Turning the quotient into a double is the only step that rounds.
#[expect(clippy::cast_possible_truncation, reason = "the quotient has at most 64 bits")]
fn long_quotient(dividend: u64, divisor: u64) -> f64 {
    let (up, down) = (dividend.leading_zeros(), divisor.leading_zeros());
    let dividend = u128::from(dividend << up) << 63;
    let divisor = u128::from(divisor << down);
    let (quotient, remainder) = (dividend / divisor, dividend % divisor);
    let quotient = (quotient as u64) | u64::from(remainder != 0);
    let power_of_two = f64::from_bits(u64::from(1023 - (63 + up - down)) << 52);
    quotient as f64 * power_of_two
}

/// Any number a server may print, `NaN`, `+Inf` and exponents included.
pub(super) fn parse(text: &[u8]) -> Option<f64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// A time in seconds as whole milliseconds; `None` outside of what a calendar can hold.
pub(super) fn milliseconds(text: &str) -> Option<i64> {
    let milliseconds = (text.parse::<f64>().ok()? * 1000.0).round();
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
    (milliseconds.abs() < 8e15).then_some(milliseconds as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Digits = Digits { value: 0, count: 0 };

    #[test]
    fn runs_of_digits_are_read_whatever_follows() {
        for count in 0..=19 {
            let run = &"9876543210987654321"[..count];
            let text = format!("{run}x\u{ff}\u{ff}\u{ff}\u{ff}");
            let read = digits(text.as_bytes(), 0, NONE).unwrap();
            assert_eq!((read.count, read.value), (count, run.parse().unwrap_or(0)), "{text}");
        }
        assert!(digits(b"12345678901234567890,,,,,,,,", 0, NONE).is_none());
        assert!(digits(b"1234567", 0, NONE).is_none());
    }

    #[test]
    fn quotients_are_rounded_as_the_standard_library_rounds() {
        for decimals in 0..=19_u32 {
            for mantissa in [1, 3, (1 << 53) - 1, (1 << 53) + 1, 1 << 63, 12_384_275_833_331_048, u64::MAX] {
                let expected: f64 = format!("{mantissa}e-{decimals}").parse().unwrap();
                let found = quotient(mantissa, decimals as usize).unwrap();
                assert_eq!(found.to_bits(), expected.to_bits(), "{mantissa}e-{decimals}");
                assert_eq!(long_quotient(mantissa, 10_u64.pow(decimals)).to_bits(), expected.to_bits());
            }
        }
    }

    #[test]
    fn times_outside_the_calendar_are_refused() {
        assert_eq!(milliseconds("1795192583.280"), Some(1_795_192_583_280));
        assert_eq!(milliseconds("1.7e9"), Some(1_700_000_000_000));
        assert_eq!(milliseconds("1e300"), None);
    }
}
