//! What the strokes and surfaces mean, below the picture.

use super::{
    palette::Ink,
    plane::EDGE,
    sheet::{Align, HEIGHT, Sheet, WIDTH},
    words::{LINE, cut, width},
};

/// How a sample looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sample {
    Stroke,
    Surface,
    Dot,
}

/// Samples with their meanings, in lines.
pub(super) struct Key {
    lines: Vec<Vec<(Ink, Sample, String)>>,
}

const SAMPLE: f64 = 26.0;
const GAP: f64 = 22.0;

fn room(words: &str) -> f64 {
    SAMPLE + 7.0 + width(words)
}

impl Key {
    pub(super) fn new(entries: impl IntoIterator<Item = (Ink, Sample, String)>) -> Self {
        let most = WIDTH - 2.0 * EDGE;
        let mut lines: Vec<Vec<(Ink, Sample, String)>> = Vec::new();
        let mut used = f64::INFINITY;
        for (ink, sample, words) in entries {
            let words = cut(&words, most - SAMPLE - 7.0);
            let needed = room(&words);
            if used + GAP + needed > most {
                lines.push(Vec::new());
                used = 0.0;
            } else {
                used += GAP;
            }
            used += needed;
            if let Some(line) = lines.last_mut() {
                line.push((ink, sample, words));
            }
        }
        Self { lines }
    }

    /// How many lines it takes.
    pub(super) fn lines(&self) -> usize {
        self.lines.len()
    }

    pub(super) fn draw(&self, sheet: &Sheet<'_>) {
        let first = HEIGHT - EDGE - LINE * (self.lines.len() as f64 - 0.5);
        for (index, line) in self.lines.iter().enumerate() {
            let (mut x, y) = (EDGE, first + LINE * index as f64);
            for (ink, sample, words) in line {
                match sample {
                    Sample::Stroke => sheet.line(&[(x, y), (x + SAMPLE, y)], *ink, 2.4),
                    Sample::Surface => sheet.rectangle((x, y - 6.0), (x + SAMPLE, y + 6.0), *ink),
                    Sample::Dot => sheet.dot((x + SAMPLE / 2.0, y), 4.5, *ink),
                }
                sheet.text(words, (x + SAMPLE + 7.0, y), Align::Left, Ink::Faint);
                x += room(words) + GAP;
            }
        }
    }
}
