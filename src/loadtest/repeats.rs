//! Rows that occur in a file twice, next to each other or not.

use std::{
    collections::HashSet,
    hash::{BuildHasher, BuildHasherDefault, Hasher},
};

use foldhash::quality::FixedState;

/// How many of the last rows are remembered, by their hash, which takes 18 MiB. A row that repeats one from further
/// back is not found.
const MAX_ROWS: usize = 1 << 20;
/// Rows are looked up in batches, so that cache misses overlap.
const AT_A_TIME: usize = 256;

/// Counts rows that say the same as an earlier one.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    seen: Hashes,
    /// Those before, of which there are as many.
    before: Hashes,
    /// Hashes of rows that are not looked up yet.
    waiting: Vec<u64>,
    rows: u64,
}

type Hashes = HashSet<u64, BuildHasherDefault<AsItIs>>;

/// Uses hashes as their own hash.
#[derive(Debug, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = FixedState::default().hash_one(bytes);
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Repeats {
    /// Reads the next row.
    pub(super) fn see(&mut self, row: &[u8]) {
        self.waiting.push(FixedState::default().hash_one(row));
        if self.waiting.len() == AT_A_TIME {
            self.look_up();
        }
    }

    fn look_up(&mut self) {
        for hash in self.waiting.drain(..) {
            self.rows += u64::from(self.before.contains(&hash) || !self.seen.insert(hash));
            if self.seen.len() >= MAX_ROWS / 2 {
                self.before = std::mem::take(&mut self.seen);
            }
        }
    }

    /// How many rows repeat an earlier one.
    pub(super) fn rows(&mut self) -> u64 {
        self.look_up();
        self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_repeat_are_counted_wherever_they_stand() {
        let mut repeats = Repeats::default();
        for row in ["a", "b", "a", "c", "b"] {
            repeats.see(row.as_bytes());
        }
        assert_eq!(repeats.rows(), 2);
    }

    #[test]
    fn old_rows_are_forgotten() {
        let mut repeats = Repeats::default();
        for row in 0..MAX_ROWS + MAX_ROWS / 2 {
            repeats.see(&row.to_le_bytes());
        }
        assert_eq!(repeats.rows(), 0);
        assert!(repeats.seen.len() + repeats.before.len() <= MAX_ROWS);
        repeats.see(&(MAX_ROWS + 1).to_le_bytes());
        assert_eq!(repeats.rows(), 1);
    }
}
