//! Damage: bits, pieces, numbers and nesting.

use scale_advisor::capacity::random::Random;

/// The largest input; parsers of streams see everything within the first pieces.
const LARGEST: usize = 64 << 10;

/// What parsers stumble over.
const TOKENS: [&str; 40] = [
    "\"",
    "'",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\n",
    "\r\n",
    "\0",
    "\u{feff}",
    "\u{202e}",
    "é",
    "=",
    "#",
    "%",
    "@",
    "://",
    "-",
    "+",
    "0",
    "1e999",
    "-1e-999",
    "NaN",
    "Infinity",
    "null",
    "true",
    "18446744073709551616",
    "-9223372036854775808",
    "9223372036854775807",
    "0.1e+308",
    "1970-01-01T00:00:00Z",
    "9999-12-31",
    "${A}",
    "''''",
    "[[",
    "\u{e0041}",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
];

/// Makes inputs out of a corpus.
pub(crate) struct Mutator {
    random: Random,
    corpus: Vec<Vec<u8>>,
}

impl Mutator {
    pub(crate) fn new(seed: u64, corpus: Vec<Vec<u8>>) -> Self {
        let cut = |mut input: Vec<u8>| {
            input.truncate(LARGEST);
            input
        };
        Self { random: Random::new(seed), corpus: corpus.into_iter().map(cut).collect() }
    }

    /// Each of the corpus as it is, then damaged ones.
    pub(crate) fn next(&mut self, number: usize) -> Vec<u8> {
        if let Some(whole) = self.corpus.get(number) {
            return whole.clone();
        }
        let mut input = self.any().clone();
        for _ in 0..=self.random.below(4) {
            self.damage(&mut input);
        }
        input.truncate(LARGEST);
        input
    }

    fn any(&mut self) -> &Vec<u8> {
        let index = self.random.below(self.corpus.len());
        &self.corpus[index]
    }

    fn place(&mut self, input: &[u8]) -> usize {
        self.random.below(input.len() + 1)
    }

    fn damage(&mut self, input: &mut Vec<u8>) {
        let at = self.place(input);
        match self.random.below(8) {
            0 => input.truncate(at),
            1 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << self.random.below(8);
                }
            }
            2 => {
                let end = (at + self.random.below(64)).min(input.len());
                input.drain(at..end);
            }
            3 => {
                let end = (at + self.random.below(256)).min(input.len());
                let piece = input[at..end].to_vec();
                let to = self.place(input);
                input.splice(to..to, piece);
            }
            4 => {
                let token = TOKENS[self.random.below(TOKENS.len())].repeat(1 + self.random.below(3));
                input.splice(at..at, token.bytes());
            }
            5 => {
                // In the place of a number.
                let digits = input.iter().skip(at).position(u8::is_ascii_digit).map(|step| at + step);
                let Some(start) = digits else { return };
                let length = input[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                let token = TOKENS[self.random.below(TOKENS.len())];
                input.splice(start..start + length, token.bytes());
            }
            6 => {
                let other = self.any().clone();
                let from = self.place(&other);
                let to = (from + self.random.below(512)).min(other.len());
                input.splice(at..at, other[from..to].iter().copied());
            }
            _ => {
                let bytes = self.random.bits().to_le_bytes();
                let end = (at + self.random.below(8)).min(input.len());
                input.splice(at..end, bytes);
            }
        }
    }
}
