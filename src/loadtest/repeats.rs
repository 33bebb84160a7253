//! Rows that occur in a file twice, next to each other or not.

use std::{
    collections::{HashSet, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
};

/// How many of the last rows are remembered, by their hash, which takes 18 MiB. A row that repeats one from further
/// back is not found.
const MAX_ROWS: usize = 1 << 20;

/// Counts rows that say the same as an earlier one.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    seen: HashSet<u64>,
    /// Those before, of which there are as many.
    before: HashSet<u64>,
    rows: u64,
}

impl Repeats {
    /// Reads the next row.
    pub(super) fn see(&mut self, row: &[u8]) {
        let mut hasher = DefaultHasher::new();
        row.hash(&mut hasher);
        let hash = hasher.finish();
        if self.before.contains(&hash) || !self.seen.insert(hash) {
            self.rows += 1;
        }
        if self.seen.len() >= MAX_ROWS / 2 {
            self.before = std::mem::take(&mut self.seen);
        }
    }

    /// How many rows repeat an earlier one.
    pub(super) fn rows(&self) -> u64 {
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
        assert!(repeats.seen.len() + repeats.before.len() <= MAX_ROWS);
        assert_eq!(repeats.rows(), 0);
        repeats.see(&(MAX_ROWS + 1).to_le_bytes());
        assert_eq!(repeats.rows(), 1);
    }
}
